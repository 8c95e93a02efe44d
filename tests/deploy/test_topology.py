"""Two replicas behind nginx, PostgreSQL and Redis: what nginx lets through, and what happens to requests when each
part is killed, changed or restarted under load."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException, IncompleteRead
from pathlib import Path

import pytest

from checker.reports.store import ReportStore
from checker.web.app import MAX_BATCH_BODY
from tests.deploy.topology import Programs, Replica, Topology, running
from tests.served import LISTS, PATIENCE, VERDICTS, asked, serving, small_list

OFFICIAL = "https://mychart.clevelandclinic.org/"
KILLS = 2
PACE_SECONDS = 0.005
BATCHES = 1000
"""One client may send this many batches, which count as 20 requests each; all the tests together send fewer checks."""


@pytest.fixture(scope="module")
def topology(nginx_path: Path, postgresql_path: Path, redis_path: Path) -> Iterator[Topology]:
    with running(
        Programs(nginx_path, postgresql_path, redis_path),
        PORTALCHECK_LIMIT_CLIENT=f"{20 * BATCHES}/day",
        PORTALCHECK_LIMIT_EVERYONE="9999999/hour",
        PORTALCHECK_LIMIT_REPORTS="off",
    ) as topology:
        yield topology


# --- what nginx adds, removes and refuses ----------------------------------------------------


def test_answers_through_nginx_have_the_services_headers_and_one_about_tls(topology: Topology) -> None:
    status, answer, headers = topology.ask("POST", "/api/v1/check", {"url": OFFICIAL})
    assert (status, answer["verdict"]) == (200, "verified")
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["access-control-allow-origin"] == "*"
    assert headers["server"] == "nginx", "without its version"
    assert topology.ask("GET", "/")[0] == 200
    assert topology.ask("GET", "/readyz")[0] == 200
    assert topology.ask("GET", "/metrics")[0] == 404


def test_an_address_that_a_client_claims_is_replaced(topology: Topology) -> None:
    claimed = {"x_forwarded_for": "192.0.2.77"}
    one, other = (replica.server for replica in topology.replicas)
    direct = [one.ask("POST", "/api/v1/check/batch", {"urls": []}, **claimed)[0] for _ in range(BATCHES + 1)]
    assert direct == [200] * BATCHES + [429], "a trusted proxy is believed"
    assert other.ask("POST", "/api/v1/check", {"url": OFFICIAL}, **claimed)[0] == 429, "replicas count together"
    for _ in range(8):
        assert topology.ask("POST", "/api/v1/check", {"url": OFFICIAL}, **claimed)[0] == 200, "nginx is asked"


def test_nginx_limits_bodies_to_the_same_size_as_the_service(topology: Topology) -> None:
    batch = b'{"urls": ["https://a.example/"]' + b" " * (MAX_BATCH_BODY - 32) + b"}"
    assert len(batch) == MAX_BATCH_BODY
    assert topology.ask("POST", "/api/v1/check/batch", batch)[0] == 200
    assert topology.ask("POST", "/api/v1/check/batch", batch + b" ")[0] == 413


def test_without_tls_a_page_is_redirected_and_a_check_is_not(topology: Topology) -> None:
    for method, status in (("GET", 301), ("HEAD", 301), ("POST", 403)):
        connection = HTTPConnection("127.0.0.1", topology.plain, timeout=PATIENCE)
        received, _, headers = asked(connection, method, "/reasons?lang=es", b"{}" if method == "POST" else None)
        connection.close()
        assert received == status
        if status == 301:
            assert headers["location"] == "https://127.0.0.1/reasons?lang=es"


def test_a_slow_client_occupies_no_replica(topology: Topology) -> None:
    with (
        socket.create_connection(("127.0.0.1", topology.tls), timeout=PATIENCE) as plain,
        topology.trust.wrap_socket(plain, server_hostname="127.0.0.1") as slow,
    ):
        slow.sendall(a_request(OFFICIAL)[:-1])
        time.sleep(0.2)
    for replica in topology.replicas:
        replica.server.until(lambda replica=replica: "portalcheck_requests_total" in metrics(replica))
        assert 'route="/api/v1/check",status="none"' not in metrics(replica)


def a_request(url: str) -> bytes:
    body = json.dumps({"url": url}).encode()
    head = "POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
    return f"{head}{len(body)}\r\n\r\n".encode() + body


def metrics(replica: Replica) -> str:
    text: bytes = replica.server.ask("GET", "/metrics")[1]
    return text.decode()


# --- two lists -------------------------------------------------------------------------------


def test_replicas_with_different_lists_say_so_in_answers_and_metrics(tmp_path: Path) -> None:
    versions = set()
    for name, domains in (("a", ["clevelandclinic.org"]), ("b", ["clevelandclinic.org", "ochin.org"])):
        folder = tmp_path / name
        folder.mkdir()
        with serving(folder, PORTALCHECK_ALLOWLISTS=str(small_list(folder, *domains))) as server:
            version = server.ask("POST", "/api/v1/check", {"url": OFFICIAL})[1]["allowlist"]["version"]
            assert f'portalcheck_list{{version="{version}"}} 1.0' in server.ask("GET", "/metrics")[1].decode()
            assert server.ready()["allowlist"] == version
            assert server.ask("GET", "/api/v1/allowlist")[1]["version"] == version
            versions.add(version)
    assert len(versions) == 2


# --- failover --------------------------------------------------------------------------------


class Load:
    """Checks and reports on persistent connections, at a steady pace, until stopped; and all their outcomes."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._checks, args=(number,)) for number in range(3)]
        self._threads.append(threading.Thread(target=self._reports))
        self.checked = 0
        self.versions: Counter[str] = Counter()
        self.wrong: list[object] = []
        self.failed: list[str] = []
        self.broken_off = 0
        self.accepted: list[str] = []
        self.refused: list[tuple[float, str]] = []
        """For each report that got a 503: when, and its code."""

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def until(self, wanted: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not wanted():
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.02)

    def continues(self) -> None:
        """Wait until more checks and reports are answered."""
        checked, reported = self.checked, len(self.accepted)
        self.until(lambda: self.checked > checked + 50 and len(self.accepted) > reported + 5)

    def _checks(self, number: int) -> None:
        connection = self._topology.connect()
        rows = list(VERDICTS.items())
        while not self._stop.wait(PACE_SECONDS):
            number += 1
            url, verdict = rows[number % len(rows)]
            try:
                status, answer, _ = asked(connection, "POST", "/api/v1/check", {"url": url})
            except IncompleteRead:
                self.broken_off += 1
                connection.close()
                continue
            except (OSError, HTTPException) as error:
                self.failed.append(f"{type(error).__name__} for {url}")
                connection.close()
                continue
            if status != 200:
                self.failed.append(f"{status} for {url}")
                continue
            self.checked += 1
            self.versions[answer["allowlist"]["version"]] += 1
            if answer["verdict"] != verdict:
                self.wrong.append(answer)
        connection.close()

    def _reports(self) -> None:
        connection = self._topology.connect()
        number = 0
        while not self._stop.wait(PACE_SECONDS):
            number += 1
            host = f"report{number}.example"
            body = {"kind": "other", "address": f"https://{host}/", "verdict": "warning"}
            try:
                status, answer, _ = asked(connection, "POST", "/api/v1/reports", body)
            except (OSError, HTTPException) as error:
                self.failed.append(f"{type(error).__name__} for a report")
                connection.close()
                continue
            if status == 200:
                self.accepted.append(host)
            elif status == 503 and isinstance(answer, dict):
                self.refused.append((time.monotonic(), answer["code"]))
            else:
                self.failed.append(f"{status} for a report")
        connection.close()


def test_no_answer_is_wrong_and_no_accepted_report_is_lost_while_everything_is_killed_and_restarted(
    topology: Topology,
) -> None:
    first, second = topology.replicas
    untouched = second.server.process.pid
    with Load(topology) as load:
        load.continues()

        for _ in range(KILLS):
            first.stop(signal.SIGKILL)
            load.continues()
            first.start()
            first.until_ready()
            load.continues()

        topology.redis.stop()
        load.continues()
        topology.redis.start()

        old = first.server.ready()["allowlist"]
        for replica in topology.replicas:
            shutil.copy(LISTS / "portals/medicare.gov.yaml", replica.lists / "portals")
            replica.server.process.send_signal(signal.SIGHUP)
            replica.server.until(lambda replica=replica: replica.server.ready()["allowlist"] != old)
        new = first.server.ready()["allowlist"]
        assert second.server.ready()["allowlist"] == new
        before = load.versions[new]
        load.until(lambda: load.versions[new] > before + 50)

        stopped = time.monotonic()
        topology.database.stop()
        load.until(lambda: len(load.refused) > 3)
        checked = load.checked
        load.until(lambda: load.checked > checked + 50)
        topology.database.start()
        load.continues()
        back = time.monotonic()

        with topology.redis.client() as counters:
            load.until(lambda: bool(counters.keys()))  # the replicas use the shared counters again
        load.continues()

    assert load.wrong == []
    assert load.failed == []
    assert load.broken_off <= KILLS, "an answer that a killed replica had begun to send ends too early, visibly"
    assert {code for _, code in load.refused} == {"reports-unavailable"}
    assert all(stopped < when < back for when, _ in load.refused), "only while the database was down"
    assert set(load.versions) == {old, new}
    kept = Counter(hosts(topology.database.url))
    assert set(load.accepted) <= set(kept)
    assert set(kept.values()) == {1}
    assert second.server.process.pid == untouched
    assert second.server.process.poll() is None
    for replica in topology.replicas:
        assert "Traceback" not in replica.log.read_text()
    assert topology.nginx_log.read_text() == ""


def hosts(url: str) -> list[str]:
    """The host of each stored report."""
    store = ReportStore(url)
    try:
        return [row.host for row in store.find()]
    finally:
        store.dispose()
