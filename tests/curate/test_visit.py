"""Visits to portals that behave and misbehave, on loopback: what is a finding, and what is unknown."""

import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import checker.curate.visit
from checker.cli import main
from checker.core.allowlist import Allowlist
from checker.curate.visit import Expected, Outcome, Problem, Visit, expected_of, visit, visit_all
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
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))  # OpenSSL's own setting: the authorities to trust
        yield made


def look(here: World, entry: Expected = ENTRY, patience: float = 20.0) -> Visit:
    return visit(entry, TODAY, here.connect, patience)


def test_a_portal_that_matches_its_entry(here: World) -> None:
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
        ("EXÁMPLE sign in", True, "accents and capitals are ignored"),
        ("Wacofhc", True, "a word of the operator's name"),
        ("Sign in to your clinic", False, "every clinic is a clinic: the word identifies nobody"),
        ("Health portal", False, "nor does health identify anybody"),
        ("This domain is for sale", False, "somebody else's page"),
        ("", False, "no title at all"),
    ],
)
def test_a_title_names_the_organization(title: str, fits: bool, why: str, here: World) -> None:
    here.host(HOST, page(title))
    seen = look(here, Expected(ENTRY.url, ENTRY.hosts, ENTRY.names))
    assert seen.problems == (() if fits else (Problem.TITLE,)), why


def test_a_vendor_is_recognized_by_its_brand_words(here: World) -> None:
    here.host(HOST, page("Example Clinic", "<p>Our own portal."))
    assert look(here).problems == (Problem.VENDOR,)


MISBEHAVING: list[tuple[str, Behaviour, Problem, str]] = [
    ("gone", page("Not found", status="404 Not Found"), Problem.GONE, "answers 404"),
    ("gone for good", page("Gone", status="410 Gone"), Problem.GONE, "answers 410"),
    ("to plain http", redirect("http://portal.example.org/"), Problem.LEAVES_HTTPS, "http://portal.example.org"),
    ("to another scheme", redirect("ftp://portal.example.org/"), Problem.LEAVES_HTTPS, "ftp://portal.example.org"),
    ("to a name without an address", redirect("https://nobody.example.org/"), Problem.NO_SUCH_HOST, "no address"),
    ("a bad title", page("Buy this domain"), Problem.TITLE, "neither the organization nor the vendor"),
]


@pytest.mark.parametrize(("behave", "problem", "said"), [pytest.param(*c[1:], id=c[0]) for c in MISBEHAVING])
def test_what_a_portal_itself_shows_is_a_finding(behave: Behaviour, problem: Problem, said: str, here: World) -> None:
    here.host(HOST, behave)
    seen = look(here)
    assert seen.outcome is Outcome.FINDING
    assert problem in seen.problems
    assert said in "; ".join(seen.notes)


UNKNOWN: list[tuple[str, Behaviour, str]] = [
    ("forbidden", page("Forbidden", status="403 Forbidden"), "answers 403"),
    ("too often", page("Slow down", status="429 Too Many Requests"), "answers 429"),
    ("broken for now", page("Oops", status="503 Service Unavailable"), "answers 503"),
    ("a redirect without a target", page("Moved", status="302 Found"), "answers 302"),
    ("a redirect to a broken address", redirect("https://exa mple.org/"), "no answer"),
    ("a redirect loop", redirect("/"), "more than 10 redirects"),
    ("no HTTP", garbage, "no answer: BadStatusLine"),
]


@pytest.mark.parametrize(("behave", "said"), [pytest.param(*case[1:], id=case[0]) for case in UNKNOWN])
def test_what_could_not_be_seen_is_unknown(behave: Behaviour, said: str, here: World) -> None:
    here.host(HOST, behave)
    seen = look(here)
    assert (seen.outcome, seen.problems) == (Outcome.UNKNOWN, ())
    assert said in "; ".join(seen.notes)


def test_a_name_that_is_too_long_to_be_looked_up_is_unknown() -> None:
    seen = visit(Expected(f"https://{'a' * 64}.example.org/", ENTRY.hosts, ENTRY.names), TODAY)
    assert (seen.outcome, seen.notes) == (Outcome.UNKNOWN, ("its name is too long to be looked up",))


def test_a_slow_drip_does_not_renew_the_time_limit_of_a_visit(here: World) -> None:
    here.host(HOST, dripping)
    start = time.monotonic()
    seen = look(here, patience=0.5)
    assert seen.outcome is Outcome.UNKNOWN
    assert "within 0.5 seconds" in seen.notes[0]
    assert time.monotonic() - start < 5


def test_only_the_beginning_of_an_endless_page_is_read(here: World) -> None:
    here.host(HOST, endless)
    seen = look(here, Expected(ENTRY.url, ENTRY.hosts, ENTRY.names))
    assert (seen.outcome, seen.title) == (Outcome.OK, "Example Health")


@pytest.mark.parametrize(
    ("certificate_for", "trusted", "said"),
    [("other.example.net", True, "Hostname mismatch"), (None, False, "unable to get local issuer certificate")],
)
def test_a_wrong_certificate_is_a_finding(certificate_for: str | None, trusted: bool, said: str, here: World) -> None:
    here.host(HOST, GOOD, certificate_for=certificate_for, trusted=trusted)
    seen = look(here)
    assert seen.problems == (Problem.CERTIFICATE,)
    assert said in seen.notes[0]
    assert seen.status is None


def test_redirects_are_followed_and_shown_without_their_query(here: World) -> None:
    here.host(HOST, redirect("https://login.example.org/start?ticket=1234#top"))
    here.host("login.example.org", GOOD)
    seen = look(here)
    assert (seen.outcome, seen.hops) == (Outcome.OK, (f"https://{HOST}/", "https://login.example.org/start"))


def test_another_host_is_a_finding_unless_it_is_listed_for_the_operator(here: World) -> None:
    here.host(HOST, redirect("//parking.example.net/"))
    here.host("parking.example.net", GOOD)
    seen = look(here)
    assert seen.problems == (Problem.OTHER_HOST,)
    assert "parking.example.net" in seen.notes[0]


def test_a_challenge_on_another_host_is_no_finding(here: World) -> None:
    here.host(HOST, redirect("https://challenge.example.net/"))
    here.host("challenge.example.net", page("Are you human?", status="403 Forbidden"))
    assert look(here).outcome is Outcome.UNKNOWN


def test_cookies_go_back_to_the_host_they_came_from(here: World) -> None:
    here.host(HOST, cookie_check(GOOD))
    assert look(here).outcome is Outcome.OK


def test_titles_cannot_drive_a_terminal(here: World) -> None:
    here.host(HOST, page("MyChart\x1b[2J\r\n&#27;]0;x&#x202e; login", "mychart"))
    assert look(here).title == "MyChart [2J ]0;x login"


def test_a_title_that_never_ends_is_cheap(here: World) -> None:
    here.host(HOST, page("<title>" * 30_000, "mychart"))
    start = time.monotonic()
    assert look(here).status == 200
    assert time.monotonic() - start < 5


def test_a_host_that_limits_us_is_not_visited_again(here: World) -> None:
    here.host(HOST, page("Slow down", status="429 Too Many Requests"))
    here.host("login.example.org", GOOD)
    hosts = [HOST, HOST, "login.example.org"]
    entries = [Expected(f"https://{host}/", ENTRY.hosts, ENTRY.names, ENTRY.brand_words) for host in hosts]
    visits = list(visit_all(entries, TODAY, 0, here.connect))
    assert [seen.outcome for seen in visits] == [Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.OK]
    assert here.asked == [HOST, "login.example.org"]


def test_visits_are_spaced_out(here: World) -> None:
    here.host(HOST, GOOD)
    start = time.monotonic()
    list(visit_all([ENTRY] * 3, TODAY, 0.2, here.connect))
    assert time.monotonic() - start >= 0.4


# --- the address that is connected to ------------------------------------------------------------

PUBLIC, ALSO_PUBLIC, PRIVATE = "93.184.215.14", "93.184.215.15", "10.0.0.7"


class Internet:
    """Scripted name lookups, and the hosts of a world behind public addresses.

    ``lookups``: the answers for each name, one after the other; the last one repeats. ``hosts``: which host of the
    world is behind an address; other addresses refuse. ``connected``: the addresses that were connected to.
    """

    def __init__(self, here: World, lookups: dict[str, list[list[str]]], hosts: dict[str, str]) -> None:
        self.connected: list[str] = []
        self._here, self._lookups, self._hosts = here, lookups, hosts
        self._connect = socket.socket.connect

    def getaddrinfo(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        answers = self._lookups.get(host, [[host]])
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    def connect(self, connection: socket.socket, address: tuple[str, int]) -> None:
        self.connected.append(address[0])
        if address[0] not in self._hosts:
            raise ConnectionRefusedError
        self._connect(connection, self._here.place_of(self._hosts[address[0]]))


Online = Callable[..., Internet]


@pytest.fixture
def online(here: World, monkeypatch: pytest.MonkeyPatch) -> Online:
    def online(lookups: dict[str, list[list[str]]], hosts: dict[str, str]) -> Internet:
        made = Internet(here, lookups, hosts)
        monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
        monkeypatch.setattr(socket.socket, "connect", lambda *arguments: made.connect(*arguments))
        return made

    return online


def test_the_address_that_was_checked_is_the_one_connected_to(here: World, online: Online) -> None:
    """DNS rebinding: every lookup after the first one gives a private address."""
    here.host(HOST, redirect("https://login.example.org/"))
    here.host("login.example.org", GOOD)
    internet = online(
        {HOST: [[PUBLIC], [PRIVATE]], "login.example.org": [[ALSO_PUBLIC], [PRIVATE]]},
        {PUBLIC: HOST, ALSO_PUBLIC: "login.example.org"},
    )
    seen = visit(ENTRY, TODAY)
    assert internet.connected == [PUBLIC, ALSO_PUBLIC]
    assert (seen.outcome, seen.names) == (Outcome.OK, ("login.example.org",))


def test_each_redirect_is_checked_again(here: World, online: Online) -> None:
    """The cookie's redirect leads to the same host, which has a private address by then."""
    here.host(HOST, cookie_check(GOOD))
    internet = online({HOST: [[PUBLIC], [PRIVATE]]}, {PUBLIC: HOST})
    assert visit(ENTRY, TODAY).problems == (Problem.NOT_PUBLIC,)
    assert internet.connected == [PUBLIC]


@pytest.mark.parametrize("addresses", [[PUBLIC, PRIVATE], [PRIVATE, PUBLIC]])
def test_one_private_address_among_public_ones_is_refused(here: World, online: Online, addresses: list[str]) -> None:
    here.host(HOST, GOOD)
    internet = online({HOST: [addresses]}, {PUBLIC: HOST})
    assert visit(ENTRY, TODAY).problems == (Problem.NOT_PUBLIC,)
    assert internet.connected == []


def test_the_next_address_is_tried_when_one_refuses(here: World, online: Online) -> None:
    here.host(HOST, GOOD)
    internet = online({HOST: [[ALSO_PUBLIC, PUBLIC], [PRIVATE]]}, {PUBLIC: HOST})
    assert visit(ENTRY, TODAY).outcome is Outcome.OK
    assert internet.connected == [ALSO_PUBLIC, PUBLIC]


def test_tls_and_http_name_the_host_not_its_address(here: World, online: Online) -> None:
    requests: list[str] = []

    def behave(connection: ssl.SSLSocket, request: str) -> None:
        requests.append(request)
        GOOD(connection, request)

    here.host(HOST, behave)
    online({HOST: [[PUBLIC]]}, {PUBLIC: HOST})
    assert visit(ENTRY, TODAY).outcome is Outcome.OK
    assert f"\r\nHost: {HOST}\r\n" in requests[0]
    here.host(HOST, GOOD, certificate_for="other.example.net")
    assert visit(ENTRY, TODAY).problems == (Problem.CERTIFICATE,)


@pytest.mark.parametrize(
    ("address", "public", "why"),
    [
        (PUBLIC, True, "an IPv4 address of the Internet"),
        ("127.0.0.1", False, "loopback"),
        ("192.168.1.1", False, "RFC 1918"),
        ("169.254.169.254", False, "link-local: a cloud's metadata"),
        ("100.64.0.1", False, "shared by a provider's customers"),
        ("0.0.0.0", False, "this machine"),  # noqa: S104 - nothing is bound to it
        ("224.0.0.1", False, "multicast"),
        ("2606:2800:21f::1", True, "an IPv6 address of the Internet"),
        ("::1", False, "loopback"),
        ("fd00::1", False, "a private network"),
        ("fe80::1%1", False, "link-local"),
        ("fec0::1", False, "site-local"),
        ("ff02::1", False, "multicast"),
        ("::ffff:127.0.0.1", False, "IPv4 loopback, mapped"),
        ("::127.0.0.1", False, "IPv4 loopback, in the older form"),
        ("2002:7f00:1::", False, "IPv4 loopback through 6to4"),
        ("64:ff9b::a00:7", False, "a private IPv4 address through NAT64"),
        ("64:ff9b::5db8:d70e", True, "a public one through NAT64"),
    ],
)
def test_only_public_addresses_are_connected_to(
    address: str, public: bool, why: str, here: World, online: Online
) -> None:
    internet = online({HOST: [[address]]}, {})
    problems = visit(ENTRY, TODAY).problems
    assert (problems, internet.connected) == (((), [address]) if public else ((Problem.NOT_PUBLIC,), [])), why


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


def test_the_command_prints_what_it_saw(run: Run, here: World) -> None:
    here.host("mychart.clevelandclinic.org", GOOD)
    code, out, err = run("mychart.clevelandclinic.org")
    assert (code, out) == (0, "ok       https://mychart.clevelandclinic.org/  MyChart - Login\n")
    assert err == "1 portals: 1 ok, 0 finding, 0 unknown\n"


def test_the_exit_code_is_1_for_findings_and_0_for_unknowns(run: Run, here: World) -> None:
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


def test_an_interrupted_run_can_be_resumed(run: Run, here: World, tmp_path: Path) -> None:
    here.host("mychart.clevelandclinic.org", GOOD)
    here.host("account.id.me", page("Busy", status="503 Service Unavailable"))
    results = tmp_path / "visits.jsonl"
    both = ("mychart.clevelandclinic.org", "account.id.me", "--results", str(results))
    assert run(*both)[0] == 0
    assert [json.loads(line)["outcome"] for line in results.read_text().splitlines()] == ["ok", "unknown"]
    with results.open("a") as file:
        file.write('{"url": "https://account.id.me/", "outco')  # what a killed run leaves
    here.asked.clear()
    assert run(*both, "--resume")[0] == 0
    assert here.asked == ["account.id.me"], "only what is unknown is visited again"
    assert len([json.loads(line) for line in results.read_text().splitlines()]) == 3


def test_findings_of_an_earlier_run_still_count(run: Run, here: World, tmp_path: Path) -> None:
    results = tmp_path / "visits.jsonl"
    assert run("account.id.me", "--results", str(results))[0] == 1, "no such host"
    assert run("account.id.me", "--results", str(results), "--resume")[0] == 1
    assert here.asked == ["account.id.me"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.example.org"], "no active portal on the list has this host"),
        (["--resume"], "name it with --results"),
        (["--results", "{old}"], "continue it with --resume"),
        (["--results", "{old}", "--resume"], "old.txt:1: not a result of a visit"),
        (["--results", "{old}/below"], "cannot be written"),
    ],
)
def test_wrong_usage(arguments: list[str], said: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("not JSON\n")
    code, _, err = run(*(argument.replace("{old}", str(tmp_path / "old.txt")) for argument in arguments))
    assert code == 2
    assert said in err
    assert (tmp_path / "old.txt").read_text() == "not JSON\n"


def test_the_server_never_imports_it() -> None:
    code = "import sys, checker.cli, checker.web.app; sys.exit('checker.curate.visit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
