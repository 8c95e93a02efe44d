"""The web service: its routes, and ``create_app``, which puts the layers together.

From the outside in: ``Edge``, ``Gate``, the check's own route, FastAPI. The routes that take a body read it
themselves, with the types in ``requests.py``: strictly (UTF-8, no repeated names) and within a limit. The answer types
on the routes are for the OpenAPI document.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from checker import __version__
from checker.answers import BatchErrorV1, BatchV1, HealthV1, PortalsV1, ReadyV1
from checker.clock import Clock, today_utc
from checker.core.errors import UnreadableAddress
from checker.core.render import AllowlistV1, ResultV1, TasksV1
from checker.finder import MAX_QUERY
from checker.settings import Settings
from checker.web import openapi as api_docs
from checker.web.bodies import JSON, json_answer, json_body, send_body
from checker.web.edge import Edge
from checker.web.gate import Gate, Refuse
from checker.web.lifecycle import signals_handled
from checker.web.messages import MessageThread, messages_api
from checker.web.metrics import Metrics
from checker.web.pages import Pages
from checker.web.problems import PROBLEM_JSON, ApiProblem
from checker.web.rate_limits import RateLimits
from checker.web.reload import Reloader
from checker.web.reports import Reports, reports_api
from checker.web.requests import MAX_BATCH, BatchRequest, CheckRequest, Lang, read_request
from checker.web.routes import ALLOWLIST, BATCH, CHECK, HEALTHZ, METRICS, OPENAPI, PORTALS, READYZ, TASKS
from checker.web.state import AppState, state_of

__all__ = ["create_app"]

MAX_BODY = 64 * 1024
MAX_BATCH_BODY = 1024 * 1024

_BODY_PROBLEMS = ("malformed-request", "unknown-task", "body-too-large", "too-slow", "unsupported-media-type")

api = APIRouter()
probes = APIRouter(tags=["operation"])


@api.post(
    CHECK.path,
    tags=["check"],
    summary="Is this address on the list of official portals?",
    response_model=ResultV1,
    responses=api_docs.problems(
        CHECK, "unreadable-address", "several-addresses", "unclear-text", "address-too-long", *_BODY_PROBLEMS
    ),
    openapi_extra=api_docs.body(
        CheckRequest,
        a_link={"url": "https://mychart.cleve1andclinic.org/"},
        everything={"url": "https://mychart.clevelandclinic.org/", "task": "pay-bill", "lang": "es", "context": "tab"},
    ),
)
async def check(request: Request) -> Response:
    """Answers *verified* or *warning*, with reasons, the official site if it is known, and guidance for the task. The
    address is never fetched or stored, and nothing of it but its origin is repeated."""
    return Response(await _check(state_of(request.app), request.scope, request.receive), media_type=JSON)


async def _check(state: AppState, scope: Scope, receive: Receive) -> bytes:
    """The answer to a check, as JSON. Raises ApiProblem."""
    body = read_request(await json_body(scope, receive, MAX_BODY), CheckRequest)
    service = state.service
    try:
        result = service.check(body.url, body.task, body.lang, body.context)
    except UnreadableAddress as error:
        state.metrics.count_unreadable(error)
        problem = service.renderer.problem(error, body.lang)
        raise ApiProblem(problem.code, problem.message) from None
    state.metrics.count(result)
    return service.written(result)


@api.post(
    BATCH.path,
    tags=["check"],
    summary="Check up to 100 addresses",
    response_model=BatchV1,
    responses=api_docs.problems(BATCH, "batch-too-large", *_BODY_PROBLEMS),
    openapi_extra=api_docs.body(
        BatchRequest, two_links={"urls": ["https://mychart.cleve1andclinic.org/", "see you on Friday"]}
    ),
)
async def check_batch(request: Request) -> Response:
    """Answers in the order of the addresses. A text that does not hold exactly one address gets an error of its own in
    its place; the others are answered all the same."""
    body = read_request(await json_body(request.scope, request.receive, MAX_BATCH_BODY), BatchRequest)
    state = state_of(request.app)
    service = state.service
    results: list[ResultV1 | BatchErrorV1] = []
    for url in body.urls:
        try:
            result = service.check(url, body.task, body.lang, body.context)
        except UnreadableAddress as error:
            state.metrics.count_unreadable(error)
            results.append(BatchErrorV1(service.renderer.problem(error, body.lang)))
        else:
            state.metrics.count(result)
            results.append(service.renderer.result(result))
        await asyncio.sleep(0)  # a batch must not keep single checks waiting
    return json_answer(BatchV1(1, tuple(results)))


@api.get(
    TASKS.path,
    tags=["guidance"],
    summary="The tasks that guidance exists for",
    response_model=TasksV1,
    responses=api_docs.problems(TASKS, "malformed-request"),
)
async def tasks(request: Request, lang: Lang = "en") -> Response:
    """Each task with where to go for it and what to remember."""
    return json_answer(state_of(request.app).service.renderer.tasks(lang))


@api.get(
    PORTALS.path,
    tags=["list"],
    summary="Find an organization's official portal by name",
    response_model=PortalsV1,
    responses=api_docs.problems(PORTALS, "malformed-request"),
)
async def portals(
    request: Request,
    q: Annotated[
        str, Query(max_length=MAX_QUERY, description="The name, or part of it.", examples=["cleveland clinic"])
    ],
) -> Response:
    """Typos and any word order are fine. Best first, at most 20; if no name clearly matches, the list is empty: no
    guesses."""
    return json_answer(PortalsV1(1, state_of(request.app).service.find(q)))


@api.get(
    ALLOWLIST.path,
    tags=["list"],
    summary="Which list answers",
    response_model=AllowlistV1,
    responses=api_docs.problems(ALLOWLIST),
)
async def allowlist(request: Request) -> Response:
    """The list's version (a hash of its content), its counts, and the month of its newest evidence."""
    return json_answer(state_of(request.app).service.allowlist)


@probes.get(
    HEALTHZ.path, summary="The process is running", response_model=HealthV1, responses=api_docs.problems(HEALTHZ)
)
async def healthz() -> Response:
    """For a process manager: restart the process if this does not answer."""
    return json_answer(HealthV1("ok"))


@probes.get(
    READYZ.path,
    summary="The service can answer",
    response_model=ReadyV1,
    responses=api_docs.problems(READYZ, "stopping"),
)
async def readyz(request: Request) -> Response:
    """For a load balancer: send requests only while this answers 200. ``stale``: the newest files were refused and the
    last good list answers, so somebody should look, but nothing needs to stop. A service that is about to stop is not
    ready, but still answers the requests it gets."""
    state = state_of(request.app)
    if state.stopping:
        raise ApiProblem("stopping")
    stale = state.reloader.stale
    return json_answer(ReadyV1("stale" if stale else "ready", state.service.allowlist.version, stale))


@probes.get(METRICS.path, include_in_schema=False)
async def metrics(request: Request) -> Response:
    """For Prometheus: the metrics that docs/data.md lists; those of all workers, if there are several."""
    return Response(state_of(request.app).metrics.text(), media_type=CONTENT_TYPE_LATEST)


class _App(FastAPI):
    """FastAPI behind our own layers, through which every HTTP request passes."""

    outermost: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        if scope["type"] == "http":
            await self.outermost(scope, receive, send)
        else:
            await self.framework(scope, receive, send)

    async def framework(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The innermost layer: FastAPI itself."""
        await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document with an example answer for each route. FastAPI itself drops nulls from examples."""
        document = super().openapi()
        for path, example in api_docs.EXAMPLES.items():
            (operation,) = document["paths"][path].values()
            operation["responses"]["200"]["content"]["application/json"]["example"] = example
        return document


def create_app(settings: Settings | None = None, *, clock: Clock = today_utc) -> FastAPI:
    """The application, with its list loaded; ``clock`` decides which listings are overdue.

    Raises AllowlistError or SettingsError if it could not answer truthfully; it never starts with half a list.
    """
    settings = settings or Settings.from_env(os.environ)
    reloader = Reloader.start(settings.allowlists, settings.shared, clock=clock)
    metrics = Metrics()  # not before there is a list to show
    reports = Reports(settings.database_url, settings.report_days, clock=clock)
    state = AppState(metrics, reloader, reports, MessageThread())

    def show_list() -> None:
        metrics.show_list(state.service, loaded_at=reloader.loaded_at, is_stale=reloader.stale is not None)

    def on_reload(swapped: bool) -> None:
        metrics.count_reload(swapped)
        show_list()

    show_list()
    reloader.on_result = on_reload
    limits = RateLimits(
        settings.limits_url,
        per_client=settings.limit_client,
        reports=settings.limit_reports,
        everyone=settings.limit_everyone,
        on_failure=metrics.count_limits_failed,
        clock=clock,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with reloader.running(watch=settings.watch), state.reports.running():
            with signals_handled(state, settings.drain_seconds):
                yield
        await limits.close()

    app = _App(
        lifespan=lifespan,
        title="portalcheck",
        version=__version__,
        summary="Is this address on the list of official patient, insurer and pharmacy portals?",
        description="Independent and for information only. Errors are problem documents (RFC 9457) with a stable"
        f" `code`; they never repeat what was sent. A batch holds at most {MAX_BATCH} addresses.",
        openapi_url=OPENAPI.path,
        docs_url=None,  # FastAPI's pages load scripts from another site
        redoc_url=None,
        redirect_slashes=False,  # a redirect would send the body again, and over plain http behind a proxy
        telemetry={"auto_configure": False, "tracing": False, "metrics": False, "logs": False},
    )
    app.state.portalcheck = state
    app.include_router(api)
    app.include_router(messages_api)
    app.include_router(reports_api)
    app.include_router(probes)
    pages = Pages(app)

    def refuse(request: Request, problem: ApiProblem, headers: Mapping[str, str] | None = None) -> Response:
        return _problem_response(request, problem, pages, headers)

    async def on_problem(request: Request, error: Exception) -> Response:
        return refuse(request, _problem_of(error), getattr(error, "headers", None))

    for kind in (ApiProblem, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, on_problem)
    # FastAPI's share of a check's time would be larger than ours; it has the same route, for the OpenAPI document.
    check_first = Route(CHECK.path, _Check(state, refuse), methods=[*CHECK.methods])
    gate = Gate(
        Router([check_first, Mount("/", app.framework)], default=app.framework, redirect_slashes=False),
        limits=limits,
        trusted_proxies=settings.trusted_proxies,
        most_at_once=settings.most_at_once,
        most_per_client=settings.most_per_client,
        metrics=metrics,
        refuse=refuse,
    )
    app.outermost = Edge(gate, allowed_hosts=settings.allowed_hosts, metrics=metrics)
    return app


class _Check:
    """The check as an ASGI application."""

    def __init__(self, state: AppState, refuse: Refuse) -> None:
        self._state = state
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await _check(self._state, scope, receive)
        except ApiProblem as problem:
            await self._refuse(Request(scope), problem, None)(scope, receive, send)
        else:
            await send_body(send, 200, JSON, answer)


_EXPECTED_QUERY = {
    "q": f"“q” is required: the organization's name, at most {MAX_QUERY} characters.",
    "lang": "“lang” must be “en” or “es”.",
}


def _problem_of(error: Exception) -> ApiProblem:
    """The problem to answer with for an error of ours, of the framework, or a bug; it copies nothing from the error."""
    if isinstance(error, ApiProblem):
        return error
    if isinstance(error, RequestValidationError):
        field = str(error.errors()[0]["loc"][-1])
        return ApiProblem("malformed-request", _EXPECTED_QUERY.get(field))
    if not isinstance(error, HTTPException):
        return ApiProblem("internal")
    not_allowed = error.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    return ApiProblem("method-not-allowed" if not_allowed else "not-found")


def _problem_response(
    request: Request, problem: ApiProblem, pages: Pages, headers: Mapping[str, str] | None
) -> Response:
    """A problem document, or a page for a person with a browser."""
    document = problem.document
    from_browser = "text/html" in request.headers.get("accept", "") or "x-fragment" in request.headers
    if from_browser and not request.url.path.startswith("/api/"):
        return pages.error(request, document.code, document.status)
    return Response(problem.to_json(), document.status, headers, PROBLEM_JSON)
