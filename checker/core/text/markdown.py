"""Reads Markdown, and the plain text that mail and chat programs make of links.

It accepts only ``[words](address)``, ``[label]: address``, ``<address>``, ``<address|words>``, and words directly in
front of an ``<address>`` (Outlook, Proofpoint). The text is *clean* only if a CommonMark parser (markdown-it-py) sees
the same destinations.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from checker.core.text.markup import Link, Markup
from checker.core.text.prose import IN_A_TEXT, Bounds, is_one_address, leads_elsewhere
from checker.core.text.shapes import has_name
from checker.core.wrapper import Wrappers

__all__ = ["AUTOLINK", "MARKDOWN_SIGN", "read_markdown"]

MAX_SIGNS = {"[": 64, "]": 64, "<": 100, "*": 200, "_": 200, "`": 100, "&": 200}
"""More of these than honest text holds, and the parser takes its time: 100 ms for 8,192 characters of ``![``."""

_MAIL = r"(?:mailto:)?[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"
AUTOLINK = re.compile(
    rf"<(?:(?P<address>https?://[^\s<>|]+(?:\n[^\s<>|]+)*)(?:\|(?P<words>[^<>|\n=]*))?|{_MAIL})>", re.I
)
"""``<https://…>``, which mail programs also break in two at the end of a line, ``<https://…|words>``, ``<a@b>``.
As HTML the words are attributes of an element, so none may have a value."""

_DEFINITION = (
    r"^[ >\-*0-9.]{0,12}\[(?P<label>[^\[\]\\\n]{1,80})\]:[ ]*<?(?P<defined>https?://[^\s<>]+)>?[ ]*"
    r"(?P<definition_title>\"[^\"\n\\]*\")?[ ]*$"
)
_INLINE = r"\[(?P<shown>[^\[\]\\]*)\]\(\s*<?(?P<target>[^\s()<>\\]+)>?(?:\s+\"(?P<title>[^\"\n\\]*)\")?\s*\)"
MARKDOWN_SIGN = re.compile(rf"\]\(|\]:|{AUTOLINK.pattern}", re.I)
_CID = r"[A-Za-z0-9_\-]+(?:\.(?:png|jpe?g|gif))?(?:@[A-Za-z0-9.\-]+)?"
_PIECE = re.compile(rf"{_DEFINITION}|{_INLINE}|(?P<auto>{AUTOLINK.pattern})|\[cid:{_CID}\]", re.I | re.M)
_ADDRESS = re.compile(r"https?://", re.I)
_ESCAPE = re.compile(r"&(?!amp;|[A-Za-z0-9_\-]+=)[A-Za-z0-9#]+;?")
_CONTINUED = re.compile(
    r"\n(?!on|[a-z\-]+\s*=)(?![A-Za-z][A-Za-z0-9+.\-]*:)(?![^\n]*//)"
    r"(?![^\n]*\w[.\u3002\uff0e\uff61](?!(?:html?|aspx?|php)\b)\w)[^\n]*",
    re.I,
)
"""The second line of an address: no attribute, scheme or name of its own, but a page may have its ending."""
_ENDS = re.compile(r"[)\"',.:;!?]?(?:\s|\Z)")
_GOES_ON = re.compile(r"[\[*_~`]+\w|[^\s()\[\]<>{}\"',.:;!?*_~`|“”’»…—–]")
_ATTRIBUTE_INSIDE = re.compile(r"/\s*[A-Za-z:\-]+\s*=")


def read_markdown(text: str, names: frozenset[str], wrappers: Wrappers, bounds: Bounds = IN_A_TEXT) -> Markup | None:
    """Read the whole text, or None: an escape, a picture, raw HTML, too many signs, or the parser disagrees.
    ``names``: the last labels that could be opened, lower-case."""
    most_signs = ((sign, most * bounds.markdown) for sign, most in MAX_SIGNS.items())
    if "\\" in text or "![" in text or any(text.count(sign) > most for sign, most in most_signs):
        return None
    links: list[Link] = []
    joined: list[str] = []
    parted: list[str] = []
    at = 0
    for piece in _PIECE.finditer(text):
        before = text[at : piece.start()]
        at = piece.end()
        words = piece["shown"] or piece["words"] or piece["label"] or ""
        titles = piece["title"] or piece["definition_title"] or ""
        target = piece["target"] or piece["defined"]
        if piece["auto"] is not None and _GOES_ON.match(text, at) is not None:
            return None  # shown without its brackets, the address goes on
        if piece["address"] is not None:
            target = _unbroken(piece["address"], names, wrappers)
            if target is None:
                return None
            words = words or _last_word(before)
        if target is not None:
            is_one = _ADDRESS.match(target) is None or is_one_address(target, names, wrappers)
            if _ESCAPE.search(target) is not None or not is_one:
                return None
            links.append(Link(html.unescape(target), f"{words} {titles}"))
        elif piece["auto"] is not None:
            if text[max(0, piece.start() - 1) : piece.start()].strip(" \t\n(\"',:;") or not _ENDS.match(text, at):
                return None  # shown without its brackets, the mailbox grows by what stands beside it
            words = f"{words} {piece['auto'][1:-1]} "
        joined += (before, piece["shown"] or piece["words"] or " ", f" {titles} " if titles else "")
        parted += (before, words, titles)
    joined.append(text[at:])
    parted.append(text[at:])
    if text.count("](") > sum(piece["shown"] is not None for piece in _PIECE.finditer(text)):
        return None  # a link around a link, which older programs take for one
    if sorted(_parsed(text)) != sorted(_own(text)):
        return None
    return Markup(tuple(links), "".join(joined), " ".join(parted))


def _unbroken(address: str, names: frozenset[str], wrappers: Wrappers) -> str | None:
    """An address in angle brackets, its line breaks taken out; None where they could mean something else.

    As HTML ``<https://host/onclick=x>`` is an element with a handler, and a second line holds attributes. A name on
    a second line is an address of its own to whoever reads it there.
    """
    if _ATTRIBUTE_INSIDE.search(address) is not None:
        return None
    first, *more = address.split("\n")
    if (more and ("/" not in first[8:] or not is_one_address(first, names, wrappers))) or any(
        _CONTINUED.match("\n" + line) is None or has_name(line, names) for line in more
    ):
        return None
    address = "".join((first, *more))
    return None if more and leads_elsewhere(address, wrappers) else address


def _last_word(before: str) -> str:
    """What stands right in front of ``<https://…>``: Outlook writes the words of a link there."""
    return "" if not before or before[-1].isspace() else before.split()[-1]


def _own(text: str) -> Iterator[str]:
    """The destinations that a CommonMark parser should see, by the grammar above."""
    defined = {piece["label"].lower(): piece["defined"] for piece in _PIECE.finditer(text) if piece["defined"]}
    for piece in _PIECE.finditer(text):
        target = piece["target"]
        if target is None and piece["address"] and "\n" not in piece["address"] and piece["words"] is None:
            target = piece["address"]
        if target is not None:
            yield html.unescape(target)
    for use in re.finditer(r"\[([^\[\]\n]{1,80})\](?![(:])", text):
        if use[1].lower() in defined:
            yield html.unescape(defined[use[1].lower()])


_COMMONMARK = MarkdownIt("commonmark")
# Its defaults hide links of some schemes and rewrite hosts by their own rules.
_COMMONMARK.validateLink = lambda url: True  # type: ignore[method-assign]
_COMMONMARK.normalizeLink = lambda url: url  # type: ignore[method-assign]
_NEVER_CLEAN = frozenset({"image", "html_inline", "html_block"})
_HARMLESS = re.compile(rf"{_MAIL}\Z|<https?://[^\s<>|]+[\n|][^<>]*>\Z", re.I | re.A)


def _parsed(text: str) -> Iterator[str]:
    """The destinations that the CommonMark parser sees; raw HTML and pictures count as one that nobody wrote."""

    def walk(tokens: list[Token]) -> Iterator[str]:
        for token in tokens:
            if token.type == "link_open":
                target = str(token.attrs["href"])
                if _HARMLESS.match(target) is None:
                    yield target
            elif token.type in _NEVER_CLEAN and _HARMLESS.match(token.content.strip()) is None:
                yield token.type
            yield from walk(token.children or [])

    yield from walk(_COMMONMARK.parse(text))
