"""Many addresses from a file: read, answer in one process or several, write in the order of the input."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

import click

from checker import __version__
from checker.bulk.forms import Form, form_of, packed
from checker.bulk.input import chunks, opened
from checker.bulk.output import Begun, Output, begin
from checker.bulk.progress import Meter, Tally, summary
from checker.bulk.work import Question, answered
from checker.clock import today_utc
from checker.core.guidance import Task
from checker.core.text import Context
from checker.service import Service

__all__ = ["all_cores", "to_file", "to_stdout"]


def all_cores() -> int:
    """How many processes can run at once here."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def to_stdout(file: str, service: Service, task: Task | None, lang: str, context: Context, jobs: int) -> Tally:
    """Write JSON lines to standard output. Raises BulkError, and BrokenPipeError when its reader has gone."""
    start, tally, out = time.monotonic(), Tally(), sys.stdout.buffer
    question = Question(task, lang, context, Form.JSON, today_utc())
    with _stoppable(), opened(file) as source, Meter(source, to_stdout=True) as meter:
        with closing(answered(chunks(source.lines()), service, question, jobs)) as answers:
            for chunk, done in answers:
                out.write(done.data)
                tally = tally.with_(chunk, done)
                meter.show(tally.addresses)
        out.flush()
    click.echo(summary(tally, time.monotonic() - start), err=True)
    return tally


def to_file(
    file: str, service: Service, task: Task | None, lang: str, context: Context, jobs: int, path: Path, resume: bool
) -> Tally:
    """Write a file, or go on with it. Raises BulkError; what is done by then is kept for ``resume``."""
    start, form = time.monotonic(), form_of(path.name)
    begun = Begun(__version__, service.checker.allowlist.version, form.value[0], task, lang, context)
    with closing(begin(path, form, begun, today_utc().isoformat(), resume)) as output:
        before = output.tally.addresses
        with _kept(output, path), _stoppable():
            _answer_rest(file, service, Question(task, lang, context, form, output.day), jobs, output)
            output.finish(b"" if form is Form.PARQUET else packed(b"", form))
        click.echo(summary(output.tally, time.monotonic() - start, before), err=True)
        return output.tally


def _answer_rest(file: str, service: Service, question: Question, jobs: int, output: Output) -> None:
    with opened(file) as source, Meter(source, output.tally.addresses) as meter:
        pieces = chunks(source.lines())
        output.skip(pieces, source.name)
        with closing(answered(pieces, service, question, jobs)) as answers:
            for chunk, done in answers:
                output.add(chunk, done)
                meter.show(output.tally.addresses)


@contextmanager
def _kept(output: Output, path: Path) -> Iterator[None]:
    """Whatever ends the run early, keep what is done, and say how to go on."""
    try:
        yield
    except BaseException:
        if output.stop():
            click.echo(f"{path}.part keeps {output.tally.addresses:,} answers; --resume goes on from there.", err=True)
        raise


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM stops like Ctrl-C: between two steps, so that everything can be put away."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may listen to signals
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
