"""The world the browsers see in these tests: every web site, and services, on loopback.

Browsers send ``https://any.host/`` to ``tls_port`` and ``http://any.host/`` to ``http_port``.
Every request is recorded, so that a test can prove that none was made.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import trustme

__all__ = ["Reply", "Seen", "World", "certified"]

PAGE = """<!doctype html><html lang="en"><title>{host}</title><h1>Sign in to {host}</h1>"""
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type",
}
REMOTE_SERVICE = "service.example"
"""The host that is a service, by https on "another computer"; every other one is a web site."""


@dataclass(frozen=True)
class Seen:
    """One request that reached a server."""

    method: str
    host: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Reply:
    """What a service says in a test. ``drip``: seconds between single bytes of the body."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    wait: float = 0
    drip: float = 0

    @classmethod
    def of(cls, value: object, **more: Any) -> Reply:
        return cls(json.dumps(value).encode(), **more)


class World:
    """All servers, what they saw, and what the service says instead of the real one's answer."""

    def __init__(self, certificate: Path, real_port: int) -> None:
        self.seen: list[Seen] = []
        self.script: Callable[[Seen], Reply | None] = lambda seen: None
        self._real_port = real_port
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._servers = [self._start(context), self._start(None), self._start(None)]
        self.tls_port, self.http_port, self.service_port = (server.server_address[1] for server in self._servers)
        self.service = f"http://127.0.0.1:{self.service_port}"

    def _start(self, context: ssl.SSLContext | None) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # browsers hang up as they like
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def stop(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def forget(self) -> None:
        self.seen.clear()
        self.script = lambda seen: None

    @property
    def asked(self) -> list[Any]:
        """The bodies of all questions to services, oldest first."""
        return [seen.body for seen in self.seen if seen.path == "/api/v1/check" and seen.method == "POST"]

    @property
    def to_services(self) -> list[Seen]:
        """Every request that reached a service, of any kind."""
        return [seen for seen in self.seen if self.is_service(seen.host)]

    def is_service(self, host: str) -> bool:
        return host in (f"127.0.0.1:{self.service_port}", REMOTE_SERVICE)

    def real_answer(self, seen: Seen) -> Reply:
        """What the real server process says."""
        connection = http.client.HTTPConnection("127.0.0.1", self._real_port, timeout=20)
        body = None if seen.body is None else json.dumps(seen.body)
        connection.request(seen.method, seen.path, body, {"Content-Type": "application/json", "Origin": "null"})
        response = connection.getresponse()
        headers = {"Content-Type": response.headers["Content-Type"]}
        headers |= {name: response.headers[name] for name in CORS if response.headers[name]}
        reply = Reply(response.read(), response.status, headers)
        connection.close()
        return reply


def _handler(world: World) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            host = self.headers.get("Host", "")
            seen = Seen(self.command, host, self.path, dict(self.headers), json.loads(raw) if raw else None)
            world.seen.append(seen)
            if not world.is_service(host):
                self._say(Reply(PAGE.format(host=host).encode(), headers={"Content-Type": "text/html"}))
            elif self.command == "OPTIONS":
                self._say(Reply(status=204, headers=CORS))
            else:
                reply = world.script(seen) or world.real_answer(seen)
                self._say(Reply(reply.body, reply.status, CORS | reply.headers, reply.wait, reply.drip))

        def _say(self, reply: Reply) -> None:
            time.sleep(reply.wait)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if not reply.drip:
                self.wfile.write(reply.body)
            for place in range(len(reply.body) if reply.drip else 0):
                self.wfile.write(reply.body[place : place + 1])
                time.sleep(reply.drip)

        do_GET = do_POST = do_OPTIONS = _any  # noqa: N815 - http.server wants these names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
            """Say nothing."""

    return Handler


def certified(folder: Path) -> Path:
    """A certificate that no browser trusts and its key in one file, made for this run."""
    file = folder / "certificate.pem"
    trustme.CA().issue_cert("anything.example").private_key_and_cert_chain_pem.write_to_path(file)
    return file
