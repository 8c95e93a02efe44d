"""Reference data that is passed to the core, which never loads it: the suffix list, letters, words and wrappers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from checker.core.wrapper import Wrappers

__all__ = ["Condition", "GuardRow", "HostParts", "SplitHost", "Tables"]


class HostParts(NamedTuple):
    """A host split by the Public Suffix List: ``mychart`` . ``clevelandclinic`` . ``org``."""

    subdomain: str
    domain: str
    suffix: str
    suffix_is_private: bool

    @property
    def registrable_domain(self) -> str | None:
        """Public suffix plus one label, or None if there is none (``localhost``, ``co.uk``)."""
        return f"{self.domain}.{self.suffix}" if self.domain and self.suffix else None


SplitHost = Callable[[str], HostParts]
"""Splits a parsed host by the Public Suffix List; passed in because the list is a file."""


class Condition(NamedTuple):
    """What a guard asks about a likeness: whether a fact is one of the values, or is not."""

    fact: str
    allowed: frozenset[str | bool] | range
    negated: bool


class GuardRow(NamedTuple):
    """One row of a guard (``data/guards.tsv``): the points it adds if all its conditions hold."""

    conditions: tuple[Condition, ...]
    points: int


@dataclass(frozen=True, slots=True)
class Tables:
    """Facts about letters and words, read from ``checker/data`` by ``checker.lists.tables``.

    ``letters``: a character's code point to the plain letters that the eye reads, none for a mark. ``invisible``:
    characters that nobody sees. ``scripts``: first and last code
    point and the writing system, in order. ``words``: common words, including places and family names.
    ``generic``: words that many health organizations share. ``lures``: words that phishing adds to a name.
    ``restricted``: suffixes that only vetted bodies can register under. ``script_suffixes``: a writing system to
    the suffixes where it is normal. ``top_level``: the last labels of all public suffixes, in lower case, both in
    Unicode and as A-labels; text that ends in one of them could be a host. ``wrappers``: the services that put their
    own host in front of another address. ``associations``: names that the members of an association share.
    ``scores``: a look-alike technique and the form in which it explains a likeness to its score. ``guards``: what
    weakens or strengthens a likeness; of each guard the first row that holds counts.
    """

    letters: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    invisible: frozenset[str] = frozenset()
    scripts: tuple[tuple[int, int, str], ...] = ()
    words: frozenset[str] = frozenset()
    generic: frozenset[str] = frozenset()
    lures: frozenset[str] = frozenset()
    restricted: frozenset[str] = frozenset()
    script_suffixes: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    top_level: frozenset[str] = frozenset()
    wrappers: Wrappers = field(default_factory=Wrappers)
    associations: frozenset[str] = frozenset()
    scores: Mapping[tuple[str, str], int] = field(default_factory=lambda: MappingProxyType({}))
    guards: tuple[tuple[GuardRow, ...], ...] = ()
