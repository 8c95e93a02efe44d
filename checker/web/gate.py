"""Who is let in: not those who ask too often, and not more at once than can be served.

An answer that comes too late is no answer, so over capacity a request is refused at once rather
than kept waiting.
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

__all__ = ["Gate", "Refuse"]

_FREE = frozenset({"/healthz", "/readyz", "/metrics"})
"""An operator has to see how it goes most of all when it is full."""
_BUSY_SECONDS = 1

Refuse = Callable[[Request, ApiProblem, Mapping[str, str] | None], Response]
"""Words a refusal; the mapping is its extra headers."""


class Gate:
    """Counts a request against its limits, and those that are in progress. ``refuse`` words the refusal."""

    def __init__(
        self,
        app: ASGIApp,
        limits: RateLimits,
        trusted: tuple[Network, ...],
        most_at_once: int,
        metrics: Metrics,
        refuse: Refuse,
    ) -> None:
        self._app = app
        self._limits = limits
        self._trusted = trusted
        self._most = most_at_once
        self._metrics = metrics
        self._refuse = refuse
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _FREE:
            await self._app(scope, receive, send)
            return
        if self._inside >= self._most:
            self._metrics.refused("capacity")
            await self._answer(scope, receive, send, "overloaded", _BUSY_SECONDS)
            return
        self._inside += 1
        try:
            client = client_of(scope, self._trusted)
            counted = self._limits.count(client)
            reached = await self._limits.wait_for(client, scope["method"], scope["path"]) if counted else None
            if reached is None:
                await self._app(scope, receive, send)
            else:
                limit, seconds = reached
                self._metrics.refused(limit)
                await self._answer(scope, receive, send, "rate-limited", seconds)
        finally:
            self._inside -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send, code: str, seconds: int) -> None:
        response = self._refuse(Request(scope), ApiProblem(code), {"retry-after": str(seconds)})
        await response(scope, receive, send)
