"""``portalcheck allowlist import …``: add portals from a directory; existing entries are never changed."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from checker.cli.options import FINDINGS, FINE, REFUSED, Function, annotation, folder_of, format_option
from checker.clock import today_utc
from checker.core.errors import AllowlistError
from checker.curate.importer import ShrinkRefused, import_rows
from checker.curate.sources import Origin, Row, read_csv, read_dotgov, read_epic_directory, read_fhir_brands
from checker.lists.loader import read_folder

__all__ = ["import_group"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="import")
def import_group() -> None:
    """Add portals from a directory; existing entries are never changed."""


def _with(*options: Callable[[Any], Any]) -> Callable[[Function], Function]:
    def add(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return add


_common = _with(
    click.argument("file", type=_FILE),
    click.option("--operators", type=_FILE, default=None, help="Who controls which domain.  [default: operators.yaml]"),
    click.option("--accept-shrink", is_flag=True, help="Go on when much that is known from this source is gone."),
    format_option,
    click.pass_context,
)


def _origin(source: str, vendor: str | None, url: str | None) -> Callable[[Function], Function]:
    return _with(
        click.option("--vendor", default=vendor, required=vendor is None, show_default=True, help="Id in vendors/."),
        click.option("--source", default=source, show_default=True, help="What kind of source it is."),
        click.option("--source-url", default=url, required=url is None, show_default=True, help="Where it stands."),
        click.option("--seen", default=None, help="When it was fetched: 2026-10.  [default: this month]"),
    )


@import_group.command(name="csv")
@_common
def csv_command(context: click.Context, file: Path, operators: Path | None, accept_shrink: bool, form: str) -> int:
    """Read a CSV file: organization, portal_url, vendor, country, source, source_url, seen.

    Exit 1 when something waits for a person, 3 when much that is known from the source has vanished.

    \b
    portalcheck allowlist import csv directory.csv
    """
    return _run(context, file, read_csv, operators, accept_shrink, form)


@import_group.command(name="epic-directory")
@_origin("epic-mychart-directory", "epic-mychart", "https://www.mychart.org/LoginSignup")
@_common
def epic_command(
    context: click.Context,
    file: Path,
    operators: Path | None,
    accept_shrink: bool,
    form: str,
    vendor: str,
    source: str,
    source_url: str,
    seen: str | None,
) -> int:
    """Read Epic's MyChart directory (JSON with `Customers`).

    \b
    portalcheck allowlist import epic-directory directory.json --seen 2026-10
    """
    origin = Origin(vendor, source, source_url, seen or _this_month())
    return _run(context, file, lambda stream: read_epic_directory(stream, origin), operators, accept_shrink, form)


@import_group.command(name="fhir-brands")
@_origin("fhir-brands", None, None)
@_common
def fhir_command(
    context: click.Context,
    file: Path,
    operators: Path | None,
    accept_shrink: bool,
    form: str,
    vendor: str,
    source: str,
    source_url: str,
    seen: str | None,
) -> int:
    """Read a User-access Brands Bundle (SMART App Launch 2.2) as a stream.

    \b
    portalcheck allowlist import fhir-brands bundle.json --vendor epic-mychart \\
        --source-url https://vendor.example/brands.json --seen 2026-10
    """
    origin = Origin(vendor, source, source_url, seen or _this_month())
    return _run(context, file, lambda stream: read_fhir_brands(stream, origin), operators, accept_shrink, form)


@import_group.command(name="dotgov")
@click.argument("file", type=_FILE)
@format_option
@click.pass_context
def dotgov_command(context: click.Context, file: Path, form: str) -> int:
    """Compare the list with the .gov registry (CSV). It is evidence for a domain, never a portal: nothing is written.

    \b
    portalcheck allowlist import dotgov current-full.csv
    """
    with _open(file) as stream:
        registry = dict(read_dotgov(stream))
    told = _Told(form)
    for portal in read_folder(folder_of(context)).written:
        domain = portal.file.content.domain
        sources = {evidence.source for evidence in portal.evidence}
        if portal.retired or not domain.endswith(".gov"):
            continue
        if domain not in registry:
            told(f"question: {domain} is listed, and the registry does not hold it")
        elif "dotgov-registry" not in sources:
            told(f"would confirm: {portal.entry.url} by dotgov-registry: {registry[domain]}")
    told.end()
    return FINDINGS if told.lines else FINE


def _this_month() -> str:
    return today_utc().isoformat()[:7]


def _run(
    context: click.Context,
    file: Path,
    read: Callable[[BinaryIO], Iterable[Row]],
    operators: Path | None,
    accept_shrink: bool,
    form: str,
) -> int:
    told = _Told(form)
    try:
        with _open(file) as stream:
            rows = list(read(stream))
        done = import_rows(rows, folder_of(context), tell=told, operators=operators, accept_shrink=accept_shrink)
    except AllowlistError as error:
        for problem in error.problems:
            click.echo(f"{file.name}: {problem}", err=True)
        told.end()
        return REFUSED if isinstance(error, ShrinkRefused) else FINDINGS
    told.end()
    return FINE if done.complete else FINDINGS


class _Told:
    """What an import says, line by line: at once for people and the forge, whole at the end for programs."""

    def __init__(self, form: str) -> None:
        self.lines: list[str] = []
        self._form = form

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        if self._form != "json":
            click.echo(annotation("notice", line, title="import") if self._form == "github" else line)

    def end(self) -> None:
        if self._form == "json":
            click.echo(json.dumps({"version": 1, "report": self.lines}, ensure_ascii=False))


class _Counted(io.BufferedReader):
    """A file that tells how many bytes were read from it."""

    def __init__(self, raw: io.RawIOBase, moved: Callable[[int], None]) -> None:
        super().__init__(raw)
        self._moved = moved

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._moved(len(data))
        return data

    def read1(self, size: int = -1, /) -> bytes:
        data = super().read1(size)
        self._moved(len(data))
        return data


@contextmanager
def _open(file: Path) -> Iterator[BinaryIO]:
    """The file, with a progress bar on a terminal."""
    size, hidden = file.stat().st_size, not sys.stderr.isatty()
    with (
        click.progressbar(length=size, label=file.name, file=sys.stderr, hidden=hidden) as bar,
        _Counted(io.FileIO(file), bar.update) as counted,
    ):
        yield counted
