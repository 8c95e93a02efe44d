"""What is wrong in the list: a published code, the file and line, what is wrong and what to write.

Codes are stable, so that they can be looked up in ``allowlists/RULES.md`` and cited in a review.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["Finding", "Severity"]


class Severity(StrEnum):
    """*error* stops a load or a merge; *advice* never does (a calendar must not turn CI red)."""

    ERROR = "error"
    ADVICE = "advice"


class Finding(NamedTuple):
    """One thing to repair, in the order people look for it: file, line, code."""

    file: str
    line: int
    code: str
    severity: Severity
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message} [{self.code}]"
