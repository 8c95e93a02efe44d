"""The table of routes: what the layers around the framework need to know about each path.

Routes are registered by these paths (``app.py``, ``reports.py``, ``pages.py``), and a test compares the table with the
application in both directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = [
    "ALLOWLIST",
    "BATCH",
    "CHECK",
    "FIND",
    "HEALTHZ",
    "HOME",
    "MESSAGE",
    "METRICS",
    "OPENAPI",
    "OTHER",
    "PORTALS",
    "READYZ",
    "REASONS",
    "REPORTS",
    "REPORTS_SUMMARY",
    "ROUTES",
    "STATIC",
    "TASKS",
    "Route",
    "route_of",
]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table."""

    path: str
    """The path as registered; the only form of it that metrics hold."""
    methods: tuple[str, ...]
    cross_origin: bool = False
    """Whether any web page may read the answer: nothing in it depends on who asks."""
    cost: int = 1
    """How many requests it counts as against the rate limits; 0 if it is not limited."""
    files_report: bool = False
    """Whether the rate limit for reports applies as well."""
    probe: bool = False
    """Whether it is answered even under overload: the concurrency cap does not apply."""
    cache_control: str = "no-store"


_GET = ("GET",)
_PAGE = ("GET", "HEAD")
_POST = ("POST",)

CHECK = Route("/api/v1/check", _POST, cross_origin=True)
BATCH = Route("/api/v1/check/batch", _POST, cross_origin=True, cost=20)
MESSAGE = Route("/api/v1/check/message", _POST, cross_origin=True, cost=20)
TASKS = Route("/api/v1/tasks", _GET, cross_origin=True)
PORTALS = Route("/api/v1/portals", _GET, cross_origin=True)
ALLOWLIST = Route("/api/v1/allowlist", _GET, cross_origin=True)
REPORTS = Route("/api/v1/reports", _POST, files_report=True)
REPORTS_SUMMARY = Route("/api/v1/reports/summary", _GET)
HEALTHZ = Route("/healthz", _GET, cost=0, probe=True)
READYZ = Route("/readyz", _GET, cost=0, probe=True)
METRICS = Route("/metrics", _GET, cost=0, probe=True)
OPENAPI = Route("/openapi.json", _PAGE)
HOME = Route("/", (*_PAGE, "POST"))
FIND = Route("/find", _POST)
REASONS = Route("/reasons", _PAGE)
STATIC = Route("/static", _PAGE, cost=0, cache_control="no-cache")
"""Everything below this path."""
OTHER = Route("other", ())
"""Stands for every path that has no route."""

ROUTES = (
    *(CHECK, BATCH, MESSAGE, TASKS, PORTALS, ALLOWLIST),
    *(REPORTS, REPORTS_SUMMARY),
    *(HEALTHZ, READYZ, METRICS),
    OPENAPI,
    *(HOME, FIND, REASONS, STATIC),
)

_BY_PATH: Mapping[str, Route] = MappingProxyType({route.path: route for route in ROUTES if route is not STATIC})


def route_of(path: str) -> Route:
    """The row for a requested path; OTHER if no route has it."""
    route = _BY_PATH.get(path)
    if route is None:
        return STATIC if path.startswith(f"{STATIC.path}/") else OTHER
    return route
