"""Recall, false alarms and leave-one-out: what the whole check says about the corpora."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.lookalike.corpus import Attack
from checker.core.allowlist import Allowlist
from checker.core.lookalike import Imitation, LookalikeIndex, conflicts, find
from checker.core.reason import DANGER_CODES, ReasonCode
from checker.core.url import WebUrl, parse

__all__ = ["Alarm", "Recall", "alarms", "leave_one_out", "look", "named", "recall"]

HITS = frozenset({ReasonCode.IMITATES_OFFICIAL, ReasonCode.RESEMBLES_OFFICIAL, ReasonCode.OFFICIAL_NAME_ELSEWHERE})


@dataclass(slots=True)
class Recall:
    """Of ``made`` hosts, how many were told apart, by which operator, and by each peer."""

    made: int = 0
    told: int = 0
    danger: int = 0
    right: int = 0
    peers: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A real host that was accused."""

    host: str
    kind: ReasonCode
    technique: str
    of: str | None


def look(host: str, index: LookalikeIndex) -> Imitation | None:
    """What is said about a host; None, too, where a browser opens no such host."""
    url = parse(f"https://{host}/")
    return find(url, index) if isinstance(url, WebUrl) else None


def recall(
    attacks: Iterable[Attack], index: LookalikeIndex, peers: dict[str, Callable[[str], bool]]
) -> dict[str, Recall]:
    """For each kind of attack, how many hosts are told apart from the one they imitate."""
    found: dict[str, Recall] = {}
    for attack in attacks:
        row = found.setdefault(attack.kind, Recall())
        row.made += 1
        imitation = look(attack.host, index)
        if imitation is not None and imitation.kind in HITS:
            row.told += 1
            row.danger += imitation.kind in DANGER_CODES
            row.right += imitation.operator == attack.victim.operator.name
        row.peers.update(name for name, detects in peers.items() if detects(attack.host))
    return found


def alarms(hosts: Iterable[str], index: LookalikeIndex) -> list[Alarm]:
    """The hosts that are accused of a likeness to an official site or to a known name."""
    found = []
    for host in hosts:
        imitation = look(host, index)
        if imitation is not None and imitation.kind is not ReasonCode.PORTAL_NAME_UNLISTED:
            of = imitation.host or (imitation.known.name if imitation.known else None)
            found.append(Alarm(host, imitation.kind, imitation.technique, of))
    return found


def leave_one_out(allowlist: Allowlist) -> list[Alarm]:
    """Every official host treated as unlisted: those that would be accused."""
    return [Alarm(found.host, found.kind, found.technique, found.imitates) for found in conflicts(allowlist)]


def named(hosts: Iterable[str], index: LookalikeIndex) -> tuple[int, list[str]]:
    """How many hosts get a name in the answer, and those that do not."""
    unnamed = []
    count = 0
    for host in hosts:
        count += 1
        imitation = look(host, index)
        if imitation is None or (imitation.host is None and imitation.known is None):
            unnamed.append(host)
    return count - len(unnamed), unnamed
