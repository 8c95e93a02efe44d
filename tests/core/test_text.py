"""What a pasted text is read as: the tables, the limits, and the time nasty text takes."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.bench_text import NASTY
from checker.core.errors import AddressProblem, UnreadableAddress
from checker.core.text import Context, Reading, read
from checker.core.text.shapes import EXTENSIONS, STARTERS, UNOPENABLE
from checker.core.url import MAX_CHARACTERS, OtherAddress, WebUrl, parse
from checker.lists.tables import load_tables

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "urls.yaml").read_text(encoding="utf-8"))
NAMES = load_tables().top_level | UNOPENABLE


def read_link(text: str, context: Context = Context.LINK) -> Reading:
    return read(text, context, NAMES, load_tables().wrappers)


def outcome(text: str, context: Context = Context.LINK) -> dict[str, object]:
    """The outcome in the table's words."""
    try:
        reading = read_link(text, context)
    except UnreadableAddress as error:
        return {"problem": error.problem.value}
    address = reading.address
    if isinstance(address, OtherAddress):
        return {"scheme": address.scheme}
    outcome: dict[str, object] = {"opens": address.origin}
    if address.typed_host is not None:
        outcome["typed"] = address.typed_host
    if address.has_credentials:
        outcome["login"] = True
    if not reading.whole:
        outcome["unread"] = True
    if reading.turned:
        outcome["turned"] = True
    if reading.turned_nearby:
        outcome["nearby"] = True
    if reading.shown is not None:
        outcome["shows"] = reading.shown.origin
    return outcome


COLUMNS = ("opens", "scheme", "problem", "typed", "login", "unread", "turned", "nearby", "shows")


@pytest.mark.parametrize("case", CASES, ids=[f"{number}: {case['why']}" for number, case in enumerate(CASES, 1)])
def test_each_text_is_read_as_the_table_says(case: dict[str, object]) -> None:
    expected = {key: case[key] for key in COLUMNS if key in case}
    assert outcome(str(case["text"]), Context(case.get("context", "link"))) == expected, case["why"]


@pytest.mark.parametrize(
    ("text", "path", "query"),
    [
        ("https://portal.example.org/a/../MyChart/", "/MyChart/", ""),
        ("https://portal.example.org/a/%2e%2E/MyChart/?", "/MyChart/", ""),
        ("https://portal.example.org\\MyChart\\x?a=b#c", "/MyChart/x", "a=b"),
        ("“https://portal.example.org/MyChart/”", "/MyChart/", ""),
        ("Open https://portal.example.org/MyChart/?a=b, please", "/MyChart/", "a=b"),
        ("https://portal.example.org/MyChart/ please", "/MyChart/", ""),
        ("https://portal.example.org/é b/", "/%C3%A9", ""),
    ],
)
def test_path_and_query_are_those_the_browser_asks_for(text: str, path: str, query: str) -> None:
    found = read_link(text).address
    assert isinstance(found, WebUrl)
    assert (found.path, found.query) == (path, query)


@pytest.mark.parametrize("context", Context)
def test_the_length_limit_comes_before_any_reading(context: Context) -> None:
    longest = "https://portal.example.org/".ljust(MAX_CHARACTERS, "a")
    assert isinstance(read_link(longest, context).address, WebUrl)
    with pytest.raises(UnreadableAddress) as error:
        read_link(longest + "a", context)
    assert error.value.problem is AddressProblem.TOO_LONG


def test_a_name_longer_than_names_can_be_is_broken() -> None:
    assert outcome("https://" + "a." * 130 + "example/") == {"problem": "broken"}


def test_lone_surrogates_are_read_as_a_browser_reads_them() -> None:
    assert outcome("https://portal.example.org/\ud800") == {"opens": "https://portal.example.org", "unread": True}
    assert outcome("https://portal\udc00.example.org/") == {"problem": "broken"}


PLAIN_HOST = re.compile(r"[a-z0-9.\-]*[a-z0-9]")
PIECES = (
    "https:// http: portal.example.org evil.example @ : \\ / // . .. ? # [ ] ( ) < > \" ' | , ; & &#46; %2e"
    " %00 \t \n \u00a0 \u200b \u3002 \u00ad \ud800 [.] hxxps:// javascript: mailto: :443 :8443 192.0.2.7 [::1]"
    " xn-- é Ｏ - x"
)
PARTS = st.sampled_from(PIECES.split(" "))


@settings(deadline=None)
@given(st.one_of(st.text(), st.lists(PARTS, max_size=12).map("".join), st.lists(PARTS, max_size=12).map(" ".join)))
def test_any_text_is_an_address_or_unreadable(text: str) -> None:
    for context in Context:
        try:
            found = read_link(text, context).address
        except UnreadableAddress:
            continue
        if isinstance(found, WebUrl):
            assert found.scheme in ("http", "https")
            assert found.host == found.host.lower()
            assert found.host.isascii()
            assert not found.host.startswith(".")
            assert ".." not in found.host
            if PLAIN_HOST.fullmatch(found.host):  # others hold signs that end an address in a text
                assert read_link(found.origin, Context.TAB).address == read_link(found.origin).address


@settings(deadline=None)
@given(st.lists(PARTS, max_size=8).map("".join))
def test_one_word_with_a_scheme_opens_in_a_link_what_it_opens_in_a_tab(middle: str) -> None:
    """A pasted address never leads to another host than the browser's, unless it was defanged."""
    text = f"https://{middle}portal.example.org/"
    try:
        pasted, browsers = read_link(text).address, parse(text)
    except UnreadableAddress:
        return
    if isinstance(pasted, WebUrl) and isinstance(browsers, WebUrl) and "[.]" not in text and "hxxp" not in text:
        assert pasted.origin == browsers.origin


def test_no_word_that_may_stand_beside_an_address_is_an_ending_of_names() -> None:
    public = load_tables().top_level
    assert not {word.lower() for word in STARTERS} & public
    assert not EXTENSIONS & public


SHAPES = "<='// &#< https://a.aa/| https: \t [ ] a. 1. {&amp; javascript: \ud800 ( ://[".split(" ")
SHAPES += ["<b>www.", "<b style=list-style>", "&amp;", "=2E"]


@pytest.mark.parametrize("shape", sorted({*SHAPES, *NASTY}))
@pytest.mark.parametrize("start", ["", "https://", "x ", "Log in: https://portal.example.org/ "])
def test_nasty_text_of_full_length_is_read_quickly(start: str, shape: str) -> None:
    """About 6 ms at worst on a quiet machine; the bound leaves room for a busy one and none for a quadratic."""
    text = (start + shape * MAX_CHARACTERS)[:MAX_CHARACTERS]
    best = min(_seconds(text) for _ in range(3))
    assert best < 0.1


def _seconds(text: str) -> float:
    began = time.thread_time()
    outcome(text)
    return time.thread_time() - began
