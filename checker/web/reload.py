"""A new list without a restart: load it in the background, check it, and swap one reference.

SIGHUP triggers a reload, and so does a change of the list's files if PORTALCHECK_WATCH=1. Loading runs in a thread;
requests are answered meanwhile, each by the list it started with. A list is refused if it cannot be read, has an
error that lint finds, fails a canary or has lost many of its hosts. The last good list then stays, and ``/readyz``
says why. Workers of one service keep it in a file, so that the replacement of one that died starts with it too.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic, time

from checker.clock import Clock, today_utc
from checker.core.errors import AllowlistError
from checker.lists.canaries import ask_canaries, check_canaries
from checker.lists.files import write_whole
from checker.lists.findings import Severity
from checker.lists.loader import allowlist_of, read_folder
from checker.lists.snapshot import read_snapshot, snapshot_of
from checker.service import Service
from checker.web.logs import places

__all__ = ["MAX_LOST_SHARE", "Reloader", "load_service"]

log = logging.getLogger("portalcheck.reload")

MAX_LOST_SHARE = 0.2
"""The share of the hosts that a reload may lose. A folder that is still being copied lacks more than that; to remove
more on purpose, restart the service."""

_MAX_LISTED = 5
"""Problems of a refused list that ``/readyz`` names."""
_QUIET_MS = 400
"""A change triggers a reload once the files have been left alone for this long."""
_MAX_WAIT_MS = 5_000
_WATCH_AGAIN_SECONDS = 5.0
_COLLECT_AFTER = 10_000
"""New objects after which Python looks for cycles; its own default is 700."""


def load_service(folder: Path, *, linted: bool = False, clock: Clock = today_utc) -> Service:
    """The service for a folder of list files or a snapshot, if its canaries hold. Raises AllowlistError.

    ``linted``: also refuse a list with errors in ``portalcheck allowlist lint``. That is for reloads: a startup should
    be fast, and has no older list to fall back on. A snapshot was linted when it was built.
    """
    if folder.is_file():
        allowlist, canaries = read_snapshot(folder)
        service = Service.of(allowlist, clock=clock)
        if canaries is not None:
            ask_canaries(service.checker, canaries, folder.name)
        return service
    if linted:
        from checker.lists.lint import lint

        draft = read_folder(folder)
        errors = {*draft.unread, *(finding for finding in lint(draft) if finding.severity is Severity.ERROR)}
        if errors:
            raise AllowlistError(tuple(str(error) for error in sorted(errors)))
        service = Service.of(allowlist_of(draft), clock=clock)
    else:
        service = Service.load(folder, clock=clock)
    check_canaries(service.checker, folder)
    return service


class Reloader:
    """Holds ``service``, the one reference from which every request takes its service, and replaces it.

    ``stale`` is None, or the reason why the newest files do not answer. ``loaded_at`` is when the service was loaded,
    in seconds since 1970. ``on_result`` is called after each reload, with whether it replaced the service.
    """

    def __init__(self, folder: Path, service: Service, *, last_good: Path | None = None) -> None:
        self.service = service
        self.stale: str | None = None
        self.loaded_at = time()
        self.on_result: Callable[[bool], None] = lambda _: None
        self._folder = folder
        self._last_good = last_good
        self._requested = asyncio.Event()

    @classmethod
    def start(cls, folder: Path, shared: Path | None, *, clock: Clock = today_utc) -> Reloader:
        """The reloader with the list that answers first; ``shared`` is the folder of the workers of one service.

        The first worker takes the list as it is. A later one starts with the last good list, and then tries the files
        like any reload. Raises AllowlistError.
        """
        last_good = shared and shared / f"list-{os.getppid()}.snapshot"
        try:
            service = load_service(last_good, clock=clock) if last_good is not None and last_good.exists() else None
        except AllowlistError as error:
            log.error("the last good list cannot be read: %d problems; the files are taken", len(error.problems))
            service = None
        if service is None:
            reloader = cls(folder, load_service(folder, clock=clock), last_good=last_good)
            reloader._keep(reloader.service)
        else:
            reloader = cls(folder, service, last_good=last_good)
            reloader._settle(reloader._load())
        _exclude_from_collection()
        return reloader

    def request(self) -> None:
        """Reload soon. However many requests arrive during a reload, one more reload follows."""
        self._requested.set()

    async def reload(self) -> None:
        """Load, check and swap; a bad list raises nothing."""
        self._settle(await asyncio.to_thread(self._load))
        self.on_result(self.stale is None)

    def _settle(self, loaded: Service | str) -> None:
        if isinstance(loaded, str):
            self.stale = loaded
        else:
            self.service, self.stale, self.loaded_at = loaded, None, time()
            _exclude_from_collection()

    def _load(self) -> Service | str:
        """The new service, or why the last good list stays."""
        started = monotonic()
        try:
            service = load_service(self._folder, linted=True, clock=self.service.clock)
            self._refuse_if_much_is_lost(service)
        except AllowlistError as error:
            log.error("the list was not reloaded: %d problems; the last good list stays", len(error.problems))
            if self._last_good is not None and not self._last_good.exists():
                self._keep(self.service)  # something tidied the folder up
            return _summary(error.problems)
        except Exception as error:  # a bug of ours must not take the last good list away
            log.error("the list was not reloaded: %s at %s", type(error).__name__, places(error))
            return f"the list could not be loaded: {type(error).__name__}"
        self._keep(service)
        _ = service.finder  # built here, so that the first search does not wait for it
        log.info("list %s answers, loaded in %.1f s", service.allowlist.version, monotonic() - started)
        return service

    def _refuse_if_much_is_lost(self, service: Service) -> None:
        before = self.service.checker.allowlist.hosts
        lost = len(before - service.checker.allowlist.hosts)
        if lost > MAX_LOST_SHARE * len(before):
            raise AllowlistError(
                (
                    f"{self._folder.resolve().name}: {lost} of {len(before)} hosts would be gone;"
                    " finish the copy, or restart the service to accept the list as it is",
                )
            )

    def _keep(self, service: Service) -> None:
        """Write the list into the file of the last good one. If that fails, only a replaced worker would miss it."""
        if self._last_good is not None:
            try:
                write_whole(self._last_good, snapshot_of(service.checker.allowlist, None))
            except OSError as error:
                log.warning("the last good list is not kept for other workers: %s", type(error).__name__)

    @asynccontextmanager
    async def running(self, *, watch: bool) -> AsyncIterator[None]:
        """Reloads when asked to, and on changes of the files if ``watch``, until the block ends."""
        tasks = [asyncio.create_task(self._reload_on_request())]
        if watch:
            tasks.append(asyncio.create_task(self._watch()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _reload_on_request(self) -> None:
        while True:
            await self._requested.wait()
            self._requested.clear()
            await self.reload()

    async def _watch(self) -> None:
        from watchfiles import awatch

        while True:
            try:
                watched = self._identity()
                # A snapshot may be a symbolic link that is redirected, as in Kubernetes; only its folder shows that.
                is_snapshot = self._folder.is_file()
                place = self._folder.parent if is_snapshot else self._folder
                async for _ in awatch(place, recursive=not is_snapshot, debounce=_MAX_WAIT_MS, step=_QUIET_MS):
                    current = self._identity()
                    if is_snapshot and current == watched:
                        continue  # another file in the same folder changed
                    self.request()
                    if current != watched:
                        break  # another folder took its place
            except (OSError, RuntimeError) as error:  # the folder is gone, or the system is out of watches
                log.warning("the list's folder cannot be watched: %s; trying again", type(error).__name__)
                await asyncio.sleep(_WATCH_AGAIN_SECONDS)
                self.request()

    def _identity(self) -> tuple[int, int, int]:
        stat = self._folder.stat()
        return stat.st_dev, stat.st_ino, 0 if self._folder.is_dir() else stat.st_mtime_ns


def _exclude_from_collection() -> None:
    """Take what is loaded out of garbage collection, which would go through half a million objects in vain and keep
    requests waiting for tens of milliseconds.

    The last collection has almost nothing to examine; it resets the collector's own bookkeeping. Python runs a full
    collection once the new objects amount to a quarter of what the last one left. A request leaves no cycles, so the
    collector need not look after every few of them.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
    gc.set_threshold(_COLLECT_AFTER)


def _summary(problems: tuple[str, ...]) -> str:
    more = len(problems) - _MAX_LISTED
    return "\n".join(problems[:_MAX_LISTED]) + (f"\nand {more} more" if more > 0 else "")
