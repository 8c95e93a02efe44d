"""Rate limits: who is refused and for how long, what counts as one client, and what is stored about a client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import date
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from checker.settings import Settings
from checker.web.app import create_app
from checker.web.clients import client_of
from checker.web.gate import Gate
from checker.web.metrics import Metrics
from checker.web.rate_limits import RateLimits
from checker.web.routes import HOME
from tests import redis_server
from tests.clocks import SettableClock
from tests.web.test_observed import value

FAKE = {"url": "https://mychart.cleve1andclinic.org/"}
ONE, OTHER = ("198.51.100.7", 4000), ("198.51.100.8", 4000)
PROXY = ("10.0.0.1", 4000)

# --- who is the client -----------------------------------------------------------------------

PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client", "why"),
    [
        ("198.51.100.7", [], "198.51.100.7", "no proxy"),
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7", "anyone but a trusted proxy can write anything"),
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9", "a trusted proxy says so"),
        ("10.0.0.1", ["192.0.2.1, 203.0.113.9"], "203.0.113.9", "what the client itself wrote comes first"),
        ("10.0.0.1", ["192.0.2.1, 203.0.113.9, 10.0.0.2"], "203.0.113.9", "two trusted proxies"),
        ("10.0.0.1", ["192.0.2.1", "203.0.113.9"], "203.0.113.9", "two headers are one list"),
        ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9", "with a port"),
        ("10.0.0.1", ["[2001:db8:1:2::9]:4711"], "2001:db8:1:2::", "IPv6 with a port, cut to its /64"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1", "nothing readable: the proxy itself"),
        ("10.0.0.1", ["203.0.113.9, nonsense"], "10.0.0.1", "nothing before an unreadable entry is trusted"),
        ("10.0.0.1", [], "10.0.0.1", "a proxy that says nothing"),
        ("10.0.0.1", [", ".join(["192.0.2.1"] * 5000 + ["203.0.113.9"])], "203.0.113.9", "a flood of entries"),
        ("fd00::1", ["::ffff:203.0.113.9"], "203.0.113.9", "IPv4 mapped into IPv6"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::", "a /64 is one client"),
        ("127.0.0.1", [], None, "this machine"),
        ("::1", [], None, "this machine"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9", "a trusted proxy on this machine"),
        ("10.0.0.1", ["127.0.0.1"], "127.0.0.1", "a header does not make a client this machine"),
        ("10.0.0.1", ["::1"], "::", "nor in IPv6"),
        ("10.0.0.1", ["203.0.113.9, ::ffff:127.0.0.1"], "203.0.113.9", "a proxy on the proxy's machine"),
        ("127.0.0.1", ["127.0.0.1"], "127.0.0.1", "nor through a trusted proxy on this machine"),
        ("127.0.0.1", ["unknown"], "127.0.0.1", "a hidden client of such a proxy is not this machine either"),
        ("testclient", [], None, "no address"),
    ],
)
def test_the_client_is_the_last_hop_that_is_not_a_trusted_proxy(
    peer: str, forwarded: list[str], client: str | None, why: str
) -> None:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    identified = client_of({"type": "http", "client": (peer, 1), "headers": headers}, PROXIES)
    assert identified.is_local == (client is None), why
    if client is not None:
        assert identified.address == ip_address(client).packed, why


def test_by_default_no_proxy_is_trusted() -> None:
    scope = {"type": "http", "client": PROXY, "headers": [(b"x-forwarded-for", b"203.0.113.9")]}
    assert client_of(scope, Settings().trusted_proxies) == (ip_address("10.0.0.1").packed, False)


# --- over HTTP, in memory and in Redis -------------------------------------------------------


@pytest.fixture(scope="module")
def redis(redis_path: Path) -> Iterator[redis_server.Server]:
    with redis_server.running(redis_path) as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest, redis: redis_server.Server) -> str:
    if request.param == "memory":
        return ""
    with redis.client() as client:
        client.flushall()
    return redis.url


@pytest.fixture
def clients(tmp_path: Any, url: str) -> Iterator[Callable[..., TestClient]]:
    """Makes clients of one application, which trusts PROXY; new settings start a new application."""
    opened: list[TestClient] = []

    def make(address: tuple[str, int] = ONE, **settings: Any) -> TestClient:
        if not opened or settings:
            settings = {"limit_client": "5/minute", "limit_reports": "", "limits_url": url, **settings}
            database = f"sqlite:///{tmp_path}/reports.db"
            settings = Settings(database_url=database, trusted_proxies=(ip_network("10.0.0.0/8"),), **settings)
            opened.append(TestClient(create_app(settings), base_url="http://localhost").__enter__())
        app = opened[-1].app
        client = TestClient(app, base_url="http://localhost", client=address)
        client.portal = opened[-1].portal
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


def statuses(client: TestClient, number: int, **headers: str) -> list[int]:
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    return [client.post("/api/v1/check", json=FAKE, headers=sent).status_code for _ in range(number)]


def test_a_client_over_its_limit_is_told_when_to_try_again_and_others_are_served(
    clients: Callable[..., TestClient],
) -> None:
    one = clients()
    assert statuses(one, 6) == [200] * 5 + [429]
    refused = one.post("/api/v1/check", json=FAKE)
    assert refused.json()["code"] == "rate-limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["access-control-allow-origin"] == "*", "the extension must be able to read it"
    assert "html" in one.get("/", headers={"accept": "text/html"}).headers["content-type"], "people get a page"
    assert statuses(clients(OTHER), 1) == [200]
    assert value(clients(OTHER), "portalcheck_refused_total", by="client") == 3


def test_probes_and_static_files_are_always_answered(clients: Callable[..., TestClient]) -> None:
    one = clients()
    statuses(one, 6)
    for path in ("/healthz", "/readyz", "/metrics", "/static/page.css"):
        assert one.get(path).status_code == 200, path


def test_clients_behind_a_trusted_proxy_are_told_apart(clients: Callable[..., TestClient]) -> None:
    proxy = clients(PROXY)
    assert statuses(proxy, 6, x_forwarded_for="203.0.113.1") == [200] * 5 + [429]
    assert statuses(proxy, 1, x_forwarded_for="203.0.113.2") == [200]
    assert statuses(proxy, 1, x_forwarded_for="192.0.2.1, 203.0.113.1") == [429], "no way around it"
    assert statuses(clients(ONE), 6, x_forwarded_for="203.0.113.3") == [200] * 5 + [429]
    assert statuses(clients(ONE), 1, x_forwarded_for="203.0.113.4") == [429], "anyone else is not believed"


def test_a_batch_counts_as_many_requests(clients: Callable[..., TestClient]) -> None:
    one = clients(limit_client="40/minute")
    batch = {"urls": [FAKE["url"]]}
    assert [one.post("/api/v1/check/batch", json=batch).status_code for _ in range(3)] == [200, 200, 429]


def test_reports_have_their_own_limit(clients: Callable[..., TestClient]) -> None:
    one = clients(limit_client="", limit_reports="2/hour")
    report = {"kind": "other", "address": FAKE["url"]}
    assert [one.post("/api/v1/reports", json=report).status_code for _ in range(3)] == [200, 200, 429]
    assert statuses(one, 3) == [200] * 3
    assert clients(OTHER).post("/api/v1/reports", json=report).status_code == 200


def test_all_clients_together_can_have_a_limit(clients: Callable[..., TestClient]) -> None:
    one = clients(limit_client="", limit_everyone="3/minute")
    assert statuses(one, 2) == [200] * 2
    assert statuses(clients(OTHER), 2) == [200, 429]


def test_limits_can_be_off_and_this_machine_is_not_limited(clients: Callable[..., TestClient]) -> None:
    assert statuses(clients(("127.0.0.1", 1)), 8) == [200] * 8
    assert statuses(clients(limit_client=""), 8) == [200] * 8


# --- what is stored about a client -----------------------------------------------------------


@pytest.mark.parametrize("url", ["redis"], indirect=True)
def test_redis_holds_hashes_that_live_at_most_a_day(
    redis: redis_server.Server, clients: Callable[..., TestClient]
) -> None:
    statuses(clients(limit_everyone="9/minute"), 2)
    with redis.client() as client:
        stored = {key: (client.ttl(key), client.get(key)) for key in client.scan_iter()}
    assert len(stored) == 3, "a salt, a client, everyone"
    assert all(0 < ttl <= 86_400 for ttl, _ in stored.values())
    assert "198.51.100.7" not in str(stored)
    assert ip_address("198.51.100.7").packed.hex() not in str(stored)


def test_a_client_cannot_be_recognized_the_next_day(url: str) -> None:
    """The window of the limit is longer than a day, but the hash of the client changes with the salt."""
    clock = SettableClock(date(2026, 11, 22))

    async def passes() -> list[bool]:
        limits = RateLimits(url, per_client="1/year", reports="", everyone="", clock=clock)
        passed = []
        for day in (22, 22, 23, 23):
            clock.day = date(2026, 11, day)
            passed.append(await limits.exceeded(b"client", "GET", HOME) is None)
        await limits.close()
        return passed

    assert asyncio.run(passes()) == [True, False, True, False]


@pytest.mark.parametrize("url", ["redis"], indirect=True)
def test_the_hash_of_a_client_is_salted_at_random(redis: redis_server.Server, url: str) -> None:
    clock = SettableClock(date(2026, 11, 22))

    async def key_of_a_client() -> str:
        limits = RateLimits(url, per_client="1/day", reports="", everyone="", clock=clock)
        with redis.client() as client:
            client.flushall()
            await limits.exceeded(b"client", "GET", HOME)
            await limits.close()
            (key,) = (key for key in client.scan_iter() if ":salt:" not in key)
            return str(key)

    assert asyncio.run(key_of_a_client()) != asyncio.run(key_of_a_client())


def test_replicas_count_together(redis: redis_server.Server) -> None:
    with redis.client() as client:
        client.flushall()

    async def ask() -> list[bool]:
        replicas = [RateLimits(redis.url, per_client="5/minute", reports="", everyone="") for _ in range(2)]
        passed = [await replicas[n % 2].exceeded(b"client", "POST", HOME) is None for n in range(7)]
        for replica in replicas:
            await replica.close()
        return passed

    assert asyncio.run(ask()) == [True] * 5 + [False] * 2


def test_without_redis_nobody_is_refused_and_once_it_is_back_it_counts_again(
    redis_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checker.web.rate_limits._REDIS_PAUSE_SECONDS", 0.3)
    failures = []

    async def ask(limits: RateLimits, number: int) -> list[bool]:
        return [await limits.exceeded(b"client", "POST", HOME) is None for _ in range(number)]

    async def story(server: redis_server.Server) -> None:
        limits = RateLimits(
            server.url, per_client="3/minute", reports="", everyone="", on_failure=lambda: failures.append(1)
        )
        assert await ask(limits, 4) == [True] * 3 + [False]
        server.stop()
        began = time.monotonic()
        assert await ask(limits, 50) == [True] * 50
        assert time.monotonic() - began < 3, "requests do not queue for a Redis that is gone"
        assert len(failures) == 50
        server.start()
        await asyncio.sleep(0.4)
        assert await ask(limits, 4) == [True] * 3 + [False]
        assert len(failures) == 50
        await limits.close()

    with redis_server.running(redis_path) as server:
        asyncio.run(story(server))


# --- capacity --------------------------------------------------------------------------------


def test_over_capacity_is_refused_at_once_and_the_rest_is_served() -> None:
    """Ten slow requests, where four may be in progress."""
    metrics = Metrics()
    limits = RateLimits("", per_client="", reports="", everyone="")
    answers: list[tuple[int, float]] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.3)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    def refuse(_: Any, problem: Any, headers: dict[str, str]) -> Any:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            assert headers == {"retry-after": "1"}
            await send({"type": "http.response.start", "status": problem.document.status, "headers": []})

        return answer

    gate = Gate(slow, limits, (), 4, 4, metrics, refuse)
    began = time.monotonic()

    async def ask(path: str) -> None:
        async def send(message: Any) -> None:
            answers.append((message["status"], time.monotonic() - began))

        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "client": None}
        await gate(scope, None, send)  # type: ignore[arg-type]  # nothing is received

    async def all_at_once() -> None:
        await asyncio.gather(*(ask("/") for _ in range(10)), ask("/readyz"))
        await ask("/")

    asyncio.run(all_at_once())
    refused = [seconds for status, seconds in answers if status == 503]
    assert len(refused) == 6
    assert max(refused) < 0.2, "at once"
    assert [status for status, _ in answers].count(200) == 6, "four, the probe, and one afterwards"
