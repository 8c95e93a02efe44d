"""Graceful shutdown: first not ready, then no new connections, then the requests in progress are finished."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from types import FrameType

import uvicorn

from checker.web.state import AppState

__all__ = ["GracefulServer"]


class GracefulServer(uvicorn.Server):
    """On SIGTERM ``/readyz`` says so at once, and the server stops listening ``drain_seconds`` later.

    That gives a load balancer time to send its requests elsewhere. Ctrl-C does not wait.
    """

    def __init__(self, config: uvicorn.Config, state: AppState, drain_seconds: int) -> None:
        super().__init__(config)
        self._state = state
        self._drain_seconds = drain_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """From here on SIGHUP reloads the list. One that came earlier was held back by ``checker.web.workers``."""
        await super().startup(sockets)
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """uvicorn's handler of SIGINT and SIGTERM."""
        is_first = not self._state.stopping
        self._state.stopping = True
        if sig == signal.SIGTERM and is_first and self._drain_seconds:
            timer = threading.Timer(self._drain_seconds, super().handle_exit, (sig, frame))
            timer.daemon = True
            timer.start()
        else:
            super().handle_exit(sig, frame)
