"""The web service: lists to Checker, routes, and errors as problem documents.

The two check routes take the request and give a response themselves, with the types above them for
the OpenAPI document: the body is read strictly (UTF-8, no repeated names, bounded), and the answer
is written once.
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
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from checker import __version__
from checker.answers import BatchErrorV1, BatchV1, HealthV1, PortalsV1, ReadyV1
from checker.core.errors import UnreadableAddress
from checker.core.render import AllowlistV1, ResultV1, TasksV1
from checker.finder import MAX_QUERY
from checker.service import Service
from checker.settings import Settings
from checker.web import openapi as api_docs
from checker.web.bodies import JSON, json_answer, json_body, send_json
from checker.web.edge import Edge
from checker.web.gate import Gate, Refuse
from checker.web.metrics import Metrics
from checker.web.pages import Pages
from checker.web.problems import PROBLEM_JSON, ApiProblem
from checker.web.rate_limits import RateLimits
from checker.web.reload import Reloader, load_service
from checker.web.reports import Reports, reports_api
from checker.web.requests import MAX_BATCH, BatchRequest, CheckRequest, Lang, read_request
from checker.web.worker_metrics import WorkerMetrics

__all__ = ["create_app", "own_metrics"]

MAX_BODY = 64 * 1024
MAX_BATCH_BODY = 1024 * 1024

_READING = ("malformed-request", "unknown-task", "body-too-large", "too-slow", "unsupported-media-type")

api = APIRouter(prefix="/api/v1")
probes = APIRouter(tags=["operation"])


@api.post(
    "/check",
    tags=["check"],
    summary="Is this address on the list of official portals?",
    response_model=ResultV1,
    responses=api_docs.problems(
        "unreadable-address", "several-addresses", "unclear-text", "address-too-long", *_READING
    ),
    openapi_extra=api_docs.body(
        CheckRequest,
        a_link={"url": "https://mychart.cleve1andclinic.org/"},
        everything={"url": "https://mychart.clevelandclinic.org/", "task": "pay-bill", "lang": "es", "context": "tab"},
    ),
)
async def check(request: Request) -> Response:
    """Answers *verified* or *warning* with reasons, the official site when one is known, and
    guidance for the task. The address is never fetched, kept or repeated beyond its origin."""
    return Response(await _checked(request.app.state, request.scope, request.receive), media_type=JSON)


async def _checked(state: State, scope: Scope, receive: Receive) -> bytes:
    """The answer to a check, as JSON. Raises ApiProblem."""
    asked = read_request(await json_body(scope, receive, MAX_BODY), CheckRequest)
    service: Service = state.service
    metrics: Metrics = state.metrics
    try:
        result = metrics.check(service, asked.url, asked.task, asked.lang, asked.context)
    except UnreadableAddress as error:
        found = service.renderer.problem(error, asked.lang)
        raise ApiProblem(found.code, found.message) from None
    return service.written(result)


@api.post(
    "/check/batch",
    tags=["check"],
    summary="Check up to 100 addresses",
    response_model=BatchV1,
    responses=api_docs.problems("batch-too-large", *_READING),
    openapi_extra=api_docs.body(
        BatchRequest, two_links={"urls": ["https://mychart.cleve1andclinic.org/", "see you on Friday"]}
    ),
)
async def check_batch(request: Request) -> Response:
    """Answers in the order of the addresses. A text without a single address has its own error in
    its place; the others are answered all the same."""
    asked = read_request(await json_body(request.scope, request.receive, MAX_BATCH_BODY), BatchRequest)
    service: Service = request.app.state.service
    metrics: Metrics = request.app.state.metrics
    results: list[ResultV1 | BatchErrorV1] = []
    for url in asked.urls:
        try:
            checked = metrics.check(service, url, asked.task, asked.lang, asked.context)
            results.append(service.renderer.result(checked))
        except UnreadableAddress as error:
            results.append(BatchErrorV1(service.renderer.problem(error, asked.lang)))
        await asyncio.sleep(0)  # a batch must not keep single checks waiting
    return json_answer(BatchV1(1, tuple(results)))


@api.get(
    "/tasks",
    tags=["guidance"],
    summary="The tasks a person can ask guidance for",
    response_model=TasksV1,
    responses=api_docs.problems("malformed-request"),
)
async def tasks(request: Request, lang: Lang = "en") -> Response:
    """Each task with where to go for it and what to remember."""
    service: Service = request.app.state.service
    return json_answer(service.renderer.tasks(lang))


@api.get(
    "/portals",
    tags=["list"],
    summary="Find an organization's official portal by name",
    response_model=PortalsV1,
    responses=api_docs.problems("malformed-request"),
)
async def portals(
    request: Request,
    q: Annotated[
        str, Query(max_length=MAX_QUERY, description="The name, or part of it.", examples=["cleveland clinic"])
    ],
) -> Response:
    """Forgives typing errors and word order; best first, at most 20. Without a clear likeness the
    list is empty: no guess."""
    service: Service = request.app.state.service
    return json_answer(PortalsV1(1, service.find(q)))


@api.get(
    "/allowlist",
    tags=["list"],
    summary="Which list answers",
    response_model=AllowlistV1,
    responses=api_docs.problems(),
)
async def allowlist(request: Request) -> Response:
    """The list's version (a hash of its content), its counts, and the month of its newest evidence."""
    service: Service = request.app.state.service
    return json_answer(service.allowlist)


@probes.get("/healthz", summary="The process runs", response_model=HealthV1, responses=api_docs.problems(probe=True))
async def healthz() -> Response:
    """For a process manager: restart when this does not answer."""
    return json_answer(HealthV1("ok"))


@probes.get(
    "/readyz",
    summary="The process can answer",
    response_model=ReadyV1,
    responses=api_docs.problems("stopping", probe=True),
)
async def readyz(request: Request) -> Response:
    """For a load balancer: send requests only while this answers. With ``stale`` the last good list
    answers, because the newest files were refused: someone should look, and nothing need stop. A
    service that is about to stop is not ready, and answers what still reaches it."""
    if request.app.state.stopping:
        raise ApiProblem("stopping")
    service: Service = request.app.state.service
    reloader: Reloader = request.app.state.reloader
    return json_answer(ReadyV1("stale" if reloader.stale else "ready", service.allowlist.version, reloader.stale))


@probes.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """For Prometheus: what docs/data.md lists; of all workers, if there are several."""
    state = request.app.state
    workers: WorkerMetrics | None = state.worker_metrics
    text = own_metrics(state)
    return Response(workers.with_others(text) if workers else text, media_type=CONTENT_TYPE_LATEST)


def own_metrics(state: State) -> bytes:
    """The metrics of this process, in Prometheus' text format."""
    metrics: Metrics = state.metrics
    return metrics.text(state.service, loaded_at=state.reloader.loaded_at, stale=state.reloader.stale is not None)


class _State(State):
    """The application's state as plain attributes: every check asks for two, and State looks each up by hand."""

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


class _App(FastAPI):
    """FastAPI behind layers of our own: what they answer never meets the framework."""

    outermost: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        await self.outermost(scope, receive, send)

    async def framework(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers what the layers let through."""
        await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The document with an answer of each route. FastAPI would drop the nulls in an example."""
        document = super().openapi()
        for path, example in api_docs.EXAMPLES.items():
            (operation,) = document["paths"][path].values()
            operation["responses"]["200"]["content"]["application/json"]["example"] = example
        return document


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application with its list loaded. Raises AllowlistError or SettingsError when it cannot
    answer truthfully; it never starts with half a list."""
    settings = settings or Settings.from_env(os.environ)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with app.state.reloader.running(watch=settings.watch), app.state.reports.running():
            yield
        await limits.close()

    app = _App(
        lifespan=lifespan,
        title="portalcheck",
        version=__version__,
        summary="Is this address on the list of official patient, insurer and pharmacy portals?",
        description="Independent and information only. Errors are problem documents (RFC 9457) with a stable `code`;"
        f" they never repeat what was sent. A batch holds at most {MAX_BATCH} addresses.",
        docs_url=None,  # FastAPI's pages load scripts from another site
        redoc_url=None,
        redirect_slashes=False,  # a redirect would send the body on, behind a proxy even without https
        telemetry={"auto_configure": False, "tracing": False, "metrics": False, "logs": False},
    )
    app.state = _State()
    app.state.stopping = False
    app.state.service = load_service(settings.allowlists)
    app.state.metrics = metrics = Metrics()
    app.state.worker_metrics = None
    app.state.reloader = Reloader(settings.allowlists, app.state, on_result=metrics.reload)
    app.state.reports = Reports(settings.database_url, settings.report_days)
    app.include_router(api)
    app.include_router(reports_api)
    app.include_router(probes)
    pages = Pages(app)
    limits = RateLimits(
        settings.limits_url,
        per_client=settings.limit_client,
        reports=settings.limit_reports,
        everyone=settings.limit_everyone,
        on_failure=metrics.limits_failed,
    )

    def refuse(request: Request, problem: ApiProblem, headers: Mapping[str, str] | None = None) -> Response:
        return _problem_answer(request, problem, pages, headers)

    async def on_problem(request: Request, error: Exception) -> Response:
        return refuse(request, _as_problem(error), getattr(error, "headers", None))

    for kind in (ApiProblem, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, on_problem)
    gate = Gate(
        _CheckFirst(app.framework, app.state, refuse),
        limits=limits,
        trusted=settings.trusted_proxies,
        most_at_once=settings.most_at_once,
        metrics=metrics,
        refuse=refuse,
    )
    app.outermost = Edge(gate, allowed_hosts=settings.allowed_hosts, metrics=metrics)
    return app


class _CheckFirst:
    """Answers the hot route without FastAPI around it: it reads and writes by itself, so all that FastAPI
    would add is half of the time. FastAPI's own route, behind this, is what the OpenAPI document describes."""

    def __init__(self, app: ASGIApp, state: State, refuse: Refuse) -> None:
        self._app = app
        self._state = state
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/api/v1/check" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            answer = await _checked(self._state, scope, receive)
        except ApiProblem as problem:
            await self._refuse(Request(scope), problem, None)(scope, receive, send)
        else:
            await send_json(send, answer)


_QUERY_WANTED = {
    "q": f"“q” must be there: the organization's name, at most {MAX_QUERY} characters.",
    "lang": "“lang” must be “en” or “es”.",
}


def _as_problem(error: Exception) -> ApiProblem:
    """The problem that stands for an error of ours, of the framework, or a fault; nothing is copied from it."""
    if isinstance(error, ApiProblem):
        return error
    if isinstance(error, RequestValidationError):
        field = str(error.errors()[0]["loc"][-1])
        return ApiProblem("malformed-request", _QUERY_WANTED.get(field))
    if not isinstance(error, HTTPException):
        return ApiProblem("internal")
    not_allowed = error.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    return ApiProblem("method-not-allowed" if not_allowed else "not-found")


def _problem_answer(request: Request, problem: ApiProblem, pages: Pages, headers: Mapping[str, str] | None) -> Response:
    """A problem document; a page for someone who opened a missing page in a browser."""
    document = problem.document
    from_browser = "text/html" in request.headers.get("accept", "") or "x-fragment" in request.headers
    wants_page = from_browser and not request.url.path.startswith("/api/")
    if wants_page:
        return pages.error(request, document.code, document.status)
    return Response(problem.to_json(), document.status, headers, PROBLEM_JSON)
