"""The ways a host and a target line up: what the techniques are then asked about.

Each search returns the places where a target's name may stand in the host, exactly or nearly;
telling what that means is left to ``techniques``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA

from checker.lookalike import forms
from checker.lookalike.index import GATE, SHORTEST_INSIDE, SHORTEST_TWO_EDITS, Form, LookalikeIndex, Site, Target
from checker.lookalike.query import Query

__all__ = ["Pair", "Where", "find_pairs"]

MAX_SPAN = 7
"""Tokens of one span; no official host has more between its dots and hyphens."""
MAX_NEAR = 5
"""Pieces of a host that are searched for spelling mistakes."""
SHORTEST_NEAR = 4
CROWDED = 60
"""A third that more names than this share tells nothing."""


class Where(StrEnum):
    """Where in the host the name stands."""

    LABEL = "label"  # it is the registrable label
    TAIL = "tail"  # it ends with the registrable label and begins in a label before it
    INSIDE = "inside"  # a part of the registrable label
    BEFORE = "before"  # sub-domains only
    ACROSS = "across"  # begins before the registrable label and ends inside it


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A place in the host and the target it may be about.

    ``plain`` is that place in plain letters, marks left out; ``key`` the target's own text that it
    equals (``edits`` 0) or nearly equals. ``yours`` and ``theirs`` are both as people see them.
    ``site`` is the official host to name; None only for known names. ``rest`` are the other words of
    the labels it stands in, ``beside`` the words of the labels around them.
    """

    query: Query
    target: Target
    form: Form
    where: Where
    plain: str
    key: str
    edits: int
    yours: str
    theirs: str
    site: Site | None
    rest: tuple[str, ...]
    beside: tuple[str, ...]
    reordered: bool = False

    @property
    def same_sub(self) -> bool:
        """True when the host has a sub-domain and it is one of the official hosts'."""
        return bool(self.query.sub) and any(site.sub == self.query.sub for site in self.target.sites)

    @property
    def other_suffix(self) -> bool:
        """True when the target stands under another suffix than the host."""
        return self.target.suffix != self.query.suffix


def find_pairs(query: Query, index: LookalikeIndex) -> Iterator[Pair]:
    """Every place where a target may stand in the host; a target's own domain is never paired."""
    if not query.tokens:
        return
    yield from _equal(query, index)
    yield from _near(query, index)
    yield from _inside(query, index)
    yield from _reordered(query, index)


def _equal(query: Query, index: LookalikeIndex) -> Iterator[Pair]:
    tokens = query.tokens
    for first in range(len(tokens)):
        text = ""
        for last in range(first, min(first + MAX_SPAN, len(tokens))):
            text += tokens[last].text
            folded = forms.fold(text)
            for target, form in index.equal(folded):
                if _excluded(query, target):
                    continue
                found = _site_for(query, target, form, folded)
                if found is not None:
                    yield _pair(query, target, form, first, last, text, found[0], 0, found[1])


def _site_for(query: Query, target: Target, form: Form, folded: str) -> tuple[str, Site | None] | None:
    """The target's text behind an equal key and the official host to name; None for a chance hit."""
    if form in (Form.SUB_NAME, Form.SUB_NAME_SUFFIX):
        for site in target.sites:
            if site.sub and forms.fold(key := target.key(form, site.sub)) == folded:
                return key, site
        return None
    key = target.key(form, "")
    return (key, _best_site(query, target)) if forms.fold(key) == folded else None


def _best_site(query: Query, target: Target) -> Site | None:
    """The official host with the same sub-domain, else the target's first."""
    return next((site for site in target.sites if site.sub == query.sub), target.sites[0] if target.sites else None)


def _near(query: Query, index: LookalikeIndex) -> Iterator[Pair]:
    for text, first, last in _pieces(query, index):
        light, folded = forms.light(text), forms.fold(text)
        found: dict[Target, int] = {}
        for form in {light, folded}:
            found.update(dict.fromkeys(index.one_edit(form), 1))
        found.update(dict.fromkeys(index.shaped(text), 1))
        if len(folded) >= SHORTEST_TWO_EDITS - 1:
            for target in index.two_edits(folded, CROWDED):
                found.setdefault(target, 2)
        for target in found:
            edits = _edits(text, light, folded, target)
            if 0 < edits <= 2 and not _excluded(query, target):
                site = _best_site(query, target)
                yield _pair(query, target, Form.NAME, first, last, text, target.name, edits, site)


def _edits(text: str, light: str, folded: str, target: Target) -> int:
    """Edits between the names, in whichever form they are nearest; 3 for more than two."""
    name = target.name
    nearest = min(
        OSA.distance(light, forms.light(name), score_cutoff=2), OSA.distance(folded, forms.fold(name), score_cutoff=2)
    )
    if nearest > 1 and forms.shape(text) == forms.shape(name):
        return 1
    return nearest


def _pieces(query: Query, index: LookalikeIndex) -> Iterator[tuple[str, int, int]]:
    """The parts of the host that may be a misspelled name, with the tokens they span."""
    begins, end = query.label_begins, len(query.tokens) - 1
    seen: set[str] = set()
    pieces = [(query.name, begins, end), (index.core_of(query.name), begins, end)]
    pieces += [(token.text, place, place) for place, token in reversed(list(enumerate(query.tokens)))]
    for text, first, last in pieces:
        if len(text) >= SHORTEST_NEAR and len(text) < 64 and text not in seen and text not in index.generic:
            seen.add(text)
            yield text, first, last
        if len(seen) == MAX_NEAR:
            return


def _inside(query: Query, index: LookalikeIndex) -> Iterator[Pair]:
    for place, token in enumerate(query.tokens):
        text = token.text
        light = forms.light(text)
        for start in range(len(text) - SHORTEST_INSIDE + 1):
            if not index.may_begin(light[start : start + GATE]):
                continue
            for length in index.inside_lengths:
                if start + length > len(text):
                    break
                if length < SHORTEST_INSIDE or length == len(text):
                    continue
                piece = text[start : start + length]
                for target, form in index.equal(forms.fold(piece)):
                    if form in (Form.NAME, Form.CORE) and not _excluded(query, target):
                        found = _site_for(query, target, form, forms.fold(piece))
                        if found is not None:
                            cut = tuple(filter(None, (text[:start], text[start + length :])))
                            yield _pair(query, target, form, place, place, piece, found[0], 0, found[1], cut=cut)


def _reordered(query: Query, index: LookalikeIndex) -> Iterator[Pair]:
    begins, end = query.label_begins, len(query.tokens) - 1
    whole = "".join(token.text for token in query.tokens)
    for text, first in {query.name: begins, whole: 0}.items():
        if not 8 <= len(text) < 64:
            continue
        for target in index.reordered(text):
            if _excluded(query, target):
                continue
            for form, site in [(Form.NAME, _best_site(query, target)), *((Form.SUB_NAME, s) for s in target.sites)]:
                key = target.key(form, site.sub if site else "")
                if key != text and sorted(key) == sorted(text):
                    yield _pair(query, target, form, first, end, text, key, 0, site, reordered=True)
                    break


def _excluded(query: Query, target: Target) -> bool:
    return query.domain in target.domains or not {query.host, query.domain}.isdisjoint(target.resembles_ok)


def _pair(
    query: Query,
    target: Target,
    form: Form,
    first: int,
    last: int,
    plain: str,
    key: str,
    edits: int,
    site: Site | None,
    *,
    cut: tuple[str, ...] = (),
    reordered: bool = False,
) -> Pair:
    tokens, begins = query.tokens, query.label_begins
    end = len(tokens) - 1
    if cut or first >= begins and (first > begins or last < end):
        where = Where.INSIDE if first >= begins else Where.BEFORE
    elif first == begins:
        where = Where.LABEL
    elif last == end:
        where = Where.TAIL
    else:
        where = Where.BEFORE if last < begins else Where.ACROSS
    yours = query.shown[tokens[first].start : tokens[last].stop]
    others = [token for place, token in enumerate(tokens) if not first <= place <= last]
    inside = range(tokens[first].label, tokens[last].label + 1)
    rest = cut + tuple(token.text for token in others if token.label in inside)
    beside = tuple(token.text for token in others if token.label not in inside)
    theirs = _shown(target, form, site)
    return Pair(query, target, form, where, plain, key, edits, yours, theirs, site, rest, beside, reordered)


def _shown(target: Target, form: Form, site: Site | None) -> str:
    """The target's text as people see it: with its dots and hyphens."""
    match form:
        case Form.CORE:
            return target.core
        case Form.NAME:
            return target.label
        case Form.NAME_SUFFIX:
            return f"{target.label}.{target.suffix}"
        case Form.SUB_NAME:
            return f"{site.sub}.{target.label}" if site else target.label
        case Form.SUB_NAME_SUFFIX:
            return site.host.removeprefix("www.") if site else target.label
