"""Time of one check, compared with its minimum (one WHATWG parse and one suffix split) and with simpler tools.

The candidates take turns in short rounds, so that a busy machine slows all of them alike; what counts is the
ratio of the medians. Run it with ``make bench``.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import ada_url
import validators
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from benchmarks.pages import BENCHMARKS, machine, publish, table
from checker.core.check import Checker
from checker.lists.loader import load_folder
from checker.lists.suffixes import suffix_splitter
from checker.settings import Settings

ROUNDS = 301
CALLS = 50
"""Calls in one round: enough to make the cost of reading the clock negligible."""

LISTED = "https://mychart.clevelandclinic.org/"
LISTED_WITH_MOUNT = "https://mychart.ochin.org/MyChartAACI/Authentication/Login?mode=std"
UNLISTED = "https://www.wikipedia.org/wiki/Portal"
IMITATION = "https://mychart.cleve1andclinic.org/"


def candidates() -> dict[str, Callable[[], object]]:
    """What is measured, by name; the first is the baseline."""
    allowlist = load_folder(Settings().allowlists)
    check = Checker(allowlist).check
    split = suffix_splitter()
    hosts, domains = sorted(allowlist.hosts), sorted(allowlist.domains)
    today = datetime.now(UTC).date()
    return {
        "parse + suffix split": lambda: split(ada_url.URL(LISTED).hostname),
        "check, listed": lambda: check(LISTED, today=today),
        "check, listed, with mount and query": lambda: check(LISTED_WITH_MOUNT, today=today),
        "check, not listed": lambda: check(UNLISTED, today=today),
        "check, imitation": lambda: check(IMITATION, today=today),
        "validators.url, which reads only": lambda: validators.url(LISTED),
        "urlsplit and a set, which can be fooled": lambda: urlsplit(LISTED).hostname in allowlist.hosts,
        "rapidfuzz, nearest of all domains, not listed": lambda: nearest(UNLISTED, domains),
        "rapidfuzz, nearest of all hosts, imitation": lambda: nearest(IMITATION, hosts),
    }


def nearest(text: str, names: list[str]) -> object:
    """What a simple look-alike check does: find the listed name with the fewest edits, two at most."""
    host = ada_url.URL(text).hostname
    return process.extractOne(host, names, scorer=Levenshtein.distance, score_cutoff=2)


def microseconds_per_call(call: Callable[[], object]) -> float:
    start = time.perf_counter_ns()
    for _ in range(CALLS):
        call()
    return (time.perf_counter_ns() - start) / CALLS / 1000


def main() -> None:
    measured = candidates()
    times: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(ROUNDS):
        for name, call in measured.items():
            times[name].append(microseconds_per_call(call))
    medians = {name: statistics.median(values) for name, values in times.items()}
    base = next(iter(medians.values()))
    rows = [(name, f"{median:.1f} µs", f"{median / base:.2f} ×") for name, median in medians.items()]
    heading = f"{machine()}; median of {ROUNDS} rounds of {CALLS} calls, taking turns."
    publish("check", f"{heading}\n\n{table(('in process, before rendering', 'time', 'ratio'), rows)}", BENCHMARKS)


if __name__ == "__main__":
    main()
