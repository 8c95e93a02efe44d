"""The published answers, and how they are written as JSON.

They are frozen dataclasses; those of a check come from ``core/render.py``. The command line and the web service
write them with the same function, so their bytes are equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from checker.core.render import AllowlistV1, EmergencyV1, ErrorV1, NoteV1, ResultV1, StepsV1, TasksV1
from checker.finder import Found

__all__ = [
    "BatchErrorV1",
    "BatchV1",
    "ErrorLineV1",
    "HealthV1",
    "MessageErrorV1",
    "MessageLinkV1",
    "MessageV1",
    "PortalsV1",
    "ReadyV1",
    "ReportedV1",
    "ReportsSummaryV1",
    "to_json",
]


@dataclass(frozen=True, slots=True)
class ReportedV1:
    """The report was stored."""

    version: Literal[1]
    status: Literal["kept"]


@dataclass(frozen=True, slots=True)
class ReportsSummaryV1:
    """The number of open reports, and the median of their ages in days; null when none is open."""

    version: Literal[1]
    open: int
    median_age_days: float | None


@dataclass(frozen=True, slots=True)
class BatchErrorV1:
    """Takes the place of a result in a batch, for a text that does not hold exactly one address."""

    error: ErrorV1


@dataclass(frozen=True, slots=True)
class BatchV1:
    """The answers to a batch, in the order of the addresses."""

    version: Literal[1]
    results: tuple[ResultV1 | BatchErrorV1, ...]


@dataclass(frozen=True, slots=True)
class ErrorLineV1:
    """Takes the place of a result in the command line's output, for a text that does not hold exactly one address."""

    version: Literal[1]
    error: ErrorV1


@dataclass(frozen=True, slots=True)
class PortalsV1:
    """Official portals found by name, best first, and websites of organizations that we know without a portal."""

    version: Literal[1]
    portals: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class MessageLinkV1:
    """All links of a message to one host. ``shown``: the host that their words show, if any. ``mismatch``: whether that
    is another site than the one they open. ``count``: how many they are. ``result``: the worst answer for them."""

    shown: str | None
    mismatch: bool
    count: int
    result: ResultV1


@dataclass(frozen=True, slots=True)
class MessageErrorV1:
    """Takes the place of the above for links whose address cannot be read."""

    shown: str | None
    mismatch: bool
    count: int
    error: ErrorV1


@dataclass(frozen=True, slots=True)
class MessageV1:
    """The answer for a message. ``links``: the worst one first. ``portals``: what the finder has if the text is a name.
    ``urgent``: whether it has words of an emergency."""

    version: Literal[1]
    verdict: Literal["verified", "warning", "none"]
    level: Literal["caution", "danger"] | None
    headline: str
    source: Literal["links", "text", "html"]
    links: tuple[MessageLinkV1 | MessageErrorV1, ...]
    portals: tuple[Found, ...]
    urgent: bool
    notes: tuple[NoteV1, ...]
    if_entered: StepsV1 | None
    emergency: EmergencyV1
    disclaimer: str
    allowlist: AllowlistV1


@dataclass(frozen=True, slots=True)
class HealthV1:
    """The process is running."""

    status: Literal["ok"]


@dataclass(frozen=True, slots=True)
class ReadyV1:
    """The service has a list and answers from it; ``allowlist`` is the list's version.

    ``stale``: it still answers from an older list, because the newest files were refused; ``reason`` says why, by
    file and line.
    """

    status: Literal["ready", "stale"]
    allowlist: str
    reason: str | None


_ANSWERS: Mapping[type, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind)
    for kind in (
        ResultV1,
        BatchV1,
        ErrorLineV1,
        MessageV1,
        PortalsV1,
        TasksV1,
        AllowlistV1,
        HealthV1,
        ReadyV1,
        ReportedV1,
        ReportsSummaryV1,
    )
}


def to_json(answer: object) -> bytes:
    """An answer as JSON in UTF-8, on one line."""
    return _ANSWERS[type(answer)].dump_json(answer)
