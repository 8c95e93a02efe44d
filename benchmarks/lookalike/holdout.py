"""Attacks on which nothing is tuned: a committed file, and the generator that made it.

    python -m benchmarks.lookalike.holdout

Listed operators and known names, in the order of their domains, are dealt alternately: the first, third, … are for
tuning, the others are held out. The generator writes attacks on those held out into ``data/holdout.csv``: dnstwist's
fuzzers and the forms of ``corpus.own_attacks``, chosen with a fixed seed. Nobody looks at that file's hosts while
scores, guards and words are changed; only its totals are read. It is of the list of 25 November 2026, and is not made
anew for a later list, because names would change sides. Names of fewer than seven letters are left out, because other
names are one letter away from them by chance.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.lookalike import corpus
from checker.core.allowlist import Allowlist
from checker.core.lookalike import LookalikeIndex
from checker.lists.loader import load_folder

__all__ = ["SHORTEST", "held_out", "made", "tuning"]

ALLOWLISTS = Path(__file__).parent.parent.parent / "allowlists"
FILE = corpus.DATA / "holdout.csv"
SHORTEST = 7
"""Letters of the shortest name that is attacked."""
PER_FUZZER = 3
"""Permutations of each host and fuzzer."""


def made(index: LookalikeIndex, part: int) -> Iterator[corpus.Attack]:
    """Attacks on every second name, from the one numbered ``part`` (0 or 1) on."""
    allowlist = index.allowlist
    names = sorted(
        (*corpus.victims(allowlist, index), *corpus.known_victims(allowlist)), key=lambda victim: victim.domain
    )
    for victim in names[part::2]:
        if len(allowlist.split_host(victim.domain).domain.replace("-", "")) < SHORTEST:
            continue
        for fuzzer in corpus.FUZZERS:
            yield from corpus.dnstwist_attacks(victim, fuzzer, PER_FUZZER, allowlist)
        yield from corpus.own_attacks(victim, allowlist)


def tuning(index: LookalikeIndex) -> Iterator[corpus.Attack]:
    """The attacks that scores may be tuned on."""
    return made(index, 0)


def held_out(allowlist: Allowlist) -> list[corpus.Attack]:
    """The committed attacks on names that the list still has."""
    owners = {domain: known.name for known in allowlist.names for domain in known.domains}
    owners |= {operator.domain: operator.name for operator in allowlist.operators}
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [
            corpus.Attack(row["host"], row["kind"], corpus.Victim("", row["domain"], owners[row["domain"]], 0))
            for row in rows
            if row["domain"] in owners
        ]


def main() -> int:
    """Write the file."""
    index = LookalikeIndex(load_folder(ALLOWLISTS))
    with FILE.open("w", encoding="utf-8", newline="") as file:
        file.write(
            "# Attacks on names that nothing is tuned on; made by `python -m benchmarks.lookalike.holdout`,"
            " November 2026. Read the totals, not the hosts.\n"
        )
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["host", "kind", "domain"])
        writer.writerows([attack.host, attack.kind, attack.victim.domain] for attack in made(index, 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
