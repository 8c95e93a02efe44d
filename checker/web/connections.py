"""uvicorn's HTTP protocol, with a fix for one leak."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["Connection"]


class Connection(HttpToolsProtocol):
    """Frees a connection as soon as its client breaks it off.

    uvicorn cancels the keep-alive timer only when a connection ends without an error. After an error the timer runs
    on for five seconds and keeps everything the connection holds: many megabytes under a flood.
    """

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
