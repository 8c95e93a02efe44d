"""``portalcheck check``: addresses one by one, in words or as JSON lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click

from checker.answers import ErrorLineV1, to_json
from checker.bulk.input import opened, text_of
from checker.bulk.progress import meter
from checker.cli.options import allowlists_option, settings_of
from checker.cli.text import closing, could_not_check, in_words, techniques_tried
from checker.core.errors import UnreadableAddress
from checker.core.guidance import Task
from checker.core.text import Context
from checker.service import Service
from checker.texts_loader import LANGUAGES

__all__ = ["ALL_VERIFIED", "SOME_WARNING", "UNUSABLE", "check"]

ALL_VERIFIED, SOME_WARNING, UNUSABLE = 0, 1, 2
"""Exit codes: every address verified; any warning; anything unreadable, or wrong usage."""


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
@click.option(
    "--jobs",
    type=click.IntRange(0, 256),
    metavar="N",
    help="Check --file in N processes, in order; 0 takes one for each core. Needs --json or --output.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT",
    help="Write the answers for --file to OUT, whole or not at all: .jsonl, .jsonl.gz, .jsonl.zst or .parquet.",
)
@click.option("--resume", is_flag=True, help="Go on with an --output that was interrupted.")
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
    jobs: int | None,
    output: Path | None,
    resume: bool,
) -> int:
    """Check addresses. Quote them: a shell reads & and ? as its own.

    Exit code: 0 when all are on the list, 1 when any has a warning, 2 when any cannot be read.
    Empty and blank lines of a file are left out.
    """
    if not urls and file is None:
        raise click.UsageError("Name an address to check, or a file of them with --file.")
    if explained and as_json:
        raise click.UsageError("--explain is for reading; leave out --json.")
    asked, how = Task(task) if task else None, Context(context)
    if jobs is not None or output is not None or resume:
        if urls or file is None or explained:
            raise click.UsageError("--jobs, --output and --resume are for the addresses of one --file.")
        if output is None and (resume or not as_json):
            raise click.UsageError("Name an --output; without one, --jobs needs --json, and nothing can be resumed.")
        if output is not None and _is_same(file, output):
            raise click.UsageError("--output would replace the file that is read: give it another name.")
        return _in_bulk(file, Service.load(settings_of(ctx).allowlists), asked, lang, how, jobs, output, resume)
    service = Service.load(settings_of(ctx).allowlists)
    worst = ALL_VERIFIED
    named = (text_of(os.fsencode(url)) for url in urls)  # the bytes that were typed, read like those of a file
    for text in chain(named, () if file is None else _addresses_in(file)):
        try:
            result = service.answer(text, asked, lang, how)
        except UnreadableAddress as error:
            worst = UNUSABLE
            problem = service.renderer.problem(error, lang)
            _write(ErrorLineV1(1, problem) if as_json else could_not_check(problem, service.renderer.texts[lang]))
        else:
            worst = max(worst, ALL_VERIFIED if result.verdict == "verified" else SOME_WARNING)
            _write(result if as_json else in_words(result, service.renderer.texts[lang]))
            if explained:
                attempts = service.checker.explain(text, how)
                _write(techniques_tried(attempts, service.renderer.texts[lang]))
    if not as_json:
        click.echo(closing(service.allowlist, service.renderer.texts[lang]))
    return worst


def _addresses_in(file: str) -> Iterator[str]:
    """The lines of a file as they are read."""
    with opened(file) as source, meter("checking", source.size, hidden=sys.stdout.isatty()) as show:
        for number, (_, line) in enumerate(source.lines(), 1):
            yield text_of(line)
            show(source.position, f"{number:,} addresses")


def _in_bulk(
    file: str,
    service: Service,
    task: Task | None,
    lang: str,
    context: Context,
    jobs: int | None,
    output: Path | None,
    resume: bool,
) -> int:
    from checker.bulk import run as bulk_run

    jobs = bulk_run.all_cores() if jobs == 0 else jobs or 1
    if output is None:
        tally = bulk_run.to_stdout(file, service, task, lang, context, jobs)
    else:
        tally = bulk_run.to_file(file, service, task, lang, context, jobs, output, resume)
    return UNUSABLE if tally.unreadable else SOME_WARNING if tally.warnings else ALL_VERIFIED


def _is_same(file: str, output: Path) -> bool:
    try:
        return output.samefile(file)
    except OSError:
        return False  # one of the two is not there: whoever opens it will say so


def _write(answer: object) -> None:
    """One answer: a line of JSON, or a block of text with an empty line after it."""
    if isinstance(answer, str):
        click.echo(answer + "\n")
    else:
        sys.stdout.write(to_json(answer).decode() + "\n")
