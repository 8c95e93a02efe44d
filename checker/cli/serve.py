"""``portalcheck serve``: the page and the API, until it is asked to stop."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from checker.cli.options import allowlists_option, clock_of, settings_of
from checker.core.errors import needs_extra
from checker.memory import settle
from checker.settings import ANY_HOST, Settings
from checker.texts_loader import load_texts
from checker.web.worker_metrics import WRITE_SECONDS, WorkerMetrics

if TYPE_CHECKING:
    import asyncio

    from fastapi import FastAPI

    from checker.web.state import AppState
    from checker.web.stopping import GracefulServer

__all__ = ["STOP_SECONDS", "serve"]

log = logging.getLogger("portalcheck.serve")

STOP_SECONDS = 10
"""How long a stopping server waits for requests in progress."""
_MAX_WORKERS = 64


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address of this machine to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 picks a free port.")
@click.option(
    "--workers",
    type=click.IntRange(1, _MAX_WORKERS),
    default=1,
    show_default=True,
    metavar="N",
    help="Serve with N processes, one per core it may use. A worker that dies is replaced.",
)
@allowlists_option
@click.pass_context
def serve(ctx: click.Context, host: str, port: int, workers: int) -> None:
    """Serve the page and the API. Addresses that people check are never logged.

    SIGTERM stops it gracefully, SIGHUP reloads the list; both reach every worker.
    """
    with needs_extra("server", "serve"):
        from checker.web.app import create_app
        from checker.web.logs import log_as_json
        from checker.web.state import state_of
        from checker.web.workers import Supervisor

    if workers > 1 and not hasattr(os, "fork"):
        raise click.UsageError("This system supports only one worker. Start several services, each on its own port.")
    settings = settings_of(ctx)
    listeners = _listening(host, port, workers)
    try:
        app = create_app(settings, clock=clock_of(ctx))
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{listeners[0].getsockname()[1]}"
        click.echo(load_texts()["en"].text("cli", "serving", url=url))
        if host not in settings.allowed_hosts and ANY_HOST not in settings.allowed_hosts:
            click.echo(
                f"It answers only to the host names {', '.join(settings.allowed_hosts)}."
                " Set PORTALCHECK_ALLOWED_HOSTS to the names people use for it.",
                err=True,
            )
        log_as_json()
        server = _server(app, settings)
        if workers == 1:
            settle()
            server.run(sockets=listeners)
            return
        with tempfile.TemporaryDirectory(prefix="portalcheck-") as folder:

            def work(listener: socket.socket, number: int) -> None:
                _as_worker(server, state_of(app), WorkerMetrics(Path(folder), number))
                settle()
                server.run(sockets=[listener])

            Supervisor(listeners, state_of(app).reloader, work).run()
    finally:
        for listener in listeners:
            listener.close()


def _server(app: FastAPI, settings: Settings) -> GracefulServer:
    """The server with all its code loaded, so that a replacement worker runs the same code as the others."""
    import uvicorn

    from checker.web.state import state_of
    from checker.web.stopping import GracefulServer

    config = uvicorn.Config(
        app,
        http=_protocol(),
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_notify=WRITE_SECONDS,
    )
    config.load()
    config.get_loop_factory()
    return GracefulServer(config, state_of(app), settings.drain_seconds)


def _as_worker(server: GracefulServer, state: AppState, worker_metrics: WorkerMetrics) -> None:
    """Make the server share its metrics with the other workers, and stop if its supervisor is gone."""
    supervisor = os.getppid()

    async def notify() -> None:
        try:
            worker_metrics.write(state.metrics_text())
        except OSError as error:
            log.warning("the other workers cannot read this one's metrics: %s", type(error).__name__)
        if os.getppid() != supervisor:
            server.handle_exit(signal.SIGTERM, None)

    server.config.callback_notify = notify
    state.worker_metrics = worker_metrics


def _protocol() -> type[asyncio.Protocol] | Literal["auto"]:
    if sys.platform == "win32":  # httptools is not installed there
        return "auto"
    from checker.web.connections import Connection

    return Connection


def _listening(host: str, port: int, workers: int) -> list[socket.socket]:
    """Listening sockets, opened before the list is read, so that a port in use is reported at once."""
    from checker.web.workers import listening

    try:
        return listening(host, port, workers)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(
                f"Port {port} on {host} is taken by another program. Choose another one with --port."
            ) from None
        raise click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None
