"""The command line: ``portalcheck check``, ``portals``, ``serve``, ``reports`` and ``allowlist``.

May live here: one file for each group of commands, and what commands share. May not: logic that another way in could
use. ``main`` returns the exit code. A command imports what only it needs inside the command, so that checking an
address never waits for the web framework.
"""

from __future__ import annotations

import os
import sys

import click

from checker import __version__
from checker.answers import PortalsV1, to_json
from checker.cli.allowlist import allowlist
from checker.cli.check import check
from checker.cli.exit_codes import ALL_VERIFIED, SOME_WARNING, UNUSABLE
from checker.cli.options import allowlists_option, service_of
from checker.cli.reports import reports
from checker.cli.serve import serve
from checker.cli.text import portals_in_words
from checker.clock import Clock, today_utc
from checker.core.errors import PortalcheckError
from checker.texts_loader import LANGUAGES

__all__ = ["main"]


def main(argv: list[str] | None = None, *, clock: Clock = today_utc) -> int:
    """Run the command line and return its exit code. Messages about wrong usage go to standard error."""
    try:
        code = program.main(argv, prog_name="portalcheck", standalone_mode=False, obj=clock)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return UNUSABLE
    except PortalcheckError as error:
        click.echo(f"portalcheck: {error}", err=True)
        return UNUSABLE
    except click.Abort:
        click.echo("Stopped.", err=True)
        return UNUSABLE
    except BrokenPipeError:
        # The reader of our output has closed it; nothing can be written to it any more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNUSABLE
    return code if isinstance(code, int) else ALL_VERIFIED


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="portalcheck")
@allowlists_option
def program() -> None:
    """Is this address on the list of official patient, insurer and pharmacy portals?

    For information only: portalcheck is neither a portal nor an emergency service.
    """


program.add_command(check)
program.add_command(allowlist)
program.add_command(reports)
program.add_command(serve)


@program.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the answer.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@allowlists_option
@click.pass_context
def portals(ctx: click.Context, query: tuple[str, ...], lang: str, as_json: bool) -> int:
    """Find an organization's official portal by name; typos are fine.

    Exit code: 0 if something was found, 1 if no name clearly matches.
    """
    service = service_of(ctx)
    texts = service.renderer.texts[lang]
    found = service.find(" ".join(query))
    if as_json:
        sys.stdout.write(to_json(PortalsV1(1, found)).decode() + "\n")
    else:
        for line in portals_in_words(found, texts):
            click.echo(line)
        if not found:
            click.echo(texts.text("cli", "portals_none"))
    return ALL_VERIFIED if found else SOME_WARNING
