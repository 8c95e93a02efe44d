"""Finds an organization's official portal by name; typos and any word order are fine.

An organization that we know without a portal to send people to is found by its names, too, with its website.

A name or alias that is exactly the query comes first, then one that differs in its spaces ("UCHealth", "UC Health");
no country is preferred. Names are compared word by word. The rarer a word is in the list, the more it counts: many
names contain "health center", few "Wacofhc". A name matches when it accounts for most of the query; otherwise there is
no answer, because a wrong portal is worse than none.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
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
"""The name that many insurers share; people write BCBS, or leave out the shield."""
_BLUE = re.compile(r"\bblue(?=(?:cross|shield)\b)")
_FILLER = frozenset("login log in sign portal patient patients account website mychart chart my online".split())
"""Words that people type along with a name. They are ignored, unless nothing else is left to search for."""


_Rank = tuple[int, float, float, bool]
"""How a name is written, its share of the query, its likeness, and whether it is only the operator's: least is best."""


@dataclass(frozen=True, slots=True)
class Found:
    """An organization and the address of its official portal. ``country`` is ISO 3166, if known.

    ``listed`` is false where we have no portal to send people to; ``url`` is then the organization's website, or None
    if we can send people to none. ``overdue`` says that a portal is listed and nobody has confirmed it lately.
    """

    organization: str
    operator: str
    url: str | None
    country: str | None
    listed: bool = True
    overdue: bool = False


class Finder:
    """An index of the names of one list. It never changes."""

    def __init__(self, allowlist: Allowlist) -> None:
        self._filler = _FILLER.union(
            word for vendor in allowlist.vendors.values() for brand in vendor.brand_words for word in _words(brand)
        )
        self._allowlist = allowlist
        rows = {row: portal for portal in allowlist.portals for row in _rows(portal)}
        self._names = [
            _Name(form, row, portal, is_operator=text != row.organization)
            for row, portal in rows.items()
            for text in dict.fromkeys((row.organization, row.operator))
            for form in _forms(text)
        ]
        self._names += [
            _Name(form, known)
            for known in allowlist.names
            for text in (known.name, *known.words)
            for form in _forms(text)
        ]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for place, name in enumerate(self._names):
            for word in set(name.words):
                self._by_word[word].append(place)
        self._vocabulary = list(self._by_word)

    def find(self, query: str, today: date) -> tuple[Found, ...]:
        """The organizations that clearly match, best first, at most 20. None comes with the address of an overdue
        portal: it comes with its website then, as a known organization without a portal does."""
        words = list(dict.fromkeys(_words(query[:MAX_QUERY])))[:_MAX_WORDS]
        words = [word for word in words if word not in self._filler] or words
        if not words:
            return ()
        scores = self._scores_by_words(words)
        joined = "".join(words)
        for place, name in enumerate(self._names):
            if name.joined.startswith(joined) and (len(joined) >= _MIN_JOINED or name.joined == joined):
                scores[place] = 1.0
        best: dict[Found, _Rank] = {}
        first: dict[str, Found] = {}
        for place, score in sorted(scores.items()):  # portals' own names stand first
            name = self._names[place]
            row = self._row(name, today)
            if row is None:
                continue
            if row.url is not None:
                row = first.get(row.url, row) if name.portal is None else row
                first.setdefault(row.url or "", row)
            spelling = 0 if list(name.words) == words else 1 if name.joined == joined else 2
            rank = (spelling, -score, -fuzz.ratio(joined, name.joined), name.is_operator)
            best[row] = min(rank, best.get(row, rank))
        listed = {row.organization for row in best if row.listed}
        rows: dict[tuple[str, str | None], Found] = {}
        for row in sorted(best, key=lambda row: (best[row], row.url or "", row.organization)):
            if not (row.overdue and row.organization in listed):
                rows.setdefault((row.organization, row.url), row)
        return tuple(rows.values())[:MAX_FOUND]

    def _row(self, name: _Name, today: date) -> Found | None:
        """What to show for a name today; None if nothing of it is official any more."""
        allowlist, source, portal = self._allowlist, name.source, name.portal
        if isinstance(source, Found):
            if portal is None or allowlist.within_lease(portal, today):
                return source
            website = self._website(portal, today)
            return replace(source, url=website, listed=False, overdue=True)
        listed = allowlist.portal_of(source)
        if listed is not None and allowlist.hands_out(listed.url, today):
            return Found(source.name, listed.operator.name, listed.url, listed.site.country)
        found = Found(
            source.name, source.name, source.website, source.country, listed=False, overdue=listed is not None
        )
        if allowlist.hands_out(source.website, today):
            return found
        return replace(found, url=None, overdue=True) if allowlist.is_active(source.website) else None

    def _website(self, portal: Portal, today: date) -> str | None:
        """The website of the operator whose own portal this is, if we know one to which people may be sent."""
        allowlist = self._allowlist
        domain = allowlist.split_host(portal.host).registrable_domain
        operator = allowlist.operator_of(domain or "")
        site = allowlist.known_site(portal.host, domain)
        if operator is None or operator.home is None or portal.url != operator.home.url or site is None:
            return None
        website = site.known.website if site.known is not None else None
        return website if website is not None and allowlist.hands_out(website, today) else None

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


def _forms(text: str) -> Iterable[str]:
    """The name, and without the shield if it is one of many that share both: "Blue Cross Minnesota"."""
    return dict.fromkeys(
        (text, _BLUES.sub("blue cross", text.casefold())) if _BLUES.search(text.casefold()) else (text,)
    )


def _words(text: str) -> list[str]:
    """The words of a name in plain lower-case letters: no accents, no apostrophes, "st" for "Saint"."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = (_SAME.get(word, word) for word in _WORD.findall(_BLUE.sub("blue ", _BLUES.sub("bcbs", plain))))
    return [word for word in words if word]
