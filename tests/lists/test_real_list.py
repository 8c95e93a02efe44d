"""The committed list itself: it loads fast, and every host in it verifies."""

import time
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml

from checker.core.allowlist import Allowlist, MatchKind
from checker.core.lookalike import conflicts
from checker.core.url import WebUrl, parse
from checker.lists.loader import load_folder, read_folder, suffix_splitter
from checker.lists.yaml_writer import portal_file_text

LISTS = Path(__file__).parents[2] / "allowlists"
RECORDED = date(2026, 11, 22)
"""A fixed day, so that the calendar never fails a test."""

SHARED = set(
    "athenahealth.com ca.gov ccmychart.org ema.md epichosted.com epicmychart.com followmyhealth.com healthmychart.org"
    " mychartcc.com myhealthplace.org myhealthrecord.com myonlinechart.org pchosted.com".split()
)
LAPSED = {"mybellin.org", "myadvocateaurora.org", "mystlukeschart.org"}


def web(url: str) -> WebUrl:
    parsed = parse(url)
    assert isinstance(parsed, WebUrl)
    return parsed


def test_every_listed_portal_is_found_by_its_address(allowlist: Allowlist) -> None:
    for operator in allowlist.operators:
        for portal in operator.portals:
            match = allowlist.match(web(portal.url))
            assert match is not None, portal.url
            assert match.operator is operator
            assert match.site is portal, portal.url
            assert match.mounted
            assert match.kind is (MatchKind.RETIRED if portal.retired else MatchKind.ACTIVE)


def test_every_file_is_read(allowlist: Allowlist) -> None:
    files = {path.stem for path in (LISTS / "portals").iterdir()}
    assert {operator.domain for operator in allowlist.operators} == files


def test_the_first_rows_are_all_there(allowlist: Allowlist) -> None:
    """1,229 rows of the first sources: 677 hosts, 1,020 portals, some shared by several organizations."""
    assert len(allowlist.hosts) >= 677
    assert len(allowlist.portals) >= 1020
    shared = Counter(len(portal.organizations) > 1 for portal in allowlist.portals)
    assert shared[True] >= 33
    assert sum(len(portal.organizations) for portal in allowlist.portals) >= 1221


@pytest.mark.parametrize("domain", sorted(LAPSED))
def test_domains_that_lapsed_stay_listed_as_retired(domain: str, allowlist: Allowlist) -> None:
    for host in (domain, f"mychart.{domain}"):
        match = allowlist.match(web(f"https://{host}/"))
        assert match is not None
        assert match.kind is MatchKind.RETIRED


def test_domains_shared_by_customers_are_marked(allowlist: Allowlist) -> None:
    assert {operator.domain for operator in allowlist.operators if operator.shared} == SHARED
    assert allowlist.match(web("https://somebody-else.epicmychart.com/")) is None


def test_operators_of_domains_with_several_organizations_were_decided_by_a_person(allowlist: Allowlist) -> None:
    reviewed = (LISTS / "operators.yaml").read_text("utf-8")
    for operator in allowlist.operators:
        organizations = {name for portal in operator.portals for name in portal.organizations}
        if len(organizations) > 1:
            assert f"\n  {operator.domain}: {operator.name}" in reviewed


@pytest.mark.parametrize(
    ("domain", "operator"), [("optum.com", "Optum"), ("epichosted.com", "Epic"), ("ochin.org", "OCHIN")]
)
def test_a_customer_is_never_taken_for_the_operator(domain: str, operator: str, allowlist: Allowlist) -> None:
    listed = allowlist.operator_of(domain)
    assert listed is not None
    assert listed.name == operator


def test_every_portal_file_is_written_canonically() -> None:
    draft = read_folder(LISTS)
    assert draft.unread == ()
    for file in draft.portals:
        head = [line for line in file.data.decode().splitlines() if line.startswith("#")]
        assert portal_file_text(file.content, head).encode() == file.data, file.path


def test_every_file_is_read_alike_by_other_tools() -> None:
    """Our reader is stricter than YAML; another one must not stumble over what it lets through."""
    for path in sorted(LISTS.rglob("*.yaml")):
        assert isinstance(yaml.safe_load(path.read_bytes()), dict), path.name


def test_the_whole_list_loads_quickly() -> None:
    split = suffix_splitter()
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        load_folder(LISTS, split_host=split)
        times.append(time.perf_counter() - begin)
    assert min(times) < 2, "measured: 0.5 s; two seconds would delay every start"


def test_no_listed_host_would_be_accused_of_imitating_another(allowlist: Allowlist) -> None:
    """Two real neighbours name each other in `resembles_ok`; anything else is a mistake or an attack."""
    assert conflicts(allowlist) == ()
