"""Time and memory of maintaining the list: lint, diff and load of today's list, and load of much larger ones.

Large lists are made up: ten portals in a file, as five hosts with two mounts each. Each size is loaded in its own
process, so that its memory can be measured. Run it with ``make bench``.
"""

from __future__ import annotations

import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from checker.core.allowlist import Allowlist
from checker.curate.effect import diff
from checker.lists.lint import lint
from checker.lists.loader import load_folder, read_folder, suffix_splitter
from checker.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 10_000, 100_000)
"""Portals of the made-up lists."""
ROUNDS = 5
MOST_LINT_SECONDS, MOST_DIFF_SECONDS = 3.0, 3.0
MOST_LOAD_SECONDS, MOST_LOAD_MIB = 60.0, 600.0
"""Limits: lint and diff of today's list, and loading the largest made-up one."""
TODAY = date(2026, 11, 1)

_SYLLABLES = "ba be bo da de di do fa fe ga go ha hi ka ke ki la le li lo ma me mi mo na ne no pa pe ra re ro".split()
_HOSTS = ("mychart", "portal", "my", "patient", "login")


def write_list(folder: Path, portals: int) -> None:
    """Write a list of ``portals`` portals; always the same one."""
    chance = random.Random(portals)
    (folder / "portals").mkdir(parents=True)
    (folder / "vendors").mkdir()
    (folder / "policy.yaml").write_text("review_after_days: 365\ngrace_days: 90\n")
    for number in range(portals // (2 * len(_HOSTS))):
        word = "".join(chance.choices(_SYLLABLES, k=6))
        domain = f"{word}{number}.org"
        lines = [
            f"domain: {domain}",
            f"operator: {word.title()} Health {number}",
            "country: US",
            "evidence:",
            f"  - {{source: operator-site, url: https://www.{domain}/patients, seen: 2026-10}}",
            "portals:",
        ]
        for host in _HOSTS:
            for mount in ("", "MyChart/"):
                lines += [
                    f"  - url: https://{host}.{domain}/{mount}",
                    f"    organizations: [{word.title()} {mount or 'Main'} {number}]",
                ]
        (folder / "portals" / f"{domain}.yaml").write_text("\n".join(lines) + "\n")


def load_alone(folder: Path) -> None:
    """Load the list; print the number of portals, the seconds, and the peak memory of this process in MiB."""
    start = time.perf_counter()
    allowlist = load_folder(folder)
    seconds = time.perf_counter() - start
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    mib = size / (1024 if sys.platform != "darwin" else 1024 * 1024)
    print(len(allowlist.portals), seconds, mib)


def best_of(rounds: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest round: the one least disturbed by other programs."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def row(name: str, seconds: float, most: float | None = None, mib: float | None = None, each: float = 0) -> bool:
    """Print one line of the table; True if it is within its limits."""
    fits = (most is None or seconds <= most) and (most is None or mib is None or mib <= MOST_LOAD_MIB)
    memory = f"{mib:7.0f} MiB" if mib is not None else " " * 11
    cost = f"{each * 1e6:7.0f} µs each" if each else " " * 15
    limit = f"at most {most:g} s" + (f", {MOST_LOAD_MIB:g} MiB" if mib is not None else "") if most else ""
    print(f"{name:34} {seconds:8.2f} s {memory} {cost}  {limit}{'' if fits else '  EXCEEDED'}".rstrip())
    return fits


def main() -> int:
    """Measure and print; exit code 1 if a limit is exceeded."""
    lists = Settings().allowlists
    today, nothing = load_folder(lists), Allowlist((), split_host=suffix_splitter())
    changed = replace(today.operators[0], domain="example.org", portals=today.operators[0].portals[:1])
    portal = replace(changed.portals[0], host="portal.example.org")
    other = Allowlist(
        [*today.operators[5:], replace(changed, portals=(portal,))],
        split_host=today.split_host,
        vendors=today.vendors.values(),
        names=today.names,
        policy=today.policy,
        tables=today.tables,
    )
    print(f"{platform.machine()}, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}")
    print(f"today's list: {len(today.operators)} files, {len(today.portals)} portals; best of {ROUNDS}\n")
    measured: tuple[tuple[str, Callable[[], object], float | None], ...] = (
        ("load", lambda: load_folder(lists), None),
        ("lint, every rule", lambda: lint(replace(read_folder(lists), today=TODAY)), MOST_LINT_SECONDS),
        ("diff, two loads and a change", lambda: _load_and_diff(lists, other), MOST_DIFF_SECONDS),
        ("diff, two loads, from nothing", lambda: _load_and_diff(lists, nothing), MOST_DIFF_SECONDS),
    )
    fits = [row(name, best_of(ROUNDS, work), most) for name, work, most in measured]
    print("\nmade-up lists, each loaded in its own process")
    with tempfile.TemporaryDirectory() as temp:
        for size in SIZES:
            folder = Path(temp) / str(size)
            write_list(folder, size)
            command = [sys.executable, __file__, str(folder)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            loaded, seconds, mib = (float(part) for part in done.stdout.split())
            assert loaded == size
            name = f"load {size:,} portals, {size // 10:,} files"
            fits.append(row(name, seconds, MOST_LOAD_SECONDS if size == SIZES[-1] else None, mib, seconds / size))
    return 0 if all(fits) else 1


def _load_and_diff(lists: Path, old: Allowlist) -> None:
    load_folder(lists)
    diff(old, load_folder(lists))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        load_alone(Path(sys.argv[1]))
    else:
        sys.exit(main())
