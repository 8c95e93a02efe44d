"""The time limit for a body: a late client gets an error, and no other task is cancelled."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref

import pytest
from starlette.types import Message, Scope

from checker.web import bodies
from checker.web.bodies import read_body
from checker.web.problems import ApiProblem

SCOPE: Scope = {"type": "http", "headers": []}


LIMIT_SECONDS = 0.2
TOLERANCE_SECONDS = 5.0
"""How much later than the limit the error may come, on a busy machine."""


@pytest.fixture(autouse=True)
def _short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", LIMIT_SECONDS)


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets the event")


async def at_once() -> Message:
    return {"type": "http.request", "body": b"{}"}


async def answer() -> str:
    """What a request without a body gets; it must be able to await other things after that."""
    try:
        await read_body(SCOPE, never, 10)
    except ApiProblem as problem:
        await asyncio.sleep(0)
        return problem.document.code
    return "read"


def test_every_late_client_gets_an_error_in_time_and_no_task_is_kept() -> None:
    async def waiting() -> tuple[list[str], list[weakref.ref[asyncio.Task[str]]]]:
        tasks = [asyncio.create_task(answer()) for _ in range(5)]
        return await asyncio.gather(*tasks), [weakref.ref(task) for task in tasks]

    for _ in range(2):  # each run has an event loop of its own
        started = time.monotonic()
        answers, tasks = asyncio.run(waiting())
        assert answers == ["too-slow"] * 5
        assert LIMIT_SECONDS <= time.monotonic() - started < LIMIT_SECONDS + TOLERANCE_SECONDS
        gc.collect()
        assert [task() for task in tasks] == [None] * 5


def test_a_body_that_arrives_within_the_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 60.0)

    async def later() -> Message:
        await asyncio.sleep(1.5)
        return await at_once()

    assert asyncio.run(read_body(SCOPE, later, 10)) == b"{}"


def test_a_task_that_has_its_body_is_not_cancelled_later() -> None:
    async def working() -> tuple[bytes, str]:
        late = asyncio.create_task(answer())
        body = await read_body(SCOPE, at_once, 10)
        return body, await late  # this task waits as long as the late one, and past the limit

    assert asyncio.run(working()) == (b"{}", "too-slow")


@pytest.mark.parametrize("also_late", [False, True])
def test_a_task_cancelled_from_outside_is_cancelled_even_if_it_is_late_as_well(also_late: bool) -> None:
    """As by a server that shuts down: the task must not mistake that for a slow body, and continue."""

    async def is_cancelled() -> bool:
        task = asyncio.create_task(answer())
        await asyncio.sleep(0.05)
        while also_late and not task.cancelling():
            await asyncio.sleep(0)  # until the limit has passed, and before the task runs again
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(is_cancelled())
