"""The page for people, in real Chromium against the real server and the real list."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from checker.core.guidance import Task
from checker.core.lookalike import Technique
from checker.core.reason import NoteCode, ReasonCode
from checker.texts_loader import LANGUAGES, load_texts

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
Scene = dict[str, Any]

OFFICIAL = "https://mychart.clevelandclinic.org/"
EN = load_texts()["en"]

# What is pasted, and what the answer must be: verdict, level, first reason, official link.
STATES: dict[str, tuple[str, str, str | None, str | None, str | None]] = {
    "verified": (OFFICIAL, "verified", None, None, OFFICIAL),
    "verified-shared": ("https://mychart.hcnetwork.org/MyChart/", "verified", None, None,
                        "https://mychart.hcnetwork.org/MyChart/"),
    "caution": ("https://mychart-health.org/", "warning", "caution", "portal-name-unlisted", None),
    "not-listed": ("https://www.evil.example/", "warning", "caution", "not-listed", None),
    "operator-site": ("https://survey.clevelandclinic.org/", "warning", "caution", "operator-site", OFFICIAL),
    "danger": ("https://mychart.cleve1andclinic.org/", "warning", "danger", "imitates-official", OFFICIAL),
    "danger-long": (f"https://mychart.clevelandclinic.org.{'account-verification-' * 2}help.evil.example/", "warning",
                    "danger", "official-name-elsewhere", OFFICIAL),
    "danger-idn": ("https://mychart.clevelаndclinic.org/", "warning", "danger", "imitates-official", OFFICIAL),
    "danger-wrapped": ("https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fmychart.cleve1andclinic.org",
                       "warning", "danger", "imitates-official", OFFICIAL),
    "not-a-web-address": ("javascript:alert(1)", "warning", "danger", "not-a-web-address", None),
    "error": ("see you tomorrow", "none", None, None, None),
}  # fmt: skip

SCENES: dict[str, Scene] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "spanish": {"locale": "es-MX"},
    "narrow": {"viewport": {"width": 320, "height": 640}},
    "narrow-spanish-dark": {"viewport": {"width": 320, "height": 640}, "locale": "es-MX", "color_scheme": "dark"},
    "forced-colors": {"forced_colors": "active"},
}


def check(page: Page, text: str, task: str | None = None) -> None:
    """Paste, choose, press the button, and wait for the answer."""
    if task is not None:
        page.select_option("[data-task]", task)
    page.fill("[data-paste] textarea", text)
    page.click("[data-paste] button")
    page.wait_for_selector("[data-verdict]")


def assert_no_faults(page: Page) -> None:
    """axe-core finds nothing, with the size of targets looked at too."""
    found = Axe().run(page, options={"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}})
    assert found.violations_count == 0, found.generate_report()


# --- the answer ------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("state", STATES)
def test_the_page_shows_the_verdict_the_reason_and_the_official_link(
    open_page: OpenPage, screenshots: Path, state: str, script: bool
) -> None:
    text, verdict, level, code, official = STATES[state]
    page = open_page(java_script_enabled=script)
    check(page, text)
    answer = page.locator("[data-verdict]")
    expect(answer).to_have_count(1)
    expect(answer).to_have_attribute("data-verdict", verdict)
    assert answer.get_attribute("data-level") == level
    codes = [reason.get_attribute("data-code") for reason in page.locator("[data-code]").all()]
    assert codes[:1] == ([code] if code else [])
    links = [link.get_attribute("href") for link in page.locator("[data-official]").all()]
    assert links == ([official] if official else [])
    assert EN.text("verdicts", verdict) in answer.inner_text()
    page.screenshot(path=screenshots / f"page-{state}{'' if script else '-no-script'}.png", full_page=True)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_what_was_pasted_stays_out_of_the_address_bar(open_page: OpenPage, script: bool, service_url: str) -> None:
    page = open_page(java_script_enabled=script)
    check(page, "https://www.evil.example/patient-4711?token=geheim#here")
    assert page.url.rstrip("#") == f"{service_url}/"
    answer = page.locator("[data-verdict]").inner_text()
    assert "4711" not in answer
    assert "geheim" not in answer


@pytest.mark.parametrize("state", STATES)
def test_emergency_advice_and_disclaimer_are_there_whatever_was_typed(open_page: OpenPage, state: str) -> None:
    page = open_page()
    expect(page.get_by_text(EN.text("emergency", "text"))).to_be_visible()
    check(page, STATES[state][0])
    expect(page.get_by_text(EN.text("emergency", "text"))).to_be_visible()
    expect(page.get_by_text(EN.text("disclaimer"))).to_be_visible()


def test_a_verified_answer_names_organization_and_exact_host_and_offers_the_listed_address(open_page: OpenPage) -> None:
    page = open_page()
    check(page, f"{OFFICIAL}MyChart/Billing/Summary?id=1")
    answer = page.locator("[data-verdict]")
    expect(answer.get_by_role("heading", level=2)).to_contain_text("Cleveland Clinic")
    expect(answer.locator(".facts .host")).to_have_text("mychart.clevelandclinic.org")
    expect(answer.locator(".facts .host strong")).to_have_text("clevelandclinic.org")
    expect(page.get_by_role("link", name=EN.text("page", "open_this"))).to_have_attribute("href", OFFICIAL)


@pytest.mark.parametrize(
    ("address", "yours", "theirs", "words"),
    [
        ("https://mychart.cleve1andclinic.org/", "1", "l", "“1” stands where the official name has “l”"),
        ("https://mychart.clevelandclinik.org/", "k", "c", "“k” stands where the official name has “c”"),
        ("https://mychart.clevelаndclinic.org/", "а", "a", "letter of another alphabet"),
    ],
)
def test_the_letters_that_differ_are_marked_by_shape_and_told_in_words(
    open_page: OpenPage, address: str, yours: str, theirs: str, words: str
) -> None:
    page = open_page()
    check(page, address)
    expect(page.locator(".compare-yours mark")).to_have_text(yours)
    expect(page.locator(".compare-theirs mark")).to_have_text(theirs)
    expect(page.locator(".compare-theirs .host")).to_have_text("mychart.clevelandclinic.org")
    expect(page.locator(".compare")).to_contain_text(words)
    line = page.locator(".compare-yours mark").evaluate("mark => getComputedStyle(mark).textDecorationLine")
    assert line == "underline"
    directions = {host.get_attribute("dir") for host in page.locator(".host").all()}
    assert directions == {"ltr"}


def test_of_a_name_inside_another_address_the_part_that_decides_is_emphasized(open_page: OpenPage) -> None:
    page = open_page()
    check(page, "https://mychart.clevelandclinic.org.evil.example/")
    expect(page.locator(".compare-yours strong")).to_have_text("evil.example")
    expect(page.locator(".compare-theirs .host")).to_have_text("mychart.clevelandclinic.org")


def test_a_host_of_another_alphabet_is_shown_as_the_browser_opens_it(open_page: OpenPage) -> None:
    page = open_page()
    check(page, "https://mychart.clevelаndclinic.org/")
    expect(page.locator(".compare-yours .host").first).to_contain_text("xn--")
    expect(page.locator(".compare-yours")).to_contain_text(EN.text("page", "displayed_as"))


def test_the_chosen_task_decides_the_guidance(open_page: OpenPage) -> None:
    page = open_page()
    options = [option.get_attribute("value") for option in page.locator("[data-task] option").all()]
    assert options == ["", *Task]
    check(page, OFFICIAL, "pay-bill")
    expect(page.locator("[data-guidance]")).to_have_attribute("data-guidance", "pay-bill")
    expect(page.locator("[data-guidance]")).to_contain_text(EN.text("tasks", "pay-bill", "where_to_go"))


def test_emergency_advice_stands_first_in_the_answer_to_who_asked_for_it(open_page: OpenPage) -> None:
    page = open_page()
    check(page, OFFICIAL, "emergency")
    first = page.locator(".verdict-body > :first-child")
    expect(first).to_have_attribute("data-guidance", "emergency")
    expect(first).to_contain_text("911")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_organization_is_found_by_name(open_page: OpenPage, script: bool, service_url: str) -> None:
    page = open_page(java_script_enabled=script)
    page.fill("[data-find] [name=q]", "clevland clinic")
    page.click("[data-find] button")
    first = page.locator("[data-portals] a").first
    expect(first).to_have_text("Cleveland Clinic")
    expect(first).to_have_attribute("href", OFFICIAL)
    assert "clevland" not in page.url
    page.fill("[data-find] [name=q]", "qqqqqqq")
    page.click("[data-find] button")
    expect(page.locator("[data-portals='0']")).to_contain_text(EN.text("page", "find_none"))


def test_markup_that_was_pasted_is_never_made_into_elements(open_page: OpenPage) -> None:
    page = open_page()
    for text in ("<img src=x onerror=alert(1)>", "https://<b>evil</b>.example/", "https://www.evil.example/<script>"):
        check(page, text)
        assert page.locator("#result :is(img, b, script)").count() == 0


# --- with the script -------------------------------------------------------------------------


def test_the_answer_fills_an_empty_status_region_and_takes_the_focus(open_page: OpenPage) -> None:
    page = open_page()
    region = page.locator("#result[role=status]")
    assert region.inner_html().strip() == ""
    check(page, OFFICIAL)
    expect(region.locator("[data-verdict]")).to_have_count(1)
    expect(region.get_by_role("heading", level=2)).to_be_focused()


def test_without_the_script_the_focus_is_on_the_answer_too(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False)
    check(page, OFFICIAL)
    expect(page.locator("[data-verdict] h2")).to_be_focused()


def test_an_answer_goes_when_the_address_changes(open_page: OpenPage) -> None:
    page = open_page()
    check(page, OFFICIAL)
    page.locator("[data-paste] textarea").press_sequentially("x")
    expect(page.locator("[data-verdict]")).to_have_count(0)


def test_another_task_gets_its_guidance_at_once_and_the_focus_stays(open_page: OpenPage) -> None:
    page = open_page()
    check(page, OFFICIAL)
    page.locator("[data-task]").focus()
    page.select_option("[data-task]", "request-refill")
    expect(page.locator("[data-guidance]")).to_have_attribute("data-guidance", "request-refill")
    expect(page.locator("[data-task]")).to_be_focused()


def test_of_two_quick_questions_only_the_last_is_answered(open_page: OpenPage) -> None:
    page = open_page()
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/", hold_the_first)
    page.fill("[data-paste] textarea", OFFICIAL)
    page.click("[data-paste] button")
    expect(page.locator("#result")).to_have_text(EN.text("page", "checking"))
    check(page, "https://mychart.cleve1andclinic.org/")
    held[0].abort()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "warning")
    expect(page.locator("[data-verdict]")).to_have_count(1)


BAD_ANSWERS: dict[str, Callable[[Route], None]] = {
    "no connection": lambda route: route.abort(),
    "another site's page": lambda route: route.fulfill(content_type="text/html", body="<h1>Log in to the Wi-Fi</h1>"),
    "JSON": lambda route: route.fulfill(content_type="application/json", body='{"verdict": "verified"}'),
    "nothing": lambda route: route.fulfill(status=204),
    "fault": lambda route: route.fulfill(status=500, content_type="text/plain", body="oops"),
}


@pytest.mark.parametrize("kind", BAD_ANSWERS)
def test_when_no_answer_comes_back_the_page_says_that_nothing_was_checked(open_page: OpenPage, kind: str) -> None:
    page = open_page()
    page.route("**/", BAD_ANSWERS[kind])
    check(page, OFFICIAL)
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "none")
    expect(page.locator("[data-verdict]")).to_contain_text(EN.text("page", "unreachable"))
    expect(page.locator("[data-verdict] h2")).to_be_focused()


# --- for everybody ---------------------------------------------------------------------------


@pytest.mark.parametrize("scene", SCENES)
def test_axe_finds_nothing_in_any_state(open_page: OpenPage, screenshots: Path, scene: str) -> None:
    page = open_page(**SCENES[scene])
    assert_no_faults(page)
    for state, (text, *_) in STATES.items():
        check(page, text)
        assert_no_faults(page)
        page.screenshot(path=screenshots / f"page-{state}-{scene}.png", full_page=True)
    page.fill("[data-find] [name=q]", "health")
    page.click("[data-find] button")
    page.wait_for_selector("[data-portals]")
    assert_no_faults(page)
    page.screenshot(path=screenshots / f"page-find-{scene}.png", full_page=True)


@pytest.mark.parametrize("path", ["/reasons", "/no-such-page"])
@pytest.mark.parametrize("scene", SCENES)
def test_axe_finds_nothing_on_the_other_pages(open_page: OpenPage, screenshots: Path, path: str, scene: str) -> None:
    page = open_page(path, **SCENES[scene], extra_http_headers={"Accept": "text/html"})
    assert_no_faults(page)
    page.screenshot(path=screenshots / f"{path.strip('/')}-{scene}.png", full_page=True)


@pytest.mark.parametrize("width", [320, 640], ids=["320 px", "200 % of 1280 px"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_needs_sideways_scrolling(open_page: OpenPage, width: int, lang: str) -> None:
    page = open_page(f"/?lang={lang}", viewport={"width": width, "height": 640})
    for text, *_ in STATES.values():
        check(page, text)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, text
    page.goto(f"/reasons?lang={lang}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_everything_can_be_done_from_the_keyboard_with_the_focus_in_sight(open_page: OpenPage) -> None:
    page = open_page()
    stops = ["a.skip", "a.brand", "a.switch", "[data-paste] textarea", "[data-task]", "[data-paste] button",
             "[data-find] [name=q]", "[data-find] button"]  # fmt: skip
    for stop in stops:
        page.keyboard.press("Tab")
        expect(page.locator(stop)).to_be_focused()
        outline = page.locator(stop).evaluate(
            "e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth]"
        )
        assert outline == ["solid", "3px"], stop
    page.locator("[data-paste] textarea").focus()
    page.keyboard.type("https://mychart.cleve1andclinic.org/")
    page.keyboard.press("Enter")
    expect(page.locator("[data-verdict] h2")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("[data-official]")).to_be_focused()


def test_the_skip_link_leads_past_the_header(open_page: OpenPage) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("[data-paste] textarea")).to_be_focused()


def test_each_verdict_has_a_word_and_a_shape_of_its_own(open_page: OpenPage) -> None:
    page = open_page(forced_colors="active")
    seen = set()
    for state in ("verified", "caution", "danger", "error"):
        check(page, STATES[state][0])
        tag = page.locator("[data-verdict] .tag")
        seen.add((tag.inner_text(), tag.locator("svg").inner_html()))
        assert tag.locator("svg").get_attribute("aria-hidden") == "true"
    assert len({words for words, _ in seen}) == len({shape for _, shape in seen}) == 4


def test_nothing_moves_for_people_who_asked_for_that(open_page: OpenPage) -> None:
    for motion, name in (("reduce", "none"), ("no-preference", "appear")):
        page = open_page(reduced_motion=motion)
        check(page, OFFICIAL)
        assert page.locator("[data-verdict]").evaluate("e => getComputedStyle(e).animationName") == name


# --- languages and explanations --------------------------------------------------------------


def test_the_page_speaks_the_browsers_language_and_can_be_switched(open_page: OpenPage) -> None:
    page = open_page(locale="es-MX")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    check(page, "https://mychart.cleve1andclinic.org/")
    expect(page.locator("[data-verdict] h2")).to_contain_text("imita el portal")
    page.click("a.switch")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    check(page, "https://mychart.cleve1andclinic.org/")
    expect(page.locator("[data-verdict] h2")).to_contain_text("imitates")


def test_every_why_leads_to_its_explanation_in_the_same_language(open_page: OpenPage) -> None:
    page = open_page("/?lang=es")
    check(page, "https://mychart.cleve1andclinic.org/")
    page.click("[data-code=imitates-official] a")
    expect(page).to_have_url(re.compile(r"/reasons\?lang=es#imitates-official$"))
    expect(page.locator("#imitates-official")).to_be_in_viewport()
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_the_reasons_page_explains_every_code_and_technique(open_page: OpenPage) -> None:
    page = open_page("/reasons")
    explained = [entry.get_attribute("data-entry") for entry in page.locator("[data-entry]").all()]
    assert explained == [*ReasonCode, *NoteCode, *load_texts()["en"].under("techniques").tree]
    assert set(explained) >= set(Technique)
    assert page.locator("main [data-entry] a").count() == 0, "an example is for reading, never a link"
