"""What a text that a person pasted opens: one address, with every other character accounted for, or not."""

from __future__ import annotations

import quopri
import re
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from checker.core.errors import AddressProblem, UnreadableAddress
from checker.core.text.markdown import MARKDOWN_SIGN, read_markdown
from checker.core.text.markup import Link, Markup, read_markup, searched
from checker.core.text.pasted import EDGE, Pasted, is_html, prepared, without_unseen
from checker.core.text.prose import (
    IN_A_TEXT,
    MESSAGE_SCHEMES,
    MISTYPED,
    NOT_WEB_SCHEMES,
    Bounds,
    Prose,
    is_one_address,
    is_one_bare_address,
    read_prose,
)
from checker.core.text.shapes import BARE, E_MAIL, LABELS, has_name, stripped
from checker.core.url import MAX_CHARACTERS, OtherAddress, WebUrl, parse
from checker.core.wrapper import Wrappers

__all__ = ["Contents", "Context", "Reading", "decoded_mail", "has_words", "read", "read_all"]


class Context(StrEnum):
    """Where the text comes from."""

    LINK = "link"
    TAB = "tab"


class Reading(NamedTuple):
    """What a text opens.

    ``whole``: every character was accounted for; only then may the answer be *verified*. ``shown``: another
    address, which the words of the link show. ``turned``: characters that change the direction of text stand
    right beside the address; ``turned_nearby``: elsewhere in the text, where no honest program leaves them.
    ``among_words``: the address stands in plain text, among other words.
    """

    address: WebUrl | OtherAddress
    whole: bool = True
    shown: WebUrl | None = None
    turned: bool = False
    turned_nearby: bool = False
    among_words: bool = False


_PLAIN_LINK = re.compile(
    r"https?://[A-Za-z0-9.\-]+(?<!\.)(?:/(?![^&?]*[&?].*\.)(?!.*(?:\.//|\?\?|&[lgLG][tT]|&quot|&QUOT|=0[9AD]|(?:=[0-9A-F]{2}){2}))"
    r"[A-Za-z0-9\-._/%=&?+]*)?(?<=[A-Za-z0-9/=])\Z"
)
"""An address that needs none of the reading below: the browser's reading is the only one. What some linkifier would
cut, or some mail program decode, is left to that reading."""


def read(text: str, context: Context, names: frozenset[str], wrappers: Wrappers) -> Reading:
    """Read ``text``; ``names`` are the last labels of host names that could be opened, lower-case. Links of the
    services in ``wrappers`` count as the address that they carry.

    Raises UnreadableAddress where there is no address, where there are several that lead to different places,
    or where the text is longer than ``MAX_CHARACTERS``. Standards: https://url.spec.whatwg.org/,
    https://html.spec.whatwg.org/, https://spec.commonmark.org/.
    """
    if _PLAIN_LINK.match(text):
        return Reading(parse(text))
    if context == Context.TAB:
        return Reading(_address(text))
    if len(text) > MAX_CHARACTERS:
        raise UnreadableAddress(AddressProblem.TOO_LONG)
    pasted = prepared(text, names)
    if not pasted.text.strip():
        raise UnreadableAddress(AddressProblem.EMPTY)
    contents = _contents_of(pasted, names, wrappers, IN_A_TEXT)
    address, shown = contents.one()
    whole = pasted.clean and contents.clean
    turned_nearby = pasted.turned_nearby or contents.turned_nearby
    among_words = not contents.has_markup and has_words(pasted.text)
    return Reading(address, whole, shown, pasted.turned, turned_nearby, among_words)


def _begins_with_path(text: str) -> bool:
    return _PATH_FIRST.match(text.lstrip(_OPENING)) is not None


def read_all(text: str, names: frozenset[str], wrappers: Wrappers, bounds: Bounds) -> Contents:
    """Read a text that may hold any number of addresses; ``names`` and ``wrappers`` as for ``read``."""
    pasted = prepared(text, names)
    contents = _contents_of(pasted, names, wrappers, bounds)
    contents.clean &= pasted.clean and not contents.prose.broken and contents.problem is not AddressProblem.BROKEN
    contents.turned = pasted.turned
    contents.turned_nearby |= pasted.turned_nearby
    return contents


def has_words(text: str) -> bool:
    """True for a text of more than one word; signs and emoji are none."""
    return next(islice(filter(None, map(stripped, text.split())), 1, None), None) is not None


def _address(text: str) -> WebUrl | OtherAddress:
    address = parse(text)
    if isinstance(address, OtherAddress) and address.scheme in MESSAGE_SCHEMES:
        raise UnreadableAddress(AddressProblem.PHONE_OR_MESSAGE)
    return address


# --- reading ---------------------------------------------------------------------------------

_OPENING = "\"'`<([{«“‘„"
_CLOSING = "\"'`>)]}»”’,;:!."

_BLANK = re.compile(r"\s")
_LINE_END = re.compile(r"\s*[\t\n]\s*")
_SOFT_BREAK = re.compile(r"=[ \t]+\n")
"""The end of an encoded line, with the blanks that old mail servers put behind it."""
_ENCODED = re.compile(r"=3D|=\n|(?<!\S)[^\s/?]{0,80}=[0-9A-F]{2}")
_ESCAPED = re.compile(r"=[0-9A-Fa-f]{2}")
_NOT_ENCODED = re.compile(r"=(?![0-9A-F]{2}|\n|\Z)")


def decoded_mail(text: str) -> str | None:
    """What a text stands for that is written as mail is sent (quoted-printable); None for any other."""
    text = _SOFT_BREAK.sub("=\n", text)
    if _ENCODED.search(text) is None or not text.isascii() or _NOT_ENCODED.search(text) is not None:
        return None
    return quopri.decodestring(text.encode("ascii")).decode("utf-8", "replace")


def _contents_of(pasted: Pasted, names: frozenset[str], wrappers: Wrappers, bounds: Bounds) -> Contents:
    """Read all of the text, in the one way that its signs call for."""
    contents = Contents(names, wrappers, bounds)
    text = _SOFT_BREAK.sub("=\n", pasted.text)
    decoded = decoded_mail(pasted.text)
    if decoded is not None:
        # What it stands for and what is written must agree.
        sent = prepared(decoded, names)
        contents.clean &= sent.clean and not sent.turned and not sent.changed
        if sent.text.strip():
            contents.add(sent.text)
    elif "=\n" in text and _ESCAPED.search(text.replace("=\n", "")) is not None:
        contents.clean = False  # partly encoded: nobody knows which part
    contents.add(pasted.text)
    if pasted.changed:
        # A renderer sees the text as it was: "[.]" can be the name of a link, and an unseen sign no blank line.
        contents.clean &= not contents.has_markup
    if pasted.defanged:
        contents.clean &= all(is_one_bare_address(a.path + a.query, names) for a in contents.prose.addresses)
    return contents


class Contents:
    """The addresses of one text: where its links lead, what their words show, and what stands elsewhere.

    ``clean``: all of it was understood. ``turned``, ``turned_nearby``: as in ``Reading``. ``links``: the links of its
    markup, as they are written. ``prose``: its words. ``wholes``: what an address bar would open. ``others``: what
    opens no web page. ``problem``: why a text without blanks is no address.
    """

    def __init__(self, names: frozenset[str], wrappers: Wrappers, bounds: Bounds) -> None:
        self.clean = True
        self.turned = False
        self.has_markup = False
        self.turned_nearby = False
        self.problem: AddressProblem | None = None
        self.links: list[Link] = []
        self.wholes: list[WebUrl] = []
        self.others: list[OtherAddress] = []
        self.prose = Prose()
        self._names = names
        self._wrappers = wrappers
        self._bounds = bounds
        self._targets: list[WebUrl] = []
        self._shown: list[WebUrl] = []

    def add(self, text: str) -> None:
        """Read HTML, Markdown, one address alone, or sentences."""
        scheme = _SCHEME.match(_BREAKS.sub("", text))
        mistyped = MISTYPED.match(text) is not None
        self.prose.broken |= mistyped
        if scheme is not None and scheme[1].lower() in NOT_WEB_SCHEMES:
            self.others.append(OtherAddress(scheme[1].lower()))
        elif is_html(text):
            markup = read_markup(text) or searched(text)
            # A Markdown program would read both.
            self.clean &= MARKDOWN_SIGN.search(markup.joined) is None
            self._add_markup(markup)
        elif MARKDOWN_SIGN.search(text) is not None and _IPV6_ALONE.match(text) is None:
            read = read_markdown(text, self._names, self._wrappers, self._bounds)
            self._add_markup(read or Markup((), text, "", clean=False))
        elif mistyped and _BLANK.search(text) is None:
            return
        elif _BLANK.search(text) is None or _BROKEN_AT_SIGN.fullmatch(text) is not None:
            try:
                self._add_whole(_trimmed(text))
            except UnreadableAddress as error:
                self.problem = error.problem
            self.clean &= _QUOTED_HOST.match(text) is None
        else:
            self._add_prose(text)
        if not mistyped and (
            any(shape.search(text) is not None for shape in (_BLANK, MARKDOWN_SIGN)) or _begins_with_path(text)
        ):
            self._add_address_bar(text)

    def _add_prose(self, text: str) -> Prose:
        prose = read_prose(text, self._names, self._wrappers, self._bounds)
        self.prose.add(prose)
        self.clean &= prose.clean
        return prose

    def _add_markup(self, markup: Markup) -> None:
        self.has_markup = True
        joined = without_unseen(markup.joined)
        self.clean &= markup.clean and joined.clean
        self.turned_nearby |= joined.turned
        for link in markup.links:
            self._add_link(link)
        self._add_prose(joined.text)
        self._add_prose(without_unseen(markup.parted).text)

    def _add_link(self, link: Link) -> None:
        words = read_prose(link.words, self._names, self._wrappers).addresses
        written = link.destination
        if _NOWHERE.match(written) or _MESSAGE.match(written):
            self.clean &= not words
            return
        self.links.append(link)
        self._shown += words
        if MISTYPED.match(written) is not None:
            self.prose.broken, self.clean = True, False
            return
        self.clean &= _ABSOLUTE.match(written) is not None
        if _TWO_SLASHES.match(written) is not None:
            written = "https:" + written.strip()
        try:
            target = parse(written)
        except UnreadableAddress:
            self.clean = False  # relative, or nothing that a browser opens
            return
        if isinstance(target, WebUrl):
            self._targets.append(target)
        else:
            self.others.append(target)

    def _add_whole(self, text: str) -> None:
        """Read a text without blanks: what an address bar opens, with or without its scheme."""
        if not text:
            self.prose.broken = True
            return
        scheme = _SCHEME.match(text)
        if scheme is not None:
            name, rest = scheme[1].lower(), text[scheme.end() :]
            if name in ("http", "https") or name in NOT_WEB_SCHEMES or name in MESSAGE_SCHEMES:
                clean = is_one_address(text, self._names, self._wrappers, is_alone=True)
                self._add_one(_not_a_scheme_twice(_address(text)), clean)
                if not clean and name in ("http", "https"):
                    self._add_prose(text)
                return
            if rest.startswith("//"):
                self.others.append(OtherAddress(name))
                return
            if _LINK.search(rest) is None and not ("." in name or _PORT.match(rest) is not None):
                self.others.append(OtherAddress(name))
                return
            # "portal.example.org:443/login" has no scheme, although the standard would read one.
        if text.startswith("\\\\"):
            self.others.append(OtherAddress("file"))  # a Windows share
        elif text.startswith("//"):
            self._add_one(parse("https:" + text), is_one_address("https:" + text, self._names, self._wrappers))
        elif (_LABELLED.match(text) is not None and text.partition(":")[0].lower() in LABELS) or (
            _LINK.search(text) is not None and BARE.match(text) is None and "." not in text.partition(":")[0]
        ):
            self._add_prose(text)
        else:
            shape = BARE.match(text)
            clean = shape is not None and is_one_bare_address(shape["rest"] or "", self._names)
            self._add_one(_without_scheme(text), clean)

    def _add_one(self, address: WebUrl | OtherAddress, clean: bool) -> None:
        if isinstance(address, OtherAddress):
            self.others.append(address)
        else:
            self.prose.addresses.append(address)
            self.clean &= clean

    def _add_address_bar(self, text: str) -> None:
        """Read sentences as an address bar would, where they begin with an address: line ends vanish, and
        whatever stands before an ``@`` is a user name (``https://portal.example.org foo@evil.example``)."""
        chunk = text.split(maxsplit=1)[0]
        word = stripped(chunk)
        label, colon, behind = word.partition(":")
        if colon and label.lower() in LABELS:
            word = stripped(behind)
        joined = _LINE_END.sub("", text)
        wholes = []
        if _LINK.match(word):
            wholes.append(text[text.index(word) :])
        elif self._begins_an_address(chunk, word):
            wholes.append("https://" + text[text.index(word) :])
        wholes += [_LINE_END.sub("", whole) for whole in wholes]
        if _BLANK.search(joined) is None:
            if _LINK.match(joined):
                wholes.append(joined)
            elif _begins_with_path(joined):
                # A name of one label: ``c/⏎https://portal.example.org/``, also behind a bracket: ``[c/](…)``.
                wholes.append("https://" + joined.lstrip(_OPENING))
        start = re.split(r"[/?#]", joined, maxsplit=1)[0]
        if _BLANK.search(start) is None and has_name(start, self._names):
            # A word or sign alone on its line becomes a part of the host below: ``★⏎portal.example.org``.
            wholes.append("https://" + joined)
        scheme = _SCHEME.match(start)
        if scheme is not None and not text.startswith(scheme[0]):
            self.clean &= scheme[1].lower().endswith(("http", "https"))
        for whole in wholes:
            try:
                address = parse(whole)
            except UnreadableAddress:
                continue
            if isinstance(address, WebUrl):
                self.wholes.append(address)
            else:
                self.others.append(address)

    def _begins_an_address(self, chunk: str, word: str) -> bool:
        """True where an address bar takes a text that begins with ``word`` for an address without its scheme."""
        if _NUMBER_FIRST.match(chunk, chunk.index(word)) is not None:
            return True
        # "x@host?": what is before the @ is a user name, and all behind the question mark a query.
        is_mailbox = E_MAIL.match(word) is not None and "?" not in chunk
        return has_name(word.partition("/")[0], self._names) and not is_mailbox

    def one(self) -> tuple[WebUrl | OtherAddress, WebUrl | None]:
        """The address that all of the text opens, and what the words show instead of it, if anything.

        Raises UnreadableAddress where there is none, or where there are several places.
        """
        if self.problem is not None:
            raise UnreadableAddress(self.problem)
        other = next(iter(self.others), self.prose.other)
        addresses = [*self.prose.addresses, *self.wholes]
        texts = [*self._targets, *addresses]
        if not texts and not self._shown and other is None:
            raise UnreadableAddress(self._why_none())
        shown = {self._place(address) for address in self._shown}
        beside = [address for address in addresses if self._place(address) not in shown]
        if other is not None:
            if self._targets or beside:
                raise UnreadableAddress(AddressProblem.SEVERAL)
            return other, None
        if self.prose.torn:
            raise UnreadableAddress(AddressProblem.SEVERAL)
        self.clean &= all(self._wrappers.unwrap(address).is_plain for address in texts)
        places = dict.fromkeys(map(self._place, texts))
        if len(places) == 1:
            return next(filter(self._is_doubtful, texts), texts[0]), None
        targets = dict.fromkeys(map(self._place, self._targets))
        if len(targets) != 1 or any(self._place(address) not in targets for address in beside):
            raise UnreadableAddress(AddressProblem.SEVERAL)
        self.clean = False
        target = next(filter(self._is_doubtful, self._targets), self._targets[0])
        return target, next(a for a in self._shown if self._place(a) not in targets)

    def _place(self, address: WebUrl) -> tuple[str, bool]:
        """Where an address leads once wrappers are taken off; a user name makes it another one."""
        target = self._wrappers.unwrap(address).url
        return target.origin, target.has_credentials

    def _is_doubtful(self, address: WebUrl) -> bool:
        """Of several writings of one place this is the one to warn about: in odd characters, or behind a code."""
        return address.typed_host is not None or self._wrappers.unwrap(address).hidden is not None

    def _why_none(self) -> AddressProblem:
        if self.prose.broken:
            return AddressProblem.BROKEN
        if not self.clean:
            return AddressProblem.UNCLEAR
        return AddressProblem.E_MAIL if self.prose.has_e_mail else AddressProblem.NO_ADDRESS


_BREAKS = re.compile(r"[\t\n]")
_BROKEN_AT_SIGN = re.compile(r"https?:\S+(?:[\t\n]+(?=[.@\\:])\S+)+", re.IGNORECASE)
"""An address broken before a sign of its host: ``…org⏎.evil.example``. Browsers drop the line end."""
_NOWHERE = re.compile(r"(?:#[A-Za-z0-9_\-]*)?\Z")
_MESSAGE = re.compile(
    r"(?:mailto:[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+|(?:tel|sms):[0-9+\-().]{3,30})(?:\?[A-Za-z0-9=%&._+\-]*)?\Z",
    re.I | re.A,  # without re.A the long s of "ſms:" is an s, and only to Python
)
_ABSOLUTE = re.compile(r"https?://[A-Za-z0-9.\-]+(?::[0-9]{1,5})?(?:[/?#][^\s\\<>\"`\x00-\x20\x7f]*)?\Z", re.I)
_TWO_SLASHES = re.compile(r"[\x00-\x20]*[/\\]{2}")
_PORT = re.compile("[0-9]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_LINK = re.compile(r"https?:(?=\S)", re.IGNORECASE)
_PATH_FIRST = re.compile(r"\A[A-Za-z0-9\-]+/")
_NUMBER_FIRST = re.compile(r"[0-9]+(?:\.[0-9]+)+\.?[?#]")
"""A number that opens an IP address, whatever its query holds: ``127.1?<https://portal.example.org>``."""
_QUOTED_HOST = re.compile(r"https?://[^/?#]*[^\x00-\x7f]\Z", re.IGNORECASE)
"""A closing quote directly behind the host: to an address bar it is a letter of it."""
_LABELLED = re.compile(r"[^\W\d_\-]+(?:-[^\W\d_]+)?:")
_IPV6_START = re.compile(r"\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]+\]")
_IPV6_ALONE = re.compile(r"[^\s\[\]]*\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]+\][^\s()\[\]]*\Z")
_IPV6_UNCLOSED = re.compile(r"//\[[0-9A-Fa-f:.]+\Z")
_E_MAIL = re.compile(r"[^\s/\\?#@:]+@[^\s/\\?#@:]+\Z")


def _trimmed(text: str) -> str:
    """Without quotes, brackets and sentence marks around it."""
    if text[:1] in _OPENING and not _IPV6_START.match(text):
        text = text.lstrip(_OPENING + EDGE)
    if text[-1:] in _CLOSING:
        shorter = text.rstrip(_CLOSING + EDGE)
        # An IPv6 host keeps its bracket.
        text = f"{shorter}]" if text.startswith("]", len(shorter)) and _IPV6_UNCLOSED.search(shorter) else shorter
    return text


def _not_a_scheme_twice(address: WebUrl | OtherAddress) -> WebUrl | OtherAddress:
    """``https://https://portal.example.org`` would open a host named "https": nobody means that."""
    if isinstance(address, WebUrl) and address.host in ("http", "https"):
        raise UnreadableAddress(AddressProblem.BROKEN)
    return address


def _without_scheme(text: str) -> WebUrl:
    if _E_MAIL.match(text) and text.partition("@")[0].count(".") < 2:
        # A host name put before the @ has two dots; people's mailbox names hardly ever.
        raise UnreadableAddress(AddressProblem.E_MAIL)
    try:
        address = parse("https://" + text)
    except UnreadableAddress:
        looks_like_one = "." in text or "/" in text
        problem = AddressProblem.BROKEN if looks_like_one else AddressProblem.NO_ADDRESS
        raise UnreadableAddress(problem) from None
    if isinstance(address, OtherAddress) or ("." not in address.host and not address.is_ip):
        raise UnreadableAddress(AddressProblem.NO_ADDRESS)
    if address.is_ip and text.partition("/")[0].count(".") != 3 and "[" not in text:
        raise UnreadableAddress(AddressProblem.NO_ADDRESS)  # "3.14" is a number, not an address
    return address
