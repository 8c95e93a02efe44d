"""Portals on loopback: each host name is a TLS server with its own behaviour, certified by a made-up authority."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import trustme

Behaviour = Callable[[ssl.SSLSocket, str], None]
"""What a server does with a connection, given the head of the request."""


def page(title: str, body: str = "", status: str = "200 OK", headers: Mapping[str, str] | None = None) -> Behaviour:
    """A server that answers with one page."""
    text = f"<!doctype html><title>{title}</title>{body}".encode()
    lines = [f"{name}: {value}" for name, value in (headers or {}).items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", *lines, f"Content-Length: {len(text)}", "Connection: close", "", ""])
    return lambda connection, _: connection.sendall(head.encode() + text)


def redirect(to: str) -> Behaviour:
    """A server that sends everybody elsewhere."""
    return page("Moved", status="302 Found", headers={"Location": to})


def cookie_check(behind: Behaviour) -> Behaviour:
    """A server that redirects until its cookie comes back, as portals' sign-in pages do."""

    def behave(connection: ssl.SSLSocket, request: str) -> None:
        if "cookie: seen=1" in request.lower():
            behind(connection, request)
        else:
            page("", status="302 Found", headers={"Location": "/", "Set-Cookie": "seen=1; Secure"})(connection, "")

    return behave


def dripping(connection: ssl.SSLSocket, _: str) -> None:
    """A byte now and then, for ten seconds."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(200):
        connection.sendall(b"X")
        time.sleep(0.05)


def endless(connection: ssl.SSLSocket, _: str) -> None:
    """A page that goes on until the visitor hangs up."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<title>Example Health</title>")
    while True:
        connection.sendall(b"x" * 1024 * 1024)


def garbage(connection: ssl.SSLSocket, _: str) -> None:
    """Something other than HTTP."""
    connection.sendall(b"\x00\x01\x02 hello\r\n\r\n")


class World:
    """Host names and the servers behind them. ``asked`` holds the hosts that were connected to, in order."""

    def __init__(self, authority: trustme.CA) -> None:
        self.asked: list[str] = []
        self._authority = authority
        self._ports: dict[str, int] = {}
        self._stack = ExitStack()

    def host(self, name: str, behave: Behaviour, *, certificate_for: str | None = None, trusted: bool = True) -> None:
        """Start a server for ``name``; its certificate may be for another name, or from an unknown authority."""
        authority = self._authority if trusted else trustme.CA()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(certificate_for or name).configure_cert(context)
        listener = self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self._ports[name] = listener.getsockname()[1]
        threading.Thread(target=_serve, args=(listener, context, behave), daemon=True).start()

    def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """Takes the place of ``connect_public``; knows the hosts of this world and no other."""
        assert port == 443
        self.asked.append(host)
        if host not in self._ports:
            raise socket.gaierror(socket.EAI_NONAME, "no such name in this world")
        return socket.create_connection(self.place_of(host), seconds)

    def place_of(self, host: str) -> tuple[str, int]:
        """Where a host's server listens."""
        return "127.0.0.1", self._ports[host]

    def close(self) -> None:
        self._stack.close()


def _serve(listener: socket.socket, context: ssl.SSLContext, behave: Behaviour) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return  # the world was closed
        # In half of the tests the visitor hangs up in the middle.
        try:
            with plain, context.wrap_socket(plain, server_side=True) as connection:
                request = b""
                while b"\r\n\r\n" not in request and (more := connection.recv(4096)):
                    request += more
                behave(connection, request.decode())
        except OSError:
            continue


@contextmanager
def world(folder: Path) -> Iterator[tuple[World, Path]]:
    """A world, and the file with its authority's certificate."""
    authority = trustme.CA()
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(file)
    made = World(authority)
    try:
        yield made, file
    finally:
        made.close()
