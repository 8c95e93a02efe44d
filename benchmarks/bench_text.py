"""What reading pasted text costs: messages of everyday size, and the nastiest texts that the limit lets in.

Measured in this thread's own time, so that other work on the machine counts little; the best of several runs is the
text's cost, the rest is noise. Run it with ``make bench``.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.pages import BENCHMARKS, machine, publish, table
from checker.core.check import Checker
from checker.core.errors import UnreadableAddress
from checker.core.url import MAX_CHARACTERS
from checker.lists.loader import load_folder
from checker.settings import Settings

RUNS = 5
CALLS = 200
"""Calls in one run for a message of everyday size."""

LINK = "https://mychart.clevelandclinic.org/MyChart/"
LETTER = f"""Dear Ms. Rivera,

Your results of 11/20/2026 are in: A1c 6.9%, LDL 110 mg/dL. Please read the note of Dr. Okafor (e.g., the part on diet)
at {LINK} and bring the list of your medicines, such as metformin 850 mg b.i.d., on Tue., Dec. 8, at 9:30 a.m.

Questions? Call (216) 555-0142, Mon.-Fri. 8:00-17:00, or write to help@clinic.example.

Kind regards,
Patient Services
"""
MESSAGES = {
    "the address alone": LINK,
    "a text message": f"Your lab results are ready. View them at {LINK} or call 216-555-0142. Reply STOP to opt out.",
    "a letter": LETTER,
    "a link in HTML": f'<p>Hi Sam,<br>your results are <b>in</b>.</p><p><a href="{LINK}" target="_blank">View</a></p>',
    "a link in Markdown": f"* take your medicines\n* log in to [MyChart]({LINK})",
    "words<address> of Outlook": f"Your results are in. Open MyChart<{LINK}> to read them.",
    "honest prose of full length": (LETTER.replace(LINK, "the portal") * 30)[: MAX_CHARACTERS - 60] + f" {LINK}",
}
NASTY = (
    "[,![,[a](,*a_,](,]:,[x]: ,`,<,<div>,<a href=x>,<!--,<p>x,&lt,&#1;,a.,a/,1.,é.,éa,ⅷ,😀,@a.,a@b.c ,www.,https:,"
    "https://a.aa/ ,<https://a.aa/> ,=3D,=\n,=2E,a\n,1-,(.),·com,. com ,\u200b "
).split(",")
"""Repeated up to the limit, each of these has cost some reader of text too much."""


def nasty() -> list[str]:
    """Texts of the greatest length, alone and behind a link."""
    return [(start + piece * MAX_CHARACTERS)[:MAX_CHARACTERS] for piece in NASTY for start in ("", f"Log in: {LINK} ")]


def microseconds(call: Callable[[], object], calls: int) -> float:
    """The time of one call, in the best run."""

    def run() -> float:
        start = time.thread_time_ns()
        for _ in range(calls):
            call()
        return (time.thread_time_ns() - start) / calls / 1000

    return min(run() for _ in range(RUNS))


def main() -> None:
    check = Checker(load_folder(Settings().allowlists)).check
    today = datetime.now(UTC).date()

    def asked(text: str) -> Callable[[], object]:
        def ask() -> object:
            try:
                return check(text, today=today)
            except UnreadableAddress as error:
                return error

        return ask

    rows = [
        (name, f"{len(text):,}", f"{microseconds(asked(text), 5 if len(text) > 4000 else CALLS):,.0f} µs")
        for name, text in MESSAGES.items()
    ]
    worst = [microseconds(asked(text), 1) for text in nasty()]
    rows += [
        (f"{name} of {len(worst)} nasty texts", f"{MAX_CHARACTERS:,}", f"{figure:,.0f} µs")
        for name, figure in (("median", statistics.median(worst)), ("worst", max(worst)))
    ]
    told = f"{machine()}; best of {RUNS} runs, in the thread's own time."
    publish("text", f"{told}\n\n{table(('a pasted text, checked', 'characters', 'time'), rows)}", BENCHMARKS)


if __name__ == "__main__":
    main()
