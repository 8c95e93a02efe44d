"""Reading a request's body within a bound."""

from __future__ import annotations

from starlette.requests import Request

from checker.problems import ApiProblem

__all__ = ["media_type", "read_body"]

_MOST_DIGITS = 15


def media_type(request: Request) -> str:
    """The Content-Type without its parameters, lower-case; empty when there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, most: int) -> bytes:
    """The body, if it has at most ``most`` bytes; no more than that is ever kept.

    Raises ApiProblem ``body-too-large`` as soon as the announced or the received length is over it.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > _MOST_DIGITS or int(announced) > most):
        raise ApiProblem("body-too-large")
    parts: list[bytes] = []
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > most:
            raise ApiProblem("body-too-large")
        parts.append(part)
    return b"".join(parts)
