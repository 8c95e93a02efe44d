"""No answer, guidance or search result sends anyone to a portal whose lease has run out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from checker import cli
from checker.core.check import Checker
from checker.core.guidance import Task
from checker.core.reason import ReasonCode
from checker.core.render import Renderer, ResultV1
from checker.lists.loader import load_folder
from checker.settings import Settings
from checker.texts_loader import LANGUAGES
from checker.web.app import create_app
from tests.clocks import SettableClock

LAST, AFTER = date(2026, 8, 30), date(2026, 8, 31)
"""The last day of grace for entries seen on 2025-06-01, and the day after. Entries seen in 2026-08 still hold."""

CLOCK = SettableClock(LAST)
main = partial(cli.main, clock=CLOCK)

LINK = re.compile(r'href="(https:[^"]+)"')

OLD, NEW = "2025-06-01", "2026-08"
VALLEY = "https://mychart.sunnyvalleyhospital.org/"
NORTHLAKE = "https://mychart.northlakeclinic.org/"
MESSAGES = "https://mychart.northlakeclinic.org/messages"
AFFILIATE = "https://affiliates.lakeshoreregional.org/"
BILLS = "https://bills.northlakeclinic.org/pay"


def evidence(seen: str) -> str:
    return f"evidence: [{{source: made-up, url: https://directory.example/, seen: {seen}}}]"


def portal(url: str, *more: str) -> str:
    return "\n".join([f"  - url: {url}", *(f"    {line}" for line in more), ""])


def portal_file(domain: str, operator: str, seen: str, *portals: str) -> str:
    facts = f"domain: {domain}\noperator: {operator}\ncountry: US\nvendor: chart\n{evidence(seen)}\nportals:\n"
    return facts + "".join(portals)


FILES = {
    "policy.yaml": "review_after_days: 365\ngrace_days: 90\n",
    "vendors/chart.yaml": "id: chart\nname: MyChart\nbrand_words: [mychart]\nroutes: {pay-bill: [/billing]}\n",
    "names.yaml": """names:
  - {name: Mediplan, website: https://www.mediplan.org/, country: US, words: [medidirect], domains: [medidirect.org],
     source: {name: made-up, url: https://directory.example/, seen: 2026-08}}
  - {name: Rivermutual, website: https://www.rivermutual.org/, country: US, words: [rivermutual],
      domains: [rivermutual.org, sunnyvalleyhospital.org], listed_as: Sunny Valley Hospital,
     source: {name: made-up, url: https://directory.example/, seen: 2026-08}}
  - {name: Carefund, website: https://www.carefund.org/, country: US, words: [carefund], domains: [carefund.org],
     source: {name: made-up, url: https://directory.example/, seen: 2026-08}}
""",
    "portals/sunnyvalleyhospital.org.yaml": portal_file(
        "sunnyvalleyhospital.org",
        "Sunny Valley Hospital",
        OLD,
        portal(VALLEY, "organizations: [Sunny Valley Hospital]"),
    ),
    "portals/lakeshoreregional.org.yaml": portal_file(
        "lakeshoreregional.org",
        "Lakeshore Regional",
        NEW,
        portal("https://mychart.lakeshoreregional.org/", "organizations: [Lakeshore Regional]", evidence(OLD)),
        portal(AFFILIATE, "organizations: [Harbor Pediatrics]"),
    ),
    "portals/northlakeclinic.org.yaml": portal_file(
        "northlakeclinic.org",
        "Northlake Clinic",
        NEW,
        portal(NORTHLAKE, "organizations: [Northlake Clinic]", f"links: {{pay-bill: {BILLS}, messages: {MESSAGES}}}"),
        portal("https://bills.northlakeclinic.org/", "organizations: [Northlake Billing]", evidence(OLD)),
    ),
    "portals/quietriver.org.yaml": portal_file(
        "quietriver.org",
        "Quiet River",
        OLD,
        portal(
            "https://portal.quietriver.org/",
            "organizations: [Quiet River]",
            "status: retired",
            f"retired: {{on: 2026-01, reason: It moved., moved_to: {VALLEY}}}",
        ),
    ),
    "portals/mediplan.org.yaml": portal_file(
        "mediplan.org", "Mediplan", OLD, portal("https://www.mediplan.org/", "organizations: [Mediplan]")
    ),
}


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lists")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def checker(lists: Path) -> Checker:
    return Checker(load_folder(lists))


@dataclass(frozen=True)
class Case:
    """An address, its reasons, and where it should lead: ``official`` until the lease runs out, then ``after``."""

    url: str
    codes: tuple[str, ...]
    official: str
    why: str
    after: str | None = None


CASES = [
    Case(
        "https://mychart.sunnyva11eyhospital.org/",
        ("imitates-official",),
        VALLEY,
        "what is imitated is named, and nothing links to it",
    ),
    Case(
        "https://mychart.sunnyvalleyhospital.org.evil.example/",
        ("official-name-elsewhere",),
        VALLEY,
        "the official host stands in another one",
    ),
    Case(
        "https://mychart.sunnyvalleyhospital.org@evil.example/",
        ("official-name-elsewhere", "credentials-in-address"),
        VALLEY,
        "the official host is a user name",
    ),
    Case(
        "https://mychart.sunnyv\u0430lleyhospital.org/",
        ("imitates-official", "misleading-characters"),
        VALLEY,
        "a Cyrillic letter",
    ),
    Case(
        "https://mychart.sunnyvalleyhospital\uff0eorg/",
        ("misleading-characters",),
        VALLEY,
        "a fullwidth dot, for which a browser opens the portal",
    ),
    Case("https://someone@mychart.sunnyvalleyhospital.org/", ("credentials-in-address",), VALLEY, "a user name"),
    Case("https://www.sunnyvalleyhospital.org/", ("operator-site",), VALLEY, "another host of the operator's"),
    Case("http://mychart.sunnyvalleyhospital.org/", ("not-https",), VALLEY, "no https"),
    Case("https://mychart.sunnyvalleyhospital.org:8443/", ("unusual-port",), VALLEY, "a port"),
    Case("https://sunnyvalleyhospitals.example/", ("resembles-official",), VALLEY, "a weaker likeness"),
    Case(
        "[mychart.sunnyvalleyhospital.org](https://nobody.example/)",
        ("shows-another-address",),
        VALLEY,
        "the words of a link show it",
    ),
    Case("https://portal.quietriver.org/", ("retired-portal",), VALLEY, "where it moved is overdue by now"),
    Case("https://login.quietriver.org/", ("retired-portal",), VALLEY, "another host of a domain that is given up"),
    Case(
        "https://medidirect-login.example/",
        ("uses-known-name",),
        "https://www.mediplan.org/",
        "a website that is listed",
    ),
    Case(
        "https://carefund-login.example/",
        ("uses-known-name",),
        "https://www.carefund.org/",
        "a website that is not listed has no lease",
        after="https://www.carefund.org/",
    ),
    Case("https://www.rivermutual.org/", ("known-site",), VALLEY, "a known organization's site: its listed portal"),
    Case(
        "https://www.lakeshoreregional.org/",
        ("operator-site",),
        "https://mychart.lakeshoreregional.org/",
        "an affiliate's portal, which goes on, is not offered in its stead",
    ),
    Case(
        "https://mychart.1akeshoreregional.org/",
        ("imitates-official",),
        "https://mychart.lakeshoreregional.org/",
        "nor where the operator's own is imitated",
    ),
    Case(
        "http://affiliates.lakeshoreregional.org/",
        ("not-https",),
        AFFILIATE,
        "each host has its own lease",
        after=AFFILIATE,
    ),
]


def published(checker: Checker, renderer: Renderer, url: str, day: date, task: Task | None = None) -> ResultV1:
    return renderer.result(checker.check(url, task, today=day))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_the_official_place_is_told_until_its_lease_has_run_out(
    case: Case, checker: Checker, renderer: Renderer
) -> None:
    for day, official in ((LAST, case.official), (AFTER, case.after)):
        answer = published(checker, renderer, case.url, day)
        assert tuple(reason.code for reason in answer.reasons if reason.code != "listing-overdue") == case.codes
        assert (answer.official.url if answer.official else None) == official


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_what_is_imitated_is_named_and_nothing_links_to_it(case: Case, checker: Checker, renderer: Renderer) -> None:
    before, after = (published(checker, renderer, case.url, day).imitates for day in (LAST, AFTER))
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        assert (before.url, after.url) == (case.official, case.after)
        assert (before.host, before.operator, before.technique) == (after.host, after.operator, after.technique)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_the_guidance_of_no_task_leads_to_an_overdue_place(case: Case, checker: Checker, renderer: Renderer) -> None:
    for day, official in ((LAST, case.official), (AFTER, case.after)):
        for task in Task:
            link = published(checker, renderer, case.url, day, task).guidance.link
            assert (link.url if link else None) == (None if task is Task.EMERGENCY else official), task


def test_a_page_for_a_task_on_another_host_has_that_hosts_lease(checker: Checker, renderer: Renderer) -> None:
    for day, bills in ((LAST, BILLS), (AFTER, NORTHLAKE)):
        links = {task: published(checker, renderer, NORTHLAKE, day, task).guidance.link for task in Task}
        assert {task: link and link.url for task, link in links.items()} == {
            **dict.fromkeys(Task, NORTHLAKE),
            Task.PAY_BILL: bills,
            Task.MESSAGES: MESSAGES,
            Task.EMERGENCY: None,
        }


def test_the_table_has_every_reason_that_can_name_a_place() -> None:
    never = {
        ReasonCode.IP_ADDRESS,
        ReasonCode.NOT_A_WEB_ADDRESS,
        ReasonCode.PORTAL_NAME_UNLISTED,
        ReasonCode.VENDOR_PORTAL,
        ReasonCode.SHARED_HOSTING,
        ReasonCode.HIDDEN_DESTINATION,
        ReasonCode.LISTING_OVERDUE,
        ReasonCode.NOT_LISTED,
    }
    assert {code for case in CASES for code in case.codes} == set(ReasonCode) - never


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sentences_still_name_who_is_meant_and_give_no_address(
    lang: str, checker: Checker, renderer: Renderer
) -> None:
    for case in CASES:
        answer = renderer.result(checker.check(case.url, lang=lang, today=AFTER))
        sentences = [answer.headline, *(reason.message for reason in answer.reasons)]
        assert not any("  " in text or " 's" in text or text.endswith((" de", " .")) for text in sentences), sentences
        assert case.after or not any(case.official in text for text in sentences), sentences


# --- the ways in -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client(lists: Path) -> TestClient:
    return TestClient(create_app(Settings(lists), clock=CLOCK), base_url="http://localhost")


@pytest.fixture(params=[LAST, AFTER], ids=str)
def day(request: pytest.FixtureRequest) -> date:
    CLOCK.day = request.param
    return CLOCK.day


@pytest.mark.parametrize(
    ("query", "before", "after"),
    [
        ("sunny valley", {VALLEY}, {"https://www.rivermutual.org/"}),
        ("lakeshore", {"https://mychart.lakeshoreregional.org/", AFFILIATE}, {AFFILIATE}),
        ("harbor pediatrics", {AFFILIATE}, {AFFILIATE}),
        ("quiet river", set(), set()),
    ],
)
def test_the_finder_gives_no_address_that_is_overdue(
    client: TestClient,
    lists: Path,
    capsys: pytest.CaptureFixture[str],
    day: date,
    query: str,
    before: set[str],
    after: set[str],
) -> None:
    expected = before if day == LAST else after
    answer = client.get("/api/v1/portals", params={"q": query}).json()
    assert {portal["url"] for portal in answer["portals"] if portal["url"]} == expected
    assert {portal["overdue"] for portal in answer["portals"] if not portal["url"]} <= {True}
    assert main(["portals", "--json", "--allowlists", str(lists), query]) == (0 if answer["portals"] else 1)
    assert json.loads(capsys.readouterr().out) == answer
    main(["portals", "--allowlists", str(lists), query])
    assert {word for word in capsys.readouterr().out.split() if word.startswith("https:")} == expected
    page = client.post("/find", data={"q": query, "lang": "en"}, headers={"x-fragment": "portals"}).text
    assert set(LINK.findall(page)) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_every_way_in_links_to_the_official_place_or_offers_the_finder(
    case: Case, client: TestClient, lists: Path, capsys: pytest.CaptureFixture[str], day: date
) -> None:
    official = case.official if day == LAST else case.after
    answer = client.post("/api/v1/check", json={"url": case.url}).json()
    assert (answer["official"] and answer["official"]["url"]) == official
    assert main(["check", "--json", "--allowlists", str(lists), case.url]) == 1
    assert json.loads(capsys.readouterr().out) == answer
    main(["check", "--allowlists", str(lists), case.url])
    printed = capsys.readouterr().out
    assert ("portalcheck portals" in printed) == (official is None)
    assert (case.official in printed) == (official is not None)
    page = client.post("/", data={"url": case.url, "lang": "en"}, headers={"x-fragment": "result"}).text
    assert set(LINK.findall(page)) == ({official} if official else set())
    assert ('href="#find"' in page) == (official is None)


def test_a_cached_answer_is_that_of_its_day(client: TestClient) -> None:
    for today, bills in ((LAST, BILLS), (AFTER, NORTHLAKE), (LAST, BILLS)):
        CLOCK.day = today
        answer = client.post("/api/v1/check", json={"url": NORTHLAKE, "task": "pay-bill"}).json()
        assert answer["guidance"]["link"]["url"] == bills
