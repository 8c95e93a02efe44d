"""A new list without a restart: load it aside, try it, and swap one reference.

SIGHUP asks for it, and so does a change of the list's files when PORTALCHECK_WATCH=1. Loading runs
in a thread, so questions are answered meanwhile, by the list they began with. A list that cannot be
read, has an error that lint finds, breaks a canary or has lost many of its hosts is refused: the
last good one goes on answering and ``/readyz`` says why.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic, time

from starlette.datastructures import State

from checker.core.errors import AllowlistError
from checker.lists.canaries import ask_canaries, check_canaries
from checker.lists.findings import Severity
from checker.lists.loader import allowlist_of, read_folder
from checker.lists.snapshot import read_snapshot
from checker.service import Service
from checker.web.logs import places

__all__ = ["MOST_LOST", "Reloader", "load_service"]

log = logging.getLogger("portalcheck.reload")

MOST_LOST = 0.2
"""A reload may lose this share of the hosts. A folder that is still being copied loses more; a
maintainer who means it restarts the service."""

_MOST_TOLD = 5
_QUIET_MS = 400
"""A change is taken up when the files have been left alone this long."""
_MOST_WAIT_MS = 5_000
_LOOK_AGAIN_SECONDS = 5.0


def load_service(folder: Path, *, linted: bool = False) -> Service:
    """The service for a folder of list files or a snapshot, with its canaries asked. Raises AllowlistError.

    ``linted``: refuse what ``portalcheck allowlist lint`` calls an error, too. A reload has the time;
    a start must not be longer than it need be, and has no better list to stay with. A snapshot was
    linted when it was built.
    """
    if folder.is_file():
        allowlist, canaries = read_snapshot(folder)
        service = Service.of(allowlist)
        if canaries is not None:
            ask_canaries(service.checker, canaries, folder.name)
        return service
    if linted:
        from checker.lists.lint import lint

        draft = read_folder(folder)
        errors = {*draft.unread, *(found for found in lint(draft) if found.severity is Severity.ERROR)}
        if errors:
            raise AllowlistError(tuple(str(error) for error in sorted(errors)))
        service = Service.of(allowlist_of(draft))
    else:
        service = Service.load(folder)
    check_canaries(service.checker, folder)
    return service


class Reloader:
    """Replaces ``state.service``, the one reference that every request takes its service from.

    ``stale`` is None, or why the newest files are not the ones that answer. ``loaded_at``: when the
    list that answers was loaded, in seconds since 1970. ``on_result`` is told whether a reload swapped.
    """

    def __init__(self, folder: Path, state: State, on_result: Callable[[bool], None] = lambda _: None) -> None:
        self._folder = folder
        self._state = state
        self._wanted = asyncio.Event()
        self.stale: str | None = None
        self.loaded_at = time()
        self.on_result = on_result

    def ask(self) -> None:
        """Reload soon. Asked again while one runs, one more follows, however often it was asked."""
        self._wanted.set()

    async def reload(self) -> None:
        """Load, try, swap; never raises for a bad list."""
        started = monotonic()
        try:
            service = await asyncio.to_thread(self._load)
        except AllowlistError as error:
            self.stale = _told(error.problems)
            log.error(
                "the list was not reloaded: %d problems; the last good one goes on answering", len(error.problems)
            )
        except Exception as error:  # a fault of ours must not take the last good list away
            self.stale = f"the list could not be loaded: {type(error).__name__}"
            log.error("the list was not reloaded: %s at %s", type(error).__name__, places(error))
        else:
            self._state.service = service
            self.stale = None
            self.loaded_at = time()
            log.info("list %s answers, loaded in %.1f s", service.allowlist.version, monotonic() - started)
        self.on_result(self.stale is None)

    def _load(self) -> Service:
        service = load_service(self._folder, linted=True)
        before = self._state.service.checker.allowlist.hosts
        lost = len(before - service.checker.allowlist.hosts)
        if lost > MOST_LOST * len(before):
            raise AllowlistError(
                (
                    f"{self._folder.resolve().name}: {lost} of {len(before)} hosts would be gone;"
                    " finish the copy, or restart the service to take the list as it is",
                )
            )
        _ = service.finder  # made here rather than by the first who searches
        return service

    @asynccontextmanager
    async def running(self, *, watch: bool) -> AsyncIterator[None]:
        """Listens for SIGHUP, and to the folder when ``watch``, until the block ends."""
        tasks = [asyncio.create_task(self._serve_wishes())]
        if watch:
            tasks.append(asyncio.create_task(self._watch()))
        # Only the main thread gets signals; a test client's loop runs in another one.
        listens = sys.platform != "win32" and threading.current_thread() is threading.main_thread()
        if listens:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.ask)
        try:
            yield
        finally:
            if listens:
                asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError):
                    await task

    async def _serve_wishes(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self.reload()

    async def _watch(self) -> None:
        from watchfiles import awatch

        while True:
            try:
                watched = self._identity()
                # A snapshot may be a link that is turned, as Kubernetes does; only its folder sees that.
                single = self._folder.is_file()
                place = self._folder.parent if single else self._folder
                async for _ in awatch(place, recursive=not single, debounce=_MOST_WAIT_MS, step=_QUIET_MS):
                    found = self._identity()
                    if single and found == watched:
                        continue  # a neighbour
                    self.ask()
                    if found != watched:
                        break  # another folder was put in its place
            except (OSError, RuntimeError) as error:  # the folder is gone, or the system's watches are used up
                log.warning("the list's folder cannot be watched: %s; looking again", type(error).__name__)
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
                self.ask()

    def _identity(self) -> tuple[int, int, int]:
        found = self._folder.stat()
        return found.st_dev, found.st_ino, 0 if self._folder.is_dir() else found.st_mtime_ns


def _told(problems: tuple[str, ...]) -> str:
    more = len(problems) - _MOST_TOLD
    return "\n".join(problems[:_MOST_TOLD]) + (f"\nand {more} more" if more > 0 else "")
