"""HTML as a browser sees it: every link with its words, and the text beside the links.

Lexbor parses as browsers do. What it leaves closed is opened here: comments for Outlook, declarative shadow roots and
the documents of frames.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from checker.core.message.bounds import MAX_STEPS, steps
from checker.core.text.markup_rules import INLINE

__all__ = ["Href", "Page", "page_of"]

MAX_TEXT = 64 * 1024
"""Characters of a page that are read as text; the rest counts as unread. Long newsletters have 20,000."""
_MAX_INNER, _MAX_DEPTH = 200, 20
"""Most documents inside the page (comments for Outlook, shadow roots, frames), and how deep one stands in another."""


class Href(NamedTuple):
    """Where a link leads, as it is written, and its words: as they stand, with its tags as blanks, and its titles."""

    written: str
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class Page:
    """What is on a page. ``hrefs``: every link. ``base``: what relative ones start from. ``joined``: all visible text,
    tags inside words left out. ``beside``: the text that is no link's; ``parted``: the same with tags as blanks.
    ``is_plain``: it has nothing that programs read in different ways."""

    hrefs: list[Href] = field(default_factory=list)
    base: str | None = None
    joined: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    parted: list[str] = field(default_factory=list)
    is_plain: bool = True


def page_of(markup: str) -> Page | None:
    """Read HTML; None where a parser would take too long."""
    reader = _Reader()
    return reader.page if reader.read(markup) else None


_LEADS = {
    **dict.fromkeys(("a", "area"), ("href",)),
    **dict.fromkeys(("iframe", "frame", "embed"), ("src",)),
    "object": ("data",),
    "form": ("action",),
    **dict.fromkeys(("button", "input"), ("formaction",)),
}
"""Which attribute leads somewhere on the elements that have one of their own."""
_LEADS_ELSEWHERE = ("href", "xlink:href", "data-saferedirecturl", "originalsrc")
"""On all others, and for mail programs that keep the link they replaced."""
_LEADS_NOWHERE = frozenset("link base use image script filter pattern lineargradient radialgradient textpath".split())
"""Their addresses load something or name a part of the page."""
_LINKS = frozenset({"a", "area", "button", "v:roundrect", "v:rect", "v:shape"})
"""Elements whose content is the words of a link."""
_UNSEEN = frozenset("script style title template noembed noframes".split())
_ODD = frozenset("script dialog svg math select frameset iframe frame object embed portal fencedframe image".split())
"""Elements that some programs drop, run or read in their own way."""
_CONDITION = re.compile(r"\[if [^\]]{1,80}\]>(.*?)(?:<!\[endif\]|\Z)", re.DOTALL)
_HOLDS_A_LINK = re.compile(r"href|action|src|data|//|www\.", re.IGNORECASE)
_REFRESH = re.compile(
    r"[\t\n\f\r ]*[\d.]*[\t\n\f\r ]*[;,]?[\t\n\f\r ]*(?:url[\t\n\f\r ]*=[\t\n\f\r ]*)?(['\"]?)(.*)", re.I | re.S
)
_NO_BLANK = INLINE - {"img"}


class _Open(NamedTuple):
    """A link whose words are being read."""

    targets: list[str]
    joined: list[str]
    parted: list[str]


class _Reader:
    def __init__(self) -> None:
        self.page = Page()
        self._steps = 0
        self._inner = 0
        self._depth = 0
        self._letters = 0
        self._open: list[_Open] = []

    def read(self, markup: str) -> bool:
        """Read a document; False where it could take too long, with all that was read before."""
        self._steps += steps(markup)
        if self._steps > MAX_STEPS:
            self.page.is_plain = False
            return False
        root = LexborHTMLParser(markup).root
        if root is not None:
            self._read_below(root.parent or root)  # comments also stand in front of the root
        return True

    def _read_below(self, top: LexborNode) -> None:
        for node, enters in _walk(top):
            if node.is_text_node:
                self._add_text(node.text_content or "")
            elif node.is_comment_node:
                self._comment(node.comment_content or "")
            elif enters:
                self._enter(node)
            else:
                self._leave(node)

    def _add_text(self, text: str) -> None:
        room = max(0, MAX_TEXT - self._letters) // (1 + len(self._open))
        if len(text) > room:
            self.page.is_plain = False
            text = text[:room]
        self._letters += len(text) * (1 + len(self._open))
        self.page.joined.append(text)
        if not self._open:
            self.page.beside.append(text)
            self.page.parted.append(text)
        for link in self._open:
            link.joined.append(text)
            link.parted.append(text)

    def _part(self, name: str | None) -> None:
        """A tag stands here: to some programs words end at it, to a person only at a block."""
        is_blank = name not in _NO_BLANK
        if is_blank:
            self.page.joined.append(" ")
            self.page.beside.append(" ")
        if name != "wbr":
            self.page.parted.append(" ")
        for link in self._open:
            if is_blank:
                link.joined.append(" ")
            link.parted.append(" ")

    def _enter(self, node: LexborNode) -> None:
        name = node.tag or ""
        attributes = node.attributes
        self._part(name)
        self.page.is_plain &= name not in _ODD and "-" not in name
        if not attributes and name not in _LINKS:
            return
        self.page.is_plain &= not any(key.startswith("on") or key in ("is", "ping") for key in attributes)
        if name == "base" and self.page.base is None:
            self.page.base = attributes.get("href")
        elif name == "meta":
            self._refresh(attributes)
        elif name == "template" and attributes.get("shadowrootmode") in ("open", "closed"):
            for fragment in node.template_fragments():
                self._inside(partial(self._read_below, fragment))
        elif name == "iframe" and attributes.get("srcdoc"):
            self._inside(partial(self.read, attributes["srcdoc"] or ""))
        targets = list(_targets(name, attributes))
        words = [text for key in ("alt", "title", "aria-label", "value") if (text := attributes.get(key))]
        if name in _LINKS:
            self._open.append(_Open(targets, [], [f" {word} " for word in words]))
        else:
            self.page.hrefs += [Href(target, tuple(words)) for target in targets]
            if name == "img" and attributes.get("alt"):
                self._add_text(attributes["alt"] or "")  # without the picture it stands in the text

    def _leave(self, node: LexborNode) -> None:
        self._part(node.tag)
        if node.tag in _LINKS:
            targets, joined, parted = self._open.pop()
            words = ("".join(joined), "".join(parted))
            self.page.hrefs += [Href(target, words) for target in targets]

    def _refresh(self, attributes: dict[str, str | None]) -> None:
        if (attributes.get("http-equiv") or "").strip().lower() != "refresh":
            return
        refresh = _REFRESH.match(attributes.get("content") or "")
        if refresh is not None:
            quote, target = refresh.groups()
            self.page.hrefs.append(Href(target.partition(quote)[0] if quote else target))

    def _comment(self, comment: str) -> None:
        """Outlook opens comments with a condition; browsers never do."""
        for condition in _CONDITION.finditer(comment):
            if _HOLDS_A_LINK.search(condition[1]) is not None:
                self._inside(partial(self.read, condition[1]))

    def _inside(self, read: Callable[[], object]) -> None:
        """Read a document inside the page; its words are no words of the links around it."""
        self._inner += 1
        if self._inner > _MAX_INNER or self._depth == _MAX_DEPTH:
            self.page.is_plain = False
            return
        outer, self._open = self._open, []
        self._depth += 1
        read()
        self._depth -= 1
        self._open = outer


def _targets(name: str, attributes: dict[str, str | None]) -> Iterator[str]:
    """Where an element leads, each place as it is written."""
    if name in _LEADS_NOWHERE:
        return
    own = _LEADS.get(name, ())
    for key in dict.fromkeys((*own, *_LEADS_ELSEWHERE)):
        target = attributes.get(key)
        if target:
            yield target


def _walk(top: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every node below ``top`` in the order of the text, elements when they begin and when they end (False)."""
    end = top.mem_id
    node: LexborNode | None = top.first_child
    while node is not None:
        yield node, True
        child = node.first_child if node.is_element_node and node.tag not in _UNSEEN else None
        if child is not None:
            node = child
            continue
        while node is not None:
            if node.is_element_node:
                yield node, False
            following = node.next
            if following is not None:
                node = following
                break
            node = node.parent
            if node is None or node.mem_id == end:
                return
