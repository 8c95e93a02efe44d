"""The page for people: paste a link, read the answer, find a portal by name.

It works without JavaScript; with it, the same routes return only the part that changes (``X-Fragment``). What a
person pastes is sent in the body of a POST, so that it ends up in no history and no log.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from checker.answers import MessageV1
from checker.core.errors import UnreadableAddress
from checker.core.guidance import Task
from checker.core.message import JudgedMessage, is_urgent, read_plain
from checker.core.reason import DANGER_CODES
from checker.core.render import ErrorV1
from checker.finder import MAX_QUERY
from checker.texts_loader import LANGUAGES, load_texts
from checker.web.bodies import media_type, read_body
from checker.web.problems import ApiProblem
from checker.web.routes import FIND, HOME, REASONS, STATIC
from checker.web.state import AppState, state_of

__all__ = ["Pages"]

MAX_FORM = 64 * 1024
_MAX_FIELDS = 10
_MAX_ACCEPT_LANGUAGE = 200
_HERE = Path(__file__).resolve().parent
_FALLBACK = "en"
_NOTHING = {
    **dict.fromkeys(("task", "result", "message", "problem", "portals")),
    "query": "",
    "urgent": False,
}
"""What templates need on every page."""


class Pages:
    """The routes that answer with HTML."""

    def __init__(self, app: FastAPI) -> None:
        self._texts = load_texts()
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        router = APIRouter(include_in_schema=False)
        # A single route for both methods, so that the Allow header of a 405 names them all.
        router.add_api_route(HOME.path, self.start, methods=[*HOME.methods])
        router.add_api_route(FIND.path, self.find, methods=[*FIND.methods])
        router.add_api_route(REASONS.path, self.reasons, methods=[*REASONS.methods])
        app.include_router(router)
        app.mount(STATIC.path, StaticFiles(directory=_HERE / "static"))

    async def start(self, request: Request) -> HTMLResponse:
        """The page at ``/``: the form, or the form with an answer."""
        return await (self.check if request.method == "POST" else self.home)(request)

    async def home(self, request: Request) -> HTMLResponse:
        """The empty form."""
        return self._page(request, "index.html")

    async def check(self, request: Request) -> HTMLResponse:
        """The form with the answer for the pasted text, or with the reason why there is none."""
        form = await _form(request)
        lang = _lang(request, form)
        template = "_result.html" if request.headers.get("x-fragment") == "result" else "index.html"
        state = state_of(request.app)
        service = state.service
        task = form.get("task", "")
        if task and task not in set(Task):
            return self._page(request, template, lang, problem=self._problem("unknown-task", lang), status=422)
        chosen = Task(task) if task else None
        text = form.get("url", "")
        try:
            result = service.check(text, chosen, lang)
        except UnreadableAddress as error:
            message = await self._message(state, text, chosen, lang)
            if message is not None:
                return self._page(request, template, lang, task=chosen, message=message)
            state.metrics.count_unreadable(error)
            problem = service.renderer.problem(error, lang)
            return self._page(request, template, lang, task=chosen, problem=problem, status=422)
        state.metrics.count(result)
        urgent = is_urgent(text)
        return self._page(request, template, lang, task=chosen, result=service.renderer.result(result), urgent=urgent)

    async def _message(self, state: AppState, text: str, task: Task | None, lang: str) -> MessageV1 | None:
        """The answer for a text that holds no single address; None where a message would say no more than that."""
        service = state.service

        def work() -> tuple[JudgedMessage, MessageV1]:
            judged = service.judge(read_plain(text, service.known), task, lang)
            return judged, service.answer(judged, lang)

        try:
            judged, answer = await state.messages.run(work)
        except UnreadableAddress:
            return None
        if not (answer.links or answer.portals or answer.urgent):
            return None
        state.metrics.count_message(judged)
        return answer

    async def find(self, request: Request) -> HTMLResponse:
        """The form with the portals found by name."""
        form = await _form(request)
        lang = _lang(request, form)
        template = "_portals.html" if request.headers.get("x-fragment") == "portals" else "index.html"
        query = form.get("q", "")[:MAX_QUERY]
        portals = state_of(request.app).service.find(query)
        return self._page(request, template, lang, query=query, portals=portals)

    async def reasons(self, request: Request) -> HTMLResponse:
        """What every reason code means, with examples."""
        return self._page(request, "reasons.html", danger_codes=DANGER_CODES)

    def error(self, request: Request, code: str, status: int) -> HTMLResponse:
        """An error as a page, for a person with a browser."""
        lang = _lang(request, {})
        return self._page(request, "error.html", lang, problem=self._problem(code, lang), status=status)

    def _problem(self, code: str, lang: str) -> ErrorV1:
        errors = self._texts[lang].under("errors")
        return ErrorV1(code, errors.text(code if code in errors.tree else "malformed-request"))

    def _page(
        self, request: Request, template: str, lang: str | None = None, *, status: int = 200, **context: Any
    ) -> HTMLResponse:
        lang = lang or _lang(request, {})
        texts = self._texts[lang]
        content = self._templates.get_template(template).render(
            {**_NOTHING, **context},
            t=texts.tree,
            lang=lang,
            other_lang=next(other for other in LANGUAGES if other != lang),
            tasks=[(task.value, texts.text("tasks", task, "title")) for task in Task],
            allowlist=state_of(request.app).service.allowlist,
        )
        return HTMLResponse(content, status, {"content-language": lang, "vary": "accept-language, x-fragment"})


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form, none of them repeated. Invalid UTF-8 becomes U+FFFD. Raises ApiProblem."""
    if media_type(request.scope) != "application/x-www-form-urlencoded":
        raise ApiProblem("unsupported-media-type", "Send the form as application/x-www-form-urlencoded.")
    raw = await read_body(request.scope, request.receive, MAX_FORM)
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="replace", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise ApiProblem("malformed-request", "The form could not be read.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ApiProblem("malformed-request", "A field of the form is repeated.")
    return fields


def _lang(request: Request, form: dict[str, str]) -> str:
    """The language of the form, else of the query, else the one of ours that the browser prefers."""
    for lang in (form.get("lang"), request.query_params.get("lang")):
        if lang in LANGUAGES:
            return lang
    preferences: list[tuple[float, int, str]] = []
    header = request.headers.get("accept-language", "")[:_MAX_ACCEPT_LANGUAGE]
    for place, preference in enumerate(header.split(",")):
        tag, _, quality = preference.strip().lower().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        preferences.append((-weight, place, tag.partition("-")[0]))
    return next((tag for weight, _, tag in sorted(preferences) if tag in LANGUAGES and weight), _FALLBACK)
