"""``portalcheck allowlist visit``: open the listed portals from a maintainer's machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from checker.bulk.progress import meter
from checker.cli.exit_codes import FINDINGS, FINE
from checker.cli.options import annotation, folder_of, format_option, today_of
from checker.core.allowlist import Portal
from checker.lists.loader import load_folder

if TYPE_CHECKING:
    from checker.curate.visit import Visit

__all__ = ["visit_command"]


@click.command(name="visit")
@click.argument("hosts", nargs=-1, metavar="[HOST…]")
@click.option(
    "--results",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Also write each result to this file, as a line of JSON.",
)
@click.option(
    "--resume", is_flag=True, help="Continue the results file; portals that are unknown in it are visited again."
)
@click.option(
    "--every",
    type=click.FloatRange(0, 3600),
    default=2.0,
    show_default=True,
    help="The least number of seconds from one visit to the next.",
)
@format_option
@click.pass_context
def visit_command(
    context: click.Context, hosts: tuple[str, ...], results: Path | None, resume: bool, every: float, form: str
) -> int:
    """Open the portals on HOST, or all of them, and compare each with its entry.

    Certificates are checked; redirects are followed and shown. A portal that refuses, is too busy or too
    slow is "unknown". Nothing is changed: findings are for a person to read. Exit code 1 if there are any.

    \b
    portalcheck allowlist visit mychart.ochin.org
    portalcheck allowlist visit --results visits.jsonl
    portalcheck allowlist visit --results visits.jsonl --resume --every 5
    """
    from checker.curate.visit import Outcome, expected_of, visit_all  # the server must never import it

    allowlist = load_folder(folder_of(context))
    chosen = _chosen(allowlist.portals, hosts)
    done = _done_before(results, resume)
    todo = [expected_of(allowlist, portal) for portal in chosen if portal.url not in done]
    outcomes = [done[portal.url] for portal in chosen if portal.url in done]
    with _appending(results) as file, meter("visiting", len(todo)) as show_progress:
        for number, visit in enumerate(visit_all(todo, today_of(context), every), 1):
            line = json.dumps(asdict(visit), ensure_ascii=False)
            if file is not None:
                file.write(line.encode() + b"\n")
                file.flush()
            _show(visit, line, form)
            outcomes.append(visit.outcome)
            show_progress(number)
    if form == "text":
        counts = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in Outcome)
        click.echo(f"{len(chosen)} portals: {counts}", err=True)
    return FINDINGS if Outcome.FINDING in outcomes else FINE


def _chosen(portals: Sequence[Portal], hosts: Sequence[str]) -> list[Portal]:
    for host in hosts:
        if all(portal.host != host for portal in portals):
            raise click.UsageError(f"{host}: no active portal on the list has this host; write it as the list does")
    return [portal for portal in portals if not hosts or portal.host in hosts]


def _done_before(results: Path | None, resume: bool) -> dict[str, str]:
    """The outcomes in the results file, by the portal's address, without those that are unknown."""
    if resume and results is None:
        raise click.UsageError("--resume continues a file: name it with --results")
    if results is None or not results.exists():
        return {}
    if not resume:
        raise click.UsageError(f"{results} exists: continue it with --resume, or name another file")
    done: dict[str, str] = {}
    data = results.read_bytes()
    for number, line in enumerate(data[: data.rfind(b"\n") + 1].splitlines(), 1):
        try:
            row = json.loads(line)
            done[str(row["url"])] = str(row["outcome"])
        except (ValueError, KeyError, TypeError):
            raise click.UsageError(f"{results}:{number}: not a result of a visit; name another file") from None
    return {url: outcome for url, outcome in done.items() if outcome != "unknown"}


@contextmanager
def _appending(results: Path | None) -> Iterator[BinaryIO | None]:
    """The results file, open for appending; an incomplete line, left by an interrupted run, is cut off."""
    if results is None:
        yield None
        return
    try:
        file = results.open("ab+")
    except OSError as error:
        raise click.UsageError(f"{results} cannot be written: {error.strerror}") from None
    with file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        yield file


def _show(visit: Visit, line: str, form: str) -> None:
    if form == "json":
        click.echo(line)
    elif form == "github":
        if visit.problems:
            click.echo(annotation("warning", f"{visit.url} {'; '.join(visit.notes)}", title="visit"))
    else:
        said = "; ".join(visit.notes) or visit.title
        click.echo(f"{visit.outcome:<8} {visit.url}  {said}".rstrip())
        if len(visit.hops) > 1:
            click.echo("         → " + " → ".join(visit.hops[1:]))
