"""``portalcheck check``: addresses one by one, in words or as JSON lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import chain
from typing import IO

import click

from checker.api_models import ErrorLineV1, to_json
from checker.cli_options import allowlists_option, settings_of
from checker.cli_text import closing, could_not_check, in_words, techniques_tried
from checker.errors import UnreadableAddress
from checker.guidance import Task
from checker.service import Service
from checker.texts_loader import LANGUAGES
from checker.url import MAX_CHARACTERS, Context

__all__ = ["ALL_VERIFIED", "SOME_WARNING", "UNUSABLE", "check"]

ALL_VERIFIED, SOME_WARNING, UNUSABLE = 0, 1, 2
"""Exit codes: every address verified; any warning; anything unreadable, or wrong usage."""

_LONGEST_LINE = 4 * MAX_CHARACTERS + 2
"""Bytes of a line that are kept: enough that a longer one is surely too long to be an address."""
_STEP = 64 * 1024
"""Bytes between two moves of the progress bar."""


@click.command()
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
    service = Service.load(settings_of(ctx).allowlists)
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
