"""Forms of a name that are equal if two names look alike. They are keys and are never shown to anyone.

``visual``  plain letters for odd ones: ``clévelаnd`` (Cyrillic а) → ``cleveland``
``light``   letters for digits, and one thin letter for all: ``c1eve1and`` → ``cleveland`` (0→o, 1 and i→l)
``fold``    light, and one letter for pairs that look like it: ``rn``→m, ``vv``→w, ``cl``→d
``shape``   coarser: one letter for all with the same outline: b/d, c/e, g/q, m/n/r, u/v, h/lh, k/lc

Pairs are contracted, not expanded as in UTS #39 (m→rn), so that one edit stays one edit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["fold", "is_number", "light", "same_outline", "shape", "visual"]

_DIGITS = str.maketrans("01", "ol")
_LIGHT = str.maketrans("01i", "oll")
_OUTLINE = str.maketrans("01i8b9eqnrv", "oll3d6cgmmu")
_SEQUENCES = (("cl", "d"), ("dl", "d"), ("ld", "d"), ("lh", "h"), ("lc", "k"), ("uu", "w"), ("mm", "m"))


def visual(text: str, letters: Mapping[int, str]) -> str:
    """``text`` in plain letters, as the eye reads it: look-alikes replaced, accents dropped. Each character that looks
    like no plain letter becomes the same sign, which stands in no official name."""
    return text if text.isascii() else _UNLIKE.sub("\ufffd", text.translate(letters))


_UNLIKE = re.compile(r"[^\x00-\x7f]")


def light(name: str) -> str:
    """The name with digits and thin letters made equal."""
    return name.translate(_LIGHT)


def fold(name: str) -> str:
    """Light, with ``rn``, ``vv`` and ``cl`` read as ``m``, ``w`` and ``d``."""
    # The i is replaced last, because "ci" does not look like "cl": "cigna" must not be read as "dgna".
    return name.translate(_DIGITS).replace("rn", "m").replace("vv", "w").replace("cl", "d").replace("i", "l")


def shape(name: str) -> str:
    """Letters with the same outline made equal. Only for whole names; it is too coarse for parts."""
    outline = name.translate(_OUTLINE)
    for pair, letter in _SEQUENCES:
        outline = outline.replace(pair, letter)
    return outline


def same_outline(one: str, other: str) -> bool:
    """True if the names, letter by letter, differ only in letters with the same outline."""
    return one.translate(_OUTLINE) == other.translate(_OUTLINE)


def is_number(text: str) -> bool:
    """True for the digits 0 to 9 alone; other scripts' digits are letters here."""
    return text.isascii() and text.isdigit()
