"""The bound on how long a body may take: whoever is too late is told, and nobody else is stopped by it."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from starlette.types import Message, Scope

from checker.web import bodies
from checker.web.bodies import read_body
from checker.web.problems import ApiProblem

SCOPE: Scope = {"type": "http", "headers": []}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.2)
    monkeypatch.setattr(bodies, "_LOOK_SECONDS", 0.02)


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def at_once() -> Message:
    return {"type": "http.request", "body": b"{}"}


async def answer() -> str:
    """What a request comes to that waits for a body, and whether it can go on waiting for other things."""
    try:
        await read_body(SCOPE, never, 10)
    except ApiProblem as problem:
        await asyncio.sleep(0)
        return problem.document.code
    return "read"


def test_all_that_are_late_are_told_and_none_is_remembered() -> None:
    async def waiting() -> tuple[list[str], list[weakref.ref[asyncio.Task[str]]]]:
        tasks = [asyncio.create_task(answer()) for _ in range(5)]
        return await asyncio.gather(*tasks), [weakref.ref(task) for task in tasks]

    for _ in range(2):  # each run has a loop of its own
        answers, tasks = asyncio.run(waiting())
        assert answers == ["too-slow"] * 5
        gc.collect()
        assert [task() for task in tasks] == [None] * 5


def test_a_task_that_has_its_body_is_not_stopped_later() -> None:
    async def working() -> bytes:
        late = asyncio.create_task(answer())  # so that somebody looks all the while
        body = await read_body(SCOPE, at_once, 10)
        await asyncio.sleep(0.3)
        assert await late == "too-slow"
        return body

    assert asyncio.run(working()) == b"{}"


@pytest.mark.parametrize("in_the_same_moment", [False, True])
def test_who_is_stopped_from_outside_is_not_only_late(in_the_same_moment: bool) -> None:
    """As by a server that ends: the task must not take that for a slow body, and go on."""

    async def stopped() -> bool:
        task = asyncio.create_task(answer())
        await asyncio.sleep(0.05)
        while in_the_same_moment and not task.cancelling():
            await asyncio.sleep(0)  # until it is too late, and before the task has heard of it
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(stopped())
