"""Reads request bodies within limits of size and time, and sends JSON. Plain ASGI, because every check comes here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from time import monotonic

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from checker.answers import to_json
from checker.web.problems import ApiProblem

__all__ = ["JSON", "json_answer", "json_body", "media_type", "read_body", "send_json"]

JSON = "application/json"
BODY_SECONDS = 10.0
"""The time a client has to send a body."""
_SWEEP_SECONDS = 1.0
_MAX_DIGITS = 15
_JSON_TYPE = (b"content-type", JSON.encode())


def media_type(scope: Scope) -> str:
    """The Content-Type without its parameters, lower-case; empty when there is none."""
    return _header(scope, b"content-type").partition(";")[0].strip().lower()


async def read_body(scope: Scope, receive: Receive, max_length: int) -> bytes:
    """The body, of at most ``max_length`` bytes; no more than that is ever kept.

    Raises ApiProblem: ``body-too-large`` as soon as the announced or received length exceeds the limit, and
    ``too-slow`` if the body has not arrived in time, because a slow sender must not hold a place.
    """
    announced = _header(scope, b"content-length")
    if announced.isdecimal() and (len(announced) > _MAX_DIGITS or int(announced) > max_length):
        raise ApiProblem("body-too-large")
    parts: list[bytes] = []
    length = 0
    task = _deadlines.start()
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            part = message.get("body", b"")
            length += len(part)
            if length > max_length:
                raise ApiProblem("body-too-large")
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)
    except asyncio.CancelledError:
        if _deadlines.has_expired(task):
            raise ApiProblem("too-slow") from None
        raise
    finally:
        _deadlines.end(task)


def json_body(scope: Scope, receive: Receive, max_length: int) -> Awaitable[bytes]:
    """The body of a request with the media type JSON. Raises ApiProblem for any other type."""
    if media_type(scope) != JSON:
        raise ApiProblem("unsupported-media-type")
    return read_body(scope, receive, max_length)


def json_answer(answer: object) -> Response:
    """The response for an answer of the API."""
    return Response(to_json(answer), media_type=JSON)


async def send_json(send: Send, body: bytes) -> None:
    """Send JSON that is already written, with status 200."""
    headers = [_JSON_TYPE, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


Task = asyncio.Task[object]


class _Deadlines:
    """Cancels tasks that wait longer than BODY_SECONDS for a body; it sweeps once a second.

    It does what asyncio.timeout does, but a timer for each body took a tenth of the time of a whole check.
    """

    def __init__(self) -> None:
        self._started: dict[Task, float] = {}
        self._expired: set[Task] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        """The event loop with the timer of the next sweep; None while no task waits."""

    def start(self) -> Task:
        """Start the time of the current task, and return the task."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a body must be read in a task")
        self._started[task] = monotonic()
        loop = task.get_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(_SWEEP_SECONDS, self._sweep)
        return task

    def end(self, task: Task) -> None:
        """Stop the time of a task."""
        self._started.pop(task, None)

    def has_expired(self, task: Task) -> bool:
        """True if we cancelled the task, and nobody else did; the task then continues."""
        if task not in self._expired:
            return False
        self._expired.remove(task)
        return task.uncancel() == 0

    def _sweep(self) -> None:
        oldest = monotonic() - BODY_SECONDS
        for task in [task for task, started in self._started.items() if started < oldest]:
            self.end(task)
            self._expired.add(task)
            task.cancel()
        if self._started and self._loop is not None:
            self._loop.call_later(_SWEEP_SECONDS, self._sweep)
        else:
            self._loop = None


_deadlines = _Deadlines()
