"""How often may be asked: per client, per client for reports, and by everyone together.

What is kept about a client is a hash of its address with a random salt that lives a day, in this
process or, for replicas, in Redis. When Redis is gone nobody is refused: checks matter more.
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

from checker.clock import today_utc

__all__ = ["RateLimits"]

log = logging.getLogger("portalcheck.limits")

_BATCH_COST = 20
"""A batch counts as this many checks."""
_COSTS = {"/api/v1/check/batch": _BATCH_COST}
_FREE = frozenset({"/healthz", "/readyz", "/metrics"})
_REPORTS = "/api/v1/reports"

_REDIS_SECONDS = 0.25
_REDIS_REST_SECONDS = 5.0
"""After a failure Redis is left alone this long, so that requests do not wait for it one by one."""
_DAY_SECONDS = 24 * 3600


class _CountersGone(Exception):
    """The counters cannot be asked; the message is the type of the fault."""


class _Counters(Protocol):
    """Where hits are counted, and the salt of the day."""

    async def salt(self, day: date) -> str: ...

    async def hit(self, limit: limits.RateLimitItem, key: str, cost: int) -> float | None:
        """None when the limit holds; else the time at which its window ends, in seconds since 1970."""

    async def close(self) -> None: ...


class _Local:
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


class _Shared:
    """Counters of all replicas, in Redis; its library is imported only here, because it takes its time."""

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
                found = await self._redis.get(key)
            except self._faults as error:
                raise _CountersGone(type(error).__name__) from None
            if not isinstance(found, bytes):
                raise _CountersGone("NoSalt")  # Redis was emptied in between; without a salt nothing is counted
            self._salt = (day, found.decode())
        return self._salt[1]

    async def hit(self, limit: limits.RateLimitItem, key: str, cost: int) -> float | None:
        try:
            if await self._window.hit(limit, key, cost=cost):
                return None
            return (await self._window.get_window_stats(limit, key)).reset_time
        except self._faults as error:
            raise _CountersGone(type(error).__name__) from None

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)


class RateLimits:
    """Says whether a request may pass. Each limit is a text such as ``600/minute``, or empty for none.

    ``on_failure`` is told each time the counters could not be asked.
    """

    def __init__(
        self, url: str, *, per_client: str, reports: str, everyone: str, on_failure: Callable[[], None] = lambda: None
    ) -> None:
        self._per_client = limits.parse(per_client) if per_client else None
        self._reports = limits.parse(reports) if reports else None
        self._everyone = limits.parse(everyone) if everyone else None
        self._counters: _Counters = _Shared(url) if url else _Local()
        self._on_failure = on_failure
        self._rest_until = 0.0

    def count(self, client: bytes | None) -> bool:
        """False when no limit can hold this client: then there is nothing to wait for."""
        return client is not None or self._everyone is not None

    async def wait_for(self, client: bytes | None, method: str, path: str) -> tuple[str, int] | None:
        """None when the request may pass; else whose limit it is (``client``, ``reports``, ``everyone``) and in
        how many seconds to come back. ``client`` None is nobody in particular."""
        if path in _FREE or path.startswith("/static/"):
            return None
        if monotonic() < self._rest_until:
            self._on_failure()
            return None
        try:
            return await self._first_reached(client, method, path)
        except _CountersGone as error:
            self._rest_until = monotonic() + _REDIS_REST_SECONDS
            self._on_failure()
            log.error("limits cannot be counted, nobody is refused: %s", error)
            return None

    async def close(self) -> None:
        """Close the connections to Redis."""
        await self._counters.close()

    async def _first_reached(self, client: bytes | None, method: str, path: str) -> tuple[str, int] | None:
        cost = _COSTS.get(path, 1)
        rows = []
        if client is not None and (self._per_client or self._reports):
            salt = await self._counters.salt(today_utc())
            name = blake2b(client, key=salt.encode()[:64], digest_size=16).hexdigest()
            if path == _REPORTS and method == "POST":
                rows.append(("reports", self._reports, f"reports:{name}"))
            rows.append(("client", self._per_client, name))
        rows.append(("everyone", self._everyone, "everyone"))
        for scope, limit, key in rows:
            if limit is not None and (ends := await self._counters.hit(limit, key, cost)) is not None:
                return scope, max(1, ceil(ends - time()))
        return None
