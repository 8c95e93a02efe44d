"""Finding a portal by name: typos and word order do not matter, and nothing is guessed."""

from datetime import date

import pytest

from checker.core.allowlist import Allowlist, Evidence, Operator, Portal
from checker.core.known import Vendor
from checker.core.reference import HostParts
from checker.finder import MAX_FOUND, Finder, Found

TODAY = date(2026, 11, 22)

PORTALS = {
    "mychart.clevelandclinic.org": ("Cleveland Clinic", ("Cleveland Clinic",)),
    "mychart.uhhospitals.org": ("University Hospitals", ("University Hospitals Cleveland",)),
    "mychart.stlukes.org": ("Saint Luke’s Health System", ("St. Luke's",)),
    "mychart.hopkinsmedicine.org": ("Johns Hopkins Medicine", ()),
    "mychart.baystatehealth.org": ("Baystate Health", ()),
    "mychart.umchealth.com": ("UMC Health System", ()),
    "mychart.unige.ch": ("Hôpitaux universitaires de Genève", ()),
    "mychart.uchealth.com": ("UC Health", ("Lindner Center of Hope", "UC Health")),
    "mychart.aahealth.org": ("Atrium Health", ()),
    "mychart.njh.org": ("National Jewish Health", ()),
}


def operator(host: str, name: str, organizations: tuple[str, ...]) -> Operator:
    evidence = (Evidence("made-up", "https://directory.example/", "2026-10"),)
    portal = Portal(host, "/", name, organizations, evidence, date(2027, 10, 1), country="US")
    return Operator(host.partition(".")[2], name, (portal,))


def finder_of(portals: dict[str, tuple[str, tuple[str, ...]]]) -> Finder:
    operators = [operator(host, name, organizations) for host, (name, organizations) in portals.items()]
    vendors = [Vendor("acme", "Acme Chart", ("mychart", "followmyhealth"))]
    return Finder(Allowlist(operators, split_host=lambda host: HostParts("", host, "", False), vendors=vendors))


@pytest.fixture(scope="module")
def finder() -> Finder:
    return finder_of(PORTALS)


@pytest.mark.parametrize(
    ("query", "organization", "why"),
    [
        ("Cleveland Clinic", "Cleveland Clinic", "the name itself"),
        ("cleveland", "Cleveland Clinic", "part of two names: the nearer one first"),
        ("clinic cleveland", "Cleveland Clinic", "word order"),
        ("cleavland clnic", "Cleveland Clinic", "typing errors in both words"),
        ("clevelandclinic", "Cleveland Clinic", "written as one word, as in an address"),
        ("baystateh", "Baystate Health", "one word, not finished"),
        ("johns hop", "Johns Hopkins Medicine", "a word not finished"),
        ("hopkins", "Johns Hopkins Medicine", "the rare word alone"),
        ("saint lukes", "St. Luke's", "Saint and St., with and without apostrophe"),
        ("hopitaux genève", "Hôpitaux universitaires de Genève", "accents or none"),
        ("Cleveland Clinic MyChart login", "Cleveland Clinic", "words that stand beside a name"),
        ("atrium followmyhealth", "Atrium Health", "a vendor's brand beside the name"),
        ("uc health", "UC Health", "an organization before others of its operator"),
        ("national jewish", "National Jewish Health", "two of three words"),
    ],
)
def test_what_a_person_means_comes_first(finder: Finder, query: str, organization: str, why: str) -> None:
    found = finder.find(query, TODAY)
    assert found, why
    assert found[0].organization == organization, why


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "nothing asked"),
        ("  ,;-_ ", "no word"),
        ("qqqq", "nothing like it"),
        ("qqqq health", "the likeness is in a word everybody has"),
        ("upmc", "one letter off a short name is another organization"),
        ("bank of america", "not in the list"),
        ("https://mychart.evil.example/", "an address is no name"),
        ("a" * 10_000, "cut before it costs anything"),
    ],
)
def test_without_a_clear_likeness_there_is_no_guess(finder: Finder, query: str, why: str) -> None:
    assert finder.find(query, TODAY) == (), why


def test_a_row_says_whose_portal_it_is_and_where(finder: Finder) -> None:
    assert finder.find("lindner center", TODAY) == (
        Found("Lindner Center of Hope", "UC Health", "https://mychart.uchealth.com/", "US"),
    )


def test_a_common_word_finds_at_most_twenty() -> None:
    many = finder_of({f"mychart.h{n}.org": (f"Health Center {n}", ()) for n in range(60)})
    assert len(many.find("health", TODAY)) == MAX_FOUND


def test_the_operators_name_finds_its_organizations(finder: Finder) -> None:
    assert {row.organization for row in finder.find("uc health", TODAY)} == {"UC Health", "Lindner Center of Hope"}


def test_an_empty_list_finds_nothing() -> None:
    assert finder_of({}).find("cleveland", TODAY) == ()
