"""Guidance: where to go for a task, and which link leads there. The sentences are in ``texts/``.

The tasks are those of an information-only guide to portals; none of them involves medical advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from checker.core.allowlist import Allowlist, Match
from checker.core.known import MAX_ROUTE_SEGMENTS, Vendor
from checker.core.url import WebUrl
from checker.core.verdict import Judgement, Official

__all__ = ["Guidance", "Task", "for_task", "task_of"]

ANY_VENDOR = "any"
"""Id of the vendor file whose path segments apply to every portal."""


class Task(StrEnum):
    """What a person wants to do."""

    LOG_IN = "log-in"
    FORGOT_CREDENTIALS = "forgot-credentials"
    PAY_BILL = "pay-bill"
    TEST_RESULTS = "test-results"
    REQUEST_REFILL = "request-refill"
    EMERGENCY = "emergency"
    APPOINTMENTS = "appointments"
    MESSAGES = "messages"
    RECORDS = "records"


class Guidance(NamedTuple):
    """The task, and the link that leads to the right place for it, if known."""

    task: Task
    link: Official | None = None


def task_of(url: WebUrl, match: Match | None, vendors: Mapping[str, Vendor]) -> Task:
    """The task that an official portal's page is for; ``log-in`` if its path does not tell.

    The longest of the vendor's routes that fits after the mount counts first, then any single known segment.
    """
    if match is None or not match.is_active:
        return Task.LOG_IN
    # If a mount matched, the path begins with it, whatever the case of its letters.
    rest = url.path[len(match.site.mount) :] if match.mounted else url.path
    if not rest:
        return Task.LOG_IN
    segments = tuple(rest.strip("/").casefold().split("/"))
    vendor = vendors.get(match.site.vendor or "")
    if vendor is not None:
        for length in range(min(len(segments), MAX_ROUTE_SEGMENTS), 0, -1):
            task = vendor.routes.get(segments[:length])
            if task is not None:
                return Task(task)
    common = vendors.get(ANY_VENDOR)
    if common is not None:
        for segment in segments:
            if segment in common.segments:
                return Task(common.segments[segment])
    return Task.LOG_IN


def for_task(task: Task, judgement: Judgement, match: Match | None, allowlist: Allowlist, today: date) -> Guidance:
    """The guidance for ``task`` after this judgement.

    An emergency gets no link, because nobody should lose time on a portal then. A portal's page for a task may
    be on another of its operator's hosts, which has its own lease.
    """
    if task is Task.EMERGENCY:
        return Guidance(task)
    if judgement.is_verified and match is not None:
        link = match.site.links.get(task)
        if link is None or not allowlist.hands_out(link, today):
            link = match.url
        return Guidance(task, Official(match.name, link))
    return Guidance(task, judgement.official)
