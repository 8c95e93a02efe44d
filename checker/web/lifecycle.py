"""Signals: SIGHUP reloads the list, SIGTERM stops gracefully; and a worker ends with the process that started it.

All of it lives in the application, so ``uvicorn server:app`` and ``granian server:app`` behave like
``portalcheck serve``.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from checker.web.state import AppState

__all__ = ["STOP_SECONDS", "signals_handled"]

STOP_SECONDS = 10
"""How long a stopping worker has for the requests in progress."""


@contextmanager
def signals_handled(state: AppState, drain_seconds: int) -> Iterator[None]:
    """Handle signals until the block ends; to be entered in the event loop.

    On SIGTERM ``/readyz`` says *stopping* at once, and the server stops ``drain_seconds`` later. That gives a load
    balancer time to send its requests elsewhere. A second SIGTERM and Ctrl-C do not wait.
    """
    # Only the main thread receives signals; the event loop of a test client runs in another.
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    handler = signal.getsignal(signal.SIGTERM)
    is_in_loop = loop.remove_signal_handler(signal.SIGTERM)

    def stop() -> None:
        if callable(handler) and not is_in_loop:
            handler(signal.SIGTERM, None)  # uvicorn's
        else:
            signal.raise_signal(signal.SIGINT)  # granian handles both alike, but its handler cannot be asked for

    def drain() -> None:
        seconds = 0 if state.stopping else drain_seconds
        state.stopping = True
        loop.call_later(seconds, stop)

    def orphaned(gone: int) -> None:
        loop.remove_reader(gone)
        stop()
        # Nobody is left to kill a worker that cannot stop, because a client does not read its answers.
        deadline = threading.Timer(STOP_SECONDS, os._exit, (1,))
        deadline.daemon = True
        deadline.start()

    loop.add_signal_handler(signal.SIGTERM, drain)
    loop.add_signal_handler(signal.SIGHUP, state.reloader.request)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})  # one that came earlier was held back
    parent = multiprocessing.parent_process()
    gone = parent.sentinel if parent else None
    if gone is not None:
        loop.add_reader(gone, orphaned, gone)
    try:
        yield
    finally:
        if gone is not None:
            loop.remove_reader(gone)
        for number in (signal.SIGHUP, signal.SIGTERM):
            loop.remove_signal_handler(number)
