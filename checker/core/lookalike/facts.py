"""The facts that guards are about: each is a short question about one likeness.

Whether a likeness is weakened or strengthened, and by how much, stands in ``data/guards.tsv`` in terms of these names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from checker.core.lookalike.forms import is_number
from checker.core.lookalike.index import Extent, LookalikeIndex
from checker.core.lookalike.model import Technique
from checker.core.lookalike.pairs import Pair

__all__ = ["FACTS", "OF_A_KIND", "Case", "Fact", "is_lure", "reads_as_words"]

_LONGEST_READ = 24
_INTACT_CORE = 6
"""A core this short may be intact in a misspelled name; longer ones count as they are."""
_UNSURE = 2
"""So many letters of a whole name count for nothing, because its generic words are in many names."""
_SHORTEST_CORE = 3
"""Of a name with a shorter core, every other name is one letter away."""
_SHORT_CORE = 5
_MOST_LETTERS = 9
_MOST_OF_SHORT_CORE = 6
"""So many letters of a whole name count at most; fewer if its core is short, so that it is never a danger."""
_MEMBER_LETTERS = 3
"""Members of an association are often told apart by a state's letters."""
_WITH_BRAND = 5
"""The letters that a name with a portal's brand counts as, at least: others have such names too."""
_LOOKALIKE = (Technique.ASCII_LOOKALIKE, Technique.IDN_HOMOGLYPH)
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


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One likeness: the technique that explains a pair, with the index that knows the words."""

    technique: Technique
    pair: Pair
    index: LookalikeIndex


Fact = Callable[[Case], bool | int | str]


def is_lure(word: str, index: LookalikeIndex) -> bool:
    """True for a word that phishing adds to a name, or a portal's brand."""
    return word in index.tables.lures or any(brand in word for brand in index.brands)


def _holds_lure(word: str, index: LookalikeIndex) -> bool:
    """True for a lure, and for one that other words are glued to: ``onlinepharmacy``."""
    if is_lure(word, index):
        return True
    lures = index.tables.lures
    return any(
        (word[:cut] in lures and reads_as_words(word[cut:], index))
        or (word[cut:] in lures and reads_as_words(word[:cut], index))
        for cut in range(3, min(len(word), _LONGEST_READ) - 2)
    )


def reads_as_words(word: str, index: LookalikeIndex) -> bool:
    """True if ``word`` consists of words and numbers."""
    if len(word) > _LONGEST_READ:
        return False
    ends = {0}
    for stop in range(1, len(word) + 1):
        if any(_is_word(word[start:stop], index) for start in ends):
            ends.add(stop)
    return len(word) in ends


def _is_word(text: str, index: LookalikeIndex) -> bool:
    return is_number(text) or text in index.tables.words or text in index.tables.lures or text in index.generic


def _is_everyday(name: str, index: LookalikeIndex) -> bool:
    return name in index.tables.words or name.removesuffix("s") in index.tables.words


def _misspelled(case: Case) -> bool:
    """A letter is wrong, missing or too many."""
    return case.technique in _SPELLING or case.pair.edits > 0


def _with_sub(case: Case) -> bool:
    """What is alike includes the official sub-domain."""
    return case.pair.extent in (Extent.SUB_NAME, Extent.SUB_NAME_SUFFIX)


def _same_look(case: Case) -> bool:
    """The letters look the same: only odd letters, a hyphen or a dot differ."""
    return case.technique in (*_LOOKALIKE, Technique.HYPHEN, Technique.MISSING_DOT)


def _yours_reads(case: Case) -> bool:
    """What stands in the host is made of words itself, so it may be somebody else's name."""
    return reads_as_words(case.pair.plain, case.index)


def _right_letters(case: Case) -> int:
    """How many letters of a misspelled name tell it apart.

    These are the letters of its core. If the core is intact, or if what stands in the host is not made of words, the
    whole name with one mistake is no coincidence, and nearly all its letters count.
    """
    core, key, plain = case.pair.target.core, case.pair.key, case.pair.plain
    letters = len(core)
    if letters >= len(key) - _UNSURE:
        return letters
    if letters <= _INTACT_CORE and core in plain:
        return max(letters, len(key) - _UNSURE)
    if letters < _SHORTEST_CORE or case.pair.edits > 1 or _yours_reads(case):
        return letters
    unsure = _UNSURE if len(key) > 7 else 1
    return max(letters, min(len(key) - unsure, _MOST_LETTERS if letters >= _SHORT_CORE else _MOST_OF_SHORT_CORE))


def _distinctive(case: Case) -> int:
    """How many letters of a name tell it apart: those of its core, or all but a few."""
    target = case.pair.target
    letters = len(target.core)
    if any(brand in target.name for brand in case.index.brands):
        return max(letters, _WITH_BRAND) if letters >= _SHORTEST_CORE else letters
    return max(letters, len(target.name) - _UNSURE)


def _other_member(case: Case) -> bool:
    """Both names hold an association's name, and differ in the few letters that tell its members apart."""
    yours, theirs = case.pair.plain, case.pair.key
    for word in case.index.tables.associations:
        if word in yours and word in theirs:
            ours = theirs.replace(word, "")
            if len(ours) <= _MEMBER_LETTERS and yours.replace(word, "") != ours:
                return True
    return False


def _lures(case: Case) -> int:
    """How many log-in and portal words that the official host lacks are around the name; a page that anyone can make
    counts as one."""
    pair = case.pair
    words = pair.rest
    if case.technique is not Technique.COMBOSQUAT:
        words += (*pair.beside, pair.query.suffix)
    own = {label for site in pair.target.sites for label in site.sub.split(".")}
    found = sum(word not in own and is_lure(word, case.index) for word in words)
    return found + pair.query.anyone_makes_pages


def _lure(case: Case) -> bool:
    """Anything around the name makes it a trap rather than a namesake."""
    pair = case.pair
    words = (*pair.rest, *pair.beside)
    return pair.query.anyone_makes_pages or any(_holds_lure(word, case.index) for word in words)


def _own_token(case: Case) -> bool:
    """Dots or hyphens set the name apart from the rest of the host."""
    return any(token.text == case.pair.plain for token in case.pair.query.tokens)


FACTS: dict[str, Fact] = {
    "technique": lambda case: case.technique.value,
    "where": lambda case: case.pair.where.value,
    "extent": lambda case: case.pair.extent.name.lower().replace("_", "-"),
    "misspelled": _misspelled,
    "same_look": _same_look,
    "same_spelling": lambda case: case.pair.plain == case.pair.key,
    "same_first_letter": lambda case: case.pair.plain[0] == case.pair.key[0],
    "letters": lambda case: len(case.pair.key),
    "name_letters": lambda case: len(case.pair.target.name),
    "yours_reads": _yours_reads,
    "right_letters": _right_letters,
    "distinctive": _distinctive,
    "with_sub": _with_sub,
    "same_sub": lambda case: case.pair.same_sub,
    "generic": lambda case: not case.pair.target.core,
    "brand": lambda case: case.pair.target.name in case.index.brands,
    "everyday_core": lambda case: _is_everyday(case.pair.target.core, case.index),
    "everyday_name": lambda case: _is_everyday(case.pair.target.name, case.index),
    "core_is_name": lambda case: case.pair.target.core == case.pair.target.name,
    "yours_generic": lambda case: not case.index.core_of(case.pair.plain),
    "yours_everyday": lambda case: _is_everyday(case.index.core_of(case.pair.plain), case.index),
    "other_member": _other_member,
    "known": lambda case: case.pair.target.known is not None,
    "other_suffix": lambda case: case.pair.other_suffix,
    "restricted_suffix": lambda case: case.pair.query.restricted,
    "words_around": lambda case: bool(case.pair.rest),
    "words_read": lambda case: all(reads_as_words(word, case.index) for word in case.pair.rest),
    "own_token": _own_token,
    "lures": _lures,
    "lure": _lure,
    "lure_around": lambda case: any(_holds_lure(word, case.index) for word in case.pair.rest),
}
"""Each fact by its name in ``guards.tsv``."""

OF_A_KIND = ("technique", "misspelled", "extent", "known", "same_sub", "other_suffix", "generic")
"""The facts that tell kinds of likenesses apart; they are asked for most often, and have few values."""
