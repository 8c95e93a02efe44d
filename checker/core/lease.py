"""How long a list entry remains valid, with all the date arithmetic for it (docs/design.md, section 7).

A lease runs from the first day of the newest evidence to the review date, and then through a grace period during
which the entry still verifies. Evidence of unknown age, such as an archived copy without a date, gives a shorter lease
from the day it was read. Days are calendar days in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

__all__ = ["UNKNOWN_AGE_DAYS", "Lease", "first_day"]

UNKNOWN_AGE_DAYS = 90
"""The longest lease from evidence of unknown age, in days from the day it was read: what it says may be long past."""

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

    def review_by(self, evidence: Iterable[tuple[date, bool]]) -> date:
        """The day by which somebody has to confirm an entry again: the latest that a piece of evidence gives.

        ``evidence``: the first day of each piece, and whether its age is known. Raises ValueError if there is none.
        """
        return max(day + timedelta(days=self._days(age_known)) for day, age_known in evidence)

    def _days(self, age_known: bool) -> int:
        return self.review_after_days if age_known else min(self.review_after_days, UNKNOWN_AGE_DAYS)

    def last_day(self, review_by: date) -> date:
        """The last day on which the entry verifies, grace period included."""
        return review_by + timedelta(days=self.grace_days)

    def runs(self, review_by: date, today: date) -> bool:
        """True while the entry verifies."""
        return today <= review_by or today <= self.last_day(review_by)
