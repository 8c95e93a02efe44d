"""The types of this package: techniques, and the results of a search."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from checker.core.known import KnownName
from checker.core.reason import ReasonCode

__all__ = ["Attempt", "Conflict", "Imitation", "Technique"]


class Technique(StrEnum):
    """How one host comes to look like another. Published, so only ever added to."""

    EMBEDDED_HOST = "embedded-host"
    EMBEDDED_DOMAIN = "embedded-domain"
    CONTINUED_DOMAIN = "continued-domain"
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

    ``host`` is the official host, or None for a vendor's word, for odd characters without a target, for known
    names, and if two official hosts tie. ``score`` is 0 to 100. ``yours`` is part of the checked address and
    ``theirs`` the official text that it is compared with; ``differs_at`` holds the indexes into ``yours`` of the
    characters that differ.
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
    """One technique applied to a host: its best score (0 if it did not fire) and what was compared."""

    technique: Technique
    score: int
    target: str | None = None
    yours: str | None = None
    theirs: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A listed host that would be accused of imitating another entry if it were not listed.

    ``imitates`` is the other host, or None if several tie; ``kind`` is what people would be told.
    """

    domain: str
    host: str
    kind: ReasonCode
    imitates: str | None
    technique: Technique
    score: int
