"""The places where a host may contain a target's name: the pairs that the techniques then score.

Each search finds places where the name occurs, exactly or nearly. What that means is left to ``techniques``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import OSA

from checker.core.lookalike.forms import fold, light, shape
from checker.core.lookalike.index import GATE, SHORTEST_INSIDE, SHORTEST_TWO_EDITS, Extent, LookalikeIndex, Site, Target
from checker.core.lookalike.query import Query

__all__ = ["MAX_PAIRS", "SEARCHES", "Pair", "Search", "Where", "is_plural"]

MAX_SPAN = 7
"""Most tokens of one name; no official host has more between its dots and hyphens."""
MAX_NEAR = 5
"""Most pieces of a host that are searched for spelling mistakes."""
SHORTEST_NEAR = 4
"""Shorter pieces are never searched for spelling mistakes."""
MAX_LABELS = 3
"""Labels, counted from the right, in which names are looked for inside longer words."""
LONGEST_WORD = 20
"""Longest word that is looked for around a name, in letters."""
MAX_PAIRS = 16
"""Most pairs that one search may find; only a host designed to be slow has more."""
CROWDED = 24
"""A third of a name tells nothing if more names than this share it."""


class Where(StrEnum):
    """Where the name is in the host."""

    LABEL = "label"  # is the registrable label
    TAIL = "tail"  # begins in a sub-domain and ends with the registrable label
    INSIDE = "inside"  # is part of the registrable label
    BEFORE = "before"  # is in the sub-domains only
    ACROSS = "across"  # begins in a sub-domain and ends inside the registrable label


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A place in the host and the target that it may imitate.

    ``plain`` is the text at that place in plain letters, without dots and hyphens. ``key`` is the target's own text
    that it equals (``edits`` is 0) or nearly equals, and ``extent`` how much of the target's host that is.
    ``yours`` and ``theirs`` are both texts as people see them. ``site`` is the official host to name, None only for
    known names. ``rest`` holds the other words of the same labels, ``beside`` the words of all other labels.
    ``reordered``: the same letters in another order.
    """

    query: Query
    target: Target
    extent: Extent
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
        """True if the host has a sub-domain that is also one of the official hosts'."""
        return bool(self.query.sub) and any(site.sub == self.query.sub for site in self.target.sites)

    @property
    def other_suffix(self) -> bool:
        """True if the target has another suffix than the host."""
        return self.target.suffix != self.query.suffix


def _equal(query: Query, index: LookalikeIndex) -> Iterator[Pair]:
    tokens = query.tokens
    for first in range(len(tokens) - 1, -1, -1):
        text = ""
        for last in range(first, min(first + MAX_SPAN, len(tokens))):
            text += tokens[last].text
            for target, extent, key, site in _same(query, index, text):
                yield _pair(query, target, extent, first, last, text, key, 0, site)


def _same(query: Query, index: LookalikeIndex, text: str) -> Iterator[tuple[Target, Extent, str, Site | None]]:
    """Targets that look just like ``text``: how much of the target's host does, its own text, and the host to name."""
    keys = tuple(dict.fromkeys((fold(text), light(text))))  # in an order that does not depend on the hashes
    candidates = dict.fromkeys(hit for key in keys for hit in index.equal(key))
    for target, extent in candidates:
        if _excluded(query, target):
            continue
        with_sub = extent in (Extent.SUB_NAME, Extent.SUB_NAME_SUFFIX)
        sites = [site for site in target.sites if site.sub] if with_sub else [_best_site(query, target)]
        for site in sites:
            theirs = target.key(extent, site.sub if site else "")
            if fold(theirs) in keys or light(theirs) in keys:  # otherwise only the hashes are equal
                yield target, extent, theirs, site
                break


def _best_site(query: Query, target: Target) -> Site | None:
    """The official host with the same sub-domain, otherwise the target's first."""
    return next((site for site in target.sites if site.sub == query.sub), target.sites[0] if target.sites else None)


def _near(query: Query, index: LookalikeIndex) -> Iterator[Pair]:
    for text, first, last, cut in _pieces(query, index):
        for target, edits in _misspelled(text, query, index).items():
            if not _excluded(query, target):
                site = _best_site(query, target)
                yield _pair(query, target, Extent.NAME, first, last, text, target.name, edits, site, cut=cut)


def _misspelled(text: str, query: Query, index: LookalikeIndex) -> dict[Target, int]:
    """Targets that ``text`` may be a misspelling of, with the number of edits.

    Edits are counted in the form, light or folded, in which the names are closer. A different letter with the same
    outline counts as one edit, as does a plural inside the name. Two edits are tried only if nothing is closer.
    """
    thin, folded = light(text), fold(text)
    distances: dict[Target, int] = {}
    for target in index.one_edit(dict.fromkeys((folded, thin))):
        thin_edits = OSA.distance(thin, target.light, score_cutoff=1)
        distances[target] = min(thin_edits, OSA.distance(folded, target.folded, score_cutoff=1))
    outline = shape(text)
    for target in index.shaped(outline):
        if distances.get(target, 2) > 1 and shape(target.name) == outline:
            distances[target] = 1
    for place in range(1, len(text) - 1) if "es" in text else ():
        if text.startswith("es", place):
            for target, extent, _, _ in _same(query, index, text[:place] + text[place + 2 :]):
                if extent is Extent.NAME:
                    distances[target] = 1
    near = {target: edits for target, edits in distances.items() if edits <= 1}
    if not near and text == query.name and len(folded) >= SHORTEST_TWO_EDITS - 1:
        for target in index.two_edits(folded, CROWDED):
            if OSA.distance(folded, target.folded, score_cutoff=2) == 2:
                near[target] = 2
    return {target: edits for target, edits in near.items() if edits}


def is_plural(text: str, name: str) -> bool:
    """True if adding ``s`` or ``es`` anywhere in ``name`` gives ``text``, or adding a final ``s`` to ``text`` gives
    ``name``."""
    if name == text + "s":
        return True
    ends = [end for end in ("s", "es") if len(text) == len(name) + len(end)]
    return any(
        text.startswith(end, at) and text[:at] + text[at + len(end) :] == name
        for end in ends
        for at in range(1, len(text))
    )


def _pieces(query: Query, index: LookalikeIndex) -> Iterator[tuple[str, int, int, tuple[str, ...]]]:
    """The parts of the host that may be a misspelled name: the text, its first and last token, and the pieces of
    those tokens that are left over."""
    begins, end = query.label_begins, len(query.tokens) - 1
    core = index.core_of(query.name)
    around = tuple(filter(None, query.name.split(core, 1))) if core else ()
    pieces: list[tuple[str, int, int, tuple[str, ...]]] = [(query.name, begins, end, ()), (core, begins, end, around)]
    pieces += [(token.text, place, place, ()) for place, token in reversed(list(enumerate(query.tokens)))]
    seen: set[str] = set()
    for text, first, last, cut in pieces:
        if SHORTEST_NEAR <= len(text) < 64 and text not in seen and text not in index.generic:
            seen.add(text)
            yield text, first, last, cut
        if len(seen) == MAX_NEAR:
            return


def _inside(query: Query, index: LookalikeIndex) -> Iterator[Pair]:
    for first, last, text in reversed(query.joined_labels[-MAX_LABELS:]):
        thin = light(text)
        has_pairs = fold(text) != thin  # there is an rn, vv or cl, so the folded form is looked up as well
        for start in range(len(text) - SHORTEST_INSIDE + 1):
            if not index.may_begin(thin[start : start + GATE]):
                continue
            for length in index.inside_lengths:
                if start + length > len(text):
                    break
                if length < SHORTEST_INSIDE or length == len(text):
                    continue
                piece = text[start : start + length]
                if not index.may_equal(thin[start : start + length]) and not (
                    has_pairs and index.may_equal(fold(piece))
                ):
                    continue
                if _in_a_word(text, start, start + length, index):
                    continue
                for target, extent, key, site in _same(query, index, piece):
                    if extent in (Extent.NAME, Extent.CORE):
                        cut = tuple(filter(None, (text[:start], text[start + length :])))
                        yield _pair(query, target, extent, first, last, piece, key, 0, site, cut=cut)


def _in_a_word(text: str, start: int, stop: int, index: LookalikeIndex) -> bool:
    """True if a longer word begins or ends where the piece does: ``concentra`` in ``concentrating``."""
    words = index.tables.words
    longer = (text[start:end] for end in range(stop + 1, min(len(text), start + LONGEST_WORD) + 1))
    earlier = (text[begin:stop] for begin in range(max(0, stop - LONGEST_WORD), start))
    return any(word in words for word in longer) or any(word in words for word in earlier)


def _reordered(query: Query, index: LookalikeIndex) -> Iterator[Pair]:
    begins, end = query.label_begins, len(query.tokens) - 1
    whole = "".join(token.text for token in query.tokens)
    for text, first in {query.name: begins, whole: 0}.items():
        if not 8 <= len(text) < 64:
            continue
        for target in index.reordered(text):
            if _excluded(query, target):
                continue
            for extent, site in [
                (Extent.NAME, _best_site(query, target)),
                *((Extent.SUB_NAME, s) for s in target.sites),
            ]:
                key = target.key(extent, site.sub if site else "")
                if key != text and sorted(key) == sorted(text):
                    yield _pair(query, target, extent, first, end, text, key, 0, site, reordered=True)
                    break


def _excluded(query: Query, target: Target) -> bool:
    return query.domain in target.domains or not {query.host, query.domain}.isdisjoint(target.resembles_ok)


def _pair(
    query: Query,
    target: Target,
    extent: Extent,
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
    if cut or (first >= begins and (first > begins or last < end)):
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
    theirs = _shown(target, extent, site)
    return Pair(query, target, extent, where, plain, key, edits, yours, theirs, site, rest, beside, reordered)


def _shown(target: Target, extent: Extent, site: Site | None) -> str:
    """The target's text as people see it, with its dots and hyphens."""
    match extent:
        case Extent.CORE:
            return target.core
        case Extent.NAME:
            return target.label
        case Extent.NAME_SUFFIX:
            return f"{target.label}.{target.suffix}"
        case Extent.SUB_NAME:
            return f"{site.sub}.{target.label}" if site else target.label
        case Extent.SUB_NAME_SUFFIX:
            return site.host.removeprefix("www.") if site else target.label


Search = Callable[[Query, LookalikeIndex], Iterator[Pair]]
SEARCHES: tuple[Search, ...] = (_equal, _near, _inside, _reordered)
"""The searches, the most telling first. None of them pairs a host with the target that owns its domain."""
