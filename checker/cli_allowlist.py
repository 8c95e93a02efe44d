"""``portalcheck allowlist …``: the commands for people who maintain the list.

Exit codes: 0 fine · 1 findings, or something waits for a person · 2 wrong usage.
"""

from __future__ import annotations

from pathlib import Path

import click

from checker.errors import AllowlistError
from checker.importer import import_csv
from checker.settings import Settings

__all__ = ["allowlist"]


@click.group()
def allowlist() -> None:
    """Maintain the list of official portals."""


@allowlist.group(name="import")
def import_() -> None:
    """Add portals from a directory; existing entries are never changed."""


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@import_.command(name="csv")
@click.argument("file", type=_FILE)
@click.option("--list", "folder", type=_FOLDER, default=None, help="The list's folder; the installed one by default.")
@click.option(
    "--operators", type=_FILE, default=None, help="Who controls each domain; operators.yaml of the list by default."
)
def import_csv_command(file: Path, folder: Path | None, operators: Path | None) -> None:
    """Add the portals of a CSV file; print every repair and every refusal.

    Example: portalcheck allowlist import csv directory.csv
    """
    try:
        done = import_csv(file, folder or Settings().allowlists, report=click.echo, operators=operators)
    except AllowlistError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        raise SystemExit(1) from None
    raise SystemExit(0 if done.complete else 1)
