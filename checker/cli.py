"""The command line: ``portalcheck check``, ``portals``, ``serve`` and ``allowlist``.

``main`` returns the exit code. What only one command needs is imported there, so that checking an
address never waits for the web framework.
"""

from __future__ import annotations

import errno
import gc
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import IO

import click

from checker import __version__
from checker.api_models import ErrorLineV1, PortalsV1, to_json
from checker.cli_allowlist import allowlist
from checker.cli_reports import reports
from checker.cli_text import closing, could_not_check, in_words, techniques_tried
from checker.errors import PortalcheckError, UnreadableAddress
from checker.guidance import Task
from checker.service import Service
from checker.settings import ANY_HOST, Settings
from checker.texts_loader import LANGUAGES, load_texts
from checker.url import MAX_CHARACTERS, Context

__all__ = ["main"]

ALL_VERIFIED, SOME_WARNING, UNUSABLE = 0, 1, 2
"""Exit codes: every address verified; any warning; anything unreadable, or wrong usage."""

_LONGEST_LINE = 4 * MAX_CHARACTERS + 2
"""Bytes of a line that are kept: enough that a longer one is surely too long to be an address."""
_STOP_SECONDS = 10
"""How long a stopping server waits for requests in progress."""
_STEP = 64 * 1024
"""Bytes between two moves of the progress bar."""


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code. Messages about wrong usage go to stderr."""
    try:
        code = program.main(argv, prog_name="portalcheck", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return UNUSABLE
    except PortalcheckError as error:
        click.echo(f"portalcheck: {error}", err=True)
        return UNUSABLE
    except click.Abort:
        click.echo("Stopped.", err=True)
        return UNUSABLE
    except BrokenPipeError:
        # Whoever read our output has gone; nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNUSABLE
    return code if isinstance(code, int) else ALL_VERIFIED


def _remember(ctx: click.Context, _: click.Parameter, folder: Path | None) -> None:
    if folder is not None:
        ctx.meta["allowlists"] = folder


allowlists_option = click.option(
    "--allowlists",
    type=click.Path(exists=True, path_type=Path),
    expose_value=False,
    callback=_remember,
    help="Use the lists in this folder, or this snapshot, instead of those that came with portalcheck.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="portalcheck")
@allowlists_option
def program() -> None:
    """Is this address on the list of official patient, insurer and pharmacy portals?

    Information only: portalcheck is no portal and no emergency service.
    """


program.add_command(allowlist)
program.add_command(reports)


def _settings(ctx: click.Context) -> Settings:
    settings = Settings.from_env(os.environ)
    return replace(settings, allowlists=ctx.meta["allowlists"]) if "allowlists" in ctx.meta else settings


def _service(ctx: click.Context) -> Service:
    return Service.load(_settings(ctx).allowlists)


# --- check -----------------------------------------------------------------------------------


@program.command()
@click.argument("urls", nargs=-1, metavar="URL…")
@click.option("--file", "-f", "file", metavar="FILE", help="Read addresses from FILE, one a line; - is standard input.")
@click.option(
    "--task",
    type=click.Choice([task.value for task in Task]),
    help="What you came to do; told from the address if left out.",
)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the answer.")
@click.option(
    "--context",
    type=click.Choice([context.value for context in Context]),
    default=Context.LINK.value,
    show_default=True,
    help="link: pasted text, as it came in a message. tab: a browser's own address, taken as it is.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON answer a line, in order.")
@click.option("--explain", "explained", is_flag=True, help="Show each look-alike technique tried, with its score.")
@allowlists_option
@click.pass_context
def check(
    ctx: click.Context,
    urls: tuple[str, ...],
    file: str | None,
    task: str | None,
    lang: str,
    context: str,
    as_json: bool,
    explained: bool,
) -> int:
    """Check addresses. Quote them: a shell reads & and ? as its own.

    Exit code: 0 when all are on the list, 1 when any has a warning, 2 when any cannot be read.
    Empty lines of a file are left out.
    """
    if not urls and file is None:
        raise click.UsageError("Name an address to check, or a file of them with --file.")
    if explained and as_json:
        raise click.UsageError("--explain is for reading; leave out --json.")
    service = _service(ctx)
    asked = Task(task) if task else None
    worst = ALL_VERIFIED
    for text in chain(urls, () if file is None else _addresses_in(file)):
        try:
            result = service.answer(text, asked, lang, Context(context))
        except UnreadableAddress as error:
            worst = UNUSABLE
            problem = service.renderer.problem(error, lang)
            _write(ErrorLineV1(1, problem) if as_json else could_not_check(problem, service.renderer.texts[lang]))
        else:
            worst = max(worst, ALL_VERIFIED if result.verdict == "verified" else SOME_WARNING)
            _write(result if as_json else in_words(result, service.renderer.texts[lang]))
            if explained:
                attempts = service.checker.explain(text, Context(context))
                _write(techniques_tried(attempts, service.renderer.texts[lang]))
    if not as_json:
        click.echo(closing(service.allowlist, service.renderer.texts[lang]))
    return worst


def _addresses_in(file: str) -> Iterator[str]:
    """The lines of a file as they are read, with a progress bar when someone is watching."""
    try:
        with click.open_file(file, "rb") as stream:
            watched = sys.stderr.isatty() and not sys.stdout.isatty()
            size = os.fstat(stream.fileno()).st_size if watched and file != "-" else None
            with click.progressbar(length=size or 1, file=sys.stderr, hidden=not size, update_min_steps=_STEP) as bar:
                for line in _lines(stream):
                    yield line.decode("utf-8", "replace").strip("\r\n")
                    bar.update(len(line))
    except OSError as error:
        raise click.ClickException(f"{file} could not be read: {error.strerror}.") from None


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines that are not empty; of an endless one only the beginning, so that memory is bounded."""
    while line := stream.readline(_LONGEST_LINE):
        kept = line
        while line and not line.endswith(b"\n"):
            line = stream.readline(_LONGEST_LINE)
        if kept.strip():
            yield kept


def _write(answer: object) -> None:
    """One answer: a line of JSON, or a block of text with an empty line after it."""
    if isinstance(answer, str):
        click.echo(answer + "\n")
    else:
        sys.stdout.write(to_json(answer).decode() + "\n")


# --- portals, serve --------------------------------------------------------------------------


@program.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the answer.")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@allowlists_option
@click.pass_context
def portals(ctx: click.Context, query: tuple[str, ...], lang: str, as_json: bool) -> int:
    """Find an organization's official portal by its name.

    Exit code: 0 when something was found, 1 when nothing is clearly meant.
    """
    service = _service(ctx)
    texts = service.renderer.texts[lang]
    found = service.finder.find(" ".join(query))
    if as_json:
        _write(PortalsV1(1, found))
    for row in () if as_json else found:
        click.echo(texts.text("cli", "portal", organization=row.organization, url=row.url))
    if not found and not as_json:
        click.echo(texts.text("cli", "portals_none"))
    return ALL_VERIFIED if found else SOME_WARNING


@program.command()
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

    settings = _settings(ctx)
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
