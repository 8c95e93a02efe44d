"""The outside judge: what real Chromium opens and shows for texts that were called verified.

It knows nothing of how the reader works. Each text is parsed as a page, rendered as Markdown by
another renderer than ours, read as an address bar does, and searched for any other readable place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page

from checker.core.check import Checker
from checker.core.errors import UnreadableAddress
from checker.core.text import Context
from checker.core.url import WebUrl, parse
from checker.lists.tables import load_tables

TODAY = date(2026, 11, 22)
FOLDER = Path(__file__).parent
RENDERER = FOLDER.parents[1] / "extension/node_modules/commonmark/dist/commonmark.js"
SCRIPTS = (RENDERER, FOLDER / "dom.js", FOLDER / "places.js", FOLDER / "judge.js")

# No scripts and no loads, but a page in which scripts are not switched off: <noscript> depends on that.
PAGE = {"Content-Type": "text/html", "Content-Security-Policy": "default-src 'none'"}
BATCH = 500
OWN_NAMES = frozenset("example invalid local localhost localdomain test lan internal home corp intranet onion".split())
"""Names of no registry that programs make links of all the same."""


class Verified(NamedTuple):
    """A text and the origin that the checker verified for it."""

    text: str
    origin: str


class Fault(NamedTuple):
    """Another place that a text leads to or shows: who reads it so, from what, and where it leads."""

    reader: str
    what: str
    where: str


def verified(checker: Checker, text: str) -> Verified | None:
    """The text with what was verified for it; None for every other answer."""
    try:
        result = checker.check(text, context=Context.LINK, today=TODAY)
    except UnreadableAddress:
        return None
    if not result.judgement.is_verified:
        return None
    assert isinstance(result.address, WebUrl)
    assert result.address.host in checker.allowlist.hosts
    return Verified(text, result.address.origin)


class Judge:
    """A page of Chromium with the judge's scripts in it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def faults(self, rows: Sequence[Verified]) -> list[list[Fault]]:
        """All faults of each text, in order."""
        return [
            [fault for fault in map(Fault._make, answer) if not _leads_to(fault.where, row.origin)]
            for start in range(0, len(rows), BATCH)
            for row, answer in zip(rows[start : start + BATCH], self._ask(rows[start : start + BATCH]), strict=True)
        ]

    def _ask(self, rows: Sequence[Verified]) -> list[list[list[str]]]:
        # Lone surrogates do not travel; every browser reads them as U+FFFD.
        sound = [(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), origin) for text, origin in rows]
        answers: list[list[list[str]]] = self._page.evaluate("rows => judgeAll(rows)", sound)
        return answers

    def shrink(self, row: Verified, fault: Fault, ask: Callable[[str], Verified | None]) -> tuple[str, Fault]:
        """A short text with the same fault, by leaving out pieces while it stays verified."""
        text = row.text
        size = len(text) // 2
        while size:
            shorter = [text[:at] + text[at + size :] for at in range(0, len(text), max(size // 2, 1))]
            kept = [found for candidate in shorter if (found := ask(candidate)) is not None]
            for one, faults in zip(kept, self.faults(kept), strict=True):
                same = next((found for found in faults if found[:2] == fault[:2]), None)
                if same is not None:
                    text, fault = one.text, same
                    break
            else:
                size //= 2
        return text, fault


def _leads_to(where: str, origin: str) -> bool:
    """Whether an address is a gateway's link around one of the verified origin. The page knows the gateways."""
    if not where.startswith("https://"):
        return False
    try:
        link = parse(where)
    except UnreadableAddress:
        return False
    if not isinstance(link, WebUrl):
        return False
    target = load_tables().wrappers.unwrap(link)
    return bool(target.services) and target.hidden is None and target.url.origin == origin


@contextmanager
def judging(browser: Browser) -> Iterator[Judge]:
    """A judge in a context of its own; nothing is fetched from anywhere."""
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body="<!doctype html><body>", headers=PAGE))
    page.goto("https://base.example/")
    page.unroute_all()
    context.set_offline(True)
    page.evaluate("names => { globalThis.suffixes = new Set(names); }", sorted(_last_labels()))
    for script in SCRIPTS:
        page.evaluate(script.read_text(encoding="utf-8"))
    yield Judge(page)
    context.close()


def _last_labels() -> set[str]:
    """The last label of every public suffix, as written and as a browser writes it."""
    rules = files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text(encoding="utf-8")
    lines = (line.strip() for line in rules.splitlines())
    labels = {line.rpartition(".")[2] for line in lines if line and not line.startswith("//")}
    return labels | {label.encode("idna").decode() for label in labels} | OWN_NAMES
