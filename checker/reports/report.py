"""What people report: a wrong or missing entry, a false alarm, a site that looks fake.

A report never changes a verdict; a maintainer reads it. docs/data.md lists everything that is kept: nothing says who
reported, and anything in a note that could is masked.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

__all__ = ["MAX_NOTE", "MAX_NOTE_TYPED", "Report", "ReportKind", "Summary", "masked", "median_age"]

MAX_NOTE = 500
"""Longest note that is kept, in characters."""
MAX_NOTE_TYPED = 2000
"""Longest note that is read, in characters."""


class ReportKind(StrEnum):
    """What a report is about."""

    MISSING = "missing"
    WRONG_ENTRY = "wrong-entry"
    FALSE_ALARM = "false-alarm"
    LOOKS_FAKE = "looks-fake"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything in one report. ``verdict`` and ``list_version`` are what the person was shown, empty if unknown;
    ``note`` is masked, and empty if there is none."""

    kind: ReportKind
    host: str
    day: date
    verdict: Literal["", "verified", "warning"] = ""
    list_version: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many reports are open, each counted once however many people filed it, and their median age in days."""

    open: int
    median_age: float | None


_MASKS = (
    (
        re.compile(
            r"\b(?:[a-z][a-z0-9+.-]{1,15}\s?:\s?[/\\]{1,2}|www\.)\S*|\b[\w-]+(?:(?:\.|\[\.\])[\w-]+)+[/?#]\S*", re.I
        ),
        "[link]",
    ),
    (re.compile(r"[^\s@]*\s{0,2}(?:@|[(\[]\s?at\s?[)\]])\s{0,2}[^\s@]*", re.I), " [e-mail]"),
    (re.compile(r"\d(?:[\s()./–-]{0,2}\d){4,}"), "[number]"),
)
"""Applied in this order, because a link may contain an e-mail address and both may contain numbers. A number is masked
from five digits on: years have four, while phone, member and record numbers and dates of birth have more."""


def masked(note: str) -> str:
    """The note on one line, with links, e-mail addresses and long numbers masked, cut to ``MAX_NOTE``."""
    text = unicodedata.normalize("NFKC", note)
    text = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text[:MAX_NOTE_TYPED])
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return " ".join(text.split())[:MAX_NOTE].rstrip()


def median_age(open_by_day: list[tuple[date, int]], today: date) -> float | None:
    """The median age of reports in days, given the number of reports for each day; None if there are none."""
    ages = sorted(((today - day).days, count) for day, count in open_by_day)
    total = sum(count for _, count in ages)
    if not total:
        return None
    return (_at(ages, (total - 1) // 2) + _at(ages, total // 2)) / 2


def _at(ages: list[tuple[int, int]], place: int) -> int:
    """The age of the report at this place, all reports being sorted by age."""
    for age, count in ages:
        place -= count
        if place < 0:
            return age
    raise IndexError(place)
