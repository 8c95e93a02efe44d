"""What one connection, or one client, may take: bounded, whatever it sends, and nobody else notices."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.served import PATIENCE, Server, serving
from tests.web.test_faults import a_request, answered, resident
from tests.web.test_workers import connections, workers
from tests.web.test_workers import pytestmark as only_linux

pytestmark = only_linux

OFFICIAL = "https://mychart.clevelandclinic.org/"
MOST_KIB = 20 * 1024
"""How much more memory a worker may take under each attack."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has answered a few requests, so that its memory is that of a working one."""
    with serving(tmp_path_factory.mktemp("connections"), PORTALCHECK_TRUSTED_PROXIES="127.0.0.1/32") as server:
        for _ in range(50):
            assert server.verdict(OFFICIAL) == "verified"
        yield server


@pytest.fixture
def memory(server: Server) -> Iterator[None]:
    """The test's attack must not cost the worker more than ``MOST_KIB``, during it or afterwards."""
    (worker,) = workers(server)
    before = resident(worker)
    yield
    assert resident(worker) - before < MOST_KIB
    assert workers(server) == [worker], "it is still the same process"
    assert server.verdict(OFFICIAL) == "verified"


def connected(server: Server, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE, source_address=(source, 0))


def send_until_refused(connection: socket.socket, data: bytes, most: int) -> int:
    """Send ``data`` again and again; return how many bytes went out before the server stopped reading or hung up."""
    connection.settimeout(2)
    sent = 0
    with suppress(OSError):
        while sent < most:
            sent += connection.send(data)
    return sent


@pytest.mark.usefixtures("memory")
def test_pipelined_requests_whose_answers_nobody_reads_stop_being_read(server: Server) -> None:
    with connected(server) as connection:
        most = 60_000_000
        assert send_until_refused(connection, a_request(OFFICIAL) * 200, most) < most


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize(
    ("start", "more"),
    [
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"x-filler: abcdefghijklmnop\r\n" * 400, id="many lines"
        ),
        pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\nx-filler: ", b"a" * 10_000, id="one long line"),
        pytest.param(b"GET /", b"a" * 10_000, id="a long path"),
        pytest.param(
            b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"1;" + b"e" * 8000,
            id="a long chunk extension",
        ),
    ],
)
def test_endless_heads_are_cut_off(server: Server, start: bytes, more: bytes) -> None:
    with connected(server) as connection:
        connection.sendall(start)
        most = 36_000_000
        assert send_until_refused(connection, more, most) < most / 3, "what the system's own buffers hold"


@pytest.mark.usefixtures("memory")
def test_an_endless_body_in_tiny_chunks_is_cut_off(server: Server) -> None:
    with connected(server) as connection:
        connection.sendall(
            b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        began = time.monotonic()
        send_until_refused(connection, b"1\r\na\r\n" * 1000, 36_000_000)
        assert time.monotonic() - began < 15
        with suppress(ConnectionError):
            assert b" 413 " in connection.recv(100)


@pytest.mark.usefixtures("memory")
@pytest.mark.parametrize("how", ["another address", "behind a trusted proxy"])
def test_slow_bodies_of_one_client_leave_places_for_the_others(server: Server, how: str) -> None:
    proxied = how == "behind a trusted proxy"
    start = a_request(OFFICIAL)[:-5]
    if proxied:
        start = start.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n")
    with ExitStack() as stack:
        for _ in range(520):
            slow = stack.enter_context(connected(server, "127.0.0.1" if proxied else "127.0.0.2"))
            slow.sendall(start)
        time.sleep(0.5)
        for _ in range(20):
            headers = {"x_forwarded_for": "203.0.113.10"} if proxied else {}
            began = time.monotonic()
            status, answer, _ = server.ask("POST", "/api/v1/check", {"url": OFFICIAL}, **headers)
            assert (status, answer["verdict"]) == (200, "verified")
            assert time.monotonic() - began < 2
        if proxied:
            status, answer, headers = server.ask(
                "POST", "/api/v1/check", {"url": OFFICIAL}, x_forwarded_for="203.0.113.9"
            )
            assert (status, answer["code"], headers["retry-after"]) == (429, "rate-limited", "1")
            assert "in progress" in answer["detail"]


def test_a_head_that_trickles_in_and_a_connection_that_stays_idle_are_ended(server: Server) -> None:
    with connected(server) as idle, connected(server) as half, connected(server) as used:
        half.sendall(b"GET /healthz HTTP/1.1\r\nHost: loc")
        used.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 200 " in answered(used)
        began = time.monotonic()
        for connection in (idle, half, used):
            with suppress(ConnectionError):
                while connection.recv(1000):
                    pass
        assert 5 < time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("host", "answers"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("127.0.0.1", True),
        ("[::1]:8000", True),
        ("127.0.0.1:evil.example", False),
        ("127.0.0.1:80@evil.example", False),
        ("evil.example:127.0.0.1", False),
        ("[::1]evil.example", False),
        ("[::1", False),
        ("localhost.", False),
        ("", False),
    ],
)
def test_only_a_well_formed_host_header_with_our_name_is_answered(server: Server, host: str, answers: bool) -> None:
    with connected(server) as connection:
        connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        status = re.match(rb"HTTP/1.1 (\d+)", connection.recv(1000))
        assert status is not None
        assert status[1] == (b"200" if answers else b"400")


def test_what_a_connection_does_wrong_writes_no_line_in_the_log(server: Server) -> None:
    before = server.log.read_text()
    for raw in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"Xq7canaryZ\r\n\r\n",
        b"GET /Xq7canaryZ HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nXq7canaryZ\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        a_request(OFFICIAL)[:-5],
    ):
        with connected(server) as connection:
            connection.sendall(raw)
            connection.settimeout(0.3)
            with suppress(OSError):
                connection.recv(1000)
    assert server.verdict(OFFICIAL) == "verified"
    assert server.log.read_text() == before


def test_whoever_reads_no_answers_is_cut_off(server: Server) -> None:
    with connected(server) as connection:
        send_until_refused(connection, a_request(OFFICIAL) * 200, 60_000_000)
        (worker,) = workers(server)
        server_side = held(server, worker)
        assert server_side > 0
        time.sleep(25)
        assert held(server, worker) < server_side


def held(server: Server, worker: int) -> int:
    """How many accepted connections the worker holds."""
    return connections(server)[worker]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("GET *", 404),
        ("OPTIONS *", 404),
        ("TRACE *", 404),
        ("GET /a%0Ab", 404),
        ("GET /healthz%0A", 404),
        ("GET /metrics%0A", 404),
        ("POST /api/v1/check/batch%0A", 404),
        ("POST /api/v1/reports%0A", 404),
        ("GET /static/a%0Ab", 404),
        ("GET /static/page.css%0D", 404),
        ("GET /%E2%80%A8", 404),
        ("GET localhost:80", 404),
        ("GET http://localhost/healthz", 200),
        ("GET /nothing/", 404),
    ],
)
def test_an_odd_target_is_refused_like_any_that_has_no_route(server: Server, target: str, status: int) -> None:
    log = server.log.read_text()
    with connected(server) as connection:
        connection.sendall(f"{target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert connection.recv(1000).startswith(f"HTTP/1.1 {status} ".encode())
    assert server.log.read_text() == log


@pytest.mark.parametrize(
    "body", [b"zz\r\n", b"1\r\nab\r\n", b"ffffffffffffffffffff\r\n"], ids=["no size", "too long", "a huge size"]
)
def test_a_malformed_chunk_gets_an_error_of_ours(server: Server, body: bytes) -> None:
    log = server.log.read_text()
    with connected(server) as connection:
        connection.sendall(
            b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + body
        )
        answer = connection.recv(2000)
        assert answer.startswith(b"HTTP/1.1 422 ")
        assert b"content-security-policy" in answer
    assert server.log.read_text() == log


def test_many_unknown_names_do_not_pile_up(server: Server) -> None:
    names = b",".join(b'"%d":0' % number for number in range(100_000))
    (worker,) = workers(server)
    server.ask("POST", "/api/v1/check/batch", b"{" + names + b"}")
    before = resident(worker)
    for _ in range(20):
        status, answer, _ = server.ask("POST", "/api/v1/check/batch", b"{" + names + b"}")
        assert (status, answer["code"]) == (422, "malformed-request")
    assert resident(worker) - before < MOST_KIB
