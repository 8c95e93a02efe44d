"""Descriptions and examples for the OpenAPI document: what the API's routes take and return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

from checker.web import routes
from checker.web.problems import PROBLEM_JSON, STATUS_OF, ApiProblem, ProblemV1
from checker.web.routes import Route

__all__ = ["EXAMPLES", "body", "problems"]

_ASKED = "https://mychart.cleve1andclinic.org/"
_OFFICIAL = "https://mychart.clevelandclinic.org/"

_ALLOWLIST: dict[str, Any] = {
    "version": "3f1c9a5b2d7e",
    "portals": 1020,
    "hosts": 677,
    "domains": 610,
    "newest_evidence": "2026-10",
}

_CHECK: dict[str, Any] = {
    "version": 1,
    "verdict": "warning",
    "level": "danger",
    "headline": "This address imitates Cleveland Clinic's portal",
    "address": {
        "origin": "https://mychart.cleve1andclinic.org",
        "host": "mychart.cleve1andclinic.org",
        "unicode_host": None,
        "registrable_domain": "cleve1andclinic.org",
        "unwrapped": [],
    },
    "portal": None,
    "official": {"name": "Cleveland Clinic", "url": _OFFICIAL},
    "imitates": {
        "host": "mychart.clevelandclinic.org",
        "operator": "Cleveland Clinic",
        "url": _OFFICIAL,
        "technique": "ascii-lookalike",
        "score": 90,
        "yours": "cleve1andclinic",
        "theirs": "clevelandclinic",
        "differs_at": [5],
    },
    "reasons": [
        {
            "code": "imitates-official",
            "level": "danger",
            "message": "mychart.cleve1andclinic.org is not Cleveland Clinic's portal.",
            "help": "/reasons#imitates-official",
        }
    ],
    "notes": [],
    "guidance": {
        "task": "log-in",
        "title": "Log in or sign up",
        "where_to_go": "Open the official portal.",
        "safety_reminder": "Type your password only there.",
        "steps": ["Open the official link.", "Log in there."],
        "link": {"label": "Open Cleveland Clinic's portal", "url": _OFFICIAL},
    },
    "if_entered": {"title": "If you already typed something there", "steps": ["Change your password."]},
    "emergency": {"title": "In an emergency", "text": "In the United States call 911."},
    "disclaimer": "portalcheck gives information only.",
    "allowlist": _ALLOWLIST,
}

_BATCH: dict[str, Any] = {
    "version": 1,
    "results": [_CHECK, {"error": {"code": "unreadable-address", "message": "We found no web address in this text."}}],
}

_MESSAGE: dict[str, Any] = {
    "version": 1,
    "verdict": "warning",
    "level": "danger",
    "headline": _CHECK["headline"],
    "source": "html",
    "links": [{"shown": None, "mismatch": False, "count": 2, "result": _CHECK}],
    "portals": [],
    "urgent": False,
    "notes": [],
    "if_entered": _CHECK["if_entered"],
    "emergency": _CHECK["emergency"],
    "disclaimer": "We check addresses, not senders or phone numbers. portalcheck gives information only.",
    "allowlist": _ALLOWLIST,
}

_PORTALS: dict[str, Any] = {
    "version": 1,
    "portals": [
        {
            "organization": "Cleveland Clinic",
            "operator": "Cleveland Clinic",
            "url": _OFFICIAL,
            "country": "US",
            "listed": True,
            "overdue": False,
        }
    ],
}

_TASKS: dict[str, Any] = {
    "version": 1,
    "tasks": [
        {
            "id": "pay-bill",
            "title": "Pay a bill",
            "where_to_go": "Pay on the official portal.",
            "safety_reminder": "Compare the address with the one on your statement.",
        }
    ],
}

EXAMPLES: Mapping[str, dict[str, Any]] = {
    routes.CHECK.path: _CHECK,
    routes.BATCH.path: _BATCH,
    routes.MESSAGE.path: _MESSAGE,
    routes.TASKS.path: _TASKS,
    routes.PORTALS.path: _PORTALS,
    routes.ALLOWLIST.path: _ALLOWLIST,
    routes.REPORTS.path: {"version": 1, "status": "kept"},
    routes.REPORTS_SUMMARY.path: {"version": 1, "open": 4, "median_age_days": 2.5},
    routes.HEALTHZ.path: {"status": "ok"},
    routes.READYZ.path: {"status": "ready", "allowlist": _ALLOWLIST["version"], "reason": None},
}
"""An example answer of each route."""

_EVERYWHERE = ("unknown-host", "internal")
"""Problems that every route can answer with."""
_UNDER_LOAD = ("rate-limited", "overloaded")
"""Problems of every route but the probes, which are always answered."""


def problems(route: Route, *codes: str) -> dict[int | str, dict[str, Any]]:
    """The problems that a route can answer with, each documented with an example."""
    documented: dict[int | str, dict[str, Any]] = {}
    for code in (*codes, *_EVERYWHERE, *(() if route.probe else _UNDER_LOAD)):
        document = ApiProblem(code).document
        response = documented.setdefault(
            STATUS_OF[code],
            {
                "description": document.title,
                "content": {PROBLEM_JSON: {"schema": TypeAdapter(ProblemV1).json_schema(), "examples": {}}},
            },
        )
        response["content"][PROBLEM_JSON]["examples"][code] = {"value": TypeAdapter(ProblemV1).dump_python(document)}
    return documented


def body(model: type[BaseModel], **examples: dict[str, Any]) -> dict[str, Any]:
    """The documentation of a request body, for a route that reads its JSON itself."""
    schema = model.model_json_schema()
    content = {
        "schema": _inlined(schema, schema.pop("$defs", {})),
        "examples": {name.replace("_", " "): {"value": value} for name, value in examples.items()},
    }
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with each reference replaced by its definition.

    A reference to ``#/$defs`` is resolved from the root of the whole document, where the definition is not.
    """
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    definition = definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else {}
    return definition | {key: _inlined(part, definitions) for key, part in schema.items() if key != "$ref"}
