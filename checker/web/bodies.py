"""Reads request bodies within limits of size and time, and sends responses.

Plain ASGI, because every check comes here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from checker.answers import to_json
from checker.web.problems import ApiProblem

__all__ = ["JSON", "json_answer", "json_body", "media_type", "read_body", "send_body"]

JSON = "application/json"
BODY_SECONDS = 10.0
"""The time a client has to send a body."""
_MAX_DIGITS = 15


def media_type(scope: Scope) -> str:
    """The Content-Type without its parameters, lower-case; empty when there is none."""
    return _header(scope, b"content-type").partition(";")[0].strip().lower()


async def read_body(scope: Scope, receive: Receive, max_length: int) -> bytes:
    """The body, of at most ``max_length`` bytes; no more than that is ever kept.

    Raises ApiProblem: ``body-too-large`` as soon as the announced or received length exceeds the limit, and
    ``too-slow`` if the body has not arrived in time, because a slow sender must not hold a place.
    """
    announced = _header(scope, b"content-length")
    expected = int(announced) if announced.isdecimal() and len(announced) <= _MAX_DIGITS else None
    if announced.isdecimal() and (expected is None or expected > max_length):
        raise ApiProblem("body-too-large")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                body += message.get("body", b"")
                if len(body) > max_length:
                    raise ApiProblem("body-too-large")
                # A server may say that a body is complete only with another, empty message: nobody waits for it.
                if len(body) == expected or not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        raise ApiProblem("too-slow") from None


def json_body(scope: Scope, receive: Receive, max_length: int) -> Awaitable[bytes]:
    """The body of a request with the media type JSON. Raises ApiProblem for any other type."""
    if media_type(scope) != JSON:
        raise ApiProblem("unsupported-media-type")
    return read_body(scope, receive, max_length)


def json_answer(answer: object) -> Response:
    """The response for an answer of the API."""
    return Response(to_json(answer), media_type=JSON)


async def send_body(send: Send, status: int, content_type: str, body: bytes) -> None:
    """Send a whole response: what Starlette's Response does, for the layers that every request passes."""
    headers = [(b"content-type", content_type.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""
