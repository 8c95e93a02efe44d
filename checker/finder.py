"""Find an organization's official portal by its name, forgiving typing errors and word order.

Names are compared word by word. A word counts by how rare it is in the list: everybody is a
"health center", few are "Wacofhc". A name is found when it accounts for most of what was typed;
below that there is no answer, because a wrong portal is worse than none.
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

__all__ = ["MAX_QUERY", "MOST_FOUND", "Finder", "Found"]

MAX_QUERY = 200
"""Longest query, in characters; the longest name in the list has about 100."""
MOST_FOUND = 20

_MOST_WORDS = 12
_CLEAR_LIKENESS = 0.66
"""Share of the query's weight that a name must account for."""
_SHORTEST_RUN = 6
"""From this length on a query without blanks may begin a name: "clevelandcl"."""
_SHORTEST_PREFIX = 3
_SHORTEST_SLIP = 5
"""Shorter words must be right: one letter makes UPMC of UMC. From 8 letters on, two may be wrong."""

_APOSTROPHES = str.maketrans("", "", "'’‘`´.")
_WORD = re.compile(r"[^\W_]+")
_SAME = {"saint": "st", "saints": "st", "sts": "st", "mount": "mt", "and": "", "the": "", "of": "", "for": ""}
_BESIDES_THE_NAME = frozenset(
    "login log in sign portal patient patients account website mychart chart my online".split()
)
"""What people type beside a name. Left out when it leaves something to look for."""


@dataclass(frozen=True, slots=True)
class Found:
    """An organization and the address of its official portal. ``country`` is ISO 3166, if known."""

    organization: str
    operator: str
    url: str
    country: str | None


class Finder:
    """The names of one list, made ready once. It never changes."""

    def __init__(self, allowlist: Allowlist) -> None:
        self._brands = _BESIDES_THE_NAME.union(
            word for vendor in allowlist.vendors.values() for brand in vendor.brand_words for word in _words(brand)
        )
        self._allowlist = allowlist
        rows = {row: portal for portal in allowlist.portals for row in _rows(portal)}
        self._names = [
            _Name(row, text, portal)
            for row, portal in rows.items()
            for text in dict.fromkeys((row.organization, row.operator))
        ]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for place, name in enumerate(self._names):
            for word in set(name.words):
                self._by_word[word].append(place)
        self._vocabulary = list(self._by_word)

    def find(self, query: str, today: date) -> tuple[Found, ...]:
        """The portals whose organization or operator is clearly meant, best first, at most 20; none that is overdue."""
        words = _words(query[:MAX_QUERY])[:_MOST_WORDS]
        words = [word for word in words if word not in self._brands] or words
        if not words:
            return ()
        scores = self._by_words(words)
        run = "".join(words)
        for place, name in enumerate(self._names):
            if name.run.startswith(run) and (len(run) >= _SHORTEST_RUN or name.run == run):
                scores[place] = 1.0
        best: dict[Found, tuple[float, float, bool]] = {}
        for place, score in scores.items():
            name = self._names[place]
            if not self._allowlist.within_lease(name.portal, today):
                continue
            rank = (-score, -fuzz.ratio(run, name.run), name.is_operator)
            best[name.row] = min(rank, best.get(name.row, rank))
        return tuple(sorted(best, key=lambda row: (best[row], row.url))[:MOST_FOUND])

    def _by_words(self, words: list[str]) -> dict[int, float]:
        """Share of the query's weight that each name accounts for, where it is a clear likeness."""
        total = 0.0
        sums: dict[int, float] = defaultdict(float)
        for word in words:
            likes = self._like(word)
            nearest = min((len(self._by_word[known]) for known in likes), default=1)
            weight = math.log1p(len(self._names) / nearest)
            total += weight
            credited: dict[int, float] = {}
            for known, likeness in likes.items():
                for place in self._by_word[known]:
                    credited[place] = max(credited.get(place, 0.0), likeness)
            for place, likeness in credited.items():
                sums[place] += weight * likeness
        return {place: share / total for place, share in sums.items() if share >= _CLEAR_LIKENESS * total}

    def _like(self, word: str) -> dict[str, float]:
        """The list's words that ``word`` may stand for, with a likeness from 0 to 1."""
        slips = 0 if len(word) < _SHORTEST_SLIP else 1 if len(word) < 2 * _SHORTEST_SLIP - 2 else 2
        likes = {
            known: 1 - distance / len(word)
            for known, distance, _ in process.extract(
                word, self._vocabulary, scorer=OSA.distance, score_cutoff=slips, limit=None
            )
        }
        if len(word) >= _SHORTEST_PREFIX:
            for known in self._vocabulary:
                if known.startswith(word):
                    likes[known] = max(likes.get(known, 0.0), 0.9)
        return likes


class _Name:
    """A row under one of its names, as compared, and the portal it tells of."""

    __slots__ = ("is_operator", "portal", "row", "run", "words")

    def __init__(self, row: Found, text: str, portal: Portal) -> None:
        self.row = row
        self.portal = portal
        self.is_operator = text != row.organization
        self.words = tuple(_words(text))
        self.run = "".join(self.words)


def _rows(portal: Portal) -> Iterable[Found]:
    for organization in portal.organizations or (portal.operator,):
        yield Found(organization, portal.operator, portal.url, portal.country)


def _words(text: str) -> list[str]:
    """The words of a name in plain lower-case letters: no accents, no apostrophes, "St" for "Saint"."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = (_SAME.get(word, word) for word in _WORD.findall(plain))
    return [word for word in words if word]
