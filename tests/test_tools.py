"""Programs that tests start: a missing or old one is named before the first test, and apt is asked for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from extension.build import manifest_for
from tests.pace import ELSEWHERE, SECONDS, forecast
from tests.served import ROOT
from tests.tools import TOOLS, Tool, fixture_of, install, needed

Program = Callable[[str, str], Path]
Apt = Callable[[str], Path]

CHROMIUM = TOOLS["chromium"]
INSTALL_CHROMIUM = "Install 137 or newer (on Debian: apt-get install chromium)."


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Writes programs into the only folder where programs are looked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def write(name: str, script: str) -> Path:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def apt(program: Program) -> Apt:
    """Writes an ``apt-get``, for root as for ``sudo``; its ``$2`` is what it is asked to do."""
    program("sudo", 'shift; VIA=sudo exec "$@"')
    program("env", 'shift; exec "$@"')
    return lambda script: program("apt-get", script)


# --- what is wrong with a tool ---------------------------------------------------------------


def test_a_missing_tool_is_named_with_what_to_do(program: Program) -> None:
    assert CHROMIUM.fault() == f"Chromium is missing. {INSTALL_CHROMIUM}"


@pytest.mark.parametrize(
    ("says", "wrong"),
    [
        ("Chromium 150.0.7871.100 built on Debian GNU/Linux 12 (bookworm)", None),
        ("Chromium 137.0.7151.40", None),
        ("Chromium 136.9.9999.99", "Chromium 136.9.9999.99 is too old."),
        ("Chromium 99.0", "Chromium 99.0 is too old."),
    ],
)
def test_a_tool_that_is_too_old_is_named_with_what_to_do(program: Program, says: str, wrong: str | None) -> None:
    program("chromium-browser", f"echo '{says}'")
    assert CHROMIUM.fault() == (wrong and f"{wrong} {INSTALL_CHROMIUM}")


def test_a_tool_that_does_not_run_is_named_with_its_place(program: Program) -> None:
    path = program("chromium", "echo 'line 6: not on this machine' >&2; exit 1")
    assert CHROMIUM.fault() == f"Chromium ({path}) does not say its version. {INSTALL_CHROMIUM}"


@pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)
def test_each_tool_that_is_here_says_a_version(tool: Tool) -> None:
    if tool.find() is not None:
        assert "does not say" not in (tool.fault() or "")


def test_browsers_are_as_old_as_the_extension_allows() -> None:
    assert manifest_for("chromium")["minimum_chrome_version"] == CHROMIUM.oldest
    settings = manifest_for("firefox")["browser_specific_settings"]
    assert settings["gecko"]["strict_min_version"] == f"{TOOLS['firefox'].oldest}.0"


# --- which tools the chosen tests need -------------------------------------------------------


def test_a_tool_is_needed_by_whoever_takes_its_fixture() -> None:
    assert needed(["tmp_path", fixture_of("java"), fixture_of("redis")]) == [TOOLS["redis"], TOOLS["java"]]
    assert needed(["tmp_path"]) == []


def test_every_tool_has_a_fixture(request: pytest.FixtureRequest) -> None:
    for name, tool in TOOLS.items():
        if tool.find() is not None:
            assert request.getfixturevalue(fixture_of(name)) == tool.find()


def run_tests(*arguments: str, path: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    environ = os.environ | {"PATH": path}
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def test_without_a_tool_no_test_runs_but_those_that_do_not_need_it(program: Program, tmp_path: Path) -> None:
    for name in ("chromium", "firefox-esr"):
        program(name, "echo 'Old 1.0'")
    whole = run_tests("tests/extension", "tests/test_layout.py", path=str(tmp_path / "bin"))
    assert whole.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"ERROR: Chromium 1.0 is too old. {INSTALL_CHROMIUM}" in whole.stderr.splitlines()
    assert "ERROR: Firefox 1.0 is too old." in whole.stderr
    assert "passed" not in whole.stdout
    part = run_tests("tests/extension/test_build.py", "-k", "same_bytes", path=str(tmp_path / "bin"))
    assert part.returncode == 0, part.stdout
    assert "1 test, less than a minute" in part.stdout


# --- apt -------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", [True, False], ids=["root", "sudo"])
def test_apt_brings_its_lists_up_to_date_once_and_installs_what_is_asked(
    apt: Apt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: bool
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    apt(f'echo "$VIA $2 $@" >> {tmp_path}/asked')
    install([TOOLS["redis"], TOOLS["java"]], lambda line: None)
    asked = (tmp_path / "asked").read_text().splitlines()
    via = "" if root else "sudo"
    assert [line.split(" -")[0] for line in asked] == [f"{via} update", f"{via} install", f"{via} install"]
    assert [line.split()[-1] for line in asked[1:]] == ["redis-server", "default-jre-headless"]


def test_lists_that_cannot_be_brought_up_to_date_are_told_and_used(apt: Apt, tmp_path: Path) -> None:
    apt(f'[ $2 = install ] && : > {tmp_path}/installed && exit; echo "E: no network" >&2; exit 100')
    said: list[str] = []
    install([TOOLS["redis"]], said.append)
    assert "Going on with the package lists that are there. E: no network" in said
    assert (tmp_path / "installed").exists()


def test_what_cannot_be_installed_is_told(apt: Apt) -> None:
    apt('[ $2 = update ] || { echo "E: Unable to locate package" >&2; exit 100; }')
    said: list[str] = []
    install([TOOLS["redis"]], said.append)
    assert said[-1] == "That failed. E: Unable to locate package"


def test_without_apt_or_anything_to_install_nothing_is_asked(program: Program) -> None:
    said: list[str] = []
    install([TOOLS["redis"]], said.append)
    program("apt-get", "exit 1")
    install([], said.append)
    assert said == []


# --- how long it will take -------------------------------------------------------------------


def test_the_forecast_is_the_sum_of_what_was_measured() -> None:
    part, seconds = next(iter(SECONDS.items()))
    many = round(600 / seconds)
    few, lots = [Path("tests/core/test_url.py")] * 3, [Path(part)] * many
    assert forecast(few) == "3 tests, less than a minute on two idle cores."
    assert forecast(lots) == f"{many} tests, about 10 minutes on two idle cores."
    assert forecast(few + lots).endswith(f" tests, about 10 minutes on two idle cores ({part} about 10 minutes).")
    assert min(SECONDS.values()) > ELSEWHERE


def test_every_slow_part_exists() -> None:
    assert [part for part in SECONDS if not (ROOT / part).exists()] == []
