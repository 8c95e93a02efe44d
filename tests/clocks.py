"""A clock for tests that change the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass
class SettableClock:
    """Returns ``day``, which a test may set."""

    day: date

    def __call__(self) -> date:
        return self.day
