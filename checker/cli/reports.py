"""``portalcheck reports …``: what people reported, for the maintainer on the machine that keeps them."""

from __future__ import annotations

import csv
import json
import os
import sys
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

import click

from checker.clock import today_utc
from checker.reports.report import ReportKind
from checker.settings import Settings

if TYPE_CHECKING:
    from checker.reports.store import ReportStore, StoredReport

__all__ = ["reports"]

FINDINGS = 1
_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet runs a cell that begins so."""


@click.group()
def reports() -> None:
    """Read and close what people reported. PORTALCHECK_DATABASE_URL names the database."""


kind_option = click.option("--kind", type=click.Choice([kind.value for kind in ReportKind]), help="Only this kind.")
closed_option = click.option("--closed", is_flag=True, help="Closed reports instead of open ones.")


@reports.command("list")
@kind_option
@closed_option
def list_reports(kind: str | None, closed: bool) -> None:
    """Open reports, those that most people filed first.

    Example: portalcheck reports list --kind missing
    """
    for row in _found(kind, closed):
        people = f"{row.count} ×"
        click.echo(f"{row.id:>6}  {people:>6}  {row.last_day}  {row.kind:<11}  {row.host}")


@reports.command()
@click.argument("number", type=int)
def show(number: int) -> int:
    """Everything that is kept about one report.

    Example: portalcheck reports show 12
    """
    row = _store().get(number)
    if row is None:
        raise click.ClickException(f"There is no report {number}. portalcheck reports list shows those that are open.")
    for name, value in asdict(row).items():
        click.echo(f"{name.replace('_', ' ') + ':':<14}{'' if value is None else value}")
    return 0


@reports.command()
@click.argument("numbers", type=int, nargs=-1, required=True)
def close(numbers: tuple[int, ...]) -> int:
    """Close reports that are dealt with.

    Example: portalcheck reports close 12 13
    """
    store = _store()
    missing = [number for number in numbers if not store.close(number, today_utc())]
    for number in missing:
        click.echo(f"There is no open report {number}.", err=True)
    return FINDINGS if missing else 0


@reports.command()
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@kind_option
@closed_option
def export(form: str, kind: str | None, closed: bool) -> None:
    """Write reports to standard output.

    Example: portalcheck reports export --format jsonl > reports.jsonl
    """
    from checker.reports.store import StoredReport

    writer = csv.writer(sys.stdout)
    if form == "csv":
        writer.writerow([field.name for field in fields(StoredReport)])
    for row in _found(kind, closed):
        if form == "csv":
            writer.writerow([_cell(value) for value in asdict(row).values()])
        else:
            click.echo(json.dumps(asdict(row), ensure_ascii=False, default=str))


@reports.command()
def stats() -> None:
    """Open reports by kind, and how long they have waited."""
    store = _store()
    for kind, (open_reports, people) in store.counts().items():
        click.echo(f"{kind:<12} {open_reports:>6} open, filed {people:,} times")
    found = store.summary(today_utc())
    if found.median_age is not None:
        click.echo(f"Half of them have waited {found.median_age:g} days or longer.")


def _found(kind: str | None, closed: bool) -> list[StoredReport]:
    return _store().find(kind=None if kind is None else ReportKind(kind), closed=closed)


def _store() -> ReportStore:
    from checker.reports.store import ReportStore

    return ReportStore(Settings.from_env(os.environ).database_url)


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
