"""Forms of a name that are equal when two names look alike. They are keys, never shown to anyone.

``visual``  plain letters for odd ones: ``clévelаnd`` (Cyrillic а) → ``cleveland``
``light``   digits and thin letters: ``c1eve1and`` → ``cleveland`` (0→o, 1 and i→l)
``fold``    light, with pairs of letters that look like one: ``rn``→m, ``vv``→w, ``cl``→d
``shape``   a coarser fold for letters of one outline: b/d, c/e, g/q, m/n/r, u/v, h/lh, k/lc

Pairs are contracted, not expanded as UTS #39 does (m→rn): an edit then stays one edit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

__all__ = ["fold", "light", "same_outline", "shape", "visual"]

_DIGITS = str.maketrans("01", "ol")
_LIGHT = str.maketrans("01i", "oll")
_OUTLINE = str.maketrans("01i8b9eqnrv", "oll3d6cgmmu")
_SEQUENCES = (("cl", "d"), ("dl", "d"), ("ld", "d"), ("lh", "h"), ("lc", "k"), ("uu", "w"), ("mm", "m"))


def visual(text: str, confusables: Mapping[int, str]) -> str:
    """``text`` in plain letters, as the eye reads it: accents dropped, look-alikes replaced.

    The reviewed table comes first, so that a letter such as ``ł`` or ``ø``, which has no
    decomposition, is read as what it resembles; accents are dropped before and after.
    """
    if text.isascii():
        return text
    mapped = text.translate(confusables)
    if not mapped.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", mapped) if unicodedata.category(c) not in _MARKS)
        mapped = bare.translate(confusables)
    return mapped.lower()


_MARKS = frozenset({"Mn", "Me", "Mc", "Cf"})


def light(name: str) -> str:
    """Digits and thin letters made equal."""
    return name.translate(_LIGHT)


def fold(name: str) -> str:
    """Light, with ``rn``, ``vv`` and ``cl`` read as ``m``, ``w`` and ``d``."""
    # The i becomes thin last: "ci" is no "cl", or "dyna" would read as "cigna".
    return name.translate(_DIGITS).replace("rn", "m").replace("vv", "w").replace("cl", "d").replace("i", "l")


def shape(name: str) -> str:
    """Letters of one outline made equal; for whole names only, it is too coarse for parts."""
    outline = name.translate(_OUTLINE)
    for pair, letter in _SEQUENCES:
        outline = outline.replace(pair, letter)
    return outline


def same_outline(one: str, other: str) -> bool:
    """True when the names differ only in letters of one outline, letter by letter."""
    return one.translate(_OUTLINE) == other.translate(_OUTLINE)
