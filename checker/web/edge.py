"""The outermost layer of the web service: the Host check, preflights, response headers, and what a fault becomes.

One plain ASGI class, because it runs for every request.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from time import perf_counter

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from checker.settings import ANY_HOST
from checker.web.bodies import send_body
from checker.web.logs import REQUEST_ID, new_request_id, places
from checker.web.metrics import Metrics
from checker.web.problems import PROBLEM_JSON, ApiProblem
from checker.web.routes import OTHER, ROUTES, Route, route_of

__all__ = ["Edge"]

log = logging.getLogger("portalcheck")

Headers = tuple[tuple[bytes, bytes], ...]

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SAME_ORIGIN: Headers = (
    (b"content-security-policy", _CSP.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
_CROSS_ORIGIN: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
"""For JSON that any site may read. It loads nothing, so the headers about permissions and windows do not apply:
https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers"""

_HOST = re.compile(rb"(?:\[([^\]]*)\]|([^:\[\]]*))(?::[0-9]*)?")
"""A name or an address, in brackets if it is IPv6, and perhaps a port: RFC 9110, section 7.2."""

_SERVER = (b"server", b"portalcheck")
"""Otherwise granian would name itself."""

_BROKEN_OFF = "The body broke off, or was not sent as HTTP asks. Send it again."

_PREFLIGHT_SECONDS = b"7200"
"""The longest time that any browser remembers an answer to a preflight."""


def _headers_for(route: Route) -> Headers:
    cache_control = (b"cache-control", route.cache_control.encode())
    return (*(_CROSS_ORIGIN if route.cross_origin else _SAME_ORIGIN), cache_control, _SERVER)


_HEADERS = {route.path: _headers_for(route) for route in (*ROUTES, OTHER)}


class Edge:
    """Checks the Host header, answers preflights, adds headers, counts requests, and turns a fault into a 500.

    The Host check defends against DNS rebinding: a page that points its own name at this machine would otherwise
    have the same origin as the service (https://owasp.org/www-community/attacks/DNS_Rebinding).
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Iterable[str], metrics: Metrics) -> None:
        self._app = app
        self._hosts = frozenset(host.encode() for host in allowed_hosts)
        self._any_host = ANY_HOST.encode() in self._hosts
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        request_id = new_request_id()
        REQUEST_ID.set(request_id)
        is_our_host = self._any_host or self._is_ours([value for name, value in scope["headers"] if name == b"host"])
        # Starlette takes a path that ends in a line end for the path without it; no route has such a sign.
        is_path = scope["path"].isprintable()
        route = route_of(scope["path"]) if is_our_host and is_path else OTHER
        headers = (*_HEADERS[route.path], (b"x-request-id", request_id))
        status = 0

        def send_with_headers(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *headers]
            return send(message)

        try:
            if not is_our_host:
                await _send_problem(send_with_headers, ApiProblem("unknown-host"))
            elif not is_path:
                await _send_problem(send_with_headers, ApiProblem("not-found"))
            elif scope["method"] == "OPTIONS" and route.cross_origin:
                await _answer_preflight(send_with_headers, route.methods)
            else:
                await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            # The client left, or what it sent was no body; then it still waits for an answer.
            if not status:
                await _send_problem(send_with_headers, ApiProblem("malformed-request", _BROKEN_OFF))
                status = 0
        except Exception as error:
            # An exception's message can hold the address that was asked about; its type and place cannot.
            log.error("%s at %s", type(error).__name__, places(error))
            if not status:
                await _send_problem(send_with_headers, ApiProblem("internal"))
        with suppress(OSError):  # the folder in which workers count together is gone or full
            self._metrics.count_request(route.path, status, perf_counter() - started)

    def _is_ours(self, hosts: list[bytes]) -> bool:
        """Whether the Host header names this service; not if it is missing, repeated or malformed."""
        match = _HOST.fullmatch(hosts[0].lower()) if len(hosts) == 1 else None
        return match is not None and (match[1] or match[2]) in self._hosts


def _send_problem(send: Send, problem: ApiProblem) -> Awaitable[None]:
    return send_body(send, problem.document.status, PROBLEM_JSON, problem.to_json())


async def _answer_preflight(send: Send, methods: Iterable[str]) -> None:
    allow = [
        (b"access-control-allow-methods", ", ".join(methods).encode()),
        (b"access-control-allow-headers", b"content-type"),
        (b"access-control-max-age", _PREFLIGHT_SECONDS),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": allow})
    await send({"type": "http.response.body", "body": b""})
