"""Words of an emergency. Whoever writes them needs a telephone, not a verdict.

A closed list in English and Spanish. A word too many costs a line of advice, so it also fires on a clinic's own
"if you have chest pain, call 911".
"""

from __future__ import annotations

import re

__all__ = ["is_urgent"]

_WORDS = (
    "chest pain|pain in my chest|heart attack|having a stroke|(?:can'?t|cannot|can not) breathe"
    "|trouble breathing|short(?:ness)? of breath|not breathing|choking|overdose[ds]?|took too many pills"
    "|suicid\\w*|kill(?:ing)? myself|end my life|want to die|hurt(?:ing)? myself|self[ -]harm"
    "|severe bleeding|bleeding (?:a lot|badly)|won'?t stop bleeding|unconscious|passed out|seizures?|anaphyla\\w*"
    "|dolor (?:de|en el) pecho|infarto|ataque (?:al corazon|cardiaco)|derrame cerebral"
    "|no (?:puedo|puede) respirar|falta de aire|me ahogo|sobredosis|suicid\\w*|matarme|quitarme la vida"
    "|quiero morir(?:me)?|hacerme dano|sangr(?:a|o) mucho|inconsciente|convulsion(?:es)?"
)
_PLAIN = str.maketrans("áéíóúüñ\u2019", "aeiouun'", "".join(map(chr, range(0x300, 0x370))))
"""Spanish letters without their accents, which may also stand behind them as characters of their own."""
_URGENT = re.compile(rf"(?<!\w)(?:{_WORDS})(?!\w)")


def is_urgent(text: str) -> bool:
    """True for a text with words of an emergency, in any case and with or without accents."""
    return _URGENT.search(" ".join(text.casefold().translate(_PLAIN).split())) is not None
