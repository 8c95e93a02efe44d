"""How one connection is spoken with: uvicorn's own protocol, mended in one place."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["Connection"]


class Connection(HttpToolsProtocol):
    """Lets go of a connection that its client broke off. uvicorn leaves the timer that ends an idle one running
    then, and with it everything the connection holds, for five more seconds: under a flood, many megabytes."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
