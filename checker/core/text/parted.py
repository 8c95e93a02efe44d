"""Host names that are split over several words: what stands between and beside the words of a text.

A person, an address bar or a linkifier may join what ``str.split`` separates. If that could give another host name, the
text is *torn*, and nothing in it is verified.
"""

from __future__ import annotations

import html
import re

from checker.core.text.shapes import has_name, stripped

__all__ = ["IDNA_DOTS", "begins_with_dot", "continues", "grows", "holds_reference", "is_torn"]

_PARTED = frozenset("com net org gov edu mil".split())
_PARTED_IF_SMALL = frozenset(
    "info biz io xyz uk health care clinic hospital ai us ca eu online site website shop store app link click top live"
    " page pages web dev cloud".split()
)
"""Endings that a blank may have parted from their name: ``evil. com``. Some are words that begin sentences."""
_LITTLE_WORDS = frozenset("al am as at be by de do es in is it la me my ni no re se si so su to tu va ve".split())
"""Two-letter words of English and Spanish that begin sentences and are endings of names as well."""
_ABBREVIATED = frozenset("av. avda. c. dr. dra. sr. sra. srta. st. ave. dpto. depto. hosp. tel. núm. no.".split())
_GROWS = re.compile(r"[^\w\s.,;:!?()\[\]<>\"'/*_\u2019\u201d\u2026\u203a\u3001\u3002\u300d\u300f\u3011\uff00-\uffef]")
"""A sign that linkifiers take for a letter of the host in front of it: ``portal.example.org★``."""
_IPV6 = re.compile(r"\[[0-9A-Fa-f:]*(?:::|(?::[0-9A-Fa-f]+){7})[0-9A-Fa-f:.]*\]")
_SAYS_DOT = frozenset({"dot", "punto"})
_LEFT_DEFANGED = re.compile(r"[\[({<]\s*(?:\.|dot|punto)\s*[\])}>]", re.IGNORECASE)
"""A dot in brackets that stands in no address: ``evil [.] com``."""
_ODD_BLANK = re.compile(r"(?:https?://|(?<![\w.])www\.)[^\s/?#]{0,253}[^\S \t\n][^ \t\n]{0,200}[@.]\w", re.IGNORECASE)
"""A blank behind a host that is none to some Markdown programs: the name goes on behind it."""
_REFERENCE = re.compile(r"&(?:#[0-9xX]|(?!amp;|nbsp;|quot;|apos;)[A-Za-z][A-Za-z0-9]*;)")
"""A character reference, which a Markdown or HTML program shows as something else: ``evil&period;com``."""
IDNA_DOTS = frozenset(".\u3002\uff0e\uff61")
_BEHIND_A_DOT = "\"'”’)]}*_~`>»…"
_FIRST_LABEL = re.compile(r"[^\W_]+")


def is_torn(text: str) -> bool:
    """True for a text that holds a dot in brackets, an odd blank behind a host, or an IPv6 address."""
    return any(shape.search(text) is not None for shape in (_IPV6, _LEFT_DEFANGED, _ODD_BLANK))


def holds_reference(text: str) -> bool:
    """True for a text with a character reference that some program would show as something else."""
    return any(map(_is_reference, _REFERENCE.findall(text)))


def _is_reference(written: str) -> bool:
    return written[1] == "#" or html.unescape(written) != written


def begins_with_dot(chunk: str, word: str, names: frozenset[str]) -> bool:
    """True for what could be the end of a name: ``.com``, or a name of signs, ``♥.com``."""
    lead = chunk[: chunk.index(word)] if word else ""
    if not lead or lead[-1] not in IDNA_DOTS:
        return False
    if lead[-2:-1] in IDNA_DOTS:
        return continues(".", word, names)
    return word[0].isalpha() if len(lead) == 1 else has_name("a." + word, names)


def continues(previous: str, word: str, names: frozenset[str]) -> bool:
    """True where two words could be one name: ``evil. com``, ``(evil.) com``, ``evil dot com``."""
    start = _FIRST_LABEL.match(word) if previous else None
    if start is None or start[0].lower() not in names:
        return False
    first, behind = start[0], word[start.end() : start.end() + 1]
    if previous.rstrip(_BEHIND_A_DOT)[-1:] not in IDNA_DOTS:
        return stripped(previous).lower() in _SAYS_DOT
    if first.lower() in _PARTED or first in _PARTED_IF_SMALL or (behind and behind in "/?#:"):
        return True
    # A country's ending, where it is no word and follows no abbreviation: "evil. ru", not "yes. it", "Av. de".
    if len(first) != 2 or not first.islower():
        return False
    return first not in _LITTLE_WORDS or (first == "de" and previous.lower() not in _ABBREVIATED)


def grows(chunk: str, word: str, names: frozenset[str]) -> bool:
    """True where a sign beside ``word``, which was stripped off, could be a letter of its host to some program."""
    if not word or word == chunk:
        return False
    if word.lower() in ("http", "https", "www"):
        return True  # to an address bar, the host comes behind the line's end
    start, end = chunk.index(word), chunk.rindex(word) + len(word)
    if "@" in word and chunk[end : end + 1] == "?":
        return True  # to an address bar, what stands in front of an @ is a user name
    before, behind = chunk[:start], _GROWS.match(chunk, end) if word[-1].isalnum() else None
    if behind is None and not (before.endswith(("_", "-")) and "://" not in word):
        return False
    if behind is not None and "/" in word.rpartition("//")[2]:
        return False  # behind a path these signs change nothing
    return has_name(word, names)
