"""Reason codes and levels. They are published, so they are only ever added to (docs/design.md, section 5).

Reasons of one level are shown in the order of ``ReasonCode``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Level", "NoteCode", "Reason", "ReasonCode"]


class Level(StrEnum):
    """How serious a warning is. *danger*: do not enter anything. *caution*: we cannot confirm the address."""

    CAUTION = "caution"
    DANGER = "danger"


class ReasonCode(StrEnum):
    """Why an address gets a warning."""

    IMITATES_OFFICIAL = "imitates-official"
    OFFICIAL_NAME_ELSEWHERE = "official-name-elsewhere"
    MISLEADING_CHARACTERS = "misleading-characters"
    CREDENTIALS_IN_ADDRESS = "credentials-in-address"
    IP_ADDRESS = "ip-address"
    NOT_A_WEB_ADDRESS = "not-a-web-address"
    SHOWS_ANOTHER_ADDRESS = "shows-another-address"
    RETIRED_PORTAL = "retired-portal"
    OPERATOR_SITE = "operator-site"
    PORTAL_NAME_UNLISTED = "portal-name-unlisted"
    RESEMBLES_OFFICIAL = "resembles-official"
    USES_KNOWN_NAME = "uses-known-name"
    VENDOR_PORTAL = "vendor-portal"
    KNOWN_SITE = "known-site"
    NOT_HTTPS = "not-https"
    UNUSUAL_PORT = "unusual-port"
    SHARED_HOSTING = "shared-hosting"
    HIDDEN_DESTINATION = "hidden-destination"
    LISTING_OVERDUE = "listing-overdue"
    NOT_LISTED = "not-listed"


class NoteCode(StrEnum):
    """Something a person should know besides the verdict; a note never changes it.

    ``UNCLEAR_TEXT`` is about a message: something else in it could be an address.
    """

    SHARED_BY_ORGANIZATIONS = "shared-by-organizations"
    CLINIC_NOT_IDENTIFIED = "clinic-not-identified"
    CARRIES_ANOTHER_ADDRESS = "carries-another-address"
    WORDS_NOT_LINK = "words-not-link"
    UNCLEAR_TEXT = "unclear-text"


DANGER_CODES = frozenset(
    {
        ReasonCode.IMITATES_OFFICIAL,
        ReasonCode.OFFICIAL_NAME_ELSEWHERE,
        ReasonCode.MISLEADING_CHARACTERS,
        ReasonCode.CREDENTIALS_IN_ADDRESS,
        ReasonCode.IP_ADDRESS,
        ReasonCode.NOT_A_WEB_ADDRESS,
        ReasonCode.SHOWS_ANOTHER_ADDRESS,
        ReasonCode.RETIRED_PORTAL,
    }
)
"""Codes that are a danger by themselves; all others are a caution. The browser extension gets them from here."""

_ORDER = {code: place for place, code in enumerate(ReasonCode)}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a warning, usually at its code's own level. Only danger codes can be softened: odd
    characters that lead to a listed host are a caution (docs/design.md, section 5). Raises ValueError for a
    caution code at the level *danger*."""

    code: ReasonCode
    level: Level

    @classmethod
    def of(cls, code: ReasonCode) -> Reason:
        """The reason at its code's own level."""
        return cls(code, Level.DANGER if code in DANGER_CODES else Level.CAUTION)

    def __post_init__(self) -> None:
        if self.level is Level.DANGER and self.code not in DANGER_CODES:
            raise ValueError(f"{self.code} is never a danger")

    @property
    def rank(self) -> tuple[bool, int]:
        """Sort key: danger first, then the published order of codes."""
        return (self.level is not Level.DANGER, _ORDER[self.code])
