"""Whole messages: a table of what is answered, and what holds for any message at all."""

from __future__ import annotations

import html
import re
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.core.check import Checker, Result
from checker.core.errors import UnreadableAddress
from checker.core.message import (
    GivenLink,
    JudgedMessage,
    Known,
    Message,
    is_mail,
    is_urgent,
    judge,
    read_html,
    read_links,
    read_mail,
    read_plain,
)
from checker.core.message.bounds import MAX_STEPS, steps
from checker.core.message.markup import page_of
from checker.core.message.shown import shown_addresses
from checker.core.reason import Level
from checker.core.url import WebUrl

ROWS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parents[1] / "cases/messages.yaml").read_text("utf-8"))
TODAY = date(2026, 11, 22)
OFFICIAL = "https://mychart.clevelandclinic.org/"
relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)


def known_of(checker: Checker) -> Known:
    return Known(checker.names, checker.wrappers)


def name_of(row: dict[str, Any]) -> str:
    return str(row["why"])


def message_of(row: dict[str, Any], known: Known) -> Message:
    if "links" in row:
        filled = [{key: value.replace("{o}", OFFICIAL) for key, value in link.items()} for link in row["links"]]
        return read_links([GivenLink(**link) for link in filled], known)
    kind = next(kind for kind in ("html", "text", "mail") if kind in row)
    piece, times = row.get("repeat", ("", 0))
    body = piece * times + row[kind].replace("{o}", OFFICIAL)
    if kind == "mail":
        assert is_mail(body.encode())
        return read_mail(body.encode(), known)
    return read_html(body, known) if kind == "html" else read_plain(body, known)


def judged(message: Message, checker: Checker) -> JudgedMessage:
    return judge(message, checker, None, "en", today=TODAY)


def host_of(answer: object) -> str | None:
    if not isinstance(answer, Result):
        return "error"
    return answer.address.host if isinstance(answer.address, WebUrl) else None


def test_the_table_is_long_enough() -> None:
    assert len(ROWS) >= 60


@pytest.mark.parametrize("row", [row for row in ROWS if "hosts" in row], ids=name_of)
def test_the_answer_is_the_tables(row: dict[str, Any], checker: Checker) -> None:
    answer = judged(message_of(row, known_of(checker)), checker)
    assert (answer.verdict.value if answer.verdict else "none") == row["verdict"]
    assert (answer.level.value if answer.level else None) == row.get("level")
    assert [host_of(link.answer) for link in answer.links] == row["hosts"]
    assert sum(link.mismatch for link in answer.links) == row.get("mismatch", 0)
    if "notes" in row:
        assert [note.value for note in answer.notes] == row["notes"]


@pytest.mark.parametrize("row", [row for row in ROWS if "hosts" not in row], ids=name_of)
def test_what_is_beyond_the_bounds_is_refused(row: dict[str, Any], checker: Checker) -> None:
    with pytest.raises(UnreadableAddress) as caught:
        judged(message_of(row, known_of(checker)), checker)
    assert caught.value.code == row["verdict"]


def test_links_to_one_host_are_counted_and_the_worst_of_them_answers(checker: Checker) -> None:
    page = f'<a href="{OFFICIAL}a">x</a><a href="{OFFICIAL}b">y</a><a href="{OFFICIAL.replace("https", "http")}">z</a>'
    (link,) = judged(read_html(page, known_of(checker)), checker).links
    assert link.count == 3
    assert isinstance(link.answer, Result)
    assert [reason.code for reason in link.answer.judgement.reasons] == ["not-https"]


def test_more_than_a_hundred_places_are_refused(checker: Checker) -> None:
    links = "".join(f'<a href="https://a{number}.example/">x</a>' for number in range(101))
    with pytest.raises(UnreadableAddress) as caught:
        judged(read_html(links, known_of(checker)), checker)
    assert caught.value.code == "batch-too-large"


@pytest.mark.parametrize(
    ("words", "hosts", "why"),
    [
        ("www.evil.nosuchending/x", [], "an ending that is on no list"),
        ("www.evil.com", ["www.evil.com"], "www"),
        ("evil.com/login", ["evil.com"], "a path"),
        ("evil.com", [], "neither"),
        ("patientportal.evil.com", ["patientportal.evil.com"], "a portal's word"),
        ("hxxps://evil[.]com/", ["evil.com"], "made unclickable"),
        ("ｍychart.clevelandclinic.org", ["mychart.clevelandclinic.org"], "a wide letter"),
        ("Visit https://a.com/ and https://b.com/", ["a.com", "b.com"], "two of them"),
        ("3.14/2 and/or 10.2.0.1/x", [], "numbers"),
        ("me@www.evil.com", [], "a mailbox"),
    ],
)
def test_which_words_show_an_address(words: str, hosts: list[str], why: str, checker: Checker) -> None:
    assert [a.host for a in shown_addresses((words,), checker.allowlist, checker.names)] == hosts, why


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("I have chest pain", True),
        ("Can\u2019t  breathe!", True),
        ("tengo dolor de pecho", True),
        ("SOBREDOSIS", True),
        ("quitarme la vida", True),
        ("ataque al corazo\u0301n", True),
        ("chest X-ray results", False),
        ("Your stroke order is ready", False),
        ("", False),
    ],
)
def test_words_of_an_emergency(text: str, urgent: bool) -> None:
    assert is_urgent(text) == urgent


# --- newsletters ----------------------------------------------------------------------------------


def wrapped(target: str) -> list[str]:
    """A link to the target as mail gateways, trackers and search engines write it."""
    plain = quote(target, safe="")
    proofpoint = plain.replace("-", "%2D").replace("_", "%5F").replace("%2F", "_").replace("%", "-")
    return [
        target,
        f"https://nam12.safelinks.protection.outlook.com/?url={plain}&data=05%7C02%7Ca&sdata=x%3D&reserved=0",
        f"https://urldefense.com/v3/__{target}__;!!AbC!x-y_z$",
        f"https://urldefense.proofpoint.com/v2/url?u={proofpoint}&d=DwMFaQ&c=a&r=b",
        f"https://linkprotect.cudasvc.com/url?a={plain}&c=E,1,x",
        f"https://secure-web.cisco.com/1aB/{plain}",
        f"https://links-1.govdelivery.com/CL0/{plain}/1/0100/abc=1",
        f"https://abc.r.us-east-1.awstrack.me/L0/{plain}/1/0100/x",
        f"https://www.google.com/url?q={plain}&sa=D",
        "https://u123.ct.sendgrid.net/ls/click?upn=abc",
    ]


def test_fifty_newsletters_behind_wrappers_raise_no_alarm_about_their_words(checker: Checker) -> None:
    within = (p for p in checker.allowlist.portals if checker.allowlist.within_lease(p, TODAY))
    portals = list({portal.operator: portal for portal in within}.values())[:5]
    letters = [
        f"<html><body><p>Dear patient,</p><p>A new result is here. See <a href='{html.escape(link)}'>{shown}</a>.</p>"
        f"<p><a href='{html.escape(link)}'><b>Log in</b></a></p><p>Dr. Lee &middot; Tel. 216.555.0142</p></body></html>"
        for portal in portals
        for link in wrapped(portal.url)
        for shown in (portal.host,)
    ]
    assert len(letters) == 50
    answers = [judged(read_html(letter, known_of(checker)), checker) for letter in letters]
    assert [link.shown for answer in answers for link in answer.links if link.mismatch] == []
    # A tracker that hides where it leads is a caution; all others are verified.
    assert sum(answer.verdict == "verified" for answer in answers) == 45
    assert {answer.level for answer in answers} == {None, Level.CAUTION}


# --- no message keeps a parser busy --------------------------------------------------------------

SLOW = {
    "nested": "<div>",
    "nested, with the wrong end tags": "<div></span>",
    "styles": "<b x=1>",
    "links and blocks": "<a href=x><div>",
    "nobr": "<nobr><div>",
    "tables": "<table><tr><td>",
    "behind a scope": "<div><marquee></div>",
    "end tags in comments": "<div><!--</div>-->",
    "end tags in values": '<div><i a="</div>"></i>',
    "end tags in text": "<div><textarea></div></textarea>",
    "drawings": "<svg><g>",
    "end tags in a drawing's title": "<svg><title><!--</title></svg>-->",
    "attributes of the body": "<body a b c d e f g h>",
}


@pytest.mark.parametrize("piece", SLOW.values(), ids=SLOW)
def test_what_is_slow_to_parse_is_refused_before_it_is_parsed(piece: str) -> None:
    assert steps(piece * (256 * 1024 // len(piece))) > MAX_STEPS


def test_all_the_attributes_of_one_tag_count_against_each_other() -> None:
    assert steps("<i " + "".join(f"a{number} " for number in range(500)) + ">") < MAX_STEPS
    assert steps("<i " + "".join(f"a{number} " for number in range(2000)) + ">") > MAX_STEPS


# --- what holds for any message ------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        OFFICIAL, "https://evil.example/", "mychart.clevelandclinic.org", "evil.com", "<a href=\"", "<a href='", "\">",
        "'>", "</a>", "<b>", "</b>", "<base href=\"", "<!--[if mso]>", "<![endif]-->", "<p>", " ", "\n", "Log in", "](",
        "[", ")", "<", ">", "&#46;", "&period;", "=3D", "=\n", "\u200b", "\u202e", "@", "\\", "//", "javascript:", "#",
        "tel:1", "<form action=\"", "<iframe srcdoc=\"", "<template shadowrootmode=open>", "</template>", "<svg>",
        "https://nam12.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2F",
        "https://bit.ly/x", ".", "★", "www.",
    ]
)  # fmt: skip
BODIES = st.lists(PIECES, max_size=12).map("".join)


def alone(checker: Checker, text: str) -> bool:
    """Whether one address by itself is verified."""
    try:
        return checker.check(text, today=TODAY).judgement.is_verified
    except UnreadableAddress:
        return False


@relaxed
@given(BODIES)
def test_html_is_never_more_verified_than_each_of_its_links(checker: Checker, body: str) -> None:
    answer = judged(read_html(body, known_of(checker)), checker)
    page = page_of(body)
    assert page is not None
    if answer.verdict == "verified":
        for href in page.hrefs:
            web = re.match(r"\s*https?:", href.written, re.IGNORECASE)
            assert web is None or alone(checker, href.written.strip()), href.written
        assert all(isinstance(link.answer, Result) and link.answer.judgement.is_verified for link in answer.links)


@relaxed
@given(BODIES)
def test_a_text_is_never_verified_where_it_leads_to_a_host_that_is_not(checker: Checker, body: str) -> None:
    answer = judged(read_plain(body, known_of(checker)), checker)
    if answer.verdict != "verified":
        return
    for link in answer.links:
        assert isinstance(link.answer, Result)
        assert isinstance(link.answer.address, WebUrl)
        assert checker.wrappers.unwrap(link.answer.address).url.host in checker.allowlist.hosts


@relaxed
@given(st.binary(max_size=400) | BODIES.map(lambda body: f"From: a\nContent-Type: text/html\n\n{body}".encode()))
def test_any_bytes_are_read_as_a_mail_or_refused(checker: Checker, source: bytes) -> None:
    with suppress(UnreadableAddress):
        judged(read_mail(source, known_of(checker)), checker)
