"""Reads plain text word by word. Each word is an address, an ordinary word, or unread.

Text with an unread word is never *verified*. The word is still searched for addresses, because a warning about one of
them helps whoever pasted the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from checker.core.errors import UnreadableAddress
from checker.core.text.parted import IDNA_DOTS, begins_with_dot, continues, grows, holds_reference, is_torn
from checker.core.text.shapes import (
    ADDRESS,
    BARE,
    E_MAIL,
    HANDLE,
    LABELS,
    PUNCTUATION,
    UNOPENABLE,
    has_name,
    holds_nothing_odd,
    is_honest,
    mapped,
    stripped,
)
from checker.core.url import OtherAddress, WebUrl, parse
from checker.core.wrapper import Wrappers

__all__ = [
    "IN_A_TEXT",
    "MESSAGE_SCHEMES",
    "MISTYPED",
    "NOT_WEB_SCHEMES",
    "Bounds",
    "Prose",
    "is_one_address",
    "is_one_bare_address",
    "leads_elsewhere",
    "read_prose",
]

MESSAGE_SCHEMES = frozenset({"mailto", "tel", "sms", "facetime", "whatsapp"})
NOT_WEB_SCHEMES = frozenset(
    "about blob chrome chrome-extension data edge feed file filesystem ftp ftps intent jar javascript"
    " livescript moz-extension ms-appinstaller ms-msdt resource search-ms smb ssh vbscript view-source ws wss".split()
)
"""Schemes that a text names for their own sake. Any other one is unread too, but without ``//`` it is no address."""

MISTYPED = re.compile(
    r"(?:[^\W\d_]{1,12}:)?[\"'<(\[]*(?:(?:t?tps?|htt?s|htps?|htpps?|httsp|hhttps?|htttps?|httpss|hptts?)://|https?(?:[;.,]//|//:?))",
    re.IGNORECASE,
)
"""How ``https://`` looks after a slip in copying or typing: ``ttps://``, ``https//``. No program has such a scheme."""

MAX_WORD = 80
"""Characters of a word that is no address."""


class Bounds(NamedTuple):
    """Bounds on one text: addresses, words that need more than a glance, and how much Markdown there may be (1: what
    one honest text holds)."""

    addresses: int
    odd_words: int
    markdown: int


IN_A_TEXT = Bounds(addresses=40, odd_words=400, markdown=1)
"""For a text that should hold one address."""


@dataclass(slots=True)
class Prose:
    """What a piece of text holds. ``clean``: every word was read. ``broken``: a link that no parser opens.
    ``torn``: a blank may stand inside a name, so that nobody knows what the pieces name. ``unsure``: addresses in
    words that were not read; a reader could find others there."""

    addresses: list[WebUrl] = field(default_factory=list)
    unsure: set[WebUrl] = field(default_factory=set)
    other: OtherAddress | None = None
    clean: bool = True
    broken: bool = False
    torn: bool = False
    has_e_mail: bool = False

    def add(self, more: Prose) -> None:
        """Take in what another piece of the same text holds."""
        self.addresses += more.addresses
        self.unsure |= more.unsure
        self.other = self.other or more.other
        self.clean &= more.clean
        self.broken |= more.broken
        self.torn |= more.torn
        self.has_e_mail |= more.has_e_mail


_RUN_OF_DOTS = re.compile(r"\.{2,}|\u2026")


def read_prose(text: str, names: frozenset[str], wrappers: Wrappers, bounds: Bounds = IN_A_TEXT) -> Prose:
    """Read text without markup. ``names``: the last labels that could be opened, lower-case."""
    prose = Prose(torn=is_torn(text), clean=not holds_reference(text))
    odd = 0
    previous = ""
    for chunk in text.split():
        word = stripped(chunk)
        found, was_clean = len(prose.addresses), prose.clean
        prose.torn |= begins_with_dot(chunk, word, names) or continues(previous, word, names)
        prose.clean = not (grows(chunk, word, names) or _is_mail_behind_a_dot(chunk, word))
        if word or not IDNA_DOTS.isdisjoint(chunk):
            previous = chunk  # not a bullet or a quoting sign: they part no name
        if word and not holds_nothing_odd(word) and PUNCTUATION.match(chunk) is None:
            odd += 1
            if odd > bounds.odd_words or len(prose.addresses) > bounds.addresses:
                prose.clean = False
                break
            _read_odd(word, names, wrappers, prose)
        if not prose.clean:
            prose.unsure.update(prose.addresses[found:])
        prose.clean &= was_clean
    prose.clean &= not prose.torn
    return prose


def _is_mail_behind_a_dot(chunk: str, word: str) -> bool:
    """No mailbox's name begins with a dot: ``…jo@clinic.example`` may be a host behind a user name."""
    return "@" in word and mapped(chunk.partition(word)[0]).endswith(".") and E_MAIL.match(word) is not None


def _read_odd(word: str, names: frozenset[str], wrappers: Wrappers, prose: Prose) -> None:
    """Read one word that is more than plain letters."""
    if _read_address(word, names, wrappers, prose):
        return
    if "//" not in word and _RUN_OF_DOTS.search(word) is not None:
        pieces = list(filter(None, map(stripped, _RUN_OF_DOTS.split(word))))
        prose.clean &= "@" not in word  # a mailbox with dots behind it may be read as a host
        for number, piece in enumerate(pieces):
            if number and continues(".", piece, names):
                prose.clean = False
            if not holds_nothing_odd(piece):
                _read_odd(piece, names, wrappers, prose)
        return
    if len(word) <= MAX_WORD:
        mail = E_MAIL.match(word)
        if mail is not None and not _is_host_like(mail[1], names):
            prose.has_e_mail = True
            return
        if HANDLE.match(word) is not None and not has_name(mapped(word), names) and "www." not in mapped(word).lower():
            return
        if is_honest(word, names):
            return
    prose.clean = False
    prose.broken |= MISTYPED.match(word) is not None
    _search(word, prose)


def _read_address(word: str, names: frozenset[str], wrappers: Wrappers, prose: Prose) -> bool:
    """True where the word is an address, alone or behind a known label, and all of it was read."""
    shape = ADDRESS.match(word)
    if shape is None:
        label, colon, rest = word.partition(":")
        if colon and label.lower() in LABELS:
            return _read_address(stripped(rest), names, wrappers, prose)
        shape = BARE.match(word)
        if shape is None or shape["host"].rpartition(".")[2].lower() not in names:
            return False
        return _take("https://" + word, is_one_bare_address(shape["rest"] or "", names), prose)
    is_clean = is_one_address(word, names, wrappers)
    if not is_clean:
        _search(word, prose)
    return _take(word, is_clean, prose)


def _take(text: str, is_clean: bool, prose: Prose) -> bool:
    try:
        address = parse(text)
    except UnreadableAddress:
        return False
    if isinstance(address, WebUrl):
        prose.addresses.append(address)
        prose.clean &= is_clean
    return isinstance(address, WebUrl)


def _is_host_like(mailbox: str, names: frozenset[str]) -> bool:
    """``portal.example.org@evil.example`` is a user name in front of another site."""
    return mailbox.lower().startswith("www.") or has_name(mailbox, _listed(names))


@lru_cache(maxsize=1)
def _listed(names: frozenset[str]) -> frozenset[str]:
    return names - UNOPENABLE


_PLAIN_REST = re.compile(r"[/?#](?!/)(?:[A-Za-z0-9\-=+]|/(?!/)|%[0-9A-Fa-f]{2}|[&?#](?!#|[A-Za-z0-9\-]*\.))*\Z")
"""A path and query without anything that a reader could cut at; no dot, so no other name."""
_CUT = re.compile(r"[,;:!'()*@$~\\|\"`<>\[\]{}^\s]|%(?![0-9A-Fa-f]{2})|[^\x00-\x7f]")
_TAIL = re.compile(r"[?#&%]|" + _CUT.pattern)
"""Where the part begins in which some reader could find another address: the query, or a sign that it cuts at."""
_CARRIED = re.compile(r"(?<=[?&])[\w.\-]+=(?:https?:)?//[A-Za-z0-9\-._%/?=+]*", re.IGNORECASE | re.ASCII)
"""A parameter that holds an address, plainly written: the answer has a note for it."""
_VALUE = re.compile(r"=(?:[A-Za-z0-9_.\-+%]|/(?!/))+(?=[&#]|\Z)")
"""A parameter's plain value; encoded addresses are such, too."""
_TARGET = re.compile(r"https?://[A-Za-z0-9\-._~%/?=+&*]+", re.IGNORECASE)
_ENCODED_TARGET = re.compile(r"https?(?:%3A%2F%2F|-3A__)(?:[A-Za-z0-9\-._]|%[0-9A-F]{2})+", re.IGNORECASE)
_ODD_IN_HOST = re.compile(r"[!\"$&'()*+,;<=>^`{|}~]")
"""A browser keeps these in a host (``na}m``), a linkifier cuts there."""
_UNQUOTED = re.compile(r"[A-Za-z0-9\-._~!$&*+,;=:@/?#%]*\Z")
_NUMBER = r"(?:0x[0-9A-Fa-f.]+|[0-9]+(?:\.[0-9]+)+)[/:\\]|[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_SECOND = re.compile(rf"[/\\]{{2}}|[A-Za-z][A-Za-z0-9+.\-]*:|[^\x00-\x7f]:|\[[0-9A-Fa-f]*:|{_NUMBER}")
"""What begins another address in the tail: slashes, a scheme, a number."""
_SECOND_ANYWHERE = re.compile(r"https?:|www\.|&#|\?\?", re.IGNORECASE)
"""The same wherever it stands."""
_MAIL_ESCAPE = re.compile(r"=0[9AD]|(?:=[0-9A-F]{2}){2}")
"""A line end or a letter, to mail programs."""
_SECOND_IF_BARE = re.compile(rf"//|&#|www(?![A-Za-z0-9])|\?\?|{_NUMBER}|&[A-Za-z]+\Z", re.IGNORECASE)
_END_IN_HTML = re.compile(r"&(?:lt|gt|quot)", re.IGNORECASE)
"""In the text of a page these need no semicolon, and a link ends there: ``…/&lt//evil``."""
_ESCAPED_SIGN = re.compile(r"\\[^A-Za-z0-9]")
"""Behind a host, Markdown shows the sign alone: ``…org\\.evil.example``."""
_AUTHORITY = re.compile(r"[^:]*:[/\\]*[^/\\?#]*")


def is_one_address(text: str, names: frozenset[str], wrappers: Wrappers, *, is_alone: bool = False) -> bool:
    """True where every reader takes all of ``text``, an address with its scheme, for this one address.

    Linkifiers cut addresses at signs of their own, and what is left can be a second address
    (``https://portal.example.org/'evil.example``). So behind such a sign, and in the query, there is no name, no
    scheme and no ``//``, but for an address that a parameter plainly carries, or that a gateway's link holds. Such a
    link may have a sign in front of its target only where nothing stands beside it (``is_alone``).
    """
    authority = _AUTHORITY.match(text)
    if authority is None or _ODD_IN_HOST.search(authority[0]) is not None:
        return False
    rest = text[authority.end() :]
    if _END_IN_HTML.search(rest) is not None or _ESCAPED_SIGN.match(rest) is not None:
        return False
    if not rest or _PLAIN_REST.match(rest) is not None:
        return not authority[0].endswith(".") or not rest.startswith("//")
    if ".//" in authority[0][-1:] + rest:
        return False
    carried, cut = _CARRIED.search(rest), _CUT.search(rest)
    if carried is not None and (cut is None or carried.start() < cut.start()):
        rest = rest[: carried.start()] + rest[carried.end() :]
    behind = None if cut is None else _ENCODED_TARGET.search(rest, cut.end())
    if behind is None or (is_alone and "_" not in behind[0]):  # Markdown reads "_" as the end of emphasis
        rest = _without_target(text, rest, wrappers)
    cut = _CUT.search(rest)
    if cut is not None and cut[0].isspace() and leads_elsewhere(text, wrappers):
        return False  # only an address bar reads the second line
    if _MAIL_ESCAPE.search(rest) is not None:
        return False
    if cut is None:  # a value that no reader can cut into is the parameter's own
        rest = _VALUE.sub("=", rest)
    if _SECOND_ANYWHERE.search(rest) is not None:
        return False
    tail = _TAIL.search(rest)
    if tail is None:
        return True
    written = rest[tail.start() :]
    return not any(
        _SECOND.search(form) is not None or has_name(form.replace("_", " "), names)
        for form in (written, mapped(written), written.replace("\\", ""))  # Markdown shows "\." as a dot
    )


def _without_target(text: str, rest: str, wrappers: Wrappers) -> str:
    """The rest of a mail gateway's link without the target that it holds, plainly or in percent signs, as long as no
    reader cuts it; of other addresses all of it. A link that is cut behind the target leads to the same place."""
    plain = _TARGET.search(rest)
    held = plain or _ENCODED_TARGET.search(rest)
    if held is None or _UNQUOTED.match(text) is None:
        return rest
    try:
        wrapper = parse(text)
        target = parse(held[0] if plain else text[: text.index(held[0]) + len(held[0])])
    except UnreadableAddress:
        return rest
    if isinstance(wrapper, OtherAddress) or isinstance(target, OtherAddress):
        return rest
    unwrapped = wrappers.unwrap(wrapper)
    if not unwrapped.services or unwrapped.url.origin != wrappers.unwrap(target).url.origin:
        return rest
    return rest[: held.start()] + rest[held.end() :]


def leads_elsewhere(text: str, wrappers: Wrappers) -> bool:
    """True for a link of a service that passes people on, whose target can be read."""
    try:
        address = parse(text)
    except UnreadableAddress:
        return False
    return isinstance(address, WebUrl) and bool(wrappers.unwrap(address).services)


def is_one_bare_address(rest: str, names: frozenset[str]) -> bool:
    """True where nothing behind a host without a scheme looks like another address: readers differ most on these."""
    return not (
        _CUT.search(rest.replace(",", "")) is not None
        or _SECOND_IF_BARE.search(rest) is not None
        or has_name(rest.replace("_", " "), names)
    )


# --- what is not read: look for addresses to warn about ----------------------------------------

_LINK = re.compile(r"https?:(?=\S)", re.IGNORECASE)
_LINK_END = re.compile(r"[<>\"'`()\[\]{}|«»“”‘’„]")
_INSIDE_A_LINK = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789=/?&#:%_.+~!*$@-")
"""Before an ``https:`` these mean that it is part of the address around it (``?next=https:``)."""
_NOT_WEB = re.compile(rf"(?<![A-Za-z0-9+.\-])({'|'.join(sorted(NOT_WEB_SCHEMES))}):(?=\S)", re.IGNORECASE)
_SCHEMELESS = re.compile(r"(?:\A|[='(])[/\\]{2,}(?=[^\s/\\])")
_SIGNS = re.compile(r"[<>\"`|«»“”„]|\]\(")
_BARE_HOST = re.compile(
    r"""(?: [^\s/\\?\#@:<>"'()\[\]{}|,;]+ \.
            (?: [a-z\u0080-\U0010ffff][a-z0-9\-\u0080-\U0010ffff]+ | [A-Z][A-Za-z0-9\-]+ | xn--[a-z0-9\-]+ ) \.?
        |   [0-9]{1,3}(?:\.[0-9]{1,3}){3} )
        (?::[0-9]*)? (?:[/\\?\#].*)? \Z""",
    re.DOTALL | re.VERBOSE,
)


def _search(word: str, prose: Prose) -> None:
    """Find the addresses in a word that was not read, each as short and as long as it can be taken."""
    end = 0
    most = len(prose.addresses) + IN_A_TEXT.addresses
    for link in _LINK.finditer(word):
        at = link.start()
        if (at < end and word[at - 1] in _INSIDE_A_LINK) or len(prose.addresses) > most:
            continue
        sign = _LINK_END.search(word, link.end())
        end = sign.start() if sign else len(word)
        short, long = _try(stripped(word[at:end]), prose), sign is not None and _try(stripped(word[at:]), prose)
        prose.broken |= not (short or long)
    for piece in filter(None, _SIGNS.split(word)):
        first = _LINK.search(piece)
        _search_around(piece[: first.start()] if first else piece, prose)


def _search_around(piece: str, prose: Prose) -> None:
    """Find what has no http(s) scheme: ``//host``, ``host``, or a scheme that opens no web page."""
    not_web = _NOT_WEB.search(piece)
    if not_web is not None:
        prose.other = OtherAddress(not_web[1].lower())
        return
    schemeless = _SCHEMELESS.search(piece)
    if schemeless is not None:
        _try("https://" + piece[schemeless.end() :], prose)
        return
    bare = stripped(piece)
    mailbox, at, host = bare.partition("@")
    if at and (not mailbox or "/" in host):
        bare = host  # otherwise it is an e-mail address, and no link
    if _BARE_HOST.match(bare):
        _try("https://" + bare, prose)


def _try(text: str, prose: Prose) -> bool:
    try:
        address = parse(text)
    except UnreadableAddress:
        return False
    if isinstance(address, WebUrl):
        prose.addresses.append(address)
    return True
