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

_TOO_MANY = "You have too many requests in progress. Wait for some of their answers."

Refuse = Callable[[Request, ApiProblem, Mapping[str, str] | None], Response]
"""Makes the response for a problem, a document or a page; the mapping is its extra headers."""


class Gate:
    """Counts requests against the rate limits, and those in progress against two caps: one for all clients, and a
    lower one for each, so that nobody's slow requests take all the places.

    Probes stay reachable under overload.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: RateLimits,
        trusted_proxies: tuple[Network, ...],
        most_at_once: int,
        most_per_client: int,
        metrics: Metrics,
        refuse: Refuse,
    ) -> None:
        self._app = app
        self._limits = limits
        self._trusted_proxies = trusted_proxies
        self._most_at_once = most_at_once
        self._most_per_client = most_per_client
        self._metrics = metrics
        self._refuse = refuse
        self._total = 0
        """How many requests are in progress."""
        self._in_progress: dict[bytes, int] = {}
        """How many of them each client has, by its address; only clients that have one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = route_of(scope["path"])
        if route.probe:
            await self._app(scope, receive, send)
            return
        if self._total >= self._most_at_once:
            self._metrics.count_refused("capacity")
            await self._answer(scope, receive, send, ApiProblem("overloaded"), _OVERLOADED_SECONDS)
            return
        client = client_of(scope, self._trusted_proxies)
        in_progress = self._in_progress.get(client.address, 0)
        if in_progress >= self._most_per_client:
            self._metrics.count_refused("concurrency")
            await self._answer(scope, receive, send, ApiProblem("rate-limited", _TOO_MANY), _OVERLOADED_SECONDS)
            return
        self._total += 1
        self._in_progress[client.address] = in_progress + 1
        try:
            limited = None if client.is_local else client.address
            may_exceed = self._limits.may_limit(limited)
            exceeded = await self._limits.exceeded(limited, scope["method"], route) if may_exceed else None
            if exceeded is None:
                await self._app(scope, receive, send)
            else:
                limit, seconds = exceeded
                self._metrics.count_refused(limit)
                await self._answer(scope, receive, send, ApiProblem("rate-limited"), seconds)
        finally:
            self._total -= 1
            if self._in_progress[client.address] == 1:
                del self._in_progress[client.address]
            else:
                self._in_progress[client.address] -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send, problem: ApiProblem, retry_after: int) -> None:
        response = self._refuse(Request(scope), problem, {"retry-after": str(retry_after)})
        await response(scope, receive, send)
