"""What must hold for any text at all: an answer or UnreadableAddress, and never a false *verified*.

``PORTALCHECK_MUTATIONS`` sets how many damaged addresses are tried; 100,000 take a few minutes.
"""

from __future__ import annotations

import os
import re
from datetime import date
from urllib.parse import quote, unquote

import ada_url
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.core.allowlist import Allowlist, Portal
from checker.core.check import Checker, Result
from checker.core.errors import UnreadableAddress
from checker.core.reason import ReasonCode
from checker.core.text import Context
from checker.core.url import WebUrl
from tests.mutations import ODD, SIGNS, mutations

TODAY = date(2026, 11, 22)
COUNT = int(os.environ.get("PORTALCHECK_MUTATIONS", "4000"))

# A pasted sentence ends in them, and no name does.
SENTENCE_MARKS = "\"'`>)]}»”’,;:!."

relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def answer(checker: Checker, text: str, context: Context = Context.LINK) -> Result | None:
    """The answer; None for a text that holds no address. Anything else that is raised fails the test."""
    try:
        return checker.check(text, context=context, today=TODAY)
    except UnreadableAddress:
        return None


def is_verified(checker: Checker, text: str, context: Context = Context.LINK) -> bool:
    result = answer(checker, text, context)
    return result is not None and result.judgement.is_verified


def hosts_of(checker: Checker) -> list[str]:
    """The hosts that verify today: what is overdue would pass every test that wants a warning."""
    allowlist = checker.allowlist
    homes = ((host, allowlist.home_of(host)) for host in sorted(allowlist.hosts))
    return [host for host, home in homes if home is not None and allowlist.within_lease(home, TODAY)]


def why_false(checker: Checker, text: str, context: Context) -> str | None:
    """Why a *verified* for ``text`` is false; None when it is true or no *verified* at all.

    The browser's reading of the raw text is asked of the parser itself, past all of our code.
    """
    result = answer(checker, text, context)
    if result is None or not result.judgement.is_verified:
        return None
    url = result.address
    if not isinstance(url, WebUrl) or url.host not in checker.allowlist.hosts:
        return "the host is not on the list"
    if (url.scheme, url.port, url.username, url.has_credentials) != ("https", None, "", False):
        return "not the plain https address"
    text = re.sub("[\ud800-\udfff]", "\ufffd", text)
    if context is Context.LINK:
        text = re.sub(r"[\[({]\.[\])}]|[\[(]dot[\])]", ".", text.lower()).rstrip(SENTENCE_MARKS)
        carried = re.sub("[\t\r\n]", "", unquote(text)).lower()  # as the gateway gets it from a browser
        if url.host not in (carried if result.unwrapped else text):
            return "the host does not stand in the text"
    try:
        raw = ada_url.URL(text)
    except ValueError:
        return "a browser opens nothing there" if context is Context.TAB else None
    if raw.protocol not in ("http:", "https:") or result.unwrapped:
        return "no web address in a tab" if context is Context.TAB else None
    if raw.hostname.removesuffix(".") != url.host:
        return "the browser goes to another host"
    return None


# --- any text ----------------------------------------------------------------------------------


@relaxed
@given(text=st.text(), context=st.sampled_from(Context))
def test_any_text_is_answered_or_unreadable(checker: Checker, text: str, context: Context) -> None:
    assert why_false(checker, text, context) is None


@relaxed
@given(middle=st.text(max_size=30), context=st.sampled_from(Context), data=st.data())
def test_any_text_around_a_listed_host_verifies_nothing_else(
    checker: Checker, middle: str, context: Context, data: st.DataObject
) -> None:
    host = data.draw(st.sampled_from(hosts_of(checker)))
    for text in (f"https://{middle}{host}/", f"https://{host}{middle}", f"{middle}{host}", f"{host}{middle}/"):
        assert why_false(checker, text, context) is None, text


@pytest.mark.parametrize("context", Context)
def test_damaged_and_disguised_addresses_never_verify_falsely(checker: Checker, context: Context) -> None:
    hosts = set(hosts_of(checker))
    addresses = [portal.url for portal in checker.allowlist.portals if portal.host in hosts]
    verified = 0
    wrong = []
    for text in mutations(addresses, COUNT):
        reason = why_false(checker, text, context)
        if reason is not None:
            wrong.append((text, reason))
        verified += is_verified(checker, text, context)
    assert wrong == []
    assert verified > COUNT // 10, "most changes to the path leave an address official: the test must see some"


# --- the rules of docs/design.md, section 5 ---------------------------------------------------------


def test_every_listed_address_is_verified_or_overdue_and_names_its_organizations(checker: Checker) -> None:
    hosts = set(hosts_of(checker))
    assert len(hosts) > 700
    for portal in checker.allowlist.portals:
        for context in Context:
            result = answer(checker, portal.url, context)
            assert result is not None
            overdue = [reason.code for reason in result.judgement.reasons]
            assert overdue == ([] if portal.host in hosts else [ReasonCode.LISTING_OVERDUE]), portal.url
            assert result.match is not None
            assert result.match.mounted, portal.url
            assert result.match.site.organizations == portal.organizations, portal.url


SAME_ADDRESS = {
    "upper case": lambda host: f"HTTPS://{host.upper()}/",
    "default port": lambda host: f"https://{host}:443/",
    "trailing dot": lambda host: f"https://{host}./",
    "no final slash": lambda host: f"https://{host}",
    "no scheme": lambda host: f"{host}/",
    "backslashes": lambda host: f"https:\\\\{host}\\x",
    "in quotes": lambda host: f"“https://{host}/”",
    "in a sentence": lambda host: f"Log in at https://{host}/, please.",
    "defanged": lambda host: f"hxxps://{host.replace('.', '[.]')}/",
    "Safe Links": lambda host: (
        f"https://nam12.safelinks.protection.outlook.com/?url={quote(f'https://{host}/', safe='')}&data=05"
    ),
    "Proofpoint": lambda host: f"https://urldefense.com/v3/__https://{host}/__;!!a!b$",
}


@pytest.mark.parametrize("rule", SAME_ADDRESS)
def test_another_way_to_write_the_address_stays_verified(checker: Checker, rule: str) -> None:
    for host in hosts_of(checker):
        assert is_verified(checker, SAME_ADDRESS[rule](host)), host


ANOTHER_ADDRESS = {
    "http": lambda host: f"http://{host}/",
    "another port": lambda host: f"https://{host}:8443/",
    "a user name": lambda host: f"https://pat@{host}/",
    "a password": lambda host: f"https://:pw@{host}/",
    "a sub-domain": lambda host: f"https://login.{host}/",
    "a longer name": lambda host: f"https://{host}.evil.example/",
    "a user name only": lambda host: f"https://{host}@evil.example/",
    "a path only": lambda host: f"https://evil.example/{host}/",
    "a missing dot": lambda host: f"https://{host.replace('.', '', 1)}/",
    "a doubled dot": lambda host: f"https://{host.replace('.', '..', 1)}/",
    "two trailing dots": lambda host: f"https://{host}../",
    "a hyphen behind": lambda host: f"https://{host}-/",
    "another suffix": lambda host: f"https://{host.rpartition('.')[0]}.example/",
    "an encoded dot": lambda host: f"https://{host.replace('.', '%2e', 1)}/",
    "an ideographic dot": lambda host: f"https://{host.replace('.', '。', 1)}/",
    "a fullwidth letter": lambda host: f"https://{chr(ord(host[0]) + 0xFEE0)}{host[1:]}/",
    "a soft hyphen": lambda host: f"https://{host[0]}\u00ad{host[1:]}/",
    "ftp": lambda host: f"ftp://{host}/",
    "a script": lambda host: f"javascript://{host}/%0aalert(1)",
    "a false wrapper": lambda host: f"https://google.evil.example/url?q=https://{host}/",
    "a backslash": lambda host: f"https://evil.example\\@{host}/",
    "words and link": lambda host: f"https://{host}/<https://evil.example/>",
}


@pytest.mark.parametrize("rule", ANOTHER_ADDRESS)
def test_another_address_is_never_verified(checker: Checker, rule: str) -> None:
    unlisted = [host for host in hosts_of(checker) if f"login.{host}" not in checker.allowlist.hosts]
    for host in unlisted[::7]:
        assert not is_verified(checker, ANOTHER_ADDRESS[rule](host)), host


# Before the host these are no part of it: more slashes, and the end of an empty user name.
NO_PART_OF_THE_HOST = frozenset("/\\@")


def test_no_character_before_a_listed_host_verifies(checker: Checker) -> None:
    signs = [sign for sign in SIGNS + ODD if sign not in NO_PART_OF_THE_HOST]
    hosts = hosts_of(checker)
    for place, host in enumerate(hosts):
        sign = signs[place % len(signs)]
        if sign + host not in checker.allowlist.hosts:
            assert not is_verified(checker, f"https://{sign}{host}/"), (sign, host)
    for sign in signs:
        assert not is_verified(checker, f"https://{sign}{hosts[0]}/"), sign


@relaxed
@given(sign=st.characters(), data=st.data())
def test_no_character_at_all_before_a_listed_host_verifies(checker: Checker, sign: str, data: st.DataObject) -> None:
    host = data.draw(st.sampled_from(hosts_of(checker)))
    if sign not in NO_PART_OF_THE_HOST and sign.lower() + host not in checker.allowlist.hosts:
        assert not is_verified(checker, f"https://{sign}{host}/")


def test_a_gateways_page_in_a_tab_is_that_page(checker: Checker) -> None:
    host = hosts_of(checker)[0]
    wrapped = f"https://www.google.com/url?q=https://{host}/"
    assert is_verified(checker, wrapped, Context.LINK)
    assert not is_verified(checker, wrapped, Context.TAB)


# --- whose portal it is ---------------------------------------------------------------------------


def prefix_pairs(allowlist: Allowlist) -> list[tuple[Portal, Portal]]:
    """Portals of one host where one mount is the beginning of the other, as mere letters."""
    by_host: dict[str, list[Portal]] = {}
    for portal in allowlist.portals:
        if portal.segments:
            by_host.setdefault(portal.host, []).append(portal)
    return [
        (short, long)
        for portals in by_host.values()
        for short in portals
        for long in portals
        if short.segments != long.segments and long.mount.casefold().startswith(short.mount.casefold()[:-1])
    ]


def test_a_mount_that_begins_like_another_names_its_own_organization(checker: Checker) -> None:
    pairs = prefix_pairs(checker.allowlist)
    assert len(pairs) > 100
    for short, long in pairs:
        for path in ("", "Authentication/Login", "../" + long.mount.strip("/"), "x/%2e%2e/"):
            result = answer(checker, long.url + path)
            assert result is not None
            assert result.match is not None
            assert result.match.site.organizations == long.organizations, (short.url, long.url + path)
        beyond = answer(checker, long.url.rstrip("/") + "q")
        assert beyond is not None
        assert beyond.match is not None
        assert beyond.match.site.mount not in (short.mount, long.mount) or not beyond.match.mounted
