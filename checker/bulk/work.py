"""Answers chunks of lines, in this process or in several worker processes.

Workers load the list from a snapshot of what the main process has read, so they cannot differ. They are spawned, not
forked, because that works the same on every system, and end with the process that started them.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections import Counter, deque
from collections.abc import Generator, Iterable
from contextlib import suppress
from datetime import date
from itertools import cycle
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import NamedTuple

from checker.answers import ErrorLineV1, to_json
from checker.bulk.formats import OutputFormat, compressed
from checker.bulk.input import Chunk, text_of
from checker.bulk.progress import Answered
from checker.bulk.rows import row_for
from checker.core.errors import BulkError, UnreadableAddress
from checker.core.guidance import Task
from checker.core.text import Context
from checker.lists.snapshot import parse_snapshot, snapshot_of
from checker.service import Service

__all__ = ["Question", "answered"]

_IN_FLIGHT = 4
"""Chunks under way per worker: enough that none waits, few enough to keep memory small."""


class Question(NamedTuple):
    """What is asked about every address, and how answers are written. ``today``: the day of the whole run."""

    task: Task | None
    lang: str
    context: Context
    output_format: OutputFormat
    today: date


def answered(
    chunks: Iterable[Chunk], service: Service, question: Question, jobs: int
) -> Generator[tuple[Chunk, Answered], None, None]:
    """Each chunk with its answers, in order. Raises BulkError if a worker dies."""
    if jobs == 1:
        return ((chunk, _answer(chunk, service, question)) for chunk in chunks)
    return _in_workers(chunks, service, question, jobs)


def _in_workers(
    chunks: Iterable[Chunk], service: Service, question: Question, jobs: int
) -> Generator[tuple[Chunk, Answered], None, None]:
    """Chunks go to the workers in turn and come back in turn, which keeps the order.

    Each worker has its own pipe, so that one that dies in the middle of an answer is noticed at once and does not
    affect the others.
    """
    snapshot = snapshot_of(service.checker.allowlist, None)
    waiting: deque[tuple[Chunk, _Worker]] = deque()
    workers: list[_Worker] = []
    try:
        workers += (_Worker(snapshot, question) for _ in range(jobs))
        turns = cycle(workers)
        for chunk in chunks:
            worker = next(turns)
            worker.ask(chunk)
            waiting.append((chunk, worker))
            if len(waiting) >= _IN_FLIGHT * jobs:
                chunk, worker = waiting.popleft()
                yield chunk, worker.answer()
        while waiting:
            chunk, worker = waiting.popleft()
            yield chunk, worker.answer()
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """A worker process, as the main process sees it."""

    def __init__(self, snapshot: bytes, question: Question) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, workers_end = spawn.Pipe()
        self._process = spawn.Process(target=_work, args=(workers_end, snapshot, question), daemon=True)
        self._process.start()
        workers_end.close()  # so that only the worker holds it, and the pipe breaks when the worker dies
        self._answers: SimpleQueue[Answered | None] = SimpleQueue()
        # Answers are read as they come: if both ends wrote into full pipes, each would wait for the other.
        threading.Thread(target=self._fetch, daemon=True).start()

    def _fetch(self) -> None:
        try:
            while True:
                self._answers.put(self._pipe.recv())
        except (EOFError, OSError):
            self._answers.put(None)

    def ask(self, chunk: Chunk) -> None:
        try:
            self._pipe.send(chunk)
        except OSError:
            raise _died() from None

    def answer(self) -> Answered:
        answer = self._answers.get()
        if answer is None:
            raise _died()
        return answer

    def end(self) -> None:
        self._process.terminate()
        self._process.join()


def _died() -> BulkError:
    return BulkError("A worker process was killed. If memory ran out, try fewer --jobs.")


def _work(pipe: Connection, snapshot: bytes, question: Question) -> None:
    """In a worker process: answer chunk after chunk until the main process ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which ends the workers
    service = Service.of(parse_snapshot("the list", snapshot)[0])
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_answer(pipe.recv(), service, question))


def _answer(chunk: Chunk, service: Service, question: Question) -> Answered:
    return (_columns if question.output_format is OutputFormat.PARQUET else _json_lines)(chunk, service, question)


def _json_lines(chunk: Chunk, service: Service, question: Question) -> Answered:
    """The lines that ``check --json`` writes."""
    answers: list[bytes] = []
    verified = unreadable = 0
    for line in chunk.lines:
        try:
            result = service.check(text_of(line), question.task, question.lang, question.context, today=question.today)
        except UnreadableAddress as error:
            unreadable += 1
            answers.append(to_json(ErrorLineV1(1, service.renderer.problem(error, question.lang))))
        else:
            verified += result.judgement.is_verified
            answers.append(service.written(result))
    answers.append(b"")
    data = compressed(b"\n".join(answers), question.output_format)
    return Answered(data, verified, len(chunk.lines) - verified - unreadable, unreadable)


def _columns(chunk: Chunk, service: Service, question: Question) -> Answered:
    """The rows that ``checker.bulk.check`` returns, with their line numbers, as an Arrow stream."""
    from checker.bulk.parquet import as_stream

    rows = [row_for(text_of(line), service, question.context, question.today) for line in chunk.lines]
    verdicts = Counter(row.verdict for row in rows)
    return Answered(as_stream(chunk.numbers, rows), verdicts["verified"], verdicts["warning"], verdicts[None])
