"""Real Chromium opens the host that we judge: the table of addresses and the public vectors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser, Page

from checker.core.check import Checker
from checker.core.errors import UnreadableAddress
from checker.core.text import Context
from checker.core.url import WebUrl, parse
from tests.mutations import mutations
from tests.vectors import needs_vectors, url_vectors

pytestmark = pytest.mark.browser

CASES = yaml.safe_load((Path(__file__).parent.parent / "cases" / "urls.yaml").read_text(encoding="utf-8"))

# What only Chromium writes differently, and why it cannot matter.
KNOWN_DIFFERENCES = {
    "http://!\"$&'()*+,-.;=_`{}~/": "Chromium escapes the star in a host; no name with one can be listed",
}

HOSTS = """texts => texts.map(text => {
    try { const url = new URL(text); return [url.protocol, url.hostname]; } catch { return null; }
})"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """An empty page; nothing is opened, only addresses are read."""
    page = chromium.new_page()
    yield page
    page.close()


def differences(page: Page, texts: list[str]) -> list[tuple[str, str | None, str | None]]:
    """The texts that both read as web addresses, but of different hosts."""
    found = []
    for text, answer in zip(texts, page.evaluate(HOSTS, texts), strict=True):
        ours = our_host(text)
        if ours is None or answer is None:
            continue
        protocol, hostname = answer
        theirs = hostname.removesuffix(".") if protocol in ("http:", "https:") else None
        if ours != theirs and text not in KNOWN_DIFFERENCES:
            found.append((text, ours, theirs))
    return found


def our_host(text: str) -> str | None:
    try:
        found = parse(text)
    except UnreadableAddress:
        return None
    return found.host if isinstance(found, WebUrl) else None


def test_chromium_opens_the_hosts_of_the_table(page: Page) -> None:
    texts = [text for case in CASES if (text := str(case["text"])) and our_host(text) is not None]
    assert len(texts) > 60
    assert differences(page, texts) == []


@needs_vectors
def test_chromium_opens_the_hosts_of_the_public_vectors(page: Page) -> None:
    vectors = [v for v in url_vectors() if v.protocol in ("http:", "https:", None)]
    assert len(vectors) > 2500
    assert differences(page, [v.text for v in vectors]) == []


@needs_vectors
def test_what_chromium_refuses_and_we_read_can_never_be_listed(page: Page) -> None:
    """The URL Standard allows ≮ and ≯ in names, Chromium does not; the other way round we only refuse more."""
    texts = [v.text for v in url_vectors() if v.protocol in ("http:", "https:", None)]
    answers = page.evaluate(HOSTS, texts)
    ours_alone = [our_host(text) for text, answer in zip(texts, answers, strict=True) if answer is None]
    assert [host for host in ours_alone if host and "xn--" not in host] == []


def test_what_is_verified_in_a_tab_opens_a_listed_host_in_chromium(page: Page, checker: Checker) -> None:
    addresses = [portal.url for portal in checker.allowlist.portals]
    texts = [text for text in mutations(addresses, 6000, seed=5) if is_verified(checker, text)]
    assert len(texts) > 1000
    answers = page.evaluate("texts => texts.map(text => new URL(text).origin)", texts)
    wrong = [
        (text, origin)
        for text, origin in zip(texts, answers, strict=True)
        if origin.removeprefix("https://").removesuffix(".") not in checker.allowlist.hosts
    ]
    assert wrong == []


def is_verified(checker: Checker, text: str) -> bool:
    try:
        result = checker.check(text, context=Context.TAB, today=date(2026, 11, 22))
    except UnreadableAddress:
        return False
    return result.judgement.is_verified
