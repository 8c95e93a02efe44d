"""The rules about what evidence can carry: the date of a page, and how far a review may be put off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from checker.core.lease import Lease, first_day
from checker.lists.draft import Draft, Written, sections_of
from checker.lists.findings import Finding, Severity
from checker.lists.format import EvidenceEntry
from checker.lists.owners import AnyFile, evidence_of

__all__ = ["day_of", "leased_until", "one_date", "review_in_time"]


def day_of(text: str, *, month_allowed: bool) -> date | None:
    """The day that a written date counts from, or None if it is malformed or impossible."""
    if not month_allowed and len(text) == len("2026-10"):
        return None
    try:
        return first_day(text)
    except ValueError:
        return None


def one_date(draft: Draft) -> Iterator[Finding]:
    """A page that bears an older date somewhere in the list is not of unknown age elsewhere."""
    dates: dict[str, tuple[str, str]] = {}
    every = list(_evidence(draft))
    for entry, place, _ in every:
        if entry.age is None:
            dates[entry.url] = max(dates.get(entry.url, ("", "")), (entry.seen, place))
    for entry, _, error in every:
        seen, place = dates.get(entry.url, ("9999", ""))
        if entry.age is not None and seen < entry.seen:
            yield error(f"{place} says that this page is of {seen}; write that date, without `age`")


def _evidence(draft: Draft) -> Iterator[tuple[EvidenceEntry, str, Callable[[str], Finding]]]:
    """Every piece of evidence, its file and line, and how to report it."""
    for section in sections_of(draft):
        for index, entry in enumerate(section.content.evidence):
            yield _reported(section.file, entry, (*section.path, "evidence", index))
    for file, entry, where in evidence_of(draft):
        yield _reported(file, entry, where)


def _reported(
    file: AnyFile, entry: EvidenceEntry, where: tuple[str | int, ...]
) -> tuple[EvidenceEntry, str, Callable[[str], Finding]]:
    place = f"{file.path}:{file.document.line(*where)}"
    return entry, place, lambda message: file.finding("PC504", Severity.ERROR, message, *where, "age")


def review_in_time(draft: Draft) -> Iterator[Finding]:
    """An entry's own review date is at most the policy's grace later than its evidence allows: who needs longer has to
    look again, and then has newer evidence."""
    if draft.policy is None:
        return
    policy = draft.policy.content
    lease = Lease(policy.review_after_days, policy.grace_days)
    for portal in draft.written:
        written = day_of(portal.review_by or "", month_allowed=False)
        allowed = leased_until(portal, lease)
        if written is None or allowed is None or portal.retired:
            continue
        last = allowed + timedelta(days=policy.grace_days)
        if written > last:
            message = f"its evidence allows no review later than {last}; write an earlier day, or add newer evidence"
            yield portal.error("PC505", message, *(("review_by",) if portal.entry.review_by else ()))


def leased_until(portal: Written, lease: Lease) -> date | None:
    """The day by which the evidence alone asks for a review; None without any that has a date."""
    seen = [(day, e.age is None) for e in portal.evidence if (day := day_of(e.seen, month_allowed=True)) is not None]
    return lease.review_by(seen) if seen else None
