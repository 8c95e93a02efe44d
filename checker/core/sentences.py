"""The sentences of one answer: which ones fit, filled with its facts."""

from __future__ import annotations

from checker.core.check import Result
from checker.core.known import KnownName
from checker.core.reason import Level, NoteCode, Reason, ReasonCode
from checker.core.url import WebUrl
from checker.core.words import Texts
from checker.core.wrapper import Hides

__all__ = ["Sentences"]

_NAME_A_PLACE = {
    ReasonCode.IMITATES_OFFICIAL,
    ReasonCode.OPERATOR_SITE,
    ReasonCode.RESEMBLES_OFFICIAL,
    ReasonCode.USES_KNOWN_NAME,
    ReasonCode.KNOWN_SITE,
    ReasonCode.NOT_HTTPS,
    ReasonCode.UNUSUAL_PORT,
}
"""Reasons whose sentence says where the official site is. They have another one for a site that must not be linked
because its review is overdue."""


def _official_name(result: Result) -> str:
    """Whose portal the sentences talk about. It has a name even if it must not be linked."""
    official, imitation = result.judgement.official, result.imitation
    if official is not None and result.shown is None:
        return official.name
    if imitation is not None and imitation.known is not None:
        return imitation.known.name
    if result.imitated is not None and result.imitated_place is None:
        return result.imitated.operator.name
    place = result.match or result.imitated_place or result.known
    return place.name if place is not None else ""


def _owner(result: Result) -> str:
    """Whose the host is, although it is no listed portal: its vendor's, organization's or operator's."""
    if result.known is not None:
        return result.known.name
    return result.match.operator.name if result.match else ""


def _is_portal_of(known: KnownName, result: Result) -> bool:
    """True if the official place is the known organization's listed portal, not only its website."""
    portal, official = result.allowlist.portal_of(known), result.judgement.official
    return portal is not None and official is not None and official.url == portal.url


class Sentences:
    """The sentences of one answer; the same facts fill every template."""

    def __init__(self, texts: Texts, result: Result) -> None:
        self._texts = texts
        self._result = result
        official = result.judgement.official
        imitation = result.imitation
        address = result.address
        self._facts = {
            "host": address.host if isinstance(address, WebUrl) else "",
            "registrable_domain": result.registrable_domain or "",
            "official": _official_name(result),
            "official_url": official.url if official else "",
            "official_host": result.imitated_host or "",
            "owner": _owner(result),
            "operator": result.match.operator.name if result.match else "",
            "technique": texts.text("techniques", imitation.technique, "sentence") if imitation else "",
            "shown": result.shown.host if result.shown else "",
            "organization": (result.shown.organization or "") if result.shown else "",
            "count": str(len(result.match.site.organizations)) if result.match else "0",
        }

    def headline(self) -> str:
        """The answer in one sentence."""
        judgement = self._result.judgement
        if judgement.is_verified:
            name = self._result.match.name if self._result.match else ""
            headline = self._texts.text("headlines", "verified", **{**self._facts, "operator": name})
        else:
            code = judgement.reasons[0].code
            headline = self._fill("headlines", self._headline(code))
        if self._result.unwrapped and self._facts["host"] and self._hides is not Hides.SESSION:
            return self._texts.text("headlines", "unwrapped", host=self._facts["host"], headline=headline)
        return headline

    def _headline(self, code: ReasonCode) -> str:
        if code is ReasonCode.RESEMBLES_OFFICIAL and not self._facts["official"]:
            return "resembles-several"
        if code is ReasonCode.OPERATOR_SITE and (self._is_other_domain or self._is_nowhere):
            return "operators-other-domain"
        if code is ReasonCode.HIDDEN_DESTINATION and self._hides in (Hides.CODE, Hides.SESSION):
            return f"hidden-by-{self._hides}"
        return code

    @property
    def _hides(self) -> Hides | None:
        """How the destination is hidden, if it is."""
        return None if self._result.hidden is None else self._result.hidden.how

    @property
    def _is_other_domain(self) -> bool:
        """True if the host is not on the listed domain itself but on another one of the same owner."""
        match = self._result.match
        return match is None or match.operator.domain != self._result.registrable_domain

    @property
    def _is_nowhere(self) -> bool:
        """True if the operator meant has no portal of its own on the list, only affiliates or tenants have."""
        match, imitated = self._result.match, self._result.imitated
        if match is not None:
            return not match.is_place
        return imitated is not None and self._result.imitated_place is None

    def reason(self, reason: Reason) -> str:
        """Why there is a warning."""
        return self._fill("reasons", reason.code, self._variant(reason))

    def note(self, code: NoteCode) -> str:
        """What else the person should know."""
        return self._fill("notes", code, "message")

    def _variant(self, reason: Reason) -> str:
        """Which of a reason's sentences fits; some say more when more is known."""
        # If the link's text shows somebody's address, the official place belongs to them, not to the link's site.
        linked = self._result.judgement.official is not None and self._result.shown is None
        if reason.code is ReasonCode.KNOWN_SITE and self._result.imitation is not None:
            return "message_unlinked"  # the official place is that of the name before the @
        match reason.code:
            case ReasonCode.MISLEADING_CHARACTERS if reason.level is Level.CAUTION:
                return "message_clean" if linked else "message_clean_unlinked"
            case ReasonCode.RETIRED_PORTAL if linked:
                return "message_moved"
            case ReasonCode.RESEMBLES_OFFICIAL if not self._facts["official"]:
                return "message_several"
            case ReasonCode.SHOWS_ANOTHER_ADDRESS if reason.level is Level.CAUTION:
                shown = self._result.shown
                return "message_listed" if shown is not None and shown.is_known else "message_unknown"
            case ReasonCode.HIDDEN_DESTINATION if self._hides is not Hides.SHORTENER:
                return f"message_{self._hides}"
            case ReasonCode.NOT_HTTPS | ReasonCode.UNUSUAL_PORT if self._result.known is not None:
                return "message_vendor"
            case ReasonCode.OPERATOR_SITE if self._is_other_domain:
                return self._variant_for_other_domain(linked)
            case ReasonCode.USES_KNOWN_NAME if linked:
                return self._variant_for_known_name()
            case ReasonCode.OPERATOR_SITE | ReasonCode.IMITATES_OFFICIAL | ReasonCode.RESEMBLES_OFFICIAL if (
                self._is_nowhere
            ):
                return "message_nowhere"
            case code if code in _NAME_A_PLACE and not linked:
                return "message_unlinked"
            case _:
                return "message"

    def _variant_for_other_domain(self, linked: bool) -> str:
        known = self._result.known
        if not linked or self._result.imitation is not None:
            return "message_other_domain_unlinked"
        if known is not None and known.known is not None and not _is_portal_of(known.known, self._result):
            return "message_other_domain_website"
        return "message_other_domain"

    def _variant_for_known_name(self) -> str:
        """Whether that organization has a listed portal, and whether people may be sent there."""
        imitation = self._result.imitation
        known = imitation.known if imitation is not None else None
        if known is None or self._result.allowlist.portal_of(known) is None:
            return "message"
        return "message_listed" if _is_portal_of(known, self._result) else "message_overdue"

    def _fill(self, *path: str) -> str:
        return self._texts.text(*path, **self._facts)
