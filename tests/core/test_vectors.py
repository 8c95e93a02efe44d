"""The public vectors of the URL Standard and the Public Suffix List, against our parser and splitter."""

from __future__ import annotations

import pytest

from checker.core.errors import UnreadableAddress
from checker.core.text import Context, read
from checker.core.url import OtherAddress, WebUrl, parse
from checker.core.wrapper import Wrappers
from checker.lists.suffixes import suffix_splitter
from tests.vectors import Vector, needs_vectors, suffix_vectors, url_vectors

MESSAGES = ("mailto:", "tel:", "sms:")


def without_dot(hostname: str) -> str:
    return hostname.removesuffix(".")


def refused_by_us(hostname: str) -> str | None:
    """Why we refuse a host that browsers accept: it could never be compared with a listed one."""
    name = without_dot(hostname)
    if name == "" or name.startswith(".") or ".." in hostname:
        return "an empty label"
    if len(name) > 253:
        return "longer than a name in the DNS can be"
    return None


def ascii_host(host: str) -> str | None:
    try:
        found = parse(f"https://{host}/")
    except UnreadableAddress:
        return None
    return found.host if isinstance(found, WebUrl) else None


def opened(vector: Vector) -> WebUrl | OtherAddress | None:
    try:
        return read(vector.text, Context.TAB, frozenset(), Wrappers()).address
    except UnreadableAddress:
        return None


@needs_vectors
def test_what_browsers_refuse_has_no_answer() -> None:
    wrong = [v for v in url_vectors() if v.protocol is None and opened(v) is not None]
    assert wrong == []


@needs_vectors
def test_every_web_address_opens_the_host_that_browsers_open() -> None:
    vectors = [v for v in url_vectors() if v.protocol in ("http:", "https:")]
    assert len(vectors) > 900
    wrong = []
    for vector in vectors:
        hostname = vector.hostname or ""
        found = opened(vector)
        host = found.host if isinstance(found, WebUrl) else None
        if host != (None if refused_by_us(hostname) else without_dot(hostname)):
            wrong.append((vector, host))
    assert wrong == []


@needs_vectors
def test_every_other_scheme_opens_no_web_page() -> None:
    vectors = [v for v in url_vectors() if v.protocol not in (None, "http:", "https:", *MESSAGES)]
    wrong = [v for v in vectors if opened(v) != OtherAddress(str(v.protocol).removesuffix(":"))]
    assert wrong == []
    assert all(opened(v) is None for v in url_vectors() if v.protocol in MESSAGES)


@needs_vectors
def test_registrable_domains_are_those_of_the_suffix_list() -> None:
    split = suffix_splitter()
    vectors = suffix_vectors()
    assert len(vectors) > 60
    wrong = []
    for host, expected in vectors:
        parsed = ascii_host(host)  # None with a dot in front: we read no such host
        domain = split(parsed).registrable_domain if parsed else None
        if domain != (ascii_host(expected) if expected else None):
            wrong.append((host, domain, expected))
    assert wrong == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[2001:db8::1]", "localhost"])
def test_names_without_a_suffix_have_no_registrable_domain(host: str) -> None:
    assert suffix_splitter()(host).registrable_domain is None
