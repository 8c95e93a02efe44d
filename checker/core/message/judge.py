"""What the links of a message are worth together: the worst one first, equal hosts folded, and the verdict on all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from checker.core.check import Checker, Result
from checker.core.errors import AddressProblem, UnreadableAddress
from checker.core.guidance import Task
from checker.core.message.model import Message, MessageLink, Source
from checker.core.message.read import MAX_LINKS
from checker.core.message.shown import shown_addresses
from checker.core.message.urgent import is_urgent
from checker.core.reason import Level, NoteCode
from checker.core.text import Reading
from checker.core.url import OtherAddress, WebUrl
from checker.core.verdict import Verdict

__all__ = ["JudgedLink", "JudgedMessage", "judge"]

_MOST_SHOWN = 5
"""Most addresses in the words of one link that are compared; more than one is rare."""


@dataclass(frozen=True, slots=True)
class JudgedLink:
    """All links of a message to one host. ``shown``: the host that their words show; another one than they open, if
    any does. ``answer``: the worst answer for them, or the reason why there is none."""

    shown: str | None
    count: int
    answer: Result | AddressProblem

    @property
    def mismatch(self) -> bool:
        """True if the words show another address than the link opens."""
        return isinstance(self.answer, Result) and self.answer.shown is not None


class JudgedMessage(NamedTuple):
    """What a message is worth. ``verdict``: None if it has no link. ``level``: of a warning."""

    source: Source
    verdict: Verdict | None
    level: Level | None
    links: tuple[JudgedLink, ...]
    notes: tuple[NoteCode, ...]
    urgent: bool
    text: str


def judge(message: Message, checker: Checker, task: Task | None, lang: str, *, today: date) -> JudgedMessage:
    """Judge every link as it would be judged alone, and the message by its worst link.

    Raises UnreadableAddress where the links lead to more than ``MAX_LINKS`` places.
    """
    links = _folded(
        [_judged(link, count, message, checker, task, lang, today) for link, count in _alike(message, checker)]
    )
    verdict, level = _verdict(links, message.clean)
    notes = [
        code
        for code in (NoteCode.WORDS_NOT_LINK,)
        if any(isinstance(link.answer, Result) and code in link.answer.judgement.notes for link in links)
    ]
    if not message.clean:
        notes.append(NoteCode.UNCLEAR_TEXT)
    return JudgedMessage(message.source, verdict, level, links, tuple(notes), is_urgent(message.text), message.text)


class _Asked(NamedTuple):
    """A link with the addresses that its words show."""

    link: MessageLink
    shown: tuple[WebUrl, ...]


def _alike(message: Message, checker: Checker) -> list[tuple[_Asked, int]]:
    """The links that can have different answers, each with how many there are of it: the path does not matter, where
    a wrapper leads does."""
    asked: dict[object, _Asked] = {}
    counts: dict[object, int] = {}
    places: set[object] = set()
    for link in message.links:
        shown = shown_addresses(link.words, checker.allowlist, checker.names) if any(link.words) else ()
        place, written = _way_of(link.address, checker)
        key = (written, tuple(other.host for other in shown), link.whole, link.among_words)
        asked.setdefault(key, _Asked(link, shown))
        counts[key] = counts.get(key, 0) + 1
        places.add(place)
    if len(places) > MAX_LINKS:
        raise UnreadableAddress(AddressProblem.TOO_MANY)
    return [(one, counts[key]) for key, one in asked.items()]


def _way_of(address: WebUrl | OtherAddress | None, checker: Checker) -> tuple[object, object]:
    """Where an address leads, and all of it that an answer can depend on."""
    if not isinstance(address, WebUrl):
        return address, address
    url, *way = checker.wrappers.unwrap(address)
    place = (url.origin, url.has_credentials)
    return place, (place, url.username, url.typed_host, *way)


def _judged(
    asked: _Asked, count: int, message: Message, checker: Checker, task: Task | None, lang: str, today: date
) -> JudgedLink:
    """The worst answer for a link, whichever address its words show."""
    link, shown = asked
    if link.address is None:
        return JudgedLink(shown[0].host if shown else None, count, AddressProblem.BROKEN)
    answers: list[JudgedLink] = []
    for other in shown[:_MOST_SHOWN] or (None,):
        whole = link.whole and len(shown) <= _MOST_SHOWN
        reading = Reading(link.address, whole, other, message.turned, message.turned_nearby, link.among_words)
        answer: Result | AddressProblem
        try:
            answer = checker.answer(reading, task, lang, today=today)
        except UnreadableAddress:
            answer = AddressProblem.UNCLEAR
        answers.append(JudgedLink(other.host if other is not None else None, count, answer))
    return min(answers, key=_rank)


def _rank(link: JudgedLink) -> tuple[int, bool, tuple[bool, int]]:
    """Sort key: danger, caution, unreadable, verified; within a level other words than targets first."""
    if isinstance(link.answer, AddressProblem):
        return 2, False, (False, 0)
    reasons = link.answer.judgement.reasons
    if not reasons:
        return 3, False, (False, 0)
    return int(reasons[0].level is not Level.DANGER), not link.mismatch, reasons[0].rank


def _folded(links: Sequence[JudgedLink]) -> tuple[JudgedLink, ...]:
    """One link for each host, with the worst answer that any link to it has; the worst host first."""
    by_host: dict[object, list[JudgedLink]] = {}
    for link in links:
        by_host.setdefault(_host(link.answer), []).append(link)
    worst = [replace(min(alike, key=_rank), count=sum(link.count for link in alike)) for alike in by_host.values()]
    return tuple(sorted(worst, key=_rank))


def _host(answer: Result | AddressProblem) -> object:
    if isinstance(answer, AddressProblem):
        return answer
    return answer.address if isinstance(answer.address, OtherAddress) else answer.address.host


def _verdict(links: Sequence[JudgedLink], clean: bool) -> tuple[Verdict | None, Level | None]:
    if not links:
        return None, None
    answers = [link.answer for link in links]
    levels = {answer.judgement.level for answer in answers if isinstance(answer, Result)}
    if Level.DANGER in levels:
        return Verdict.WARNING, Level.DANGER
    if clean and all(isinstance(answer, Result) and answer.judgement.is_verified for answer in answers):
        return Verdict.VERIFIED, None
    return Verdict.WARNING, Level.CAUTION
