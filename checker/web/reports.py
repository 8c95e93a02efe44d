"""Reports over HTTP: filing one, and how many wait. No other site may call these routes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from checker import service
from checker.answers import ReportedV1, ReportsSummaryV1
from checker.clock import today_utc
from checker.core.errors import ReportsUnavailable, UnreadableAddress
from checker.core.url import WebUrl
from checker.reports.report import Report, Summary, masked
from checker.web import openapi as api_docs
from checker.web.bodies import json_answer, json_body
from checker.web.metrics import Metrics
from checker.web.problems import ApiProblem
from checker.web.requests import ReportRequest, read_request

if TYPE_CHECKING:
    from checker.reports.store import ReportStore

__all__ = ["Reports", "reports_api"]

log = logging.getLogger("portalcheck.reports")

MAX_BODY = 64 * 1024
_MOST_AT_ONCE = 8
"""More reports than this wait for the database: it is too slow, and the next ones are told so at once."""
_FIRST_CLEANING_SECONDS = 10.0
"""After the start, so that the first questions do not wait for the database library."""
_DAY_SECONDS = 24 * 3600.0

Answer = TypeVar("Answer")


class Reports:
    """The store of reports for the event loop: the database is used in threads, a few at a time.

    The database library takes most of a second to import, so it is imported by the first who needs it.
    """

    def __init__(self, database_url: str, keep_days: int) -> None:
        self._url = database_url
        self._keep = timedelta(days=keep_days)
        self._store: ReportStore | None = None
        self._opening = Lock()
        self._at_once = 0

    async def file(self, report: Report) -> None:
        """Keep a report. Raises ReportsUnavailable when it was not kept."""
        await self._run(lambda store: store.add(report))

    async def summary(self) -> Summary:
        """How many reports are open. Raises ReportsUnavailable."""
        if self._nothing_filed():
            return Summary(0, None)
        return await self._run(lambda store: store.summary(today_utc()))

    async def clean(self) -> int:
        """Delete what is older than the days to keep; how many reports those were."""
        if self._nothing_filed():
            return 0
        return await self._run(lambda store: store.forget(today_utc() - self._keep))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Cleans soon after the start and daily, until the block ends."""
        task = asyncio.create_task(self._clean_daily())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            if self._store is not None:
                await asyncio.to_thread(self._store.dispose)

    async def _clean_daily(self) -> None:
        await asyncio.sleep(_FIRST_CLEANING_SECONDS)
        while True:
            try:
                gone = await self.clean()
            except ReportsUnavailable as error:
                log.error("old reports were not deleted: %s", error)
            else:
                log.info("%d old reports were deleted", gone)
            await asyncio.sleep(_DAY_SECONDS)

    def _nothing_filed(self) -> bool:
        """True for a SQLite file that nobody has needed yet."""
        kind, _, path = self._url.partition(":///")
        return kind == "sqlite" and not Path(path).exists()

    async def _run(self, use: Callable[[ReportStore], Answer]) -> Answer:
        if self._at_once >= _MOST_AT_ONCE:
            raise ReportsUnavailable("busy")
        self._at_once += 1
        try:
            return await asyncio.to_thread(lambda: use(self._opened()))
        finally:
            self._at_once -= 1

    def _opened(self) -> ReportStore:
        with self._opening:
            if self._store is None:
                from checker.reports.store import ReportStore

                self._store = ReportStore(self._url)
            return self._store


reports_api = APIRouter(prefix="/api/v1/reports", tags=["reports"])


@reports_api.post(
    "",
    summary="Tell the maintainers about an address",
    response_model=ReportedV1,
    responses=api_docs.problems(
        "unreadable-address",
        "several-addresses",
        "unclear-text",
        "address-too-long",
        "malformed-request",
        "body-too-large",
        "too-slow",
        "unsupported-media-type",
        "reports-unavailable",
    ),
    openapi_extra=api_docs.body(
        ReportRequest,
        missing={"kind": "missing", "address": "https://portal.example.org/"},
        everything={
            "kind": "looks-fake",
            "address": "https://mychart.cleve1andclinic.org/",
            "note": "It came by text message.",
            "verdict": "warning",
            "list_version": "3f1c9a5b2d7e",
        },
    ),
)
async def report(request: Request) -> Response:
    """Kept are the kind, the host, the day, the verdict and list version that were shown, and the masked note;
    nothing about who asks. The same report again raises a count. A report never changes a verdict."""
    asked = read_request(await json_body(request.scope, request.receive, MAX_BODY), ReportRequest)
    answers: service.Service = request.app.state.service
    today = today_utc()
    try:
        address = answers.checker.check(asked.address, today=today).address
    except UnreadableAddress as error:
        found = answers.renderer.problem(error, "en")
        raise ApiProblem(found.code, found.message) from None
    if not isinstance(address, WebUrl):
        raise ApiProblem("unreadable-address")
    reports: Reports = request.app.state.reports
    metrics: Metrics = request.app.state.metrics
    try:
        await reports.file(
            Report(
                asked.kind,
                address.host,
                today,
                asked.verdict or "",
                asked.list_version or "",
                masked(asked.note or ""),
            )
        )
    except ReportsUnavailable as error:
        metrics.report(kept=False)
        log.error("a report was not kept: %s", error)
        raise ApiProblem("reports-unavailable") from None
    metrics.report(kept=True)
    return json_answer(ReportedV1(1, "kept"))


@reports_api.get(
    "/summary",
    summary="How many reports wait",
    response_model=ReportsSummaryV1,
    responses=api_docs.problems("reports-unavailable"),
)
async def summary(request: Request) -> Response:
    """Open reports and the median of their ages; no address, no host."""
    reports: Reports = request.app.state.reports
    try:
        found = await reports.summary()
    except ReportsUnavailable as error:
        log.error("reports could not be counted: %s", error)
        raise ApiProblem("reports-unavailable") from None
    return json_answer(ReportsSummaryV1(1, found.open, found.median_age))
