"""Reads HTML twice: by a strict grammar of our own, and by a browser's kind of parser (Lexbor, in selectolax).

The grammar accepts a closed list of elements and attributes: those that mail programs write. Markup is *clean* only if
the grammar reads all of it and the parser sees the same destinations and words. Other markup is still searched for
destinations, so that a warning can be given.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from checker.core.text.markup_rules import (
    ATTRIBUTES,
    BEFORE_CELLS,
    BEHIND_CELLS,
    BLOCK,
    CHARSET,
    DECLARATION,
    INLINE,
    LINKS,
    META,
    META_NAMES,
    ODD_STYLE,
    PICTURE,
    READ_ELSEWHERE,
    TABLE_PARTS,
    TARGETS,
    VOID,
    WORDS,
)

__all__ = ["Link", "Markup", "read_markup", "searched"]

MAX_DEPTH, MAX_ATTRIBUTES, MAX_TAGS = 256, 40, 5000
"""Bounds that come before the parser: it is quadratic in each of these."""


class Link(NamedTuple):
    """A destination as it is written, escapes undone, with the words that a person sees for it."""

    destination: str
    words: str


class Markup(NamedTuple):
    """Links and visible text. In ``joined`` the tags inside words are left out, in ``parted`` they are blanks: a
    person sees the one, a linkifier can see the other. ``clean``: all of it was read."""

    links: tuple[Link, ...]
    joined: str
    parted: str
    clean: bool = True


_PIECE = re.compile(
    r"""<!--(?P<comment>(?!-?>)(?:(?!--)[^\x00])*?)-->
      | <!(?P<doctype>[Dd][Oo][Cc][Tt][Yy][Pp][Ee]\ +[Hh][Tt][Mm][Ll][^<>\[\]]{0,200})>
      | <(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:]{0,15})
        (?P<attributes>(?:\s+[A-Za-z_][\w:.\-]{0,40}(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'=<>`/]+))?)*)\s*(?P<self>/?)>
      | (?P<text>(?:[^<]|<(?=[\s\d<=\-]))+)""",
    re.VERBOSE | re.ASCII,
)
_ATTRIBUTE = re.compile(r"""([\w:.\-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`/]+)))?""", re.ASCII)
_MARKDOWN = re.compile(r"\]\(|\]:|`[^`]*`")
"""What makes a Markdown renderer see other tags than a browser does; so do a table's bar and, in ``_MARKDOWN_LINE``,
a line that begins a block."""
_MARKDOWN_LINE = re.compile(r"\n[ \t]*(?:[^\w\s\"'/]|[0-9]+[.)])")
_PLACE = re.compile(r"[\w\-][.\u3002\uff0e\uff61][^\W\d_]|//|@")
"""What could be linked where the tag is shown as it is written: Markdown knows no tag with a colon in its name."""
_XMLNS = re.compile(r"html xmlns=http://www\.w3\.org/[\w/\-]*\Z")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_CONDITION = re.compile(r"\[if [\w !()&|]{1,60}\]>(.*)<!\[endif\]\Z", re.DOTALL)
_CONDITION_EDGE = re.compile(r"\[if [\w !()&|]{1,60}\]><!\Z|<!\[endif\]\Z")
_ESCAPE_IN_HOST = re.compile(r"(?://|https?:/?|www\.)[^\s/?#]{0,300}&(?!\w+;(?:\s|\Z))", re.IGNORECASE)
"""A linkifier that sees the text as it is written takes the escape for letters of the host."""
_UNENDED_ESCAPE = re.compile(r"&#(?:[0-9]++|[xX][0-9A-Fa-f]++)(?!;)")
_UNENDED_REFERENCE = re.compile(r"&(?=[A-Za-z][A-Za-z0-9]*(?![A-Za-z0-9;]))")
_WHOLE_IF_SHOWN = re.compile(r"[A-Za-z0-9:/?#&=._%+\-]*+[A-Za-z0-9!$*,;=_&\-]*\Z")
"""A destination in which no linkifier finds a second place where the tag is shown as it is written."""
_ESCAPE_IN_ATTRIBUTE = re.compile(r"&(?!amp;|quot;|#39;)")


class _Unread(Exception):
    """The grammar met something it does not know."""


def read_markup(text: str) -> Markup | None:
    """Read the whole text, or None: an unknown element, attribute, destination or order, Markdown in between, or a
    bound is passed."""
    if text.count("<") > MAX_TAGS or _MARKDOWN.search(text) is not None:
        return None
    grammar = _Grammar()
    try:
        grammar.read(text)
        grammar.end()
    except _Unread:
        return None
    root = LexborHTMLParser(text).root
    words = root.text(separator="") if root is not None else ""
    # The parser does not open comments for Outlook.
    seen = [*(link.destination for link in _seen(root, len(text))), *grammar.condition_links]
    if sorted(seen) != sorted(grammar.destinations) or "".join(words.split()) != "".join(grammar.words):
        return None
    return Markup(tuple(grammar.links), "".join(grammar.joined), " ".join(grammar.parted))


class _Grammar:
    """The state while reading: where text goes, and which elements are open."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.destinations: list[str] = []
        self.condition_links: list[str] = []
        self.words: list[str] = []
        self.joined: list[str] = []
        self.parted: list[str] = []
        self._open: list[tuple[str, list[str], list[str], list[str]]] = []
        self._depth = 0
        self._raw: str | None = None
        self._between_cells = False

    def read(self, text: str, condition: bool = False) -> None:
        """Read each piece in turn."""
        at = 0
        while at < len(text):
            piece = _PIECE.match(text, at)
            if piece is None or (_BLANK_LINE.search(piece[0]) and piece["text"] is None):
                raise _Unread
            at = piece.end()
            if piece["text"] is not None:
                self._text(piece["text"], condition)
            elif piece["comment"] is not None:
                self._comment(piece["comment"], condition)
            elif piece["doctype"] is None:
                if "|" in piece[0] or _MARKDOWN_LINE.search(piece[0]) is not None:
                    raise _Unread
                self._tag(
                    piece["name"].lower(), bool(piece["close"]), piece["attributes"], bool(piece["self"]), condition
                )

    def end(self, opened: int = 0) -> None:
        """At the end no raw text may be open, and only as many links as before."""
        if len(self._open) != opened or self._raw is not None:
            raise _Unread

    def _text(self, text: str, condition: bool) -> None:
        if "&" in text and self._raw != "style":
            if _ESCAPE_IN_HOST.search(text) is not None or _UNENDED_ESCAPE.search(text) is not None:
                raise _Unread
            plain = html.unescape(text)
            if plain != html.unescape(_UNENDED_REFERENCE.sub("&amp;", text)):
                raise _Unread  # only a browser undoes a reference without its semicolon
            text = plain
        if self._between_cells and text.strip():
            raise _Unread  # a browser moves it in front of the table
        if not condition:
            self.words += text.split()
        if self._raw == "style":
            if ODD_STYLE.search(text):
                raise _Unread
            return
        self.joined.append(text)
        self.parted.append(text)

    def _comment(self, comment: str, inside: bool) -> None:
        if self._raw is not None or inside:
            raise _Unread
        if comment.startswith("[") and (self.joined or self._open) and not "".join(self.joined[-1:])[-1:].isspace():
            raise _Unread  # what only some programs show could hide inside a word
        if _CONDITION_EDGE.match(comment):
            return
        condition = _CONDITION.match(comment)
        if condition is not None:
            opened = len(self._open)
            self.read(condition[1], condition=True)
            self.end(opened)  # to a browser, what it opens or closes is not there
        elif comment.lstrip().startswith("[") or _PLACE.search(comment) is not None:
            raise _Unread

    def _tag(self, name: str, closes: bool, written: str, closed: bool, condition: bool) -> None:
        if (name not in INLINE and name not in BLOCK) or (self._raw is not None and not (closes and name == self._raw)):
            raise _Unread
        if self._between_cells and name not in TABLE_PARTS:
            raise _Unread
        self._between_cells = name in (BEHIND_CELLS if closes else BEFORE_CELLS)
        if name not in INLINE:
            self.joined.append(" ")
        if not closes:
            self._start(name, _attributes(name, written), closed, condition)
        elif written.strip():
            raise _Unread
        else:
            self._close(name)

    def _start(self, name: str, attributes: dict[str, str], closed: bool, condition: bool) -> None:
        if name == "meta":
            _check_meta(attributes)
        elif name in ("style", "title"):
            self._raw = name
        if "src" in attributes and (name != "img" or not PICTURE.match(attributes["src"])):
            raise _Unread
        if "alt" in attributes:
            self.joined.append(attributes["alt"])  # without the picture it stands in the text
        self.parted += (attributes[word] for word in WORDS & attributes.keys())
        if name in LINKS:
            self._start_link(name, attributes, closed, condition)
        elif not TARGETS.isdisjoint(attributes):
            raise _Unread
        if not closed and name not in VOID:
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise _Unread

    def _start_link(self, name: str, attributes: dict[str, str], closed: bool, condition: bool) -> None:
        if closed or (self._open and name == self._open[-1][0]):
            raise _Unread
        targets = [attributes[key] for key in LINKS[name] if key in attributes]
        self.destinations += targets
        if condition:
            self.condition_links += targets
        self._open.append((name, targets, self.joined, self.parted))
        self.joined, self.parted = [], []

    def _close(self, name: str) -> None:
        self._depth = max(0, self._depth - 1)
        if name == self._raw:
            self._raw = None
        if name in LINKS:
            if not self._open or self._open[-1][0] != name:
                raise _Unread
            _, targets, joined, parted = self._open.pop()
            words = "".join(self.joined)
            self.links += [Link(target, f"{words}\n{' '.join(self.parted)}") for target in targets]
            # The words stand in the text around them as well: ``ev<a …>il.c</a>om``.
            joined += self.joined
            parted += ["", *self.parted, ""]
            self.joined, self.parted = joined, parted


def _attributes(element: str, written: str) -> dict[str, str]:
    """The attributes of a tag by name, each once. The escapes that mail programs write are undone; with any
    other one the two readings of an attribute could differ."""
    attributes: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        key, value = name.lower(), double or single or bare
        known = key in ATTRIBUTES or key.startswith(("aria-", "data-"))
        if not known or key in attributes or len(attributes) >= MAX_ATTRIBUTES:
            raise _Unread
        if key in TARGETS and _ESCAPE_IN_ATTRIBUTE.search(value):
            raise _Unread
        attributes[key] = html.unescape(value)
        if key in TARGETS and ":" in element and _WHOLE_IF_SHOWN.match(attributes[key]) is None:
            raise _Unread
        if key not in READ_ELSEWHERE and _PLACE.search(_XMLNS.sub("", f"{element} {key}={attributes[key]}")):
            raise _Unread
    style = attributes.get("style", "")
    if ODD_STYLE.search(style) or not all(map(DECLARATION.match, style.split(";"))):
        raise _Unread
    return attributes


def _check_meta(attributes: dict[str, str]) -> None:
    """Character set, viewport and their like; never a refresh."""
    kinds = {attributes[key].lower() for key in ("name", "http-equiv") if key in attributes}
    charset = attributes.get("charset") or attributes.get("content", "").lower().partition("charset=")[2]
    if not attributes.keys() <= META or not kinds <= META_NAMES or CHARSET.match(charset) is None:
        raise _Unread


# --- the parser --------------------------------------------------------------------------------

_LEADS = {
    "href": None,
    "originalsrc": None,
    "data-saferedirecturl": None,
    "xlink:href": None,
    "action": None,
    "formaction": None,
    "ping": None,
    "data": frozenset({"object"}),
    "src": frozenset({"iframe", "frame", "embed"}),
}
"""Attributes that lead somewhere, and on which elements (None: on any)."""
_REFRESH = re.compile(r"\s*[\d.]*\s*[;,]?\s*(?:url\s*=\s*)?['\"]?([^'\"]*)", re.IGNORECASE)


def searched(text: str) -> Markup:
    """What the parser alone finds in markup that the grammar does not read."""
    if text.count("<") > MAX_TAGS:
        return Markup((), "", "", clean=False)
    root = LexborHTMLParser(text).root
    words = root.text(separator=" ") if root is not None else ""
    return Markup(tuple(_seen(root, len(text))), words, "", clean=False)


def _seen(root: LexborNode | None, length: int) -> Iterator[Link]:
    """Every destination that the parser sees, frames' own documents and refreshes included."""
    if root is None:
        return
    for node in root.traverse():
        attributes = node.attributes
        for name, value in attributes.items():
            on = _LEADS.get(name, frozenset())
            if value is not None and (on is None or node.tag in on):
                yield Link(value, node.text() if node.tag == "a" else "")
            elif name == "srcdoc" and value is not None and node.tag == "iframe" and len(value) < length:
                yield from _seen(LexborHTMLParser(value).root, len(value))
        if node.tag == "meta" and "refresh" in (attributes.get("http-equiv") or "").lower():
            refresh = _REFRESH.match(attributes.get("content") or "")
            if refresh is not None and refresh[1]:
                yield Link(refresh[1], "")
