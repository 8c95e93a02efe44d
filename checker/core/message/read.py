"""The ways in: links, text, HTML and a mail's source become a ``Message``.

Nobody is answered from half a message: what is beyond the bounds is refused. Whatever else was not understood makes the
message unclean, and then it is not *verified*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from checker.core.errors import AddressProblem, UnreadableAddress
from checker.core.message.mail import parts_of
from checker.core.message.markup import Href, Page, page_of
from checker.core.message.model import GivenLink, Known, Message, MessageLink, Source
from checker.core.text import Bounds, Contents, Context, decoded_mail, has_words, read, read_all
from checker.core.text.markdown import AUTOLINK
from checker.core.text.pasted import is_html, with_line_feeds, without_unseen
from checker.core.text.prose import MESSAGE_SCHEMES, Prose, read_prose
from checker.core.url import OtherAddress, WebUrl, joined, parse

__all__ = ["MAX_HTML", "MAX_LINKS", "MAX_MAIL", "MAX_TEXT", "read_html", "read_links", "read_mail", "read_plain"]

MAX_LINKS = 100
MAX_TEXT, MAX_HTML, MAX_MAIL = 64 * 1024, 256 * 1024, 32 * 1024 * 1024
"""Bytes, in UTF-8, of a text, of HTML and of a mail's source with its attachments."""
MAX_SIGNS = 2000
"""Most of each sign that makes a Markdown parser slow."""

_BOUNDS = Bounds(addresses=300, odd_words=1500, markdown=10)
_MOST_LINKS = 500
"""Links as they stand in a message; newsletters have 200, most of them alike."""


def read_links(links: Sequence[GivenLink], known: Known) -> Message:
    """Read links that a program found.

    Raises UnreadableAddress for more than ``MAX_LINKS``.
    """
    if len(links) > MAX_LINKS:
        raise UnreadableAddress(AddressProblem.TOO_MANY)
    hrefs = (Href(link.url, (_shown_of(link),)) for link in links)
    return Message(Source.LINKS, tuple(_links_of(hrefs, None, known)))


def read_plain(text: str, known: Known, *, pasted: bool = True) -> Message:
    """Read a text: sentences, Markdown, or HTML's source. ``pasted``: False for a mail's own text, in which an address
    among words is all there is to the link.

    Raises UnreadableAddress where the text is beyond the bounds.
    """
    if _size(text) > MAX_TEXT:
        raise UnreadableAddress(AddressProblem.TOO_LARGE)
    if any(text.count(sign) > MAX_SIGNS for sign in "[<*_"):
        raise UnreadableAddress(AddressProblem.UNCLEAR)
    text = _ANGLED.sub(r"<\1>", with_line_feeds(text))
    contents = read_all(text, *known, _BOUNDS)
    if is_html(text):
        page = read_html(decoded_mail(text) or text, known)
        # A Markdown program, or one that shows the text as it is, may read it in another way.
        links = (*page.links, *_beyond(page.links, contents, known))
        clean = page.clean and contents.clean
        return page._replace(
            source=Source.TEXT, links=links, clean=clean, turned=contents.turned, turned_nearby=contents.turned_nearby
        )
    hrefs = _with_words_before(contents, text)
    among_words = pasted and has_words(text)
    mentions = _mentions(contents, hrefs, among_words, known)
    links = (*_links_of(hrefs, None, known), *mentions, *map(MessageLink, contents.others))
    return Message(Source.TEXT, _bounded(links), contents.clean, contents.turned, contents.turned_nearby, text)


def read_html(markup: str, known: Known) -> Message:
    """Read HTML as a browser does. Raises UnreadableAddress where it is beyond the bounds."""
    if _size(markup) > MAX_HTML:
        raise UnreadableAddress(AddressProblem.TOO_LARGE)
    page = page_of(markup)
    if page is None:
        raise UnreadableAddress(AddressProblem.UNCLEAR)
    if len(page.hrefs) > _MOST_LINKS:
        raise UnreadableAddress(AddressProblem.TOO_MANY)
    hrefs = [href for href in page.hrefs if not _is_no_link(href.written)]
    prose, clean, turned = _prose_of(page, known)
    # What starts a call is no link, but its words may not show an address.
    calls = (words for href in page.hrefs if _is_no_link(href.written) for words in href.words[:1])
    clean &= not any(read_prose(words, *known).addresses for words in calls)
    links = (*_links_of(hrefs, page.base, known), *_of_prose(prose, among_words=False))
    return Message(
        Source.HTML, _bounded(links), clean, turned_nearby=turned, text=" ".join("".join(page.joined).split())
    )


def read_mail(source: bytes, known: Known) -> Message:
    """Read a mail's source (RFC 5322): all of its parts that are text or HTML.

    Raises UnreadableAddress where the mail or one of these parts is beyond the bounds.
    """
    if len(source) > MAX_MAIL:
        raise UnreadableAddress(AddressProblem.TOO_LARGE)
    mail = parts_of(source)
    messages = [
        read_html(part.text, known) if part.is_html else read_plain(part.text, known, pasted=False)
        for part in mail.parts
    ]
    return Message(
        Source.HTML if any(part.is_html for part in mail.parts) else Source.TEXT,
        _bounded(tuple(link for message in messages for link in message.links)),
        mail.clean and all(message.clean for message in messages),
        any(message.turned for message in messages),
        any(message.turned_nearby for message in messages),
        "\n".join(message.text for message in messages),
    )


# --- links as they are written -------------------------------------------------------------------

_EDGE = "".join(map(chr, range(0x21)))
_BREAKS = re.compile(r"[\t\n\r]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_TWO_SLASHES = re.compile(r"[/\\]{2}")
_NO_LINK = MESSAGE_SCHEMES | {"x-apple-data-detectors"}
"""What starts a call or a message; and what iPhones make of dates and street addresses."""
_ANGLED = re.compile(r"‹(https?://[^\s‹›<>]+)›", re.IGNORECASE)


def _is_no_link(written: str) -> bool:
    plain = _BREAKS.sub("", written.strip(_EDGE))
    scheme = _SCHEME.match(plain)
    return (
        not plain
        or plain.startswith("#")
        or plain == "about:blank"
        or (scheme is not None and scheme[1].lower() in _NO_LINK)
    )


def _links_of(hrefs: Iterable[Href], base: str | None, known: Known) -> Iterator[MessageLink]:
    for href in hrefs:
        if not _is_no_link(href.written):
            address, whole = _resolved(href.written.strip(_EDGE), base, known)
            yield MessageLink(address, href.words, whole)


def _resolved(written: str, base: str | None, known: Known) -> tuple[WebUrl | OtherAddress | None, bool]:
    """What a browser opens, and whether everyone else reads the same address."""
    try:
        if base is not None:
            written = joined(base, written)
        if _TWO_SLASHES.match(written) is not None:
            return parse("https:" + written), False
        address = parse(written)
    except UnreadableAddress:
        return None, False
    return address, isinstance(address, OtherAddress) or _is_read_as(written, address, known)


def _is_read_as(written: str, address: WebUrl, known: Known) -> bool:
    try:
        reading = read(written, Context.LINK, *known)
    except UnreadableAddress:
        return False
    return reading.whole and reading.address == address


def _shown_of(link: GivenLink) -> str:
    """What a program says that is shown: a host alone is an address, too."""
    shown = (link.shown or "").strip()
    host = _HOST.fullmatch(shown)
    return f"https://{host[1]}/" if host is not None else shown


_HOST = re.compile(r"((?:[\w\-]+\.)+[\w\-]+)/?")


# --- addresses in words ----------------------------------------------------------------------------


def _of_prose(prose: Prose, among_words: bool) -> Iterator[MessageLink]:
    for address in prose.addresses:
        yield MessageLink(address, whole=address not in prose.unsure and not prose.torn, among_words=among_words)
    if prose.other is not None:
        yield MessageLink(prose.other)


def _mentions(contents: Contents, hrefs: Sequence[Href], among_words: bool, known: Known) -> Iterator[MessageLink]:
    """The addresses in the words of a text that are not just the words of its links."""
    words = " ".join(word for href in hrefs for word in href.words)
    mentions = _of_prose(contents.prose, among_words)
    if contents.has_markup:  # its words were read twice
        mentions = iter(dict.fromkeys(link for link in mentions if not _stands_in(link, words)))
    found = list(mentions)
    yield from found
    places = {known.place_of(link.address) for link in found if isinstance(link.address, WebUrl)}
    for whole in contents.wholes:
        if known.place_of(whole) not in places and not contents.links:
            yield MessageLink(whole, whole=False)


def _stands_in(link: MessageLink, words: str) -> bool:
    return isinstance(link.address, WebUrl) and link.address.host in words.lower()


def _beyond(links: Sequence[MessageLink], contents: Contents, known: Known) -> Iterator[MessageLink]:
    """What the text of HTML's source holds beyond the page's links and their words."""
    places = {known.place_of(link.address) for link in links if isinstance(link.address, WebUrl)}
    words = " ".join(word for link in links for word in link.words)
    for link in (*_of_prose(contents.prose, among_words=False), *map(MessageLink, contents.wholes)):
        place = known.place_of(link.address) if isinstance(link.address, WebUrl) else None
        if place is not None and place not in places and not _stands_in(link, words):
            places.add(place)
            yield link._replace(whole=False)


def _with_words_before(contents: Contents, text: str) -> list[Href]:
    """The links of a text's markup. Mail programs write the words of a link, a blank and ``<https://…>``."""
    before = {
        link["address"]: text[: link.start()][-200:].rpartition("\n")[2].rsplit(maxsplit=1)[-1:]
        for link in AUTOLINK.finditer(text)
        if link["address"] is not None
    }
    return [Href(link.destination, (link.words, *before.get(link.destination, ()))) for link in contents.links]


def _prose_of(page: Page, known: Known) -> tuple[Prose, bool, bool]:
    """The addresses beside the links of a page, whether all of its words were understood, and whether some of them are
    turned around."""
    seen = without_unseen("".join(page.joined))
    beside, parted = ("".join(pieces) for pieces in (page.beside, page.parted))
    prose = read_prose(without_unseen(beside).text, *known, _BOUNDS)
    clean = page.is_plain and seen.clean and prose.clean
    if seen.text.split() != beside.split():
        clean &= read_prose(seen.text, *known, _BOUNDS).clean
    if parted.split() != beside.split():
        other = read_prose(without_unseen(parted).text, *known, _BOUNDS)
        clean &= other.clean
        hosts = {address.host for address in prose.addresses}
        prose.addresses += (address for address in other.addresses if address.host not in hosts)
        prose.unsure |= other.unsure
    return prose, clean, seen.turned


def _bounded(links: tuple[MessageLink, ...]) -> tuple[MessageLink, ...]:
    if len(links) > _MOST_LINKS:
        raise UnreadableAddress(AddressProblem.TOO_MANY)
    return links


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
