"""``portalcheck serve``: the page and the API, until it is asked to stop."""

from __future__ import annotations

import errno
import sys
from contextlib import ExitStack

import click

from checker.cli.options import allowlists_option, clock_of, settings_of
from checker.core.errors import needs_extra
from checker.settings import ANY_HOST
from checker.texts_loader import load_texts

__all__ = ["serve"]

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
        from checker.web.reload import load_service
        from checker.web.server import listening, run

    settings, clock = settings_of(ctx), clock_of(ctx)
    with ExitStack() as stack:
        try:
            listeners = stack.enter_context(listening(host, port, workers))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise click.ClickException(
                    f"Port {port} on {host} is taken by another program. Choose another one with --port."
                ) from None
            raise click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None
        load_service(settings.allowlists, clock=clock)  # so that a fault in the list is reported here, and once
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{listeners[0].getsockname()[1]}"
        click.echo(load_texts()["en"].text("cli", "serving", url=url))
        if host not in settings.allowed_hosts and ANY_HOST not in settings.allowed_hosts:
            click.echo(
                f"It answers only to the host names {', '.join(settings.allowed_hosts)}."
                " Set PORTALCHECK_ALLOWED_HOSTS to the names people use for it.",
                err=True,
            )
        sys.stdout.flush()
        run(settings, clock, listeners)
