"""How long a list entry remains valid, with all the date arithmetic for it (docs/design.md, section 7).

A lease runs from the first day of the newest evidence to the review date, and then through a grace period during
which the entry still verifies. Days are calendar days in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["Lease", "first_day"]

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def first_day(written: str) -> date:
    """The day that ``2026-10`` or ``2026-10-05`` counts from; a month counts from its first day.

    Raises ValueError for any other form, an impossible day, or a year outside this century.
    """
    if _MONTH.match(written):
        written += "-01"
    if _DAY.match(written) is None:
        raise ValueError("neither a month nor a day")
    day = date.fromisoformat(written)
    if not 2000 <= day.year < 2100:
        raise ValueError("not a year of this century")
    return day


@dataclass(frozen=True, slots=True)
class Lease:
    """The list's policy in days: until a review is due, and the grace period after that."""

    review_after_days: int = 365
    grace_days: int = 90

    def review_by(self, seen: Iterable[date]) -> date:
        """The day by which somebody has to confirm an entry again. Raises ValueError if there is no evidence."""
        return max(seen) + timedelta(days=self.review_after_days)

    def last_day(self, review_by: date) -> date:
        """The last day on which the entry verifies, grace period included."""
        return review_by + timedelta(days=self.grace_days)

    def runs(self, review_by: date, today: date) -> bool:
        """True while the entry verifies."""
        return today <= review_by or today <= self.last_day(review_by)
