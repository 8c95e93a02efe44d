"""The published answer, JSON version 1, and its sentences (docs/design.md, section 5).

These types are the contract: fields are only ever added, while inner types may change freely. An answer never
repeats the address's path, query, fragment or user name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from checker.core.allowlist import Allowlist, Match
from checker.core.check import Result
from checker.core.errors import UnreadableAddress
from checker.core.guidance import Guidance, Task
from checker.core.reason import Level, ReasonCode
from checker.core.sentences import Sentences
from checker.core.url import OtherAddress
from checker.core.verdict import Official
from checker.core.words import Texts, filled

__all__ = ["ErrorV1", "Renderer", "ResultV1", "allowlist_info"]


@dataclass(frozen=True, slots=True)
class AddressV1:
    """The parts of the checked address that an answer may repeat.

    ``unicode_host``: the host with its A-labels decoded, if that differs. ``unwrapped``: ids of the link
    wrappers that were removed, outermost first.
    """

    origin: str | None
    host: str | None
    unicode_host: str | None
    registrable_domain: str | None
    unwrapped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceV1:
    """How we know that a portal is official. ``seen``: when the source says so, as ``YYYY-MM`` or ``YYYY-MM-DD``; with
    ``age`` "unknown", when it was read."""

    source: str
    url: str
    seen: str
    age: Literal["unknown"] | None


@dataclass(frozen=True, slots=True)
class PortalV1:
    """The official portal of a verified address. ``review_by`` is an ISO date."""

    host: str
    url: str
    operator: str
    organizations: tuple[str, ...]
    vendor: str | None
    country: str | None
    evidence: tuple[EvidenceV1, ...]
    review_by: str


@dataclass(frozen=True, slots=True)
class OfficialV1:
    """The right place to go."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class ImitatesV1:
    """Which official site the host imitates, and how.

    ``url`` is None if that site's review is overdue: it is named but not linked. ``score`` is 0 to 100.
    ``yours`` and ``theirs`` are the parts that were compared; ``differs_at`` holds the positions in ``yours``
    that differ, counted from 0.
    """

    host: str
    operator: str
    url: str | None
    technique: str
    score: int
    yours: str
    theirs: str
    differs_at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReasonV1:
    """One reason: a stable code, its level, a sentence, and the page that explains it."""

    code: str
    level: Literal["caution", "danger"]
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class NoteV1:
    """Something to know that does not change the verdict."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class LinkV1:
    """A link with the words to show for it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class GuidanceV1:
    """What to do for the task at hand."""

    task: str
    title: str
    where_to_go: str
    safety_reminder: str
    steps: tuple[str, ...]
    link: LinkV1 | None


@dataclass(frozen=True, slots=True)
class StepsV1:
    """A title with steps to take."""

    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EmergencyV1:
    """Emergency advice, part of every answer."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class AllowlistV1:
    """Which list answered. ``portals`` counts active (host, mount) pairs."""

    version: str
    portals: int
    hosts: int
    domains: int
    newest_evidence: str | None


@dataclass(frozen=True, slots=True)
class ResultV1:
    """The answer for one address."""

    version: Literal[1]
    verdict: Literal["verified", "warning"]
    level: Literal["caution", "danger"] | None
    headline: str
    address: AddressV1
    portal: PortalV1 | None
    official: OfficialV1 | None
    imitates: ImitatesV1 | None
    reasons: tuple[ReasonV1, ...]
    notes: tuple[NoteV1, ...]
    guidance: GuidanceV1
    if_entered: StepsV1 | None
    emergency: EmergencyV1
    disclaimer: str
    allowlist: AllowlistV1


@dataclass(frozen=True, slots=True)
class ErrorV1:
    """Why a text got no answer, and what to do."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class TaskV1:
    """One task a person can ask guidance for."""

    id: str
    title: str
    where_to_go: str
    safety_reminder: str


@dataclass(frozen=True, slots=True)
class TasksV1:
    """All tasks."""

    version: Literal[1]
    tasks: tuple[TaskV1, ...]


_NAMES_STOLEN = {ReasonCode.IMITATES_OFFICIAL, ReasonCode.OFFICIAL_NAME_ELSEWHERE, ReasonCode.RESEMBLES_OFFICIAL}


def allowlist_info(allowlist: Allowlist) -> AllowlistV1:
    """Version and counts of a list."""
    return AllowlistV1(
        allowlist.version,
        len(allowlist.portals),
        len(allowlist.hosts),
        len(allowlist.domains),
        allowlist.newest_evidence,
    )


class Renderer:
    """Puts results into words. ``texts`` maps a language code to its sentences."""

    def __init__(self, texts: Mapping[str, Texts]) -> None:
        self.texts = texts
        self._constant = {lang: _Constant.of(language) for lang, language in texts.items()}

    def result(self, result: Result) -> ResultV1:
        """The answer for a result of ``Checker.check``."""
        constant = self._constant[result.lang]
        judgement = result.judgement
        verified = judgement.is_verified
        sentences = Sentences(self.texts[result.lang], result)
        return ResultV1(
            version=1,
            verdict="verified" if verified else "warning",
            level=None if judgement.level is None else judgement.level.value,
            headline=sentences.headline(),
            address=_address(result),
            portal=_portal(result.match) if verified and result.match is not None else None,
            official=_official(judgement.official),
            imitates=_imitates(result),
            reasons=tuple(
                ReasonV1(reason.code.value, reason.level.value, sentences.reason(reason), f"/reasons#{reason.code}")
                for reason in judgement.reasons
            ),
            notes=tuple(NoteV1(code.value, sentences.note(code)) for code in judgement.notes),
            guidance=constant.guidance(result.guidance),
            if_entered=constant.if_entered if judgement.level is Level.DANGER else None,
            emergency=constant.emergency,
            disclaimer=constant.disclaimer,
            allowlist=allowlist_info(result.allowlist),
        )

    def problem(self, error: UnreadableAddress, lang: str) -> ErrorV1:
        """The published error for a text without an address."""
        return ErrorV1(error.code, self.texts[lang].text("errors", error.problem))

    def emergency(self, lang: str) -> EmergencyV1:
        """What to do in an emergency."""
        return self._constant[lang].emergency

    def tasks(self, lang: str) -> TasksV1:
        """All tasks, in the order to show them."""
        known = (self._constant[lang].unlinked[task] for task in Task)
        return TasksV1(1, tuple(TaskV1(g.task, g.title, g.where_to_go, g.safety_reminder) for g in known))


@dataclass(frozen=True, slots=True)
class _Constant:
    """The parts of an answer that depend only on its language, built once.

    ``unlinked`` is each task's guidance without a link, and ``unknown`` the same with advice on finding the right
    place; ``link_label`` is the text of the link if one is known.
    """

    unlinked: Mapping[Task, GuidanceV1]
    unknown: Mapping[Task, GuidanceV1]
    link_label: Mapping[Task, str]
    if_entered: StepsV1
    emergency: EmergencyV1
    disclaimer: str

    @classmethod
    def of(cls, texts: Texts) -> _Constant:
        tasks = {task: texts.under("tasks", task) for task in Task}
        unlinked = {task: _unlinked(task, of_task) for task, of_task in tasks.items()}
        return cls(
            unlinked,
            {
                task: replace(known, where_to_go=f"{known.where_to_go} {tasks[task].text('find_it')}")
                for task, known in unlinked.items()
            },
            {task: str(of_task.find("link_label")) for task, of_task in tasks.items()},
            StepsV1(texts.text("if_entered", "title"), texts.lines("if_entered", "steps")),
            EmergencyV1(texts.text("emergency", "title"), texts.text("emergency", "text")),
            texts.text("disclaimer"),
        )

    def guidance(self, guidance: Guidance) -> GuidanceV1:
        """The task's guidance with its link; without one, with advice on finding the right place."""
        task, link = guidance.task, guidance.link
        if link is None:
            return self.unlinked[task] if task is Task.EMERGENCY else self.unknown[task]
        known = self.unlinked[task]
        shown = LinkV1(filled(self.link_label[task], {"official": link.name}), link.url)
        return GuidanceV1(known.task, known.title, known.where_to_go, known.safety_reminder, known.steps, shown)


def _unlinked(task: Task, texts: Texts) -> GuidanceV1:
    title, where_to_go, reminder = (texts.text(part) for part in ("title", "where_to_go", "safety_reminder"))
    return GuidanceV1(task.value, title, where_to_go, reminder, texts.lines("steps"), None)


def _address(result: Result) -> AddressV1:
    address = result.address
    if isinstance(address, OtherAddress):
        return AddressV1(None, None, None, None, result.unwrapped)
    return AddressV1(address.origin, address.host, address.unicode_host, result.registrable_domain, result.unwrapped)


def _portal(match: Match) -> PortalV1:
    site = match.site
    return PortalV1(
        site.host,
        match.url,
        match.operator.name,
        site.organizations if match.mounted else (),
        site.vendor,
        site.country,
        tuple(EvidenceV1(e.source, e.url, e.seen, e.age) for e in site.evidence),
        match.review_by.isoformat(),
    )


def _official(official: Official | None) -> OfficialV1 | None:
    return None if official is None else OfficialV1(official.name, official.url)


def _imitates(result: Result) -> ImitatesV1 | None:
    imitation, imitated = result.imitation, result.imitated
    if imitation is None or imitation.kind not in _NAMES_STOLEN:
        return None
    owner = imitated.operator.name if imitated is not None else imitation.known.name if imitation.known else None
    if result.imitated_host is None or owner is None:
        return None
    place = result.judgement.official if imitation.known is not None else result.imitated_place
    return ImitatesV1(
        result.imitated_host,
        owner,
        place.url if place is not None and result.allowlist.hands_out(place.url, result.today) else None,
        imitation.technique.value,
        imitation.score,
        imitation.yours or "",
        imitation.theirs or "",
        imitation.differs_at,
    )
