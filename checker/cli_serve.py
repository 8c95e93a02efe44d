"""``portalcheck serve``: the page and the API, until somebody asks it to stop."""

from __future__ import annotations

import errno
import gc
import socket

import click

from checker.cli_options import allowlists_option, settings_of
from checker.settings import ANY_HOST
from checker.texts_loader import load_texts

__all__ = ["serve"]

_STOP_SECONDS = 10
"""How long a stopping server waits for requests in progress."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address of this machine to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@allowlists_option
@click.pass_context
def serve(ctx: click.Context, host: str, port: int) -> None:
    """Serve the page and the API. Nothing that is asked is logged."""
    import uvicorn

    from checker.logs import log_as_json
    from checker.stopping import GracefulServer
    from checker.web import create_app

    settings = settings_of(ctx)
    with _listening(host, port) as listener:
        app = create_app(settings)
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{listener.getsockname()[1]}"
        click.echo(load_texts()["en"].text("cli", "serving", url=url))
        if host not in settings.allowed_hosts and ANY_HOST not in settings.allowed_hosts:
            click.echo(
                f"It answers only to the names {', '.join(settings.allowed_hosts)}."
                " Set PORTALCHECK_ALLOWED_HOSTS to the names people use for it.",
                err=True,
            )
        log_as_json()
        config = uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
        gc.freeze()  # the list stays as it is: not looked through again and again for what could go
        GracefulServer(config, app.state, settings.drain_seconds).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    """A listening socket. Taken before the list is read, so that a taken port is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(
                f"Port {port} on {host} is taken by another program. Choose another one with --port."
            ) from None
        raise click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None
