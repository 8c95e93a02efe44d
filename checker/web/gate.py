"""Admission control: rate limits and a concurrency cap.

A late answer is useless, so a request over capacity is refused at once instead of queued.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from checker.settings import Network
from checker.web.clients import client_of
from checker.web.metrics import Metrics
from checker.web.problems import ApiProblem
from checker.web.rate_limits import RateLimits
from checker.web.routes import route_of

__all__ = ["Gate", "Refuse"]

_OVERLOADED_SECONDS = 1
"""When a client that was refused over capacity may try again."""

Refuse = Callable[[Request, ApiProblem, Mapping[str, str] | None], Response]
"""Makes the response for a problem, a document or a page; the mapping is its extra headers."""


class Gate:
    """Counts requests against the rate limits, and those in progress against the cap.

    Probes stay reachable under overload.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: RateLimits,
        trusted_proxies: tuple[Network, ...],
        max_in_progress: int,
        metrics: Metrics,
        refuse: Refuse,
    ) -> None:
        self._app = app
        self._limits = limits
        self._trusted_proxies = trusted_proxies
        self._max_in_progress = max_in_progress
        self._metrics = metrics
        self._refuse = refuse
        self._in_progress = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (route := route_of(scope["path"])).probe:
            await self._app(scope, receive, send)
            return
        if self._in_progress >= self._max_in_progress:
            self._metrics.count_refused("capacity")
            await self._answer(scope, receive, send, "overloaded", _OVERLOADED_SECONDS)
            return
        self._in_progress += 1
        try:
            client = client_of(scope, self._trusted_proxies)
            limited = self._limits.may_limit(client)
            exceeded = await self._limits.exceeded(client, scope["method"], route) if limited else None
            if exceeded is None:
                await self._app(scope, receive, send)
            else:
                limit, seconds = exceeded
                self._metrics.count_refused(limit)
                await self._answer(scope, receive, send, "rate-limited", seconds)
        finally:
            self._in_progress -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send, code: str, retry_after: int) -> None:
        response = self._refuse(Request(scope), ApiProblem(code), {"retry-after": str(retry_after)})
        await response(scope, receive, send)
