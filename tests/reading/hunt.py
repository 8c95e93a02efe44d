"""Throw many snippets at the checker and have those judged that it verifies; ``make fuzz`` runs this.

By hand: ``python -m tests.reading.hunt``. ``PORTALCHECK_SNIPPETS`` says how many (500,000) and
``PORTALCHECK_SEED`` which ones; by default every run draws others, and says its seed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from playwright.sync_api import sync_playwright

from checker.core.check import Checker
from checker.lists.loader import load_folder
from tests.reading.generate import Snippet, insertions, snippets
from tests.reading.judge import Fault, Judge, Verified, judging, verified

BATCH = 5000
SHRUNK = 20
"""Most faults whose text is made shorter for the report; each takes a second or so."""


@dataclass(slots=True)
class Report:
    """What a hunt saw: texts of each kind, how many of them were verified, and the false ones."""

    tried: Counter[str] = field(default_factory=Counter)
    verified: Counter[str] = field(default_factory=Counter)
    false: list[tuple[str, Verified, list[Fault]]] = field(default_factory=list)

    def table(self) -> str:
        """Counts by kind, and of the false ones by the most serious fault: the text opens another place,
        shows one to a person, or shows one to a program that makes links of text and cuts them."""
        worst = {"linkifier": "cut", "person": "shows"}
        false = Counter(
            (kind, min((worst.get(fault.reader, "opens") for fault in faults), key=("opens", "shows", "cut").index))
            for kind, _, faults in self.false
        )
        rows = [f"{'kind':18}" + "".join(f"{name:>10}" for name in ("tried", "verified", "opens", "shows", "cut"))]
        for kind in [*sorted(self.tried), None]:
            counts = [tally.total() if kind is None else tally[kind] for tally in (self.tried, self.verified)]
            counts += [
                sum(number for (one, how), number in false.items() if kind in (None, one) and how == name)
                for name in ("opens", "shows", "cut")
            ]
            rows.append(f"{kind or 'all':18}" + "".join(f"{count:10,}" for count in counts))
        return "\n".join(rows)

    def faults(self, judge: Judge, checker: Checker) -> str:
        """The shortest text found for each way to be false, with where it leads."""
        first: dict[tuple[str, str], tuple[Verified, Fault]] = {}
        for _, row, faults in self.false:
            for fault in faults:
                first.setdefault((fault.reader, fault.what), (row, fault))
        lines = []
        for row, fault in list(first.values())[:SHRUNK]:
            text, left = judge.shrink(row, fault, lambda text: verified(checker, text))
            lines.append(f"{text!r} is verified, but {left.reader}: {left.what} {left.where!r}\n    from {row.text!r}")
        return "\n".join(lines)


def hunt(judge: Judge, checker: Checker, texts: Iterable[Snippet]) -> Report:
    """Check every text and judge what was verified."""
    report = Report()
    stream = iter(texts)
    while batch := list(islice(stream, BATCH)):
        report.tried.update(snippet.kind for snippet in batch)
        rows = [(kind, row) for kind, text in batch if (row := verified(checker, text)) is not None]
        report.verified.update(kind for kind, _ in rows)
        for (kind, row), faults in zip(rows, judge.faults([row for _, row in rows]), strict=True):
            if faults:
                report.false.append((kind, row, faults))
    return report


def official_addresses(checker: Checker) -> list[str]:
    """Portals' addresses that are verified by themselves."""
    return [portal.url for portal in checker.allowlist.portals if verified(checker, portal.url) is not None]


def main() -> int:
    """Hunt once; 1 when anything false was found."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("Chromium is missing: nothing was judged. Install it: apt-get install chromium")
        return 1
    count = int(os.environ.get("PORTALCHECK_SNIPPETS", "500000"))
    seed = int(os.environ.get("PORTALCHECK_SEED") or secrets.randbelow(2**32))
    checker = Checker(load_folder(Path(__file__).parents[2] / "allowlists"))
    addresses = official_addresses(checker)
    started = time.monotonic()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, headless=True)
        with judging(browser) as judge:
            false = 0
            share = min(count / 500_000, 1)  # of some 800,000 insertions
            for texts in (snippets(addresses, count, seed), insertions(addresses, seed, share)):
                report = hunt(judge, checker, texts)
                print(f"seed {seed}, {time.monotonic() - started:.0f} s\n{report.table()}", flush=True)
                print(report.faults(judge, checker), flush=True)
                false += len(report.false)
        browser.close()
    return int(false > 0)


if __name__ == "__main__":
    sys.exit(main())
