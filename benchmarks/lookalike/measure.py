"""Recall, false alarms and leave-one-out: what look-alike search says about the hosts of ``corpus``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.lookalike.corpus import Attack
from checker.core.allowlist import Allowlist
from checker.core.lookalike import Imitation, LookalikeIndex, conflicts, find
from checker.core.reason import DANGER_CODES, ReasonCode
from checker.core.url import WebUrl, parse

__all__ = [
    "Alarm",
    "Recall",
    "alarms",
    "leave_one_out",
    "look",
    "named",
    "recall",
    "total",
]

HITS = frozenset(
    {
        ReasonCode.IMITATES_OFFICIAL,
        ReasonCode.RESEMBLES_OFFICIAL,
        ReasonCode.OFFICIAL_NAME_ELSEWHERE,
        ReasonCode.USES_KNOWN_NAME,
    }
)


@dataclass(slots=True)
class Recall:
    """Of ``made`` attacks, how many were detected, as a danger, with the right operator, and by each peer."""

    made: int = 0
    detected: int = 0
    danger: int = 0
    right: int = 0
    peers: Counter[str] = field(default_factory=Counter)


def total(rows: Iterable[Recall]) -> Recall:
    """All rows together."""
    whole = Recall()
    for row in rows:
        whole.made += row.made
        whole.detected += row.detected
        whole.danger += row.danger
        whole.right += row.right
        whole.peers.update(row.peers)
    return whole


@dataclass(frozen=True, slots=True)
class Alarm:
    """An honest host that was accused of imitating ``of``."""

    host: str
    kind: ReasonCode
    technique: str
    of: str | None


def look(host: str, index: LookalikeIndex) -> Imitation | None:
    """What look-alike search says about a host; None also where a browser would open no such host."""
    url = parse(f"https://{host}/")
    return find(url, index) if isinstance(url, WebUrl) else None


def _is_right(imitation: Imitation, attack: Attack) -> bool:
    """True if the victim is named, as an operator or as a known name with its domain."""
    if imitation.known is not None:
        return attack.victim.owner == imitation.known.name or attack.victim.domain in imitation.known.domains
    return imitation.operator == attack.victim.owner


def recall(
    attacks: Iterable[Attack], index: LookalikeIndex, peers: dict[str, Callable[[str], bool]]
) -> dict[str, Recall]:
    """For each kind of attack, how many were detected."""
    by_kind: dict[str, Recall] = {}
    for attack in attacks:
        row = by_kind.setdefault(attack.kind, Recall())
        row.made += 1
        imitation = look(attack.host, index)
        if imitation is not None and imitation.kind in HITS:
            row.detected += 1
            row.danger += imitation.kind in DANGER_CODES
            row.right += _is_right(imitation, attack)
        row.peers.update(name for name, detects in peers.items() if detects(attack.host))
    return by_kind


def alarms(hosts: Iterable[str], index: LookalikeIndex) -> list[Alarm]:
    """Alarms for those hosts that are said to be like an official site, a known or a vendor's name."""
    raised = []
    for host in hosts:
        imitation = look(host, index)
        if imitation is not None:
            of = imitation.host or (imitation.known.name if imitation.known else None)
            raised.append(Alarm(host, imitation.kind, imitation.technique, of))
    return raised


def leave_one_out(allowlist: Allowlist) -> list[Alarm]:
    """Alarms for official hosts, each treated as if it were not listed."""
    return [Alarm(each.host, each.kind, each.technique, each.imitates) for each in conflicts(allowlist)]


def named(hosts: Iterable[str], index: LookalikeIndex) -> tuple[int, list[str]]:
    """For how many hosts the imitated organization is named, and the hosts where none is."""
    unnamed = []
    count = 0
    for host in hosts:
        count += 1
        imitation = look(host, index)
        if imitation is None or (imitation.host is None and imitation.known is None):
            unnamed.append(host)
    return count - len(unnamed), unnamed
