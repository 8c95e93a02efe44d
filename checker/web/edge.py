"""The outermost layer of the web service: who is answered, with which headers, and what becomes of
a fault. One plain ASGI class, because it runs for every request.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterable
from time import perf_counter

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from checker.settings import ANY_HOST
from checker.web.logs import REQUEST_ID, new_request_id, places
from checker.web.metrics import Metrics
from checker.web.problems import PROBLEM_JSON, ApiProblem

__all__ = ["OPEN_TO_OTHER_SITES", "Edge"]

log = logging.getLogger("portalcheck")

OPEN_TO_OTHER_SITES = {
    "/api/v1/check": "POST",
    "/api/v1/check/batch": "POST",
    "/api/v1/tasks": "GET",
    "/api/v1/portals": "GET",
    "/api/v1/allowlist": "GET",
}
"""Routes that any web page may read, with their method: nothing there depends on who asks. Every
other route stays closed to other sites."""

Headers = tuple[tuple[bytes, bytes], ...]

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS: Headers = (
    (b"content-security-policy", _CSP.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
_NOT_KEPT: Headers = (*_ALWAYS, (b"cache-control", b"no-store"))
_REVALIDATED: Headers = (*_ALWAYS, (b"cache-control", b"no-cache"))
_OPEN: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
"""For JSON that any site may read. It loads nothing, and what a page may do or who may hold its window is no question:
https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers"""

_PREFLIGHT_SECONDS = b"7200"  # no browser remembers longer


class Edge:
    """Checks the Host header, answers preflights, adds headers, counts, and turns a fault into a 500.

    The Host check is against DNS rebinding: a page that points its own name at this machine would
    otherwise be same-origin with the service (https://owasp.org/www-community/attacks/DNS_Rebinding).
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Iterable[str], metrics: Metrics) -> None:
        self._app = app
        self._hosts = frozenset(allowed_hosts)
        self._any_host = ANY_HOST in self._hosts
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        request_id = new_request_id()
        REQUEST_ID.set(request_id)
        path = scope["path"]
        known = self._any_host or _host_name(scope) in self._hosts
        headers = (*(_headers_for(path) if known else _NOT_KEPT), (b"x-request-id", request_id.encode()))
        status = 0

        def send_with_headers(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *headers]
            return send(message)

        try:
            if not known:
                await _send_problem(send_with_headers, ApiProblem("unknown-host"))
            elif scope["method"] == "OPTIONS" and path in OPEN_TO_OTHER_SITES:
                await _answer_preflight(send_with_headers, OPEN_TO_OTHER_SITES[path])
            else:
                await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            pass  # nobody is left to answer
        except Exception as error:
            # The message of an exception can hold what was asked; its type and place cannot.
            log.error("%s at %s", type(error).__name__, places(error))
            if not status:
                await _send_problem(send_with_headers, ApiProblem("internal"))
        self._metrics.request(_route(scope) if known else "other", status, perf_counter() - began)


def _headers_for(path: str) -> Headers:
    if path in OPEN_TO_OTHER_SITES:
        return _OPEN
    return _REVALIDATED if path.startswith("/static/") else _NOT_KEPT


def _route(scope: Scope) -> str:
    """The route as it is written in the code; what was asked beyond it is nobody's business."""
    if found := getattr(scope.get("route"), "path", None):
        return str(found)
    path = scope["path"]
    if path in OPEN_TO_OTHER_SITES:
        return str(path)
    return "/static" if path.startswith("/static/") else "other"


def _host_name(scope: Scope) -> str | None:
    """The one Host header without its port, lower-case; None when it is missing or stands twice."""
    host: str | None = None
    for name, value in scope["headers"]:
        if name == b"host":
            if host is not None:
                return None
            host = str(value, "latin-1").lower()
    if host is None:
        return None
    if host[:1] == "[":
        name, bracket, port = host[1:].partition("]")
        return name if bracket and (not port or port[0] == ":") else None
    return host.partition(":")[0]


async def _send_problem(send: Send, problem: ApiProblem) -> None:
    body = problem.to_json()
    headers = [(b"content-type", PROBLEM_JSON.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": problem.document.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _answer_preflight(send: Send, method: str) -> None:
    allow = [
        (b"access-control-allow-methods", method.encode()),
        (b"access-control-allow-headers", b"content-type"),
        (b"access-control-max-age", _PREFLIGHT_SECONDS),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": allow})
    await send({"type": "http.response.body", "body": b""})
