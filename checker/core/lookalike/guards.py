"""What weakens or strengthens a likeness, whatever its technique.

The aim is never to accuse anyone wrongly: short names, everyday words and names that read as something else need
more evidence, while the official sub-domain in front, or a log-in word, is more evidence. Each guard is one
function; its numbers are in ``weights``.
"""

from __future__ import annotations

from collections.abc import Callable

from checker.core.lookalike import weights
from checker.core.lookalike.index import Extent, LookalikeIndex
from checker.core.lookalike.model import Technique
from checker.core.lookalike.pairs import Pair, Where
from checker.core.lookalike.weights import points

__all__ = ["is_lure", "reads_as_words", "weighed"]

_LONGEST_READ = 24
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


def weighed(technique: Technique, score: int, pair: Pair, index: LookalikeIndex) -> int:
    """The technique's score after every guard, 0 to 99."""
    return max(0, min(score + sum(guard(technique, pair, index) for guard in _GUARDS), 99))


def is_lure(word: str, index: LookalikeIndex) -> bool:
    """True for a word that phishing adds to a name, or a portal's brand."""
    return word in index.tables.lures or any(brand in word for brand in index.brands)


def _has_sub(pair: Pair) -> bool:
    return pair.extent in (Extent.SUB_NAME, Extent.SUB_NAME_SUFFIX)


def _is_misspelled(technique: Technique, pair: Pair) -> bool:
    return technique in _SPELLING or pair.edits > 0


def _is_everyday(name: str, index: LookalikeIndex) -> bool:
    return name in index.tables.words or name.removesuffix("s") in index.tables.words


def _letters(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A few letters match by chance."""
    letters = len(pair.key)
    if _has_sub(pair):
        return points(weights.SUB_AND_NAME, letters)
    if not pair.target.core:
        return _only_generic(technique, pair, index)
    if _is_misspelled(technique, pair):
        return _misspelled_letters(technique, pair)
    if technique in _LOOKALIKE and pair.where is Where.INSIDE:
        return points(weights.LOOKALIKE_INSIDE, letters)
    if technique in (*_LOOKALIKE, Technique.HYPHEN, Technique.MISSING_DOT):
        return points(weights.SAME_LOOK, letters)
    distinctive = len(pair.target.core)
    if not any(brand in pair.target.name for brand in index.brands):
        distinctive = max(distinctive, len(pair.target.name) - weights.OTHER_LETTERS)
    has_lure = pair.target.known is not None and _has_lure(pair, index)
    return points(weights.EXACT_WITH_LURE if has_lure else weights.EXACT, distinctive)


def _misspelled_letters(technique: Technique, pair: Pair) -> int:
    """Of a misspelled name the distinctive letters count; if those are intact, nearly all of them."""
    core = pair.target.core
    letters = len(core)
    if letters <= weights.INTACT_CORE and letters < len(pair.key) and core in pair.plain:
        letters = max(letters, len(pair.key) - weights.INTACT_CORE_REST)
    if technique is Technique.COMBOSQUAT:
        return points(weights.MISSPELLED_AMONG_WORDS, letters)
    if technique is Technique.TWO_EDITS:
        return points(weights.TWO_EDITS_WITH_SUB if pair.same_sub else weights.TWO_EDITS_ALONE, letters)
    if pair.same_sub:
        return points(weights.MISSPELLED_WITH_SUB, letters)
    alone = points(weights.MISSPELLED_ALONE, letters)
    return min(alone, weights.SHORT_NAME_ALONE_MOST) if len(pair.key) < weights.SHORT_NAME_ALONE else alone


def _only_generic(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A name of generic words alone (``mychart``) is recognised only as a whole, with one letter wrong."""
    if pair.extent is Extent.NAME_SUFFIX:
        return weights.GENERIC_WITH_SUFFIX
    shortest = weights.GENERIC_SHORTEST_WITH_SUB if pair.same_sub else weights.GENERIC_SHORTEST
    if pair.rest or len(pair.key) < shortest or pair.plain == pair.key or not index.core_of(pair.plain):
        return weights.NEVER
    return weights.NEVER if technique is Technique.TWO_EDITS else weights.GENERIC_MISSPELLED


def _everyday(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A name that is an everyday word, a place or a family name belongs to many."""
    core, name = pair.target.core, pair.target.name
    if not _is_everyday(core, index):
        return 0
    if _is_misspelled(technique, pair):
        return weights.EVERYDAY_MISSPELLED if core == name and not pair.same_sub else 0
    if _has_sub(pair):
        short = len(name) < weights.EVERYDAY_OTHER_DOMAIN_LETTERS
        other_domain = technique is Technique.OTHER_DOMAIN and pair.where is Where.TAIL
        return weights.EVERYDAY_OTHER_DOMAIN if short and other_domain else 0
    if pair.extent is Extent.CORE:
        return weights.EVERYDAY_CORE
    if core == name:
        return weights.EVERYDAY_WHOLE
    return points(weights.EVERYDAY_WITH_GENERIC, len(name))


def _another_word(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A misspelling that is itself a word is more likely somebody else's name."""
    if not _is_misspelled(technique, pair):
        return 0
    core = index.core_of(pair.plain)
    if core and not _is_everyday(core, index):
        return 0
    if pair.rest:
        return weights.NEVER
    return weights.ANOTHER_WORD_WITH_SUB if pair.same_sub else weights.ANOTHER_WORD


def _first_letter(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """People notice a different first letter, though less so after the official sub-domain."""
    if _is_misspelled(technique, pair) and pair.plain[0] != pair.key[0] and not pair.same_sub:
        return weights.FIRST_LETTER
    return 0


def _suffix(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """Nearly the same name under another suffix is often another organization's."""
    if not pair.other_suffix or pair.rest or pair.extent in (Extent.NAME_SUFFIX, Extent.SUB_NAME_SUFFIX):
        return 0
    if _is_misspelled(technique, pair) or technique in (Technique.ASCII_LOOKALIKE, Technique.HYPHEN):
        return weights.OTHER_SUFFIX_WITH_SUB if pair.same_sub else weights.OTHER_SUFFIX
    return 0


def _restricted(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """Only a government, a university or a health service can get such a domain."""
    if not pair.query.restricted:
        return 0
    if pair.same_sub and technique not in (Technique.TLD_SWAP, Technique.COMBOSQUAT):
        return weights.RESTRICTED_SUFFIX_WITH_SUB
    return weights.RESTRICTED_SUFFIX


def _evidence(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """The official sub-domain in front, portal and log-in words around it, a page that anyone can make."""
    if _has_sub(pair):
        return 0
    words = pair.rest
    if technique is not Technique.COMBOSQUAT:
        if pair.same_sub:
            return weights.SAME_SUB
        words += (*pair.beside, pair.query.suffix)
    elif pair.same_sub and pair.extent is Extent.NAME and not _is_everyday(pair.target.core, index):
        return weights.SAME_SUB_AMONG_WORDS
    own = {label for site in pair.target.sites for label in site.sub.split(".")}
    lures = sum(word not in own and is_lure(word, index) for word in words) + pair.query.anyone_makes_pages
    return weights.LURES[min(lures, len(weights.LURES) - 1)]


def _has_lure(pair: Pair, index: LookalikeIndex) -> bool:
    """True if anything around the name makes it a trap rather than a namesake."""
    return pair.query.anyone_makes_pages or any(is_lure(word, index) for word in (*pair.rest, *pair.beside))


def _known_name(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A known name that is not listed has namesakes; short and everyday ones need a lure beside them."""
    name = pair.target.name
    if pair.target.known is None or _has_lure(pair, index) or _is_misspelled(technique, pair):
        return 0
    inside_a_word = pair.where is Where.INSIDE and not _is_own_token(pair)
    # "medicare.insurer.example" is about the product.
    before = pair.where is Where.BEFORE and pair.extent is Extent.NAME
    has_namesakes = len(name) < weights.NAMESAKE_LETTERS or _is_everyday(name, index)
    return weights.NAMESAKE if inside_a_word or before or has_namesakes else 0


def _rest(technique: Technique, pair: Pair, index: LookalikeIndex) -> int:
    """A name among other words counts if it is long, or if those words are what phishing adds."""
    if technique is not Technique.COMBOSQUAT:
        return 0
    has_lure = any(is_lure(word, index) for word in pair.rest)
    if pair.extent is Extent.CORE and not has_lure:
        return weights.CORE_WITHOUT_LURE
    if _is_own_token(pair):
        return 0
    if not all(reads_as_words(word, index) for word in pair.rest):
        return points(weights.CUT_FROM_WORD, len(pair.key))
    return 0 if has_lure else points(weights.GLUED, len(pair.key))


def _is_own_token(pair: Pair) -> bool:
    """True if dots or hyphens set the name apart from the rest of the host."""
    return any(token.text == pair.plain for token in pair.query.tokens)


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
