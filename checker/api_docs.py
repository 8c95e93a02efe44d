"""Descriptions and examples for the OpenAPI document: what the routes in ``web.py`` take and give."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter

from checker.problems import PROBLEM_JSON, STATUS_OF, ApiProblem, ProblemV1

__all__ = ["ALLOWLIST", "BATCH", "CHECK", "PORTALS", "TASKS", "answers", "body"]

_ASKED = "https://mychart.cleve1andclinic.org/"
_OFFICIAL = "https://mychart.clevelandclinic.org/"

ALLOWLIST: dict[str, Any] = {
    "version": "3f1c9a5b2d7e",
    "portals": 1020,
    "hosts": 677,
    "domains": 610,
    "newest_evidence": "2026-10",
}

CHECK: dict[str, Any] = {
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
    "allowlist": ALLOWLIST,
}

BATCH: dict[str, Any] = {
    "version": 1,
    "results": [CHECK, {"error": {"code": "unreadable-address", "message": "We found no web address in this text."}}],
}

PORTALS: dict[str, Any] = {
    "version": 1,
    "portals": [
        {"organization": "Cleveland Clinic", "operator": "Cleveland Clinic", "url": _OFFICIAL, "country": "US"}
    ],
}

TASKS: dict[str, Any] = {
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

_ANYWHERE = ("unknown-host", "internal")
"""Problems that every route can answer with."""


def answers(example: dict[str, Any], *problems: str) -> dict[int | str, dict[str, Any]]:
    """The documented answers of a route: its example, and the problems it can answer with."""
    documented: dict[int | str, dict[str, Any]] = {200: {"content": {"application/json": {"example": example}}}}
    for code in (*problems, *_ANYWHERE):
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
    content = {
        "schema": model.model_json_schema(),
        "examples": {name.replace("_", " "): {"value": value} for name, value in examples.items()},
    }
    return {"requestBody": {"required": True, "content": {"application/json": content}}}
