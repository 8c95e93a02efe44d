"""What makes an HTML parser slow, found in one pass before a parser sees it.

Lexbor looks through all open elements at many tags, and through all attributes of a tag at each new one. Some bodies of
256 KiB keep it busy for seconds. So the steps that it could take are counted, never too few, and markup with too many
of them is not read.
"""

from __future__ import annotations

import re

__all__ = ["MAX_STEPS", "steps"]

MAX_STEPS = 2_500_000
"""About 30 ms of the parser's time at worst. Elements nested 2,000 deep take 2,000,000 steps; letters that people
forward to each other, some 100,000."""

_MAX_TAGS = 20_000
_STEPS_AN_ATTRIBUTE = 4
_TOO_MANY = MAX_STEPS + 1

_SPACE = r"[\t\n\f\r ]"
_ATTRIBUTES = rf"""(?:(?:{_SPACE}|/)*+[^\t\n\f\r />][^\t\n\f\r />=]*+
    (?:{_SPACE}*+={_SPACE}*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r >"'][^\t\n\f\r >]*+)?)?)*+"""
_TOKEN = re.compile(
    rf"""<!--(?:-?>|.*?(?:--!?>|\Z))
      | <(?:[!?]|/(?![A-Za-z]))[^>]*+
      | <(?P<raw>(?i:style|title|textarea|xmp|iframe|noembed|noframes))(?={_SPACE}|[/>])
        (?P<raw_attributes>{_ATTRIBUTES})(?:{_SPACE}|/)*+>.*?(?:</(?i:(?P=raw))(?={_SPACE}|[/>])|\Z)
      | <(?P<close>/?)(?P<name>[A-Za-z][^\t\n\f\r />]*+)(?P<attributes>{_ATTRIBUTES})""",
    re.VERBOSE | re.DOTALL,
)
"""A comment, what counts as one, an element whose content is text, or a tag; as the HTML Standard cuts them."""
_WORD = re.compile(r"[^\t\n\f\r />]++")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_IMPLIED = frozenset("p li dd dt option optgroup td th tr tbody thead tfoot colgroup caption rp rt".split())
"""Their end tags may be left out."""
_UNSURE = re.compile(r"<(?:svg|math|select|frameset|plaintext|template|script)", re.IGNORECASE)
"""Inside them other rules tell text from tags."""
_START = re.compile(r"<[A-Za-z]")
_SHARED = frozenset({"html", "body"})
"""Each of their tags adds its attributes to one element."""


def steps(markup: str) -> int:
    """How many steps a parser may take at most; more than ``MAX_STEPS`` where the count was given up."""
    if markup.count("<") > 2 * _MAX_TAGS:
        return _TOO_MANY
    if _UNSURE.search(markup) is not None:
        return _steps_at_most(markup)
    count, shared = 0, 0
    opened: list[str] = []
    for token in _TOKEN.finditer(markup):
        name = (token["name"] or token["raw"] or "").lower()
        if not name:
            continue
        if token["close"]:
            count += 1 if _closes(opened, name) else len(opened)
        else:
            if name not in _VOID and not token["raw"]:
                opened.append(name)
            attributes = len(_WORD.findall(token["attributes"] or token["raw_attributes"] or ""))
            if name in _SHARED:
                attributes = shared = shared + attributes
            count += _STEPS_AN_ATTRIBUTE * attributes * attributes + len(opened) + 1
        if count > MAX_STEPS:
            return _TOO_MANY
    return count


def _steps_at_most(markup: str) -> int:
    """The same where nobody has to know what is a tag: all that looks like one is, and none is ever closed."""
    pieces = _START.split(markup)
    if len(pieces) > _MAX_TAGS:
        return _TOO_MANY
    attributes = (len(_WORD.findall(piece.partition(">")[0])) for piece in pieces)
    return len(pieces) ** 2 // 2 + sum(_STEPS_AN_ATTRIBUTE * number**2 for number in attributes)


def _closes(opened: list[str], name: str) -> bool:
    """Take the element from the open ones if it is the last one, but for those whose end tags may be left out."""
    last = len(opened)
    while last and opened[last - 1] != name and opened[last - 1] in _IMPLIED:
        last -= 1
    if not last or opened[last - 1] != name:
        return False
    del opened[last - 1 :]
    return True
