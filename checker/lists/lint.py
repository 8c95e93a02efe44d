"""All rules for the list: those that it must follow to be loaded, and those that keep it good.

``RULES`` is the table, and ``allowlists/RULES.md`` is written from it. A test removes each rule in turn and expects
that rule's bad example to pass, so every rule is needed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from urllib.parse import urlsplit

import ada_url
import yaml

from checker.core.lease import Lease
from checker.core.lookalike import conflicts
from checker.core.reason import DANGER_CODES
from checker.lists.draft import Draft, Rule, Written, run, texts_of
from checker.lists.evidence import day_of, leased_until
from checker.lists.findings import Finding, Severity
from checker.lists.format import ListFile, PortalFile
from checker.lists.loader import allowlist_of
from checker.lists.owners import and_above
from checker.lists.portal_url import portal_address
from checker.lists.rules import LOAD_RULES
from checker.lists.tables import load_tables
from checker.lists.yaml_writer import portal_file_text

__all__ = ["RULES", "canonical_text", "lint", "rules_page", "stranger_of"]


def lint(draft: Draft, rules: Iterable[Rule] | None = None) -> list[Finding]:
    """Every finding about the list, errors and advice."""
    return run(RULES if rules is None else rules, draft)


# --- how files are written -------------------------------------------------------------------


def canonical_text(file: ListFile[PortalFile]) -> str:
    """The file as ``fmt`` writes it. Raises ValueError if a comment would be lost."""
    text = file.data.decode()
    lines = text.split("\n")
    head = 0
    while head < len(lines) and lines[head].startswith("#"):
        head += 1
    body = "\n".join(lines[head:])
    if "#" in body and (comment := _comment_line(body)):
        raise ValueError(f"a comment on line {comment + head}; comments go at the top of a file")
    return portal_file_text(file.content, lines[:head])


def _comment_line(text: str) -> int:
    """The first line with a comment (a ``#`` outside every token), or 0 if there is none."""
    end = 0
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        gap = text[end : token.start_mark.index]
        if "#" in gap:
            return text.count("\n", 0, end + gap.index("#")) + 1
        end = max(end, token.end_mark.index)
    return 0


def _canonical_files(draft: Draft) -> Iterator[Finding]:
    for file in draft.portals:
        if file.document.problems:
            continue  # fmt would write out something misread
        try:
            text = canonical_text(file)
        except ValueError as error:
            yield file.finding("PC104", Severity.ERROR, str(error))
            continue
        if text.encode() != file.data:
            yield file.finding("PC104", Severity.ERROR, "not in the canonical form; run `portalcheck allowlist fmt`")


# --- hosts -------------------------------------------------------------------------------------


def stranger_of(host: str, draft: Draft) -> str | None:
    """The redirector or platform that ``host`` is on, where a listing would vouch for strangers; None if it is on none.

    ``never_listed`` of the policy are such platforms, too, although they are known by name.
    """
    policy = draft.policy.content if draft.policy is not None else None
    platforms = {
        *load_tables().wrappers.shorteners,
        *(policy.platforms if policy else ()),
        *(policy.never_listed if policy else ()),
    }
    return next((above for above in and_above(host) if above in platforms), None)


def _no_platforms(draft: Draft) -> Iterator[Finding]:
    for portal in draft.written:
        platform = stranger_of(portal.host, draft)
        if platform is not None:
            message = f"{platform} is a redirector, or a platform where anyone makes pages"
            yield portal.error("PC206", f"{message}; write the organization's own host", "url")


def _plain_letters(draft: Draft) -> Iterator[Finding]:
    """A-labels with letters from two scripts, or with letters that all look like plain ones."""
    for portal in draft.written:
        for label in portal.host.split("."):
            if not label.startswith("xn--"):
                continue
            shown: str = ada_url.idna_to_unicode(label)
            odd = [letter for letter in shown if not letter.isascii()]
            if len({unicodedata.name(letter, "?").split()[0] for letter in shown if letter.isalpha()}) > 1:
                message = f"`{label}` mixes the letters of two scripts; check who owns it"
            elif all(_looks_plain(letter, draft) for letter in odd):
                message = f"every letter of `{label}` looks like a plain one; check who owns it"
            else:
                continue
            yield portal.error("PC207", message, "url")


def _looks_plain(letter: str, draft: Draft) -> bool:
    """True for a letter that can be taken for a plain one. An accent on a plain letter is honest spelling."""
    return bool(draft.letters.get(ord(letter))) and not unicodedata.normalize("NFD", letter)[0].isascii()


def _not_login_pages(draft: Draft) -> Iterator[Finding]:
    vendors = {vendor.content.id: vendor.content for vendor in draft.vendors}
    for portal in draft.written:
        vendor = vendors.get(portal.vendor or "")
        if portal.problem is None:
            url, repairs = portal_address(portal.entry.url, vendor, vendors.get("any"))
            if repairs:
                yield portal.error("PC208", f"a login page; write the portal's root `{url}`", "url")


# --- what changes ------------------------------------------------------------------------------


def _no_silent_removal(draft: Draft) -> Iterator[Finding]:
    hosts = {portal.host for portal in draft.written}
    for host, file in sorted(draft.was_active.items()):
        if host not in hosts:
            message = f"{host} was listed and is gone; keep it with `status: retired`: someone else may own it one day"
            yield Finding(file, 1, "PC304", Severity.ERROR, message)


def _nested_mounts(draft: Draft) -> Iterator[Finding]:
    active = [portal for portal in draft.written if not portal.retired]
    by_mount = {(portal.host, portal.mount.casefold()): portal for portal in active}
    for inner in active:
        segments = inner.mount.casefold().split("/")[1:-1]
        for length in range(len(segments)):
            outer = by_mount.get((inner.host, "/".join(("", *segments[:length], ""))))
            if outer is not None and set(inner.entry.organizations).isdisjoint(outer.entry.organizations):
                message = f"is inside {outer.entry.url} of another organization; the longer mount wins"
                yield inner.advice("PC305", message, "url")


def _no_imitations(draft: Draft) -> Iterator[Finding]:
    """Listed hosts that we ourselves would accuse of imitation if they were not listed."""
    files = {file.content.domain: file for file in draft.portals}
    for file in draft.portals:
        for index, host in enumerate(file.content.resembles_ok):
            domain = draft.split_host(host).registrable_domain or host
            other = files.get(domain)
            if other is not None and file.content.domain not in other.content.resembles_ok:
                message = f"{other.path} does not name `{file.content.domain}`; a pair belongs in both files or neither"
                yield file.finding("PC401", Severity.ERROR, message, "resembles_ok", index)
    if draft.unread or run(LOAD_RULES, draft):
        return  # a list that does not load cannot be compared
    portals = {portal.host: portal for portal in reversed(draft.written)}
    for conflict in conflicts(allowlist_of(draft)):
        portal = portals[conflict.host]
        if conflict.kind in DANGER_CODES:
            message = f"imitates {conflict.imitates} ({conflict.technique}); if both are real, name the pair in"
            yield portal.error("PC401", f"{message} `resembles_ok` of both files", "url")
        else:
            yield portal.advice("PC401", f"resembles {conflict.imitates or 'others'} ({conflict.technique})", "url")


def _home(draft: Draft) -> Iterator[Finding]:
    """The portal to which people are sent who look for the operator."""
    for file, portals in groupby(draft.written, key=lambda portal: portal.file):
        active = [portal for portal in portals if not portal.retired]
        marked = [portal for portal in active if portal.entry.home]
        for portal in marked[1:]:
            yield portal.error("PC308", "a second `home`; an operator has one, so keep the right one", "home")
        own = any(file.content.operator in portal.entry.organizations for portal in active)
        for portal in marked:
            if own and not any(_bears(name, file.content.operator) for name in portal.entry.organizations):
                message = f"`home` of an affiliate, though another portal bears the name of {file.content.operator}"
                yield portal.error("PC308", f"{message}; take it out", "home")
        if len(active) > 1 and not (marked or own or file.content.shared):
            message = f"no portal here is {file.content.operator}'s own, so people are sent to none; if one is, mark it"
            yield file.finding("PC308", Severity.ADVICE, f"{message} with `home: true`", "operator")


def _bears(organization: str, operator: str) -> bool:
    """True for the operator's name, with or without a product's in brackets after it."""
    return organization == operator or organization.startswith(f"{operator} (")


# --- evidence and dates ------------------------------------------------------------------------


def _independent_evidence(draft: Draft) -> Iterator[Finding]:
    for portal in draft.written:
        hosts = {urlsplit(evidence.url).hostname for evidence in portal.evidence}
        if hosts == {portal.host} and not portal.retired:
            yield portal.advice(
                "PC501", "its only evidence is the portal itself; add a page that links to it", "evidence"
            )


def _due(draft: Draft) -> Iterator[Finding]:
    if draft.today is None or draft.policy is None:
        return
    policy = draft.policy.content
    lease = Lease(policy.review_after_days, policy.grace_days)
    for portal in draft.written:
        if portal.retired:
            continue
        day = _review_by(portal, lease)
        if day is None or draft.today <= day:
            continue
        what = "should be reviewed" if lease.runs(day, draft.today) else "no longer verifies"
        yield portal.advice("PC502", f"{what}: its review date was {day}; run `portalcheck allowlist confirm`", "url")


def _review_by(portal: Written, lease: Lease) -> date | None:
    if portal.review_by is not None:
        return day_of(portal.review_by, month_allowed=False)
    return leased_until(portal, lease)


# --- words -------------------------------------------------------------------------------------

_ADVICE_TO_PATIENTS = re.compile(
    r"(?<![\w-])(?:911|988|999|112)(?![\w-])|\b(?:call|dial|symptoms?|dosage|overdose|diagnosis|suicid\w*)\b",
    re.IGNORECASE,
)


def _no_medical_text(draft: Draft) -> Iterator[Finding]:
    for section, text, where in texts_of(draft):
        if _ADVICE_TO_PATIENTS.search(text):
            message = "an emergency number or medical text; such words belong in the guidance texts"
            yield section.error("PC602", message, *where)


_MORE: tuple[Rule, ...] = (
    Rule("PC104", "files are canonical", "Diffs then show facts only.", _canonical_files),
    Rule("PC206", "no redirectors and no platforms", "Anyone can make pages there.", _no_platforms),
    Rule("PC207", "no mixed scripts in a host", "Letters that look alike hide which domain is meant.", _plain_letters),
    Rule("PC208", "portals, not login pages", "People are sent to the portal's root.", _not_login_pages),
    Rule("PC304", "hosts are retired, not removed", "Someone else may own the name one day.", _no_silent_removal),
    Rule(
        "PC305", "nested mounts are intended (advice)", "The longer mount decides whose portal it is.", _nested_mounts
    ),
    Rule(
        "PC308",
        "one portal is the operator's own (advice)",
        "An affiliate's portal is the wrong place for others.",
        _home,
    ),
    Rule("PC401", "no imitations of listed hosts", "An imitation in the list would be verified.", _no_imitations),
    Rule("PC501", "evidence is independent (advice)", "A site's own word proves little.", _independent_evidence),
    Rule("PC502", "entries are confirmed in time (advice)", "No entry renews itself.", _due),
    Rule("PC602", "no medical text", "Emergency and medical words are reviewed elsewhere.", _no_medical_text),
)

RULES: tuple[Rule, ...] = tuple(sorted((*LOAD_RULES, *_MORE), key=lambda rule: rule.code))


def rules_page() -> str:
    """The text of ``allowlists/RULES.md``."""
    rows = (f"| {rule.code} | {rule.title} | {rule.why} |" for rule in RULES)
    return "\n".join(("# Rules of the list", "", _PREFACE, "", "| code | rule | why |", "|---|---|---|", *rows)) + "\n"


_PREFACE = """\
`portalcheck allowlist lint` checks them; each finding names the file and line, what is wrong and what to write. Rules
marked as advice never fail a run. This page is generated from the code by `portalcheck allowlist rules`."""
