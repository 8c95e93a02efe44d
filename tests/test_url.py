"""What a browser would open for a text: the table, the limits, and the time nasty text takes."""

from __future__ import annotations

import time
from pathlib import Path

import ada_url
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.errors import AddressProblem, UnreadableAddress
from checker.url import MAX_CHARACTERS, Context, OtherAddress, WebUrl, parse

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "urls.yaml").read_text(encoding="utf-8"))


def read(text: str, context: Context = Context.LINK) -> dict[str, object]:
    """The outcome in the table's words."""
    try:
        found = parse(text, context)
    except UnreadableAddress as error:
        return {"problem": error.problem.value}
    if isinstance(found, OtherAddress):
        return {"scheme": found.scheme}
    outcome: dict[str, object] = {"opens": found.origin}
    if found.typed_host is not None:
        outcome["typed"] = found.typed_host
    if found.has_credentials:
        outcome["login"] = True
    return outcome


@pytest.mark.parametrize("case", CASES, ids=[f"{number}: {case['why']}" for number, case in enumerate(CASES, 1)])
def test_each_text_is_read_as_the_table_says(case: dict[str, object]) -> None:
    expected = {key: case[key] for key in ("opens", "scheme", "problem", "typed", "login") if key in case}
    assert read(str(case["text"]), Context(case.get("context", "link"))) == expected, case["why"]


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
    found = parse(text)
    assert isinstance(found, WebUrl)
    assert (found.path, found.query) == (path, query)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("xn--prtal-jua.example.org", "pörtal.example.org"),
        ("portal.example.org", None),
        ("portal.xn--p1ai", "portal.рф"),
    ],
)
def test_encoded_labels_are_decoded_for_display_only(host: str, shown: str | None) -> None:
    found = parse(f"https://{host}/")
    assert isinstance(found, WebUrl)
    assert (found.host, found.unicode_host) == (host, shown)


@pytest.mark.parametrize("context", Context)
def test_the_length_limit_comes_before_any_reading(context: Context) -> None:
    longest = "https://portal.example.org/".ljust(MAX_CHARACTERS, "a")
    assert isinstance(parse(longest, context), WebUrl)
    with pytest.raises(UnreadableAddress) as error:
        parse(longest + "a", context)
    assert error.value.problem is AddressProblem.TOO_LONG


def test_a_name_longer_than_names_can_be_is_broken() -> None:
    assert read("https://" + "a." * 130 + "example/") == {"problem": "broken"}


def test_lone_surrogates_are_read_as_a_browser_reads_them() -> None:
    assert read("https://portal.example.org/\ud800") == {"opens": "https://portal.example.org"}
    assert read("https://portal\udc00.example.org/") == {"problem": "broken"}


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
            found = parse(text, context)
        except UnreadableAddress:
            continue
        if isinstance(found, WebUrl):
            assert found.scheme in ("http", "https")
            assert found.host == found.host.lower()
            assert found.host.isascii()
            assert not found.host.startswith(".")
            assert ".." not in found.host
            assert parse(found.origin, Context.TAB) == parse(found.origin, Context.LINK)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=8).map("".join))
def test_one_word_with_a_scheme_opens_in_a_link_what_it_opens_in_a_tab(middle: str) -> None:
    """A pasted address never leads to another host than the browser's, unless it was defanged."""
    text = f"https://{middle}portal.example.org/"
    try:
        pasted, browsers = parse(text), parse(text, Context.TAB)
    except UnreadableAddress:
        return
    if isinstance(pasted, WebUrl) and isinstance(browsers, WebUrl) and "[.]" not in text and "hxxp" not in text:
        assert pasted.origin == browsers.origin


PLAIN = "a Z 9 - _ ~ = & + . .. /. ./ ../ / // ? % %2e : @ # xn-- -- 0x 1 com org. a.b".split(" ")


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PLAIN), max_size=5), st.lists(st.sampled_from(PLAIN), max_size=8))
def test_a_plain_address_is_read_as_the_standard_reads_it(before: list[str], behind: list[str]) -> None:
    """Plain addresses are taken apart as they stand; whatever surrounds a host, that must be what the parser says."""
    text = f"https://{''.join(before)}portal.example.org/{''.join(behind)}"
    try:
        found = parse(text, Context.TAB)
    except UnreadableAddress:
        return
    standard = ada_url.URL(text)
    assert isinstance(found, WebUrl)
    assert found.host == standard.hostname.removesuffix(".")
    assert (found.path, found.query) == (standard.pathname, standard.search.removeprefix("?"))
    assert found.port == (int(standard.port) if standard.port else None)
    assert found.has_credentials == ("@" in standard.href.partition("//")[2].partition("/")[0])


SHAPES = "<='// &#< https://a.aa/| https: \t [ ] a. 1. {&amp; javascript: \ud800 ( ://[".split(" ")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("start", ["", "https://", "x "])
def test_nasty_text_of_full_length_is_read_quickly(start: str, shape: str) -> None:
    """About 16 ms at worst here; the bound leaves room for a busy machine and none for a quadratic."""
    text = (start + shape * MAX_CHARACTERS)[:MAX_CHARACTERS]
    best = min(_seconds(text) for _ in range(3))
    assert best < 0.1


def _seconds(text: str) -> float:
    began = time.perf_counter()
    read(text)
    return time.perf_counter() - began
