"""Reading a request's body within a bound, and writing an answer. Plain ASGI, because every check passes here."""

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
_LOOK_SECONDS = 1.0
_MOST_DIGITS = 15
_JSON_TYPE = (b"content-type", JSON.encode())


def media_type(scope: Scope) -> str:
    """The Content-Type without its parameters, lower-case; empty when there is none."""
    return _header(scope, b"content-type").partition(";")[0].strip().lower()


async def read_body(scope: Scope, receive: Receive, most: int) -> bytes:
    """The body, if it has at most ``most`` bytes; no more than that is ever kept.

    Raises ApiProblem ``body-too-large`` as soon as the announced or the received length is over it,
    and ``too-slow`` when it has not arrived in time: a slow sender must not hold a place.
    """
    announced = _header(scope, b"content-length")
    if announced.isdecimal() and (len(announced) > _MOST_DIGITS or int(announced) > most):
        raise ApiProblem("body-too-large")
    parts: list[bytes] = []
    length = 0
    task = _late.begin()
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            part = message.get("body", b"")
            length += len(part)
            if length > most:
                raise ApiProblem("body-too-large")
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts)
    except asyncio.CancelledError:
        if _late.stopped(task):
            raise ApiProblem("too-slow") from None
        raise
    finally:
        _late.end(task)


def json_body(scope: Scope, receive: Receive, most: int) -> Awaitable[bytes]:
    """The body of a request that says it is JSON. Raises ApiProblem when it says anything else."""
    if media_type(scope) != JSON:
        raise ApiProblem("unsupported-media-type")
    return read_body(scope, receive, most)


def json_answer(answer: object) -> Response:
    """An answer of the API."""
    return Response(to_json(answer), media_type=JSON)


async def send_json(send: Send, body: bytes) -> None:
    """Send a written answer with status 200."""
    headers = [_JSON_TYPE, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


Task = asyncio.Task[object]


class _Late:
    """Stops tasks that wait longer than BODY_SECONDS for a body, looking once a second.

    It does what asyncio.timeout does; but a timer for each body was a tenth of the time of a whole check.
    """

    def __init__(self) -> None:
        self._since: dict[Task, float] = {}
        self._stopped: set[Task] = set()
        self._loop: asyncio.AbstractEventLoop | None = None  # the one whose timer looks, while anybody waits

    def begin(self) -> Task:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a body is read in a task")
        self._since[task] = monotonic()
        loop = task.get_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(_LOOK_SECONDS, self._look)
        return task

    def end(self, task: Task) -> None:
        self._since.pop(task, None)

    def stopped(self, task: Task) -> bool:
        """True when it was us who cancelled the task; it goes on then."""
        if task not in self._stopped:
            return False
        self._stopped.remove(task)
        return task.uncancel() == 0

    def _look(self) -> None:
        oldest = monotonic() - BODY_SECONDS
        for task in [task for task, since in self._since.items() if since < oldest]:
            self.end(task)
            self._stopped.add(task)
            task.cancel()
        if self._since and self._loop is not None:
            self._loop.call_later(_LOOK_SECONDS, self._look)
        else:
            self._loop = None


_late = _Late()
