"""A checked host, split into tokens and converted to the forms that are looked up."""

from __future__ import annotations

from dataclasses import dataclass

import ada_url

from checker.core.lookalike.forms import visual
from checker.core.lookalike.index import LookalikeIndex
from checker.core.reference import HostParts

__all__ = ["MAX_TOKENS", "Query", "Token", "read"]

Joined = tuple[tuple[int, int, str], ...]
"""First token, last token and text of each label, without its hyphens."""

MAX_TOKENS = 24
"""Tokens that are examined, counted from the right: the part next to the suffix tells who owns the host."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a host between dots and hyphens.

    ``text`` is in plain letters. ``start`` and ``stop`` delimit the piece in the shown host, where it may be in
    other characters. ``label`` is the number of its label, counted from the left.
    """

    text: str
    label: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What is known about a host before anything is looked up.

    ``shown`` is the host with its A-labels decoded; ``own_labels`` is the number of labels before the suffix. The
    following are in plain letters and without ``www``: ``name`` is the registrable label without hyphens, ``sub``
    the labels before it, and ``tokens`` the pieces of both. ``label_begins`` is the index of the registrable
    label's first token; ``joined_labels`` is each label without hyphens, with its first and last token.
    ``domain`` is the registrable domain. ``anyone_makes_pages``: the suffix is a hosting platform. ``restricted``:
    only vetted bodies can register under the suffix. ``glued_www``: the host begins with ``www`` without a dot.
    """

    host: str
    shown: str
    own_labels: int
    name: str
    sub: str
    tokens: tuple[Token, ...]
    label_begins: int
    joined_labels: Joined
    suffix: str
    domain: str | None
    anyone_makes_pages: bool
    restricted: bool
    glued_www: bool


def read(host: str, index: LookalikeIndex, parts: HostParts | None = None) -> Query:
    """Split ``host`` (lower-case ASCII, as a browser opens it) at its suffix, dots and hyphens."""
    parts = parts or index.allowlist.split_host(host)
    suffix, domain, free = parts.suffix, parts.registrable_domain, parts.suffix_is_private
    if not free and (platform := _platform(host, index)):
        suffix, domain, free = platform, host, True
    shown = _decoded(host)
    count = host.count(".") - suffix.count(".") if suffix else host.count(".") + 1
    pieces = shown.split(".")[:count]
    start = 0
    if len(pieces) > 1 and pieces[0] == "www":
        start, pieces = 4, pieces[1:]
    glued = bool(pieces) and len(pieces[0]) > 7 and pieces[0].startswith("www") and pieces[0][3] != "-"
    if glued:
        start, pieces = start + 3, [pieces[0][3:], *pieces[1:]]
    tokens, joined = _tokens(pieces, start, index)
    restricted = index.tables.restricted
    return Query(
        host,
        shown,
        count,
        joined[-1][2] if joined else "",
        ".".join(visual(piece, index.tables.letters) for piece in pieces[:-1]),
        tokens,
        joined[-1][0] if joined else 0,
        joined,
        suffix,
        domain,
        free,
        suffix in restricted or suffix.rpartition(".")[2] in restricted,
        glued,
    )


def _tokens(pieces: list[str], start: int, index: LookalikeIndex) -> tuple[tuple[Token, ...], Joined]:
    """The last tokens of the labels ``pieces``, which begin at ``start`` in the shown host, and the joined labels."""
    tokens: list[Token] = []
    for number, piece in enumerate(pieces):
        for part in piece.split("-"):
            if text := visual(part, index.tables.letters):
                tokens.append(Token(text, number, start, start + len(part)))
            start += len(part) + 1
    del tokens[:-MAX_TOKENS]
    joined: list[tuple[int, int, str]] = []
    for place, token in enumerate(tokens):
        if place and tokens[place - 1].label == token.label:
            first, _, text = joined[-1]
            joined[-1] = first, place, text + token.text
        else:
            joined.append((place, place, token.text))
    return tuple(tokens), tuple(joined)


def _platform(host: str, index: LookalikeIndex) -> str | None:
    """The platform that ``host`` is a sub-domain of, by the list's policy; anyone can use a name below it."""
    platforms = index.allowlist.policy.platforms
    above = host.partition(".")[2]
    while above:
        if above in platforms:
            return above
        above = above.partition(".")[2]
    return None


def _decoded(host: str) -> str:
    if "xn--" not in host:
        return host
    # An A-label that cannot be decoded stays as it is; the invalid-punycode technique looks for that.
    decoded: str = ".".join(ada_url.idna_to_unicode(label) or label for label in host.split("."))
    return decoded
