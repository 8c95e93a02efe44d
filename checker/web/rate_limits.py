"""Rate limits: per client, per client for reports, and for all clients together.

All that is kept of a client is a hash of its address with a random salt that lives for a day, in this process or,
for replicas, in Redis. Without Redis nobody is refused: checks matter more than limits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from hashlib import blake2b
from math import ceil
from secrets import token_hex
from time import monotonic, time
from typing import Any, Protocol

import limits
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter as LocalWindow

from checker.clock import Clock, today_utc
from checker.web.routes import Route

__all__ = ["RateLimits"]

log = logging.getLogger("portalcheck.limits")

_REDIS_SECONDS = 0.25
_REDIS_PAUSE_SECONDS = 5.0
"""After a failure Redis is left alone for this long, so that requests do not wait for it one by one."""
_DAY_SECONDS = 24 * 3600


class _CountersUnavailable(Exception):
    """The counters cannot be reached; the message is the type of the fault."""


class _Counters(Protocol):
    """Counts hits, and keeps the salt of the day. Raises _CountersUnavailable."""

    async def salt(self, day: date) -> str: ...

    async def hit(self, limit: limits.RateLimitItem, key: str, cost: int) -> float | None:
        """None if the limit allows it; otherwise the end of the limit's window, in seconds since 1970."""

    async def close(self) -> None: ...


class _LocalCounters:
    """Counters of this process."""

    def __init__(self) -> None:
        self._window = LocalWindow(MemoryStorage())
        self._salt = (date.min, "")

    async def salt(self, day: date) -> str:
        if self._salt[0] != day:
            self._salt = (day, token_hex())
        return self._salt[1]

    async def hit(self, limit: limits.RateLimitItem, key: str, cost: int) -> float | None:
        if self._window.hit(limit, key, cost=cost):
            return None
        return self._window.get_window_stats(limit, key).reset_time

    async def close(self) -> None:
        pass  # nothing is open


class _SharedCounters:
    """Counters of all replicas, in Redis. Its library is slow to import, so it is imported only here."""

    def __init__(self, url: str) -> None:
        from limits.aio.storage import RedisStorage
        from limits.aio.strategies import FixedWindowRateLimiter as SharedWindow
        from redis.asyncio import Redis
        from redis.exceptions import RedisError

        self._faults = (StorageError, RedisError, OSError)
        self._redis = Redis.from_url(
            url.removeprefix("redis+"), socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS
        )
        shared: dict[str, Any] = {"connection_pool": self._redis.connection_pool}
        self._window = SharedWindow(
            RedisStorage(
                f"async+{url}", wrap_exceptions=True, implementation="redispy", key_prefix="portalcheck", **shared
            )
        )
        self._salt = (date.min, "")

    async def salt(self, day: date) -> str:
        if self._salt[0] != day:
            key = f"portalcheck:salt:{day}"
            try:
                await self._redis.set(key, token_hex(), nx=True, ex=_DAY_SECONDS)
                salt = await self._redis.get(key)
            except self._faults as error:
                raise _CountersUnavailable(type(error).__name__) from None
            if not isinstance(salt, bytes):
                raise _CountersUnavailable("NoSalt")  # Redis was emptied in between; nothing is counted without a salt
            self._salt = (day, salt.decode())
        return self._salt[1]

    async def hit(self, limit: limits.RateLimitItem, key: str, cost: int) -> float | None:
        try:
            if await self._window.hit(limit, key, cost=cost):
                return None
            return (await self._window.get_window_stats(limit, key)).reset_time
        except self._faults as error:
            raise _CountersUnavailable(type(error).__name__) from None

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)


class RateLimits:
    """Decides whether a request may pass. Each limit is a text such as ``600/minute``, or empty for none.

    ``on_failure`` is called for each request that passes because the counters cannot be reached.
    """

    def __init__(
        self,
        url: str,
        *,
        per_client: str,
        reports: str,
        everyone: str,
        on_failure: Callable[[], None] = lambda: None,
        clock: Clock = today_utc,
    ) -> None:
        self._per_client = limits.parse(per_client) if per_client else None
        self._reports = limits.parse(reports) if reports else None
        self._everyone = limits.parse(everyone) if everyone else None
        self._counters: _Counters = _SharedCounters(url) if url else _LocalCounters()
        self._on_failure = on_failure
        self._clock = clock
        self._pause_until = 0.0

    def may_limit(self, client: bytes | None) -> bool:
        """False if no limit applies to this client, so that there is nothing to await."""
        return client is not None or self._everyone is not None

    async def exceeded(self, client: bytes | None, method: str, route: Route) -> tuple[str, int] | None:
        """None if the request may pass; otherwise which limit it exceeds and in how many seconds to try again.

        The limits are ``client``, ``reports`` and ``everyone``. A client of None is not limited by itself.
        """
        if not route.cost:
            return None
        if monotonic() < self._pause_until:
            self._on_failure()
            return None
        try:
            return await self._first_exceeded(client, method, route)
        except _CountersUnavailable as error:
            self._pause_until = monotonic() + _REDIS_PAUSE_SECONDS
            self._on_failure()
            log.error("limits cannot be counted, nobody is refused: %s", error)
            return None

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self._counters.close()

    async def _first_exceeded(self, client: bytes | None, method: str, route: Route) -> tuple[str, int] | None:
        checks: list[tuple[str, limits.RateLimitItem | None, str]] = []
        if client is not None and (self._per_client or self._reports):
            salt = await self._counters.salt(self._clock())
            hashed = blake2b(client, key=salt.encode()[:64], digest_size=16).hexdigest()
            if route.files_report and method in route.methods:
                checks.append(("reports", self._reports, f"reports:{hashed}"))
            checks.append(("client", self._per_client, hashed))
        checks.append(("everyone", self._everyone, "everyone"))
        for name, limit, key in checks:
            if limit is not None and (ends := await self._counters.hit(limit, key, route.cost)) is not None:
                return name, max(1, ceil(ends - time()))
        return None
