"""Messages over HTTP: the API's route, and the threads that read them for it and for the page.

Reading one can take a fifth of a second, so it is never done where other requests wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from checker.answers import MessageV1, to_json
from checker.core.errors import AddressProblem, UnreadableAddress
from checker.core.message import GivenLink, JudgedMessage, Message, read_html, read_links, read_plain
from checker.service import Service
from checker.web import openapi as api_docs
from checker.web.bodies import JSON, json_body
from checker.web.problems import ApiProblem
from checker.web.requests import MessageRequest, read_request
from checker.web.routes import MESSAGE
from checker.web.state import state_of

__all__ = ["MAX_MESSAGE_BODY", "MessageThread", "messages_api"]

MAX_MESSAGE_BODY = 512 * 1024
"""Bytes of a request: 256 KiB of HTML, and as much again for what JSON makes of its quotes and line ends."""
_MOST_WAITING = 8
"""Messages that may wait for the thread: about two seconds of work at worst."""

_UNREAD = "The message has more markup than we read. Send its links, or less of it."

_Done = TypeVar("_Done")

messages_api = APIRouter(tags=["check"])


class MessageThread:
    """Does one piece of work at a time, beside the event loop. Python runs no two at once anyway."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="message")
        self._waiting = 0

    async def run(self, work: Callable[[], _Done]) -> _Done:
        """What ``work`` returns or raises. Raises ApiProblem if too much is waiting."""
        if self._waiting >= _MOST_WAITING:
            raise ApiProblem("overloaded")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


@messages_api.post(
    MESSAGE.path,
    summary="Check every link of a message",
    response_model=MessageV1,
    responses=api_docs.problems(
        MESSAGE,
        *("unclear-text", "malformed-request", "unknown-task", "batch-too-large", "body-too-large", "too-slow"),
        "unsupported-media-type",
    ),
    openapi_extra=api_docs.body(
        MessageRequest,
        html={"html": '<a href="https://www.evil.example/">https://mychart.clevelandclinic.org/</a>'},
        text={"text": "Your results are here: https://mychart.clevelandclinic.org/", "task": "test-results"},
        links={"links": [{"url": "https://www.evil.example/", "shown": "mychart.clevelandclinic.org"}], "lang": "es"},
    ),
)
async def check_message(request: Request) -> Response:
    """Takes one of `links`, `text` and `html`. Answers for each host that the links lead to, the worst one first, and
    says where their words show another address. *Verified* only if every link is and nothing is left over that could be
    an address; `none` if there is no link. Senders and phone numbers are not checked. Nothing of the message is kept,
    and nothing but hosts is repeated."""
    raw = await json_body(request.scope, request.receive, MAX_MESSAGE_BODY)
    state = state_of(request.app)
    service = state.service

    def work() -> tuple[JudgedMessage, bytes]:
        body = read_request(raw, MessageRequest)
        judged = service.judge(_message(body, service), body.task, body.lang)
        return judged, to_json(service.answer(judged, body.lang))

    try:
        judged, answer = await state.messages.run(work)
    except UnreadableAddress as error:
        state.metrics.count_unreadable(error)
        raise ApiProblem(error.code, _UNREAD if error.problem is AddressProblem.UNCLEAR else None) from None
    state.metrics.count_message(judged)
    return Response(answer, media_type=JSON)


def _message(body: MessageRequest, service: Service) -> Message:
    if body.html is not None:
        return read_html(body.html, service.known)
    if body.text is not None:
        return read_plain(body.text, service.known)
    return read_links([GivenLink(link.url, link.shown) for link in body.links or ()], service.known)
