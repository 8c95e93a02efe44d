"""The verdict: a pure function of the address, what the list knows, and today's date (DESIGN 5).

*Verified* is earned by exact membership alone. Everything else only explains a warning.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from checker.core.allowlist import Allowlist, Match, MatchKind
from checker.core.lookalike import Imitation, Technique
from checker.core.reason import Level, NoteCode, Reason, ReasonCode
from checker.core.url import WebUrl

__all__ = ["Findings", "Judgement", "Official", "Shown", "Verdict", "conditions", "judge", "judge_other"]


class Verdict(StrEnum):
    """The answer in one word."""

    VERIFIED = "verified"
    WARNING = "warning"


class Official(NamedTuple):
    """The right place to go, whenever one is known."""

    name: str
    url: str


class Shown(NamedTuple):
    """The address that the words of a link show, when the link opens somebody else's site.

    ``organization``: whose address it is, by the list or by the names known beside it; None when nobody knows it.
    ``official``: the right place for it, where there is one.
    """

    host: str
    organization: str | None
    official: Official | None

    @property
    def is_known(self) -> bool:
        """True where we know whose address the words show."""
        return self.organization is not None


class Findings(NamedTuple):
    """What steps 1 to 3 found out about one web address.

    ``typed`` is False for a browser's own address, whose characters the browser has already mapped.
    ``hidden_by`` is the shortener or mail gateway that keeps the destination to itself.
    ``carries_another_address``: the query holds an address that is not on the list.
    ``shown``: what the words of the link show instead. ``turned``: characters that change the direction of text
    stand right beside the address.
    """

    url: WebUrl
    match: Match | None = None
    imitation: Imitation | None = None
    typed: bool = True
    shared_hosting: bool = False
    hidden_by: str | None = None
    carries_another_address: bool = False
    shown: Shown | None = None
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict with its reasons (worst first) and notes; ``official`` is None when unknown."""

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    notes: tuple[NoteCode, ...] = ()
    official: Official | None = None

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.WARNING) != bool(self.reasons):
            raise ValueError("a warning has reasons; a verified result has none")
        if self.verdict is Verdict.VERIFIED and self.official is not None:
            raise ValueError("a verified address is its own right place")

    @property
    def is_verified(self) -> bool:
        """True for *verified*: what has no reason against it."""
        return not self.reasons

    @property
    def level(self) -> Level | None:
        """The level of the worst reason; None for *verified*."""
        return self.reasons[0].level if self.reasons else None


def judge_other() -> Judgement:
    """The judgement on an address that opens no web page."""
    return Judgement(Verdict.WARNING, (Reason.of(ReasonCode.NOT_A_WEB_ADDRESS),))


def judge(found: Findings, allowlist: Allowlist, today: date) -> Judgement:
    """Decide. *Verified* has to be earned; any other way through ends in a warning with reasons."""
    match = found.match
    if match is not None and _is_earned(found, allowlist, today):
        notes = _notes(found, match)
        return Judgement(Verdict.VERIFIED, (), notes) if notes else _VERIFIED
    listed = _is_listed(found)
    reasons = [*_address_reasons(found, listed)]
    if match is not None:
        reasons += _match_reasons(found.url, match, allowlist, today)
    if not listed:
        reasons += _name_reasons(found)
    reasons.sort(key=lambda reason: reason.rank)
    if not reasons:
        reasons = [Reason.of(ReasonCode.NOT_LISTED)]
    official = _meant(found, allowlist)
    if official is not None and not allowlist.hands_out(official.url, today):
        official = None
    return Judgement(Verdict.WARNING, tuple(reasons), (), official)


_VERIFIED = Judgement(Verdict.VERIFIED)


def _is_listed(found: Findings) -> bool:
    return found.match is not None and found.match.is_active


def _is_within_lease(found: Findings, allowlist: Allowlist, today: date) -> bool:
    return found.match is not None and found.match.is_active and allowlist.within_lease(found.match, today)


def _is_plainly_typed(found: Findings) -> bool:
    return not (found.turned or (found.typed and found.url.typed_host is not None))


_CONDITIONS: tuple[tuple[str, Callable[[Findings, Allowlist, date], bool]], ...] = (
    ("the scheme is https", lambda found, _list, _today: found.url.scheme == "https"),
    ("the port is the default", lambda found, _list, _today: found.url.port is None),
    ("no user name or password", lambda found, _list, _today: not found.url.has_credentials),
    ("the host is an active portal's", lambda found, _list, _today: _is_listed(found)),
    ("its lease, grace included, runs", _is_within_lease),
    ("the host was typed in plain characters", lambda found, _list, _today: _is_plainly_typed(found)),
    ("the words show no other address", lambda found, _list, _today: found.shown is None),
)
"""All that *verified* needs (DESIGN 5), in the order in which it is told."""


def _is_earned(found: Findings, allowlist: Allowlist, today: date) -> bool:
    return all(holds(found, allowlist, today) for _, holds in _CONDITIONS)


def conditions(found: Findings, allowlist: Allowlist, today: date) -> tuple[tuple[str, bool], ...]:
    """Each condition of *verified*, and whether it holds: for people who ask why."""
    return tuple((sentence, holds(found, allowlist, today)) for sentence, holds in _CONDITIONS)


def _address_reasons(found: Findings, listed: bool) -> list[Reason]:
    """What the address itself gives away, listed or not."""
    url = found.url
    reasons: list[Reason] = []
    if url.has_credentials:
        reasons.append(Reason.of(ReasonCode.CREDENTIALS_IN_ADDRESS))
    if url.is_ip:
        reasons.append(Reason.of(ReasonCode.IP_ADDRESS))
    elif (url.typed_host is not None and found.typed) or found.turned:
        if listed:
            reasons.append(Reason(ReasonCode.MISLEADING_CHARACTERS, Level.CAUTION))
        elif found.turned or not _is_own_spelling(url):
            reasons.append(Reason.of(ReasonCode.MISLEADING_CHARACTERS))
    if found.shown is not None:
        harmful = found.shown.is_known and not listed
        level = Level.DANGER if harmful else Level.CAUTION
        reasons.append(Reason(ReasonCode.SHOWS_ANOTHER_ADDRESS, level))
    return reasons


def _is_own_spelling(url: WebUrl) -> bool:
    """True where the typed host is simply the host in its own script: ``münchen.example``."""
    typed = unicodedata.normalize("NFC", (url.typed_host or "").lower()).removesuffix(".")
    return typed == url.unicode_host


def _match_reasons(url: WebUrl, match: Match, allowlist: Allowlist, today: date) -> list[Reason]:
    if match.kind is MatchKind.RETIRED:
        return [Reason.of(ReasonCode.RETIRED_PORTAL)]
    if match.kind is MatchKind.OPERATOR_SITE:
        return [Reason.of(ReasonCode.OPERATOR_SITE)]
    reasons: list[Reason] = []
    if url.scheme != "https":
        reasons.append(Reason.of(ReasonCode.NOT_HTTPS))
    if url.port is not None:
        reasons.append(Reason.of(ReasonCode.UNUSUAL_PORT))
    if not allowlist.within_lease(match, today):
        reasons.append(Reason.of(ReasonCode.LISTING_OVERDUE))
    return reasons


_ODD_LETTERS = frozenset(
    {Technique.IDN_HOMOGLYPH, Technique.WHOLE_SCRIPT, Technique.MIXED_SCRIPT, Technique.INVISIBLE_CHARACTERS}
)


def _name_reasons(found: Findings) -> list[Reason]:
    """What an unlisted host's name and place tell."""
    codes: set[ReasonCode] = set()
    if found.imitation is not None:
        codes.add(found.imitation.kind)
        if found.imitation.technique in _ODD_LETTERS:
            codes.add(ReasonCode.MISLEADING_CHARACTERS)
    if found.shared_hosting:
        codes.add(ReasonCode.SHARED_HOSTING)
    if found.hidden_by is not None:
        codes.add(ReasonCode.HIDDEN_DESTINATION)
    return [Reason.of(code) for code in codes]


def _meant(found: Findings, allowlist: Allowlist) -> Official | None:
    """The place that is meant: what the words show, the address's own portal, where it moved, or what it resembles."""
    match, imitation, shown = found.match, found.imitation, found.shown
    if shown is not None and shown.is_known:
        return shown.official
    if match is not None and match.kind is MatchKind.RETIRED:
        moved_to = match.site.retired.moved_to if match.site.retired else None
        return Official(match.operator.name, moved_to) if moved_to else None
    if match is not None:
        return Official(match.name, match.url)
    if imitation is not None and imitation.known is not None:
        return Official(imitation.known.name, imitation.known.website)
    if imitation is not None and imitation.host is not None:
        home = allowlist.home_of(imitation.host)
        return Official(home.name, home.url) if home is not None else None
    return None


def _notes(found: Findings, match: Match) -> tuple[NoteCode, ...]:
    notes: tuple[NoteCode, ...] = ()
    if not match.mounted:
        notes = (NoteCode.CLINIC_NOT_IDENTIFIED,)
    elif len(match.site.organizations) > 1:
        notes = (NoteCode.SHARED_BY_ORGANIZATIONS,)
    if found.carries_another_address:
        notes += (NoteCode.CARRIES_ANOTHER_ADDRESS,)
    return notes
