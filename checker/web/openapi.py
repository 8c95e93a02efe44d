"""Descriptions and examples for the OpenAPI document: what the routes in ``web.py`` take and give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

from checker.web.problems import PROBLEM_JSON, STATUS_OF, ApiProblem, ProblemV1

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

_PORTALS: dict[str, Any] = {
    "version": 1,
    "portals": [
        {"organization": "Cleveland Clinic", "operator": "Cleveland Clinic", "url": _OFFICIAL, "country": "US"}
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
    "/api/v1/check": _CHECK,
    "/api/v1/check/batch": _BATCH,
    "/api/v1/tasks": _TASKS,
    "/api/v1/portals": _PORTALS,
    "/api/v1/allowlist": _ALLOWLIST,
    "/api/v1/reports": {"version": 1, "status": "kept"},
    "/api/v1/reports/summary": {"version": 1, "open": 4, "median_age_days": 2.5},
    "/healthz": {"status": "ok"},
    "/readyz": {"status": "ready", "allowlist": _ALLOWLIST["version"], "reason": None},
}
"""An answer of each route."""

_ANYWHERE = ("unknown-host", "internal")
"""Problems that every route can answer with."""
_LIMITED = ("rate-limited", "overloaded")
"""Problems of every route but the probes, which are always answered."""


def problems(*codes: str, probe: bool = False) -> dict[int | str, dict[str, Any]]:
    """The problems a route can answer with, documented with an example each."""
    documented: dict[int | str, dict[str, Any]] = {}
    for code in (*codes, *_ANYWHERE, *(() if probe else _LIMITED)):
        document = ApiProblem(code).document
        answer = documented.setdefault(
            STATUS_OF[code],
            {
                "description": document.title,
                "content": {PROBLEM_JSON: {"schema": TypeAdapter(ProblemV1).json_schema(), "examples": {}}},
            },
        )
        answer["content"][PROBLEM_JSON]["examples"][code] = {"value": TypeAdapter(ProblemV1).dump_python(document)}
    return documented


def body(model: type[BaseModel], **examples: dict[str, Any]) -> dict[str, Any]:
    """The documented body of a route that reads its JSON strictly by itself."""
    schema = model.model_json_schema()
    content = {
        "schema": _inlined(schema, schema.pop("$defs", {})),
        "examples": {name.replace("_", " "): {"value": value} for name, value in examples.items()},
    }
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with each definition in the place of its name: in the middle of a document, a name in
    ``#/$defs`` would be looked for at the document's root, where it is not."""
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    named = definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else {}
    return named | {key: _inlined(part, definitions) for key, part in schema.items() if key != "$ref"}
