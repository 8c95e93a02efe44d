"""Stopping without losing anybody: first not ready, then no new requests, then those in progress are finished."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from types import FrameType

import uvicorn
from starlette.datastructures import State

__all__ = ["GracefulServer"]


class GracefulServer(uvicorn.Server):
    """On SIGTERM ``state.stopping`` becomes true, which ``/readyz`` tells; ``drain_seconds`` later the server
    stops listening. So a load balancer has the time to send its requests elsewhere. Ctrl-C does not wait."""

    def __init__(self, config: uvicorn.Config, state: State, drain_seconds: int) -> None:
        super().__init__(config)
        self._state = state
        self._drain_seconds = drain_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """From here on a SIGHUP reloads the list; one that came earlier has waited, see ``checker.web.workers``."""
        await super().startup(sockets)
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """What uvicorn calls for SIGINT and SIGTERM."""
        first = not self._state.stopping
        self._state.stopping = True
        if sig == signal.SIGTERM and first and self._drain_seconds:
            later = threading.Timer(self._drain_seconds, super().handle_exit, (sig, frame))
            later.daemon = True
            later.start()
        else:
            super().handle_exit(sig, frame)
