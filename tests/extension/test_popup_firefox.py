"""The same popup in Firefox ESR: what differs between browsers, and that the rules agree there too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.extension.conftest import AGREE, Timings
from tests.extension.firefox import Firefox
from tests.extension.servers import REMOTE_SERVICE, World
from tests.extension.test_popup_chromium import LIES

pytestmark = pytest.mark.browser

LISTED = "https://mychart.clevelandclinic.org/MyChart/Authentication/Login?secret=1#secret"
UNLISTED = "https://www.unlisted.example/first/second?secret=1#secret"
IMITATION = "https://mychart.cleve1andclinic.org/MyChart/secret?secret=1"


@pytest.mark.parametrize(
    ("name", "address", "verdict", "level", "codes", "official"),
    [
        ("listed", LISTED, "verified", None, [], None),
        ("unlisted", UNLISTED, "warning", "caution", ["not-listed"], None),
        (
            "imitation",
            IMITATION,
            "warning",
            "danger",
            ["imitates-official"],
            "https://mychart.clevelandclinic.org/",
        ),
        ("none", "about:blank", "none", None, [], None),
    ],
    ids=["listed", "unlisted", "imitation", "none"],
)
def test_the_popup_gives_the_verdict_for_the_page_in_the_tab(
    firefox: Firefox,
    screenshots: Path,
    name: str,
    address: str,
    verdict: str,
    level: str | None,
    codes: list[str],
    official: str | None,
) -> None:
    firefox.marionette.navigate(address)
    shown = firefox.press_button()
    assert (shown["verdict"], shown["level"], shown["codes"], shown["official"]) == (verdict, level, codes, official)
    assert (shown["overflow"] <= 0, shown["width"] < 450) == (True, True), shown
    firefox.picture(screenshots / f"firefox-{name}.png")
    assert firefox.findings() == []


def test_on_a_listed_portal_and_by_merely_opening_pages_nothing_is_sent(firefox: Firefox, world: World) -> None:
    for address in (UNLISTED, IMITATION, LISTED):
        firefox.marionette.navigate(address)
    assert firefox.press_button()["state"] == "local"
    assert {seen.host for seen in world.seen} >= {"www.unlisted.example", "mychart.cleve1andclinic.org"}
    assert world.to_services == []


def test_about_an_unlisted_page_only_this_is_sent(firefox: Firefox, world: World) -> None:
    firefox.marionette.navigate(UNLISTED)
    firefox.press_button()
    (question,) = [seen for seen in world.to_services if seen.method == "POST"]
    assert question.body == {
        "url": "https://www.unlisted.example/first",
        "task": "log-in",
        "lang": "en",
        "context": "tab",
    }
    assert {"Cookie", "Referer"}.isdisjoint(question.headers)


@pytest.mark.parametrize("where", ["on this computer", "elsewhere"])
@pytest.mark.parametrize("lie", LIES)
def test_no_service_can_verify(firefox: Firefox, world: World, lie: str, where: str) -> None:
    if where == "elsewhere":
        firefox.in_page(f"() => browser.storage.local.set({{ service: 'https://{REMOTE_SERVICE}' }})")
    world.script, expected = LIES[lie]
    firefox.marionette.navigate(UNLISTED)
    shown = firefox.press_button()
    assert (shown["verdict"], shown["level"], shown["state"]) == ("warning", "caution", expected)
    assert (shown["codes"], shown["official"]) == (["not-listed"], None)
    assert shown["headline"] == "www.unlisted.example is not on the list of official portals"


def test_another_page_in_the_tab_takes_the_verdict_away(firefox: Firefox) -> None:
    firefox.marionette.navigate(LISTED)
    assert firefox.press_button()["verdict"] == "verified"
    firefox.marionette.navigate("https://www.other.example/")
    shown = firefox.shown()
    assert (shown["verdict"], shown["level"]) != ("verified", None)


def test_the_settings_are_kept_and_speak_spanish(firefox: Firefox, world: World) -> None:
    firefox.marionette.navigate(firefox.url("options.html"))
    firefox.in_page("() => browser.storage.local.set({ language: 'es', service: '' })")
    firefox.marionette.refresh()
    heading = firefox.in_page("async () => { await new Promise((go) => setTimeout(go, 300)); return document.title; }")
    assert heading == "Ajustes de portalcheck"
    firefox.marionette.navigate(UNLISTED)
    shown = firefox.press_button()
    assert (shown["state"], shown["codes"]) == ("none", ["not-listed"])
    assert "no está en la lista" in shown["headline"]
    assert world.to_services == []


def test_the_rules_agree_with_the_python_core_inside_the_browser(firefox: Firefox) -> None:
    firefox.marionette.navigate(firefox.url("reasons.html"))
    assert firefox.in_page(AGREE) == []


@pytest.mark.parametrize(("name", "address"), [("listed", LISTED), ("unlisted", UNLISTED)])
def test_how_fast_the_verdict_is_there(firefox: Firefox, timings: Timings, name: str, address: str) -> None:
    firefox.marionette.navigate(address)
    for _ in range(5):
        marks = firefox.press_button()["marks"]
        timings.add(f"Firefox: {name}, first verdict", marks[0])
        if len(marks) > 1:
            timings.add(f"Firefox: {name}, explained by the service", marks[-1])
        firefox.close_popup()
