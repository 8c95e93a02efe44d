"""Nothing that is verified leads or points elsewhere: thousands of hostile snippets, judged by Chromium.

``make fuzz`` tries many more. The counts asserted below keep the test honest: a reader that refused
everything would pass it otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from checker.core.check import Checker
from tests.reading.generate import KINDS, insertions, snippets
from tests.reading.hunt import hunt, official_addresses
from tests.reading.judge import RENDERER, Judge, Verified, judging, verified
from tests.reading.maker import HONEST

pytestmark = pytest.mark.browser

SEED = int(os.environ.get("PORTALCHECK_SEED", "1"))
OFFICIAL = "https://mychart.clevelandclinic.org"

# Each leads or points to another place than OFFICIAL; the first word says who is certain to notice.
ELSEWHERE = [
    ("address bar", "evil.Com/{o}/"),
    ("address bar", "x@evil.example?{o}/"),
    ("address bar", "127.1/{o}/"),
    ("address bar", "googlechromes://evil.example/?x={o}/"),
    ("address bar", "{o}\nanic/login"),
    ("address bar", "{o} me@evil.ai/"),
    ("address bar", "{o}.evil.ai/"),
    ("page", '<a href="https://evil.ai/">Log in</a> {o}'),
    ("page", '<a href="///evil.ai/">{o}/</a>'),
    ("page", '<a href="evil.Com">{o}/</a>'),
    ("page", '<a href="&#47;&#47;evil.ai">{o}/</a>'),
    ("page", '<a href="{o}&ltx.evil.Com/">Log in</a>'),
    ("page", '<a href="https://mychart.clevelandclinic.org:443@evil.ai">Log in</a>'),
    ("page", '<a href="microsoft-edge:{o}">Log in</a>'),
    ("page", '<a href="{o}" href="x" onclick="y">Log in</a>'),
    ("page", '<a href="{o}" ping="https://evil.ai/">Log in</a>'),
    ("page", '<base href="https://evil.ai/"><a href="/login">{o}</a>'),
    ("page", '<meta http-equiv="refresh" content="0;//evil.ai">{o}'),
    ("page", '<iframe srcdoc="&lt;a href=//evil.ai&gt;x&lt;/a&gt;"></iframe>{o}'),
    ("page", '<object data="//evil.ai"></object>{o}'),
    ("page", "<form action=//evil.ai><button>Log in</button></form>{o}"),
    ("page", "<form><button formaction=//evil.ai>Log in</button></form>{o}"),
    ("page", "<svg><a xlink:href=//evil.ai><text>Log in</text></a></svg>{o}"),
    ("page", '<a href="//mychart.clevelandclinic.org/">Log in</a>'),
    ("page", "<noscript><a href=//evil.ai>Log in</a></noscript>{o}"),
    ("page", "<noscript><p title='</noscript><a href=//evil.ai>Log in</a>'></noscript>{o}"),
    ("page", "<div><template shadowrootmode=open><a href=//evil.ai>x</a></template></div>{o}"),
    ("page", "<!--[if mso]><v:roundrect href=//evil.ai>x</v:roundrect><![endif]-->{o}"),
    ("page", "<script>x</script>{o}"),
    ("page", "<{o} onclick=x>"),
    ("Markdown", "[{o}/](https://evil.ai)"),
    ("Markdown", "[{o}/](https\\://evil.ai)"),
    ("Markdown", "[Log in]({o}\\.evil.ai)"),
    ("Markdown", "[Log in]({o}\\@evil.ai)"),
    ("Markdown", "[Log in][1]\n\n[1]: //evil.ai\n[1]: {o}"),
    ("Markdown", "<{o}\u3000x@evil.ai>"),
    ("Markdown", "![Log in](#)[Log in](evil.ai) {o}"),
    ("person", "{o}/ has moved to evil.Com/login"),
    ("person", "evil。com/ or {o}/"),
    ("person", "{o}/ or evil.ﬁ"),
    ("person", "{o}/ or evil[.]ai"),
    ("person", "{o}/ or evil. com"),
    ("person", "{o}/ or ev\u00adil.a\u200bi"),
    ("person", "https;//evil/ {o}/"),
    ("person", "open web+x:{o}/"),
    ("linkifier", "{o}/x'//evil/"),
    ("linkifier", "{o}/login,evil.ai"),
    ("linkifier", "{o}/…ftp://evil/"),
    ("person", "www.{o}/"),
    ("person", "mychart.clevelandclinic.org/prd_www.evil.ai"),
    ("person", "{o}/ or 10.2.0.1"),
    ("person", "{o}/ \u202eia.live"),
    ("person", "<a href={o}>ev<b>il.a</b>i</a>"),
]


@pytest.fixture(scope="module")
def judge(chromium: Browser) -> Iterator[Judge]:
    if not RENDERER.exists():
        reason = "commonmark is missing. Install it: npm ci --prefix extension"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with judging(chromium) as judge:
        yield judge


@pytest.fixture(scope="module")
def addresses(checker: Checker) -> list[str]:
    return official_addresses(checker)


def test_the_judge_notices_each_way_to_lead_elsewhere(judge: Judge) -> None:
    rows = [Verified(text.replace("{o}", OFFICIAL), OFFICIAL) for _, text in ELSEWHERE]
    readers = [{fault.reader for fault in faults} for faults in judge.faults(rows)]
    missed = [(reader, text) for (reader, text), seen in zip(ELSEWHERE, readers, strict=True) if reader not in seen]
    assert missed == []


def test_honest_texts_are_verified_and_the_judge_finds_nothing_in_them(judge: Judge, checker: Checker) -> None:
    assert len(HONEST) >= 30
    texts = [honest.replace("{url}", f"{OFFICIAL}/MyChart/") for honest in HONEST]
    rows = [row for text in texts if (row := verified(checker, text)) is not None]
    assert [text for text in texts if text not in {row.text for row in rows}] == []
    assert [(row.text, faults) for row, faults in zip(rows, judge.faults(rows), strict=True) if faults] == []


def test_no_verified_snippet_leads_or_points_elsewhere(judge: Judge, checker: Checker, addresses: list[str]) -> None:
    report = hunt(judge, checker, snippets(addresses, 20_000, SEED))
    print(f"seed {SEED}\n{report.table()}")
    assert not report.false, f"seed {SEED}\n{report.table()}\n{report.faults(judge, checker)}"
    plain = [kind for kind, make in KINDS.items() if make.__module__ == "tests.reading.plain"]
    assert sum(report.verified[kind] for kind in plain) >= 1_000
    # Texts with a second place are to be refused; what verifies of them has hardly one.
    assert [kind for kind in KINDS if report.verified[kind] < (0 if kind == "second place" else 10)] == []


def test_no_single_insertion_into_an_honest_text_verifies_falsely(
    judge: Judge, checker: Checker, addresses: list[str]
) -> None:
    report = hunt(judge, checker, insertions(addresses, SEED, share=0.01))
    print(f"seed {SEED}\n{report.table()}")
    assert not report.false, f"seed {SEED}\n{report.table()}\n{report.faults(judge, checker)}"
    assert report.verified.total() >= 1_000
