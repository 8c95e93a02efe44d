"""The words of this package: techniques, what a search answers, and the tables it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from checker.allowlist import KnownName
from checker.reason import ReasonCode

__all__ = ["Attempt", "Conflict", "Imitation", "Tables", "Technique"]


class Technique(StrEnum):
    """How a host comes to look like another one; published, so only ever added to."""

    EMBEDDED_HOST = "embedded-host"
    EMBEDDED_DOMAIN = "embedded-domain"
    HYPHENATED_HOST = "hyphenated-host"
    MISSING_DOT = "missing-dot"
    MOVED_DOT = "moved-dot"
    OTHER_DOMAIN = "other-domain"
    TLD_SWAP = "tld-swap"
    IDN_HOMOGLYPH = "idn-homoglyph"
    ASCII_LOOKALIKE = "ascii-lookalike"
    HYPHEN = "hyphen"
    OMISSION = "omission"
    INSERTION = "insertion"
    SUBSTITUTION = "substitution"
    TRANSPOSITION = "transposition"
    REPETITION = "repetition"
    TWO_EDITS = "two-edits"
    BITSQUAT = "bitsquat"
    COMBOSQUAT = "combosquat"
    WORD_ORDER = "word-order"
    PLURAL = "plural"
    NUMBER_SUFFIX = "number-suffix"
    VENDOR_NAME = "vendor-name"
    VENDOR_NAME_TYPO = "vendor-name-typo"
    WHOLE_SCRIPT = "whole-script"
    MIXED_SCRIPT = "mixed-script"
    INVISIBLE_CHARACTERS = "invisible-characters"
    INVALID_PUNYCODE = "invalid-punycode"


@dataclass(frozen=True, slots=True)
class Imitation:
    """What a host imitates, and how we can tell.

    ``host`` is the official host, or None for a vendor's word, for characters without a target,
    for known names and where two official hosts tie. ``score`` is 0 to 100. ``yours`` is the part
    of the checked address and ``theirs`` the official one that it is compared with;
    ``differs_at`` are the indexes into ``yours`` of the characters that differ.
    """

    kind: ReasonCode
    technique: Technique
    score: int
    host: str | None = None
    operator: str | None = None
    yours: str | None = None
    theirs: str | None = None
    differs_at: tuple[int, ...] = ()
    known: KnownName | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One technique tried on a host: its best score (0: did not fire) and what it was about."""

    technique: Technique
    score: int
    target: str | None = None
    yours: str | None = None
    theirs: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two list entries of which one, were it not listed, would be accused of imitating the other."""

    domain: str
    host: str
    imitates: str
    technique: Technique
    score: int


@dataclass(frozen=True, slots=True)
class Tables:
    """Facts about letters and words, read from ``checker/data`` by ``checker.tables``.

    ``confusables``: one character to the plain letters it looks like. ``scripts``: first and last
    code point and the writing system, in order. ``words``: common words, among them places and
    family names. ``generic``: words that many health organizations share. ``lures``: words that
    phishing adds to a name. ``restricted``: suffixes that only vetted bodies can register under.
    ``script_suffixes``: writing system to the suffixes at home in it.
    """

    confusables: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    scripts: tuple[tuple[int, int, str], ...] = ()
    words: frozenset[str] = frozenset()
    generic: frozenset[str] = frozenset()
    lures: frozenset[str] = frozenset()
    restricted: frozenset[str] = frozenset()
    script_suffixes: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
