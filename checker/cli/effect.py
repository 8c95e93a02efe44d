"""``portalcheck allowlist diff, stale, stats, why, export``: what is on the list, and what a change does."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from checker.cli.exit_codes import FINDINGS, FINE, REFUSED
from checker.cli.options import annotation, folder_of, format_option, today_of
from checker.core.allowlist import Allowlist, Portal
from checker.core.check import Checker
from checker.core.errors import UnreadableAddress
from checker.core.lookalike import Attempt, explain
from checker.core.url import WebUrl
from checker.core.verdict import Facts, conditions
from checker.curate.coverage import Coverage, coverage_page
from checker.curate.effect import Effect, diff
from checker.curate.origins import origins_of
from checker.curate.revisions import folder_at, history_of
from checker.curate.sources import COLUMNS, OPTIONAL_COLUMNS
from checker.lists.loader import load_folder, read_folder, suffix_splitter

__all__ = ["READING_COMMANDS"]


@click.command(name="diff")
@click.argument("base")
@click.argument("head", required=False)
@click.option("--gate", is_flag=True, help="Refuse (exit 3) large or dangerous effects.")
@click.option("--accept", metavar="DIGEST", default=None, help="Let this effect, and no other, pass the gate.")
@format_option
@click.pass_context
def diff_command(context: click.Context, base: str, head: str | None, gate: bool, accept: str | None, form: str) -> int:
    """Show what a change does: which addresses become or cease to be verified, and whose they are.

    BASE and HEAD are git revisions or folders; without HEAD, the list as it is now. An empty folder
    is a list without entries.

    \b
    portalcheck allowlist diff origin/main
    portalcheck allowlist diff origin/main --gate --accept 0123456789abcdef
    """
    folder = folder_of(context)
    with folder_at(base, folder) as base_folder:
        old = load_folder(base_folder) if any(base_folder.iterdir()) else Allowlist((), split_host=suffix_splitter())
    if head is None:
        new = load_folder(folder)
    else:
        with folder_at(head, folder) as head_folder:
            new = load_folder(head_folder)
    effect = diff(old, new)
    _show_effect(effect, form)
    if not gate or not effect.gate:
        return FINE
    if accept == effect.digest:
        click.echo(f"accepted: {effect.digest}", err=True)
        return FINE
    for reason in effect.gate:
        click.echo(f"needs a second person: {reason}", err=True)
    click.echo(f"Someone other than the author can accept this effect with --accept {effect.digest}", err=True)
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
        click.echo(f"### What this change to the list does\n\n{effect.totals}\n\n```text")
    for line in effect.lines:
        # A name must not end the code block that it is in.
        click.echo(str(line).replace("```", "'''"))
    if form == "github":
        click.echo("```\n")
        for reason in effect.gate:
            click.echo(f"* needs a second person: {reason}")
        click.echo(f"\nDigest of this effect: `{effect.digest}`")
    else:
        click.echo(effect.totals)
        click.echo(f"digest: {effect.digest}")


@click.command()
@click.option("--within", type=click.IntRange(0, 3650), default=0, help="Also list what is due within this many days.")
@format_option
@click.pass_context
def stale(context: click.Context, within: int, form: str) -> int:
    """List what is due for review, oldest first. Exit code 1 if anything is.

    \b
    portalcheck allowlist stale --within 60
    """
    allowlist = load_folder(folder_of(context))
    last = today_of(context) + timedelta(days=within)
    due = sorted((p for p in allowlist.portals if p.review_by <= last), key=lambda p: (p.review_by, p.host, p.mount))
    if form == "json":
        rows = [{"url": p.url, "operator": p.operator, "review_by": p.review_by.isoformat(), "age": p.age} for p in due]
        click.echo(json.dumps({"version": 1, "due": rows}, ensure_ascii=False))
        return FINDINGS if due else FINE
    for portal in due:
        text = f"{portal.review_by}  {portal.url}  {portal.operator}"
        if portal.age:
            text += "  (evidence of unknown age)"
        click.echo(annotation("notice", text, title="due for review") if form == "github" else text)
    return FINDINGS if due else FINE


@click.command()
@click.option("--page", is_flag=True, help="Print docs/coverage.md, as of the day of the newest evidence.")
@format_option
@click.pass_context
def stats(context: click.Context, page: bool, form: str) -> int:
    """Count what the list covers: hosts by freshness, vendor, kind and country; sources and age of the evidence.

    \b
    portalcheck allowlist stats
    portalcheck allowlist stats --format json
    portalcheck allowlist stats --page > docs/coverage.md
    """
    allowlist = load_folder(folder_of(context))
    if page:
        click.echo(coverage_page(allowlist), nl=False)
        return FINE
    coverage, portals = Coverage(allowlist, today_of(context)), allowlist.portals
    fresh = coverage.all
    counts: dict[str, Mapping[str, int]] = {
        "list": coverage.totals,
        "freshness": {"verified": fresh.current, "due for review": fresh.due, "overdue": fresh.overdue},
        "vendor": {group: count.hosts for group, count in coverage.by_vendor.items()},
        "kind": {group: count.hosts for group, count in coverage.by_kind.items()},
        "country": {group: count.hosts for group, count in coverage.by_country.items()},
        "verified by vendor": {group: count.verified for group, count in coverage.by_vendor.items()},
        "source": Counter(evidence.source for portal in portals for evidence in portal.evidence),
        "pieces of evidence": Counter(str(len(portal.evidence)) for portal in portals),
        "newest evidence": Counter(max(e.seen for e in portal.evidence)[:7] for portal in portals),
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
@format_option
@click.pass_context
def why(context: click.Context, address: str, form: str) -> int:
    """Show why an address gets its verdict: the file and line that say whose it is, evidence and history.

    \b
    portalcheck allowlist why mychart.ochin.org
    portalcheck allowlist why https://mychart.cleve1andclinic.org/ --format json
    """
    folder = folder_of(context)
    checker = Checker(load_folder(folder))
    try:
        result = checker.check(address, today=today_of(context))
    except UnreadableAddress as error:
        raise click.UsageError(f"this address cannot be judged: {error.problem}") from None
    judgement = result.judgement
    origins = list(origins_of(result, read_folder(folder)))
    entries = list(_entries(folder, result.match.site)) if result.match is not None and not origins else []
    attempts: list[Attempt] = []
    trace = (
        conditions(Facts(result.address, result.match), checker.allowlist, result.today)
        if isinstance(result.address, WebUrl)
        else ()
    )
    if result.match is None and isinstance(result.address, WebUrl):
        attempts = sorted(explain(result.address, checker.index), key=lambda attempt: -attempt.score)
    if form == "json":
        answer = {
            "version": 1,
            "verdict": judgement.verdict,
            "reasons": [{"level": reason.level, "code": reason.code} for reason in judgement.reasons],
            "conditions": [{"condition": rule, "holds": holds} for rule, holds in trace],
            "entries": entries,
            "origins": origins,
            "likeness": [{"score": a.score, "technique": a.technique, "target": a.target} for a in attempts],
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
        return FINE
    click.echo(f"verdict: {judgement.verdict}")
    for reason in judgement.reasons:
        click.echo(f"  {reason.level}: {reason.code}")
    for rule, holds in trace:
        click.echo(f"  {'yes' if holds else 'NO ':3}  {rule}")
    for origin in origins:
        click.echo(f"known: {origin['file']}:{origin['line']}\nowner: {origin['owner']}")
        _show_evidence(origin["evidence"])
    for entry in entries:
        _show_entry(entry)
    if attempts:
        click.echo("likeness, best score of each technique (0: none)")
    for attempt in attempts:
        click.echo(f"  {attempt.score:>3}  {attempt.technique}  {attempt.target or ''}".rstrip())
    return FINE


def _entries(folder: Path, portal: Portal) -> Iterator[dict[str, Any]]:
    """What the list's files say about a portal, with their history in git."""
    for file in read_folder(folder).portals:
        for index, entry in enumerate(file.content.portals):
            if entry.url == portal.url:
                yield {
                    "file": file.path,
                    "line": file.document.line("portals", index, "url"),
                    "operator": portal.operator,
                    "organizations": portal.organizations,
                    "evidence": [asdict(evidence) for evidence in portal.evidence],
                    "review_by": portal.review_by.isoformat(),
                    "retired": asdict(portal.retired) if portal.retired else None,
                    "history": history_of(folder.resolve().parent / file.path),
                }


def _show_entry(entry: dict[str, Any]) -> None:
    click.echo(f"entry: {entry['file']}:{entry['line']}")
    click.echo(f"operator: {entry['operator']}")
    click.echo(f"organizations: {', '.join(entry['organizations'])}")
    _show_evidence(entry["evidence"])
    click.echo(f"review by: {entry['review_by']}")
    if entry["retired"]:
        click.echo(f"retired: {entry['retired']['on']}, {entry['retired']['reason']}")
    for change in entry["history"]:
        click.echo(f"changed: {change}")


def _show_evidence(pieces: Iterable[Mapping[str, Any]]) -> None:
    for evidence in pieces:
        seen = f"read {evidence['seen']}, age unknown" if evidence["age"] else f"seen {evidence['seen']}"
        click.echo(f"evidence: {evidence['source']}, {evidence['url']}, {seen}")


@click.command()
@click.argument("kind", type=click.Choice(["csv", "json", "hosts"]))
@click.pass_context
def export(context: click.Context, kind: str) -> int:
    """Print the active portals: a CSV that can be imported, JSON, or one host per line.

    \b
    portalcheck allowlist export hosts
    portalcheck allowlist export csv > portals.csv
    """
    allowlist = load_folder(folder_of(context))
    if kind == "hosts":
        for host in sorted(allowlist.hosts):
            click.echo(host)
    elif kind == "json":
        answer = {"version": 1, "list": allowlist.version, "portals": _portals_as_json(allowlist)}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo(_as_csv(allowlist), nl=False)
    return FINE


def _portals_as_json(allowlist: Allowlist) -> list[dict[str, object]]:
    return [
        {
            "url": portal.url,
            "operator": portal.operator,
            "organizations": portal.organizations,
            "vendor": portal.vendor,
            "country": portal.country,
            "kind": portal.kind,
            "home": portal.home,
            "evidence": [asdict(evidence) for evidence in portal.evidence],
            "review_by": portal.review_by.isoformat(),
        }
        for portal in allowlist.portals
    ]


def _as_csv(allowlist: Allowlist) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, *OPTIONAL_COLUMNS))
    for portal in allowlist.portals:
        for organization in portal.organizations:
            for evidence in portal.evidence:
                vendor, country = portal.vendor or "", portal.country or ""
                facts = (evidence.source, evidence.url, evidence.seen, evidence.age or "", portal.kind or "")
                home = "true" if portal.home else ""
                writer.writerow((organization, portal.url, vendor, country, *facts, home))
    return text.getvalue()


READING_COMMANDS: tuple[click.Command, ...] = (diff_command, stale, stats, why, export)
"""Commands that read the list and change nothing."""
