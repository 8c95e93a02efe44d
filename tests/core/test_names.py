"""Names that are imitated but not listed: what the committed file promises, and its table of addresses."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from checker.core.allowlist import Allowlist
from checker.core.check import Checker
from checker.core.known import KnownName
from checker.core.reason import ReasonCode
from checker.core.text import Context
from checker.core.url import WebUrl, parse
from checker.core.verdict import Verdict

TODAY = date(2026, 11, 22)
COUNTRIES = {"AU", "CA", "FR", "GB", "NL", "US"}
"""Those that the first names were collected for."""
CASES: dict[str, list[dict[str, str]]] = yaml.safe_load(
    (Path(__file__).parents[1] / "cases/known_names.yaml").read_text("utf-8")
)

# Each is part of many health organizations' names, or an ordinary word: alone it tells nothing.
GENERIC = set(
    "anthem boots capsule care caremark clinic delta doctor guardian health healthcare healthfirst hospital insurance "
    "medical mercy my mychart oscar patient pharmacy portal sharp sunlife unity vital vitality".split()
)
OWN_SUFFIXES = {"aetna"}  # a top-level domain of the very organization


def host_of(address: str) -> str:
    parsed = parse(address)
    assert isinstance(parsed, WebUrl)
    return parsed.host


def is_on(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)


@pytest.fixture(scope="module")
def names(allowlist: Allowlist) -> tuple[KnownName, ...]:
    return allowlist.names


# Their websites stand on somebody else's domain, or anyone can have a page beside theirs: only that host is known.
NO_DOMAIN = {
    "Amazon Pharmacy",
    "Banner Aetna",
    "Boots Norge",
    "Doxy.me",
    "Klara (patients)",
    "ezAccess (Medical Office Technologies)",
    "Los Angeles County Department of Health Services",
    "Marietta Eye Clinic",
    "ModMed",
    "MyHealthRecord (Greenway Health)",
    "Palm Beach Health Network",
    "Tamjidi Skin Institute",
    "milConnect (Defense Manpower Data Center)",
}


def test_there_are_enough_names_and_the_first_countries_have_some(names: tuple[KnownName, ...]) -> None:
    assert len(names) >= 380
    counts = Counter(name.country for name in names)
    assert all(counts[country] >= 5 for country in COUNTRIES)


def test_every_website_is_https_and_on_a_domain_of_its_own(names: tuple[KnownName, ...], allowlist: Allowlist) -> None:
    """Where others have host names too, on a vendor's or somebody else's listed domain or on a platform, only the
    website's own host is known."""
    parents = [tenant.parent for vendor in allowlist.vendors.values() for tenant in vendor.tenants]
    for name in names:
        host = host_of(name.website)
        domain = allowlist.split_host(host).registrable_domain or host
        others = (
            allowlist.operator_of(domain) is not None
            or any(is_on(parent, (domain,)) for parent in parents)
            or allowlist.policy.is_platform(host)
        )
        assert name.website.startswith("https://")
        assert is_on(host, name.domains) or others or name.name in NO_DOMAIN, name.name


def test_no_official_link_is_itself_unknown_to_us(names: tuple[KnownName, ...], checker: Checker) -> None:
    """Nobody is sent to a site and then told that we know nothing about it."""
    portals = {portal.url for portal in checker.allowlist.portals}
    moved = {p.retired.moved_to for o in checker.allowlist.operators for p in o.portals if p.retired}
    for url in sorted({*portals, *(name.website for name in names), *filter(None, moved)}):
        judgement = checker.check(url, context=Context.TAB, today=TODAY).judgement
        known = {"known-site", "operator-site", "vendor-portal", "listing-overdue"}
        assert judgement.is_verified or known & {reason.code for reason in judgement.reasons}, url


def test_a_word_and_a_domain_belong_to_one_name(names: tuple[KnownName, ...]) -> None:
    words = Counter(word for name in names for word in name.words)
    domains = Counter(domain for name in names for domain in name.domains)
    assert [word for word, times in (words + domains).items() if times > 1] == []


def test_words_are_plain_and_tell_somebody_apart(names: tuple[KnownName, ...]) -> None:
    suffixes = set((files("publicsuffixlist") / "public_suffix_list.dat").read_text("utf-8").split("\n"))
    for word in (word for name in names for word in name.words):
        assert re.fullmatch(r"[a-z0-9]{3,}", word), word
        assert word not in GENERIC
        assert word not in suffixes - OWN_SUFFIXES, f"{word} is a public suffix"


def test_names_stand_in_order_by_country_and_name(names: tuple[KnownName, ...]) -> None:
    keys = [(name.country or "", name.name.casefold()) for name in names]
    assert keys == sorted(keys)


def test_no_name_verifies_anything(names: tuple[KnownName, ...], allowlist: Allowlist) -> None:
    only_names = Checker(Allowlist((), split_host=allowlist.split_host, names=names))
    for name in names:
        for address in (name.website, *(f"https://{domain}/" for domain in name.domains)):
            judgement = only_names.check(address, today=TODAY).judgement
            assert judgement.verdict is Verdict.WARNING, address


def test_no_domain_of_a_name_is_ever_accused(names: tuple[KnownName, ...], checker: Checker) -> None:
    accused = {ReasonCode.USES_KNOWN_NAME, ReasonCode.IMITATES_OFFICIAL, ReasonCode.OFFICIAL_NAME_ELSEWHERE}
    for name in names:
        for address in (name.website, *(f"https://login.{domain}/" for domain in name.domains)):
            reasons = checker.check(address, today=TODAY).judgement.reasons
            assert not accused & {reason.code for reason in reasons}, address


def test_the_table_speaks_of_names_that_exist(names: tuple[KnownName, ...]) -> None:
    known = {name.name: name for name in names}
    assert len(CASES["uses"]) >= 60
    assert len(CASES["innocent"]) >= 30
    for row in CASES["uses"]:
        assert not is_on(host_of(row["address"]), known[row["name"]].domains), row["address"]
    addresses = Counter(row["address"] for rows in CASES.values() for row in rows)
    assert [address for address, times in addresses.items() if times > 1] == []
