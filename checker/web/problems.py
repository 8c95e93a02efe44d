"""Errors over HTTP: problem documents (RFC 9457), each with a stable code and what to do about it.

They consist of the sentences below and of names that the API itself defines. What a client sent is never repeated,
not even a misspelt field name: it may be the address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Literal

__all__ = ["PROBLEM_JSON", "STATUS_OF", "ApiProblem", "ProblemV1"]

PROBLEM_JSON = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemV1:
    """Why a request failed. ``code`` is stable; ``detail`` says what to do."""

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    code: str


_PROBLEMS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "unreadable-address": (422, "We found no web address in the text. Send the link's address as it is."),
        "unclear-text": (422, "The text holds an address and something that may be another. Send the address alone."),
        "several-addresses": (422, "The text holds several different addresses. Send one at a time."),
        "address-too-long": (422, "The text is longer than 8,192 characters. Send only the link's address."),
        "malformed-request": (422, "The body must be one JSON object in UTF-8, without repeated names."),
        "unknown-task": (422, "There is no such task. GET /api/v1/tasks lists them."),
        "batch-too-large": (422, "A batch or a message holds at most 100 addresses. Send the rest in another request."),
        "body-too-large": (
            413,
            "The body is larger than this route accepts. Send less: fewer or shorter addresses, or only the links.",
        ),
        "unsupported-media-type": (415, "Send the body as application/json."),
        "not-found": (404, "There is nothing at this path. GET /openapi.json describes every route."),
        "method-not-allowed": (405, "This path does not allow this method. The Allow header lists those it allows."),
        "unknown-host": (
            400,
            "The service does not answer to the name in the Host header."
            " Its operator sets its names in PORTALCHECK_ALLOWED_HOSTS.",
        ),
        "too-slow": (408, "The body did not arrive in time. Send it without pauses."),
        "rate-limited": (429, "You sent too many requests in a short time. Retry-After says when to try again."),
        "overloaded": (503, "The service is busy. Try again in a second."),
        "stopping": (503, "The service is about to stop. Ask another one, or try again in a minute."),
        "reports-unavailable": (503, "Reports cannot be taken at the moment. Try again in a few minutes."),
        "internal": (500, "An error on our side: the address was not checked. Try again."),
    }
)

STATUS_OF: Mapping[str, int] = MappingProxyType({code: status for code, (status, _) in _PROBLEMS.items()})
"""The HTTP status of each published code."""


class ApiProblem(Exception):
    """Raised to answer a request with a problem document. ``detail`` replaces the code's usual sentence."""

    def __init__(self, code: str, detail: str | None = None) -> None:
        super().__init__(code)
        status, usual_detail = _PROBLEMS[code]
        self.document = ProblemV1("about:blank", HTTPStatus(status).phrase, status, detail or usual_detail, code)

    def to_json(self) -> bytes:
        """The document as JSON in UTF-8."""
        return json.dumps(asdict(self.document), ensure_ascii=False).encode()
