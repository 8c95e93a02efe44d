"""What a browser opens for one address (docs/design.md, section 6).

Every judgement is about the host that the browser goes to, so a WHATWG parser reads the address (ada-url): for
``https://evil.example\\@mychart.clevelandclinic.org/`` Python's ``urlsplit`` answers the official host while every
browser goes to ``evil.example``. What people paste is read by
``checker.core.text``, which hands each address over to here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import ada_url

from checker.core.errors import AddressProblem, UnreadableAddress

__all__ = ["MAX_CHARACTERS", "OtherAddress", "WebUrl", "joined", "parse"]

MAX_CHARACTERS = 8192
"""Longest text that is read, in characters; real addresses seen stay far below (docs/design.md, section 6)."""


class WebUrl(NamedTuple):
    """An http(s) address as a browser would open it, in the URL Standard's words.

    ``host`` is lower-case ASCII without a trailing dot; ``port`` is None for the scheme's default.
    ``typed_host`` is the host as it stood in the text when it was written in other characters than
    the browser opens (fullwidth letters, ``%2e``, an invisible character), else None.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    query: str
    username: str
    has_credentials: bool
    is_ip: bool
    typed_host: str | None

    @property
    def origin(self) -> str:
        """Scheme, host and any unusual port: all that an answer ever repeats."""
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port is not None else "")

    @property
    def unicode_host(self) -> str | None:
        """The host with its A-labels decoded, where that differs; for display beside it only."""
        if "xn--" not in self.host:
            return None
        decoded: str = ada_url.idna_to_unicode(self.host)
        return decoded if decoded and decoded != self.host else None


@dataclass(frozen=True, slots=True)
class OtherAddress:
    """An address that opens no web page (``javascript:``, ``data:``, ``file:``, ``ftp:`` …)."""

    scheme: str


_HREF = re.compile(
    r"(https?)://(?:([^@/?#:]*+)(?::[^@/?#]*+)?@)?(\[[^\]]*\]|[^/?#:]*+)(?::(\d++))?([^?#]*+)(\?[^#]*+)?"
)
"""The parts of a serialized URL. No part can end elsewhere, so nothing is tried twice (``*+``)."""
_TYPED_AUTHORITY = re.compile(r"[^:]*:[/\\]*([^/\\?#]*)")
_TYPED_PORT = re.compile(r":[^:\]]*\Z")


def parse(text: str) -> WebUrl | OtherAddress:
    """Parse ``text`` as the URL Standard says (https://url.spec.whatwg.org/).

    Raises UnreadableAddress where a browser refuses, and for a text longer than ``MAX_CHARACTERS``.
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableAddress(AddressProblem.TOO_LONG)
    if not text.isascii():
        # Lone surrogates are no characters; the URL Standard reads them as U+FFFD.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    try:
        href: str = ada_url.normalize_url(text)
    except ValueError:
        raise UnreadableAddress(AddressProblem.BROKEN) from None
    parts = _HREF.match(href)
    if parts is None:
        return OtherAddress(href.partition(":")[0])
    scheme, username, host, port, path, query = parts.groups()
    dotless = host.removesuffix(".")
    if not dotless or dotless[0] == "." or ".." in host or len(dotless) > 253:
        raise UnreadableAddress(AddressProblem.BROKEN)
    return WebUrl(
        scheme,
        dotless,
        int(port) if port else None,
        path,
        query[1:] if query else "",
        username or "",
        username is not None,
        # Any other name that ends in a number is refused: https://url.spec.whatwg.org/#ends-in-a-number-checker
        dotless[0] == "[" or dotless.rpartition(".")[2].isdigit(),
        # Most addresses already stand in a browser's own letters; only others need a look.
        None if href.startswith(text) else _oddly_typed(text, dotless),
    )


def joined(base: str, text: str) -> str:
    """The address that ``text`` is on a page whose links start from ``base``.

    Raises UnreadableAddress where a browser refuses, and for texts longer than ``MAX_CHARACTERS``.
    """
    if len(base) + len(text) > MAX_CHARACTERS:
        raise UnreadableAddress(AddressProblem.TOO_LONG)
    try:
        address: str = ada_url.join_url(base, text)
    except ValueError:
        raise UnreadableAddress(AddressProblem.BROKEN) from None
    return address


def _oddly_typed(text: str, host: str) -> str | None:
    """The host as typed, when it is not simply ``host`` in plain letters of either case."""
    authority = _TYPED_AUTHORITY.match(text)
    typed = _TYPED_PORT.sub("", authority.group(1).rpartition("@")[2].rstrip("\t\r\n")) if authority else ""
    if typed.isascii() and typed.removesuffix(".").lower() == host:
        return None
    return typed
