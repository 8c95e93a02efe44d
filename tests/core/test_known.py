"""Hosts whose owner is known without being listed: what is told of them, and that they never verify."""

from __future__ import annotations

from datetime import date

import pytest

from checker.core.allowlist import Allowlist, Evidence, Operator, Portal
from checker.core.check import Checker, Result
from checker.core.known import KnownName, TenantParent, Vendor, tenant_pattern
from checker.core.reason import Level
from checker.core.render import Renderer
from checker.lists.suffixes import suffix_splitter
from checker.lists.tables import load_tables

TODAY = date(2026, 11, 22)
LATER = date(2028, 11, 22)
"""After every lease below."""


def _operator(domain: str, name: str, same_owner: tuple[str, ...]) -> Operator:
    evidence = (Evidence("directory", "https://directory.example/", "2026-10"),)
    portal = Portal(f"portal.{domain}", "/", name, (name,), evidence, date(2027, 10, 1))
    return Operator(domain, name, (portal,), same_owner=same_owner)


CHECKER = Checker(
    Allowlist(
        [
            _operator("lakeviewclinic.org", "Lakeview Clinic", ("lakeviewdoctors.com", "lakeviewhealth.net")),
            _operator("lakeviewhealth.net", "Lakeview Health", ("lakeviewclinic.org",)),
        ],
        split_host=suffix_splitter(),
        tables=load_tables(),
        vendors=[
            Vendor(
                "v",
                "Vendor's portal",
                company="Vendor",
                tenants=(TenantParent("go.vendor.com", ("<digits>", "clinic-<name>")),),
            )
        ],
        names=[
            KnownName("Payer", "https://www.payer.com/", ("payer",), ("payer.com",), "US", ("payingforcare.com",)),
            KnownName("Lakeview", "https://lakeview.com/", ("lakeviewusa",), ("lakeview.com", "lakeviewclinic.org")),
            KnownName("Rooms", "https://rooms.com/", ("roomsportal",), ()),
        ],
    )
)


def check(text: str, today: date = TODAY) -> Result:
    return CHECKER.check(text, today=today)


@pytest.mark.parametrize(
    ("text", "codes", "official", "why"),
    [
        ("https://portal.lakeviewclinic.org/", [], None, "the listed host itself"),
        ("https://www.lakeviewdoctors.com/", ["operator-site"], "https://portal.lakeviewclinic.org/", "one owner"),
        ("https://portal.lakeviewdoctors.com/", ["operator-site"], "https://portal.lakeviewclinic.org/", "no likeness"),
        ("https://www.lakeviewhealth.net/", ["operator-site"], "https://portal.lakeviewhealth.net/", "listed itself"),
        (
            "https://www.payingforcare.com/",
            ["operator-site"],
            "https://www.payer.com/",
            "a known name's",
        ),
        ("https://my.payer.com/", ["known-site"], None, "a known organization without a portal"),
        ("https://my.lakeview.com/", ["known-site"], "https://portal.lakeviewclinic.org/", "one with a listed portal"),
        ("https://rooms.com/", ["known-site"], None, "only the website's host is known"),
        ("https://anyone.rooms.com/", ["not-listed"], None, "where others get names, other hosts are not"),
        ("https://12.go.vendor.com/", ["vendor-portal"], None, "a tenant"),
        ("https://clinic-st-mary.go.vendor.com/", ["vendor-portal"], None, "letters before the name"),
        ("https://clinic-xn--80ak6aa92e.go.vendor.com/", ["not-listed"], None, "encoded Unicode is no name"),
        ("https://clinic-.go.vendor.com/", ["not-listed"], None, "a name ends in a letter or digit"),
        ("https://x12.go.vendor.com/", ["not-listed"], None, "another shape"),
    ],
)
def test_a_host_is_told_as_what_it_is(text: str, codes: list[str], official: str | None, why: str) -> None:
    judgement = check(text).judgement
    assert [reason.code.value for reason in judgement.reasons] == codes, why
    assert (judgement.official.url if judgement.official else None) == official, why


def test_an_overdue_portal_is_never_the_official_place() -> None:
    assert check("https://www.lakeviewdoctors.com/", LATER).judgement.official is None
    assert check("https://my.lakeview.com/", LATER).judgement.official is None
    name = check("https://lakeviewusa-login.example/", LATER).judgement
    assert [reason.code.value for reason in name.reasons] == ["uses-known-name"]
    assert name.official is not None
    assert name.official.url == "https://lakeview.com/", "then the website"


def test_the_words_and_the_link_of_one_owner_are_no_mismatch() -> None:
    for shown, target in [
        ("portal.lakeviewclinic.org", "https://www.lakeviewdoctors.com/"),
        ("portal.lakeviewhealth.net", "https://www.lakeviewclinic.org/"),
        ("www.payer.com", "https://www.payingforcare.com/"),
    ]:
        codes = [reason.code.value for reason in check(f"[{shown}]({target})").judgement.reasons]
        assert "shows-another-address" not in codes, (shown, target)
    judgement = check("[www.payer.com](https://www.lakeviewclinic.org/)").judgement
    assert "shows-another-address" in {reason.code.value for reason in judgement.reasons}, "two owners"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://12.go.vendor.com/", "This is a page of Vendor, a company that runs portals for many clinics."),
        ("https://my.payer.com/", "my.payer.com is a site of Payer. We know this organization"),
        ("https://my.lakeview.com/", "The portal on our list is https://portal.lakeviewclinic.org/."),
        ("https://www.lakeviewdoctors.com/", "www.lakeviewdoctors.com is on another domain of Lakeview Clinic."),
        ("https://www.payingforcare.com/", "Its website is https://www.payer.com/."),
        ("https://lakeviewusa-login.example/", "The portal on our list is https://portal.lakeviewclinic.org/."),
    ],
)
def test_the_sentence_says_whose_it_is_and_where_to_go(text: str, words: str, renderer: Renderer) -> None:
    assert words in renderer.result(check(text)).reasons[0].message


@pytest.mark.parametrize("shape", ["", "<any>", "A", "a.b", "<digits", "*"])
def test_a_shape_is_made_of_two_placeholders_and_plain_letters(shape: str) -> None:
    with pytest.raises(ValueError, match="a shape is made of"):
        tenant_pattern(shape)


@pytest.mark.parametrize("shape", ["-<name>", "my<name>-", "xn--<name>", "a--b"])
def test_a_shape_is_that_of_a_host_name_in_plain_letters(shape: str) -> None:
    with pytest.raises(ValueError, match="no host name begins or ends with a hyphen"):
        tenant_pattern(shape)


@pytest.mark.parametrize(
    ("shape", "label", "is_tenant"),
    [
        ("<name>", "stjohns", True),
        ("<name>", "support", False),
        ("<name>", "www", False),
        ("<name>", "support-clinic", True),
        ("clinic-<name>", "clinic-support", True),
        ("login", "login", True),
    ],
)
def test_the_labels_of_a_vendors_own_services_are_no_clinics(shape: str, label: str, is_tenant: bool) -> None:
    assert bool(tenant_pattern(shape).fullmatch(label)) == is_tenant


def test_a_whole_known_website_in_another_host_is_a_danger_and_its_website_is_the_way_back() -> None:
    """Also while the organization's listed portal is overdue."""
    for text, shown in [
        ("https://lakeview.com-login.example/", "lakeview.com"),
        ("https://www.lakeview.com.evil.example/", "www.lakeview.com"),
        ("https://payer.com-refund.example/", "payer.com"),
    ]:
        result = check(text, LATER)
        assert result.judgement.level is Level.DANGER, text
        assert [reason.code.value for reason in result.judgement.reasons] == ["official-name-elsewhere"], text
        assert result.judgement.official is not None, text
        assert result.judgement.official.url in {"https://lakeview.com/", "https://www.payer.com/"}, text
        assert result.imitated_host == shown


def test_a_name_with_an_overdue_portal_is_not_said_to_have_none(renderer: Renderer) -> None:
    for day, words in [(TODAY, "The portal on our list is"), (LATER, "Nobody has confirmed")]:
        answer = renderer.result(check("https://lakeviewusa-login.example/", day))
        assert words in answer.reasons[0].message
