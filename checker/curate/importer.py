"""Turns the rows of a directory of portals into list files, and prints everything it did to them.

Real directories are dirty: login pages instead of portals, missing slashes, one portal under two spellings. Every
repair and every refusal is printed. Existing entries are never changed or removed: an import proposes such changes,
and a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import get_args

from checker.core.errors import AllowlistError
from checker.curate.sources import Row
from checker.lists.draft import Draft, Written
from checker.lists.evidence import day_of
from checker.lists.files import write_whole
from checker.lists.findings import Finding, Severity
from checker.lists.format import (
    EvidenceEntry,
    Kind,
    ListFile,
    OperatorsFile,
    PortalEntry,
    PortalFile,
    VendorFile,
    read_list_file,
)
from checker.lists.lint import lint, stranger_of
from checker.lists.loader import read_folder
from checker.lists.portal_url import authority_of, mount_of, portal_address
from checker.lists.rules import COUNTRIES, is_web_page, name_problem
from checker.lists.strict_yaml import has_invisible
from checker.lists.yaml_writer import portal_file_text

__all__ = ["ImportSummary", "Plan", "ShrinkRefused", "import_rows", "plan_import"]

LARGEST_SHRINK = 0.2
"""A directory that lacks a larger share of its known portals, 0 to 1, is probably broken."""

SINGLE_PAGES = frozenset(
    {"operator-site", "third-party-page", "vendor-documentation", "news-article", "webcompat-report"}
)
"""Sources that are pages about one portal each: no directories, so nothing vanishes from them."""

Tell = Callable[[str], None]
"""Takes one line for the person who runs the import."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. Each line is a sentence for the person who runs it."""

    new: tuple[PortalFile, ...]
    repairs: tuple[str, ...]
    refusals: tuple[str, ...]
    questions: tuple[str, ...]
    changes: tuple[str, ...]
    vanished: tuple[str, ...]
    known: int
    """Rows whose portal and organization are on the list already."""
    shrink: float
    """The share, 0 to 1, of the portals known from these sources that they no longer name."""


class ShrinkRefused(AllowlistError):
    """Too many of the portals known from a source have vanished from it; nothing was written."""


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did: the number of rows read, the plan, the names of the files written, and why each of the
    others was not."""

    rows: int
    plan: Plan
    written: tuple[str, ...]
    unwritten: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """True when nothing waits for a person."""
        return not (self.plan.refusals or self.plan.questions or self.plan.changes or self.unwritten)


def import_rows(
    rows: Iterable[Row],
    folder: Path,
    *,
    tell: Tell,
    today: date,
    operators: Path | None = None,
    accept_shrink: bool = False,
    dry_run: bool = False,
) -> ImportSummary:
    """Add the portals of a directory to the list in ``folder``; only new files are written, and only those that pass
    the whole lint.

    ``dry_run``: tell everything and write nothing. ``operators``: a reviewed file that says who controls each domain;
    ``operators.yaml`` of the folder by default. ``accept_shrink``: continue even if many portals known from this source
    have vanished from it. Raises AllowlistError when a file cannot be used, and ShrinkRefused; nothing has been written
    then.
    """
    rows = list(rows)
    draft = read_folder(folder)
    reviewed = _reviewed_operators(operators or folder / "operators.yaml")
    if draft.unread:
        raise AllowlistError(tuple(str(finding) for finding in draft.unread))
    draft = replace(draft, today=today)
    plan = plan_import(rows, draft, reviewed)
    texts = {f"portals/{file.domain}.yaml": portal_file_text(file) for file in plan.new}
    unwritten = _take_out_faulty(texts, draft, folder.resolve().name)
    if plan.shrink > LARGEST_SHRINK and not accept_shrink:
        gone = f"{len(plan.vanished)} portals known from this source ({plan.shrink:.0%}) are missing from it"
        raise ShrinkRefused((f"{gone}; if that is right, use --accept-shrink",))
    for heading, lines in (
        ("repaired", plan.repairs),
        ("refused", plan.refusals),
        ("not written", unwritten),
        ("question", plan.questions),
        ("would change", plan.changes),
        ("vanished", plan.vanished),
    ):
        for line in lines:
            tell(f"{heading}: {line}")
    for name, text in texts.items():
        if not dry_run:
            write_whole(folder / name, text.encode())
        tell(f"{'would be new' if dry_run else 'new'}: {name}")
    tell(
        f"{len(rows)} rows: {len(texts)} new files, {plan.known} rows known already, {len(plan.repairs)} repairs,"
        f" {len(plan.refusals)} refused, {len(plan.questions)} questions, {len(plan.changes)} proposed changes"
    )
    return ImportSummary(len(rows), plan, () if dry_run else tuple(texts), unwritten)


def _reviewed_operators(path: Path) -> OperatorsFile:
    if not path.exists():
        return OperatorsFile(operators={})
    file, findings = read_list_file(path.read_bytes(), path.name, OperatorsFile)
    if file is None or findings:
        raise AllowlistError(tuple(str(finding) for finding in findings))
    return file.content


def _take_out_faulty(texts: dict[str, str], draft: Draft, folder: str) -> tuple[str, ...]:
    """Take the files out of ``texts`` that would bring an error into the list, and say why.

    Raises AllowlistError for an error in the list that no new file explains.
    """
    before = set(_errors(draft))
    taken_out: list[str] = []
    while True:
        files: dict[str, ListFile[PortalFile]] = {}
        errors: list[Finding] = []
        for name, text in texts.items():
            file, findings = read_list_file(text.encode(), f"{folder}/{name}", PortalFile)
            errors += findings
            if file is not None:
                files[name] = file
        portals = tuple(sorted((*draft.portals, *files.values()), key=lambda file: file.path))
        errors += (error for error in _errors(replace(draft, portals=portals)) if error not in before)
        if not errors:
            return tuple(taken_out)
        faulty = {
            name: concerning
            for name in texts
            if (concerning := [error for error in errors if _concerns(error, f"{folder}/{name}", files.get(name))])
        }
        if not faulty:
            raise AllowlistError(tuple(map(str, errors)))
        for name, concerning in faulty.items():
            taken_out += (f"{name}: {error}" for error in concerning)
            del texts[name]


def _errors(draft: Draft) -> list[Finding]:
    return [finding for finding in lint(draft) if finding.severity is Severity.ERROR]


def _concerns(error: Finding, path: str, file: ListFile[PortalFile] | None) -> bool:
    """True if the error is in this file, or names it, its domain or one of its hosts: a listed host would imitate a new
    one, a vendor's customers have hosts there, or the domain is a known name's."""
    names = (
        {path} if file is None else {path, file.content.domain, *(authority_of(p.url) for p in file.content.portals)}
    )
    return error.file == path or any(word.strip(";,`") in names for word in error.message.split())


# --- rows to plan ----------------------------------------------------------------------------


@dataclass(slots=True)
class _Portal:
    """The rows about one portal, a host and mount."""

    urls: Counter[str] = field(default_factory=Counter)
    rows: list[Row] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The most frequent spelling; of equally frequent ones, the first in order."""
        return min(self.urls, key=lambda url: (-self.urls[url], url))

    @property
    def organizations(self) -> tuple[str, ...]:
        return tuple(sorted({row.organization for row in self.rows}, key=lambda name: (name.casefold(), name)))

    @property
    def evidence(self) -> tuple[EvidenceEntry, ...]:
        newest: dict[tuple[str, str, str], str] = {}
        for row in self.rows:
            key = (row.source, row.source_url, row.age)
            newest[key] = max(newest.get(key, ""), row.seen)
        return tuple(
            EvidenceEntry(source=source, url=url, seen=seen, age="unknown" if age else None)
            for (source, url, age), seen in sorted(newest.items())
        )

    def only(self, values: Iterable[str]) -> str | None:
        """The only value that is not empty; None when there are none or several."""
        distinct = {value for value in values if value}
        return distinct.pop() if len(distinct) == 1 else None


class _Notes:
    """What to tell, row by row."""

    def __init__(self) -> None:
        self.repairs: list[str] = []
        self.refusals: list[str] = []
        self.questions: list[str] = []
        self.changes: list[str] = []


def plan_import(rows: Iterable[Row], draft: Draft, reviewed: OperatorsFile) -> Plan:
    """What importing ``rows`` into ``draft`` would do, whatever the order of the rows."""
    notes = _Notes()
    vendors = {vendor.content.id: vendor.content for vendor in draft.vendors}
    by_domain: dict[str, dict[tuple[str, str], _Portal]] = defaultdict(lambda: defaultdict(_Portal))
    for row in sorted(rows, key=lambda row: row.number):
        try:
            clean, url, repairs = _clean(row, vendors, draft.today)
            domain = _domain(url, draft)
        except ValueError as error:
            what = "" if row.fault else f"{row.portal_url!r} ({row.organization}): "
            notes.refusals.append(f"line {row.number}: {what}{error}")
            continue
        if repairs:
            notes.repairs.append(f"line {row.number}: {row.portal_url!r} → {url} ({', '.join(repairs)})")
        mount = mount_of(url)
        portal = by_domain[domain][url.removeprefix("https://").partition("/")[0], mount.casefold()]
        portal.urls[url] += 1
        portal.rows.append(clean)
    written = {file.content.domain: file for file in draft.portals}
    new: list[PortalFile] = []
    known = 0
    for domain, portals in sorted(by_domain.items()):
        _note_spellings(portals.values(), notes)
        if domain in written:
            known += _compare(written[domain], portals, notes)
        elif (file := _new_file(domain, portals, reviewed, notes)) is not None:
            new.append(file)
    vanished, from_these = _vanished(draft, by_domain)
    return Plan(
        tuple(new),
        tuple(notes.repairs),
        tuple(notes.refusals),
        tuple(notes.questions),
        tuple(notes.changes),
        vanished,
        known,
        len(vanished) / from_these if from_these else 0.0,
    )


def _clean(row: Row, vendors: Mapping[str, VendorFile], today: date | None) -> tuple[Row, str, list[str]]:
    """The row with clean fields, its canonical address, and its repairs. Raises ValueError for an unusable row."""
    if row.fault:
        raise ValueError(row.fault)
    repairs: list[str] = []
    organization = " ".join(unicodedata.normalize("NFC", row.organization).split())
    if organization != row.organization:
        repairs.append("spaces or letters in the name normalized")
    if not organization:
        raise ValueError("no organization")
    if not row.portal_url.strip():
        raise ValueError("no address")
    if not (row.source and row.source_url and row.seen):
        raise ValueError("no source, source_url or seen")
    vendor = vendors.get(row.vendor)
    if row.vendor and vendor is None:
        raise ValueError(f"there is no vendors/{row.vendor}.yaml")
    url, more = portal_address(row.portal_url, vendor, vendors.get("any"))
    clean = replace(row, organization=organization, portal_url=url, country=row.country.strip().upper())
    problem = _bad_cell(clean, today)
    if problem is not None:
        raise ValueError(problem)
    return clean, url, [*more, *repairs]


KINDS: tuple[Kind, ...] = get_args(Kind)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")


def _bad_cell(row: Row, today: date | None) -> str | None:
    """What is wrong with a fact of the row, and what to write; None if nothing is."""
    day = day_of(row.seen, month_allowed=True)
    if any(map(has_invisible, (row.organization, row.source_url))):
        return "an invisible character in it; remove it"
    if (name := name_problem(row.organization)) is not None:
        return f"organization: {name}"
    if row.country and row.country not in COUNTRIES:
        return f"country {row.country!r} is no ISO 3166-1 code; write two letters such as `US`"
    if not _SLUG.match(row.source) or len(row.source) > 64:
        return f"source {row.source!r} is no short name; write lower-case letters, digits and single hyphens"
    if not is_web_page(row.source_url):
        return f"source_url {row.source_url!r} is no web address"
    if day is None:
        return f"seen {row.seen!r} is no month or day; write `2026-10` or `2026-10-05`"
    if today is not None and day > today:
        return f"seen {row.seen!r} is in the future"
    if row.age not in ("", "unknown"):
        return f"age {row.age!r}; write `unknown`, or leave it empty"
    if row.kind and row.kind not in KINDS:
        return f"kind {row.kind!r}; write one of {', '.join(KINDS)}, or leave it empty"
    if row.home not in ("", "true"):
        return f"home {row.home!r}; write `true`, or leave it empty"
    return None


def _domain(url: str, draft: Draft) -> str:
    host = authority_of(url)
    parts = draft.split_host(host)
    if (platform := stranger_of(host, draft)) is not None:
        raise ValueError(f"anyone can have a page on {platform}, so it is no organization's own")
    if parts.suffix_is_private:
        raise ValueError("anyone can get a host there, so it is no organization's own domain")
    if parts.registrable_domain is None:
        raise ValueError("its host has no registrable domain")
    return parts.registrable_domain


def _note_spellings(portals: Iterable[_Portal], notes: _Notes) -> None:
    for portal in portals:
        for url in sorted(set(portal.urls) - {portal.url}):
            notes.repairs.append(f"{url} → {portal.url} (the same portal, in other capitals)")


def _new_file(
    domain: str, portals: Mapping[tuple[str, str], _Portal], reviewed: OperatorsFile, notes: _Notes
) -> PortalFile | None:
    names = sorted({name for portal in portals.values() for name in portal.organizations})
    operator = reviewed.operators.get(domain) or (names[0] if len(names) == 1 else None)
    if operator is None:
        some = "; ".join(names[:3]) + (" …" if len(names) > 3 else "")
        notes.questions.append(
            f"{domain}: {len(names)} organizations ({some}); who controls it? Add it to operators.yaml"
        )
        return None
    entries: list[PortalEntry] = []
    for _, portal in sorted(portals.items()):
        country = portal.only(row.country for row in portal.rows)
        if len({row.country for row in portal.rows if row.country}) > 1:
            notes.questions.append(f"{portal.url}: several countries are given; left out")
        vendor = portal.only(row.vendor for row in portal.rows)
        kind = portal.only(row.kind for row in portal.rows)
        entries.append(
            PortalEntry(
                url=portal.url,
                organizations=portal.organizations,
                country=country,
                vendor=vendor,
                kind=next((known for known in KINDS if known == kind), None),
                evidence=portal.evidence,
                home=any(row.home for row in portal.rows),
            )
        )
    return _hoisted(domain, operator, domain in reviewed.shared, entries)


def _hoisted(domain: str, operator: str, shared: bool, entries: list[PortalEntry]) -> PortalFile:
    """The file of these portals; facts that all of them share are written once, on the file."""
    first = entries[0]
    common = {
        key: getattr(first, key)
        for key in ("country", "vendor", "kind", "evidence")
        if all(getattr(entry, key) == getattr(first, key) for entry in entries)
    }
    cleared = {key: () if key == "evidence" else None for key in common}
    portals = tuple(entry.model_copy(update=cleared) for entry in entries)
    return PortalFile(domain=domain, operator=operator, shared=shared, portals=portals, **common)


def _compare(file: ListFile[PortalFile], portals: Mapping[tuple[str, str], _Portal], notes: _Notes) -> int:
    """Note what the rows would change in the file; returns the number of rows that change nothing."""
    listed = {(p.host, p.mount.casefold()): p for p in (Written(file, i) for i in range(len(file.content.portals)))}
    known = 0
    for key, portal in sorted(portals.items()):
        written = listed.get(key)
        if written is None:
            notes.changes.append(f"{file.path}: add the portal {portal.url} of {', '.join(portal.organizations)}")
            continue
        if written.retired:
            notes.questions.append(f"{portal.url}: retired in {file.path}, but the source still names it")
            continue
        added = [name for name in portal.organizations if name not in written.entry.organizations]
        if added:
            notes.changes.append(f"{file.path}: add {', '.join(added)} to {written.entry.url}")
        dated = {(e.source, e.url, e.age): e.seen for e in written.evidence}
        for evidence in portal.evidence:
            if evidence.seen > dated.get((evidence.source, evidence.url, evidence.age), ""):
                seen = f"{evidence.seen}, age unknown," if evidence.age else evidence.seen
                notes.changes.append(f"{file.path}: {written.entry.url} seen {seen} in {evidence.source}")
        known += sum(1 for row in portal.rows if row.organization not in added)
    return known


def _vanished(draft: Draft, by_domain: Mapping[str, Mapping[tuple[str, str], _Portal]]) -> tuple[tuple[str, ...], int]:
    """The active portals that only these directories vouched for and that they no longer name, and the number of all
    portals that only these directories vouch for."""
    sources = {row.source for portals in by_domain.values() for portal in portals.values() for row in portal.rows}
    sources -= SINGLE_PAGES
    gone: list[str] = []
    from_these = 0
    for portal in draft.written:
        vouching = {evidence.source for evidence in portal.evidence}
        if portal.retired or not vouching or not vouching <= sources:
            continue
        from_these += 1
        named = by_domain.get(portal.file.content.domain, {})
        if (portal.host, portal.mount.casefold()) not in named:
            gone.append(f"{portal.entry.url} ({portal.file.path}); if it is gone, retire it")
    return tuple(gone), from_these
