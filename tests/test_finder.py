"""Finding a portal by name: typos and word order do not matter, and nothing is guessed."""

from dataclasses import replace
from datetime import date

import pytest

from checker.core.allowlist import Allowlist, Evidence, Operator, Portal
from checker.core.known import KnownName, Vendor
from checker.finder import MAX_FOUND, Finder, Found
from checker.lists.suffixes import suffix_splitter

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


NAMES = (
    KnownName("UnitedHealthcare", "https://www.uhc.com/", ("unitedhealthcare", "uhc"), ("uhc.com",), "US"),
    KnownName("Blue Cross and Blue Shield of Illinois", "https://www.bcbsil.com/", ("bcbsil",), ("bcbsil.com",), "US"),
    KnownName("UC Health Ohio", "https://www.uchealth.com/", ("uchealthohio",), ("uchealth.com",), "US"),
    KnownName("Saint Mary's", "https://www.stmarys.example/", ("stmaryshealth",), ("stmarys.example",), "CA"),
)


def finder_of(portals: dict[str, tuple[str, tuple[str, ...]]], names: tuple[KnownName, ...] = ()) -> Finder:
    operators = [operator(host, name, organizations) for host, (name, organizations) in portals.items()]
    vendors = [Vendor("acme", "Acme Chart", ("mychart", "followmyhealth"))]
    split = suffix_splitter()
    return Finder(Allowlist(operators, split_host=split, vendors=vendors, names=names))


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


@pytest.mark.parametrize(
    ("query", "organization", "url", "why"),
    [
        ("UnitedHealthcare", "UnitedHealthcare", "https://www.uhc.com/", "its name"),
        ("uhc", "UnitedHealthcare", "https://www.uhc.com/", "an abbreviation that the list knows"),
        (
            "BCBS of Illinois",
            "Blue Cross and Blue Shield of Illinois",
            "https://www.bcbsil.com/",
            "short form",
        ),
        (
            "bluecross blueshield illinois",
            "Blue Cross and Blue Shield of Illinois",
            "https://www.bcbsil.com/",
            "no spaces",
        ),
        ("St. Marys", "Saint Mary's", "https://www.stmarys.example/", "St. and Saint"),
    ],
)
def test_a_known_organization_without_a_portal_comes_with_its_website(
    query: str, organization: str, url: str, why: str
) -> None:
    found = finder_of(PORTALS, NAMES).find(query, TODAY)
    assert (found[0].organization, found[0].url, found[0].listed) == (organization, url, False), why


def test_a_known_organization_with_a_portal_leads_there() -> None:
    found = finder_of(PORTALS, NAMES).find("uchealthohio", TODAY)
    assert found == (Found("UC Health Ohio", "UC Health", "https://mychart.uchealth.com/", "US"),)


def test_one_portal_stands_there_once() -> None:
    names = (KnownName("Cleveland Clinic", "https://x.example/", ("cleveland",), ("clevelandclinic.org",)),)
    found = finder_of(PORTALS, names).find("cleveland clinic", TODAY)
    assert [row.url for row in found].count("https://mychart.clevelandclinic.org/") == 1


def test_nobody_is_sent_to_an_overdue_portal_by_another_name() -> None:
    names = (KnownName("Clinic", "https://mychart.clevelandclinic.org/", ("theclinic",), ("clevelandclinic.org",)),)
    (found,) = finder_of(PORTALS, names).find("theclinic", AFTER)
    assert (found.organization, found.url, found.listed, found.overdue) == ("Clinic", None, False, True)


AFTER = date(2028, 10, 1)
"""After every lease below and above."""


@pytest.mark.parametrize(
    ("query", "row", "why"),
    [
        (
            "cleveland clinic",
            ("Cleveland Clinic", "https://my.clevelandclinic.org/", False, True),
            "its website, which stands on the same domain and is no portal",
        ),
        ("baystate health", ("Baystate Health", None, False, True), "we know no website, so only that it is listed"),
        (
            "national jewish health",
            ("National Jewish Health", None, False, True),
            "its website is the overdue portal itself",
        ),
    ],
)
def test_who_has_only_an_overdue_portal_is_found_without_it(
    query: str, row: tuple[str, str | None, bool, bool], why: str
) -> None:
    names = (
        KnownName("Cleveland Clinic", "https://my.clevelandclinic.org/", ("cleveland",), ("clevelandclinic.org",)),
        KnownName("National Jewish", "https://mychart.njh.org/", ("jewishhealth",), ("njh.org",)),
    )
    found = finder_of(PORTALS, names).find(query, AFTER)[0]
    assert (found.organization, found.url, found.listed, found.overdue) == row, why


def test_an_overdue_portal_is_no_second_answer_beside_a_confirmed_one() -> None:
    old = replace(operator("my.oldclinic.org", "Cleveland Clinic", ()).portals[0], review_by=date(2024, 1, 1))
    new = operator("mychart.clevelandclinic.org", "Cleveland Clinic", ())
    both = Allowlist([new, Operator("oldclinic.org", "Cleveland Clinic", (old,))], split_host=suffix_splitter())
    assert [row.url for row in Finder(both).find("cleveland clinic", TODAY)] == ["https://mychart.clevelandclinic.org/"]


@pytest.mark.parametrize(
    ("query", "first", "why"),
    [
        ("UCHealth", "UCHealth", "spelled like this"),
        ("UC Health", "UC Health", "and like this"),
        ("Medicare", "Medicare", "the exact name before one that only begins so"),
        ("Blue Cross Minnesota", "Blue Cross and Blue Shield of Minnesota", "people leave out the shield"),
        ("BlueCross Minnesota", "Blue Cross and Blue Shield of Minnesota", "in one word"),
        ("St. Mary’s", "Saint Mary's", "a curly apostrophe, a point, and Saint"),
        ("Saint Mary's", "Saint Mary's", "as it is written"),
    ],
)
def test_the_exact_name_comes_first(query: str, first: str, why: str) -> None:
    rows = {
        "mychart.uchealth.com": ("UC Health", ("UC Health",)),
        "mychart.uchealth.org": ("UCHealth", ("UCHealth",)),
        "mychart.medicare.gov": ("Medicare Services", ("Centers for Medicare",)),
    }
    names = (
        *NAMES,
        KnownName("Services Australia", "https://www.services.example/", ("medicareaustralia",), (), "AU"),
        KnownName("Medicare", "https://www.medicare.example/", ("mymedicare",), (), "US"),
        KnownName("Blue Cross NC", "https://www.bluecrossnc.example/", ("bluecrossnc",), ()),
        KnownName("Blue Cross and Blue Shield of Minnesota", "https://mn.example/", ("bluecrossmn",), ()),
    )
    assert finder_of(rows, names).find(query, TODAY)[0].organization == first, why


def test_a_known_name_lifts_the_portal_that_it_leads_to() -> None:
    rows = {"mychart.medicare.gov": ("Centers for Services", ("Centers for Services",))}
    names = (
        KnownName("Medicare Plus", "https://plus.example/", ("medicareplus",), ()),
        KnownName("Medicare", "https://www.medicare.gov/", ("mymedicare",), ("medicare.gov",)),
    )
    assert finder_of(rows, names).find("medicare", TODAY)[0].url == "https://mychart.medicare.gov/"


def test_a_repeated_word_counts_once() -> None:
    names = (KnownName("Apotek 1", "https://apotek.example/", ("apotek",), ()),)
    assert finder_of({}, names).find("' OR 1=1 --", TODAY) == ()


def test_everybody_on_the_committed_list_is_found_by_name(allowlist: Allowlist) -> None:
    """Listed, known or overdue: a name that is on the list finds something."""
    finder, today = Finder(allowlist), date(2026, 11, 25)
    names = {operator.name for operator in allowlist.operators if not operator.all_retired}
    names |= {known.name for known in allowlist.names}
    assert [name for name in sorted(names) if not finder.find(name, today)] == []
