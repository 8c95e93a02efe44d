"""The one clock: today's date, for everything that depends on a day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

__all__ = ["Clock", "FixedDay", "today_utc"]

Clock = Callable[[], date]
"""Returns today's date. It is passed in wherever a day matters, so that a test can choose the day."""


def today_utc() -> date:
    """Today in UTC, so that every replica agrees, wherever it runs."""
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class FixedDay:
    """A clock that always returns one day, for a command that must not change its mind at midnight."""

    day: date

    def __call__(self) -> date:
        return self.day
