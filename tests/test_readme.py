"""The README's examples print what it shows (``…`` stands for anything), and its lists agree with the code."""

from __future__ import annotations

import io
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient

from checker.cli import main
from checker.settings import Settings
from checker.web.app import create_app
from tests.test_layout import ROOMS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"```console\n\$ (.+)\n((?:.*\n)+?)```", README)


def as_pattern(shown: str) -> str:
    return r"[\s\S]*?".join(re.escape(part) for part in shown.split("…"))


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[command[:40] for command, _ in EXAMPLES])
def test_an_example_prints_what_the_readme_shows(
    command: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = shlex.split(command.rpartition("| ")[2])
    if words[0] == "curl":
        body = json.loads(words[words.index("-d") + 1])
        path = words[2].removeprefix("http://127.0.0.1:8000")
        printed = (
            TestClient(create_app(Settings.from_env({})), base_url="http://127.0.0.1:8000").post(path, json=body).text
        )
    else:
        assert words[0] == "portalcheck"
        if " | " in command:
            given = shlex.split(command.partition(" | ")[0])[1].encode().decode("unicode_escape")
            monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        main(words[1:])
        printed = capsys.readouterr().out
    assert re.match(as_pattern(shown.rstrip()), printed), printed


def test_the_readme_has_examples_of_every_way_in() -> None:
    assert {shlex.split(command.rpartition("| ")[2])[0] for command, _ in EXAMPLES} == {"portalcheck", "curl"}
    assert len(EXAMPLES) >= 5


def test_it_lists_the_rooms_in_order() -> None:
    table = README.partition("| room | what it holds |\n|---|---|\n")[2].partition("\n\n")[0]
    rooms = [line.split("|")[1].strip().strip("`") for line in table.splitlines()]
    assert rooms == [room or "top of `checker/" for room in ROOMS]


@pytest.mark.parametrize("code", ["unclear-text", "shows-another-address"])
def test_it_says_what_becomes_of_pasted_text(code: str) -> None:
    assert f"`{code}`" in README.partition("### What to paste")[2].partition("\n## ")[0]


def test_its_links_lead_somewhere() -> None:
    headings = {re.sub(r"[^\w]+", "-", title.lower()) for title in re.findall(r"^#+ (.+)$", README, re.MULTILINE)}
    for link in re.findall(r"\]\((?!https:)([^)]+)\)", README):
        path, _, anchor = link.partition("#")
        assert (ROOT / path).exists(), link
        assert path or anchor in headings, link


def test_the_readme_says_what_is_supported() -> None:
    manifest = json.loads((ROOT / "extension/manifest.json").read_text("utf-8"))
    gecko, android = (
        manifest["browser_specific_settings"][name]["strict_min_version"].removesuffix(".0")
        for name in ("gecko", "gecko_android")
    )
    assert f"Edge {manifest['minimum_chrome_version']} or newer; Firefox {gecko} (ESR) or newer" in README
    assert f"on Android {android}" in README
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    pythons = [version[1] for text in classifiers if (version := re.fullmatch(r".* :: Python :: (3\.\d+)", text))]
    assert f"| Python | {pythons[0]} to {pythons[-1]} |" in README
    jobs = yaml.safe_load((ROOT / ".github/workflows/checks.yml").read_text("utf-8"))["jobs"]
    assert jobs["test"]["strategy"]["matrix"]["python"] == pythons
