"""A Redis server of our own, for tests: on a private socket, gone afterwards."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NotThere


class Server:
    """A Redis that can be stopped and started again."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._socket = folder / "s"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis+unix://{self._socket}"

    def client(self) -> Redis:
        return Redis(unix_socket_path=str(self._socket), decode_responses=True)

    def start(self) -> None:
        options = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([self._program, *options], stdout=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while True:
            try:
                with self.client() as client:
                    client.ping()
                return
            except NotThere:
                assert time.monotonic() < end, "Redis did not start"
                time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None


@contextmanager
def running(program: Path) -> Iterator[Server]:
    """A started server, in a folder with a short name: a socket's path has at most 107 characters."""
    folder = Path(tempfile.mkdtemp(prefix="rd", dir="/tmp"))
    server = Server(program, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
