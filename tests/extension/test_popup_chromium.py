"""The real popup in Chromium, over pages visited "for real", with the real service behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.extension.chromium import Chromium, findings
from tests.extension.conftest import AGREE, Timings
from tests.extension.servers import REMOTE_SERVICE, Reply, Seen, World

pytestmark = pytest.mark.browser

LISTED = "https://mychart.clevelandclinic.org/MyChart/Authentication/Login?secret=1#secret"
UNLISTED = "https://www.unlisted.example/first/second?secret=1#secret"
IMITATION = "https://mychart.cleve1andclinic.org/MyChart/secret?secret=1"


def verdict(popup: Page) -> tuple[str | None, str | None]:
    """Verdict and level, once the service has said what it has to say."""
    popup.locator("#service:not([data-state=asking])").wait_for(state="attached")
    shown = popup.locator("[data-verdict]")
    return shown.get_attribute("data-verdict"), shown.get_attribute("data-level")


def codes(popup: Page) -> list[str | None]:
    return [reason.get_attribute("data-code") for reason in popup.locator("[data-code]").all()]


def state(popup: Page) -> str | None:
    return popup.locator("#service").get_attribute("data-state")


# --- verdicts ----------------------------------------------------------------------------------

VERDICTS = [
    (LISTED, "verified", None, [], None),
    ("https://mychart.clevelandclinic.org./", "verified", None, [], None),
    (
        "http://mychart.clevelandclinic.org/",
        "warning",
        "caution",
        ["not-https"],
        "https://mychart.clevelandclinic.org/",
    ),
    (UNLISTED, "warning", "caution", ["not-listed"], None),
    (IMITATION, "warning", "danger", ["imitates-official"], "https://mychart.clevelandclinic.org/"),
    (
        "https://mychart.clevelandclinic.org.evil.example/",
        "warning",
        "danger",
        ["official-name-elsewhere"],
        "https://mychart.clevelandclinic.org/",
    ),
    ("https://mychart-health.org/", "warning", "caution", ["portal-name-unlisted"], None),
    (
        "https://survey.clevelandclinic.org/",
        "warning",
        "caution",
        ["operator-site"],
        "https://mychart.clevelandclinic.org/",
    ),
]


@pytest.mark.parametrize(
    ("address", "word", "level", "reasons", "official"), VERDICTS, ids=[row[0] for row in VERDICTS]
)
def test_the_popup_gives_the_verdict_for_the_page_in_the_tab(
    chromium: Chromium, address: str, word: str, level: str | None, reasons: list[str], official: str | None
) -> None:
    with chromium.popup_at(address) as popup:
        assert verdict(popup) == (word, level)
        assert codes(popup) == reasons
        link = popup.locator("[data-official]")
        assert link.get_attribute("href") == official
        expect(popup.locator("#emergency-text")).to_contain_text("911")
        expect(popup.locator("#disclaimer")).not_to_be_empty()


def test_the_official_button_takes_the_tab_to_the_official_page(chromium: Chromium) -> None:
    page = chromium.visit(IMITATION)
    with chromium.popup(page) as popup:
        verdict(popup)
        popup.locator("[data-official]").click()
        page.wait_for_url("https://mychart.clevelandclinic.org/")


@pytest.mark.parametrize("address", ["about:blank", "chrome://version/", "data:text/html,hello"])
def test_a_page_without_a_web_address_has_no_verdict_and_nothing_is_sent(
    chromium: Chromium, world: World, address: str
) -> None:
    with chromium.popup_at(address) as popup:
        assert verdict(popup) == ("none", None)
        expect(popup.locator("#headline")).to_have_text("This page has no web address to check")
        expect(popup.locator("#host-line")).to_be_hidden()
    assert world.to_services == []


def test_a_user_name_in_the_address_of_a_tab_is_hidden_by_the_browser_or_a_danger(
    chromium: Chromium, world: World
) -> None:
    """Newer Chromiums show such an address to no extension."""
    with chromium.popup_at("https://mychart.clevelandclinic.org:secret@www.unlisted.example/") as popup:
        hidden = verdict(popup) == ("none", None)
        assert hidden or (verdict(popup), codes(popup)) == (("warning", "danger"), ["credentials-in-address"])
    assert [body["url"] for body in world.asked] == ([] if hidden else ["https://www.unlisted.example/"])


# --- what leaves the browser -------------------------------------------------------------------


def test_on_listed_portals_and_by_merely_opening_pages_nothing_is_sent(chromium: Chromium, world: World) -> None:
    addresses = [f"https://www.site-{number}.example/x" for number in range(12)] + [IMITATION]
    page = chromium.visit(UNLISTED)
    for address in addresses:
        chromium.visit(address, page)
    assert {seen.host for seen in world.seen} >= {address.split("/")[2] for address in addresses}
    assert world.to_services == []
    for listed in (LISTED, "https://mychart.ochin.org/MyChartAACI/", "http://mychart.clevelandclinic.org/x"):
        chromium.visit(listed, page)
        before = len(world.seen)
        with chromium.popup(page) as popup:
            assert state(popup) == "local"
            popup.locator("[data-task]").select_option("pay-bill")
            popup.wait_for_timeout(150)
        assert [seen for seen in world.seen[before:] if not seen.path.startswith("/favicon")] == []


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        (UNLISTED, "https://www.unlisted.example/first"),
        ("http://www.unlisted.example/token;jsessionid=secret/x?y", "http://www.unlisted.example/"),
    ],
)
def test_about_an_unlisted_page_only_this_is_sent(chromium: Chromium, world: World, address: str, sent: str) -> None:
    page = chromium.visit(address)
    page.evaluate("document.cookie = 'secret=1; path=/'")
    with chromium.popup(page) as popup:
        verdict(popup)
    (question,) = [seen for seen in world.to_services if seen.method == "POST"]
    assert question.body == {"url": sent, "task": "log-in", "lang": "en", "context": "tab"}
    assert {"Cookie", "Referer", "Authorization"}.isdisjoint(question.headers)
    assert "secret" not in json.dumps([[seen.path, seen.headers, seen.body] for seen in world.to_services])


# --- a service that is not as it should be -----------------------------------------------------


def lie(changes: dict[str, Any]) -> Callable[[World, Seen], Reply]:
    """The real answer, with some fields changed."""

    def reply(world: World, seen: Seen) -> Reply:
        return Reply.of({**json.loads(world.real_answer(seen).body), **changes})

    return reply


HTML = {"Content-Type": "text/html"}
FAILURES: dict[str, tuple[Callable[[World, Seen], Reply], str]] = {
    "too slow": (lambda world, seen: Reply(b"{}", wait=3.5), "unreachable"),
    "dripping": (lambda world, seen: Reply(b" " * 600, drip=0.05), "unreachable"),
    "redirect": (lambda world, seen: Reply(status=302, headers={"Location": "https://evil.example/"}), "unreachable"),
    "a page": (lambda world, seen: Reply(b"<h1>Hello</h1>", headers=HTML), "unreadable"),
    "nothing": (lambda world, seen: Reply(b""), "unreadable"),
    "no object": (lambda world, seen: Reply(b"[]"), "unreadable"),
    "too much": (lambda world, seen: Reply(b'"' + b"x" * 10_000_000 + b'"'), "unreadable"),
    "busy": (lambda world, seen: Reply.of({"code": "overloaded"}, status=503), "refused"),
    "unknown verdict": (lie({"verdict": "constructor"}), "unreadable"),
    "about another host": (
        lie({"address": {"origin": "https://mychart.clevelandclinic.org", "host": "x"}}),
        "unreadable",
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failing_service_leaves_the_lists_own_answer_standing(chromium: Chromium, world: World, failure: str) -> None:
    say, expected = FAILURES[failure]
    world.script = lambda seen: say(world, seen) if seen.method == "POST" else None
    with chromium.popup_at(IMITATION) as popup:
        assert verdict(popup) == ("warning", "caution")
        assert (state(popup), codes(popup)) == (expected, ["not-listed"])
        if failure == "busy":
            world.script = lambda seen: None
            popup.locator("#retry").click()
            expect(
                popup.locator("[data-level=danger] [data-official], [data-code=imitates-official]").first
            ).to_be_visible()
            assert (state(popup), codes(popup)) == ("answered", ["imitates-official"])


def verified_lie(host: str, seen_in: str = "2026-12", **changes: object) -> Callable[[Seen], Reply]:
    answer = {
        "version": 1,
        "verdict": "verified",
        "level": None,
        "headline": "Evil: this address is on the list of official portals",
        "address": {"origin": f"https://{host}", "host": host, "registrable_domain": host, "unwrapped": []},
        "portal": {"host": host, "url": f"https://{host}/", "operator": "Evil", "organizations": ["Evil"]},
        "reasons": [],
        "notes": [],
        "allowlist": {"version": "another", "newest_evidence": seen_in},
        **changes,
    }
    return lambda seen: Reply.of(answer)


CLEVELAND = {"name": "Cleveland Clinic", "url": "https://mychart.clevelandclinic.org/"}
LIES: dict[str, tuple[Callable[[Seen], Reply], str]] = {
    "the page is verified": (verified_lie("www.unlisted.example"), "unconfirmed"),
    "by a newer list": (verified_lie("www.unlisted.example", seen_in="2099-12"), "unconfirmed"),
    "an official site beside it": (verified_lie("www.unlisted.example", official=CLEVELAND), "unconfirmed"),
    "another page is verified": (verified_lie("mychart.clevelandclinic.org"), "unreadable"),
    "an unlisted page is verified": (verified_lie("www.other.example"), "unreadable"),
    "a program is the portal": (
        verified_lie(
            "www.unlisted.example",
            portal={"host": "x", "url": "javascript:alert(1)", "operator": "Evil", "organizations": []},
        ),
        "unconfirmed",
    ),
}


@pytest.mark.parametrize("where", ["on this computer", "elsewhere"])
@pytest.mark.parametrize("lie", LIES)
def test_no_service_can_verify(chromium: Chromium, world: World, lie: str, where: str) -> None:
    if where == "elsewhere":
        chromium.store(service=f"https://{REMOTE_SERVICE}")
    world.script, expected = LIES[lie]
    with chromium.popup_at(UNLISTED) as popup:
        assert verdict(popup) == ("warning", "caution")
        assert (state(popup), codes(popup)) == (expected, ["not-listed"])
        expect(popup.locator("#headline")).to_have_text("www.unlisted.example is not on the list of official portals")
        expect(popup.locator("[data-official]")).to_be_hidden()
        expect(popup.locator("#task-link")).to_be_hidden()
        assert "Evil" not in popup.content()


def test_a_service_with_a_newer_list_is_quoted(chromium: Chromium, world: World) -> None:
    chromium.store(service=f"https://{REMOTE_SERVICE}")
    world.script = verified_lie("www.unlisted.example")
    with chromium.popup_at(UNLISTED) as popup:
        assert verdict(popup) == ("warning", "caution")
        expect(popup.locator("#service-text")).to_contain_text(
            f"{REMOTE_SERVICE} says that this address is on its list"
        )
        expect(popup.locator("#list-text")).to_contain_text(f"{REMOTE_SERVICE} says that its own is from 2026-12")


def test_a_service_can_neither_head_the_popup_nor_name_or_link_a_place(chromium: Chromium, world: World) -> None:
    reason = {"code": "listing-overdue", "level": "caution", "message": "“On the official list”: call 555-0100."}
    told = {"headline": "Evil: on the official list", "level": "caution", "reasons": [reason]}
    told["official"] = {
        "name": "Evil Clinic",
        "url": "https://mychart.clevelandclinic.org/evil?to=https://evil.example/",
    }
    told["guidance"] = {"link": {"label": "Evil", "url": "https://evil.example/"}, "steps": ["Evil"]}
    told["if_entered"] = told["emergency"] = {"title": "Evil", "text": "Evil", "steps": ["Evil"]}
    world.script = lambda seen: lie(told)(world, seen)
    with chromium.popup_at(UNLISTED) as popup:
        assert verdict(popup) == ("warning", "caution")
        expect(popup.locator("#headline")).to_have_text("www.unlisted.example is not on the list of official portals")
        expect(popup.locator("[data-official]")).to_have_text("Go to the official page of Cleveland Clinic")
        for link in ("[data-official]", "#task-link"):
            assert popup.locator(link).get_attribute("href") == "https://mychart.clevelandclinic.org/"
        name = world.service.removeprefix("http://")
        said = f'{name} says: “"On the official list": call 555-0100.”'
        expect(popup.locator("[data-code=listing-overdue]")).to_contain_text(said)
        assert "evil" not in popup.content().lower()


def test_a_newer_services_unknown_reason_is_shown_by_its_message(chromium: Chromium, world: World) -> None:
    reason = {"code": "made-up-in-2030", "level": "danger", "message": "<b>A new kind of trick.</b>", "help": "/x"}
    world.script = lambda seen: lie({"level": "danger", "reasons": [reason]})(world, seen)
    with chromium.popup_at(UNLISTED) as popup:
        assert verdict(popup) == ("warning", "danger")
        assert codes(popup) == ["made-up-in-2030"]
        expect(popup.locator("[data-code]")).to_contain_text("says: “<b>A new kind of trick.</b>”")
        assert popup.locator("[data-code] a").count() == 0


def test_an_official_site_the_list_does_not_know_is_not_offered(chromium: Chromium, world: World) -> None:
    world.script = lambda seen: lie({"official": {"name": "Evil", "url": "https://evil.example/"}})(world, seen)
    with chromium.popup_at(IMITATION) as popup:
        assert verdict(popup) == ("warning", "danger")
        expect(popup.locator("[data-official]")).to_be_hidden()
        assert "evil.example" not in popup.content()


# --- only ever the address the tab has now -----------------------------------------------------


def test_a_late_answer_is_not_shown_for_another_page(chromium: Chromium, world: World) -> None:
    world.script = lambda seen: Reply.of(json.loads(world.real_answer(seen).body), wait=1)
    page = chromium.visit(IMITATION)
    with chromium.popup(page) as popup:
        assert state(popup) == "asking"
        page.goto("https://www.other.example/")
        expect(popup.locator("[data-verdict]")).to_have_attribute("data-verdict", "none")
        popup.wait_for_timeout(1300)
        assert verdict(popup) == ("none", None)
        expect(popup.locator("#headline")).to_have_text("The page has changed")


def test_another_path_on_the_same_site_is_another_question(chromium: Chromium) -> None:
    page = chromium.visit("https://mychart.ochin.org/MyChartAACI/")
    with chromium.popup(page) as popup:
        expect(popup.locator("#owner")).to_contain_text("AACI")
        page.evaluate("history.pushState({}, '', '/mychartAdaptIHC/x')")
        expect(popup.locator("#owner")).to_contain_text("Adapt Integrated Health Care")
        page.goto("https://mychart.ochin.org/nowhere/")
        expect(popup.locator("#notes")).to_contain_text("serve several organizations")


def test_another_tab_in_front_takes_the_verdict_away(chromium: Chromium) -> None:
    other = chromium.context.new_page()
    page = chromium.visit(LISTED)
    with chromium.popup(page) as popup:
        assert verdict(popup) == ("verified", None)
        other.bring_to_front()
        other.wait_for_timeout(400)
        # Browsers close a popup that is no longer in front; one that stays shows no verdict.
        assert popup.is_closed() or verdict(popup) == ("none", None)


def test_two_windows_have_a_verdict_each(chromium: Chromium) -> None:
    chromium.visit(LISTED)
    with chromium.context.expect_page() as opened:
        chromium.new_window(UNLISTED)
    other = opened.value
    other.wait_for_url(UNLISTED)
    with chromium.popup(other) as popup:
        assert verdict(popup) == ("warning", "caution")
        expect(popup.locator("#host")).to_have_text("www.unlisted.example")


# --- tasks, pasted links, reports --------------------------------------------------------------


def test_the_task_is_told_from_the_path_else_remembered(chromium: Chromium) -> None:
    with chromium.popup_at("https://mychart.clevelandclinic.org/Billing/GuestPay/") as popup:
        expect(popup.locator("[data-task]")).to_have_value("pay-bill")
        popup.locator("[data-task]").select_option("test-results")
        expect(popup.locator("#reminder")).to_contain_text("provider")
    with chromium.popup_at("https://mychart.clevelandclinic.org/") as popup:
        expect(popup.locator("[data-task]")).to_have_value("test-results")
        popup.locator("[data-task]").select_option("emergency")
        expect(popup.locator("#task-link-line")).to_be_hidden()


CLEVELAND_URL = "https://mychart.clevelandclinic.org/"
PASTED = [
    (f"{CLEVELAND_URL}MyChart/", "verified", None, [], CLEVELAND_URL, False),
    ("http://mychart.clevelandclinic.org/", "warning", "caution", ["not-https"], CLEVELAND_URL, False),
    ("https://mychart.cleve1andclinic.org/x", "warning", "danger", ["imitates-official"], CLEVELAND_URL, True),
    ("see hxxps://mychart[.]cleve1andclinic.org/x", "warning", "danger", ["imitates-official"], CLEVELAND_URL, True),
    (f"see {CLEVELAND_URL}", "warning", "caution", [], CLEVELAND_URL, True),
    ("javascript:alert(1)", "warning", "danger", ["not-a-web-address"], None, True),
    ("no link in here", "none", None, [], None, True),
]


@pytest.mark.parametrize(
    ("text", "word", "level", "reasons", "official", "sent"), PASTED, ids=[row[0] for row in PASTED]
)
def test_a_pasted_link_is_answered_by_the_list_or_sent_whole_when_the_button_is_pressed(
    chromium: Chromium,
    world: World,
    text: str,
    word: str,
    level: str | None,
    reasons: list[str],
    official: str | None,
    sent: bool,
) -> None:
    with chromium.popup_at(LISTED) as popup:
        popup.locator("#paste-summary").click()
        popup.locator("#paste-text").fill(text)
        assert world.to_services == []
        popup.locator("#paste-button").click()
        expect(popup.locator("[data-verdict]")).to_have_attribute("data-verdict", word)
        expect(popup.locator("#pasted-about")).to_be_visible()
        expect(popup.locator("#word")).not_to_have_text("Looking")
        assert verdict(popup) == (word, level)
        assert codes(popup) == reasons
        assert [body["url"] for body in world.asked] == [text] * sent
        assert popup.locator("[data-official]").get_attribute("href") == official
        popup.locator("#back").click()
        expect(popup.locator("#pasted-about")).to_be_hidden()
        assert verdict(popup) == ("verified", None)


@pytest.mark.parametrize("host", ["www.unlisted.example", "mychart.clevelandclinic.org"])
@pytest.mark.parametrize("text", [UNLISTED, f"see {UNLISTED}"], ids=["a link", "a text"])
def test_no_service_can_verify_a_pasted_link(chromium: Chromium, world: World, text: str, host: str) -> None:
    world.script = verified_lie(host)
    with chromium.popup_at("about:blank") as popup:
        popup.locator("#paste-summary").click()
        popup.locator("#paste-text").fill(text)
        popup.locator("#paste-button").click()
        expect(popup.locator("#word")).not_to_have_text("Looking")
        assert verdict(popup)[0] in ("warning", "none")
        assert "Evil" not in popup.content()


def test_a_report_is_copied(chromium: Chromium) -> None:
    with chromium.popup_at(IMITATION) as popup:
        verdict(popup)
        popup.locator("#report").click()
        expect(popup.locator("#report-hint")).to_have_text("Copied.")
        copied = popup.locator("#report").get_attribute("data-text")
        assert copied is not None
        assert copied.splitlines()[1:3] == ["host: mychart.cleve1andclinic.org", "codes: imitates-official"]


def test_the_popup_works_by_keyboard_alone(chromium: Chromium, world: World) -> None:
    with chromium.popup_at(LISTED) as popup:
        verdict(popup)
        assert popup.evaluate("document.activeElement.id") == "headline"
        walked = []
        for _ in range(20):
            popup.keyboard.press("Tab")
            place = popup.evaluate("document.activeElement.id || document.activeElement.closest('[id]').id")
            if place in walked:
                break
            walked.append(place)
            if place == "paste-summary":
                popup.keyboard.press("Enter")
        assert walked[:3] == ["task", "task-link", "steps-label"]
        assert {"paste-text", "paste-button", "report", "settings"} <= set(walked)
        popup.locator("[data-task]").focus()
        popup.keyboard.type("Pay")
        expect(popup.locator("[data-task]")).to_have_value("pay-bill")
        popup.locator("#paste-text").focus()
        popup.keyboard.type("https://www.unlisted.example/")
        popup.keyboard.press("Tab")
        popup.keyboard.press("Enter")
        expect(popup.locator("[data-code=not-listed]")).to_be_visible()


# --- how it looks and speaks -------------------------------------------------------------------

Prepare = Callable[[Chromium, World], None]


def _nothing(chromium: Chromium, world: World) -> None:
    """The service answers as it is."""


def _no_service(chromium: Chromium, world: World) -> None:
    chromium.store(**{**chromium.stored, "service": ""})


def _refusing(chromium: Chromium, world: World) -> None:
    world.script = lambda seen: Reply.of({"code": "overloaded"}, status=503)


def _garbled(chromium: Chromium, world: World) -> None:
    world.script = lambda seen: Reply(b"[]")


def _gone(chromium: Chromium, world: World) -> None:
    chromium.store(**{**chromium.stored, "service": "http://127.0.0.1:9"})


def _newer(chromium: Chromium, world: World) -> None:
    world.script = lambda seen: lie({"allowlist": {"version": "z", "newest_evidence": "2027-03"}})(world, seen)


def _unconfirmed(chromium: Chromium, world: World) -> None:
    world.script = verified_lie("www.unlisted.example")


STATES: dict[str, tuple[str, Prepare]] = {
    "verified": ("https://mychart.clevelandclinic.org/", _nothing),
    "verified-many": ("https://mychart.hcnetwork.org/MyChart/", _nothing),
    "verified-unknown-clinic": ("https://mychart.ochin.org/", _nothing),
    "caution-not-https": ("http://mychart.clevelandclinic.org/", _nothing),
    "caution-not-listed": (UNLISTED, _nothing),
    "caution-operator-site": ("https://survey.clevelandclinic.org/", _nothing),
    "caution-no-service": (UNLISTED, _no_service),
    "caution-service-gone": (UNLISTED, _gone),
    "caution-service-busy": (UNLISTED, _refusing),
    "caution-unreadable-answer": (UNLISTED, _garbled),
    "caution-unconfirmed": (UNLISTED, _unconfirmed),
    "caution-older-list": (UNLISTED, _newer),
    "danger-imitation": (IMITATION, _nothing),
    "none-no-address": ("about:blank", _nothing),
}


@pytest.mark.parametrize("name", STATES)
def test_axe_finds_nothing_in_any_state(chromium: Chromium, world: World, screenshots: Path, name: str) -> None:
    address, prepare = STATES[name]
    prepare(chromium, world)
    with chromium.popup_at(address) as popup:
        verdict(popup)
        assert in_every_light(popup, screenshots / f"popup-{name}") == []
    chromium.store(**chromium.stored, language="es")
    with chromium.narrow_popup_at(address) as popup:
        verdict(popup)
        assert popup.locator("html").get_attribute("lang") == "es"
        assert as_on_a_small_screen(popup, screenshots / f"popup-{name}-es") == []


def test_a_user_name_in_the_address_is_a_danger_and_is_not_sent(
    chromium: Chromium, world: World, screenshots: Path
) -> None:
    with chromium.narrow_popup_at("https://mychart.clevelandclinic.org:secret@www.unlisted.example/x/y") as popup:
        assert verdict(popup) == ("warning", "danger")
        assert codes(popup) == ["credentials-in-address"]
        assert as_on_a_small_screen(popup, screenshots / "popup-danger-user-name") == []
    assert [body["url"] for body in world.asked] == ["https://www.unlisted.example/x"]


def test_without_its_own_files_the_extension_says_so(chromium: Chromium) -> None:
    with chromium.narrow_popup_at(LISTED, before="globalThis.fetch = async () => new Response('')") as popup:
        expect(popup.locator("#headline")).to_have_text("We could not check this page")
        expect(popup.locator("[data-verdict]")).to_have_attribute("data-verdict", "none")
        expect(popup.locator("#lines")).to_contain_text("Do not take this as a yes")


def in_every_light(page: Page, picture: Path) -> list[str]:
    """What axe finds in light, dark and forced colours; a picture of each."""
    found = []
    for light, media in LIGHTS.items():
        page.emulate_media(**media)
        page.screenshot(path=f"{picture}-{light}.png")
        found += findings(page)
    return found


LIGHTS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"color_scheme": "light", "forced_colors": "active"},
}


def as_on_a_small_screen(page: Page, picture: Path) -> list[str]:
    """What axe finds at a width of 320 pixels, where nothing may be cut off."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.screenshot(path=f"{picture}-320.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth")
    return findings(page) + ([f"{wide} px wide"] if wide > 320 else [])


def test_the_list_says_when_it_is_overdue(old_chromium: Chromium, screenshots: Path) -> None:
    with old_chromium.popup_at("https://mychart.clevelandclinic.org/") as popup:
        assert verdict(popup) == ("warning", "caution")
        assert codes(popup) == ["listing-overdue"]
        expect(popup.locator("#list-text")).to_contain_text("2024-01")
        assert in_every_light(popup, screenshots / "popup-list-overdue") == []


# --- settings and reasons ----------------------------------------------------------------------


def test_the_settings_change_the_service_and_test_it(chromium: Chromium, world: World) -> None:
    page = chromium.context.new_page()
    page.goto(chromium.url("options.html"))
    field, result = page.locator("#service"), page.locator("#service-result")
    expect(field).to_have_value(world.service)
    page.locator("#test").click()
    expect(result).to_contain_text("It answers. Its list has")
    rows = [
        ("http://portalcheck.example", "must begin with https"),
        ("nonsense", "no address of a service"),
        ("http://127.0.0.1:9", "Saved."),
        ("", "No service will be asked."),
    ]
    for text, said in rows:
        field.fill(text)
        page.locator("button[type=submit]").click()
        expect(result).to_contain_text(said)
    assert page.evaluate("chrome.storage.local.get()") == {"service": ""}
    page.locator("#test").click()
    expect(result).to_contain_text("nothing to test")
    page.locator("#default").click()
    expect(field).to_have_value(world.service)
    assert page.evaluate("chrome.storage.local.get()") == {}
    expect(page.locator("#list-version")).not_to_be_empty()
    page.locator("#language").select_option("es")
    expect(page.locator("h1")).to_have_text("Ajustes de portalcheck")
    with chromium.popup_at(LISTED) as popup:
        expect(popup.locator("#word")).to_have_text("En la lista oficial")
    page.close()


@pytest.mark.parametrize("name", ["options.html", "reasons.html#imitates-official"])
def test_axe_finds_nothing_in_the_other_pages(chromium: Chromium, screenshots: Path, name: str) -> None:
    page = chromium.context.new_page()
    page.goto(chromium.url(name))
    expect(page.locator("h1")).not_to_be_empty()
    picture = screenshots / name.partition(".")[0]
    assert in_every_light(page, picture) == []
    chromium.store(language="es")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator("h1")).not_to_be_empty()
    assert as_on_a_small_screen(page, picture.with_name(f"{picture.name}-es")) == []
    page.close()


def test_every_reason_shown_is_explained_inside_the_extension(chromium: Chromium) -> None:
    with chromium.popup_at(IMITATION) as popup:
        verdict(popup)
        href = popup.locator("[data-code] a").first.get_attribute("href")
    assert href == "reasons.html#imitates-official"
    page = chromium.context.new_page()
    page.goto(chromium.url(href))
    expect(page.locator("#imitates-official")).to_be_in_viewport()
    assert page.evaluate("document.activeElement.id") == "imitates-official"
    page.close()


# --- the same rules, and how fast --------------------------------------------------------------


def test_the_rules_agree_with_the_python_core_inside_the_browser(chromium: Chromium) -> None:
    page = chromium.context.new_page()
    page.goto(chromium.url("reasons.html"))
    assert page.evaluate(AGREE) == []
    page.close()


@pytest.mark.parametrize(("name", "address"), [("listed", LISTED), ("unlisted", UNLISTED)])
def test_how_fast_the_verdict_is_there(chromium: Chromium, timings: Timings, name: str, address: str) -> None:
    page = chromium.visit(address)
    for _ in range(7):
        with chromium.popup(page, undisturbed=0.7) as popup:
            marks = popup.evaluate("performance.getEntriesByType('mark').map((mark) => mark.startTime)")
        timings.add(f"Chromium: {name}, first verdict", marks[0])
        if len(marks) > 1:
            timings.add(f"Chromium: {name}, explained by the service", marks[-1])
