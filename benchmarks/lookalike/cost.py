"""Time and memory of look-alike search, on today's list and on synthetic ones."""

from __future__ import annotations

import gc
import random
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from checker.core.allowlist import Allowlist, Operator, Portal
from checker.core.lookalike import LookalikeIndex

__all__ = ["Times", "build", "synthetic", "timed"]


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds for one call."""

    median: float
    p99: float
    most: float


def timed(ask: Callable[[str], object], hosts: Sequence[str]) -> Times:
    """Time of ``ask`` for each host: the fastest of three tries, the one least disturbed by other programs."""
    best = []
    for host in hosts:
        tries = []
        for _ in range(3):
            start = time.perf_counter()
            ask(host)
            tries.append(time.perf_counter() - start)
        best.append(min(tries) * 1e6)
    best.sort()
    return Times(best[len(best) // 2], best[int(len(best) * 0.99)], best[-1])


def synthetic(entries: int, like: Allowlist) -> Allowlist:
    """A list of ``entries`` operators whose names are made of real words, like those of health organizations."""
    dice = random.Random(entries)
    words = sorted(word for word in like.tables.words if 4 <= len(word) <= 9)
    ends = [
        "health",
        "clinic",
        "medical",
        "hospital",
        "care",
        "healthcare",
        "medicine",
        "",
        "",
        "childrens",
        "regional",
    ]
    names: set[str] = set()
    while len(names) < entries:
        names.add(dice.choice(words) + dice.choice([*words[:: len(words) // 40], "", "", ""]) + dice.choice(ends))
    review = date(2099, 1, 1)
    operators = []
    for name in sorted(names):
        domain = f"{name}.{dice.choice(['org', 'com', 'net'])}"
        host = f"{dice.choice(['mychart', 'my', 'portal', 'www'])}.{domain}"
        operators.append(
            Operator(domain, name.title(), (Portal(host, "/", name.title(), (name.title(),), (), review),))
        )
    vendors = tuple(like.vendors.values())
    return Allowlist(
        operators, split_host=like.split_host, vendors=vendors, names=like.names, policy=like.policy, tables=like.tables
    )


def build(allowlist: Allowlist) -> tuple[LookalikeIndex, float, float]:
    """The index, the seconds it took to build, and how many MiB the peak memory of the process grew."""
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    index = LookalikeIndex(allowlist)
    seconds = time.perf_counter() - start
    return index, seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
