"""Who asks, as far as limits need to know: one IP address, or nobody in particular."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.types import Scope

from checker.settings import Network

__all__ = ["client_of"]

Address = IPv4Address | IPv6Address

_MOST_HOPS = 20
_IPV6_HOME = 64
"""A household or a server gets at least a /64, so all of it is one client."""


def client_of(scope: Scope, trusted: tuple[Network, ...]) -> bytes | None:
    """The client's address, packed; None for this machine itself, which is not limited: that is the operator,
    or a proxy that PORTALCHECK_TRUSTED_PROXIES does not name yet and behind which everyone looks the same.

    ``X-Forwarded-For`` is read from its end as long as the one who wrote the entry is a trusted proxy; what stands
    before that anybody can have written.
    """
    peer = _address(scope["client"][0]) if scope.get("client") else None
    if peer is None:
        return None
    if trusted and _is_in(peer, trusted):
        for entry in reversed(_forwarded(scope)):
            hop = _address(entry)
            if hop is None:
                break
            peer = hop
            if not _is_in(hop, trusted):
                break
    if peer.is_loopback:
        return None
    if isinstance(peer, IPv6Address):
        return ip_network((peer, _IPV6_HOME), strict=False).network_address.packed
    return peer.packed


def _forwarded(scope: Scope) -> list[str]:
    values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return b",".join(values).decode("latin-1").split(",")[-_MOST_HOPS:]


def _address(text: str) -> Address | None:
    """An address as proxies write it: alone, or with a port."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _is_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
