"""What each extra is for: every command runs with what pip installs for it, or says in one line what to install.

A process that has only some extras is this environment in which all other packages cannot be imported.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from checker.bulk import zstd
from checker.cli import program
from tests.served import ROOT, serving, small_list
from tests.test_readme import README

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
OFFICIAL = "https://mychart.clevelandclinic.org/"


def packages_of(*extras: str) -> set[str]:
    """The packages that pip installs on this system for portalcheck with these extras."""
    asked = [Requirement(line) for line in PROJECT["dependencies"] + [line for name in extras for line in EXTRAS[name]]]
    seen: set[tuple[str, str]] = set()
    while asked:
        requirement = asked.pop()
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        name = canonicalize_name(requirement.name)
        for extra in {"", *requirement.extras} - {extra for known, extra in seen if known == name}:
            seen.add((name, extra))
            asked += (needed for needed in _needs(name, extra))
    return {name for name, _ in seen}


def _needs(package: str, extra: str) -> Iterator[Requirement]:
    try:
        lines = requires(package) or []
    except PackageNotFoundError:
        pytest.fail(f"{package} is not installed: the tests need every extra")
    for requirement in map(Requirement, lines):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            requirement.marker = None
            yield requirement


def only(folder: Path, *extras: str) -> dict[str, str]:
    """The environment variables of a process, and of its child processes, that can import what these extras install
    and nothing else."""
    there = packages_of(*extras)
    others = [
        name
        for name, packages in packages_distributions().items()
        if there.isdisjoint(canonicalize_name(package) for package in packages)
    ]
    (folder / "sitecustomize.py").write_text(f"import sys\nfor n in {others!r}: sys.modules.setdefault(n, None)\n")
    return {"PYTHONPATH": str(folder)}


def python(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the checkout, without the settings of this process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTALCHECK_")}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=kept | environ, capture_output=True, text=True, check=False, timeout=120
    )


# --- without extras --------------------------------------------------------------------------

WITHOUT_EXTRAS: list[tuple[str, int]] = [
    ("--help", 0),
    ("check " + OFFICIAL, 0),
    ("check --explain https://mychart.cleve1andclinic.org/", 1),
    ("check --file {tmp}/links --jobs 2 --output {tmp}/answers.jsonl.zst", 0),
    ("check --file {tmp}/links.zst", 0),
    ("portals cleveland", 0),
    ("allowlist lint", 0),
    ("allowlist fmt --check", 0),
    ("allowlist why mychart.clevelandclinic.org", 0),
    ("allowlist stale", 0),
    ("allowlist stats", 0),
    ("allowlist rules", 0),
    ("allowlist schema", 0),
    ("allowlist build --output {tmp}/list.snapshot", 0),
    ("allowlist diff {tmp}/before/lists", 0),
    ("allowlist export csv", 0),
    ("allowlist import csv {tmp}/rows.csv", 1),
    ("allowlist import dotgov --help", 0),
    ("allowlist import epic-directory --help", 0),
    ("allowlist import fhir-brands --help", 0),
    ("allowlist add https://mychart.example.org/MyChart/ --organization Example --evidence https://example.org/", 0),
    ("allowlist confirm mychart.example.org --evidence https://example.org/", 0),
    ("allowlist retire mychart.example.org --reason Gone.", 0),
    ("allowlist visit unlisted.example", 2),
    ("serve --help", 0),
    ("reports list --help", 0),
    ("reports show --help", 0),
    ("reports close --help", 0),
    ("reports export --help", 0),
    ("reports stats --help", 0),
]
"""Commands, with their exit codes, that need nothing but the dependencies of the package itself."""


@pytest.fixture(scope="module")
def codes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """For each command, run without extras, its exit code or the ImportError; and what all wrote to standard error."""
    tmp = tmp_path_factory.mktemp("base")
    lists = small_list(tmp, "clevelandclinic.org", "ochin.org")
    small_list(tmp / "before", "clevelandclinic.org", "ochin.org")
    (tmp / "links").write_text(f"{OFFICIAL}\n" * 3)
    (tmp / "links.zst").write_bytes(zstd.compress(f"{OFFICIAL}\n".encode()))
    (tmp / "rows.csv").write_text(
        "organization,portal_url,vendor,country,source,source_url,seen\n"
        f"Cleveland Clinic,{OFFICIAL},epic-mychart,US,operator-site,https://my.clevelandclinic.org/,2026-10\n"
    )
    commands = [command for command, _ in WITHOUT_EXTRAS]
    code = f"""
import contextlib, io, json
from checker.cli import main
codes = []
if __name__ == "__main__":  # the processes of --jobs 2 read this file too
    for command in {commands!r}:
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")):
            try:
                codes.append(main(["--allowlists", {str(lists)!r}, *command.format(tmp={str(tmp)!r}).split()]))
            except ImportError as error:
                codes.append(str(error))
    print(json.dumps(codes))
"""
    done = python("-c", code, **only(tmp))
    assert done.returncode == 0, done.stderr
    return dict(zip(commands, json.loads(done.stdout), strict=True)) | {"said": done.stderr}


@pytest.mark.parametrize(("command", "code"), WITHOUT_EXTRAS, ids=[command[:40] for command, _ in WITHOUT_EXTRAS])
def test_a_command_runs_without_extras(codes: dict[str, object], command: str, code: int) -> None:
    assert codes[command] == code, codes["said"]


def names_of(command: click.Command, name: str = "") -> Iterator[str]:
    if isinstance(command, click.Group):
        for word, part in command.commands.items():
            yield from names_of(part, f"{name} {word}".strip())
    else:
        yield name


def test_every_command_is_run_without_extras() -> None:
    for name in names_of(program):
        assert any(f"{command} ".startswith(f"{name} ") for command, _ in WITHOUT_EXTRAS), name


# --- what is missing is said -----------------------------------------------------------------

COMMAND = ("-m", "checker")
BULK = ("-c", "from checker import bulk; bulk.SCHEMA")

MISSING: list[tuple[tuple[str, ...], str, dict[str, str], str, str]] = [
    ((*COMMAND, "serve"), "", {}, "server", "the page and the API"),
    ((*COMMAND, "serve"), "redis", {}, "server", "another extra does not help"),
    ((*COMMAND, "reports", "list"), "", {}, "server", "the database library"),
    ((*COMMAND, "reports", "export"), "", {}, "server", "the command that writes a header first"),
    ((*COMMAND, "check", "--file", "-", "--output", "{tmp}/out.parquet"), "", {}, "bulk", "Parquet"),
    (BULK, "", {}, "bulk", "columns"),
    (
        (*COMMAND, "serve", "--port", "0"),
        "server",
        {"PORTALCHECK_DATABASE_URL": "postgresql://a:b@127.0.0.1/c"},
        "postgres",
        "before it serves, not at the first report",
    ),
    (
        (*COMMAND, "reports", "list"),
        "server",
        {"PORTALCHECK_DATABASE_URL": "postgresql://a:b@127.0.0.1/c"},
        "postgres",
        "the same setting for the operator's commands",
    ),
    (
        (*COMMAND, "serve", "--port", "0"),
        "server",
        {"PORTALCHECK_LIMITS_URL": "redis://127.0.0.1:1/0"},
        "redis",
        "before it serves",
    ),
]
"""What is run, the extra that is installed, settings, the extra that is missing, and why the row is here."""


@pytest.mark.parametrize(("words", "installed", "settings", "missing", "why"), MISSING)
def test_a_missing_extra_is_one_line_that_says_what_to_install(
    tmp_path: Path, words: tuple[str, ...], installed: str, settings: dict[str, str], missing: str, why: str
) -> None:
    done = python(*(word.format(tmp=tmp_path) for word in words), **only(tmp_path, *installed.split()), **settings)
    *before, last = done.stderr.splitlines()
    assert last.endswith(f" needs more packages. Install them with: pip install 'portalcheck[{missing}]'"), why
    if words is not BULK:  # a library raises
        assert (done.returncode, before, done.stdout) == (2, [], ""), why
    assert not list(tmp_path.glob("out*"))


# --- what an extra is enough for -------------------------------------------------------------


def test_server_alone_serves_page_api_and_reports(tmp_path: Path) -> None:
    with serving(tmp_path, **only(tmp_path, "server"), XDG_DATA_HOME=str(tmp_path)) as server:
        assert server.verdict(OFFICIAL) == "verified"
        assert b"<form" in server.ask("GET", "/")[1]
        assert server.ask("POST", "/api/v1/reports", {"kind": "other", "address": "https://a.example/"})[0] == 200
        assert b"portalcheck_" in server.ask("GET", "/metrics")[1]


def test_bulk_alone_checks_columns(tmp_path: Path) -> None:
    code = (
        f"import pyarrow as pa; from checker import bulk;print(*bulk.check(pa.array([{OFFICIAL!r}])).column('verdict'))"
    )
    assert python("-c", code, **only(tmp_path, "bulk")).stdout == "verified\n"


# --- what pyproject.toml and the README say ----------------------------------------------------


def test_every_dependency_says_why() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8").partition("[project.scripts]")[0]
    lines = [line for line in text.splitlines() if re.search(r'"[\w-]+(\[\w+\])?>=', line) and "requires" not in line]
    assert len(lines) == len(PROJECT["dependencies"]) + sum(map(len, EXTRAS.values()))
    assert [line for line in lines if not re.search(r"# \w", line)] == []


def test_the_readme_says_what_each_extra_is_for_and_how_much_it_installs() -> None:
    rows = re.findall(r"^\| `pip install '?\.(?:\[([\w,]+)\])?'?` \|.*\| (\d+) \|$", README, re.M)
    assert {extra for extras, _ in rows for extra in extras.split(",")} == {"", *EXTRAS}
    for extras, number in rows:
        # A Python has one package more or less than another: some backport what newer ones have.
        assert abs(len(packages_of(*extras.split(",") if extras else ())) - int(number)) <= 1, extras


def test_the_lock_has_what_serving_needs() -> None:
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.M))
    assert packages_of("server", "postgres", "redis") <= locked
    assert not locked & {"uvicorn", "pyarrow", "pytest"}


def test_every_target_of_make_can_be_made() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert len(targets) >= 10
    for target in targets:
        done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
