"""``portalcheck reports …``: what people reported, for a maintainer on the machine with the database."""

from __future__ import annotations

import csv
import json
import os
import sys
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

import click

from checker.cli.exit_codes import FINDINGS, FINE
from checker.cli.options import today_of
from checker.core.errors import needs_extra
from checker.reports.report import ReportKind
from checker.settings import Settings

if TYPE_CHECKING:
    from checker.reports.store import ReportStore, StoredReport

__all__ = ["reports"]

_FORMULA_STARTS = ("=", "+", "-", "@")
"""A spreadsheet evaluates a cell that starts with one of these."""


@click.group()
def reports() -> None:
    """Read and close what people reported. PORTALCHECK_DATABASE_URL names the database."""


kind_option = click.option("--kind", type=click.Choice([kind.value for kind in ReportKind]), help="Only this kind.")
closed_option = click.option("--closed", is_flag=True, help="Closed reports instead of open ones.")


@reports.command("list")
@kind_option
@closed_option
def list_reports(kind: str | None, closed: bool) -> None:
    """Open reports, the most frequent first.

    Example: portalcheck reports list --kind missing
    """
    for report in _reports(kind, closed):
        times = f"{report.count} ×"
        click.echo(f"{report.id:>6}  {times:>6}  {report.last_day}  {report.kind:<11}  {report.host}")


@reports.command()
@click.argument("number", type=int)
def show(number: int) -> int:
    """Everything that is kept of one report.

    Example: portalcheck reports show 12
    """
    report = _store().get(number)
    if report is None:
        raise click.ClickException(f"There is no report {number}. portalcheck reports list shows those that are open.")
    for name, value in asdict(report).items():
        click.echo(f"{name.replace('_', ' ') + ':':<14}{'' if value is None else value}")
    return FINE


@reports.command()
@click.argument("numbers", type=int, nargs=-1, required=True)
@click.pass_context
def close(ctx: click.Context, numbers: tuple[int, ...]) -> int:
    """Close reports that have been dealt with.

    Example: portalcheck reports close 12 13
    """
    store, today = _store(), today_of(ctx)
    missing = [number for number in numbers if not store.close(number, today)]
    for number in missing:
        click.echo(f"There is no open report {number}.", err=True)
    return FINDINGS if missing else FINE


@reports.command()
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@kind_option
@closed_option
def export(form: str, kind: str | None, closed: bool) -> None:
    """Write reports to standard output.

    Example: portalcheck reports export --format jsonl > reports.jsonl
    """
    found = _reports(kind, closed)
    from checker.reports.store import StoredReport

    writer = csv.writer(sys.stdout)
    if form == "csv":
        writer.writerow([field.name for field in fields(StoredReport)])
    for report in found:
        if form == "csv":
            writer.writerow([_cell(value) for value in asdict(report).values()])
        else:
            click.echo(json.dumps(asdict(report), ensure_ascii=False, default=str))


@reports.command()
@click.pass_context
def stats(ctx: click.Context) -> None:
    """Open reports by kind, and how long they have waited."""
    store = _store()
    for kind, (open_reports, times) in store.counts().items():
        click.echo(f"{kind:<12} {open_reports:>6} open, filed {times:,} times")
    summary = store.summary(today_of(ctx))
    if summary.median_age is not None:
        click.echo(f"Half of them have waited {summary.median_age:g} days or longer.")


def _reports(kind: str | None, closed: bool) -> list[StoredReport]:
    return _store().find(kind=None if kind is None else ReportKind(kind), closed=closed)


def _store() -> ReportStore:
    with needs_extra("server", "reports"):
        from checker.reports.store import ReportStore

    return ReportStore(Settings.from_env(os.environ).database_url)


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
