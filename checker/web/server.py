"""``portalcheck serve``: granian, with bounds on every connection, and what all workers of one service share."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]  # granian's stub lags behind its code
from granian.server.mp import MPServer

from checker.clock import Clock
from checker.settings import SHARED_FOLDER, Settings
from checker.web.lifecycle import STOP_SECONDS
from checker.web.logs import log_as_json

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["listening", "run"]

_HEADER_SECONDS = 10
"""How long a request's head may take, and how long a connection may stay idle before the next one."""
_MAX_BUFFER = 64 * 1024
"""Bytes of one connection that are kept unread; a longer head is refused with 431."""
_MAX_CONNECTIONS = 8192
"""Connections of one worker. Further ones wait in the system's queue."""
_QUEUE = 1024
_UNREAD_SECONDS = 20
"""How long a client may leave answers unread before its connection ends. granian has no limit of its own; on Linux the
system has one (``TCP_USER_TIMEOUT``), which accepted connections take over from the listening socket."""


@contextmanager
def listening(host: str, port: int, workers: int) -> Iterator[list[socket.socket]]:
    """A listening socket for each worker, all on one port; port 0 picks a free one.

    SIGHUP is held back until the block ends, for this process and those it starts: ``run`` waits for it. Raises
    OSError, also if the port is taken.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    is_linux = sys.platform == "linux"
    with ExitStack() as stack:
        if sys.platform != "win32":
            stack.callback(
                signal.pthread_sigmask, signal.SIG_SETMASK, signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
            )
        if is_linux:
            # With SO_REUSEPORT alone, which lets Linux spread connections, we could share the port with a stranger.
            with socket.create_server(address[:2], family=family) as alone:
                address = alone.getsockname()
        listeners: list[socket.socket] = []
        for number in range(workers):
            if number and not is_linux:
                listener = listeners[0].dup()  # other systems do not spread connections over sockets of one port
            else:
                listener = socket.create_server(address[:2], family=family, backlog=_QUEUE, reuse_port=is_linux)
            listeners.append(stack.enter_context(listener))
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if is_linux:
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_SECONDS * 1000)
            listener.set_inheritable(True)
        yield listeners


class _Server(MPServer):
    """granian, with listening sockets that outlive its workers.

    On Linux a worker of granian opens its own, and whoever waits in the queue of one that dies is cut off, or finds
    nobody listening until it is replaced. Ours wait for the replacement.
    """

    def __init__(self, listeners: Sequence[socket.socket], **settings: Any) -> None:
        host, port = listeners[0].getsockname()[:2]
        super().__init__("", host, port, workers=len(listeners), **settings)
        self._listeners = listeners

    def _init_shared_socket(self) -> None:
        pass

    def _spawn_worker(self, idx: int, *args: Any, **kwargs: Any) -> Any:
        # What granian does where all workers share one socket, with the worker's own.
        self._sso = self._listeners[idx]
        self._shd = SocketHolder(self._sso.fileno(), False, _QUEUE)  # type: ignore[call-arg, assignment]
        return super()._spawn_worker(idx, *args, **kwargs)

    def _drop_shared_socket(self) -> None:
        for listener in self._listeners:
            listener.close()  # new connections are refused rather than left waiting


def run(settings: Settings, clock: Clock, listeners: Sequence[socket.socket]) -> None:
    """Serve with one worker for each listening socket, until SIGTERM or Ctrl-C.

    This process only supervises; each worker reads the list for itself.
    """
    multiprocessing.set_start_method("spawn", force=True)
    with TemporaryDirectory(prefix="portalcheck-") as shared:
        if len(listeners) > 1:
            os.environ[SHARED_FOLDER] = shared
        server = _Server(
            listeners,
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            websockets=False,
            backpressure=_MAX_CONNECTIONS,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADER_SECONDS * 1000, max_buffer_size=_MAX_BUFFER),
            log_level=LogLevels.warning,
            respawn_failed_workers=True,
            workers_kill_timeout=settings.drain_seconds + STOP_SECONDS,
        )
        log_as_json()
        _pass_reloads_on()
        server.serve(target_loader=partial(_app, replace(settings, shared=Path(shared)), clock), wrap_loader=False)


def _app(settings: Settings, clock: Clock) -> FastAPI:
    """In a worker: the application."""
    from checker.web.app import create_app

    log_as_json()
    return create_app(settings, clock=clock)


def _pass_reloads_on() -> None:
    """Pass SIGHUP on to the workers, which reload the list; granian itself would restart them.

    The signal is blocked in every thread of this process, and in the workers until they can handle it.
    """
    if sys.platform == "win32":
        return

    def pass_on() -> None:
        while True:
            signal.sigwait({signal.SIGHUP})
            for worker in multiprocessing.active_children():
                if worker.pid is not None:
                    with suppress(ProcessLookupError):
                        os.kill(worker.pid, signal.SIGHUP)

    threading.Thread(target=pass_on, daemon=True).start()
