"""Finds an organization's official portal by name; typos and any word order are fine.

An organization that we know without a portal to send people to is found by its names, too, with its website.

Names are compared word by word. The rarer a word is in the list, the more it counts: many names contain "health
center", few "Wacofhc". A name matches when it accounts for most of the query; otherwise there is no answer, because
a wrong portal is worse than none.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from checker.core.allowlist import Allowlist, Portal
from checker.core.known import KnownName

__all__ = ["MAX_FOUND", "MAX_QUERY", "Finder", "Found"]

MAX_QUERY = 200
"""The longest query, in characters; the longest name in the list has about 100."""
MAX_FOUND = 20

_MAX_WORDS = 12
_MIN_SHARE = 0.66
"""The share of the query's weight that a name must account for."""
_MIN_JOINED = 6
"""A query of at least this many letters may be the start of a name, spaces ignored: "clevelandcl"."""
_MIN_PREFIX = 3
_ONE_TYPO_FROM = 5
"""Shorter words must be exact: a single letter separates UPMC from UMC."""
_TWO_TYPOS_FROM = 8

_APOSTROPHES = str.maketrans("", "", "'’‘`´.")
_WORD = re.compile(r"[^\W_]+")
_SAME = {"saint": "st", "saints": "st", "sts": "st", "mount": "mt", "centre": "center", "ctr": "center"}
_SAME |= dict.fromkeys(("and", "the", "of", "for"), "")
_BLUES = re.compile(r"\bblue ?cross(?: ?&| and)? ?blue ?shield\b")
"""The name that many insurers share; people write BCBS."""
_FILLER = frozenset("login log in sign portal patient patients account website mychart chart my online".split())
"""Words that people type along with a name. They are ignored, unless nothing else is left to search for."""


@dataclass(frozen=True, slots=True)
class Found:
    """An organization and the address of its official portal. ``country`` is ISO 3166, if known.

    ``listed`` is false where we have no portal to send people to; ``url`` is then the organization's website.
    """

    organization: str
    operator: str
    url: str
    country: str | None
    listed: bool = True


class Finder:
    """An index of the names of one list. It never changes."""

    def __init__(self, allowlist: Allowlist) -> None:
        self._filler = _FILLER.union(
            word for vendor in allowlist.vendors.values() for brand in vendor.brand_words for word in _words(brand)
        )
        self._allowlist = allowlist
        rows = {row: portal for portal in allowlist.portals for row in _rows(portal)}
        self._names = [
            _Name(text, row, portal, is_operator=text != row.organization)
            for row, portal in rows.items()
            for text in dict.fromkeys((row.organization, row.operator))
        ]
        self._names += [_Name(text, known) for known in allowlist.names for text in (known.name, *known.words)]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for place, name in enumerate(self._names):
            for word in set(name.words):
                self._by_word[word].append(place)
        self._vocabulary = list(self._by_word)

    def find(self, query: str, today: date) -> tuple[Found, ...]:
        """The portals whose organization or operator clearly matches, best first, at most 20; none that is overdue.
        Known organizations come with their website where we have no such portal."""
        words = _words(query[:MAX_QUERY])[:_MAX_WORDS]
        words = [word for word in words if word not in self._filler] or words
        if not words:
            return ()
        scores = self._scores_by_words(words)
        joined = "".join(words)
        for place, name in enumerate(self._names):
            if name.joined.startswith(joined) and (len(joined) >= _MIN_JOINED or name.joined == joined):
                scores[place] = 1.0
        best: dict[Found, tuple[float, float, bool]] = {}
        shown: set[str] = set()
        for place, score in sorted(scores.items()):  # portals' own names stand first
            name = self._names[place]
            row = self._row(name, today)
            if row is None or (name.portal is None and row.url in shown):
                continue
            if name.portal is not None:
                shown.add(row.url)
            rank = (-score, -fuzz.ratio(joined, name.joined), name.is_operator)
            best[row] = min(rank, best.get(row, rank))
        return tuple(sorted(best, key=lambda row: (best[row], row.url))[:MAX_FOUND])

    def _row(self, name: _Name, today: date) -> Found | None:
        """What to show for a name today; None if there is no place to send people to."""
        allowlist, source = self._allowlist, name.source
        if isinstance(source, Found):
            return source if name.portal is not None and allowlist.within_lease(name.portal, today) else None
        portal = allowlist.portal_of(source)
        if portal is not None and allowlist.hands_out(portal.url, today):
            return Found(source.name, portal.operator.name, portal.url, portal.site.country)
        if not allowlist.hands_out(source.website, today):
            return None
        return Found(source.name, source.name, source.website, source.country, listed=False)

    def _scores_by_words(self, words: list[str]) -> dict[int, float]:
        """The share of the query's weight that each name accounts for; only names with a large enough share."""
        total = 0.0
        sums: dict[int, float] = defaultdict(float)
        for word in words:
            candidates = self._similar_words(word)
            fewest = min((len(self._by_word[known]) for known in candidates), default=1)
            weight = math.log1p(len(self._names) / fewest)
            total += weight
            similarities: dict[int, float] = {}
            for known, similarity in candidates.items():
                for place in self._by_word[known]:
                    similarities[place] = max(similarities.get(place, 0.0), similarity)
            for place, similarity in similarities.items():
                sums[place] += weight * similarity
        return {place: share / total for place, share in sums.items() if share >= _MIN_SHARE * total}

    def _similar_words(self, word: str) -> dict[str, float]:
        """The list's words that ``word`` may stand for, each with a similarity from 0 to 1."""
        typos = 0 if len(word) < _ONE_TYPO_FROM else 1 if len(word) < _TWO_TYPOS_FROM else 2
        similar = {
            known: 1 - distance / len(word)
            for known, distance, _ in process.extract(
                word, self._vocabulary, scorer=OSA.distance, score_cutoff=typos, limit=None
            )
        }
        if len(word) >= _MIN_PREFIX:
            for known in self._vocabulary:
                if known.startswith(word):
                    similar[known] = max(similar.get(known, 0.0), 0.9)
        return similar


class _Name:
    """One name, in the form that is compared, and what it is a name of: a row with its portal, or a known
    organization."""

    __slots__ = ("is_operator", "joined", "portal", "source", "words")

    def __init__(
        self, text: str, source: Found | KnownName, portal: Portal | None = None, *, is_operator: bool = False
    ) -> None:
        self.source = source
        self.portal = portal
        self.is_operator = is_operator
        self.words = tuple(_words(text))
        self.joined = "".join(self.words)


def _rows(portal: Portal) -> Iterable[Found]:
    for organization in portal.organizations or (portal.operator,):
        yield Found(organization, portal.operator, portal.url, portal.country)


def _words(text: str) -> list[str]:
    """The words of a name in plain lower-case letters: no accents, no apostrophes, "st" for "Saint"."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = (_SAME.get(word, word) for word in _WORD.findall(_BLUES.sub("bcbs", plain)))
    return [word for word in words if word]
