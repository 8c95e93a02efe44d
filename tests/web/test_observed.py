"""What is logged, counted and stored is what docs/data.md says, and holds nothing that a person asked about."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from checker.core.errors import SettingsError
from checker.reports.store import REPORTS
from checker.settings import LOOPBACK_HOSTS, Settings
from checker.web.app import create_app
from checker.web.logs import FIELDS, REQUEST_ID, JsonLines

PAGE = (Path(__file__).parents[2] / "docs/data.md").read_text("utf-8")
MARK = "Xq7canaryZ"


def table(title: str) -> list[list[str]]:
    """The rows of a section's table, each a list of cells."""
    section = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return create_app(Settings(database_url=f"sqlite:///{tmp_path}/reports.db"))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://localhost") as client:
        yield client


def value(client: TestClient, name: str, **labels: str) -> float | None:
    """A metric's value as a scrape reads it."""
    for family in text_string_to_metric_families(client.get("/metrics").text):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return None


def test_every_metric_with_its_labels_is_on_the_page(tmp_path: Path) -> None:
    """A series appears once something was counted, so one of each kind happens first."""
    settings = Settings(database_url=f"sqlite:///{tmp_path}/reports.db", limit_everyone="23/year")
    client = TestClient(create_app(settings), base_url="http://localhost")
    urls = ("https://mychart.clevelandclinic.org/", "https://mychart.cleve1andclinic.org/", "see you on Friday")
    assert client.post("/api/v1/check/message", json={"text": urls[0]}).status_code == 200  # counts as 20 requests
    answers = [client.post("/api/v1/check", json={"url": url}).status_code for url in (*urls, "https://a.example/")]
    assert answers == [200, 200, 422, 429]
    client.get("/metrics")  # so that a request for a probe is counted too
    scraped: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        if family.name.startswith("portalcheck_") and not family.name.endswith("_created"):
            scraped[family.name] = {name for sample in family.samples for name in sample.labels} - {"le"}
    assert scraped == {row[0].strip("`"): names(row[1]) for row in table("Metrics")}


def test_every_field_of_the_log_is_on_the_page() -> None:
    assert [row[0].strip("`") for row in table("The log")] == [*FIELDS]


def test_every_stored_column_is_on_the_page() -> None:
    assert [row[0].strip("`") for row in table("Stored")] == [column.name for column in REPORTS.columns]


def test_answers_are_counted_by_verdict_reason_technique_and_route(client: TestClient) -> None:
    official, fake = "https://mychart.clevelandclinic.org/", "https://mychart.cleve1andclinic.org/"
    client.post("/api/v1/check", json={"url": official})
    client.post("/api/v1/check", json={"url": fake})
    client.post("/api/v1/check/batch", json={"urls": [fake, "see you on Friday"]})
    client.post("/", data={"url": fake})
    client.post("/api/v1/check", json={"url": "see you on Friday"})
    client.get("/nothing/here")
    client.get("/api/v1/allowlist", headers={"host": "evil.example"})
    assert value(client, "portalcheck_checks_total", verdict="verified") == 1
    assert value(client, "portalcheck_checks_total", verdict="warning") == 3
    assert value(client, "portalcheck_reasons_total", code="imitates-official") == 3
    assert value(client, "portalcheck_techniques_total", technique="ascii-lookalike") == 3
    assert value(client, "portalcheck_unreadable_total", code="unreadable-address") == 2
    assert value(client, "portalcheck_requests_total", route="/api/v1/check", status="200") == 2
    assert value(client, "portalcheck_requests_total", route="/api/v1/check", status="422") == 1
    assert value(client, "portalcheck_requests_total", route="other", status="404") == 1
    assert value(client, "portalcheck_requests_total", route="other", status="400") == 1
    assert value(client, "portalcheck_request_seconds_count", route="/api/v1/check") == 3


def test_the_list_and_reports_are_counted(client: TestClient) -> None:
    version = client.get("/readyz").json()["allowlist"]
    assert value(client, "portalcheck_list", version=version) == 1
    assert value(client, "portalcheck_list_hosts") == client.get("/api/v1/allowlist").json()["hosts"]
    assert value(client, "portalcheck_list_stale") == 0
    assert (value(client, "portalcheck_list_newest_evidence_timestamp_seconds") or 0) > 1.7e9
    assert value(client, "portalcheck_reports_total", result="kept") == 0
    client.post("/api/v1/reports", json={"kind": "other", "address": "https://a.example/"})
    assert value(client, "portalcheck_reports_total", result="kept") == 1


def test_no_metric_holds_what_a_person_asked_about(client: TestClient) -> None:
    for url in (f"https://{MARK}.example/{MARK}", f"https://{MARK}@a.example/", f"javascript:{MARK}", MARK):
        client.post("/api/v1/check", json={"url": url})
        client.post("/api/v1/reports", json={"kind": "other", "address": url, "note": MARK})
        client.request(MARK.upper(), f"/{MARK}?{MARK}", headers={"user-agent": MARK, "x-request-id": MARK})
        client.get(f"/static/{MARK}")
    assert MARK.lower() not in client.get("/metrics").text.lower()


def test_every_answer_has_a_request_id_of_our_own(client: TestClient) -> None:
    ids = {client.get("/healthz", headers={"x-request-id": MARK}).headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5
    assert all(re.fullmatch("[0-9a-f]{16}", request_id) for request_id in ids)


# --- the log ---------------------------------------------------------------------------------


def line(name: str, message: str, *arguments: object, error: Exception | None = None) -> dict[str, str]:
    """The line written for a record, parsed."""
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, "/srv/lib/place.py", 12, message, arguments, exc_info, "work")
    written = JsonLines().format(record)
    assert "\n" not in written
    fields: dict[str, str] = json.loads(written)
    assert set(fields) <= set(FIELDS)
    return fields


def test_our_own_messages_are_written_with_the_request_they_belong_to() -> None:
    token = REQUEST_ID.set(b"0123456789abcdef")
    try:
        fields = line("portalcheck.reload", "list %s answers", "abc")
    finally:
        REQUEST_ID.reset(token)
    assert fields["message"] == "list abc answers"
    assert fields["request"] == "0123456789abcdef"
    assert (fields["level"], fields["logger"]) == ("error", "portalcheck.reload")


@pytest.mark.parametrize("name", ["asyncio", "uvicorn.error", "sqlalchemy.engine", "alembic", "portalcheck"])
def test_an_exceptions_message_is_never_written(name: str) -> None:
    try:
        raise ValueError(f"https://evil.example/{MARK}")
    except ValueError as error:
        fields = line(name, "it failed", error=error)
    assert MARK not in str(fields)
    assert fields["fault"] == "ValueError"
    assert "test_observed.py" in fields["at"]


def test_a_librarys_messages_and_values_are_left_out() -> None:
    assert MARK not in str(line("asyncio", f"Task was destroyed: {MARK}"))
    assert MARK not in str(line("uvicorn.error", "invalid request from %s", MARK))
    assert line("asyncio", "x")["at"] == "place.py:12 work"


# --- the page for operators ------------------------------------------------------------------


def test_every_setting_is_on_the_operators_page() -> None:
    page = (Path(__file__).parents[2] / "docs/operating.md").read_text("utf-8")
    with pytest.raises(SettingsError) as raised:
        Settings.from_env({"PORTALCHECK_NO_SUCH_SETTING": ""})
    known = set(re.findall(r"PORTALCHECK_[A-Z_]+", str(raised.value).partition("The settings are:")[2]))
    assert set(re.findall(r"^\| `(PORTALCHECK_[A-Z_]+)`", page, re.M)) == known


def test_the_defaults_on_the_operators_page_are_the_programs() -> None:
    page = (Path(__file__).parents[2] / "docs/operating.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(PORTALCHECK_[A-Z_]+)` \| ([^|]+?) \|", page, re.M))
    for name, default in rows.items():
        if default.startswith("`"):
            assert Settings.from_env({name: default.strip("`")}) == Settings(), name
    in_words = {name.removeprefix("PORTALCHECK_") for name, default in rows.items() if not default.startswith("`")}
    assert in_words == {"ALLOWED_HOSTS", "ALLOWLISTS", "DATABASE_URL", "LIMITS_URL", "TRUSTED_PROXIES"}
    assert (Settings().limits_url, Settings().trusted_proxies, Settings().allowed_hosts) == ("", (), LOOPBACK_HOSTS)
