"""A mail's source: its parts, in the order in which they stand.

Python's older way of reading headers is used (``compat32``). The newer one reads every header by its grammar, and some
that strangers write make it fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import compat32
from typing import NamedTuple

from checker.core.errors import AddressProblem, UnreadableAddress

__all__ = ["MailParts", "Part", "is_mail", "parts_of"]

MAX_PARTS = 100
"""Most parts of a mail; each boundary opens one more reader inside the last."""

_HEADERS = re.compile(rb"(?:[A-Za-z][A-Za-z0-9\-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}?(?=\r?\n)")
_OF_A_MAIL = re.compile(
    rb"^(?:from|received|return-path|delivered-to|mime-version|message-id):", re.IGNORECASE | re.MULTILINE
)
_LONGEST_HEADERS = 64 * 1024


class Part(NamedTuple):
    """A part that people read."""

    text: str
    is_html: bool


class MailParts(NamedTuple):
    """What a mail holds. ``clean``: besides its parts there are only pictures."""

    parts: tuple[Part, ...]
    clean: bool


def is_mail(source: bytes) -> bool:
    """True for a mail's source: it begins with headers, and one of them is a mail's."""
    headers = _HEADERS.match(source.removeprefix(b"\xef\xbb\xbf")[:_LONGEST_HEADERS])
    return headers is not None and _OF_A_MAIL.search(headers[0]) is not None


def parts_of(source: bytes) -> MailParts:
    """The parts of a mail. Raises UnreadableAddress for a mail with too many of them."""
    if source.lower().count(b"boundary") > MAX_PARTS or source.lower().count(b"message/rfc822") > MAX_PARTS:
        raise UnreadableAddress(AddressProblem.UNCLEAR)
    parts: list[Part] = []
    clean = True
    for number, part in enumerate(_leaves(message_from_bytes(source, policy=compat32)), 1):
        if number > MAX_PARTS:
            raise UnreadableAddress(AddressProblem.UNCLEAR)
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html"):
            parts.append(Part(_text_of(part), kind == "text/html"))
        else:
            clean &= kind.startswith("image/") and kind != "image/svg+xml"
    return MailParts(tuple(parts), clean)


def _leaves(mail: Mail) -> Iterator[Mail]:
    return (part for part in mail.walk() if not part.is_multipart())


def _text_of(part: Mail) -> str:
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    charset = part.get_param("charset")
    try:
        return raw.decode(charset if isinstance(charset, str) else "utf-8")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")
