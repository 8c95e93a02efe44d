"""The command line: same answers as the API, exit codes, files of any length, a server that starts."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache, partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from checker import __version__, cli
from checker.clock import FixedDay
from checker.core.lookalike import Technique
from checker.service import Service
from checker.settings import Settings
from checker.web.app import create_app

ROOT = Path(__file__).parents[2]
ALLOWLISTS = ROOT / "allowlists"
OFFICIAL = "https://mychart.clevelandclinic.org/"
FALSE = "https://mychart.cleve1andclinic.org/"
NOTHING = "see you on Friday"


DAY = FixedDay(date(2026, 11, 22))
load_once = cache(Service.load)
main = partial(cli.main, clock=DAY)


@pytest.fixture(autouse=True)
def _the_list_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.service.Service.load", load_once)
    for name in [name for name in os.environ if name.startswith("PORTALCHECK_")]:
        monkeypatch.delenv(name)


# --- check -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("urls", "code", "why"),
    [
        ([OFFICIAL], 0, "on the list"),
        ([OFFICIAL, OFFICIAL], 0, "all on the list"),
        ([FALSE], 1, "a warning"),
        ([OFFICIAL, FALSE], 1, "any warning"),
        ([NOTHING], 2, "unreadable"),
        ([NOTHING, FALSE, OFFICIAL], 2, "anything unreadable, at any position"),
    ],
)
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_the_exit_code_is_that_of_the_worst_answer(urls: list[str], code: int, why: str, flags: list[str]) -> None:
    assert main(["check", *flags, *urls]) == code, why


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["check"], "--file"),
        (["check", "--task", "surgery", OFFICIAL], "log-in"),
        (["check", "--lang", "fr", OFFICIAL], "es"),
        (["check", "--context", "mail", OFFICIAL], "tab"),
        (["check", "--file", "/nowhere/at-all.txt"], "could not be read"),
        (["check", "--message", "/nowhere/at-all.txt"], "could not be read"),
        (["check", "--message", "x", OFFICIAL], "--message takes one file"),
        (["check", "--message", "x", "--context", "tab"], "--message takes one file"),
        (["check", "--file", "/"], "could not be read"),
        (["--allowlists", "/nowhere", "check", OFFICIAL], "/nowhere"),
        (["check", "--allowlists", str(ROOT / "tests"), OFFICIAL], "portalcheck:"),
        (["serve", "--port", "70000"], "65535"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_usage_is_explained_on_stderr_and_exits_2(
    capsys: pytest.CaptureFixture[str], argv: list[str], says: str
) -> None:
    assert main(argv) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert not printed.out


def test_json_is_one_answer_per_line_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--json", FALSE, NOTHING, OFFICIAL])
    false, nothing, official = map(json.loads, capsys.readouterr().out.splitlines())
    assert (false["verdict"], official["verdict"]) == ("warning", "verified")
    assert set(nothing) == {"version", "error"}
    assert nothing["version"] == 1
    assert nothing["error"]["code"] == "unreadable-address"


MESSAGES = [
    ("plain.txt", f"Your results: {OFFICIAL}", 0, "verified", "text", "a text"),
    ("page.html", f'<p>Hi</p><a href="{OFFICIAL}">Log in</a>', 0, "verified", "html", "HTML, by the file's name"),
    ("page", f'<a href="https://evil.example/">{OFFICIAL}</a>', 1, "warning", "html", "HTML, by its first sign"),
    ("mail.eml", f"From: a@b.example\n\nLog in: {OFFICIAL}\n", 0, "verified", "text", "a mail, by the file's name"),
    ("mail", f"From: a@b.example\nTo: c\n\n{OFFICIAL} or {FALSE}\n", 1, "warning", "text", "a mail, by its headers"),
    ("angle.txt", f"<{OFFICIAL}>", 0, "verified", "text", "an address in angle brackets is no HTML"),
    ("name.txt", "Cleveland Clinic", 2, "none", "text", "no address"),
    ("broken.html", '<a href="https://[">x</a>', 2, "warning", "html", "a link that cannot be read"),
]


@pytest.mark.parametrize(
    ("name", "content", "code", "verdict", "source", "why"), MESSAGES, ids=[row[-1] for row in MESSAGES]
)
def test_a_message_is_checked_link_by_link(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str,
    code: int,
    verdict: str,
    source: str,
    why: str,
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    assert main(["check", "--json", "--message", str(tmp_path / name)]) == code, why
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verdict"], answer["source"]) == (verdict, source), why
    assert main(["check", "--message", str(tmp_path / name)]) == code, why
    assert "senders" in capsys.readouterr().out


def test_a_message_in_utf_16_is_read(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(OFFICIAL.encode("utf-16"))
    assert main(["check", "--message", str(tmp_path / "text")]) == 0


def test_a_message_beyond_the_bounds_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "page.html").write_text("<div>" * 50_000, "utf-8")
    assert main(["check", "--json", "--message", str(tmp_path / "page.html")]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "unclear-text"


def test_text_has_verdict_reasons_official_link_guidance_and_emergency_advice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["check", FALSE])
    text = " ".join(capsys.readouterr().out.split())
    for part in ("WARNING (DANGER)", "Why:", OFFICIAL, "What to do:", "If you already typed something", "911", "List "):
        assert part in text
    main(["check", "--lang", "es", OFFICIAL])
    assert "911" in capsys.readouterr().out
    main(["check", NOTHING])
    assert "911" in capsys.readouterr().out, "emergency advice is shown whatever was typed"


def test_the_marks_are_under_the_letters_that_differ(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", FALSE])
    lines = capsys.readouterr().out.splitlines()
    yours = next(place for place, line in enumerate(lines) if "cleve1andclinic" in line and "Yours" in line)
    assert lines[yours][lines[yours + 1].index("^")] == "1"


@pytest.mark.parametrize(
    ("carried", "advised", "why"),
    [
        ("mychart.clevelandclinic.org", True, "the gateway may route by a hidden token"),
        ("mychart.cleve1andclinic.org", True, "a false site has an official link too"),
        ("www.evil.example", False, "there is no official link to use instead"),
    ],
)
def test_a_wrapped_link_comes_with_advice_to_open_the_official_one(
    capsys: pytest.CaptureFixture[str], carried: str, advised: bool, why: str
) -> None:
    main(["check", f"https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2F{carried}%2F&data=x"])
    printed = " ".join(capsys.readouterr().out.split())
    assert f"The link says it leads to {carried}." in printed
    assert ("rather than the link itself" in printed) == advised, why


def test_context_tab_takes_the_text_as_a_browser_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "mychart.clevelandclinic.org"]) == 0
    assert main(["check", "--context", "tab", "mychart.clevelandclinic.org"]) == 2


# --- files -----------------------------------------------------------------------------------


def test_a_file_is_read_line_by_line_after_the_addresses_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "links.txt"
    file.write_bytes(f"{OFFICIAL}\r\n\n  \n{FALSE}\n\xff\xfe\n".encode("latin-1") + b"x" * 200_000 + b"\nlast")
    assert main(["check", "--json", NOTHING, "--file", str(file)]) == 2
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    outcomes = [answer.get("verdict") or answer["error"]["code"] for answer in answers]
    assert outcomes == [
        "unreadable-address",
        "verified",
        "warning",
        "unreadable-address",
        "address-too-long",
        "unreadable-address",
    ]


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    read, write = os.pipe()
    with os.fdopen(read) as stdin:
        os.write(write, f"{OFFICIAL}\n{FALSE}\n".encode())
        os.close(write)
        monkeypatch.setattr(sys, "stdin", stdin)
        assert main(["check", "--json", "--file", "-"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """4,000 answers take 8 MB; one megabyte is enough for a few of them and the buffers."""
    file = tmp_path / "links.txt"
    file.write_text(f"{OFFICIAL}\n" * 4000)
    main(["check", OFFICIAL])
    with open(os.devnull, "w") as nowhere:
        monkeypatch.setattr(sys, "stdout", nowhere)
        tracemalloc.start()
        assert main(["check", "--json", "--file", str(file)]) == 0
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 1_000_000


# --- the same answer as from the API ---------------------------------------------------------

CASES: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests/cases/verdicts.yaml").read_text("utf-8"))


def test_the_command_line_gives_the_apis_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [case["text"] for case in CASES if not re.search(r"[\r\n]|^\s*$", case["text"])]
    assert len(texts) > 100
    file = tmp_path / "links.txt"
    file.write_text("\n".join(texts), "utf-8", newline="\n")
    client = TestClient(create_app(Settings(ALLOWLISTS), clock=DAY), base_url="http://localhost")
    for lang in ("en", "es"):
        main(["--allowlists", str(ALLOWLISTS), "check", "--json", "--lang", lang, "--file", str(file)])
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        for text, line in zip(texts, lines, strict=True):
            answer = client.post("/api/v1/check", json={"url": text, "lang": lang})
            expected = answer.json()
            if answer.status_code != 200:
                expected = {"version": 1, "error": {"code": expected["code"], "message": expected["detail"]}}
            assert line == expected, text


# --- portals, help ---------------------------------------------------------------------------


def test_portals_finds_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["portals", "cleavland", "clinic"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"Cleveland Clinic: {OFFICIAL}"
    assert main(["portals", "--json", "cleavland clinic"]) == 0
    assert json.loads(capsys.readouterr().out)["portals"][0]["url"] == OFFICIAL
    assert main(["portals", "qqqq"]) == 1
    assert "No official portal" in capsys.readouterr().out


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert __version__ in capsys.readouterr().out
    assert main(["--help"]) == 0
    assert {"check", "portals", "serve", "allowlist"} <= set(capsys.readouterr().out.split())


def test_checking_an_address_does_not_wait_for_the_web_framework() -> None:
    code = (
        "import sys; from checker.cli import main; main(['check', '--json', sys.argv[1]]);"
        "print(*{'fastapi', 'starlette', 'uvicorn', 'jinja2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, OFFICIAL], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == ""


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"PORTALCHECK_ALOWLISTS": "x"}, "PORTALCHECK_ALLOWLISTS"),
        ({"PORTALCHECK_ALLOWLISTS": "/nowhere"}, "PORTALCHECK_ALLOWLISTS must name a folder"),
        ({"PORTALCHECK_ALLOWLISTS": ""}, "PORTALCHECK_ALLOWLISTS must name a folder"),
        ({"PORTALCHECK_ALLOWED_HOSTS": "https://a.example"}, "PORTALCHECK_ALLOWED_HOSTS must list"),
        ({"PORTALCHECK_ALLOWED_HOSTS": "a.example:8000"}, "PORTALCHECK_ALLOWED_HOSTS must list"),
        ({"PORTALCHECK_ALLOWED_HOSTS": " , "}, "PORTALCHECK_ALLOWED_HOSTS must list"),
    ],
)
def test_an_error_names_the_wrong_setting_and_what_to_write(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environ: dict[str, str], says: str
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert main(["check", OFFICIAL]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("portalcheck.example.org", ("portalcheck.example.org",)),
        ("A.example , localhost", ("a.example", "localhost")),
        ("::1,127.0.0.1", ("::1", "127.0.0.1")),
        ("*", ("*",)),
    ],
)
def test_the_names_of_the_service_are_read(text: str, hosts: tuple[str, ...]) -> None:
    assert Settings.from_env({"PORTALCHECK_ALLOWED_HOSTS": text, "PORTALCHECK_VECTORS": "x"}).allowed_hosts == hosts


# --- serve -----------------------------------------------------------------------------------


@contextmanager
def served(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A real server on a free port: the address it printed, and its process."""
    command = [sys.executable, "-m", "checker", "serve", "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://\S+", process.stdout.readline())
            assert address is not None, "it prints its address"
            yield address.group(), process
        finally:
            process.terminate()


def test_a_real_server_answers_stops_on_sigterm_and_logs_no_address() -> None:
    mark = "Xq7canaryZ"
    with served() as (url, process):
        body = json.dumps({"url": f"{OFFICIAL}{mark}?{mark}"}).encode()
        host, _, port = url.removeprefix("http://").partition(":")
        client = HTTPConnection(host, int(port), timeout=5)
        client.request("POST", "/api/v1/check", body, {"Content-Type": "application/json"})
        with client.getresponse() as answer:
            assert json.load(answer)["portal"]["operator"] == "Cleveland Clinic"
            assert answer.getheader("server") == "portalcheck"
        for raw in (
            f"GET /{mark} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            f"GET /{mark} HTTP/1.1\r\n\r\n",
            f"{mark}\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: localhost\r\n{mark}\r\n\r\n",
            f"GET /{mark} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
            f"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: 999\r\n\r\n{mark}",
        ):
            with socket.create_connection((host, int(port)), timeout=5) as connection:
                connection.sendall(raw.encode())
                if "999" not in raw:
                    assert mark.encode() not in connection.recv(65536)
        client.request("GET", "/healthz")
        with client.getresponse() as answer:
            assert answer.status == 200
        client.close()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
        assert mark not in out + err
        assert "Traceback" not in err


def test_a_port_in_use_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    assert f"Port {port} on 127.0.0.1 is taken" in capsys.readouterr().err


def test_a_broken_list_is_reported_and_not_served(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals/a.example.yaml").write_text("domain: [")
    assert main(["serve", "--port", "0", "--allowlists", str(tmp_path)]) == 2
    assert "a.example.yaml" in capsys.readouterr().err


def test_explain_shows_each_technique_with_its_score(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "https://mychart.cleve1andclinic.org/"]) == 1
    shown = capsys.readouterr().out
    rows = [line.split() for line in shown.partition("Look-alike techniques tried:")[2].splitlines() if ": " in line]
    scores = {row[0].rstrip(":"): int(row[1]) for row in rows if row[1].isdecimal()}
    assert set(scores) == set(Technique)
    assert max(scores, key=lambda technique: scores[technique]) == "ascii-lookalike"
    assert "cleve1andclinic ~ clevelandclinic" in shown


def test_explain_compares_a_listed_address_with_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "https://mychart.clevelandclinic.org/"]) == 0
    assert "No technique found a likeness." in capsys.readouterr().out
    assert main(["check", "--explain", "--json", "https://mychart.clevelandclinic.org/"]) == 2
