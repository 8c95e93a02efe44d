"""Reads HTML twice: by a strict grammar of our own, and by a browser's kind of parser (Lexbor, in selectolax).

The grammar knows a closed list of elements and attributes, the ones that mail programs write. Only where it reads
all of the markup, and the parser sees the very same destinations, is the markup *clean*. Everything else is still
searched for destinations, for the sake of a warning.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

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


_INLINE = frozenset(
    "a abbr b big cite code del em font i img ins mark o:p q s samp small span strike strong sub sup time tt u var"
    " wbr".split()
)
_BLOCK = frozenset(
    "address article aside blockquote body br caption center col colgroup dd div dl dt figcaption figure footer h1 h2"
    " h3 h4 h5 h6 head header hr html li main meta nav ol p pre section style table tbody td tfoot th thead title tr"
    " ul v:roundrect w:anchorlock".split()
)
_VOID = frozenset("br col hr img meta wbr w:anchorlock".split())
_LINKS = {"a": ("href", "data-saferedirecturl", "originalsrc"), "v:roundrect": ("href",)}
_ATTRIBUTES = frozenset(
    "align alink alt arcsize bgcolor border cellpadding cellspacing charset cite class clear color cols colspan content"
    " datetime dir face fillcolor height href http-equiv id lang link name noshade nowrap originalsrc rel reversed role"
    " rowspan scope shash size span src start strokecolor stroke style target text title type valign value vlink width"
    " xml:lang xmlns xmlns:o xmlns:v xmlns:w".split()
)
_WORDS = frozenset({"alt", "title", "aria-label"})
_META = frozenset({"charset", "name", "http-equiv", "content"})
_META_NAMES = frozenset({"viewport", "generator", "content-type", "x-ua-compatible", "format-detection"})

_PIECE = re.compile(
    r"""<!--(?P<comment>(?!-?>)(?:(?!--)[^\x00])*?)-->
      | <!(?P<doctype>[Dd][Oo][Cc][Tt][Yy][Pp][Ee]\ +[Hh][Tt][Mm][Ll][^<>\[\]]{0,200})>
      | <(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9:]{0,15})
        (?P<attributes>(?:\s+[A-Za-z_][\w:.\-]{0,40}(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'=<>`/]+))?)*)\s*(?P<self>/?)>
      | (?P<text>(?:[^<]|<(?=[\s\d<=\-]))+)""",
    re.VERBOSE | re.ASCII,
)
_ATTRIBUTE = re.compile(r"""([\w:.\-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`/]+)))?""", re.ASCII)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_CONDITION = re.compile(r"\[if [\w !()&|]{1,60}\]>(.*)<!\[endif\]\Z", re.DOTALL)
_CONDITION_EDGE = re.compile(r"\[if [\w !()&|]{1,60}\]><!\Z|<!\[endif\]\Z")
_ODD_STYLE = re.compile(
    r"url|\\|@import|//|expression|binding|behavior|(?<![\w\-])content|unicode-bidi|direction|/\*", re.IGNORECASE
)
_ESCAPE_IN_ATTRIBUTE = re.compile(r"&(?!amp;|quot;|#39;)")


class _Unread(Exception):
    """The grammar met something it does not know."""


def read_markup(text: str) -> Markup | None:
    """Read the whole text, or None: an unknown element, attribute, destination or order, or a bound is passed."""
    if text.count("<") > MAX_TAGS:
        return None
    grammar = _Grammar()
    try:
        grammar.read(text)
        grammar.end()
    except _Unread:
        return None
    # The parser does not open comments for Outlook.
    if sorted([*(link.destination for link in _seen(text)), *grammar.condition_links]) != sorted(grammar.destinations):
        return None
    return Markup(tuple(grammar.links), "".join(grammar.joined), " ".join(grammar.parted))


class _Grammar:
    """The state while reading: where text goes, and which elements are open."""

    def __init__(self) -> None:
        self.links: list[Link] = []
        self.destinations: list[str] = []
        self.condition_links: list[str] = []
        self.joined: list[str] = []
        self.parted: list[str] = []
        self._open: list[tuple[str, list[str], list[str], list[str]]] = []
        self._depth = 0
        self._raw: str | None = None

    def read(self, text: str, condition: bool = False) -> None:
        """Read each piece in turn."""
        at = 0
        while at < len(text):
            piece = _PIECE.match(text, at)
            if piece is None or (_BLANK_LINE.search(piece[0]) and piece["text"] is None):
                raise _Unread
            at = piece.end()
            if piece["text"] is not None:
                self._text(piece["text"])
            elif piece["comment"] is not None:
                self._comment(piece["comment"], condition)
            elif piece["doctype"] is None:
                self._tag(
                    piece["name"].lower(), bool(piece["close"]), piece["attributes"], bool(piece["self"]), condition
                )

    def end(self) -> None:
        """At the end no link and no raw text may be open."""
        if self._open or self._raw is not None:
            raise _Unread

    def _text(self, text: str) -> None:
        if self._raw == "style":
            if _ODD_STYLE.search(text):
                raise _Unread
            return
        if "&" in text:
            text = html.unescape(text)
        self.joined.append(text)
        self.parted.append(text)

    def _comment(self, comment: str, inside: bool) -> None:
        if self._raw is not None or inside:
            raise _Unread
        if _CONDITION_EDGE.match(comment):
            return
        condition = _CONDITION.match(comment)
        if condition is not None:
            self.read(condition[1], condition=True)
        elif comment.lstrip().startswith("["):
            raise _Unread

    def _tag(self, name: str, closes: bool, written: str, closed: bool, condition: bool) -> None:
        if (name not in _INLINE and name not in _BLOCK) or (
            self._raw is not None and not (closes and name == self._raw)
        ):
            raise _Unread
        if name not in _INLINE:
            self.joined.append(" ")
        if closes:
            if written.strip():
                raise _Unread
            self._close(name)
            return
        attributes = _attributes(written)
        if name == "meta":
            _check_meta(attributes)
        elif name in ("style", "title"):
            self._raw = name
        for word in _WORDS & attributes.keys():
            self.parted.append(attributes[word])
        if name in _LINKS:
            targets = [attributes[key] for key in _LINKS[name] if key in attributes]
            self.destinations += targets
            if condition:
                self.condition_links += targets
            if self._open and name == self._open[-1][0]:
                raise _Unread
            self._open.append((name, targets, self.joined, self.parted))
            self.joined, self.parted = [], []
        elif "href" in attributes or "originalsrc" in attributes or "data-saferedirecturl" in attributes:
            raise _Unread
        if "src" in attributes and (name != "img" or not _PICTURE.match(attributes["src"])):
            raise _Unread
        if closed or name in _VOID:
            if name in _LINKS:
                raise _Unread
        else:
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise _Unread

    def _close(self, name: str) -> None:
        self._depth = max(0, self._depth - 1)
        if name == self._raw:
            self._raw = None
        if name in _LINKS:
            if not self._open or self._open[-1][0] != name:
                raise _Unread
            _, targets, joined, parted = self._open.pop()
            words = "".join(self.joined)
            self.links += [Link(target, f"{words}\n{' '.join(self.parted)}") for target in targets]
            # The words stand in the text around them as well: ``ev<a …>il.c</a>om``.
            joined += self.joined
            parted += ["", *self.parted, ""]
            self.joined, self.parted = joined, parted


_PICTURE = re.compile(r"(?:https://[A-Za-z0-9.\-]+/[^\s\"'<>\\]*|cid:[A-Za-z0-9.@_\-]+)\Z")


def _attributes(written: str) -> dict[str, str]:
    """The attributes of a tag by name, each once. The escapes that mail programs write are undone; with any
    other one the two readings of an attribute could differ."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        key, value = name.lower(), double or single or bare
        known = key in _ATTRIBUTES or key.startswith(("aria-", "data-"))
        if not known or key in found or len(found) >= MAX_ATTRIBUTES:
            raise _Unread
        if key == "style" and _ODD_STYLE.search(value):
            raise _Unread
        if key in ("href", "originalsrc", "data-saferedirecturl") and _ESCAPE_IN_ATTRIBUTE.search(value):
            raise _Unread
        found[key] = html.unescape(value)
    return found


def _check_meta(attributes: dict[str, str]) -> None:
    """Character set, viewport and their like; never a refresh."""
    kind = attributes.get("name") or attributes.get("http-equiv") or ""
    if not attributes.keys() <= _META or (kind and kind.lower() not in _META_NAMES):
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
    return Markup(tuple(_seen(text)), words, "", clean=False)


def _seen(text: str) -> Iterator[Link]:
    """Every destination that the parser sees, frames' own documents and refreshes included."""
    root = LexborHTMLParser(text).root
    if root is None:
        return
    for node in root.traverse():
        attributes = node.attributes
        for name, value in attributes.items():
            on = _LEADS.get(name, frozenset())
            if value is not None and (on is None or node.tag in on):
                yield Link(value, node.text() if node.tag == "a" else "")
            elif name == "srcdoc" and value is not None and node.tag == "iframe" and len(value) < len(text):
                yield from _seen(value)
        if node.tag == "meta" and "refresh" in (attributes.get("http-equiv") or "").lower():
            refresh = _REFRESH.match(attributes.get("content") or "")
            if refresh is not None and refresh[1]:
                yield Link(refresh[1], "")
