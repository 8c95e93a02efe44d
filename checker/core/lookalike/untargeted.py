"""Techniques without a single target: a portal vendor's word, and misleading characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from rapidfuzz.distance import OSA

from checker.core.lookalike.facts import is_lure, reads_as_words
from checker.core.lookalike.forms import fold, visual
from checker.core.lookalike.index import LookalikeIndex, deletions
from checker.core.lookalike.model import Imitation, Technique
from checker.core.lookalike.query import Query
from checker.core.reason import ReasonCode
from checker.core.url import WebUrl

__all__ = ["UNTARGETED"]

_SHORTEST_WHOLE_SCRIPT = 3
_CROSSING, _LONGEST = 6, 16
"""The shortest and longest words that may hold a part of a brand."""
_CJK = {"Han", "Hiragana", "Katakana", "Bopomofo", "Hangul"}
_WRITTEN_TOGETHER = (
    frozenset({"Latin", "Han", "Hiragana", "Katakana"}),
    frozenset({"Latin", "Han", "Bopomofo"}),
    frozenset({"Latin", "Han", "Hangul"}),
)
"""The writing systems that one word may mix: the "Highly Restrictive" level of UTS #39, section 5.2."""


def _vendor_name(url: WebUrl, query: Query, index: LookalikeIndex) -> Imitation | None:
    """A portal's brand anywhere in the host: ``mychart-health.org``."""
    for first, last, text in query.joined_labels:
        folded = fold(text)
        for brand, key in index.brands.items():
            if (brand in text and not _is_in_words(text, brand, index)) or (brand not in text and key in folded):
                others = [token.text for token in query.tokens if token.text != brand]
                more = any(is_lure(word, index) for word in others) + query.anyone_makes_pages
                score = _score(Technique.VENDOR_NAME, index) + more * _score(Technique.VENDOR_NAME, index, "more")
                return _vendor(Technique.VENDOR_NAME, score, query, first, last, brand)
    return None


def _is_in_words(text: str, brand: str, index: LookalikeIndex) -> bool:
    """True if a longer word begins or ends inside the brand: ``charters`` in ``mycharters``, ``academy`` in
    ``academychart``."""
    start, words = text.index(brand), index.tables.words
    stop = start + len(brand)
    crosses_end = (text[i:j] for i in range(start + 1, stop) for j in range(stop + 2, min(i + _LONGEST, len(text)) + 1))
    crosses_start = (text[i:j] for i in range(max(0, stop - _LONGEST), start) for j in range(start + 1, stop))
    return any(len(w) >= _CROSSING and w in words for w in crosses_end) or any(
        len(w) >= _CROSSING and w in words for w in crosses_start
    )


def _vendor_name_typo(url: WebUrl, query: Query, index: LookalikeIndex) -> Imitation | None:
    """A portal's brand with one mistake, between dots or hyphens: ``mychrat-login.org``."""
    for place, token in enumerate(query.tokens):
        if len(token.text) < 6 or len(token.text) > 40:
            continue
        for key in deletions(token.text):
            brand = index.brand_edits.get(key)
            if brand and OSA.distance(token.text, brand) == 1 and not reads_as_words(token.text, index):
                return _vendor(
                    Technique.VENDOR_NAME_TYPO, _score(Technique.VENDOR_NAME_TYPO, index), query, place, place, brand
                )
    return None


def _vendor(technique: Technique, score: int, query: Query, first: int, last: int, brand: str) -> Imitation:
    yours = query.shown[query.tokens[first].start : query.tokens[last].stop]
    return Imitation(ReasonCode.PORTAL_NAME_UNLISTED, technique, score, yours=yours, theirs=brand)


def _invisible_characters(url: WebUrl, query: Query, index: LookalikeIndex) -> Imitation | None:
    """Characters that nobody sees, such as a soft hyphen or a direction mark."""
    for text in filter(None, (url.typed_host, query.shown)):
        if not text.isascii() and not index.tables.invisible.isdisjoint(text):
            return _misleading(Technique.INVISIBLE_CHARACTERS, index)
    return None


def _invalid_punycode(url: WebUrl, query: Query, index: LookalikeIndex) -> Imitation | None:
    """A label that looks like encoded Unicode but cannot be decoded: ``xn--example-``."""
    if "xn--" in query.shown:
        return _misleading(Technique.INVALID_PUNYCODE, index)
    return None


def _mixed_script(url: WebUrl, query: Query, index: LookalikeIndex) -> Imitation | None:
    """One label in two writing systems that no language mixes, such as Latin and Cyrillic."""
    for label in _odd_labels(query):
        scripts = _scripts(label, index)
        if len(scripts) > 1 and not any(scripts <= together for together in _WRITTEN_TOGETHER):
            return _misleading(Technique.MIXED_SCRIPT, index)
    return None


def _whole_script(url: WebUrl, query: Query, index: LookalikeIndex) -> Imitation | None:
    """A label in foreign letters that all look Latin, under a suffix where that script is unusual: ``сӏіпіс.org``."""
    top = query.suffix.rpartition(".")[2]
    for label in _odd_labels(query):
        scripts = _scripts(label, index)
        if len(scripts) != 1 or len(label) < _SHORTEST_WHOLE_SCRIPT or top.startswith("xn--"):
            continue
        (script,) = scripts
        home = index.tables.script_suffixes.get(script, frozenset())
        if script == "Latin" or script in _CJK or top in home:
            continue
        if visual(label, index.tables.letters).isascii():
            return _misleading(Technique.WHOLE_SCRIPT, index)
    return None


def _odd_labels(query: Query) -> list[str]:
    """The labels before the suffix that are not in ASCII."""
    if query.shown.isascii():
        return []
    return [label for label in query.shown.split(".")[: query.own_labels] if not label.isascii()]


def _scripts(label: str, index: LookalikeIndex) -> set[str]:
    """The writing systems of a label's letters, without the marks and digits that many systems share."""
    scripts: set[str] = set()
    for character in label:
        place = bisect_right(index.script_starts, ord(character)) - 1
        if place >= 0:
            _, last, script = index.tables.scripts[place]
            if ord(character) <= last:
                scripts.add(script)
    return scripts


def _score(technique: Technique, index: LookalikeIndex, form: str = "whole") -> int:
    return index.tables.scores.get((technique, form), 0)


def _misleading(technique: Technique, index: LookalikeIndex) -> Imitation:
    return Imitation(ReasonCode.MISLEADING_CHARACTERS, technique, _score(technique, index))


UNTARGETED: tuple[Callable[[WebUrl, Query, LookalikeIndex], Imitation | None], ...] = (
    _vendor_name,
    _vendor_name_typo,
    _invisible_characters,
    _invalid_punycode,
    _mixed_script,
    _whole_script,
)
