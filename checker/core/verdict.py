"""The verdict: a pure function of the address, what the list knows and today's date (docs/design.md, section 5).

Only exact membership earns *verified*. Everything else merely explains a warning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from checker.core.allowlist import Allowlist, Match, MatchKind
from checker.core.known import KnownName, KnownSite
from checker.core.lookalike import Imitation, Technique
from checker.core.reason import Level, NoteCode, Reason, ReasonCode
from checker.core.url import WebUrl
from checker.core.wrapper import Hidden

__all__ = [
    "Facts",
    "Judgement",
    "Official",
    "Shown",
    "Verdict",
    "conditions",
    "judge",
    "judge_other",
    "meant_by",
    "official_of",
    "place_of",
]


class Verdict(StrEnum):
    """The answer in one word."""

    VERIFIED = "verified"
    WARNING = "warning"


class Official(NamedTuple):
    """The right place to go, whenever one is known."""

    name: str
    url: str


class Shown(NamedTuple):
    """The address shown in a link's text, when the link itself opens somebody else's site.

    ``organization``: whose address it is, according to the list or the known names; None if unknown.
    ``official``: the right place for that organization, if there is one.
    """

    host: str
    organization: str | None
    official: Official | None

    @property
    def is_known(self) -> bool:
        """True if we know whose address the text shows."""
        return self.organization is not None


class Facts(NamedTuple):
    """Everything the verdict on one web address is based on.

    ``typed`` is False for an address from a browser's address bar, whose characters are already normalized.
    ``hidden`` is the shortener, mail gateway or tracker that may lead to another place than ``url``.
    ``carries_another_address``: the query holds an address that is not on the list.
    ``shown``: the other address that the link's text shows. ``turned``: characters that change the direction
    of text stand right next to the address; ``turned_nearby``: elsewhere in the text. ``known``: whose unlisted
    host it is. ``among_words``: the address stood among other words of plain text.
    """

    url: WebUrl
    match: Match | None = None
    imitation: Imitation | None = None
    typed: bool = True
    shared_hosting: bool = False
    hidden: Hidden | None = None
    carries_another_address: bool = False
    shown: Shown | None = None
    turned: bool = False
    turned_nearby: bool = False
    known: KnownSite | None = None
    among_words: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict with its reasons (worst first) and notes. ``official`` is None if no right place is known.

    Raises ValueError for a warning without reasons, and for *verified* with a reason or an official place.
    """

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
        """True for *verified*, which has no reason against it."""
        return not self.reasons

    @property
    def level(self) -> Level | None:
        """The level of the worst reason; None for *verified*."""
        return self.reasons[0].level if self.reasons else None


def judge_other() -> Judgement:
    """The judgement on an address that opens no web page."""
    return Judgement(Verdict.WARNING, (Reason.of(ReasonCode.NOT_A_WEB_ADDRESS),))


def judge(facts: Facts, allowlist: Allowlist, today: date) -> Judgement:
    """Decide. *Verified* has to be earned; every other path ends in a warning with reasons."""
    match = facts.match
    if match is not None and _is_earned(facts, allowlist, today):
        notes = _notes(facts, match)
        return Judgement(Verdict.VERIFIED, (), notes) if notes else _VERIFIED
    listed = _is_listed(facts)
    reasons = _address_reasons(facts, listed)
    if match is not None:
        reasons += _match_reasons(facts.url, match, allowlist, today)
    if not listed:
        reasons += _name_reasons(facts)
    reasons.sort(key=lambda reason: reason.rank)
    if not reasons:
        reasons = [Reason.of(ReasonCode.NOT_LISTED)]
    official = _right_place(facts, allowlist, today)
    if official is not None and not allowlist.hands_out(official.url, today):
        official = None
    return Judgement(Verdict.WARNING, tuple(reasons), (), official)


_VERIFIED = Judgement(Verdict.VERIFIED)


def _is_listed(facts: Facts) -> bool:
    return facts.match is not None and facts.match.is_active


def _is_within_lease(facts: Facts, allowlist: Allowlist, today: date) -> bool:
    return facts.match is not None and facts.match.is_active and allowlist.within_lease(facts.match, today)


def _is_plainly_typed(facts: Facts) -> bool:
    return not (facts.turned or facts.turned_nearby or (facts.typed and facts.url.typed_host is not None))


_CONDITIONS: tuple[tuple[str, Callable[[Facts, Allowlist, date], bool]], ...] = (
    ("the scheme is https", lambda facts, _list, _today: facts.url.scheme == "https"),
    ("the port is the default", lambda facts, _list, _today: facts.url.port is None),
    ("no user name or password", lambda facts, _list, _today: not facts.url.has_credentials),
    ("the host is an active portal's", lambda facts, _list, _today: _is_listed(facts)),
    ("its lease, grace included, runs", _is_within_lease),
    ("the host was typed in plain characters", lambda facts, _list, _today: _is_plainly_typed(facts)),
    ("the words show no other address", lambda facts, _list, _today: facts.shown is None),
    ("no service hides the destination", lambda facts, _list, _today: facts.hidden is None),
)
"""Everything *verified* requires (docs/design.md, section 5), in the order in which it is shown."""


def _is_earned(facts: Facts, allowlist: Allowlist, today: date) -> bool:
    for _, holds in _CONDITIONS:  # noqa: SIM110 - a generator would take half as long again, for every listed address
        if not holds(facts, allowlist, today):
            return False
    return True


def conditions(facts: Facts, allowlist: Allowlist, today: date) -> tuple[tuple[str, bool], ...]:
    """Each condition of *verified* and whether it holds, for people who ask why."""
    return tuple((sentence, holds(facts, allowlist, today)) for sentence, holds in _CONDITIONS)


def _address_reasons(facts: Facts, listed: bool) -> list[Reason]:
    """Reasons that lie in the address itself, listed or not."""
    url = facts.url
    reasons: list[Reason] = []
    if url.has_credentials:
        reasons.append(Reason.of(ReasonCode.CREDENTIALS_IN_ADDRESS))
    if url.is_ip:
        reasons.append(Reason.of(ReasonCode.IP_ADDRESS))
    elif not _is_plainly_typed(facts):
        if listed:
            reasons.append(Reason(ReasonCode.MISLEADING_CHARACTERS, Level.CAUTION))
        elif facts.turned or (url.typed_host is not None and not _is_own_spelling(url)):
            reasons.append(Reason.of(ReasonCode.MISLEADING_CHARACTERS))
    if facts.shown is not None:
        harmful = facts.shown.is_known and not listed
        level = Level.DANGER if harmful else Level.CAUTION
        reasons.append(Reason(ReasonCode.SHOWS_ANOTHER_ADDRESS, level))
    if facts.hidden is not None:
        reasons.append(Reason.of(ReasonCode.HIDDEN_DESTINATION))
    return reasons


def _is_own_spelling(url: WebUrl) -> bool:
    """True if the typed host is simply the host in its own script: ``münchen.example``."""
    typed = unicodedata.normalize("NFC", (url.typed_host or "").lower()).removesuffix(".")
    return typed == url.unicode_host


def _match_reasons(url: WebUrl, match: Match, allowlist: Allowlist, today: date) -> list[Reason]:
    if match.kind is MatchKind.RETIRED:
        return [Reason.of(ReasonCode.RETIRED_PORTAL)]
    if match.kind is MatchKind.OPERATOR_SITE:
        return [Reason.of(ReasonCode.OPERATOR_SITE)]
    reasons = [Reason.of(code) for code in _entrance_codes(url)]
    if not allowlist.within_lease(match, today):
        reasons.append(Reason.of(ReasonCode.LISTING_OVERDUE))
    return reasons


_ODD_LETTERS = frozenset(
    {Technique.IDN_HOMOGLYPH, Technique.WHOLE_SCRIPT, Technique.MIXED_SCRIPT, Technique.INVISIBLE_CHARACTERS}
)


def _name_reasons(facts: Facts) -> list[Reason]:
    """Reasons that lie in an unlisted host's name, and in where it is hosted."""
    codes: set[ReasonCode] = set()
    if facts.imitation is not None:
        codes.add(facts.imitation.kind)
        if facts.imitation.technique in _ODD_LETTERS:
            codes.add(ReasonCode.MISLEADING_CHARACTERS)
    if facts.shared_hosting:
        codes.add(ReasonCode.SHARED_HOSTING)
    if facts.known is not None:
        codes.add(facts.known.code)
        if facts.known.code is ReasonCode.VENDOR_PORTAL:
            codes |= set(_entrance_codes(facts.url))
    return [Reason.of(code) for code in codes]


def _entrance_codes(url: WebUrl) -> Iterator[ReasonCode]:
    """What is wrong with how a portal's host is addressed."""
    if url.scheme != "https":
        yield ReasonCode.NOT_HTTPS
    if url.port is not None:
        yield ReasonCode.UNUSUAL_PORT


def official_of(match: Match) -> Official | None:
    """Where to go for the operator of this match; None if only others have portals there."""
    return Official(match.name, match.url) if match.is_place else None


def meant_by(url: WebUrl, imitated: str, allowlist: Allowlist) -> Official | None:
    """Where somebody meant to go whose address takes after the listed host ``imitated``.

    That host itself, if the address has its sub-domain too. Otherwise only the name is alike, and the operator's own
    portal is meant, never an affiliate's.
    """
    match = allowlist.home_of(imitated)
    if match is None:
        return None
    sub_domain = imitated.removesuffix(match.operator.domain).removeprefix("www.").strip(".")
    if set(_PIECES.findall(sub_domain)) <= set(_PIECES.findall(url.host)):
        return Official(match.name, match.url)
    home = match.operator.home
    return Official(match.operator.name, home.url) if home is not None else None


_PIECES = re.compile("[^.-]+")


def place_of(known: KnownName, allowlist: Allowlist, today: date) -> Official:
    """Where to go for a known organization: its listed portal, if people may be sent there, otherwise its website."""
    return _portal_of(known, allowlist, today) or Official(known.name, known.website)


def _portal_of(known: KnownName, allowlist: Allowlist, today: date) -> Official | None:
    portal = allowlist.portal_of(known)
    return Official(known.name, portal.url) if portal is not None and allowlist.hands_out(portal.url, today) else None


def _right_place(facts: Facts, allowlist: Allowlist, today: date) -> Official | None:
    """Where the person means to go: the site that the link's text shows, the address's own portal, the place it
    moved to, the site it resembles, or the known organization's."""
    match, imitation, shown = facts.match, facts.imitation, facts.shown
    if shown is not None and shown.is_known:
        return shown.official
    if match is not None and match.kind is MatchKind.RETIRED:
        moved_to = match.site.retired.moved_to if match.site.retired else None
        return Official(match.operator.name, moved_to) if moved_to else None
    if match is not None:
        return official_of(match)
    if imitation is not None and imitation.known is not None:
        return place_of(imitation.known, allowlist, today)
    if imitation is not None and imitation.host is not None:
        return meant_by(facts.url, imitation.host, allowlist)
    if facts.known is None or facts.known.known is None:
        return None
    if facts.known.code is ReasonCode.KNOWN_SITE:
        return _portal_of(facts.known.known, allowlist, today)
    return place_of(facts.known.known, allowlist, today)


def _notes(facts: Facts, match: Match) -> tuple[NoteCode, ...]:
    notes: tuple[NoteCode, ...] = ()
    if not match.mounted:
        notes = (NoteCode.CLINIC_NOT_IDENTIFIED,)
    elif len(match.site.organizations) > 1:
        notes = (NoteCode.SHARED_BY_ORGANIZATIONS,)
    if facts.carries_another_address:
        notes += (NoteCode.CARRIES_ANOTHER_ADDRESS,)
    if facts.among_words:
        notes += (NoteCode.WORDS_NOT_LINK,)
    return notes
