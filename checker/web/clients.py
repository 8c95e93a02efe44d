"""Identifies the client: one IP address, and whether it is this machine."""

from __future__ import annotations

from ipaddress import ip_address
from socket import AF_INET, AF_INET6, inet_pton
from typing import NamedTuple

from starlette.types import Scope

from checker.settings import Network

__all__ = ["Client", "client_of"]

_MAX_HOPS = 20
_IPV6_PREFIX_BYTES = 8
"""A household or a server gets at least a /64 of IPv6, so all addresses in one /64 are one client."""
_IPV4_IN_IPV6 = bytes(10) + b"\xff\xff"
_LOOPBACK_IPV6 = bytes(15) + b"\x01"
_IPV4_LENGTH = 4


class Client(NamedTuple):
    """Who asks. ``address`` is packed; empty if the server does not know it."""

    address: bytes
    is_local: bool
    """Whether it is this machine, to which rate limits do not apply: the operator, or a proxy that
    PORTALCHECK_TRUSTED_PROXIES does not name yet and whose clients all look the same."""


def client_of(scope: Scope, trusted_proxies: tuple[Network, ...]) -> Client:
    """The client of a request.

    ``X-Forwarded-For`` is read from its end, for as long as the sender of an entry is a trusted proxy: anybody can
    have written the entries before that. Whoever comes through a trusted proxy is not this machine, whatever the
    header says.
    """
    peer = _packed(scope["client"][0]) if scope.get("client") else None
    if peer is None:
        return Client(b"", True)
    is_local = peer[0] == 127 if len(peer) == _IPV4_LENGTH else peer == _LOOPBACK_IPV6
    if trusted_proxies and _is_in(peer, trusted_proxies):
        for entry in reversed(_forwarded(scope)):
            is_local = False
            hop = _address(entry)
            if hop is None:
                break
            peer = hop
            if not _is_in(hop, trusted_proxies):
                break
    if len(peer) > _IPV4_LENGTH:
        peer = peer[:_IPV6_PREFIX_BYTES] + bytes(16 - _IPV6_PREFIX_BYTES)
    return Client(peer, is_local)


def _forwarded(scope: Scope) -> list[str]:
    """The last entries of ``X-Forwarded-For``; several headers are one list."""
    values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return b",".join(values).decode("latin-1").split(",")[-_MAX_HOPS:] if values else []


def _address(text: str) -> bytes | None:
    """An address as proxies write it, with or without a port; packed, because this runs for every request."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return _packed(text)


def _packed(text: str) -> bytes | None:
    try:
        if ":" not in text:
            return inet_pton(AF_INET, text)
        address = inet_pton(AF_INET6, text.partition("%")[0])
    except (OSError, ValueError):
        return None
    return address.removeprefix(_IPV4_IN_IPV6)


def _is_in(packed: bytes, networks: tuple[Network, ...]) -> bool:
    address = ip_address(packed)
    return any(address in network for network in networks)
