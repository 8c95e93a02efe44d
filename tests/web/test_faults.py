"""Faults, floods and shutdowns: no wrong verdict, no lost answer, and recovery without a restart."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message

from checker.settings import Settings
from checker.web.app import create_app
from tests.served import PATIENCE, ROOT, VERDICTS, Server, serving

AS_JSON = b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def a_request(url: str) -> bytes:
    body = json.dumps({"url": url}).encode()
    return AS_JSON + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


def answered(connection: socket.socket) -> bytes:
    """Receive one complete response that has a Content-Length."""
    received = b""
    while True:
        head, end, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if end and length and len(body) >= int(length[1]):
            return received
        part = connection.recv(65536)
        assert part, "the connection was closed in the middle of a response"
        received += part


# --- stopping --------------------------------------------------------------------------------


def test_a_stopping_server_first_reports_not_ready_and_answers_until_it_stops(tmp_path: Path) -> None:
    with serving(tmp_path, PORTALCHECK_DRAIN_SECONDS="2") as server:
        assert server.ready()["status"] == "ready"
        server.process.send_signal(signal.SIGTERM)
        server.until(lambda: server.ask("GET", "/readyz")[0] == 503)
        assert server.ready()["code"] == "stopping"
        assert server.verdict("https://mychart.clevelandclinic.org/") == "verified"
        assert server.process.wait(PATIENCE) is not None
    assert "Traceback" not in server.log.read_text()


def test_a_stopping_server_finishes_the_requests_in_progress(tmp_path: Path) -> None:
    whole = a_request("https://mychart.clevelandclinic.org/")
    with (
        serving(tmp_path) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection,
    ):
        connection.sendall(whole[:-10])
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(whole[-10:])
        assert b'"verdict":"verified"' in answered(connection)
        server.process.wait(PATIENCE)


# --- clients that occupy the server ----------------------------------------------------------


def test_a_body_that_trickles_in_gets_an_error_within_the_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.web.bodies.BODY_SECONDS", 0.2)
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/check",
        "raw_path": b"/api/v1/check",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    began = time.monotonic()
    asyncio.run(create_app(Settings())(scope, receive, send))
    assert sent[0]["status"] == 408
    assert time.monotonic() - began < 10


def test_idle_and_half_open_connections_delay_nobody(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        starts = [b"", b"POST /api/v1/check HTTP/1.1\r\nHost: loc", a_request("https://a.example/")[:-5]]
        held = [socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) for _ in range(300)]
        try:
            for number, connection in enumerate(held):
                connection.sendall(starts[number % 3])
            for url, verdict in VERDICTS.items():
                began = time.monotonic()
                assert server.verdict(url) == verdict
                assert time.monotonic() - began < 2
        finally:
            for connection in held:
                connection.close()
        assert server.ready()["status"] == "ready"


def test_requests_over_capacity_get_503_and_the_others_the_right_answer(tmp_path: Path) -> None:
    with serving(tmp_path, PORTALCHECK_MOST_AT_ONCE="4") as server:
        held = [socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) for _ in range(4)]
        for connection in held:
            connection.sendall(a_request("https://mychart.clevelandclinic.org/")[:-5])
        time.sleep(0.5)  # connections are not served in the order in which they came
        server.until(lambda: server.ask("POST", "/api/v1/check", {"url": "https://a.example/"})[0] == 503)
        status, answer, headers = server.ask("POST", "/api/v1/check", {"url": "https://a.example/"})
        assert (status, answer["code"], headers["retry-after"]) == (503, "overloaded", "1")
        assert server.ready()["status"] == "ready", "probes are answered"
        for connection in held:
            connection.sendall(a_request("https://mychart.clevelandclinic.org/")[-5:])
            assert b'"verdict":"verified"' in answered(connection)
            connection.close()
        assert server.verdict("https://mychart.clevelandclinic.org/") == "verified"


# --- a flood ---------------------------------------------------------------------------------

HOSTILE = (
    b"\x00" * 200,
    b"GET / HTTP/9.9\r\n\r\n",
    b"POST /api/v1/check HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n",
    b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
    AS_JSON + b"Content-Length: 99999999\r\n\r\n",
    AS_JSON + b"Content-Length: 60000\r\n\r\n" + b"[" * 60000,
    AS_JSON + b'Content-Length: 9\r\n\r\n{"url":"\xff',
    b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    a_request("https://" + "a." * 120 + "example/"),
    a_request("x" * 8192),
    a_request("https://www.google.com/url?q=" * 200),
    a_request("https://" + "xn--" * 15 + ".example/"),
)


def resident(pid: int) -> int:
    """The resident memory of a process, in KiB."""
    match = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert match is not None
    return int(match[1])


def flood(server: Server, seconds: float, seed: int) -> tuple[int, list[str]]:
    """Send good and hostile requests in turn; return how many good ones were sent, and the wrong answers."""
    choose = random.Random(seed)  # noqa: S311 - not a secret
    wrong: list[str] = []
    asked = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        url, verdict = choose.choice([*VERDICTS.items()])
        status, answer, _ = server.ask("POST", "/api/v1/check", {"url": url})
        asked += 1
        if (status, answer.get("verdict")) != (200, verdict):
            wrong.append(f"{status} {answer} for {url}")
        with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
            connection.sendall(choose.choice(HOSTILE))
            connection.settimeout(0.05)
            try:
                first = connection.recv(16)
            except (TimeoutError, ConnectionError):
                first = b""
        if re.match(rb"HTTP/1.1 5", first):
            wrong.append(f"{first!r}")
    return asked, wrong


def floods(server: Server, seconds: float) -> list[tuple[int, list[str]]]:
    """Four floods at the same time."""
    results: list[tuple[int, list[str]]] = []
    threads = [
        threading.Thread(target=lambda seed=seed: results.append(flood(server, seconds, seed))) for seed in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc")
def test_a_flood_of_hostile_requests_gets_no_wrong_answer_and_leaks_no_memory(tmp_path: Path) -> None:
    """SOAK_SECONDS=600 makes it the long run."""
    seconds = float(os.environ.get("SOAK_SECONDS", "4"))
    with serving(tmp_path) as server:
        (worker,) = workers(server.process.pid)
        floods(server, 3)
        before = 0
        for _ in range(8):  # until everything has been used once and memory is stable
            last, before = before, resident(worker)
            if before < last * 1.01:
                break
            floods(server, 2)
        results = floods(server, seconds)
        assert [wrong for _, wrongs in results for wrong in wrongs] == []
        assert sum(asked for asked, _ in results) > 50
        assert resident(worker) < before * 1.05
        assert workers(server.process.pid) == [worker]
    log = server.log.read_text()
    assert "Traceback" not in log
    assert '"fault"' not in log


# --- workers ---------------------------------------------------------------------------------


def test_a_killed_worker_causes_no_wrong_answer_and_is_replaced(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "server:app", "--workers", "2", "--port", str(port), "--no-access-log"]
    environ = {name: text for name, text in os.environ.items() if not name.startswith("PORTALCHECK_")}
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log) as process,
    ):
        try:
            server = Server(port, process, tmp_path / "log")
            wait_until_it_answers(server)
            wrong: list[Any] = []
            lost = answered = 0
            victims = workers(process.pid)
            assert len(victims) == 2
            end = time.monotonic() + 4
            killed = False
            while time.monotonic() < end or not killed:
                if not killed and answered > 20:
                    os.kill(victims[0], signal.SIGKILL)
                    killed = True
                for url, verdict in VERDICTS.items():
                    try:
                        status, answer, _ = server.ask("POST", "/api/v1/check", {"url": url})
                    except (OSError, HTTPException):
                        lost += 1
                        continue
                    answered += 1
                    if (status, answer["verdict"]) != (200, verdict):
                        wrong.append(answer)
            assert wrong == []
            assert lost <= 3, "only the requests of the killed worker"
            server.until(lambda: len(workers(process.pid)) == 2)
        finally:
            process.terminate()


def workers(parent: int) -> list[int]:
    """The child processes that serve; not Python's own helper for shared memory."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def wait_until_it_answers(server: Server) -> None:
    def answers() -> bool:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    server.until(answers)
