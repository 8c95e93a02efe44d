"""How a portal's address is written: exactly as a browser shows it, with host and mount only."""

from __future__ import annotations

import re

import ada_url
import validators

from checker.core.allowlist import MAX_MOUNT_SEGMENTS
from checker.lists.format import VendorFile
from checker.lists.suffixes import is_ip

__all__ = ["address_problem", "authority_of", "mount_of", "portal_address"]

_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[/\\]*([^/\\?#]*)")
_MOUNT = re.compile(r"(?:/[A-Za-z0-9._~\-]+)*/\Z")
_SPECIAL_USE = frozenset(
    "localhost local onion internal test example invalid alt arpa home lan corp localdomain".split()
)
"""Top-level labels that do not lead everyone to the same place (RFC 6761, RFC 6762, RFC 9476, ICANN's `.internal`)."""


def authority_of(url: str) -> str:
    """The host of a portal's address as written, in lower case."""
    authority = _AUTHORITY.match(url)
    return authority.group(1).lower() if authority else ""


def mount_of(url: str) -> str:
    """The path of a portal's address as written."""
    authority = _AUTHORITY.match(url)
    return url[authority.end() :] if authority else ""


def address_problem(url: str) -> tuple[str, str] | None:
    """The first problem with a portal's address, as (code, what to write); None if the address is canonical."""
    try:
        parsed = ada_url.URL(url)
    except ValueError:
        return "PC202", "no browser opens this address; write `https://host/` or `https://host/mount/`"
    if parsed.protocol != "https:":
        return "PC201", "the scheme is not https; write the https address"
    if parsed.username or parsed.password or parsed.port or re.search(r"[?#@]", url):
        return "PC203", "no user name, port, query or fragment; write the host and the mount only"
    typed = authority_of(url)
    host: str = parsed.hostname
    if not typed.isascii():
        return "PC207", f"write the host as it goes over the wire: `{host}`"
    top = host.rstrip(".").rpartition(".")[2]
    if is_ip(host) or "." not in host.rstrip(".") or top in _SPECIAL_USE:
        return "PC204", "an IP address, a single label or a special-use name; write the portal's public host name"
    if host.endswith(".") or parsed.href != url or "//" in parsed.pathname:
        clean = f"https://{host.rstrip('.')}{re.sub('/+', '/', parsed.pathname)}"
        return "PC202", f"not written as a browser shows it; write `{clean}`"
    if not validators.domain(host):
        return "PC202", "not a valid host name; check its spelling"
    path: str = parsed.pathname
    if not path.endswith("/"):
        return "PC208", f"a mount ends with a slash; write `{url}/`"
    if _MOUNT.match(path) is None or path.count("/") > MAX_MOUNT_SEGMENTS + 1:
        return "PC208", f"a mount has at most {MAX_MOUNT_SEGMENTS} plain segments; write the portal's root"
    return None


def portal_address(text: str, vendor: VendorFile | None, any_vendor: VendorFile | None) -> tuple[str, tuple[str, ...]]:
    """The canonical address of the portal that ``text`` leads to, and the repairs that were made.

    Login pages that the vendor's routes name are cut off. Raises ValueError, which says why, if ``text`` cannot be
    turned into a portal's address.
    """
    given = text.strip()
    repairs = ["blanks around it removed"] if text != given else []
    try:
        url = ada_url.URL(given)
    except ValueError:
        raise ValueError("no browser opens this address") from None
    if url.protocol != "https:":
        raise ValueError("the scheme is not https")
    if url.username or url.password or url.port:
        raise ValueError("it holds a user name or a port")
    host: str = url.hostname.rstrip(".")
    if url.href not in (given, given + "/") or host != url.hostname:
        repairs.append("written as a browser shows it")
    segments = [segment for segment in url.pathname.split("/") if segment]
    if "//" in url.pathname:
        repairs.append("double slash removed")
    kept = _without_login_page(segments, vendor, any_vendor)
    login_page = len(kept) < len(segments)
    if login_page:
        repairs.append("login page cut off")
    if url.search and not login_page:
        raise ValueError("it holds a query, so it is a page and no portal")
    if "?" in given:
        repairs.append("query removed" if url.search else "bare question mark removed")
    if url.hash or given.endswith("#"):
        repairs.append("fragment removed")
    if len(kept) > MAX_MOUNT_SEGMENTS:
        raise ValueError(f"its path has more than {MAX_MOUNT_SEGMENTS} segments, so it is a page and no portal")
    if not login_page and (not url.pathname.endswith("/") or url.href == given + "/"):
        repairs.append("final slash added")
    return f"https://{host}/" + "".join(f"{segment}/" for segment in kept), tuple(repairs)


def _without_login_page(segments: list[str], vendor: VendorFile | None, any_vendor: VendorFile | None) -> list[str]:
    folded = [segment.casefold() for segment in segments]
    routes = [route.strip("/").split("/") for route in vendor.routes.get("log-in", ())] if vendor else []
    for start in range(len(folded)):
        if any(folded[start : start + len(route)] == route for route in routes):
            return segments[:start]
    last_words = any_vendor.segments.get("log-in", ()) if any_vendor else ()
    if not folded or folded[-1] not in last_words:
        return segments
    return segments[:-2] if folded[-2:-1] == [_LOGIN_FOLDER] else segments[:-1]


_LOGIN_FOLDER = "authentication"
"""The folder of the login page at the most common vendor. It is never a mount, even if no vendor is named."""
