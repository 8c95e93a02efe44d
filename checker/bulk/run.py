"""Checks a file of addresses: reads them, answers them in one process or several, writes in the order of the input."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

import click

from checker import __version__
from checker.bulk.formats import OutputFormat, compressed, format_of
from checker.bulk.input import chunks, opened
from checker.bulk.output import Output, RunKey, start
from checker.bulk.progress import Tally, closing_line, meter
from checker.bulk.work import Question, answered, handling
from checker.core.guidance import Task
from checker.core.text import Context
from checker.service import Service

__all__ = ["all_cores", "to_file", "to_stdout"]


def all_cores() -> int:
    """The number of processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def to_stdout(file: str, service: Service, task: Task | None, lang: str, context: Context, jobs: int) -> Tally:
    """Write JSON lines to standard output. Raises BulkError, and BrokenPipeError if the reader has gone."""
    began, tally, out = time.monotonic(), Tally(), sys.stdout.buffer
    question = Question(task, lang, context, OutputFormat.JSON, service.clock())
    with (
        handling(signal.SIGTERM, _stopped),
        opened(file) as source,
        meter("checking", source.size, hidden=out.isatty()) as show,
    ):
        with closing(answered(chunks(source.lines()), service, question, jobs)) as answers:
            for chunk, done in answers:
                out.write(done.data)
                tally = tally.plus(chunk, done)
                show(source.position, f"{tally.addresses:,} addresses")
        out.flush()
    click.echo(closing_line(tally, time.monotonic() - began), err=True)
    return tally


def to_file(
    file: str, service: Service, task: Task | None, lang: str, context: Context, jobs: int, path: Path, resume: bool
) -> Tally:
    """Write a file, or resume writing it. Raises BulkError; what is done by then is kept for ``resume``."""
    began, output_format = time.monotonic(), format_of(path.name)
    run = RunKey(__version__, service.checker.allowlist.version, output_format.value[0], task, lang, context)
    with closing(start(path, output_format, run, service.clock().isoformat(), resume)) as output:
        before = output.tally.addresses
        with _kept(output, path), handling(signal.SIGTERM, _stopped):
            _answer_rest(file, service, Question(task, lang, context, output_format, output.day), jobs, output)
            output.finish(b"" if output_format is OutputFormat.PARQUET else compressed(b"", output_format))
        click.echo(closing_line(output.tally, time.monotonic() - began, before), err=True)
        return output.tally


def _answer_rest(file: str, service: Service, question: Question, jobs: int, output: Output) -> None:
    with opened(file) as source, meter("checking", source.size) as show:
        pieces = chunks(source.lines())
        output.skip(pieces, source.name)
        with closing(answered(pieces, service, question, jobs)) as answers:
            for chunk, done in answers:
                output.add(chunk, done)
                show(source.position, f"{output.tally.addresses:,} addresses")


@contextmanager
def _kept(output: Output, path: Path) -> Iterator[None]:
    """If anything ends the run early, keep what is done and say how to continue."""
    try:
        yield
    except BaseException:
        if output.stop():
            click.echo(f"{path}.part holds {output.tally.addresses:,} answers; continue with --resume.", err=True)
        raise


def _stopped(number: int, frame: FrameType | None) -> None:
    """Makes SIGTERM stop the run as Ctrl-C does, by an exception, so that what is done can be kept."""
    raise KeyboardInterrupt
