"""Reports over HTTP: filing one, and how many are open. Other sites cannot call these routes."""

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

from checker.answers import ReportedV1, ReportsSummaryV1
from checker.clock import Clock, today_utc
from checker.core.errors import ReportsUnavailable, UnreadableAddress
from checker.core.url import WebUrl
from checker.reports.report import Report, Summary, masked
from checker.web import openapi as api_docs
from checker.web.bodies import json_answer, json_body
from checker.web.problems import ApiProblem
from checker.web.requests import ReportRequest, read_request
from checker.web.routes import REPORTS, REPORTS_SUMMARY
from checker.web.state import state_of

if TYPE_CHECKING:
    from checker.reports.store import ReportStore

__all__ = ["Reports", "reports_api"]

log = logging.getLogger("portalcheck.reports")

MAX_BODY = 64 * 1024
_MAX_IN_PROGRESS = 8
"""With this many reports waiting for the database it is too slow, and further ones are refused at once."""
_FIRST_CLEANING_SECONDS = 10.0
"""The delay after startup, so that the first checks do not wait for the import of the database library."""
_DAY_SECONDS = 24 * 3600.0

Answer = TypeVar("Answer")


class Reports:
    """The store of reports for use from the event loop: the database runs in threads, a few at a time.

    The database library takes most of a second to import, so it is imported on first use.
    """

    def __init__(self, database_url: str, keep_days: int, *, clock: Clock = today_utc) -> None:
        self._url = database_url
        self._keep = timedelta(days=keep_days)
        self._clock = clock
        self._store: ReportStore | None = None
        self._opening = Lock()
        self._in_progress = 0

    async def file(self, report: Report) -> None:
        """Keep a report. Raises ReportsUnavailable if it was not kept."""
        await self._run(lambda store: store.add(report))

    async def summary(self) -> Summary:
        """How many reports are open. Raises ReportsUnavailable."""
        if self._is_unused():
            return Summary(0, None)
        return await self._run(lambda store: store.summary(self._clock()))

    async def clean(self) -> int:
        """Delete the reports older than ``keep_days``, and return how many. Raises ReportsUnavailable."""
        if self._is_unused():
            return 0
        return await self._run(lambda store: store.forget(self._clock() - self._keep))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Cleans soon after startup and then daily, until the block ends."""
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
                deleted = await self.clean()
            except ReportsUnavailable as error:
                log.error("old reports were not deleted: %s", error)
            else:
                log.info("%d old reports were deleted", deleted)
            await asyncio.sleep(_DAY_SECONDS)

    def _is_unused(self) -> bool:
        """True for a SQLite file that does not exist yet."""
        kind, _, path = self._url.partition(":///")
        return kind == "sqlite" and not Path(path).exists()

    async def _run(self, use: Callable[[ReportStore], Answer]) -> Answer:
        if self._in_progress >= _MAX_IN_PROGRESS:
            raise ReportsUnavailable("busy")
        self._in_progress += 1
        try:
            return await asyncio.to_thread(lambda: use(self._open()))
        finally:
            self._in_progress -= 1

    def _open(self) -> ReportStore:
        with self._opening:
            if self._store is None:
                from checker.reports.store import ReportStore

                self._store = ReportStore(self._url)
            return self._store


reports_api = APIRouter(tags=["reports"])


@reports_api.post(
    REPORTS.path,
    summary="Report an address to the maintainers",
    response_model=ReportedV1,
    responses=api_docs.problems(
        REPORTS,
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
    """Keeps the kind, the host, the day, the verdict and list version that were shown, and the masked note; nothing
    about who reports. The same report again raises a count. A report never changes a verdict."""
    body = read_request(await json_body(request.scope, request.receive, MAX_BODY), ReportRequest)
    state = state_of(request.app)
    service = state.service
    try:
        result = service.check(body.address)
    except UnreadableAddress as error:
        problem = service.renderer.problem(error, "en")
        raise ApiProblem(problem.code, problem.message) from None
    if not isinstance(result.address, WebUrl):
        raise ApiProblem("unreadable-address")
    try:
        await state.reports.file(
            Report(
                body.kind,
                result.address.host,
                result.today,
                body.verdict or "",
                body.list_version or "",
                masked(body.note or ""),
            )
        )
    except ReportsUnavailable as error:
        state.metrics.count_report(kept=False)
        log.error("a report was not kept: %s", error)
        raise ApiProblem("reports-unavailable") from None
    state.metrics.count_report(kept=True)
    return json_answer(ReportedV1(1, "kept"))


@reports_api.get(
    REPORTS_SUMMARY.path,
    summary="How many reports are open",
    response_model=ReportsSummaryV1,
    responses=api_docs.problems(REPORTS_SUMMARY, "reports-unavailable"),
)
async def summary(request: Request) -> Response:
    """The number of open reports and the median of their ages; no address, no host."""
    try:
        waiting = await state_of(request.app).reports.summary()
    except ReportsUnavailable as error:
        log.error("reports could not be counted: %s", error)
        raise ApiProblem("reports-unavailable") from None
    return json_answer(ReportsSummaryV1(1, waiting.open, waiting.median_age))
