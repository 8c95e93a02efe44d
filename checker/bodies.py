"""Reading a request's body within a bound, and writing an answer."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from checker.api_models import to_json
from checker.problems import ApiProblem

__all__ = ["json_answer", "json_body", "media_type", "read_body"]

BODY_SECONDS = 10.0
_MOST_DIGITS = 15


def media_type(request: Request) -> str:
    """The Content-Type without its parameters, lower-case; empty when there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, most: int) -> bytes:
    """The body, if it has at most ``most`` bytes; no more than that is ever kept.

    Raises ApiProblem ``body-too-large`` as soon as the announced or the received length is over it,
    and ``too-slow`` when it has not arrived in time: a slow sender must not hold a place.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > _MOST_DIGITS or int(announced) > most):
        raise ApiProblem("body-too-large")
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                length += len(part)
                if length > most:
                    raise ApiProblem("body-too-large")
                parts.append(part)
    except TimeoutError:
        raise ApiProblem("too-slow") from None
    return b"".join(parts)


async def json_body(request: Request, most: int) -> bytes:
    """The body of a request that says it is JSON. Raises ApiProblem when it says anything else."""
    if media_type(request) != "application/json":
        raise ApiProblem("unsupported-media-type")
    return await read_body(request, most)


def json_answer(answer: object) -> Response:
    """An answer of the API."""
    return Response(to_json(answer), media_type="application/json")
