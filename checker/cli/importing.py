"""``portalcheck allowlist import …``: add portals from a directory. Existing entries are never changed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from checker.bulk.progress import Show, meter
from checker.cli.exit_codes import FINDINGS, FINE, REFUSED
from checker.cli.options import Function, annotation, folder_of, format_option, today_of
from checker.core.errors import AllowlistError
from checker.curate.importer import ShrinkRefused, import_rows
from checker.curate.sources import Origin, Row, read_csv, read_dotgov, read_epic_directory, read_fhir_brands
from checker.lists.loader import read_folder

__all__ = ["import_group"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="import")
def import_group() -> None:
    """Add portals from a directory. Existing entries are never changed."""


def _with(*options: Callable[[Any], Any]) -> Callable[[Function], Function]:
    def add(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return add


_common = _with(
    click.argument("file", type=_FILE),
    click.option(
        "--operators",
        type=_FILE,
        default=None,
        help="A file that says who controls each domain.  [default: operators.yaml]",
    ),
    click.option(
        "--accept-shrink", is_flag=True, help="Continue even if many portals known from this source are gone."
    ),
    click.option("--dry-run", is_flag=True, help="Print everything and write nothing."),
    format_option,
    click.pass_context,
)


def _origin(source: str, vendor: str | None, url: str | None) -> Callable[[Function], Function]:
    return _with(
        click.option(
            "--vendor", default=vendor, required=vendor is None, show_default=True, help="Id of a file in vendors/."
        ),
        click.option("--source", default=source, show_default=True, help="The kind of source."),
        click.option("--source-url", default=url, required=url is None, show_default=True, help="Its address."),
        click.option("--seen", default=None, help="When it was fetched: 2026-10.  [default: this month]"),
    )


@import_group.command(name="csv")
@_common
def csv_command(
    context: click.Context, file: Path, operators: Path | None, accept_shrink: bool, dry_run: bool, form: str
) -> int:
    """Read a CSV file: organization, portal_url, vendor, country, source, source_url, seen. Optional are
    age (`unknown` if nobody knows when the source was written), kind, and home (`true` where people
    belong who look for the operator).

    Exit code 1 if something needs a person, 3 if many portals known from the source have vanished.

    \b
    portalcheck allowlist import csv directory.csv
    """
    return _run(context, file, read_csv, operators, accept_shrink, dry_run, form)


@import_group.command(name="epic-directory")
@_origin("epic-mychart-directory", "epic-mychart", "https://www.mychart.org/LoginSignup")
@_common
def epic_command(
    context: click.Context,
    file: Path,
    operators: Path | None,
    accept_shrink: bool,
    dry_run: bool,
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
    origin = Origin(vendor, source, source_url, seen or _this_month(context))
    return _run(
        context, file, lambda stream: read_epic_directory(stream, origin), operators, accept_shrink, dry_run, form
    )


@import_group.command(name="fhir-brands")
@_origin("fhir-brands", None, None)
@_common
def fhir_command(
    context: click.Context,
    file: Path,
    operators: Path | None,
    accept_shrink: bool,
    dry_run: bool,
    form: str,
    vendor: str,
    source: str,
    source_url: str,
    seen: str | None,
) -> int:
    """Read a User-access Brands Bundle (SMART App Launch 2.2).

    \b
    portalcheck allowlist import fhir-brands bundle.json --vendor epic-mychart \\
        --source-url https://vendor.example/brands.json --seen 2026-10
    """
    origin = Origin(vendor, source, source_url, seen or _this_month(context))
    return _run(context, file, lambda stream: read_fhir_brands(stream, origin), operators, accept_shrink, dry_run, form)


@import_group.command(name="dotgov")
@click.argument("file", type=_FILE)
@format_option
@click.pass_context
def dotgov_command(context: click.Context, file: Path, form: str) -> int:
    """Compare the list with the .gov registry (CSV). Nothing is written: it is evidence for a domain, not a portal.

    \b
    portalcheck allowlist import dotgov current-full.csv
    """
    with _open(file) as stream:
        registry = dict(read_dotgov(stream))
    output = _Output(form)
    for portal in read_folder(folder_of(context)).written:
        domain = portal.file.content.domain
        sources = {evidence.source for evidence in portal.evidence}
        if portal.retired or not domain.endswith(".gov"):
            continue
        if domain not in registry:
            output(f"question: {domain} is listed, but is not in the registry")
        elif "dotgov-registry" not in sources:
            output(f"would confirm: {portal.entry.url} by dotgov-registry: {registry[domain]}")
    output.end()
    return FINDINGS if output.lines else FINE


def _this_month(context: click.Context) -> str:
    return today_of(context).isoformat()[:7]


def _run(
    context: click.Context,
    file: Path,
    read: Callable[[BinaryIO], Iterable[Row]],
    operators: Path | None,
    accept_shrink: bool,
    dry_run: bool,
    form: str,
) -> int:
    output = _Output(form)
    try:
        with _open(file) as stream:
            rows = list(read(stream))
        summary = import_rows(
            rows,
            folder_of(context),
            tell=output,
            today=today_of(context),
            operators=operators,
            accept_shrink=accept_shrink,
            dry_run=dry_run,
        )
    except AllowlistError as error:
        for problem in error.problems:
            click.echo(f"{file.name}: {problem}", err=True)
        output.end()
        return REFUSED if isinstance(error, ShrinkRefused) else FINDINGS
    output.end()
    return FINE if summary.complete else FINDINGS


class _Output:
    """The lines that an import prints: at once for people and the forge, all at the end for programs."""

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


class _Shown(io.BufferedReader):
    """A file that shows how far it has been read."""

    def __init__(self, raw: io.RawIOBase, show: Show) -> None:
        super().__init__(raw)
        self._show = show
        self._done = 0

    def read(self, size: int | None = -1, /) -> bytes:
        return self._counted(super().read(size))

    def read1(self, size: int = -1, /) -> bytes:
        return self._counted(super().read1(size))

    def _counted(self, data: bytes) -> bytes:
        self._done += len(data)
        self._show(self._done)
        return data


@contextmanager
def _open(file: Path) -> Iterator[BinaryIO]:
    """The file, with a progress bar while it is read."""
    with meter(file.name, file.stat().st_size or None) as show, _Shown(io.FileIO(file), show) as shown:
        yield shown
