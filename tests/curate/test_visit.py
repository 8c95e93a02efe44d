"""Visits of portals that behave and misbehave, on loopback: what is a finding, and what is not known."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

import checker.curate.visit
from checker.cli import main
from checker.core.allowlist import Allowlist
from checker.curate.visit import Expected, Outcome, Problem, Visit, connect_public, expected_of, visit, visit_all
from tests.curate.tls_world import Behaviour, World, cookie_check, dripping, endless, garbage, page, redirect, world
from tests.served import ROOT, small_list

TODAY = date(2026, 11, 22)
HOST = "portal.example.org"
ENTRY = Expected(
    f"https://{HOST}/",
    frozenset({HOST, "login.example.org"}),
    ("Example Clinic", "Wacofhc Health"),
    ("mychart",),
)
GOOD = page("MyChart - Login", "<p>MyChart")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with world(tmp_path) as (made, authority):
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))  # OpenSSL's own setting for whom to believe
        yield made


def look(here: World, entry: Expected = ENTRY, patience: float = 20.0) -> Visit:
    return visit(entry, TODAY, here.connect, patience)


def test_a_portal_as_the_entry_says(here: World) -> None:
    here.host(HOST, GOOD)
    assert look(here) == Visit(
        url=f"https://{HOST}/",
        outcome=Outcome.OK,
        problems=(),
        notes=(),
        hops=(f"https://{HOST}/",),
        status=200,
        title="MyChart - Login",
        names=(HOST,),
        seen="2026-11-22",
    )


@pytest.mark.parametrize(
    ("title", "fits", "why"),
    [
        ("Example Clinic – sign in", True, "the organization's own word"),
        ("EXÁMPLE sign in", True, "accents and capitals do not tell names apart"),
        ("Wacofhc", True, "the operator's name"),
        ("Sign in to your clinic", False, "every clinic is a clinic"),
        ("Health portal", False, "every operator is about health"),
        ("This domain is for sale", False, "somebody else's page"),
        ("", False, "no title at all"),
    ],
)
def test_a_title_names_the_organization(title: str, fits: bool, why: str, here: World) -> None:
    here.host(HOST, page(title))
    found = look(here, Expected(ENTRY.url, ENTRY.hosts, ENTRY.names))
    assert found.problems == (() if fits else (Problem.TITLE,)), why


def test_a_vendor_is_known_by_its_words(here: World) -> None:
    here.host(HOST, page("Example Clinic", "<p>A portal of our own."))
    assert look(here).problems == (Problem.VENDOR,)


MISBEHAVING: list[tuple[str, Behaviour, Problem, str]] = [
    ("gone", page("Not found", status="404 Not Found"), Problem.GONE, "answers 404"),
    ("gone for good", page("Gone", status="410 Gone"), Problem.GONE, "answers 410"),
    ("to plain http", redirect("http://portal.example.org/"), Problem.LEAVES_HTTPS, "http://portal.example.org"),
    ("to another scheme", redirect("ftp://portal.example.org/"), Problem.LEAVES_HTTPS, "ftp://portal.example.org"),
    ("to a name nobody has", redirect("https://nobody.example.org/"), Problem.NO_SUCH_HOST, "no address"),
    ("a bad title", page("Buy this domain"), Problem.TITLE, "neither the organization nor the vendor"),
]


@pytest.mark.parametrize(("behave", "problem", "said"), [pytest.param(*c[1:], id=c[0]) for c in MISBEHAVING])
def test_what_a_portal_shows_of_itself_is_a_finding(
    behave: Behaviour, problem: Problem, said: str, here: World
) -> None:
    here.host(HOST, behave)
    found = look(here)
    assert found.outcome is Outcome.FINDING
    assert problem in found.problems
    assert said in "; ".join(found.notes)


UNKNOWN: list[tuple[str, Behaviour, str]] = [
    ("forbidden", page("Forbidden", status="403 Forbidden"), "answers 403"),
    ("too often", page("Slow down", status="429 Too Many Requests"), "answers 429"),
    ("broken for now", page("Oops", status="503 Service Unavailable"), "answers 503"),
    ("a redirect to nowhere", page("Moved", status="302 Found"), "answers 302"),
    ("a redirect that is none", redirect("https://exa mple.org/"), "no answer"),
    ("round and round", redirect("/"), "more than 10 redirects"),
    ("no HTTP", garbage, "no answer: BadStatusLine"),
]


@pytest.mark.parametrize(("behave", "said"), [pytest.param(*case[1:], id=case[0]) for case in UNKNOWN])
def test_what_could_not_be_seen_is_unknown(behave: Behaviour, said: str, here: World) -> None:
    here.host(HOST, behave)
    found = look(here)
    assert (found.outcome, found.problems) == (Outcome.UNKNOWN, ())
    assert said in "; ".join(found.notes)


def test_a_slow_drip_is_left_after_the_patience_for_the_whole_visit(here: World) -> None:
    here.host(HOST, dripping)
    start = time.monotonic()
    found = look(here, patience=0.5)
    assert found.outcome is Outcome.UNKNOWN
    assert "within 0.5 seconds" in found.notes[0]
    assert time.monotonic() - start < 5


def test_of_an_endless_page_only_the_beginning_is_read(here: World) -> None:
    here.host(HOST, endless)
    found = look(here, Expected(ENTRY.url, ENTRY.hosts, ENTRY.names))
    assert (found.outcome, found.title) == (Outcome.OK, "Example Health")


@pytest.mark.parametrize(
    ("certificate_for", "trusted", "said"),
    [("other.example.net", True, "Hostname mismatch"), (None, False, "unable to get local issuer certificate")],
)
def test_a_wrong_certificate_is_a_finding(certificate_for: str | None, trusted: bool, said: str, here: World) -> None:
    here.host(HOST, GOOD, certificate_for=certificate_for, trusted=trusted)
    found = look(here)
    assert found.problems == (Problem.CERTIFICATE,)
    assert said in found.notes[0]
    assert found.status is None


def test_redirects_are_followed_and_shown_without_their_query(here: World) -> None:
    here.host(HOST, redirect("https://login.example.org/start?ticket=1234#top"))
    here.host("login.example.org", GOOD)
    found = look(here)
    assert (found.outcome, found.hops) == (Outcome.OK, (f"https://{HOST}/", "https://login.example.org/start"))


def test_another_host_is_a_finding_unless_the_operator_has_it_on_the_list(here: World) -> None:
    here.host(HOST, redirect("//parking.example.net/"))
    here.host("parking.example.net", GOOD)
    found = look(here)
    assert found.problems == (Problem.OTHER_HOST,)
    assert "parking.example.net" in found.notes[0]


def test_a_challenge_on_another_host_is_not_held_against_the_portal(here: World) -> None:
    here.host(HOST, redirect("https://challenge.example.net/"))
    here.host("challenge.example.net", page("Are you human?", status="403 Forbidden"))
    assert look(here).outcome is Outcome.UNKNOWN


def test_cookies_go_back_to_the_host_they_came_from(here: World) -> None:
    here.host(HOST, cookie_check(GOOD))
    assert look(here).outcome is Outcome.OK


def test_titles_cannot_steer_a_terminal(here: World) -> None:
    here.host(HOST, page("MyChart\x1b[2J\r\n&#27;]0;x&#x202e; login", "mychart"))
    assert look(here).title == "MyChart [2J ]0;x login"


def test_a_title_that_never_ends_costs_nothing(here: World) -> None:
    here.host(HOST, page("<title>" * 30_000, "mychart"))
    start = time.monotonic()
    assert look(here).status == 200
    assert time.monotonic() - start < 5


def test_nobody_is_led_into_the_maintainers_own_network() -> None:
    found = visit(ENTRY, TODAY, lambda _host, _port, seconds: connect_public("127.0.0.1", 443, seconds))
    assert found.problems == (Problem.NOT_PUBLIC,)


def test_a_host_that_is_asked_too_often_is_left_alone(here: World) -> None:
    here.host(HOST, page("Slow down", status="429 Too Many Requests"))
    here.host("login.example.org", GOOD)
    hosts = [HOST, HOST, "login.example.org"]
    entries = [Expected(f"https://{host}/", ENTRY.hosts, ENTRY.names, ENTRY.brand_words) for host in hosts]
    found = list(visit_all(entries, TODAY, 0, here.connect))
    assert [v.outcome for v in found] == [Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.OK]
    assert here.asked == [HOST, "login.example.org"]


def test_visits_keep_their_distance(here: World) -> None:
    here.host(HOST, GOOD)
    start = time.monotonic()
    list(visit_all([ENTRY] * 3, TODAY, 0.2, here.connect))
    assert time.monotonic() - start >= 0.4


def test_what_is_expected_comes_from_the_entry(allowlist: Allowlist) -> None:
    portal = next(p for p in allowlist.portals if p.host == "mychart.ochin.org" and p.organizations == ("AACI",))
    expected = expected_of(allowlist, portal)
    assert expected == Expected(
        "https://mychart.ochin.org/MyChartAACI/", frozenset({"mychart.ochin.org"}), ("AACI", "OCHIN"), ("mychart",)
    )


# --- the command -----------------------------------------------------------------------------------

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(here: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setattr(checker.curate.visit, "connect_public", here.connect)
    folder = small_list(tmp_path, "id.me", "clevelandclinic.org", "clevelandcliniclondon.uk")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["--allowlists", str(folder), "allowlist", "visit", "--every=0", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_the_command_tells_what_it_saw(run: Run, here: World) -> None:
    here.host("mychart.clevelandclinic.org", GOOD)
    code, out, err = run("mychart.clevelandclinic.org")
    assert (code, out) == (0, "ok       https://mychart.clevelandclinic.org/  MyChart - Login\n")
    assert err == "1 portals: 1 ok, 0 finding, 0 unknown\n"


def test_findings_make_exit_code_1_and_unknowns_do_not(run: Run, here: World) -> None:
    here.host("mychart.clevelandclinic.org", page("Forbidden", status="403 Forbidden"))
    here.host("account.id.me", redirect("https://parked.example.net/"))
    here.host("parked.example.net", page("For sale: 100 % off"))
    assert run("mychart.clevelandclinic.org")[0] == 0
    code, out, _ = run("account.id.me")
    assert code == 1
    assert "         → https://parked.example.net/\n" in out
    _, out, _ = run("account.id.me", "--format", "github")
    assert out.startswith("::warning title=visit::https://account.id.me/ leads to parked.example.net")
    (line,) = run("account.id.me", "--format", "json")[1].splitlines()
    assert json.loads(line)["problems"] == ["other-host", "title"]


def test_a_run_goes_on_where_it_broke_off(run: Run, here: World, tmp_path: Path) -> None:
    here.host("mychart.clevelandclinic.org", GOOD)
    here.host("account.id.me", page("Busy", status="503 Service Unavailable"))
    results = tmp_path / "visits.jsonl"
    both = ("mychart.clevelandclinic.org", "account.id.me", "--results", str(results))
    assert run(*both)[0] == 0
    assert [json.loads(line)["outcome"] for line in results.read_text().splitlines()] == ["ok", "unknown"]
    with results.open("a") as file:
        file.write('{"url": "https://account.id.me/", "outco')  # as a killed run leaves it
    here.asked.clear()
    assert run(*both, "--resume")[0] == 0
    assert here.asked == ["account.id.me"], "what is known is not asked again, what is unknown is"
    assert len([json.loads(line) for line in results.read_text().splitlines()]) == 3


def test_findings_of_an_earlier_run_still_count(run: Run, here: World, tmp_path: Path) -> None:
    results = tmp_path / "visits.jsonl"
    assert run("account.id.me", "--results", str(results))[0] == 1, "no such host"
    assert run("account.id.me", "--results", str(results), "--resume")[0] == 1
    assert here.asked == ["account.id.me"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.example.org"], "no active portal of the list has this host"),
        (["--resume"], "name it with --results"),
        (["--results", "{old}"], "go on with it with --resume"),
        (["--results", "{old}", "--resume"], "old.txt:1: no result of a visit"),
        (["--results", "{old}/below"], "cannot be written"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("not JSON\n")
    code, _, err = run(*(argument.replace("{old}", str(tmp_path / "old.txt")) for argument in arguments))
    assert code == 2
    assert said in err
    assert (tmp_path / "old.txt").read_text() == "not JSON\n"


def test_the_server_never_loads_it() -> None:
    code = "import sys, checker.cli, checker.web.app; sys.exit('checker.curate.visit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
