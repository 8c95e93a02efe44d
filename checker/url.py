"""What a browser would open for a text (DESIGN 6).

Every judgement is about the host that the browser goes to, so the only parser here is a WHATWG
one (ada-url): for ``https://evil.example\\@mychart.clevelandclinic.org/`` Python's ``urlsplit``
answers the official host while every browser goes to ``evil.example``.

``context`` tells where the text comes from. ``tab``: a browser's own address, parsed as it is.
``link``: something a person pasted; it may be defanged, quoted, without a scheme, or stand in a
sentence. There, whenever two readings lead to different hosts, the answer is "several addresses",
never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import ada_url

from checker.errors import AddressProblem, UnreadableAddress

__all__ = ["MAX_CHARACTERS", "Context", "OtherAddress", "WebUrl", "parse"]

MAX_CHARACTERS = 8192
"""Longest text that is read, in characters; real addresses seen stay far below (DESIGN 6)."""


class Context(StrEnum):
    """Where the text comes from."""

    LINK = "link"
    TAB = "tab"


@dataclass(frozen=True, slots=True)
class WebUrl:
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


# --- one address -----------------------------------------------------------------------------

_HREF = re.compile(r"(https?)://(?:([^@/?#:]*)(:[^@/?#]*)?@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?([^?#]*)(\?[^#]*)?")
_TYPED_AUTHORITY = re.compile(r"[^:]*:[/\\]*([^/\\?#]*)")
_PLAIN = re.compile(r"[A-Za-z0-9.\-]*\Z")


def _browser_url(text: str) -> WebUrl | OtherAddress:
    """Parse ``text`` as the URL Standard says; UnreadableAddress where a browser refuses."""
    try:
        href: str = ada_url.URL(text).href
    except ValueError:
        raise UnreadableAddress(AddressProblem.BROKEN) from None
    found = _HREF.match(href)
    if found is None:
        return OtherAddress(href.partition(":")[0])
    scheme, username, _, host, port, path, query = found.groups()
    dotless = host.removesuffix(".")
    if not dotless or dotless.startswith(".") or ".." in dotless or len(dotless) > 253:
        raise UnreadableAddress(AddressProblem.BROKEN)
    return WebUrl(
        scheme,
        dotless,
        int(port) if port else None,
        path,
        query[1:] if query else "",
        username or "",
        username is not None,
        host[0] == "[" or (host[-1].isdigit() and _is_ipv4(host)),
        _oddly_typed(text, dotless),
    )


def _is_ipv4(host: str) -> bool:
    # A serialised host that ends in a number is an IPv4 address: the URL Standard refuses
    # every other one (https://url.spec.whatwg.org/#ends-in-a-number-checker).
    return host.rpartition(".")[2].isdigit()


def _oddly_typed(text: str, host: str) -> str | None:
    """The host as typed, when it is not simply ``host`` in plain letters of either case."""
    authority = _TYPED_AUTHORITY.match(text)
    typed = authority.group(1).rpartition("@")[2] if authority else ""
    if typed[:1] != "[":
        typed = typed.partition(":")[0]
    if typed.removesuffix(".").lower() == host and typed.isascii():
        return None
    return typed


# --- pasted text -----------------------------------------------------------------------------

_INVISIBLE_EDGE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_OPENING = "\"'`<([{«“‘„"
_CLOSING = "\"'`>)]}»”’,;:!."
_EDGE = "".join(chr(code) for code in range(0x21)) + "\x7f\u00a0\u3000" + _INVISIBLE_EDGE

_DEFANGED_DOT = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)", re.IGNORECASE)
_DEFANGED_COLON = re.compile(r"\[(:|://)\]")
_DEFANGED_SCHEME = re.compile(r"(?<![A-Za-z0-9])hxxp(?=s?:)", re.IGNORECASE)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_LINK = re.compile(r"https?:[/\\]", re.IGNORECASE)
_LINK_END = re.compile(r"[\s<>\"'`()\[\]{}|«»“”‘’]")
_SPACE = re.compile(r"\s")
_BARE_HOST = re.compile(
    r"[^\s/\\?#@:<>\"'()\[\]{}|,;]+\."  # labels
    r"(?:[a-z\u0080-\U0010ffff][a-z0-9\-\u0080-\U0010ffff]+|xn--[a-z0-9\-]+)\.?"  # a last label in small letters
    r"(?::\d*)?(?:[/\\?#].*)?\Z",
    re.DOTALL,
)
_E_MAIL = re.compile(r"[^\s/\\?#@:]+@[^\s/\\?#@:]+\Z")

_MESSAGE_SCHEMES = frozenset({"mailto", "tel", "sms", "facetime", "whatsapp"})
_NOT_WEB_SCHEMES = frozenset(
    "about blob chrome chrome-extension data edge feed file filesystem ftp ftps intent jar javascript"
    " livescript moz-extension ms-appinstaller ms-msdt resource search-ms smb ssh vbscript view-source ws wss".split()
)
_MOST_LINKS = 20
"""More links than this in one text are "several addresses" without looking further."""


def parse(text: str, context: Context = Context.LINK) -> WebUrl | OtherAddress:
    """The address a browser would open for ``text``.

    Raises UnreadableAddress when there is none, when there are several, or when the text is
    longer than ``MAX_CHARACTERS``. Standard: https://url.spec.whatwg.org/.
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableAddress(AddressProblem.TOO_LONG)
    if not text.isascii():
        # Lone surrogates are no characters; the URL Standard reads them as U+FFFD.
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if context is Context.TAB:
        return _web_or_other(text)
    text = _trimmed(_refanged(text))
    if not text:
        raise UnreadableAddress(AddressProblem.EMPTY)
    if _SPACE.search(text) is None:
        return _one_word(text)
    return _one_link(text)


def _web_or_other(text: str) -> WebUrl | OtherAddress:
    found = _browser_url(text)
    if isinstance(found, OtherAddress) and found.scheme in _MESSAGE_SCHEMES:
        raise UnreadableAddress(AddressProblem.PHONE_OR_MESSAGE)
    return found


def _refanged(text: str) -> str:
    """Undo the ways people make a link unclickable before they pass it on."""
    if "[" in text or "(" in text or "{" in text:
        text = _DEFANGED_COLON.sub(r"\1", _DEFANGED_DOT.sub(".", text))
    return _DEFANGED_SCHEME.sub("http", text)


def _trimmed(text: str) -> str:
    """Without blanks, invisible characters, quotes and sentence marks around it."""
    text = text.strip(_EDGE)
    if text[:1] in _OPENING or text[-1:] in _CLOSING:
        # An IPv6 host keeps its bracket; anything else that closes a sentence goes.
        while text and text[0] in _OPENING and not text.startswith(("[:", "[0", "[1", "[2", "[f")):
            text = text[1:].lstrip(_EDGE)
        while text and text[-1] in _CLOSING and not re.search(r"//[^/]*\[[0-9a-fA-F:.]+\]\Z", text):
            text = text[:-1].rstrip(_EDGE)
    return text


def _one_word(text: str) -> WebUrl | OtherAddress:
    """Read a text without blanks: an address, with or without its scheme."""
    scheme = _SCHEME.match(text)
    if scheme is not None:
        name = scheme.group(1).lower()
        if name in ("http", "https") or name in _NOT_WEB_SCHEMES or name in _MESSAGE_SCHEMES:
            return _web_or_other(text)
        if _LINK.search(text) is not None and "." not in name:
            return _one_link(text)
        if text.startswith("//", scheme.end()) or not ("." in name or text[scheme.end() :][:1].isdigit()):
            return OtherAddress(name)
        # "portal.example.org:443/login" has no scheme, although the standard would read one.
    if text.startswith(("//", "\\\\")):
        return _browser_url("https:" + text)
    if _LINK.search(text) is not None and _BARE_HOST.match(text) is None:
        return _one_link(text)
    return _without_scheme(text)


def _without_scheme(text: str) -> WebUrl:
    if _E_MAIL.match(text) and text.partition("@")[0].count(".") < 2:
        # A host name put before the @ has two dots; people's mailbox names hardly ever.
        raise UnreadableAddress(AddressProblem.E_MAIL)
    try:
        found = _browser_url("https://" + text)
    except UnreadableAddress:
        looks_like_one = "." in text or "/" in text
        problem = AddressProblem.BROKEN if looks_like_one else AddressProblem.NO_ADDRESS
        raise UnreadableAddress(problem) from None
    if isinstance(found, OtherAddress) or ("." not in found.host and not found.is_ip):
        raise UnreadableAddress(AddressProblem.NO_ADDRESS)
    if found.is_ip and text.partition("/")[0].count(".") != 3 and "[" not in text:
        raise UnreadableAddress(AddressProblem.NO_ADDRESS)  # "3.14" is a number, not an address
    return found


def _one_link(text: str) -> WebUrl | OtherAddress:
    """Find the one link in a sentence, a Markdown link or a piece of HTML.

    Every other way to read the text that leads somewhere else makes it ambiguous: a browser
    removes line breaks inside an address, and takes blanks before an ``@`` as a user name.
    """
    readings: list[WebUrl] = []
    other: OtherAddress | None = None
    if _LINK.match(text):
        _add_reading(readings, text)
    elif (scheme := _SCHEME.match(text)) and scheme.group(1).lower() in _NOT_WEB_SCHEMES:
        return OtherAddress(scheme.group(1).lower())
    for word in _words(text):
        links = list(_links_in(word))
        for shortest, longest in links:
            _add_reading(readings, shortest)
            _add_reading(readings, longest)
        if not links:
            other = other or _other_in(word)
            _add_bare_host(readings, word)
        if len(readings) > 3 * _MOST_LINKS:
            raise UnreadableAddress(AddressProblem.SEVERAL)
    if not readings:
        if other is not None:
            return other
        raise UnreadableAddress(AddressProblem.E_MAIL if "@" in text else AddressProblem.NO_ADDRESS)
    if len({(r.scheme, r.host, r.port, r.has_credentials) for r in readings}) > 1:
        raise UnreadableAddress(AddressProblem.SEVERAL)
    # Of several readings of one origin, the one in odd characters is the one to warn about.
    return next((r for r in readings if r.typed_host is not None), readings[-1])


def _words(text: str) -> list[str]:
    """Split at blanks; but a line break before a sign, as in ``…org⏎.evil.example``, does not end
    an address, because a browser drops it."""
    return re.sub(r"[\t\r\n]+(?=[^\sA-Za-z0-9])", "", text).split()


def _links_in(word: str) -> list[tuple[str, str]]:
    """Each http(s) link in a word: as short as quotes and brackets suggest, and to the word's end."""
    links: list[tuple[str, str]] = []
    start = _LINK.search(word)
    while start is not None and len(links) <= _MOST_LINKS:
        end = _LINK_END.search(word, start.end())
        stop = end.start() if end else len(word)
        links.append((word[start.start() : stop].rstrip(_CLOSING), word[start.start() :].rstrip(_CLOSING)))
        start = _LINK.search(word, stop)
    return links


def _add_reading(readings: list[WebUrl], text: str) -> None:
    try:
        found = _browser_url(text)
    except UnreadableAddress:
        return
    if isinstance(found, WebUrl):
        readings.append(found)


def _add_bare_host(readings: list[WebUrl], word: str) -> None:
    """Count ``portal.example.org`` in a sentence; an e-mail address is no link."""
    bare = word.strip(_OPENING + _CLOSING)
    if "@" in bare:
        local, _, rest = bare.partition("@")
        if local and "/" not in rest:
            return
        bare = rest
    if _BARE_HOST.match(bare):
        _add_reading(readings, "https://" + bare)


def _other_in(word: str) -> OtherAddress | None:
    scheme = _SCHEME.match(word.strip(_OPENING))
    name = scheme.group(1).lower() if scheme else ""
    return OtherAddress(name) if name in _NOT_WEB_SCHEMES else None
