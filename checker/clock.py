"""The one clock: what day it is, for everything that depends on a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

__all__ = ["Clock", "today_utc"]

Clock = Callable[[], date]
"""Tells today's date. It is passed in wherever a day matters, so that a test can say what day it is."""


def today_utc() -> date:
    """Today in UTC: the same for every replica, wherever it runs."""
    return datetime.now(UTC).date()
