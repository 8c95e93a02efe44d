"""Findings: what is wrong in the list, where, and what to write instead.

Their codes are published and stable, so that they can be looked up in ``allowlists/RULES.md`` and cited in reviews.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["Finding", "Severity"]


class Severity(StrEnum):
    """An *error* stops a load or a merge; *advice* never does, because the calendar must not turn CI red."""

    ERROR = "error"
    ADVICE = "advice"


class Finding(NamedTuple):
    """One thing to fix. Findings sort by file, line and code, the order in which people look for them."""

    file: str
    line: int
    code: str
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} [{self.code}]"
