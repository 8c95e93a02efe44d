"""Several processes that answer on one port: started, told, replaced and stopped by one that answers nothing.

They are forked, so the list is read once and its memory is shared until it changes. Each has a listening
socket of its own on the same port, over which Linux spreads connections; with one socket for all, whoever
wakes first takes a whole burst. The supervisor holds every socket open, so a connection that waits for a
worker that dies is answered by the next one.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from time import monotonic, sleep

from starlette.datastructures import State

from checker.memory import settle
from checker.web.logs import places
from checker.web.reload import Reloader

__all__ = ["Supervisor", "listening"]

log = logging.getLogger("portalcheck.workers")

_SHORT_LIFE_SECONDS = 1.0
"""Whoever dies sooner is not replaced before a pause as long, so that a fault at the start fills no log."""
_TOLD = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD)
_MADE = signal.SIGUSR1
"""What a worker sends to say that it has tried to reload the list."""


def listening(host: str, port: int, workers: int) -> list[socket.socket]:
    """A listening socket for each worker, all on one port. Raises OSError, also when somebody has the port already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    first = socket.create_server((host, port), family=family)
    if workers == 1:
        return [first]
    if sys.platform != "linux":
        return [first.dup() for _ in range(workers)]  # elsewhere sockets on one port take no turns
    # The first one found out that the port is free; those that share it would share it with strangers, too.
    port = first.getsockname()[1]
    first.close()
    return [socket.create_server((host, port), family=family, reuse_port=True) for _ in range(workers)]


class Supervisor:
    """Keeps one worker on each of ``listeners`` until it is asked to stop.

    ``work`` answers on a socket, in a process of its own; the number of the worker is its other argument.
    SIGTERM and SIGHUP go on to every worker. Each worker reloads the list by itself and says so; then it is
    reloaded here too, so that a worker who comes later begins with the last good list, even when today's
    files are broken.
    """

    def __init__(self, listeners: Sequence[socket.socket], state: State, work: Callable[[socket.socket, int], None]):
        self._listeners = listeners
        self._state = state
        self._work = work
        self._workers: dict[int, tuple[int, float]] = {}
        """Process id to number and start."""
        self._stopping = False

    def run(self) -> None:
        """Returns when every worker has stopped."""
        reloader: Reloader = self._state.reloader
        counted, reloader.on_result = reloader.on_result, lambda _: None
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD)
        supervisor = os.getpid()

        def tell(swapped: bool) -> None:
            counted(swapped)
            if os.getppid() == supervisor:
                os.kill(supervisor, _MADE)

        def start(number: int) -> None:
            settle()
            pid = os.fork()
            if pid:
                self._workers[pid] = number, monotonic()
                return
            reloader.on_result = tell
            self._be_worker(number, before)

        for number in range(len(self._listeners)):
            start(number)
        while self._workers:
            told = signal.sigwait(_TOLD)
            if told == signal.SIGCHLD:
                for number in self._ended():
                    start(number)
            elif told == _MADE and not self._stopping:
                asyncio.run(reloader.reload())
            elif told == signal.SIGHUP:
                self._send(signal.SIGHUP)
            elif told in (signal.SIGINT, signal.SIGTERM):
                self._stop()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _be_worker(self, number: int, mask: set[int] | set[signal.Signals]) -> None:
        """The rest of a worker's life."""
        code = 1
        try:
            for other, listener in enumerate(self._listeners):
                if other != number:
                    listener.close()
            # A SIGHUP that comes before the worker can take it waits until then.
            signal.pthread_sigmask(signal.SIG_SETMASK, {*mask, signal.SIGHUP})
            self._work(self._listeners[number], number)
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except BaseException as error:  # whatever it is, it must not run on in the code of the supervisor
            log.error("worker %d: %s at %s", number, type(error).__name__, places(error))
        finally:
            os._exit(code)

    def _ended(self) -> list[int]:
        """The numbers of workers that have to be replaced."""
        numbers = []
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if not pid:
                break
            if pid not in self._workers:
                continue  # as process 1 of a container, an orphan of somebody else's
            number, began = self._workers.pop(pid)
            if not self._stopping:
                log.error("worker %d ended and is replaced", number)
                if monotonic() - began < _SHORT_LIFE_SECONDS:
                    sleep(_SHORT_LIFE_SECONDS)
                numbers.append(number)
        return numbers

    def _stop(self) -> None:
        """Ask all to stop. Ctrl-C has reached them by itself; a second SIGINT would mean: without finishing."""
        self._send(signal.SIGTERM)
        if not self._stopping:
            self._stopping = True
            for listener in self._listeners:
                listener.close()  # what no worker takes any more is refused rather than kept waiting

    def _send(self, what: signal.Signals) -> None:
        for pid in self._workers:
            os.kill(pid, what)
