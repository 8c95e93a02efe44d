"""What people report: a wrong or missing entry, a false alarm, a site that looks fake.

A report never changes a verdict; a maintainer reads it. What is kept is listed in docs/data.md:
nothing tells who reported, and a note loses what could.
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
"""Characters of a note that are kept."""
MAX_NOTE_TYPED = 2000
"""Characters of a note that are read."""


class ReportKind(StrEnum):
    """What a person wants to tell."""

    MISSING = "missing"
    WRONG_ENTRY = "wrong-entry"
    FALSE_ALARM = "false-alarm"
    LOOKS_FAKE = "looks-fake"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """One report, all of it. ``verdict`` and ``list_version`` are what the person was shown, and
    empty when not told; ``note`` is masked and empty when there is none."""

    kind: ReportKind
    host: str
    day: date
    verdict: Literal["", "verified", "warning"] = ""
    list_version: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Open reports, each counted once however many people filed it, and the median of their ages in days."""

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
"""In this order: a link may hold an e-mail address, and both may hold numbers. Five digits are enough to be told
apart from a year; phone, member and record numbers and dates of birth have more."""


def masked(note: str) -> str:
    """The note in one line without links, e-mail addresses and long numbers, cut to ``MAX_NOTE``."""
    text = unicodedata.normalize("NFKC", note)
    text = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text[:MAX_NOTE_TYPED])
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return " ".join(text.split())[:MAX_NOTE].rstrip()


def median_age(open_by_day: list[tuple[date, int]], today: date) -> float | None:
    """The median age in days of reports, given how many of each day; None when there is none."""
    ages = sorted(((today - day).days, count) for day, count in open_by_day)
    total = sum(count for _, count in ages)
    if not total:
        return None
    return (_at(ages, (total - 1) // 2) + _at(ages, total // 2)) / 2


def _at(ages: list[tuple[int, int]], place: int) -> int:
    """The age at this place in the sorted row of all reports."""
    for age, count in ages:
        place -= count
        if place < 0:
            return age
    raise IndexError(place)
