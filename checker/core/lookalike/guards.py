"""What weakens or strengthens a likeness, whatever its technique.

The aim is to accuse nobody wrongly: short names, everyday words and names that read as something
else need more evidence; the official sub-domain in front or a log-in word is more evidence.
The numbers were tuned on one half of the list and measured on the other (``benchmarks/lookalike``).
"""

from __future__ import annotations

from collections.abc import Callable

from checker.core.lookalike.index import Form, LookalikeIndex
from checker.core.lookalike.model import Technique
from checker.core.lookalike.pairs import Pair, Where

__all__ = ["STRONG", "WEAK", "is_lure", "reads_as_words", "weighed"]

STRONG = 80
"""From here on we say "imitates" or "uses the official name": danger."""
WEAK = 50
"""From here on we say "resembles": caution. Below it nothing is said."""

_NEVER = -99
_LONGEST_READ = 24
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
    }
)


def weighed(technique: Technique, score: int, pair: Pair, index: LookalikeIndex) -> int:
    """The technique's score after every guard, 0 to 99."""
    return max(0, min(score + sum(guard(technique, pair, index) for guard in _GUARDS), 99))


def is_lure(word: str, index: LookalikeIndex) -> bool:
    """True for a word that phishing adds to a name, or a portal's brand."""
    return word in index.tables.lures or any(brand in word for brand in index.brands)


def _has_sub(pair: Pair) -> bool:
    return pair.form in (Form.SUB_NAME, Form.SUB_NAME_SUFFIX)


def _is_misspelled(technique: Technique, pair: Pair) -> bool:
    return technique in _SPELLING or pair.edits > 0


def _is_everyday(name: str, index: LookalikeIndex) -> bool:
    return name in index.tables.words or name.removesuffix("s") in index.tables.words


def _letters(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """Few letters are alike by chance."""
    if _has_sub(pair):
        return 0 if len(pair.key) >= 9 else -40
    core = pair.target.core
    if not core:
        return _only_generic(technique, pair, index)
    if _is_misspelled(technique, pair):
        return _misspelled_letters(technique, pair)
    if technique in (Technique.ASCII_LOOKALIKE, Technique.IDN_HOMOGLYPH) and pair.where is Where.INSIDE:
        return 0 if len(pair.key) >= 8 else -50
    if technique in (Technique.ASCII_LOOKALIKE, Technique.IDN_HOMOGLYPH, Technique.HYPHEN, Technique.MISSING_DOT):
        return min(0, 8 * (len(pair.key) - 7))
    letters = len(core)
    if not any(brand in pair.target.name for brand in index.brands):
        letters = max(letters, len(pair.target.name) - 3)
    if pair.target.known is not None and _lures(pair, index):
        return {5: -8, 4: -12, 3: -20}.get(letters, 0 if letters > 5 else -45)
    return {5: -12, 4: -30}.get(letters, 0 if letters > 5 else -45)


def _misspelled_letters(technique: Technique, pair: Pair) -> int:
    """Of a misspelled name those letters count that make it distinctive; all of them, when those are intact."""
    letters = len(pair.target.core)
    if letters <= 6 and letters < len(pair.key) and pair.target.core in pair.plain:
        letters = max(letters, len(pair.key) - 2)
    if technique is Technique.COMBOSQUAT:
        return 0 if letters >= 8 else -40
    if technique is Technique.TWO_EDITS:
        if letters < 10 and not (pair.same_sub and letters >= 7):
            return -60
        return {7: -18, 8: -14, 9: -12, 10: -10, 11: -8}.get(letters, 0)
    if not pair.same_sub and (letters == 5 or (letters > 8 and len(pair.key) < 12)):
        return -34 if letters == 5 else -3  # alone, only a mistake in a long name is more than a resemblance
    return {9: 0, 8: -3, 7: -8, 6: -18, 5: -24, 4: -34, 3: -42}.get(letters, 4 if letters > 9 else -46)


def _only_generic(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A name of common words alone (``mychart``) is only recognised whole, with one letter wrong."""
    if pair.form is Form.NAME_SUFFIX:
        return -10
    too_short = len(pair.key) < (8 if pair.same_sub else 12)
    if pair.rest or too_short or pair.plain == pair.key or not index.core_of(pair.plain):
        return _NEVER
    return _NEVER if technique is Technique.TWO_EDITS else -6


def _everyday(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A name that is an everyday word, a place or a family name belongs to many."""
    if not _is_everyday(pair.target.core, index):
        return 0
    if _is_misspelled(technique, pair):
        return -20 if pair.target.core == pair.target.name and not pair.same_sub else 0
    if _has_sub(pair):
        short = len(pair.target.name) < 14
        return -10 if short and technique is Technique.OTHER_DOMAIN and pair.where is Where.TAIL else 0
    if pair.form is Form.CORE:
        return -26
    if pair.target.core == pair.target.name:
        return -28
    return 0 if len(pair.target.name) >= 14 else -10 if len(pair.target.name) >= 9 else -20


def _another_word(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A misspelling that is itself a word is more likely somebody else's name."""
    if not _is_misspelled(technique, pair):
        return 0
    core = index.core_of(pair.plain)
    if core and not _is_everyday(core, index):
        return 0
    if pair.rest:
        return _NEVER
    return -10 if pair.same_sub else -22


def _first_letter(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """People notice another first letter; where the official sub-domain stands in front, less so."""
    if _is_misspelled(technique, pair) and pair.plain[0] != pair.key[0] and not pair.same_sub:
        return -24
    return 0


def _suffix(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """Much the same name under another suffix is often another organization's."""
    if not pair.other_suffix or pair.rest or pair.form in (Form.NAME_SUFFIX, Form.SUB_NAME_SUFFIX):
        return 0
    if _is_misspelled(technique, pair) or technique in (Technique.ASCII_LOOKALIKE, Technique.HYPHEN):
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
    words = pair.rest
    if technique is not Technique.COMBOSQUAT:
        if pair.same_sub:
            return 12
        words += (*pair.beside, pair.query.suffix)
    elif pair.same_sub and pair.form is Form.NAME and not _is_everyday(pair.target.core, index):
        return 18
    own = {label for site in pair.target.sites for label in site.sub.split(".")}
    count = sum(word not in own and is_lure(word, index) for word in words) + pair.query.anyone_makes_pages
    return (0, 10, 18)[min(count, 2)]


def _lures(pair: Pair, index: LookalikeIndex) -> bool:
    """True when anything around the name makes it a trap rather than a namesake."""
    return pair.query.anyone_makes_pages or any(is_lure(word, index) for word in (*pair.rest, *pair.beside))


def _known_name(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A name that is known, not listed, has namesakes: short and everyday ones need a lure beside them."""
    if pair.target.known is None or _lures(pair, index) or _is_misspelled(technique, pair):
        return 0
    inside = pair.where is Where.INSIDE and all(token.text != pair.plain for token in pair.query.tokens)
    before = pair.where is Where.BEFORE and pair.form is Form.NAME  # "medicare.insurer.example" is about the product
    return -40 if inside or before or len(pair.target.name) < 5 or _is_everyday(pair.target.name, index) else 0


def _rest(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A name among other words counts when it is long, or when those words are what phishing adds."""
    if technique is not Technique.COMBOSQUAT:
        return 0
    lures = any(is_lure(word, index) for word in pair.rest)
    if pair.form is Form.CORE and not lures:
        return -40
    if all(token.text != pair.plain for token in pair.query.tokens):
        if not all(reads_as_words(word, index) for word in pair.rest):
            return -30 if len(pair.key) < 10 else -12
        if len(pair.key) < 7 and not lures:
            return -24
    return 0


def reads_as_words(word: str, index: LookalikeIndex) -> bool:
    """True when ``word`` is made of words, or a number."""
    if len(word) > _LONGEST_READ:
        return False
    ends = {0}
    for stop in range(1, len(word) + 1):
        if any(_is_word(word[start:stop], index) for start in ends):
            ends.add(stop)
    return len(word) in ends


def _is_word(text: str, index: LookalikeIndex) -> bool:
    return text.isdigit() or text in index.tables.words or text in index.tables.lures or text in index.generic


_GUARDS: tuple[Callable[[Technique, Pair, LookalikeIndex], int], ...] = (
    _letters,
    _everyday,
    _another_word,
    _first_letter,
    _suffix,
    _restricted,
    _evidence,
    _known_name,
    _rest,
)
