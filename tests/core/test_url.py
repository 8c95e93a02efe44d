"""What a browser opens for one address."""

from __future__ import annotations

import ada_url
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.core.errors import UnreadableAddress
from checker.core.url import WebUrl, parse


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


PLAIN = "a Z 9 - _ ~ = & + . .. /. ./ ../ / // ? % %2e : @ # xn-- -- 0x 1 com org. a.b".split(" ")


@settings(deadline=None, max_examples=400)
@given(st.lists(st.sampled_from(PLAIN), max_size=5), st.lists(st.sampled_from(PLAIN), max_size=8))
def test_a_plain_address_is_read_as_the_standard_reads_it(before: list[str], behind: list[str]) -> None:
    """Whatever surrounds a host, what is taken out of the parsed address is what the parser says."""
    text = f"https://{''.join(before)}portal.example.org/{''.join(behind)}"
    try:
        found = parse(text)
    except UnreadableAddress:
        return
    standard = ada_url.URL(text)
    assert isinstance(found, WebUrl)
    assert found.host == standard.hostname.removesuffix(".")
    assert (found.path, found.query) == (standard.pathname, standard.search.removeprefix("?"))
    assert found.port == (int(standard.port) if standard.port else None)
    assert found.has_credentials == ("@" in standard.href.partition("//")[2].partition("/")[0])
