"""The table of routes and the application say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from checker.settings import Settings
from checker.web.app import create_app
from checker.web.routes import HOME, OTHER, REASONS, ROUTES, STATIC, Route, route_of

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('reports')}/reports.db"))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def test_every_route_of_the_application_is_in_the_table_and_the_other_way_round(app: FastAPI) -> None:
    paths = [context.path for context in iter_route_contexts(app.routes)]
    assert sorted(paths) == sorted(route.path for route in ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_a_route_allows_the_methods_of_its_row_and_no_other(client: TestClient, route: Route) -> None:
    path = f"{STATIC.path}/page.css" if route is STATIC else route.path
    allowed = {method for method in METHODS if client.request(method, path).status_code not in (404, 405)}
    assert allowed == set(route.methods)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        *((route.path, route) for route in ROUTES if route is not STATIC),
        ("/static/page.css", STATIC),
        ("/static/no/such/file", STATIC),
        ("/static", OTHER),
        ("/statics", OTHER),
        ("/api/v1/check/", OTHER),
        ("/API/v1/check", OTHER),
        ("//", OTHER),
        ("other", OTHER),
        ("", OTHER),
    ],
)
def test_a_path_has_the_row_of_exactly_its_route(path: str, route: Route) -> None:
    assert route_of(path) is route


@pytest.mark.parametrize("page", ["/", "/reasons", "/no/such/page"])
def test_pages_link_only_to_routes_of_the_table(client: TestClient, page: str) -> None:
    text = client.get(page, headers={"accept": "text/html"}).text
    targets = re.findall(r'(?:href|action|src)="(/[^"]*)"', text)
    assert {route_of(urlsplit(target).path) for target in targets} >= {HOME, REASONS, STATIC}
    assert [target for target in targets if route_of(urlsplit(target).path) is OTHER] == []
