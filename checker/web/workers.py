"""Several worker processes on one port, and the supervisor that starts, signals, replaces and stops them.

Workers are forked, so the list is read once and its memory is shared until it changes. Each worker has its own
listening socket on the same port, and Linux spreads connections over them; with a single socket, the first worker
to wake up takes a whole burst. The supervisor holds every socket open, so a connection that waits for a worker that
dies is answered by its replacement.
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

from checker.memory import settle
from checker.web.logs import places
from checker.web.reload import Reloader

__all__ = ["Supervisor", "listening"]

log = logging.getLogger("portalcheck.workers")

_MIN_LIFE_SECONDS = 1.0
"""A worker that dies sooner is restarted only after a pause of the same length: a fault at startup must not flood
the log."""
_RELOADED = signal.SIGUSR1
"""Sent by a worker after it tried to reload the list."""
_HANDLED = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, _RELOADED, signal.SIGCHLD)


def listening(host: str, port: int, workers: int) -> list[socket.socket]:
    """A listening socket for each worker, all on one port. Raises OSError, also if the port is already taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    first = socket.create_server((host, port), family=family)
    if workers == 1:
        return [first]
    if sys.platform != "linux":
        return [first.dup() for _ in range(workers)]  # other systems do not balance sockets on one port
    # The first socket proved that the port is free; with reuse_port alone we could share it with a stranger.
    port = first.getsockname()[1]
    first.close()
    return [socket.create_server((host, port), family=family, reuse_port=True) for _ in range(workers)]


class Supervisor:
    """Keeps one worker on each of ``listeners`` until it is asked to stop.

    ``work`` serves a socket in a process of its own; its other argument is the worker's number. SIGTERM and SIGHUP
    are passed on to every worker. Each worker reloads the list itself and reports back; then the supervisor reloads
    it as well, so that a replacement starts with the last good list even if the current files are broken.
    """

    def __init__(
        self, listeners: Sequence[socket.socket], reloader: Reloader, work: Callable[[socket.socket, int], None]
    ) -> None:
        self._listeners = listeners
        self._reloader = reloader
        self._work = work
        self._workers: dict[int, tuple[int, float]] = {}
        """For each process id: the worker's number, and when it started."""
        self._stopping = False

    def run(self) -> None:
        """Returns once every worker has stopped."""
        reloader = self._reloader
        count_reload, reloader.on_result = reloader.on_result, lambda _: None
        original_mask = signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        supervisor = os.getpid()

        def count_and_report(swapped: bool) -> None:
            count_reload(swapped)
            if os.getppid() == supervisor:
                os.kill(supervisor, _RELOADED)

        def start(number: int) -> None:
            settle()
            pid = os.fork()
            if pid:
                self._workers[pid] = number, monotonic()
                return
            reloader.on_result = count_and_report
            self._run_worker(number, original_mask)

        for number in range(len(self._listeners)):
            start(number)
        while self._workers:
            received = signal.sigwait(_HANDLED)
            if received == signal.SIGCHLD:
                for number in self._ended():
                    start(number)
            elif received == _RELOADED and not self._stopping:
                asyncio.run(reloader.reload())
            elif received == signal.SIGHUP:
                self._send(signal.SIGHUP)
            elif received in (signal.SIGINT, signal.SIGTERM):
                self._stop()
        signal.pthread_sigmask(signal.SIG_SETMASK, original_mask)

    def _run_worker(self, number: int, mask: set[int] | set[signal.Signals]) -> None:
        """Everything a worker does after the fork; never returns."""
        code = 1
        try:
            for other, listener in enumerate(self._listeners):
                if other != number:
                    listener.close()
            # A SIGHUP that arrives early is held back until the worker can handle it.
            signal.pthread_sigmask(signal.SIG_SETMASK, {*mask, signal.SIGHUP})
            self._work(self._listeners[number], number)
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except BaseException as error:  # a worker must never continue in the supervisor's code
            log.error("worker %d: %s at %s", number, type(error).__name__, places(error))
        finally:
            os._exit(code)

    def _ended(self) -> list[int]:
        """The numbers of the workers that ended and must be replaced."""
        numbers = []
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if not pid:
                break
            if pid not in self._workers:
                continue  # an orphan: process 1 of a container inherits the children of others
            number, started = self._workers.pop(pid)
            if not self._stopping:
                log.error("worker %d ended and is replaced", number)
                if monotonic() - started < _MIN_LIFE_SECONDS:
                    sleep(_MIN_LIFE_SECONDS)
                numbers.append(number)
        return numbers

    def _stop(self) -> None:
        """Ask all workers to stop, always with SIGTERM: Ctrl-C has already sent them a SIGINT, and a second one would
        end them without finishing their requests."""
        self._send(signal.SIGTERM)
        if not self._stopping:
            self._stopping = True
            for listener in self._listeners:
                listener.close()  # new connections are refused rather than left waiting

    def _send(self, signal_: signal.Signals) -> None:
        for pid in self._workers:
            os.kill(pid, signal_)
