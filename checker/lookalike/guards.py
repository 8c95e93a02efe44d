"""What weakens or strengthens a likeness, whatever its technique.

The aim is to accuse nobody wrongly: short names, everyday words and names that read as something
else need more evidence; the same sub-domain or a log-in word is more evidence.
"""

from __future__ import annotations

from collections.abc import Callable

from checker.lookalike.index import Form, LookalikeIndex
from checker.lookalike.model import Technique
from checker.lookalike.pairs import Pair

__all__ = ["STRONG", "WEAK", "weighed"]

STRONG = 80
"""From here on we say "imitates" or "uses the official name": danger."""
WEAK = 50
"""From here on we say "resembles": caution. Below it nothing is said."""

_SPELLING = frozenset(
    {
        Technique.OMISSION,
        Technique.INSERTION,
        Technique.SUBSTITUTION,
        Technique.TRANSPOSITION,
        Technique.REPETITION,
        Technique.TWO_EDITS,
        Technique.BITSQUAT,
        Technique.PLURAL,
        Technique.NUMBER_SUFFIX,
    }
)


def weighed(technique: Technique, score: int, pair: Pair, index: LookalikeIndex) -> int:
    """The technique's score after every guard, 0 to 99."""
    return max(0, min(score + sum(guard(technique, pair, index) for guard in _GUARDS), 99))


def _has_sub(pair: Pair) -> bool:
    return pair.form in (Form.SUB_NAME, Form.SUB_NAME_SUFFIX)


def _short(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """Few letters are alike by chance. Of a misspelled name those count that make it distinctive."""
    if _has_sub(pair):
        return 0 if len(pair.key) >= 9 else -40
    letters = len(pair.target.core)
    if technique in _SPELLING:
        if letters <= 6 and letters < len(pair.key) and pair.target.core in pair.plain:
            letters = max(letters, len(pair.key) - 2)  # the mistake is in the common part of the name
        if technique is Technique.TWO_EDITS:
            return {9: -14, 10: -10, 11: -8}.get(letters, 0 if letters > 11 else -26)
        return _SPELLING_BY_LETTERS.get(letters, 4 if letters > 9 else -46)
    if technique in (Technique.ASCII_LOOKALIKE, Technique.IDN_HOMOGLYPH, Technique.HYPHEN, Technique.MISSING_DOT):
        return 0 if len(pair.key) >= 7 else -8 * (7 - len(pair.key))
    return {5: -12, 4: -30}.get(letters, 0 if letters > 5 else -45)


_SPELLING_BY_LETTERS = {9: 2, 8: 0, 7: -8, 6: -18, 5: -24, 4: -30, 3: -40}


def _everyday(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A name that is an everyday word, a place or a family name belongs to many."""
    words = index.tables.words
    if _has_sub(pair) or technique in _SPELLING or pair.target.core not in words:
        return 0
    if pair.target.core == pair.target.name:
        return -28
    return -10 if len(pair.target.name) >= 9 else -20


def _reads_as_words(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A misspelling that is itself a word is more likely somebody else's name."""
    if technique not in _SPELLING:
        return 0
    if index.core_of(pair.plain) in index.tables.words:
        return -10 if pair.same_sub else -22
    return 0


def _first_letter(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """People notice another first letter; where the official sub-domain stands in front, less so."""
    if technique in _SPELLING and pair.plain[0] != pair.key[0] and not pair.same_sub:
        return -12
    return 0


def _suffix(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """The same name elsewhere is often another organization's."""
    if not pair.other_suffix or pair.rest or pair.form in (Form.NAME_SUFFIX, Form.SUB_NAME_SUFFIX):
        return 0
    if technique in _SPELLING or technique in (Technique.ASCII_LOOKALIKE, Technique.HYPHEN):
        return -10 if pair.same_sub else -14
    return 0


def _restricted(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """Nobody but a government, a university or a health service gets such a domain."""
    if not pair.query.restricted:
        return 0
    if pair.same_sub and technique not in (Technique.TLD_SWAP, Technique.COMBOSQUAT):
        return -20
    return -60


def _evidence(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """The official sub-domain in front, portal and log-in words around, a page that anyone can make."""
    if _has_sub(pair):
        return 0
    if pair.same_sub:
        return 12
    count = sum(is_lure(word, index) for word in (*pair.rest, *pair.beside)) + pair.query.anyone_makes_pages
    return (0, 10, 18)[min(count, 2)]


def is_lure(word: str, index: LookalikeIndex) -> bool:
    """True for a word that phishing adds to a name, or a portal's brand."""
    return word in index.tables.lures or any(brand in word for brand in index.brands)


def _rest(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A name inside a longer word counts only when what is left are words, too."""
    if technique is not Technique.COMBOSQUAT:
        return 0
    lure = any(is_lure(word, index) for word in (*pair.rest, *pair.beside))
    if pair.form is Form.CORE and not lure:
        return -30
    hyphenated = all(token.text != pair.plain for token in pair.query.tokens)
    if hyphenated and not all(_readable(word, index) for word in pair.rest):
        return -30 if len(pair.key) < 10 else -12
    return 0


def _readable(word: str, index: LookalikeIndex) -> bool:
    """True when ``word`` is words or a number."""
    if word.isdigit() or word in index.tables.lures or word in index.generic:
        return True
    ends = {0}
    for stop in range(2, min(len(word), 30) + 1):
        if any(word[start:stop] in index.tables.words or word[start:stop] in index.generic for start in ends):
            ends.add(stop)
    return len(word) in ends


_GUARDS: tuple[Callable[[Technique, Pair, LookalikeIndex], int], ...] = (
    _short,
    _everyday,
    _reads_as_words,
    _first_letter,
    _suffix,
    _restricted,
    _evidence,
    _rest,
)
