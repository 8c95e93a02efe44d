"""What was listed beyond one vendor's directory answers as it should on a fixed day, and people are sent to the
operator's own portal. A row says what stands behind its answer."""

import json
from datetime import date

import pytest

from checker.cli import main
from checker.core.allowlist import Allowlist
from checker.core.check import Checker, Result
from checker.core.render import Renderer
from checker.core.text import Context

FIXED = date(2026, 11, 25)


def ask(checker: Checker, address: str, today: date = FIXED) -> Result:
    return checker.check(address, context=Context.TAB, today=today)


@pytest.mark.parametrize(
    ("address", "answer", "why"),
    [
        ("https://my.caresource.com/", "verified", "an insurer, archived page of unknown age, read this month"),
        ("https://mybam.bcbsnm.com/", "verified", "an insurer, dated 14 months ago: in its days of grace"),
        ("https://myupmc.upmc.com/", "verified", "an old directory, and a copy of a newer one"),
        ("https://my.mhsgenesis.health.mil/", "verified", "a government's portal"),
        ("https://www.sundhed.dk/", "verified", "a national health service"),
        ("https://www.optumrx.com/", "verified", "a pharmacy"),
        ("https://myidentity.platform.athenahealth.com/", "verified", "one sign-in for a vendor's patients"),
        ("https://www.myaccessone.com/", "verified", "payment plans of hospitals"),
        ("https://members.hcsc.net/", "listing-overdue", "an insurer, seen in 2022"),
        ("https://enroll.pennie.com/", "listing-overdue", "a state's exchange, seen in the spring of 2025"),
        ("https://www.caremark.com/", "listing-overdue", "a pharmacy, seen in 2023"),
        ("https://www.letsgetchecked.com/", "listing-overdue", "a laboratory, seen in 2023"),
        ("https://mybanner.bannerhealth.com/", "listing-overdue", "a hospital on its own domain, seen in 2022"),
        ("https://www.mijngezondheid.belgie.be/", "listing-overdue", "a page of 2019"),
        ("https://mydhr.iqhealth.com/", "vendor-portal", "only the vendor gives out this name: no entry is needed"),
        ("https://18614-1.portal.athenahealth.com/", "vendor-portal", "a practice's number"),
        ("https://patient.klara.com/", "known-site", "anybody can open a room there"),
        ("https://pay.instamed.com/", "known-site", "every merchant has a page there"),
        ("https://doxy.me/", "known-site", "anybody can open a room there"),
        ("https://room.doxy.me/", "not-listed", "a stranger's host"),
        ("https://clinic.myezyaccess.com/", "not-listed", "nobody knows who can get a host there"),
        ("https://secure.horizonblue.com/member/", "listing-overdue", "its page is of 2021"),
        ("https://www.mdlive.com/", "known-site", "not the portal for another insurer's members"),
        ("https://www.aok.de/", "known-site", "the source names the domain, not this host"),
        ("https://app.mdlive.com/", "known-site", "another host is named for its patients today"),
        ("https://patientportal.myhealth.va.gov/", "operator-site", "being shut down: on the department's domain"),
        ("https://www.uchicagomedicine.org/", "known-site", "the website is known, the sign-in page is not"),
        ("https://www.mhchester.com/", "not-listed", "no source proves whose website it is"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("https") else "",
)
def test_rows_of_every_kind_answer_as_they_should(address: str, answer: str, why: str, checker: Checker) -> None:
    judgement = ask(checker, address).judgement
    assert [str(reason.code) for reason in judgement.reasons] == ([] if answer == "verified" else [answer]), why


@pytest.mark.parametrize(
    ("address", "last", "why"),
    [
        ("https://my.caresource.com/", date(2027, 4, 30), "unknown age: 90 days from 1 November, and 90 of grace"),
        ("https://my.bswhealth.com/", date(2027, 5, 30), "a copy of a directory of March 2026: a year, and 90 days"),
    ],
)
def test_an_entry_verifies_as_long_as_its_evidence_holds(address: str, last: date, why: str, checker: Checker) -> None:
    assert ask(checker, address, last).judgement.is_verified, why
    assert not ask(checker, address, date.fromordinal(last.toordinal() + 1)).judgement.is_verified, why


@pytest.mark.parametrize(
    "pair",
    [
        ("humana-military.com", "humana.com"),
        ("belgie.be", "mijngezondheid.net"),
        ("e-veseliba.gov.lv", "eveseliba.gov.lv"),
    ],
    ids=str,
)
def test_genuine_sites_with_names_alike_know_each_other(pair: tuple[str, str], allowlist: Allowlist) -> None:
    for one, other in (pair, pair[::-1]):
        operator = allowlist.operator_of(one)
        assert operator is not None
        assert other in operator.resembles_ok


@pytest.mark.parametrize(
    ("address", "official", "why"),
    [
        ("https://www.ucsd.edu/", "https://myucsdchart.ucsd.edu/ucsd/", "not the students' or a clinic's"),
        ("https://www.memorialhermann.org/", "https://mychart.memorialhermann.org/MyChart/", "not the affiliates'"),
        ("https://www.uchealth.com/", "https://my.uchealth.com/myuchealth/", "not that of the Lindner Center"),
        ("https://www.lcmchealth.org/", "https://patientportal.lcmchealth.org/MyChart/", "not a heart clinic's"),
        ("https://www.bch.org/", "https://my.bch.org/MyChartPRD/", "not that of Boulder Medical Center"),
        ("https://www.bozemanhealth.org/", "https://mychart.bozemanhealth.org/", "not the Community Health Partners'"),
        ("https://www.midmichigan.net/", "https://mymidmichigan.midmichigan.net/MyChart/", "not another hospital's"),
        ("https://info.umc.edu/", "https://www.umc.edu/mychart/", "not that of GA Carmichael"),
        (
            "https://tax.va.gov/",
            "https://www.myhealth.va.gov/",
            "marked as home, since its organization has a longer name",
        ),
        ("https://www.deltadental.com/", None, "Delta Dental's companies are separate insurers"),
        ("https://deltadental-login.com/", "https://www.deltadental.com/", "where one finds the right company"),
        ("https://www.changehealthcare.com/", None, "neither a pharmacy's nor another company's sign-in"),
        ("https://optumfinancial.com/", "https://www.optum.com/", "not the pharmacy's"),
        ("https://carelonrx.com/", None, "not that of a clinic of this name"),
        ("https://www.nhs.scot/", None, "NHS login is not Scotland's"),
        ("https://nhsggc.scot.nhs.uk/", None, "nor its boards'"),
        ("https://nystateofhealth.ny.gov.evil.example/", None, "not the state's own account: the exchange is overdue"),
        ("https://www.cedars-sinai.org/", None, "the only portal listed there is an affiliate's"),
        ("https://www.virginia.gov/", None, "two agencies have portals, and neither is the state"),
        (
            "https://www.bozemanhea1th.org/",
            "https://mychart.bozemanhealth.org/",
            "only the name is alike: the operator is meant",
        ),
        (
            "https://bmcportal.bch.org.evil.example/",
            "https://bmcportal.bch.org/MyChartPRD-BMC/",
            "this host itself is meant",
        ),
        ("https://cedars-sinia.org/", None, "a likeness leads to no affiliate either"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("https") else "",
)
def test_people_are_sent_to_the_operators_own_portal(
    address: str, official: str | None, why: str, checker: Checker
) -> None:
    place = ask(checker, address).judgement.official
    assert (place and place.url) == official, why


def test_an_answer_says_that_nobody_knows_how_old_its_evidence_is(checker: Checker, renderer: Renderer) -> None:
    answers = [
        renderer.result(ask(checker, f"https://{host}/")).portal for host in ("my.caresource.com", "myupmc.upmc.com")
    ]
    assert [{evidence.age for evidence in portal.evidence} for portal in answers if portal] == [{"unknown"}, {None}]


@pytest.mark.parametrize(
    ("address", "file", "evidence", "why"),
    [
        ("x.ccf.org", "portals/clevelandclinic.org.yaml", "vci-directory", "another domain: the page that says so"),
        ("stjohns.iqhealth.com", "vendors/cerner.yaml", "vendor-documentation", "a tenant: the vendor's page"),
        ("www.uchicagomedicine.org", "names.yaml", "VCI directory", "a known name: where it is from"),
    ],
)
def test_why_shows_the_line_and_the_evidence_that_decide(
    address: str, file: str, evidence: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["allowlist", "why", address, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    (origin,) = answer["origins"]
    assert (origin["file"], origin["evidence"][0]["source"]) == (f"allowlists/{file}", evidence), why
    assert answer["entries"] == [], "no evidence of something else beside it"
    main(["allowlist", "why", address])
    assert f"known: allowlists/{file}:{origin['line']}\n" in capsys.readouterr().out
