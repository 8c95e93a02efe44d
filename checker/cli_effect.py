"""``portalcheck allowlist diff, stale, stats, why, export``: what is in the list, and what a change means."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from checker.allowlist import Allowlist, Portal
from checker.checker import Checker
from checker.cli_options import FINDINGS, FINE, REFUSED, folder_of, format_option
from checker.effect import Effect, diff
from checker.errors import UnreadableAddress
from checker.loader import load_folder, read_folder
from checker.lookalike import explain
from checker.revisions import folder_at, history_of
from checker.service import today_utc
from checker.sources import COLUMNS
from checker.url import WebUrl

__all__ = ["REPORTS"]


@click.command(name="diff")
@click.argument("base")
@click.argument("head", required=False)
@click.option("--gate", is_flag=True, help="Refuse (exit 3) large or dangerous effects.")
@click.option("--accept", metavar="DIGEST", default=None, help="Let exactly this effect pass the gate.")
@format_option
@click.pass_context
def diff_command(context: click.Context, base: str, head: str | None, gate: bool, accept: str | None, form: str) -> int:
    """Show what a change does: which addresses become or cease to be verified, and for whom.

    BASE and HEAD are git revisions or folders; HEAD is the list as it stands here.

    \b
    portalcheck allowlist diff origin/main
    portalcheck allowlist diff origin/main --gate --accept 0123456789abcdef
    """
    folder = folder_of(context)
    with folder_at(base, folder) as there:
        old = load_folder(there)
    if head is None:
        new = load_folder(folder)
    else:
        with folder_at(head, folder) as there:
            new = load_folder(there)
    effect = diff(old, new)
    _show_effect(effect, form)
    if not gate or not effect.gate:
        return FINE
    if accept == effect.digest:
        click.echo(f"accepted: {effect.digest}", err=True)
        return FINE
    for reason in effect.gate:
        click.echo(f"needs a second person: {reason}", err=True)
    click.echo(f"Somebody who is not the author accepts this effect with --accept {effect.digest}", err=True)
    return REFUSED


def _show_effect(effect: Effect, form: str) -> None:
    if form == "json":
        shown = {
            "version": 1,
            "digest": effect.digest,
            "gained": effect.gained,
            "lost": effect.lost,
            "stay": effect.stay,
            "gate": effect.gate,
            "effects": [asdict(line) for line in effect.lines],
        }
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    if form == "github":
        click.echo(f"### What this change of the list does\n\n{effect.summary}\n\n```text")
    for line in effect.lines:
        # A name must not end the block that it stands in.
        click.echo(str(line).replace("```", "'''"))
    if form == "github":
        click.echo("```\n")
        for reason in effect.gate:
            click.echo(f"* needs a second person: {reason}")
        click.echo(f"\nDigest of this effect: `{effect.digest}`")
    else:
        click.echo(effect.summary)
        click.echo(f"digest: {effect.digest}")


@click.command()
@click.option("--within", type=click.IntRange(0, 3650), default=0, help="Also what is due in so many days.")
@format_option
@click.pass_context
def stale(context: click.Context, within: int, form: str) -> int:
    """List what is due for review, oldest first; exit 1 when anything is.

    \b
    portalcheck allowlist stale --within 60
    """
    found = load_folder(folder_of(context))
    last = today_utc() + timedelta(days=within)
    due = sorted((p for p in found.portals if p.review_by <= last), key=lambda p: (p.review_by, p.host, p.mount))
    if form == "json":
        rows = [{"url": p.url, "operator": p.operator, "review_by": p.review_by.isoformat()} for p in due]
        click.echo(json.dumps({"version": 1, "due": rows}, ensure_ascii=False))
        return FINDINGS if due else FINE
    for portal in due:
        text = f"{portal.review_by}  {portal.url}  {portal.operator}"
        click.echo(f"::notice title=due for review::{text}" if form == "github" else text)
    return FINDINGS if due else FINE


@click.command()
@format_option
@click.pass_context
def stats(context: click.Context, form: str) -> int:
    """Count the list by vendor, country, source, kinds of evidence and age."""
    found = load_folder(folder_of(context))
    counts = {
        "list": {
            "domains": len(found.operators),
            "hosts": len(found.hosts),
            "portals": len(found.portals),
            "retired portals": sum(1 for o in found.operators for p in o.portals if p.retired),
            "organizations": len({name for portal in found.portals for name in portal.organizations}),
        },
        "vendor": Counter(portal.vendor or "none" for portal in found.portals),
        "country": Counter(portal.country or "not given" for portal in found.portals),
        "source": Counter(evidence.source for portal in found.portals for evidence in portal.evidence),
        "pieces of evidence": Counter(str(len(portal.evidence)) for portal in found.portals),
        "newest evidence": Counter(max(e.seen for e in portal.evidence)[:7] for portal in found.portals),
    }
    if form == "json":
        click.echo(json.dumps({"version": 1, **counts}, ensure_ascii=False))
        return FINE
    for heading, rows in counts.items():
        click.echo(heading)
        for name, count in sorted(rows.items(), key=lambda row: (-row[1], row[0])):
            click.echo(f"  {count:>6}  {name}")
    return FINE


@click.command()
@click.argument("address")
@click.pass_context
def why(context: click.Context, address: str) -> int:
    """Tell why an address gets its verdict: the entry's file and line, its evidence, its history.

    \b
    portalcheck allowlist why mychart.ochin.org
    """
    folder = folder_of(context)
    checker = Checker(load_folder(folder))
    try:
        result = checker.check(address, today=today_utc())
    except UnreadableAddress as error:
        raise click.UsageError(f"this is no address that can be judged: {error.problem}") from None
    judgement = result.judgement
    click.echo(f"verdict: {judgement.verdict}")
    for reason in judgement.reasons:
        click.echo(f"  {reason.level}: {reason.code}")
    if result.match is not None:
        for line in _entry_lines(folder, result.match.site):
            click.echo(line)
    elif isinstance(result.address, WebUrl):
        click.echo("likeness, best score of each technique (0: none)")
        for attempt in sorted(explain(result.address, checker.index), key=lambda attempt: -attempt.score):
            click.echo(f"  {attempt.score:>3}  {attempt.technique}  {attempt.target or ''}".rstrip())
    return FINE


def _entry_lines(folder: Path, portal: Portal) -> Iterator[str]:
    for file in read_folder(folder).portals:
        for index, entry in enumerate(file.content.portals):
            if entry.url == portal.url:
                yield f"entry: {file.path}:{file.document.line('portals', index, 'url')}"
                yield f"operator: {portal.operator}"
                yield f"organizations: {', '.join(portal.organizations)}"
                yield from (f"evidence: {e.source}, {e.url}, seen {e.seen}" for e in portal.evidence)
                yield f"review by: {portal.review_by}"
                if portal.retired is not None:
                    yield f"retired: {portal.retired.on}, {portal.retired.reason}"
                changes = history_of(folder.resolve().parent / file.path)
                yield from (f"changed: {change}" for change in changes)


@click.command()
@click.argument("kind", type=click.Choice(["csv", "json", "hosts"]))
@click.pass_context
def export(context: click.Context, kind: str) -> int:
    """Print the active portals: a CSV that can be imported again, JSON, or one host on a line."""
    found = load_folder(folder_of(context))
    if kind == "hosts":
        for host in sorted(found.hosts):
            click.echo(host)
    elif kind == "json":
        click.echo(
            json.dumps({"version": 1, "list": found.version, "portals": _portals_as_json(found)}, ensure_ascii=False)
        )
    else:
        click.echo(_as_csv(found), nl=False)
    return FINE


def _portals_as_json(found: Allowlist) -> list[dict[str, object]]:
    return [
        {
            "url": portal.url,
            "operator": portal.operator,
            "organizations": portal.organizations,
            "vendor": portal.vendor,
            "country": portal.country,
            "evidence": [asdict(evidence) for evidence in portal.evidence],
            "review_by": portal.review_by.isoformat(),
        }
        for portal in found.portals
    ]


def _as_csv(found: Allowlist) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for portal in found.portals:
        for organization in portal.organizations:
            for evidence in portal.evidence:
                vendor, country = portal.vendor or "", portal.country or ""
                writer.writerow(
                    (organization, portal.url, vendor, country, evidence.source, evidence.url, evidence.seen)
                )
    return text.getvalue()


REPORTS: tuple[click.Command, ...] = (diff_command, stale, stats, why, export)
"""Commands that read the list and change nothing."""
