"""What is done with one chunk of lines, in this process or in several.

Several processes load the list from one snapshot of what the first has read, so they cannot differ. They
are started anew (*spawn*), because that works alike on every system, and end with the process that started them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from typing import NamedTuple

from checker.api_models import ErrorLineV1, to_json
from checker.bulk_forms import Form, packed
from checker.bulk_input import Chunk, text_of
from checker.bulk_progress import Answered
from checker.bulk_rows import row_for
from checker.errors import BulkError, UnreadableAddress
from checker.guidance import Task
from checker.memory import settle
from checker.service import Service
from checker.snapshot import parse_snapshot, snapshot_of
from checker.url import Context

__all__ = ["Question", "answered"]

_IN_FLIGHT = 4
"""Chunks under way for each process: enough that none waits, few enough that memory stays small."""


class Question(NamedTuple):
    """What is asked about every address; ``today`` is the day of the whole run."""

    task: Task | None
    lang: str
    context: Context
    form: Form
    today: date


def answered(
    chunks: Iterable[Chunk], service: Service, question: Question, jobs: int
) -> Generator[tuple[Chunk, Answered], None, None]:
    """Each chunk with its answers, in order. Raises BulkError when a process dies."""
    if jobs == 1:
        return ((chunk, _answer(chunk, service, question)) for chunk in chunks)
    return _in_processes(chunks, service, question, jobs)


def _in_processes(
    chunks: Iterable[Chunk], service: Service, question: Question, jobs: int
) -> Generator[tuple[Chunk, Answered], None, None]:
    snapshot = snapshot_of(service.checker.allowlist, None)
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (snapshot, question))
    waiting: deque[tuple[Chunk, Future[Answered]]] = deque()
    try:
        for chunk in chunks:
            waiting.append((chunk, pool.submit(_answer_here, chunk)))
            if len(waiting) >= _IN_FLIGHT * jobs:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    except BrokenProcessPool:
        raise BulkError(
            "One of the processes of --jobs was ended from outside; where memory ran out, try fewer --jobs."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


_begun: tuple[Service, Question]
"""In a started process: what it has loaded, for every chunk."""


def _begin(snapshot: bytes, question: Question) -> None:
    global _begun
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the first process, which ends the others
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _begun = Service.of(parse_snapshot("the list", snapshot)[0]), question
    settle()


def _answer_here(chunk: Chunk) -> Answered:
    return _answer(chunk, *_begun)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(chunk: Chunk, service: Service, question: Question) -> Answered:
    return (_columns if question.form is Form.PARQUET else _json_lines)(chunk, service, question)


def _json_lines(chunk: Chunk, service: Service, question: Question) -> Answered:
    """The lines that ``check --json`` writes."""
    check = service.checker.check
    written: list[bytes] = []
    verified = unreadable = 0
    for line in chunk.lines:
        try:
            result = check(text_of(line), question.task, question.lang, question.context, today=question.today)
        except UnreadableAddress as error:
            unreadable += 1
            written.append(to_json(ErrorLineV1(1, service.renderer.problem(error, question.lang))))
        else:
            verified += result.judgement.is_verified
            written.append(service.written(result))
    written.append(b"")
    data = packed(b"\n".join(written), question.form)
    return Answered(data, verified, len(chunk.lines) - verified - unreadable, unreadable)


def _columns(chunk: Chunk, service: Service, question: Question) -> Answered:
    """The rows that ``checker.bulk`` gives, with their line numbers."""
    from checker.bulk_parquet import as_stream

    rows = [row_for(text_of(line), service.checker, question.context, question.today) for line in chunk.lines]
    verdicts = Counter(row.verdict for row in rows)
    return Answered(as_stream(chunk.numbers, rows), verdicts["verified"], verdicts["warning"], verdicts[None])
