"""Which address do the words of a link show?

Words are no address just because they have a dot: "Ill.mo Sig.", "form.pdf" and "end.Thank" are none. Without its
scheme a name counts with a known ending and a path, with ``www.``, with a portal's word, or where its owner is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checker.core.allowlist import Allowlist
from checker.core.errors import UnreadableAddress
from checker.core.text.pasted import UNSEEN
from checker.core.text.shapes import has_name, mapped
from checker.core.url import WebUrl, parse

__all__ = ["shown_addresses"]

MAX_WORDS = 2000
"""Characters of one link's words that are looked at; nobody takes in more of them."""

_SOFT = str.maketrans("", "", "\u00ad\u034f")
_DEFANGED = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)", re.IGNORECASE)
_SCHEMED = re.compile(r"h(?:tt|xx)ps?:[/\\]*(?P<rest>[^\s<>\"`()\[\]{}|«»“”‘’]+)", re.IGNORECASE)
_NAMED = re.compile(
    r"(?<![\w@.\-/])(?P<host>[\w\-]++(?:\.[\w\-]++)+)(?::\d{1,5})?(?P<path>/[^\s<>\"`()\[\]{}|]*)?(?![\w@])"
)
_PORTAL_WORDS = ("portal", "login", "signin", "logon", "patient", "paciente")


def shown_addresses(forms: Iterable[str], allowlist: Allowlist, names: frozenset[str]) -> tuple[WebUrl, ...]:
    """The addresses that the words show, in order, each host once. ``forms``: the ways to put the words together.
    ``names``: the last labels that could be opened, lower-case."""
    found: dict[str, WebUrl] = {}
    for words in dict.fromkeys(forms):
        for address in _addresses(_as_seen(words[:MAX_WORDS]), allowlist, names):
            found.setdefault(address.host, address)
    return tuple(found.values())


def _as_seen(words: str) -> str:
    """The words without what cannot be seen, in the letters that a browser maps them to."""
    if not words.isascii():
        words = mapped(UNSEEN.sub("", words).translate(_SOFT)).replace("\u3002", ".")
    return _DEFANGED.sub(".", words)


def _addresses(words: str, allowlist: Allowlist, names: frozenset[str]) -> Iterator[WebUrl]:
    for written in _SCHEMED.finditer(words):
        address = _parsed("https://" + written["rest"].rstrip(".,;:!?'"))
        if address is not None:
            yield address
    for named in _NAMED.finditer(_SCHEMED.sub(" ", words)):
        address = _parsed("https://" + named["host"]) if has_name(named["host"], names) else None
        if (
            address is not None
            and address.host.rpartition(".")[2] in names
            and (named["path"] is not None or _is_portals(address.host, allowlist) or _is_known(address, allowlist))
        ):
            yield address


def _parsed(text: str) -> WebUrl | None:
    try:
        address = parse(text)
    except UnreadableAddress:
        return None
    return address if isinstance(address, WebUrl) and "." in address.host else None


def _is_portals(host: str, allowlist: Allowlist) -> bool:
    if host.startswith("www."):
        return True
    brands = (brand for vendor in allowlist.vendors.values() for brand in vendor.brand_words)
    return any(word in host for word in (*_PORTAL_WORDS, *brands))


def _is_known(address: WebUrl, allowlist: Allowlist) -> bool:
    if address.is_ip:
        return False
    domain = allowlist.split_host(address.host).registrable_domain
    return allowlist.match(address) is not None or allowlist.known_site(address.host, domain) is not None
