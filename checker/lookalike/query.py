"""A checked host, cut up and brought into the forms that are looked up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import ada_url

from checker.lookalike import forms
from checker.lookalike.index import LookalikeIndex

__all__ = ["MAX_TOKENS", "Query", "Token", "read"]

MAX_TOKENS = 40
"""Tokens that are looked at, from the right: the part nearest the suffix says who owns the host."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a host between dots and hyphens; ``start`` is its place in the shown host.

    ``label`` counts the labels from the left. ``text`` is in plain letters; the same piece in the
    shown host may be in other characters, but ``stop`` ends it there.
    """

    text: str
    label: int
    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Query:
    """What is known about a host before anything is looked up.

    ``shown`` is the host with its A-labels decoded. ``labels`` are the plain letters of every label
    left of the suffix, the registrable one last; ``www`` in front is left out. ``own_labels`` counts
    the labels left of the suffix.
    """

    host: str
    shown: str
    labels: tuple[str, ...]
    suffix: str
    domain: str | None
    anyone_makes_pages: bool
    restricted: bool
    tokens: tuple[Token, ...]
    own_labels: int
    glued_www: bool

    @property
    def label(self) -> str:
        """The registrable label in plain letters."""
        return self.labels[-1] if self.labels else ""

    @cached_property
    def name(self) -> str:
        """The registrable label without hyphens."""
        return self.label.replace("-", "")

    @cached_property
    def sub(self) -> str:
        """The labels left of the registrable one, without ``www``."""
        return ".".join(self.labels[:-1])

    @cached_property
    def label_begins(self) -> int:
        """The first token of the registrable label."""
        last = len(self.labels) - 1
        return next((i for i, token in enumerate(self.tokens) if token.label == last), 0)

    @cached_property
    def joined_labels(self) -> tuple[tuple[int, int, str], ...]:
        """Each label without its hyphens, with its first and last token."""
        places: dict[int, list[int]] = {}
        for place, token in enumerate(self.tokens):
            places.setdefault(token.label, []).append(place)
        return tuple(
            (found[0], found[-1], "".join(self.tokens[place].text for place in found)) for found in places.values()
        )


def read(host: str, index: LookalikeIndex) -> Query:
    """Cut ``host`` (lower-case ASCII, as a browser opens it) along the suffix list and its marks."""
    parts = index.allowlist.split_host(host)
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
    labels: list[str] = []
    tokens: list[Token] = []
    for number, piece in enumerate(pieces):
        labels.append(forms.visual(piece, index.tables.confusables))
        for part in piece.split("-"):
            if part:
                text = labels[-1] if part == piece else forms.visual(part, index.tables.confusables)
                tokens.append(Token(text, number, start, start + len(part)))
            start += len(part) + 1
    return Query(
        host,
        shown,
        tuple(labels),
        suffix,
        domain,
        free,
        suffix in index.tables.restricted or suffix.rpartition(".")[2] in index.tables.restricted,
        tuple(tokens[-MAX_TOKENS:]),
        count,
        glued,
    )


def _platform(host: str, index: LookalikeIndex) -> str | None:
    """The platform of the list's policy that ``host`` is a sub-domain of: its left labels are anyone's."""
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
    # An A-label that does not decode stays as it is; that is a finding of its own.
    decoded: str = ".".join(ada_url.idna_to_unicode(label) or label for label in host.split("."))
    return decoded
