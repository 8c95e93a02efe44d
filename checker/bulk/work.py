"""Answers chunks of lines, in this process or in several worker processes.

Workers load the list from a snapshot of what the main process has read, so they cannot differ. They are spawned, not
forked, because that works the same on every system, and end with the process that started them.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from types import FrameType
from typing import NamedTuple, cast

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

__all__ = ["Question", "answered", "handling"]

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
    """The chunks under way wait in a queue, which keeps their order.

    Each worker has a pipe of its own, which a thread writes to and waits for. ``ProcessPoolExecutor`` does not do
    here: all its workers answer into one pipe, and if one is killed in the middle of an answer, it waits for the rest
    forever. Of 25 runs with a worker killed at random, one hung.
    """
    snapshot = snapshot_of(service.checker.allowlist, None)
    workers: list[tuple[BaseProcess, Connection]] = []
    idle: SimpleQueue[Connection] = SimpleQueue()

    def begin(pipe: Connection) -> None:
        with suppress(OSError):  # if the worker is dead, its first chunk fails
            pipe.send((snapshot, question))
        idle.put(pipe)

    def ask(chunk: Chunk) -> Answered:
        pipe = idle.get()
        try:
            pipe.send(chunk)
            return cast("Answered", pipe.recv())
        except (EOFError, OSError):
            raise BulkError("A worker process was killed. If memory ran out, try fewer --jobs.") from None
        finally:
            idle.put(pipe)  # even if the worker is dead: what is asked next must not wait

    waiting: deque[tuple[Chunk, Future[Answered]]] = deque()
    threads = ThreadPoolExecutor(jobs)
    try:
        with handling(signal.SIGINT, signal.SIG_IGN):  # inherited by the workers, which the main process ends
            workers += (_started() for _ in range(jobs))
        for _, pipe in workers:
            threads.submit(begin, pipe)
        for chunk in chunks:
            waiting.append((chunk, threads.submit(ask, chunk)))
            if len(waiting) >= _IN_FLIGHT * jobs:
                chunk, answer = waiting.popleft()
                yield chunk, answer.result()
        for chunk, answer in waiting:
            yield chunk, answer.result()
    finally:
        for process, _ in workers:
            process.terminate()
        threads.shutdown(cancel_futures=True)


@contextmanager
def handling(number: int, handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    """Within it, ``handler`` handles the signal. Only the main thread can set one; in others it does nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def _started() -> tuple[BaseProcess, Connection]:
    """A worker process, and the pipe to it."""
    spawn = multiprocessing.get_context("spawn")
    pipe, workers_end = spawn.Pipe()
    process = spawn.Process(target=_work, args=(workers_end,), daemon=True)
    process.start()
    workers_end.close()  # so that only the worker holds it, and the pipe breaks when the worker dies
    return process, pipe


def _work(pipe: Connection) -> None:
    """In a worker process: answer chunk after chunk until the main process ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Windows, it is not inherited
    with suppress(EOFError, OSError):
        snapshot, question = pipe.recv()
        service = Service.of(parse_snapshot("the list", snapshot)[0])
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
