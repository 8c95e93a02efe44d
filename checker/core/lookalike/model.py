"""The words of this package: techniques, and what a search answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from checker.core.allowlist import KnownName
from checker.core.reason import ReasonCode

__all__ = ["Attempt", "Conflict", "Imitation", "Technique"]


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
    """A listed host that would be accused of a likeness to another entry, were it not listed.

    ``imitates`` is the other host, None where several tie; ``kind`` what people would be told.
    """

    domain: str
    host: str
    kind: ReasonCode
    imitates: str | None
    technique: Technique
    score: int
