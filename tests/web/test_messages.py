"""Whole messages over HTTP: the contract, its bounds, the page's form, and that nothing of a message is kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from checker.clock import FixedDay
from checker.settings import Settings
from checker.web.app import create_app
from checker.web.messages import MessageThread
from checker.web.problems import ApiProblem

OFFICIAL = "https://mychart.clevelandclinic.org/"
FALSE_LINK = f'<a href="https://evil.example/q7canary?x">{OFFICIAL}</a>'
FIELDS = (
    "version verdict level headline source links portals urgent notes if_entered emergency disclaimer allowlist".split()
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    database = f"sqlite:///{tmp_path_factory.mktemp('reports')}/reports.db"
    return create_app(Settings(database_url=database), clock=FixedDay(date(2026, 11, 22)))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def asked(client: TestClient, body: dict[str, Any]) -> Any:
    return client.post("/api/v1/check/message", json=body)


@pytest.mark.parametrize(
    ("body", "expected", "why"),
    [
        ({"html": f'<a href="{OFFICIAL}">x</a>'}, ("verified", None, "html", 1), "one official link"),
        ({"html": FALSE_LINK}, ("warning", "danger", "html", 1), "words that show another address"),
        ({"text": f"{OFFICIAL} or https://evil.example/"}, ("warning", "caution", "text", 2), "two addresses"),
        ({"links": [{"url": OFFICIAL}]}, ("verified", None, "links", 1), "a link that a program found"),
        ({"links": [{"url": OFFICIAL, "shown": None}], "task": None}, ("verified", None, "links", 1), "nulls"),
        ({"links": [{"url": "https://["}]}, ("warning", "caution", "links", 1), "a link that cannot be read"),
        ({"links": []}, ("none", None, "links", 0), "no link"),
        ({"text": "hello"}, ("none", None, "text", 0), "no link in a text"),
    ],
)
def test_a_message_is_answered(client: TestClient, body: dict[str, Any], expected: tuple[Any, ...], why: str) -> None:
    response = asked(client, body)
    assert response.status_code == 200, why
    answer = response.json()
    assert list(answer) == FIELDS
    assert (answer["verdict"], answer["level"], answer["source"], len(answer["links"])) == expected, why


def test_a_link_has_its_answer_or_its_error(client: TestClient) -> None:
    page = FALSE_LINK + f'<a href="https://[">{OFFICIAL}</a><a href="{OFFICIAL}">x</a><a href="{OFFICIAL}pay">y</a>'
    false, broken, official = asked(client, {"html": page}).json()["links"]
    assert (false["shown"], false["mismatch"], false["count"]) == ("mychart.clevelandclinic.org", True, 1)
    assert false["result"]["official"]["url"] == OFFICIAL
    assert list(broken) == ["shown", "mismatch", "count", "error"]
    assert broken["error"]["code"] == "unreadable-address"
    assert (official["shown"], official["count"], official["result"]["verdict"]) == (None, 2, "verified")


def test_a_name_is_answered_by_the_finder(client: TestClient) -> None:
    answer = asked(client, {"text": "Cleveland Clinic"}).json()
    assert answer["portals"][0]["url"] == OFFICIAL
    assert asked(client, {"text": f"Cleveland Clinic {OFFICIAL}"}).json()["portals"] == []


def test_words_of_an_emergency_are_told(client: TestClient) -> None:
    assert asked(client, {"text": f"chest pain {OFFICIAL}"}).json()["urgent"]
    assert not asked(client, {"text": OFFICIAL}).json()["urgent"]


def test_it_says_that_senders_are_not_checked(client: TestClient) -> None:
    assert "senders" in asked(client, {"text": OFFICIAL}).json()["disclaimer"]
    assert "remitentes" in asked(client, {"text": OFFICIAL, "lang": "es"}).json()["disclaimer"]


@pytest.mark.parametrize(
    ("body", "status", "code", "why"),
    [
        ({}, 422, "malformed-request", "no message"),
        ({"text": "a", "html": "b"}, 422, "malformed-request", "two"),
        ({"text": None, "html": None}, 422, "malformed-request", "none, spelled out"),
        ({"text": 1}, 422, "malformed-request", "a number"),
        ({"links": [{"href": OFFICIAL}]}, 422, "malformed-request", "an unknown name"),
        ({"text": "a", "context": "tab"}, 422, "malformed-request", "no message is in a tab"),
        ({"text": "a", "task": "surgery"}, 422, "unknown-task", "an unknown task"),
        ({"links": [{"url": OFFICIAL}] * 101}, 422, "batch-too-large", "more than 100 links"),
        ({"text": "x" * 65_537}, 413, "body-too-large", "a text over 64 KiB"),
        ({"html": "x" * 262_145}, 413, "body-too-large", "HTML over 256 KiB"),
        ({"html": "x" * 600_000}, 413, "body-too-large", "a body over 512 KiB"),
        ({"html": "<div>" * 50_000}, 422, "unclear-text", "what keeps a parser busy"),
        ({"text": "[" * 2001}, 422, "unclear-text", "and another one"),
    ],
)
def test_what_is_no_message_is_refused(
    client: TestClient, body: dict[str, Any], status: int, code: str, why: str
) -> None:
    response = asked(client, body)
    assert (response.status_code, response.json()["code"]) == (status, code), why


def test_hosts_are_repeated_and_nothing_else(client: TestClient) -> None:
    answer = asked(client, {"html": f"<p>q7canary</p>{FALSE_LINK}"}).text
    assert "evil.example" in answer
    assert "q7canary" not in answer
    assert "q7canary" not in client.get("/metrics").text


def test_it_counts_as_a_batch_against_the_limits(tmp_path: Any) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/reports.db", limit_everyone="39/year")
    client = TestClient(create_app(settings), base_url="http://localhost")
    assert [asked(client, {"text": "x"}).status_code for _ in range(2)] == [200, 429]


def test_a_message_that_is_being_read_keeps_no_one_waiting_and_only_a_few_wait_for_it() -> None:
    async def ask() -> list[object]:
        thread, held = MessageThread(), threading.Event()
        waiting = [asyncio.ensure_future(thread.run(held.wait)) for _ in range(9)]
        await asyncio.sleep(0)
        refused = [one for one in waiting if one.done()] or (await asyncio.wait(waiting, timeout=0.2))[0]
        faults = [one.exception() for one in refused]
        held.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        return faults

    faults = asyncio.run(ask())
    assert len(faults) == 1
    assert isinstance(faults[0], ApiProblem)
    assert faults[0].document.code == "overloaded"


@pytest.mark.parametrize(
    ("text", "shows", "why"),
    [
        (f"{OFFICIAL} or https://evil.example/", 'data-links="2"', "two addresses"),
        (FALSE_LINK + " https://a.example/", "data-mismatch", "a message's source"),
        ("Cleveland Clinic", "data-portals", "a name"),
        ("chest pain", "data-urgent", "an emergency"),
        (f"chest pain {OFFICIAL}", "data-urgent", "an emergency and an address"),
        (f"{OFFICIAL} hello " * 200, 'data-verdict="verified"', "more than one address may have"),
        ("see you on Friday", 'data-problem="unreadable-address"', "nothing of it"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_form_takes_a_whole_message(client: TestClient, text: str, shows: str, why: str, lang: str) -> None:
    page = client.post("/", data={"url": text, "lang": lang}, headers={"accept": "text/html"}).text
    assert shows in page, why


def test_without_javascript_the_form_says_where_the_text_goes(client: TestClient) -> None:
    page = client.get("/", headers={"accept": "text/html"}).text
    assert "<noscript>" in page
