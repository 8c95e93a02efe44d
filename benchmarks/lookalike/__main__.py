"""Measures look-alike search: attacks detected, honest sites accused, and cost.

    python -m benchmarks.lookalike [--quick]

Prints every table and writes the main ones into docs/benchmarks.md. ``--quick`` takes every tenth attack.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from benchmarks.lookalike import corpus, cost, holdout, measure, peers
from benchmarks.pages import BENCHMARKS, machine, publish, table
from checker.core.check import Checker
from checker.core.lookalike import LookalikeIndex
from checker.core.reason import DANGER_CODES, ReasonCode
from checker.lists.loader import load_folder


def _table(title: str, head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """The table under its title; it is printed at once."""
    text = f"{title}\n\n" + table(list(head), [[str(cell) for cell in row] for row in rows])
    print("\n" + text, flush=True)
    return text


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _recall(index: LookalikeIndex, step: int) -> tuple[list[str], list[str]]:
    """Detected attacks, one table for listed and one for known names; and the attacking hosts, to measure cost."""
    allowlist = index.allowlist
    everything = holdout.held_out(allowlist)[::step]
    scans = {f"scan, {edits}": peers.linear_scan(sorted(allowlist.hosts), edits) for edits in (1, 2)}
    tables: list[str] = []
    for whose, is_listed in (("listed operators", True), ("known names", False)):
        attacks = [a for a in everything if (allowlist.operator_of(a.victim.domain) is not None) is is_listed]
        victims = len({attack.victim.domain for attack in attacks})
        by_kind = measure.recall(attacks, index, scans)
        by_kind["**all**"] = measure.total(by_kind.values())
        text = _table(
            f"Attacks on the {victims} {whose} held out",
            ["attack", "hosts", "detected", "of these danger", "right name", *scans],
            (
                [
                    kind,
                    row.made,
                    _percent(row.detected, row.made),
                    _percent(row.danger, row.detected),
                    _percent(row.right, row.detected),
                    *(_percent(row.peers[name], row.made) for name in scans),
                ]
                for kind, row in by_kind.items()
            ),
        )
        tables.append(text)
    return tables, [attack.host for attack in everything]


def _alarms(index: LookalikeIndex) -> str:
    """How many honest hosts are accused; their names are printed as well."""
    allowlist = index.allowlist
    corpora = {"popular domains": corpus.popular(allowlist), "health sites": corpus.health_sites(allowlist)}
    rows, accused = [], []
    for name, hosts in corpora.items():
        alarms = measure.alarms(hosts, index)
        accused += alarms
        scans = [sum(map(peers.linear_scan(sorted(allowlist.hosts), edits), hosts)) for edits in (1, 2)]
        rows.append([name, len(hosts), *_levels(alarms), *scans])
    left_out = measure.leave_one_out(allowlist)
    rows.append(["official hosts, each left out", len(allowlist.hosts), *_levels(left_out), "-", "-"])
    counts = _table(
        "Honest sites accused by mistake",
        ["hosts", "of", "danger", "resembles", "known or vendor's name", "scan, 1", "scan, 2"],
        rows,
    )
    _table(
        "Which ones", ["host", "reason", "technique", "like"], ([a.host, a.kind, a.technique, a.of] for a in accused)
    )
    patterns = corpus.lines("field_patterns.txt")
    count, unnamed = measure.named(patterns, index)
    print(
        f"\nPatterns of real phishing with their target named: {count} of {len(patterns)};"
        f" not named: {', '.join(unnamed) or 'none'}"
    )
    return counts


def _levels(alarms: list[measure.Alarm]) -> list[int]:
    """How many of the alarms are dangers, resemblances, and known or vendors' names."""
    danger = sum(alarm.kind in DANGER_CODES for alarm in alarms)
    resembles = sum(alarm.kind is ReasonCode.RESEMBLES_OFFICIAL for alarm in alarms)
    return [danger, resembles, len(alarms) - danger - resembles]


def _look(index: LookalikeIndex, host: str) -> object:
    return measure.look(host, index)


def _cost(index: LookalikeIndex, attacked: list[str]) -> str:
    allowlist = index.allowlist
    dice = random.Random(7)
    benign, attacks = dice.sample(corpus.popular(allowlist), 1500), dice.sample(attacked, min(1000, len(attacked)))
    checker, today = Checker(allowlist), datetime.now(UTC).date()
    rows: list[list[object]] = []

    def add(name: str, built: str, quiet: cost.Times, busy: cost.Times | None) -> None:
        rest = [f"{busy.median:.0f}", f"{busy.p99:.0f}"] if busy else ["-", "-"]
        rows.append([name, built, f"{quiet.median:.0f}", f"{quiet.p99:.0f}", *rest])

    def ask(host: str) -> object:
        return checker.check(f"https://{host}/", today=today)

    _, seconds, _ = cost.build(allowlist)
    add(
        f"whole check, today's list ({len(allowlist.hosts)} hosts)",
        f"{seconds:.2f} s",
        cost.timed(ask, benign),
        cost.timed(ask, attacks),
    )
    for entries in (1_000, 10_000, 100_000):
        made = cost.synthetic(entries, allowlist)
        grown, seconds, megabytes = cost.build(made)
        own = [host.replace("e", "a", 1) for host in dice.sample(sorted(made.hosts), 500)]
        search = partial(_look, grown)
        quiet, busy = cost.timed(search, benign), cost.timed(search, own)
        add(f"look-alike search, {entries:,} entries", f"{seconds:.1f} s, {megabytes:.0f} MB", quiet, busy)
        scan = peers.linear_scan(sorted(made.hosts), 2)
        add(f"rapidfuzz scan, {entries:,} entries", "-", cost.timed(scan, benign[:60]), cost.timed(scan, own[:60]))
        del grown, made, search
    for tolerance in (1, 2):
        asked = benign[:300]
        answer = peers.eth_phishing_detect(sorted(allowlist.hosts), asked, tolerance)
        mean = f"{answer[0]:.0f} (mean)" if answer else "not available"
        rows.append([f"eth-phishing-detect 1.2.0, tolerance {tolerance}, today's list", "-", mean, "-", "-", "-"])
    few = sorted(allowlist.hosts)[::60]
    made_up, start = peers.generate_and_look_up(few), len(few)
    rows.append(
        [
            f"dnstwist, generate and look up ({start} hosts)",
            f"{len(made_up) // start:,} names a host",
            "<1",
            "-",
            "-",
            "-",
        ]
    )
    return _table("Cost, microseconds", ["what", "built", "popular: median", "p99", "attacks: median", "p99"], rows)


def main() -> int:
    """Measure and print everything, and write the main tables."""
    quick = "--quick" in sys.argv
    index = LookalikeIndex(load_folder(holdout.ALLOWLISTS))
    recall, attacked = _recall(index, 10 if quick else 1)
    tables = [f"{machine()}.", *recall, _alarms(index), _cost(index, attacked)]
    print("\nFor docs/benchmarks.md:\n")
    publish("lookalike", "\n\n".join(tables), BENCHMARKS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
