"""The web service: answers, errors that say what to do and repeat no input, size limits, headers, privacy."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import jsonschema
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import Message

from checker.clock import FixedDay
from checker.core.guidance import Task
from checker.settings import Settings
from checker.web.app import MAX_BATCH_BODY, MAX_BODY, create_app
from checker.web.messages import MAX_MESSAGE_BODY
from checker.web.problems import PROBLEM_JSON, STATUS_OF
from checker.web.state import state_of

OFFICIAL = "https://mychart.clevelandclinic.org/"
FALSE = "https://mychart.cleve1andclinic.org/"
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Settings(), clock=FixedDay(date(2026, 11, 22)))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


def code_of(response: Any) -> str:
    assert response.headers["content-type"] == PROBLEM_JSON
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "code"}
    assert problem["status"] == response.status_code == STATUS_OF[problem["code"]]
    assert problem["detail"].endswith(".")
    code: str = problem["code"]
    return code


# --- answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected", "why"),
    [
        ({"url": OFFICIAL}, {"verdict": "verified", "level": None}, "a listed address"),
        ({"url": FALSE}, {"verdict": "warning", "level": "danger"}, "an imitation"),
        ({"url": f"Log in: {OFFICIAL} today"}, {"verdict": "verified"}, "pasted text with one link"),
        ({"url": "javascript:alert(1)", "context": "tab"}, {"verdict": "warning"}, "a tab that shows no web page"),
        ({"url": OFFICIAL, "task": None}, {"verdict": "verified"}, "a task may be null"),
    ],
)
def test_check_answers(client: TestClient, body: dict[str, Any], expected: dict[str, Any], why: str) -> None:
    response = client.post("/api/v1/check", json=body)
    assert response.status_code == 200, why
    assert response.json() | expected == response.json(), why


def test_the_requested_task_and_language_are_used(client: TestClient) -> None:
    english, spanish = (
        client.post("/api/v1/check", json={"url": OFFICIAL, "task": "pay-bill", "lang": lang}).json()
        for lang in ("en", "es")
    )
    assert english["guidance"]["task"] == spanish["guidance"]["task"] == "pay-bill"
    assert english["headline"] != spanish["headline"]


def test_a_json_content_type_may_have_parameters(client: TestClient) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert client.post("/api/v1/check", content=json.dumps({"url": OFFICIAL}), headers=headers).status_code == 200


def test_a_batch_answers_in_order_and_an_unreadable_text_gets_its_own_error(client: TestClient) -> None:
    texts = [OFFICIAL, "see you on Friday", FALSE]
    answer = client.post("/api/v1/check/batch", json={"urls": texts, "lang": "es"}).json()
    assert answer["version"] == 1
    single = [client.post("/api/v1/check", json={"url": text, "lang": "es"}).json() for text in texts]
    assert answer["results"][0] == single[0]
    assert answer["results"][1] == {"error": {"code": single[1]["code"], "message": single[1]["detail"]}}
    assert answer["results"][2] == single[2]


def test_a_full_batch_and_an_empty_one_are_answered(client: TestClient) -> None:
    for size in (0, 100):
        answer = client.post("/api/v1/check/batch", json={"urls": [OFFICIAL] * size})
        assert len(answer.json()["results"]) == size


def test_tasks_are_listed_in_both_languages(client: TestClient) -> None:
    english, spanish = (client.get("/api/v1/tasks", params={"lang": lang}).json() for lang in ("en", "es"))
    assert [task["id"] for task in english["tasks"]] == [*Task] == [task["id"] for task in spanish["tasks"]]
    assert english["tasks"][0]["title"] != spanish["tasks"][0]["title"]


def test_portals_are_found_by_name(client: TestClient) -> None:
    answer = client.get("/api/v1/portals", params={"q": "cleavland clinic"}).json()
    assert answer["portals"][0] == {
        "organization": "Cleveland Clinic",
        "operator": "Cleveland Clinic",
        "url": OFFICIAL,
        "country": "US",
        "listed": True,
        "overdue": False,
    }
    assert client.get("/api/v1/portals", params={"q": "qqqq"}).json() == {"version": 1, "portals": []}


def test_every_answer_and_the_list_route_name_the_same_list(client: TestClient) -> None:
    known = client.get("/api/v1/allowlist").json()
    assert known == client.post("/api/v1/check", json={"url": FALSE}).json()["allowlist"]
    assert client.get("/readyz").json() == {"status": "ready", "allowlist": known["version"], "reason": None}
    assert client.get("/healthz").json() == {"status": "ok"}


# --- errors ----------------------------------------------------------------------------------

HOSTILE_JSON = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"null", id="not an object"),
    pytest.param(b'"https://a.example/"', id="a bare string"),
    pytest.param(b'[{"url": "https://a.example/"}]', id="a list"),
    pytest.param(b'{"url": 1}', id="a number for a string"),
    pytest.param(b'{"url": ["https://a.example/"]}', id="a list for a string"),
    pytest.param(b'{"url": null}', id="null for a string"),
    pytest.param(b'{"url": "https://a.example/"', id="truncated"),
    pytest.param(b'{"url": "https://a.example/"} {}', id="two values"),
    pytest.param(b'{"url": "https://a.example/", "url": "https://b.example/"}', id="a repeated name"),
    pytest.param(b'{"url": "https://a.example/", "lang": {"a": 1, "a": 2}}', id="a repeated name, nested"),
    pytest.param(b'{"url": NaN}', id="NaN"),
    pytest.param(b'{"url": "https://a.example/", "task": -Infinity}', id="Infinity"),
    pytest.param(b'{"url": "\xff\xfe"}', id="not UTF-8"),
    pytest.param('{"url": "https://a.example/"}'.encode("utf-16"), id="UTF-16"),
    pytest.param(b"\xef\xbb\xbf{}", id="a byte order mark"),
    pytest.param(b"[" * 60_000, id="deep nesting"),
    pytest.param(b'{"a":' * 10_000, id="deep nesting of objects"),
    pytest.param(b"9" * 60_000, id="a huge number"),
    pytest.param(b'{"url": "https://a.example/", "contxt": "tab"}', id="an unknown name"),
    pytest.param(b'{"url": "https://a.example/", "lang": "fr"}', id="an unknown language"),
    pytest.param(b'{"url": "https://a.example/", "context": "mail"}', id="an unknown context"),
    pytest.param(b'{"url": "a\nb"}', id="a raw line break in a string"),
]


@pytest.mark.parametrize("body", HOSTILE_JSON)
@pytest.mark.parametrize("route", ["/api/v1/check", "/api/v1/check/batch"])
def test_a_malformed_body_is_refused(client: TestClient, route: str, body: bytes) -> None:
    body = body.replace(b'"url": "https://a.example/"', b'"urls": ["https://a.example/"]') if "batch" in route else body
    assert code_of(client.post(route, content=body, headers=JSON)) == "malformed-request"


@pytest.mark.parametrize(
    ("body", "code", "why"),
    [
        ({"url": ""}, "unreadable-address", "nothing was typed"),
        ({"url": "see you on Friday"}, "unreadable-address", "no address in it"),
        ({"url": "mailto:someone@a.example"}, "unreadable-address", "mail, not a site"),
        ({"url": "https://a.example/ https://b.example/"}, "several-addresses", "two hosts"),
        ({"url": "a" * 8193}, "address-too-long", "over the limit"),
        ({"url": OFFICIAL, "task": "surgery"}, "unknown-task", "no such task"),
        ({"url": OFFICIAL, "task": 7}, "unknown-task", "a number is not a task"),
    ],
)
def test_a_text_without_exactly_one_address_gets_an_error_code(
    client: TestClient, body: dict[str, Any], code: str, why: str
) -> None:
    assert code_of(client.post("/api/v1/check", json=body)) == code, why


def test_lone_surrogates_are_treated_like_any_other_text(client: TestClient) -> None:
    response = client.post("/api/v1/check", content=b'{"url": "https://a\\ud800.example/"}', headers=JSON)
    assert code_of(response) == "unreadable-address"


@pytest.mark.parametrize(
    ("method", "route", "content", "headers", "code"),
    [
        ("POST", "/api/v1/check", b"{}", {}, "unsupported-media-type"),
        ("POST", "/api/v1/check", b"{}", {"content-type": "text/plain"}, "unsupported-media-type"),
        ("POST", "/api/v1/check", b"url=a", FORM, "unsupported-media-type"),
        ("POST", "/api/v1/check", b"{}", {"content-type": "application/problem+json"}, "unsupported-media-type"),
        ("POST", "/api/v1/check/batch", b"{}", {"content-type": "text/plain"}, "unsupported-media-type"),
        ("POST", "/api/v1/check/message", b"{}", {"content-type": "text/plain"}, "unsupported-media-type"),
        ("POST", "/", b"{}", JSON, "unsupported-media-type"),
        ("POST", "/find", b"q=a", {}, "unsupported-media-type"),
        ("POST", "/", b"url=a&url=b", FORM, "malformed-request"),
        ("POST", "/", b"a=" * 3 + b"&a" * 40, FORM, "malformed-request"),
        ("POST", "/", b"\xff=\xff", FORM, "malformed-request"),
        ("POST", "/api/v1/check/batch", b'{"urls":[' + b'"a",' * 100 + b'"a"]}', JSON, "batch-too-large"),
        ("POST", "/api/v1/check/batch", b'{"urls":["a",7]}', JSON, "malformed-request"),
        ("GET", "/api/v1/portals", None, {}, "malformed-request"),
        ("GET", "/api/v1/portals?q=" + "a" * 201, None, {}, "malformed-request"),
        ("GET", "/api/v1/tasks?lang=fr", None, {}, "malformed-request"),
        ("GET", "/api/v1/check", None, {}, "method-not-allowed"),
        ("DELETE", "/api/v1/allowlist", None, {}, "method-not-allowed"),
        ("PUT", "/", b"", {}, "method-not-allowed"),
        ("GET", "/nothing/here", None, {}, "not-found"),
        ("GET", "/api/v2/check", None, {}, "not-found"),
        ("POST", "/api/v1/check/", b"{}", JSON, "not-found"),
        ("GET", "/static/%2e%2e/app.py", None, {}, "not-found"),
        ("GET", "/static/%00", None, {}, "not-found"),
        ("GET", "/docs", None, {}, "not-found"),
    ],
)
def test_a_wrong_request_gets_an_error_that_says_what_to_do(
    client: TestClient, method: str, route: str, content: bytes | None, headers: dict[str, str], code: str
) -> None:
    assert code_of(client.request(method, route, content=content, headers=headers)) == code


def test_a_refused_method_gets_the_list_of_allowed_ones(client: TestClient) -> None:
    assert client.get("/api/v1/check").headers["allow"] == "POST"
    assert sorted(client.put("/").headers["allow"].split(", ")) == ["GET", "HEAD", "POST"]


LIMITS = [
    ("/api/v1/check", MAX_BODY, JSON),
    ("/api/v1/check/batch", MAX_BATCH_BODY, JSON),
    ("/api/v1/check/message", MAX_MESSAGE_BODY, JSON),
    ("/", MAX_BODY, FORM),
]


@pytest.mark.parametrize(("route", "limit", "headers"), LIMITS)
def test_a_body_over_the_limit_is_refused_by_its_announced_length(
    client: TestClient, route: str, limit: int, headers: dict[str, str]
) -> None:
    assert code_of(client.post(route, content=b" " * (limit + 1), headers=headers)) == "body-too-large"
    huge = {**headers, "content-length": "9" * 400}
    assert code_of(client.post(route, content=b" ", headers=huge)) == "body-too-large"


@pytest.mark.parametrize(("route", "limit", "headers"), LIMITS)
def test_an_endless_body_is_read_no_further_than_the_limit(
    app: FastAPI, route: str, limit: int, headers: dict[str, str]
) -> None:
    """No Content-Length: the client sends 4 KiB at a time and never stops."""
    read = 0
    sent: list[Message] = []

    async def receive() -> Message:
        nonlocal read
        read += 4096
        return {"type": "http.request", "body": b" " * 4096, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": route,
        "raw_path": route.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), *((k.encode(), v.encode()) for k, v in headers.items())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 413
    assert read <= limit + 4096


# --- hosts and origins -----------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8000"])
def test_the_service_answers_to_its_own_names(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8000",
        "localhost.",
        "[::1].evil.example",
        "[::1",
        "::1",
        "",
        "evil.example, localhost",
        "127.0.0.1@evil.example",
        "0.0.0.0:8000",
    ],
)
@pytest.mark.parametrize("route", ["/", "/healthz", "/api/v1/allowlist", "/static/page.css", "/openapi.json", "/nope"])
def test_it_answers_to_no_other_name(client: TestClient, host: str, route: str) -> None:
    response = client.get(route, headers={"host": host})
    assert code_of(response) == "unknown-host"
    assert "access-control-allow-origin" not in response.headers


def test_a_request_with_two_host_headers_or_none_is_refused(client: TestClient) -> None:
    twice = client.get("/healthz", headers=[("host", "localhost"), ("host", "localhost")])
    assert code_of(twice) == "unknown-host"


def test_an_operator_sets_the_names() -> None:
    settings = Settings.from_env({"PORTALCHECK_ALLOWED_HOSTS": "portalcheck.example.org, LOCALHOST"})
    client = TestClient(create_app(settings), base_url="https://portalcheck.example.org")
    assert client.get("/healthz").status_code == 200
    assert client.get("/healthz", headers={"host": "127.0.0.1"}).status_code == 400
    anyone = TestClient(create_app(Settings(allowed_hosts=("*",))), base_url="http://whatever.example")
    assert anyone.get("/healthz").status_code == 200


OPEN = [("POST", "/api/v1/check"), ("POST", "/api/v1/check/batch"), ("POST", "/api/v1/check/message")]
OPEN += [("GET", "/api/v1/tasks"), ("GET", "/api/v1/portals"), ("GET", "/api/v1/allowlist")]
ORIGINS = ["https://evil.example", "null", "chrome-extension://abcdefghijklmnop", "moz-extension://0000-1111"]
CLOSED = [("GET", "/"), ("POST", "/"), ("POST", "/find"), ("GET", "/reasons"), ("GET", "/static/page.css")]
CLOSED += [("POST", "/api/v1/reports"), ("GET", "/api/v1/reports/summary")]
CLOSED += [("GET", "/openapi.json"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/nope")]


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize(("method", "route"), OPEN)
def test_check_and_list_routes_are_open_to_every_origin_without_credentials(
    client: TestClient, method: str, route: str, origin: str
) -> None:
    for response in (
        client.request(method, route, headers={"origin": origin}),
        client.options(route, headers={"origin": origin, "access-control-request-method": method}),
    ):
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers
    assert response.status_code == 204
    assert response.headers["access-control-allow-methods"] == method
    assert response.headers["access-control-allow-headers"] == "content-type"
    assert int(response.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize(("method", "route"), CLOSED)
def test_every_other_route_is_closed_to_other_sites(client: TestClient, method: str, route: str, origin: str) -> None:
    for asked in (method, "OPTIONS"):
        response = client.request(asked, route, headers={"origin": origin, "access-control-request-method": method})
        assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize(("method", "route"), OPEN)
def test_cross_origin_answers_load_nothing_and_are_not_cached(client: TestClient, method: str, route: str) -> None:
    headers = client.request(method, route).headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers


@pytest.mark.parametrize(("method", "route"), CLOSED)
def test_every_other_answer_has_the_security_headers(client: TestClient, method: str, route: str) -> None:
    headers = client.request(method, route).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy.pop("default-src") == policy.pop("base-uri") == policy.pop("frame-ancestors") == "'none'"
    assert set(policy.values()) == {"'self'"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cache-control"] == ("no-cache" if route.startswith("/static") else "no-store")
    assert "set-cookie" not in headers


# --- privacy ---------------------------------------------------------------------------------

MARK = "Xq7canaryZ"
MARKED = [
    f"https://evil.example/{MARK}",
    f"https://evil.example/?token={MARK}",
    f"https://evil.example/#{MARK}",
    f"https://{MARK}@evil.example/",
    f"https://user:{MARK}@evil.example/",
    f"{OFFICIAL}{MARK}/?{MARK}#{MARK}",
    f"http://mychart.clevelandclinic.org:8443/{MARK}",
    f"https://nam12.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2F{MARK}&data=05%7C02%7C{MARK}%40a.example%7C1",
    f"https://bit.ly/{MARK}",
    f"javascript:{MARK}",
    f"see you, {MARK}",
    f"mailto:{MARK}@a.example",
    f"https://a.example/{MARK} https://b.example/{MARK}",
    f"https://exa mple/{MARK}",
    MARK * 900,
]


def own_lines(caplog: pytest.LogCaptureFixture) -> str:
    """Everything logged except the test client's own lines."""
    return "\n".join(
        f"{record.name} {record.getMessage()} {record.exc_text} {record.__dict__}"
        for record in caplog.records
        if not record.name.startswith("httpx")
    )


@pytest.mark.parametrize("text", MARKED)
def test_the_pasted_text_is_in_no_log_and_no_answer(
    client: TestClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], text: str
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [
        client.post("/api/v1/check", json={"url": text}),
        client.post("/api/v1/check", json={"url": text, "context": "tab"}),
        client.post("/api/v1/check", json={"url": text, "task": text}),
        client.post("/api/v1/check", json={"url": text, "lang": text}),
        client.post("/api/v1/check", json={"url": [text]}),
        client.post("/api/v1/check", json={text: text}),
        client.post("/api/v1/check", content=text.encode(), headers=JSON),
        client.post("/api/v1/check", content=f'{{"url": "{text}", "url": "{text}"}}', headers=JSON),
        client.post("/api/v1/check", content=text, headers={"content-type": f"text/{MARK}"}),
        client.post("/api/v1/check", content=text * 70_000, headers=JSON),
        client.put("/api/v1/check", content=text),
        client.post("/api/v1/check/batch", json={"urls": [text, text]}),
        client.post("/api/v1/check/batch", json={"urls": [text] * 101}),
        client.get(f"/{text}"),
        client.get(f"/{text}", headers={"accept": "text/html", "referer": text}),
        client.get("/api/v1/portals", params={"q": text}),
        client.get("/api/v1/tasks", params={"lang": text}),
        client.get("/", params={"lang": text}),
        client.post("/", data={"url": text}),
        client.post("/", data={"url": text}, headers={"x-fragment": "result"}),
        client.post("/", data={"url": text, "task": text, "lang": text}),
        client.get("/healthz", headers={"host": f"{MARK}.example"}),
    ]
    for answer in answers:
        assert MARK.lower() not in (answer.text + str(answer.headers)).lower()
    printed = capfd.readouterr()
    assert MARK.lower() not in (own_lines(caplog) + printed.out + printed.err).lower()


class Broken:
    """A service that fails in the worst way: with the address in the exception's message."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"{name} failed for https://evil.example/{MARK}")


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_a_bug_is_reported_without_the_address(caplog: pytest.LogCaptureFixture, accept: str) -> None:
    app = create_app(Settings())
    state_of(app).reloader.service = Broken()  # type: ignore[assignment]  # as broken as that
    client = TestClient(app, base_url="http://localhost")  # raises any exception that reaches the server
    for answer in (
        client.post("/api/v1/check", json={"url": f"https://evil.example/{MARK}"}),
        client.post("/api/v1/check/batch", json={"urls": [f"https://evil.example/{MARK}"]}),
        client.post("/", data={"url": f"https://evil.example/{MARK}"}, headers={"accept": accept}),
    ):
        assert code_of(answer) == "internal"
        assert MARK not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
    lines = own_lines(caplog)
    assert MARK not in lines
    assert "RuntimeError at test_web.py" in lines, "type and place, so that the bug can be found"


# --- the page --------------------------------------------------------------------------------


def test_the_page_uses_the_language_of_form_query_and_browser(client: TestClient) -> None:
    table = [
        ({}, "en", "the fallback"),
        ({"accept-language": "es-MX,es;q=0.9,en;q=0.8"}, "es", "the browser's first"),
        ({"accept-language": "fr, en;q=0.5, es;q=0.7"}, "es", "the weight counts, not the order"),
        ({"accept-language": "es;q=0, fr"}, "en", "q=0 excludes a language"),
        ({"accept-language": "es;q=oops,,;"}, "en", "nonsense is ignored"),
    ]
    for headers, lang, why in table:
        assert f'<html lang="{lang}"' in client.get("/", headers=headers).text, why
    spanish = {"accept-language": "es"}
    assert '<html lang="en"' in client.get("/?lang=en", headers=spanish).text
    assert '<html lang="es"' in client.post("/?lang=en", data={"url": OFFICIAL, "lang": "es"}).text


def test_the_page_says_when_nobody_knows_how_old_the_evidence_is(client: TestClient) -> None:
    pages = [
        client.post("/", data={"url": f"https://{host}/", "lang": "en"}, headers={"x-fragment": "result"}).text
        for host in ("my.caresource.com", "myupmc.upmc.com")
    ]
    assert ["we do not know how old it is" in page for page in pages] == [True, False]


@pytest.mark.parametrize(
    ("url", "status", "verdict"),
    [(OFFICIAL, 200, "verified"), (FALSE, 200, "warning"), ("see you on Friday", 422, "none")],
)
def test_a_form_gets_the_whole_page_and_the_script_only_its_part(
    client: TestClient, url: str, status: int, verdict: str
) -> None:
    page = client.post("/", data={"url": url, "lang": "en"})
    part = client.post("/", data={"url": url, "lang": "en"}, headers={"x-fragment": "result"})
    assert page.status_code == part.status_code == status
    for answer in (page, part):
        assert re.findall('data-verdict="(.*?)"', answer.text) == [verdict]
    assert "<html" in page.text
    assert "<html" not in part.text
    assert "data-verdict" not in client.get("/").text


def test_portals_are_found_by_name_on_the_page(client: TestClient) -> None:
    page = client.post("/find", data={"q": '"><cleavland', "lang": "en"})
    part = client.post("/find", data={"q": "cleavland"}, headers={"x-fragment": "portals"})
    assert OFFICIAL in page.text
    assert OFFICIAL in part.text
    assert '"><cleav' not in page.text, "the query appears in its field, escaped"


def test_the_page_of_reasons_and_the_page_for_a_missing_path(client: TestClient) -> None:
    assert 'id="imitates-official"' in client.get("/reasons").text
    missing = client.get("/nope", headers={"accept": "text/html"})
    assert missing.status_code == 404
    assert missing.headers["content-type"].startswith("text/html")
    assert client.head("/").status_code == 200


# --- the OpenAPI document --------------------------------------------------------------------


def test_the_openapi_document_describes_every_route_with_examples_that_hold(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {
        *(route for _, route in OPEN),
        "/api/v1/reports",
        "/api/v1/reports/summary",
        "/healthz",
        "/readyz",
    }
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            content = operation["responses"]["200"]["content"]["application/json"]
            schema = {**content["schema"], "components": document["components"]}
            jsonschema.validate(content["example"], schema)
            for status, answer in operation["responses"].items():
                if status != "200":
                    problem = answer["content"][PROBLEM_JSON]
                    for code, example in problem["examples"].items():
                        jsonschema.validate(example["value"], problem["schema"])
                        assert str(STATUS_OF[code]) == status
            for sent in operation.get("requestBody", {}).get("content", {}).values():
                for example in sent["examples"].values():
                    jsonschema.validate(example["value"], sent["schema"])
                    assert client.post(path, json=example["value"]).status_code == 200


@pytest.mark.parametrize("text", [OFFICIAL, FALSE, "http://10.0.0.1/", "data:text/html,hi", "https://bit.ly/x"])
def test_real_answers_match_the_document(client: TestClient, text: str) -> None:
    document = client.get("/openapi.json").json()
    schema = document["paths"]["/api/v1/check"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    answer = client.post("/api/v1/check", json={"url": text}).json()
    jsonschema.validate(answer, {**schema, "components": document["components"]})
