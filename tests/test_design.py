"""docs/design.md says what the code does: its tables, its map and its example are compared with the code."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import date
from pathlib import Path

from checker.answers import to_json
from checker.core.check import Checker
from checker.core.lookalike import Technique
from checker.core.reason import DANGER_CODES, NoteCode, ReasonCode
from checker.core.render import PortalV1, Renderer
from checker.web.problems import STATUS_OF
from tests.test_layout import CORE, ROOMS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/design.md").read_text("utf-8")
SECTIONS = {int(number) for number in re.findall(r"^## (\d+)\. ", PAGE, re.MULTILINE)}
REFERENCE = re.compile(r"design\.md,[\s#*/]+section\s+(\d+)")
"""How code and tests refer to the page; a comment may break the line."""


def rows(*head: str) -> list[list[str]]:
    """The rows of the one table with this head."""
    tables = re.findall(rf"^\| {re.escape(' | '.join(head))} \|\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert len(tables) == 1, f"{len(tables)} tables have the head {head}"
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in tables[0].splitlines()]


def codes(*head: str) -> list[str]:
    """The first column of a table, without its backquotes."""
    return [row[0].strip("`") for row in rows(*head)]


def test_it_lists_every_reason_in_the_published_order_with_its_level() -> None:
    assert codes("code", "level", "when") == [code.value for code in ReasonCode]
    levels = {code.strip("`"): level.split()[0] for code, level, _ in rows("code", "level", "when")}
    assert {code for code, level in levels.items() if level == "danger"} == {code.value for code in DANGER_CODES}


def test_it_lists_every_note() -> None:
    assert codes("code", "when") == [code.value for code in NoteCode]


def test_it_lists_every_error_with_its_status() -> None:
    table = {code.strip("`"): int(status) for code, status, _ in rows("code", "status", "when")}
    assert table == dict(STATUS_OF)


def test_it_lists_every_look_alike_technique() -> None:
    groups = [group for group, _ in rows("techniques", "what was done to the name")]
    assert sorted(re.findall("`(.+?)`", " ".join(groups))) == sorted(Technique)


def test_its_map_has_every_room_and_every_module_of_the_core_in_order() -> None:
    assert codes("room", "what it holds") == [room for room in ROOMS if room]
    modules = codes("module", "what it answers")
    assert [Path(module).stem for module in modules] == CORE
    order = re.search(r"^`core` < .+$", PAGE, re.MULTILINE)
    assert order is not None
    assert order[0].replace("`", "").replace("the top of the package", "").split(" < ") == list(ROOMS)


def test_every_file_it_names_exists() -> None:
    named = set(re.findall(r"`([\w\-]+(?:/[\w\-]+)*(?:/|\.(?:py|yaml|md)))`", PAGE))
    assert "core/verdict.py" in named
    for name in named:
        places = (ROOT, ROOT / "checker", ROOT / "allowlists")
        assert any((place / name).exists() for place in places), name
    for link in re.findall(r"\]\(([^):#]+)\)", PAGE):
        assert (ROOT / "docs" / link).exists(), link


def test_its_example_is_the_real_answer(checker: Checker, renderer: Renderer) -> None:
    example = re.search(r"```json\n(.+?)```", PAGE, re.DOTALL)
    assert example is not None
    shown = json.loads(example[1])
    result = checker.check(shown["address"]["origin"] + "/", today=date(2026, 11, 22))
    answer = json.loads(to_json(renderer.result(result)))
    assert filled_from(answer, shown) == answer


def filled_from(real: object, shown: object) -> object:
    """``shown`` with what the page leaves out (``…``) taken from the real answer."""
    if shown == "…":
        return real
    if isinstance(shown, dict) and isinstance(real, dict):
        return {key: filled_from(real.get(key), value) for key, value in shown.items()}
    if isinstance(shown, list) and isinstance(real, list) and len(shown) == len(real):
        return [filled_from(*pair) for pair in zip(real, shown, strict=True)]
    return shown


def test_it_names_the_fields_of_a_portal() -> None:
    told = re.search(r"`portal` holds\s(.+?)\.\n", PAGE, re.DOTALL)
    assert told is not None
    named = [name for name in re.findall("`(.+?)`", told[1]) if name not in list(NoteCode)]
    assert named == [field.name for field in fields(PortalV1)]


def test_the_code_points_only_to_sections_that_it_has() -> None:
    assert sorted(SECTIONS) == list(range(1, 10))
    pointed: list[tuple[Path, int]] = []
    for folder in ("checker", "extension", "benchmarks", "docs", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".js", ".md") and "node_modules" not in path.parts:
                pointed += ((path, int(number)) for number in REFERENCE.findall(path.read_text("utf-8")))
    assert [(path, number) for path, number in pointed if number not in SECTIONS] == []
