"""What deploy/compose.yaml describes, as plain processes on loopback: two replicas behind nginx with the real
deploy/nginx.conf, PostgreSQL and Redis."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import trustme

from tests import postgres, redis_server
from tests.served import PATIENCE, ROOT, Server, asked, small_list

NGINX_CONF = ROOT / "deploy/nginx.conf"


def free_ports(count: int) -> list[int]:
    """Ports that are free now."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in held]


def here(folder: Path, plain: int, tls: int, replicas: list[int]) -> Path:
    """deploy/nginx.conf, with only the addresses and paths changed to this machine's."""
    text = NGINX_CONF.read_text("utf-8")
    for theirs, ours in {
        " /tmp/": f" {folder}/",
        "listen 8080;": f"listen 127.0.0.1:{plain};",
        "listen 8443 ssl;": f"listen 127.0.0.1:{tls} ssl;",
        "replica1:8000": f"127.0.0.1:{replicas[0]}",
        "replica2:8000": f"127.0.0.1:{replicas[1]}",
        "/etc/nginx/tls/": f"{folder}/",
    }.items():
        assert theirs in text, f"{theirs} is not in deploy/nginx.conf"
        text = text.replace(theirs, ours)
    path = folder / "nginx.conf"
    path.write_text(text)
    return path


@dataclass(frozen=True)
class Programs:
    """The paths of the programs."""

    nginx: Path
    postgresql: Path
    redis: Path


@dataclass
class Replica:
    """A server process that can be killed and restarted on its port."""

    port: int
    lists: Path
    settings: dict[str, str]
    log: Path
    server: Server = field(init=False)

    def start(self) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTALCHECK_")}
        environ |= self.settings | {"PORTALCHECK_ALLOWLISTS": str(self.lists)}
        command = [sys.executable, "-m", "checker", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=log)
        self.server = Server(self.port, process, self.log)

    def until_ready(self) -> None:
        def ready() -> bool:
            assert self.server.process.poll() is None, self.log.read_text()
            try:
                return bool(self.server.ready()["status"] == "ready")
            except OSError:
                return False

        self.server.until(ready)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.server.process.send_signal(how)
        self.server.process.wait(PATIENCE)


@dataclass
class Topology:
    """Everything, running."""

    plain: int
    tls: int
    trust: ssl.SSLContext
    replicas: list[Replica]
    database: postgres.Cluster
    redis: redis_server.Server
    nginx_log: Path

    def connect(self) -> HTTPSConnection:
        """A client's connection to nginx."""
        return HTTPSConnection("127.0.0.1", self.tls, timeout=PATIENCE, context=self.trust)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
        """Status, answer (as JSON where it is JSON) and headers, on a new connection."""
        connection = self.connect()
        try:
            return asked(connection, method, path, body, **headers)
        finally:
            connection.close()


@contextmanager
def proxied(nginx: Path, folder: Path, replicas: list[int]) -> Iterator[tuple[int, int, ssl.SSLContext]]:
    """Runs nginx; yields its port without TLS, its port with TLS, and a context that trusts its certificate."""
    plain, tls = free_ports(2)
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    (folder / "certificate.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    (folder / "key.pem").write_bytes(certificate.private_key_pem.bytes())
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    command = [nginx, "-p", str(folder), "-c", str(here(folder, plain, tls, replicas)), "-g", "daemon off;"]
    with (
        (folder / "nginx.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            end = time.monotonic() + PATIENCE
            while True:
                try:
                    socket.create_connection(("127.0.0.1", tls), timeout=1).close()
                    break
                except OSError:
                    assert process.poll() is None, (folder / "nginx.log").read_text()
                    assert time.monotonic() < end
                    time.sleep(0.02)
            yield plain, tls, trust
        finally:
            process.send_signal(signal.SIGQUIT)


@contextmanager
def running(programs: Programs, **settings: str) -> Iterator[Topology]:
    """The topology, with a small list for each replica, in /tmp, where nginx' own user can write."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="topology", dir="/tmp")))
        folder.chmod(0o755)
        database = stack.enter_context(postgres.running(programs.postgresql))
        redis = stack.enter_context(redis_server.running(programs.redis))
        settings = {
            "PORTALCHECK_DATABASE_URL": database.url,
            "PORTALCHECK_LIMITS_URL": redis.url,
            "PORTALCHECK_TRUSTED_PROXIES": "127.0.0.1/32",
        } | settings
        replicas = []
        for number, port in enumerate(free_ports(2)):
            own = folder / f"replica{number}"
            own.mkdir()
            lists = small_list(own, "clevelandclinic.org", "ochin.org")
            replica = Replica(port, lists, settings, own / "log")
            replica.start()
            stack.callback(replica.stop)
            replicas.append(replica)
        for replica in replicas:
            replica.until_ready()
        plain, tls, trust = stack.enter_context(proxied(programs.nginx, folder, [replica.port for replica in replicas]))
        yield Topology(plain, tls, trust, replicas, database, redis, folder / "nginx.log")
