"""``portalcheck check``: addresses one by one, in words or as JSON lines, or a whole file in bulk."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import click

from checker.answers import ErrorLineV1, to_json
from checker.bulk.input import opened, text_of
from checker.bulk.progress import meter
from checker.cli.check_message import check_message
from checker.cli.exit_codes import ALL_VERIFIED, SOME_WARNING, UNUSABLE
from checker.cli.options import allowlists_option, service_of
from checker.cli.text import closing, could_not_check, in_words, techniques_tried
from checker.core.errors import UnreadableAddress
from checker.core.guidance import Task
from checker.core.text import Context
from checker.service import Service
from checker.texts_loader import LANGUAGES

__all__ = ["check"]


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """The arguments and options of the command. Raises UsageError for those that contradict each other."""

    urls: tuple[str, ...]
    file: str | None
    message: Path | None
    task: Task | None
    lang: str
    context: Context
    as_json: bool
    explained: bool
    jobs: int | None
    output: Path | None
    resume: bool

    @property
    def in_bulk(self) -> bool:
        """Whether a whole file is checked in bulk, rather than addresses one by one."""
        return self.jobs is not None or self.output is not None or self.resume

    def __post_init__(self) -> None:
        if self.message is not None:
            self._check_message()
        elif not self.urls and self.file is None:
            raise click.UsageError("Name an address to check, a file of them with --file, or a --message.")
        if self.explained and self.as_json:
            raise click.UsageError("--explain is for reading; leave out --json.")
        if self.in_bulk:
            self._check_bulk()

    def _check_message(self) -> None:
        if self.urls or self.file is not None or self.in_bulk or self.explained or self.context is not Context.LINK:
            raise click.UsageError("--message takes one file, and besides it only --task, --lang and --json.")

    def _check_bulk(self) -> None:
        if self.urls or self.file is None or self.explained:
            raise click.UsageError("--jobs, --output and --resume are for the addresses of one --file.")
        if self.output is None and (self.resume or not self.as_json):
            raise click.UsageError("Name an --output; without one, --jobs needs --json, and nothing can be resumed.")
        if self.output is not None and _is_same(self.file, self.output):
            raise click.UsageError("--output would replace the file that is read: give it another name.")


def _task(_: click.Context, __: click.Parameter, task: str | None) -> Task | None:
    return Task(task) if task else None


def _context(_: click.Context, __: click.Parameter, context: str) -> Context:
    return Context(context)


@click.command()
@click.argument("urls", nargs=-1, metavar="URL…")
@click.option(
    "--file", "-f", "file", metavar="FILE", help="Read addresses from FILE, one per line; - is standard input."
)
@click.option(
    "--message",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Check every link of one message: text, HTML, or a mail's source (.eml); - is standard input.",
)
@click.option(
    "--task",
    type=click.Choice([task.value for task in Task]),
    callback=_task,
    help="What you want to do; inferred from the address if omitted.",
)
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the answer.")
@click.option(
    "--context",
    type=click.Choice([context.value for context in Context]),
    default=Context.LINK.value,
    show_default=True,
    callback=_context,
    help="link: pasted text, as it came in a message. tab: the address of a browser tab, taken as it is.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON answer per line, in order.")
@click.option("--explain", "explained", is_flag=True, help="Show each look-alike technique tried, with its score.")
@click.option(
    "--jobs",
    type=click.IntRange(0, 256),
    metavar="N",
    help="Check --file in N processes, in order; 0 uses one per core. Needs --json or --output.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT",
    help="Write the answers for --file to OUT, all or nothing: .jsonl, .jsonl.gz, .jsonl.zst or .parquet.",
)
@click.option("--resume", is_flag=True, help="Resume an --output that was interrupted.")
@allowlists_option
@click.pass_context
def check(ctx: click.Context, /, **options: Any) -> int:
    """Check addresses. Quote them: the shell itself interprets & and ?.

    Exit code: 0 if all are on the list, 1 if any has a warning, 2 if any cannot be read. For the
    links of a --message the same; 2 also if it has none.
    Empty and blank lines of a file are skipped.
    """
    chosen = CheckOptions(**options)
    service = service_of(ctx)
    if chosen.message is not None:
        return check_message(chosen.message, service, chosen.task, chosen.lang, chosen.as_json)
    if chosen.file is not None and chosen.in_bulk:
        return _in_bulk(chosen.file, chosen, service)
    return _one_by_one(chosen, service)


def _one_by_one(options: CheckOptions, service: Service) -> int:
    """Answer each address as it is read, and return the exit code of the worst answer."""
    worst = ALL_VERIFIED
    texts = service.renderer.texts[options.lang]
    for text in _texts(options):
        try:
            result = service.check(text, options.task, options.lang, options.context)
        except UnreadableAddress as error:
            worst = UNUSABLE
            problem = service.renderer.problem(error, options.lang)
            _print(to_json(ErrorLineV1(1, problem)) if options.as_json else could_not_check(problem, texts))
        else:
            worst = max(worst, ALL_VERIFIED if result.judgement.is_verified else SOME_WARNING)
            _print(service.written(result) if options.as_json else in_words(service.renderer.result(result), texts))
            if options.explained:
                _print(techniques_tried(service.checker.explain(text, options.context), texts))
    if not options.as_json:
        click.echo(closing(service.allowlist, texts))
    return worst


def _texts(options: CheckOptions) -> Iterator[str]:
    """The addresses named as arguments, then those of the file."""
    named = (text_of(os.fsencode(url)) for url in options.urls)  # the bytes as typed, decoded like those of a file
    return chain(named, () if options.file is None else _lines(options.file))


def _lines(file: str) -> Iterator[str]:
    """The lines of a file as they are read, with a progress meter."""
    with opened(file) as source, meter("checking", source.size, hidden=sys.stdout.isatty()) as show:
        for number, (_, line) in enumerate(source.lines(), 1):
            yield text_of(line)
            show(source.position, f"{number:,} addresses")


def _print(answer: bytes | str) -> None:
    """A line of JSON, or a block of text followed by an empty line."""
    if isinstance(answer, bytes):
        sys.stdout.write(answer.decode() + "\n")
    else:
        click.echo(answer + "\n")


def _in_bulk(file: str, options: CheckOptions, service: Service) -> int:
    """Check the whole file, in one process or several, and return the exit code of the worst answer."""
    from checker.bulk import run as bulk_run

    jobs = bulk_run.all_cores() if options.jobs == 0 else options.jobs or 1
    common = (file, service, options.task, options.lang, options.context, jobs)
    if options.output is None:
        tally = bulk_run.to_stdout(*common)
    else:
        tally = bulk_run.to_file(*common, options.output, options.resume)
    return UNUSABLE if tally.unreadable else SOME_WARNING if tally.warnings else ALL_VERIFIED


def _is_same(file: str, output: Path) -> bool:
    try:
        return output.samefile(file)
    except OSError:
        return False  # one of them does not exist, which opening it will report
