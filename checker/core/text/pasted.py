"""What comes before reading a pasted text: line ends, what cannot be seen, and what was made unclickable."""

from __future__ import annotations

import re
from typing import NamedTuple

from checker.core.text.markdown import AUTOLINK
from checker.core.text.shapes import has_name

__all__ = ["EDGE", "UNSEEN", "Pasted", "Seen", "is_html", "prepared", "with_line_feeds", "without_unseen"]

_TURNING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ZERO_WIDTH = "\u200b-\u200d\u2060\ufeff"
UNSEEN = re.compile(f"[{_TURNING}{_ZERO_WIDTH}]+")
_TURNS = re.compile(f"[{_TURNING}]")
_LEFT_BEHIND = re.compile(r"[\u200b-\u200e\ufeff\u202a\u202c\u2068\u2069]+\Z")
"""What honest programs leave at the edges of words: around copied telephone numbers, in chats."""
_WORD_END = re.compile(r"[,;:!?)\]]*(?:\s|\Z)")
_UNREADABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2028\u2029\u2061-\u2065"
    "\u206a-\u206f\u3164\uffa0\ufff0-\ufffc\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff]"
)
EDGE = "".join(map(chr, range(0x21))) + "\x7f\u00a0\u3000"
_DEFANGED_DOT = re.compile(r"(?<=\w)(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\))(?=\w)", re.IGNORECASE)
_DEFANGED_COLON = re.compile(r"\[(:|://)\]")
_DEFANGED_SCHEME = re.compile(r"(?<![A-Za-z0-9])hxxp(?=s?:)", re.IGNORECASE)


class Pasted(NamedTuple):
    """A text ready to be read: ``clean`` is False where something in it was not understood, ``changed`` True where
    something was left out or put back. ``turned`` and ``turned_nearby`` are those of a ``Reading``."""

    text: str
    clean: bool
    turned: bool
    turned_nearby: bool
    defanged: bool
    changed: bool


def prepared(text: str, names: frozenset[str]) -> Pasted:
    """Make a text ready. ``names``: the last labels that could be opened, lower-case."""
    text = with_line_feeds(text)
    clean = _UNREADABLE.search(text) is None
    text = written = text.strip(EDGE)
    turned = turned_nearby = False
    if not text.isascii() and UNSEEN.search(text) is not None:
        turned = any(_TURNS.search(word) and _may_be_address(UNSEEN.sub("", word), names) for word in text.split())
        if not is_html(text):  # inside a tag one of them makes another tag: nothing vanishes there
            seen = without_unseen(text)
            clean &= seen.clean
            turned_nearby = seen.turned
            text = seen.text.strip(EDGE)
    plain = _DEFANGED_SCHEME.sub("http", _DEFANGED_COLON.sub(r"\1", _DEFANGED_DOT.sub(".", text)))
    defanged = plain != text
    if defanged:
        # Half a name in plain dots is a name of its own to some readers: ``health-hub.org[.]au``.
        pieces = (
            piece
            for word in text.split()
            if "[" in word or "(" in word or "{" in word
            for piece in _DEFANGED_DOT.split(word)
            if piece != word
        )
        clean &= not any(has_name(piece.rpartition("//")[2].partition("/")[0], names) for piece in pieces)
    return Pasted(plain, clean, turned, turned_nearby, defanged, changed=plain != written)


def with_line_feeds(text: str) -> str:
    """The text with LF for every line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _may_be_address(word: str, names: frozenset[str]) -> bool:
    return "://" in word or has_name(word, names)


class Seen(NamedTuple):
    """A text without what cannot be seen. ``clean``: all of it stood where honest programs leave it; otherwise
    ``turned`` says whether it changes the direction of text."""

    text: str
    clean: bool
    turned: bool


def without_unseen(text: str) -> Seen:
    """Leave out invisible characters at the edges of words and inside emoji, and all that change the direction."""
    clean = True
    turned = False

    def put(run: re.Match[str]) -> str:
        nonlocal clean, turned
        before, after = text[max(0, run.start() - 1) : run.start()], text[run.end() : run.end() + 1]
        at_edge = not before or before.isspace() or _WORD_END.match(text, run.end()) is not None
        if at_edge and _LEFT_BEHIND.match(run[0]) is not None:
            return ""
        if run[0] == "\u200d" and not before.isalnum() and not after.isalnum() and not (before + after).isascii():
            return ""
        clean = False
        turns = _TURNS.search(run[0]) is not None
        turned |= turns
        return "" if at_edge or turns else run[0]

    return Seen(UNSEEN.sub(put, text), clean, turned)


_MARKUP_SIGN = re.compile(r"<(?=[A-Za-z/!?])")


def is_html(text: str) -> bool:
    """True for a text with a tag or a comment in it; an address in angle brackets is neither."""
    return _MARKUP_SIGN.search(text) is not None and _MARKUP_SIGN.search(AUTOLINK.sub("", text)) is not None
