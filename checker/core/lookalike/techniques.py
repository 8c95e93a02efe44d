"""The techniques: one small function each, and one table of them.

Each function takes one pair (a place in the host and the target it may imitate) and returns the form in which the
technique explains it, or nothing. The table is ordered from the most to the least telling, and the first technique
that explains a pair is the pair's. How strongly each form speaks is in ``data/scores.tsv``, and whatever weakens or
strengthens that for any technique (short names, another suffix, the words around the name) in ``data/guards.tsv``.
"""

from __future__ import annotations

from collections.abc import Callable

from rapidfuzz.distance import OSA

from checker.core.lookalike.forms import is_number, same_outline, shape
from checker.core.lookalike.index import Extent
from checker.core.lookalike.model import Technique
from checker.core.lookalike.pairs import Pair, Where, is_plural

__all__ = ["TECHNIQUES"]

_WITH_SUFFIX = (Extent.NAME_SUFFIX, Extent.SUB_NAME_SUFFIX)
_WITH_SUB = (Extent.SUB_NAME, Extent.SUB_NAME_SUFFIX)


def _same_letters(pair: Pair) -> bool:
    return pair.edits == 0 and pair.plain == pair.key and not pair.reordered


def _whole_name(pair: Pair) -> bool:
    return pair.where is Where.LABEL and pair.extent is Extent.NAME and pair.plain == pair.query.name


def _idn_homoglyph(pair: Pair) -> str:
    """``clevelаndclinic.org`` with a Cyrillic а; also inside longer hosts and with one more edit."""
    if pair.yours.isascii() or pair.reordered or pair.extent is Extent.CORE:
        return ""
    if pair.where is Where.INSIDE:
        return "inside"
    return "whole" if pair.edits == 0 else "misspelled"


def _embedded_host(pair: Pair) -> str:
    """``mychart.clevelandclinic.org.evil.example``."""
    if (
        pair.extent is not Extent.SUB_NAME_SUFFIX
        or pair.where is Where.LABEL
        or "-" in pair.yours.replace(pair.theirs, "")
    ):
        return ""
    return "whole" if pair.yours.count(".") == pair.theirs.count(".") else ""


def _hyphenated_host(pair: Pair) -> str:
    """``mychart-clevelandclinic-org.evil.example``, ``mychart-clevelandclinic.org``."""
    if pair.edits or pair.reordered or pair.extent not in (*_WITH_SUB, Extent.NAME_SUFFIX):
        return ""
    if pair.yours.count("-") <= pair.theirs.count("-") or pair.yours.count(".") >= pair.theirs.count("."):
        return ""
    return "whole" if pair.extent is Extent.SUB_NAME_SUFFIX else "part"


def _other_domain(pair: Pair) -> str:
    """The host's own name under another domain or suffix: ``mychart.clevelandclinic.com``."""
    if not _same_letters(pair):
        return ""
    if pair.extent is Extent.SUB_NAME and pair.yours == pair.theirs:
        return "whole"
    return ""


def _embedded_domain(pair: Pair) -> str:
    """``clevelandclinic.org.evil.example``, ``clevelandclinic.evil.example``, ``clevelandclinic.pages.example``."""
    if pair.edits or pair.reordered or pair.extent in _WITH_SUB or pair.extent is Extent.CORE:
        return ""
    if pair.where in (Where.BEFORE, Where.ACROSS) and not pair.rest:
        return "domain" if pair.extent is Extent.NAME_SUFFIX else "name"
    if (
        pair.where is Where.LABEL
        and pair.extent is Extent.NAME
        and pair.query.anyone_makes_pages
        and _same_letters(pair)
    ):
        return "page"
    return ""


def _missing_dot(pair: Pair) -> str:
    """``mychartclevelandclinic.org``, ``clevelandclinicorg.example``, ``wwwclevelandclinic.org``."""
    if pair.edits or pair.reordered or pair.extent is Extent.CORE:
        return ""
    if pair.query.glued_www and pair.where is Where.LABEL and pair.extent is Extent.NAME:
        return "whole"
    if pair.extent in (*_WITH_SUB, Extent.NAME_SUFFIX) and pair.yours.count(".") < pair.theirs.count("."):
        return "whole"
    return ""


def _moved_dot(pair: Pair) -> str:
    """``mychartcleveland.clinic.example``, ``mychart.cleveland.clinic.example``."""
    if pair.edits or pair.reordered or pair.extent is Extent.CORE or pair.where is Where.INSIDE:
        return ""
    return "whole" if "." in pair.yours and pair.yours.replace("-", "") != pair.theirs.replace("-", "") else ""


def _hyphen(pair: Pair) -> str:
    """``cleveland-clinic.org``."""
    if not _whole_name(pair) or not _same_letters(pair) or pair.yours == pair.theirs:
        return ""
    return "whole"


def _ascii_lookalike(pair: Pair) -> str:
    """``c1eve1andclinic.org``, ``kaiserperrnanente.org``: digits and letters that look like others."""
    if pair.reordered or _same_letters(pair) or pair.extent is Extent.CORE or (pair.edits and pair.rest):
        return ""
    if pair.edits:
        alike = same_outline(pair.plain, pair.key)
        several = pair.edits == 1 and OSA.distance(pair.plain, pair.key) > 1 and shape(pair.plain) == shape(pair.key)
        return "outline" if alike or several else ""
    return "whole" if pair.where is not Where.INSIDE else "inside"


def _tld_swap(pair: Pair) -> str:
    """The same name under another suffix: ``clevelandclinic.co``."""
    return "whole" if _whole_name(pair) and _same_letters(pair) and pair.other_suffix else ""


def _combosquat(pair: Pair) -> str:
    """The name with other words: ``clevelandclinic-mychart-login.example``."""
    if pair.reordered or pair.edits > 1 or not pair.rest or pair.extent in (*_WITH_SUB, Extent.NAME_SUFFIX):
        return ""
    if pair.extent is Extent.CORE or pair.edits:
        return "part"
    return "whole"


def _word_order(pair: Pair) -> str:
    """The same words in another order: ``clinicclevelandmychart.example``."""
    return "whole" if pair.reordered and _common_blocks(pair.plain, pair.key) else ""


def _common_blocks(yours: str, theirs: str) -> bool:
    """True if ``theirs`` can be cut into at most four pieces of three or more letters that make up ``yours``."""
    pieces = 0
    while yours:
        length = next((n for n in range(len(yours), 2, -1) if yours[:n] in theirs), 0)
        pieces += 1
        if not length or pieces > 4:
            return False
        theirs = theirs.replace(yours[:length], "\0", 1)
        yours = yours[length:]
    return pieces > 1


def _edit(pair: Pair) -> bool:
    return pair.edits == 1 and not pair.reordered


def _transposition(pair: Pair) -> str:
    """Two adjacent letters swapped: ``clevelnadclinic.org``."""
    yours, theirs = pair.plain, pair.key
    if not _edit(pair) or len(yours) != len(theirs):
        return ""
    apart = [i for i, (a, b) in enumerate(zip(yours, theirs, strict=True)) if a != b]
    return "whole" if len(apart) == 2 and apart[1] == apart[0] + 1 and sorted(yours) == sorted(theirs) else ""


def _number_suffix(pair: Pair) -> str:
    """A number after the name: ``clevelandclinic24.org``."""
    if pair.edits:
        return "whole" if pair.plain.rstrip("0123456789") == pair.key else ""
    return "whole" if pair.extent is Extent.NAME and pair.rest and all(map(is_number, pair.rest)) else ""


def _plural(pair: Pair) -> str:
    """A plural instead of a singular, or the other way round: ``clevelandclinics.org``."""
    return "whole" if _edit(pair) and is_plural(pair.plain, pair.key) else ""


def _repetition(pair: Pair) -> str:
    """A letter twice: ``clevellandclinic.org``."""
    yours, theirs = pair.plain, pair.key
    if not _edit(pair) or len(yours) != len(theirs) + 1:
        return ""
    twice = (i for i in range(1, len(yours)) if yours[i] == yours[i - 1] and yours[:i] + yours[i + 1 :] == theirs)
    return "whole" if any(True for _ in twice) else ""


def _omission(pair: Pair) -> str:
    """A letter left out: ``clevelandclnic.org``."""
    return "whole" if _edit(pair) and len(pair.plain) == len(pair.key) - 1 else ""


def _insertion(pair: Pair) -> str:
    """A letter added: ``clevelandclinnic.org``."""
    return "whole" if _edit(pair) and len(pair.plain) == len(pair.key) + 1 else ""


def _bitsquat(pair: Pair) -> str:
    """A letter that differs from the right one in a single bit and is not next to it on a keyboard."""
    if not _edit(pair) or len(pair.plain) != len(pair.key):
        return ""
    apart = [(a, b) for a, b in zip(pair.plain, pair.key, strict=True) if a != b]
    if len(apart) != 1:
        return ""
    (yours, theirs) = apart[0]
    one_bit = (ord(yours) ^ ord(theirs)).bit_count() == 1
    return "whole" if one_bit and yours not in _NEIGHBOURS.get(theirs, "") else ""


_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> dict[str, str]:
    """Each key's neighbours: one on either side, two above and two below (rows are shifted by half a key)."""
    near: dict[str, str] = {}
    for row, keys in enumerate(_ROWS):
        for place, key in enumerate(keys):
            above = _ROWS[row - 1][place : place + 2] if row else ""
            below = _ROWS[row + 1][max(place - 1, 0) : place + 1] if row + 1 < len(_ROWS) else ""
            near[key] = keys[max(place - 1, 0) : place] + keys[place + 1 : place + 2] + above + below
    return near


_NEIGHBOURS = _neighbours()


def _substitution(pair: Pair) -> str:
    """Another letter: ``clevalandclinic.org``."""
    return "whole" if _edit(pair) and len(pair.plain) == len(pair.key) else ""


def _two_edits(pair: Pair) -> str:
    """Two mistakes in a long name: ``cleavelandclinick.org``."""
    if pair.edits != 2 or pair.reordered or pair.plain in pair.key or pair.key in pair.plain:
        return ""
    return "whole"


TECHNIQUES: tuple[tuple[Technique, Callable[[Pair], str]], ...] = (
    (Technique.IDN_HOMOGLYPH, _idn_homoglyph),
    (Technique.EMBEDDED_HOST, _embedded_host),
    (Technique.HYPHENATED_HOST, _hyphenated_host),
    (Technique.OTHER_DOMAIN, _other_domain),
    (Technique.MISSING_DOT, _missing_dot),
    (Technique.EMBEDDED_DOMAIN, _embedded_domain),
    (Technique.MOVED_DOT, _moved_dot),
    (Technique.HYPHEN, _hyphen),
    (Technique.ASCII_LOOKALIKE, _ascii_lookalike),
    (Technique.TLD_SWAP, _tld_swap),
    (Technique.NUMBER_SUFFIX, _number_suffix),
    (Technique.COMBOSQUAT, _combosquat),
    (Technique.WORD_ORDER, _word_order),
    (Technique.PLURAL, _plural),
    (Technique.TRANSPOSITION, _transposition),
    (Technique.REPETITION, _repetition),
    (Technique.OMISSION, _omission),
    (Technique.INSERTION, _insertion),
    (Technique.BITSQUAT, _bitsquat),
    (Technique.SUBSTITUTION, _substitution),
    (Technique.TWO_EDITS, _two_edits),
)
