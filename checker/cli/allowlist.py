"""``portalcheck allowlist …``: the commands for people who maintain the list.

Exit codes: 0 fine · 1 findings, or something needs a person · 2 wrong usage · 3 refused by a gate.
A command that writes replaces complete files, and writes nothing if anything is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import BaseModel, ValidationError

from checker.cli.effect import READING_COMMANDS
from checker.cli.exit_codes import FINDINGS, FINE
from checker.cli.importing import import_group
from checker.cli.options import Function, annotation, folder_of, format_option, today_of
from checker.cli.visit import visit_command
from checker.core.check import Checker
from checker.curate.edits import add as add_portal
from checker.curate.edits import confirm as confirm_host
from checker.curate.edits import new_file
from checker.curate.edits import retire as retire_host
from checker.curate.revisions import folder_at
from checker.lists.canaries import check_canaries, read_canaries
from checker.lists.draft import Draft
from checker.lists.files import write_whole
from checker.lists.findings import Finding, Severity
from checker.lists.format import EvidenceEntry, ListFile, PortalEntry, PortalFile, RetiredEntry, read_list_file
from checker.lists.lint import canonical_text, rules_page
from checker.lists.lint import lint as lint_draft
from checker.lists.loader import allowlist_of, load_folder, read_folder
from checker.lists.portal_url import authority_of, portal_address
from checker.lists.schema import portal_schema
from checker.lists.snapshot import snapshot_of
from checker.lists.yaml_writer import portal_file_text

__all__ = ["allowlist"]

Entry = TypeVar("Entry", bound=BaseModel)


@click.group()
def allowlist() -> None:
    """Maintain the list of official portals."""


for command in (*READING_COMMANDS, import_group, visit_command):
    allowlist.add_command(command)


def _show(findings: Iterable[Finding], form: str, **more: object) -> None:
    """Print findings for people, programs or the forge; ``more``: further fields of the JSON."""
    if form == "json":
        answer = {"version": 1, "findings": [finding._asdict() for finding in findings], **more}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    for finding in findings:
        if form == "github":
            kind = "error" if finding.severity is Severity.ERROR else "notice"
            click.echo(annotation(kind, finding.message, file=finding.file, line=finding.line, title=finding.code))
        else:
            click.echo(f"{finding.severity}: {finding}")


def _has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


# --- lint and fmt ------------------------------------------------------------------------------


@allowlist.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--base", help="A git revision or folder: none of its hosts may be removed (PC304).")
@format_option
@click.pass_context
def lint(context: click.Context, paths: Sequence[Path], base: str | None, form: str) -> int:
    """Check every rule of the list; with PATHS, show only findings in those files.

    \b
    portalcheck allowlist lint
    portalcheck allowlist lint allowlists/portals/ochin.org.yaml
    portalcheck allowlist lint --base origin/main --format github
    """
    folder = folder_of(context)
    draft = replace(read_folder(folder), today=today_of(context), was_active=_active_hosts(base, folder))
    findings = [finding for finding in lint_draft(draft) if _is_in(finding, folder, paths)]
    _show(findings, form)
    if form == "text":
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        click.echo(f"{len(draft.portals)} files: {errors} errors, {len(findings) - errors} pieces of advice", err=True)
    return FINDINGS if _has_errors(findings) else FINE


def _active_hosts(base: str | None, folder: Path) -> dict[str, str]:
    if base is None:
        return {}
    with folder_at(base, folder) as base_folder:
        old = load_folder(base_folder)
    name = folder.resolve().name
    return {p.host: f"{name}/portals/{o.domain}.yaml" for o in old.operators for p in o.portals if not p.retired}


def _is_in(finding: Finding, folder: Path, paths: Sequence[Path]) -> bool:
    file = folder.resolve().parent / finding.file
    return not paths or any(file.is_relative_to(path.resolve()) for path in paths)


@allowlist.command()
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write."
)
@format_option
@click.pass_context
def build(context: click.Context, output: Path, form: str) -> int:
    """Write the list as a snapshot, which loads faster; set PORTALCHECK_ALLOWLISTS to it.

    The same list gives the same bytes on every machine. Nothing is written if there is an error.

    \b
    portalcheck allowlist build --output list.snapshot
    """
    folder = folder_of(context)
    draft = read_folder(folder)
    errors = [finding for finding in {*draft.unread, *lint_draft(draft)} if finding.severity is Severity.ERROR]
    _show(sorted(errors), form)
    if errors:
        return FINDINGS
    built = allowlist_of(draft)
    canaries = read_canaries(folder)
    check_canaries(Checker(built), folder)
    write_whole(output, snapshot_of(built, canaries))
    click.echo(f"{output}: list {built.version}, {len(built.portals):,} portals", err=True)
    return FINE


@allowlist.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change.")
@format_option
@click.pass_context
def fmt(context: click.Context, paths: Sequence[Path], check: bool, form: str) -> int:
    """Write portal files in their canonical form; comments at the top are kept.

    \b
    portalcheck allowlist fmt
    portalcheck allowlist fmt --check
    """
    folder = folder_of(context)
    draft = read_folder(folder)
    changes: dict[str, bytes] = {}
    findings = [finding for finding in draft.unread if _is_in(finding, folder, paths)]
    for file in draft.portals:
        unformatted = file.finding("PC104", Severity.ERROR, "not in the canonical form")
        if file.document.problems or not _is_in(unformatted, folder, paths):
            continue
        try:
            text = canonical_text(file).encode()
        except ValueError as error:
            findings.append(unformatted._replace(message=str(error)))
            continue
        if text != file.data:
            changes[file.path] = text
    if not check and not findings:
        for path, data in changes.items():
            write_whole(folder.resolve().parent / path, data)
    what = "would change" if check or findings else "written"
    _show(findings, form, **{what.replace(" ", "_"): list(changes)})
    for path in changes:
        if form == "github":
            message = f"{what} to the canonical form: run `fmt`"
            click.echo(annotation("error" if check else "notice", message, file=path, line=1, title="PC104"))
        elif form == "text" and not findings:
            click.echo(f"{what}: {path}")
    return FINDINGS if findings or (check and changes) else FINE


@allowlist.command()
def rules() -> None:
    """Print RULES.md, generated from the rules.

    \b
    portalcheck allowlist rules > allowlists/RULES.md
    """
    click.echo(rules_page(), nl=False)


@allowlist.command()
def schema() -> None:
    """Print the JSON Schema of portal files, for editors.

    \b
    portalcheck allowlist schema > allowlists/schema/portal.schema.json
    """
    click.echo(portal_schema(), nl=False)


# --- one entry ---------------------------------------------------------------------------------

evidence_options: tuple[Callable[[Any], Any], ...] = (
    click.option("--evidence", required=True, help="The page that names the portal."),
    click.option("--source", default="operator-site", show_default=True, help="The kind of source."),
    click.option("--seen", default=None, help="When the page was seen: 2026-10 or 2026-10-05.  [default: today]"),
)


def _evidence_options(function: Function) -> Function:
    for option in reversed(evidence_options):
        function = option(function)
    return function


def _evidence(context: click.Context, source: str, url: str, seen: str | None) -> EvidenceEntry:
    return _entry(EvidenceEntry, source=source, url=url, seen=seen or today_of(context).isoformat())


def _entry(model: type[Entry], **values: object) -> Entry:
    """A part of a file, from options. Raises UsageError if an option has the wrong format."""
    try:
        return model(**values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise click.UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


@allowlist.command()
@click.argument("url")
@click.option(
    "--organization", "organizations", multiple=True, required=True, help="Whose portal it is; may be repeated."
)
@_evidence_options
@click.option("--operator", default=None, help="Who controls the domain, if it is new.  [default: the organization]")
@click.option("--vendor", default=None, help="Id of a file in vendors/.")
@click.option("--country", default=None, help="Two letters: US.")
@format_option
@click.pass_context
def add(
    context: click.Context,
    url: str,
    organizations: tuple[str, ...],
    evidence: str,
    source: str,
    seen: str | None,
    operator: str | None,
    vendor: str | None,
    country: str | None,
    form: str,
) -> int:
    """Add a portal, or an organization to a listed portal.

    \b
    portalcheck allowlist add https://mychart.example.org/MyChart/ --vendor epic-mychart \\
        --organization "Example Health" --evidence https://www.example.org/patients
    """
    folder = folder_of(context)
    draft = read_folder(folder)
    vendors = {file.content.id: file.content for file in draft.vendors}
    try:
        clean, repairs = portal_address(url, vendors.get(vendor or ""), vendors.get("any"))
    except ValueError as error:
        raise click.UsageError(f"this address cannot be a portal: {error}") from None
    domain = draft.split_host(authority_of(clean)).registrable_domain or authority_of(clean)
    portal = _entry(
        PortalEntry,
        url=clean,
        organizations=organizations,
        evidence=(_evidence(context, source, evidence, seen),),
        vendor=vendor,
        country=country,
    )
    file = _file_of(draft, domain)
    if file is not None and operator not in (None, file.content.operator):
        raise click.UsageError(f"{domain} is operated by {file.content.operator}; change its file by hand")
    if file is None and operator is None and len(organizations) > 1:
        raise click.UsageError("several organizations on a new domain: name who controls it with --operator")
    try:
        content = add_portal(file.content, portal) if file else new_file(domain, operator or organizations[0], portal)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return _save(context, draft, file, content, form, tuple(f"{repair} → {clean}" for repair in repairs))


@allowlist.command()
@click.argument("host")
@click.option("--reason", required=True, help="One sentence.")
@click.option("--moved-to", default=None, help="Address of the active portal that replaces it.")
@click.option("--on", "day", default=None, help="When it was noticed: 2026-10-05.  [default: today]")
@format_option
@click.pass_context
def retire(context: click.Context, host: str, reason: str, moved_to: str | None, day: str | None, form: str) -> int:
    """Turn a host that is no longer official into a tombstone.

    \b
    portalcheck allowlist retire old.example.org --reason "Replaced by MyChart." \\
        --moved-to https://mychart.example.org/MyChart/
    """
    retired = _entry(RetiredEntry, on=day or today_of(context).isoformat(), reason=reason, moved_to=moved_to)
    return _change(context, host, form, lambda file: retire_host(file, host, retired))


@allowlist.command()
@click.argument("host")
@_evidence_options
@format_option
@click.pass_context
def confirm(context: click.Context, host: str, evidence: str, source: str, seen: str | None, form: str) -> int:
    """Renew a host's lease with newer evidence.

    \b
    portalcheck allowlist confirm mychart.example.org --evidence https://www.example.org/patients
    """
    return _change(
        context, host, form, lambda file: confirm_host(file, host, _evidence(context, source, evidence, seen))
    )


def _change(context: click.Context, host: str, form: str, change: Callable[[PortalFile], PortalFile]) -> int:
    folder = folder_of(context)
    draft = read_folder(folder)
    file = _file_of(draft, draft.split_host(host).registrable_domain or host)
    if file is None:
        raise click.UsageError("no file on the list has this host; write it as the list does")
    try:
        return _save(context, draft, file, change(file.content), form)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _file_of(draft: Draft, domain: str) -> ListFile[PortalFile] | None:
    return next((file for file in draft.portals if file.content.domain == domain), None)


def _save(
    context: click.Context,
    draft: Draft,
    old: ListFile[PortalFile] | None,
    content: PortalFile,
    form: str,
    repairs: Sequence[str] = (),
) -> int:
    """Write the file if it adds no error to the list; else print the errors and write nothing."""
    folder = folder_of(context)
    path = f"{folder.resolve().name}/portals/{content.domain}.yaml"
    head = [] if old is None else [line for line in canonical_text(old).split("\n") if line.startswith("#")]
    data = portal_file_text(content, head).encode()
    new, unread = read_list_file(data, path, PortalFile)
    files = tuple(sorted((f for f in (*(f for f in draft.portals if f is not old), new) if f), key=lambda f: f.path))
    draft = replace(draft, today=today_of(context))
    changed = replace(draft, portals=files, unread=(*draft.unread, *unread))
    before = set(lint_draft(draft))
    findings = [finding for finding in lint_draft(changed) if finding.file == path or finding not in before]
    refused = _has_errors(findings)
    if not refused:
        write_whole(folder.resolve().parent / path, data)
    if form == "text":
        for repair in repairs:
            click.echo(f"repaired: {repair}")
    _show(findings, form, repaired=repairs, written=None if refused else path, text=data.decode())
    if refused:
        click.echo("Nothing was written.", err=True)
        return FINDINGS
    if form == "text":
        click.echo(f"written: {path}\n\n{data.decode()}", nl=False)
    return FINE
