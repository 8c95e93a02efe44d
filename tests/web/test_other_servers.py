"""``server:app`` under servers that its operator starts: the same product as ``portalcheck serve``."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.served import PATIENCE, ROOT, VERDICTS, Server, small_list

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals")

GRANIAN = (
    *("granian", "--interface", "asgi", "--http", "1", "--no-ws", "--respawn-interval", "1"),
    *("--workers-kill-timeout", "15", "server:app"),
)
UVICORN = ("uvicorn", "--no-access-log", "server:app")
SERVERS = [
    pytest.param(GRANIAN, id="granian"),
    pytest.param((*GRANIAN, "--workers", "2"), id="granian, two workers"),
    pytest.param(UVICORN, id="uvicorn"),
    pytest.param((*UVICORN, "--workers", "2"), id="uvicorn, two workers"),
]


@contextmanager
def run(program: tuple[str, ...], folder: Path, **settings: str) -> Iterator[Server]:
    """Run the command on a free port, with a folder for what its workers share."""
    shared = folder / "shared"
    shared.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTALCHECK_")}
    environ |= settings | {"PROMETHEUS_MULTIPROC_DIR": str(shared)}
    command = [sys.executable, "-m", *program, "--port", str(port)]
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log) as process,
    ):
        server = Server(port, process, folder / "server.log")
        try:
            server.until(lambda: status(server) == 200)
            # Until all workers serve: granian loses a signal that reaches one while it starts.
            time.sleep(3)
            yield server
        finally:
            process.terminate()


def status(server: Server, path: str = "/healthz") -> int:
    """The status of the answer; 0 if there is none, as while workers are replaced."""
    try:
        return server.ask("GET", path)[0]
    except OSError:
        return 0


def says(server: Server, field: str) -> str:
    """A field of ``/readyz``; empty if there is no such answer, as from a worker that is being stopped."""
    try:
        return str(server.ready().get(field, ""))
    except OSError:
        return ""


@pytest.mark.parametrize("program", SERVERS)
def test_a_reload_takes_a_good_list_and_refuses_a_broken_one(program: tuple[str, ...], tmp_path: Path) -> None:
    lists = small_list(tmp_path, "clevelandclinic.org", "ochin.org")
    entry = lists / "portals/ochin.org.yaml"
    with run(program, tmp_path, PORTALCHECK_ALLOWLISTS=str(lists)) as server:
        first = says(server, "allowlist")
        entry.write_text(entry.read_text().replace("operator: OCHIN", "operator: OCHIN again"))
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: not {says(server, "allowlist") for _ in range(10)} & {"", first})
        second = says(server, "allowlist")
        time.sleep(4)  # a supervisor that is still replacing workers would overlook another signal
        entry.write_text("domain: [")
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: {says(server, "status") for _ in range(10)} == {"stale"})
        assert {says(server, "allowlist") for _ in range(10)} == {second}
        for url, verdict in VERDICTS.items():
            assert server.verdict(url) == verdict
        assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("program", SERVERS)
def test_it_drains_before_it_stops_and_ends_with_success(program: tuple[str, ...], tmp_path: Path) -> None:
    with run(program, tmp_path, PORTALCHECK_DRAIN_SECONDS="2") as server:
        wrong: list[str] = []
        draining = threading.Event()

        def keep_asking() -> None:
            while not draining.is_set():
                if server.verdict("https://mychart.clevelandclinic.org/") != "verified":
                    wrong.append("not verified")

        asking = threading.Thread(target=keep_asking)
        asking.start()
        server.process.send_signal(signal.SIGTERM)
        server.until(lambda: {status(server, "/readyz") for _ in range(4)} == {503})
        draining.set()
        asking.join()
        assert server.verdict("https://mychart.clevelandclinic.org/") == "verified"
        assert server.process.wait(PATIENCE) in (0, -signal.SIGTERM)
        assert not wrong
        assert "Traceback" not in server.log.read_text()
