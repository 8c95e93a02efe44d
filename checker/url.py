"""What a browser would open for a text (DESIGN 6).

Every judgement is about the host that the browser goes to, so whatever there is to parse a WHATWG
parser parses (ada-url): for ``https://evil.example\\@mychart.clevelandclinic.org/`` Python's ``urlsplit``
answers the official host while every browser goes to ``evil.example``.

``context`` tells where the text comes from. ``tab``: a browser's own address, parsed as it is.
``link``: something a person pasted; it may be defanged, quoted, without a scheme, or stand in a
sentence. There, whenever two readings lead to different hosts, the answer is "several addresses",
never a guess.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import ada_url

from checker.errors import AddressProblem, UnreadableAddress

__all__ = ["MAX_CHARACTERS", "Context", "OtherAddress", "WebUrl", "parse"]

MAX_CHARACTERS = 8192
"""Longest text that is read, in characters; real addresses seen stay far below (DESIGN 6)."""


class Context(StrEnum):
    """Where the text comes from."""

    LINK = "link"
    TAB = "tab"


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


# --- one address -----------------------------------------------------------------------------

_AS_PARSED = re.compile(
    r"(https?)://(?=[^/]{1,253}/)((?:(?!xn--)[a-z0-9\-]++\.)++[a-z]{2,63})"
    r"((?:/(?!\.)[A-Za-z0-9\-._~=&+]*+)++)(?:\?([A-Za-z0-9\-._~/=&+%]*+))?(?<=[A-Za-z0-9/=])\Z"
)
"""An address that already is as the standard writes it: plain lower-case labels, a last one of letters only, no
segment that begins with a dot, nothing to encode. Parsing gives back such a text unchanged, so it is taken apart as it
stands; most addresses are like this. A property test holds it against the parser."""

_HREF = re.compile(r"(https?)://(?:([^@/?#:]*)(?::[^@/?#]*)?@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?([^?#]*)(\?[^#]*)?")
_TYPED_AUTHORITY = re.compile(r"[^:]*:[/\\]*([^/\\?#]*)")
_TYPED_PORT = re.compile(r":[^:\]]*\Z")


def _browser_url(text: str) -> WebUrl | OtherAddress:
    """Parse ``text`` as the URL Standard says; UnreadableAddress where a browser refuses."""
    try:
        href: str = ada_url.URL(text).href
    except ValueError:
        raise UnreadableAddress(AddressProblem.BROKEN) from None
    found = _HREF.match(href)
    if found is None:
        return OtherAddress(href.partition(":")[0])
    scheme, username, host, port, path, query = found.groups()
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


def _oddly_typed(text: str, host: str) -> str | None:
    """The host as typed, when it is not simply ``host`` in plain letters of either case."""
    authority = _TYPED_AUTHORITY.match(text)
    typed = _TYPED_PORT.sub("", authority.group(1).rpartition("@")[2].rstrip("\t\r\n")) if authority else ""
    if typed.isascii() and typed.removesuffix(".").lower() == host:
        return None
    return typed


# --- pasted text -----------------------------------------------------------------------------

_INVISIBLE_EDGE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_EDGE = "".join(chr(code) for code in range(0x21)) + "\x7f\u00a0\u3000" + _INVISIBLE_EDGE
_OPENING = "\"'`<([{«“‘„"
_CLOSING = "\"'`>)]}»”’,;:!."

_DEFANGED_DOT = re.compile(r"(?<=\w)(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\))(?=\w)", re.IGNORECASE)
_DEFANGED_COLON = re.compile(r"\[(:|://)\]")
_DEFANGED_SCHEME = re.compile(r"(?<![A-Za-z0-9])hxxp(?=s?:)", re.IGNORECASE)

_PLAIN_LINK = re.compile(r"https?://[A-Za-z0-9.\-]+(?:/[A-Za-z0-9\-._~/%=&?+]*)?(?<=[A-Za-z0-9/=])\Z")
"""An address that needs none of the reading below: the browser's reading is the only one."""

_SPACE = re.compile(r"\s")
_BROWSERS_DROP = re.compile(r"[\t\r\n]")
_WORD = re.compile(r"(?:\S++|(?<=\S)[\t\r\n]++(?=[^\sA-Za-z0-9]))++")
"""Blanks end a word; but a line break before a sign, as in ``…org⏎.evil.example``, does not, because a
browser drops it. It stays in the word, so that a host broken in two counts as oddly typed."""
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_LINK = re.compile(r"https?:(?=\S)", re.IGNORECASE)
_LINK_END = re.compile(r"[<>\"'`()\[\]{}|«»“”‘’„]")
_INSIDE_A_LINK = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789=/?&#:%_.+~!*$@-")
"""Before an ``https:`` these mean that it is part of the address around it (``?next=https:``)."""
_MARKUP_SIGN = re.compile(r"[<>\"`|«»“”„]|\]\(")
_SECOND_LINK = re.compile(r"(?<=[^A-Za-z0-9=/?&#:%_.+~!*$@\-])https?:", re.IGNORECASE)

_BARE_HOST = re.compile(
    r"""(?: [^\s/\\?\#@:<>"'()\[\]{}|,;]+ \.
            (?: [a-z\u0080-\U0010ffff][a-z0-9\-\u0080-\U0010ffff]+ | [A-Z][A-Z0-9\-]+ | xn--[a-z0-9\-]+ ) \.?
        |   [0-9]{1,3}(?:\.[0-9]{1,3}){3} )
        (?::[0-9]*)? (?:[/\\?\#].*)? \Z""",
    re.DOTALL | re.VERBOSE,
)
_SCHEMELESS_LINK = re.compile(r"(?:\A|[='(])[/\\]{2}(?=[^\s/\\])")
_IPV6_START = re.compile(r"\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]+\]")
_IPV6_UNCLOSED = re.compile(r"//\[[0-9A-Fa-f:.]+\Z")
_E_MAIL = re.compile(r"[^\s/\\?#@:]+@[^\s/\\?#@:]+\Z")

_MESSAGE_SCHEMES = frozenset({"mailto", "tel", "sms", "facetime", "whatsapp"})
_NOT_WEB_SCHEMES = frozenset(
    "about blob chrome chrome-extension data edge feed file filesystem ftp ftps intent jar javascript"
    " livescript moz-extension ms-appinstaller ms-msdt resource search-ms smb ssh vbscript view-source ws wss".split()
)
_NOT_WEB = re.compile(rf"(?<![A-Za-z0-9+.\-])({'|'.join(sorted(_NOT_WEB_SCHEMES))}):(?=\S)", re.IGNORECASE)
_MOST_READINGS = 60
"""A text that offers more is "several addresses" without looking further."""


def parse(text: str, context: Context = Context.LINK) -> WebUrl | OtherAddress:
    """The address a browser would open for ``text``.

    Raises UnreadableAddress when there is none, when there are several, or when the text is
    longer than ``MAX_CHARACTERS``. Standard: https://url.spec.whatwg.org/.
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableAddress(AddressProblem.TOO_LONG)
    plain = _AS_PARSED.match(text)
    if plain is not None:
        scheme, host, path, query = plain.groups()
        return WebUrl(scheme, host, None, path, query or "", "", False, False, None)
    if not text.isascii():
        # Lone surrogates are no characters; the URL Standard reads them as U+FFFD.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if context == Context.TAB or _PLAIN_LINK.match(text):
        return _web_or_other(text)
    text = _trimmed(_refanged(text))
    if not text:
        raise UnreadableAddress(AddressProblem.EMPTY)
    if _SPACE.search(text) or _MARKUP_SIGN.search(text) or _SECOND_LINK.search(text):
        return _one_link(text)
    return _one_word(text)


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
    if text[:1] in _OPENING and not _IPV6_START.match(text):
        text = text.lstrip(_OPENING + _EDGE)
    if text[-1:] in _CLOSING:
        shorter = text.rstrip(_CLOSING + _EDGE)
        # An IPv6 host keeps its bracket.
        text = f"{shorter}]" if text.startswith("]", len(shorter)) and _IPV6_UNCLOSED.search(shorter) else shorter
    return text


def _one_word(text: str) -> WebUrl | OtherAddress:
    """Read a text without blanks: an address, with or without its scheme."""
    scheme = _SCHEME.match(text)
    if scheme is not None:
        name = scheme.group(1).lower()
        if name in ("http", "https") or name in _NOT_WEB_SCHEMES or name in _MESSAGE_SCHEMES:
            return _not_a_scheme_twice(_web_or_other(text))
        if _LINK.search(text) is not None and "." not in name and not name.endswith(("http", "https")):
            return _one_link(text)
        if text.startswith("//", scheme.end()) or not ("." in name or text[scheme.end() :][:1].isdigit()):
            return OtherAddress(name)
        # "portal.example.org:443/login" has no scheme, although the standard would read one.
    if text.startswith("\\\\"):
        return OtherAddress("file")  # a Windows share
    if text.startswith("//"):
        return _browser_url("https:" + text)
    if _LINK.search(text) is not None and _BARE_HOST.match(text) is None:
        return _one_link(text)
    return _without_scheme(text)


def _not_a_scheme_twice(found: WebUrl | OtherAddress) -> WebUrl | OtherAddress:
    """``https://https://portal.example.org`` would open a host named "https": nobody means that."""
    if isinstance(found, WebUrl) and found.host in ("http", "https"):
        raise UnreadableAddress(AddressProblem.BROKEN)
    return found


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


# --- the one link in a sentence ----------------------------------------------------------------


def _one_link(text: str) -> WebUrl | OtherAddress:
    """Find the one link in a sentence, a Markdown link or a piece of HTML.

    Every other way to read the text that leads somewhere else makes it ambiguous: a browser
    removes line breaks inside an address and takes blanks before an ``@`` as a user name; a mail
    program shows one address and opens another (``https://shown.example/<https://opened.example/>``).
    """
    scheme = _SCHEME.match(_BROWSERS_DROP.sub("", text))
    name = scheme.group(1).lower() if scheme else ""
    if name in _NOT_WEB_SCHEMES:
        return OtherAddress(name)
    readings = _Readings()
    for word in dict.fromkeys(word for variant in _variants(text) for word in _WORD.findall(variant)):
        readings.add_word(word)
    if name in ("http", "https"):
        readings.add(text)
    return readings.only_one(AddressProblem.E_MAIL if "@" in text else AddressProblem.NO_ADDRESS)


def _variants(text: str) -> list[str]:
    """The text as it is and, for HTML, as a browser reads it inside an attribute."""
    variants = [text]
    if "&" in text:
        variants.append(html.unescape(text))
    if "<" in text:
        variants.append(_BROWSERS_DROP.sub("", variants[-1]))
    return variants


class _Readings:
    """The addresses that a text can be read as, in the order found."""

    def __init__(self) -> None:
        self._web: list[WebUrl] = []
        self._other: OtherAddress | None = None
        self._tries = 0
        self._broken_link = False

    def add(self, text: str) -> bool:
        """Read ``text`` as an address; what no browser opens is no reading, and the answer False."""
        self._tries += 1
        if self._tries > _MOST_READINGS:
            raise UnreadableAddress(AddressProblem.SEVERAL)
        try:
            found = _browser_url(text)
        except UnreadableAddress:
            return False
        if isinstance(found, WebUrl):
            self._web.append(found)
        return True

    def add_word(self, word: str) -> None:
        """Read each http(s) link in a word, as short as quotes and brackets suggest and to the
        word's end; then what stands around them."""
        end = 0
        for start in _LINK.finditer(word):
            at = start.start()
            if at >= end or word[at - 1] not in _INSIDE_A_LINK:
                sign = _LINK_END.search(word, start.end())
                end = sign.start() if sign else len(word)
                short = self.add(word[at:end].rstrip(_CLOSING))
                long = self.add(word[at:].rstrip(_CLOSING))
                self._broken_link |= not (short or long)
        for piece in filter(None, _MARKUP_SIGN.split(word)):
            link = _LINK.search(piece)
            self._add_around(piece[: link.start()] if link else piece)

    def _add_around(self, piece: str) -> None:
        """Read what has no http(s) scheme: ``//host``, ``host``, or a scheme that opens no web page."""
        not_web = _NOT_WEB.search(piece)
        if not_web is not None:
            self._other = OtherAddress(not_web.group(1).lower())
            return
        schemeless = _SCHEMELESS_LINK.search(piece)
        if schemeless is not None:
            self.add("https://" + piece[schemeless.end() :].rstrip(_CLOSING))
            return
        bare = piece.strip(_OPENING + _CLOSING)
        mailbox, at, host = bare.partition("@")
        if at and (not mailbox or "/" in host):
            bare = host  # otherwise it is an e-mail address, and no link
        if _BARE_HOST.match(_BROWSERS_DROP.sub("", bare)):
            self.add("https://" + bare)

    def only_one(self, none_found: AddressProblem) -> WebUrl | OtherAddress:
        """The one address all readings agree on; UnreadableAddress where they do not."""
        if not self._web:
            if self._other is None:
                raise UnreadableAddress(AddressProblem.BROKEN if self._broken_link else none_found)
            return self._other
        # Nobody knows where a broken link leads: browsers mend some of them.
        if self._broken_link or self._other is not None or len({(r.origin, r.has_credentials) for r in self._web}) > 1:
            raise UnreadableAddress(AddressProblem.SEVERAL)
        # Of several readings of one origin, the one in odd characters is the one to warn about.
        return next((r for r in self._web if r.typed_host is not None), self._web[0])
