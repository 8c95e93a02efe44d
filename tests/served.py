"""A real server in its own process, for tests of what a test client cannot show: signals, files, timing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LISTS = ROOT / "allowlists"
PATIENCE = 20.0
"""Seconds to wait for something that must happen; generous, because test machines are shared."""


VERDICTS = {
    "https://mychart.clevelandclinic.org/": "verified",
    "https://mychart.ochin.org/MyChartAACI/": "verified",
    "https://mychart.cleve1andclinic.org/": "warning",
    "https://mychart.clevelandclinic.org@evil.example/": "warning",
    "https://evil.example\\@mychart.clevelandclinic.org/": "warning",
    "https://www.wikipedia.org/": "warning",
}
"""Addresses with their verdicts, which no fault may change."""


def asked(
    connection: HTTPConnection, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, Any, dict[str, str]]:
    """Send a request; returns the status, the body (parsed if it is JSON) and the headers by lower-case name."""
    content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    sent = {"content-type": "application/json"} if body is not None else {}
    connection.request(method, path, content, sent | {name.replace("_", "-"): text for name, text in headers.items()})
    answer = connection.getresponse()
    raw = answer.read()
    is_json = "json" in (answer.getheader("content-type") or "")
    return answer.status, json.loads(raw) if is_json else raw, {k.lower(): v for k, v in answer.getheaders()}


@dataclass
class Server:
    """A running server: its port, its process and its log."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any, Mapping[str, str]]:
        """Send a request on a new connection; returns what ``asked`` does."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            return asked(connection, method, path, body, **headers)
        finally:
            connection.close()

    def verdict(self, url: str) -> str:
        return str(self.ask("POST", "/api/v1/check", {"url": url})[1]["verdict"])

    def ready(self) -> Any:
        return self.ask("GET", "/readyz")[1]

    def until(self, wanted: Callable[[], bool]) -> None:
        """Wait until ``wanted`` is true; fails after ``PATIENCE`` seconds."""
        end = time.monotonic() + PATIENCE
        while not wanted():
            assert time.monotonic() < end, f"it never happened; the log: {self.log.read_text()[-2000:]}"
            time.sleep(0.05)


@contextmanager
def serving(folder: Path, *options: str, **settings: str) -> Iterator[Server]:
    """Run ``python -m checker serve`` on a free port, with its log in ``folder``; stop it at the end."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTALCHECK_")}
    log = folder / "server.log"
    with (
        log.open("ab") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "checker", "serve", "--port", "0", *options],
            cwd=ROOT,
            env=environ | settings,
            stdout=subprocess.PIPE,
            stderr=stderr,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            port = re.search(rb"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
            assert port is not None, log.read_text()
            server = Server(int(port[1]), process, log)
            server.until(lambda: server.ask("GET", "/healthz")[0] == 200)
            yield server
        finally:
            process.terminate()


def small_list(folder: Path, *domains: str) -> Path:
    """A copy of the committed list with only these domains and no canaries."""
    copy = folder / "lists"
    (copy / "portals").mkdir(parents=True)
    shutil.copytree(LISTS / "vendors", copy / "vendors")
    shutil.copy(LISTS / "policy.yaml", copy)
    for domain in domains:
        shutil.copy(LISTS / "portals" / f"{domain}.yaml", copy / "portals")
    return copy
