"""The command line: ``portalcheck check``, ``portals``, ``serve`` and ``allowlist``.

``main`` returns the exit code. What only one command needs is imported there, so that checking an
address never waits for the web framework.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import chain
from typing import IO

import click

from checker import __version__
from checker.api_models import ErrorLineV1, PortalsV1, to_json
from checker.cli_allowlist import allowlist
from checker.cli_options import allowlists_option, settings_of
from checker.cli_reports import reports
from checker.cli_serve import serve
from checker.cli_text import closing, could_not_check, in_words, techniques_tried
from checker.errors import PortalcheckError, UnreadableAddress
from checker.guidance import Task
from checker.service import Service
from checker.texts_loader import LANGUAGES
from checker.url import MAX_CHARACTERS, Context

__all__ = ["main"]

ALL_VERIFIED, SOME_WARNING, UNUSABLE = 0, 1, 2
"""Exit codes: every address verified; any warning; anything unreadable, or wrong usage."""

_LONGEST_LINE = 4 * MAX_CHARACTERS + 2
"""Bytes of a line that are kept: enough that a longer one is surely too long to be an address."""
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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="portalcheck")
@allowlists_option
def program() -> None:
    """Is this address on the list of official patient, insurer and pharmacy portals?

    Information only: portalcheck is no portal and no emergency service.
    """


program.add_command(allowlist)
program.add_command(reports)
program.add_command(serve)


def _service(ctx: click.Context) -> Service:
    return Service.load(settings_of(ctx).allowlists)


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


# --- portals -----------------------------------------------------------------------------


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
