"""The rooms of ``checker/``, and who may import whom: every file imports only leftward."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKER = Path(__file__).parent.parent / "checker"

ROOMS = ("core", "lists", "reports", "", "bulk", "curate", "web", "cli")
"""From left to right; the empty name is what stands at the top of the package."""

CORE = (
    "errors url wrapper text reason reference known lease allowlist lookalike verdict guidance check message words"
    " sentences render"
).split()
"""Inside the core: the order of the flow. Errors stand first, because anything may raise one."""

TOP = "clock texts_loader settings finder answers messages service __main__".split()
"""What stands at the top, in the order in which it may be imported; ``__main__`` starts the command line."""

MOST_AT_THE_TOP = 10
MOST_LINES = 450

OUTSIDE = set(
    "asyncio click fastapi glob http io logging os pathlib pydantic random requests shutil socket sqlite3 starlette"
    " subprocess sys tempfile threading time urllib.request uvicorn validators yaml".split()
)
CLOCK_AND_FILES = {"open", "now", "today", "utcnow", "fromtimestamp", "read_text", "read_bytes"}

FILES = sorted(path.relative_to(CHECKER) for path in CHECKER.rglob("*.py"))

CORE_FILES = [path for path in FILES if path.parts[0] == "core" and path != Path("core/__init__.py")]


def room_of(module: str) -> str:
    """``core`` for ``checker.core.url``, the empty name for ``checker.service``."""
    first = module.removeprefix("checker").lstrip(".").partition(".")[0]
    return first if first in ROOMS else ""


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports anywhere in it, its functions and type-checking blocks included."""
    for node in ast.walk(ast.parse((CHECKER / path).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (
                (f"{node.module}.{alias.name}" for alias in node.names)
                if _is_package(node.module)
                else [node.module or ""]
            )
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _is_package(module: str | None) -> bool:
    folder = CHECKER.parent / (module or "").replace(".", "/")
    return module is not None and module.partition(".")[0] == "checker" and folder.is_dir()


def own_imports(path: Path) -> Iterator[str]:
    return (
        module for module in imports(path) if module.partition(".")[0] == "checker" and module != "checker.__version__"
    )


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_imports_only_rooms_to_its_left_and_its_own(path: Path) -> None:
    room = path.parts[0] if len(path.parts) > 1 else ""
    if room in ("data", "texts"):
        assert list(own_imports(path)) == [], "tables import nothing"
        return
    for module in own_imports(path):
        if path == Path("__main__.py"):
            assert module.startswith("checker.cli")
            continue
        there = room_of(module)
        assert ROOMS.index(there) <= ROOMS.index(room), f"{path} imports {module}, to its right"
        if there == room == "":
            name = module.split(".")[1]
            assert TOP.index(name) < TOP.index(path.stem), f"{path} imports {module}"


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.parts[0] == "core" and path.name != "__init__.py"], ids=str
)
def test_a_core_module_imports_only_what_stands_above_it(path: Path) -> None:
    name = path.parts[1].removesuffix(".py")
    above = {f"checker.core.{module}" for module in CORE[: CORE.index(name)]}
    if len(path.parts) > 2:  # the parts of a folder may share
        above.add(f"checker.core.{name}")
    for module in imports(path):
        assert not {module, module.split(".")[0]} & OUTSIDE, (
            f"{module}: the core knows no file, network, clock or framework"
        )
        if module.split(".")[0] == "checker":
            assert ".".join(module.split(".")[:3]) in above, module
    calls = [n.func for n in ast.walk(ast.parse((CHECKER / path).read_text("utf-8"))) if isinstance(n, ast.Call)]
    called = {
        f.attr if isinstance(f, ast.Attribute) else f.id for f in calls if isinstance(f, ast.Attribute | ast.Name)
    }
    assert not called & CLOCK_AND_FILES, "dates and data come in as parameters"


def test_the_tables_name_modules_that_exist() -> None:
    core = {path.parts[1].removesuffix(".py") for path in FILES if path.parts[0] == "core"} - {"__init__"}
    assert core == set(CORE)
    assert {path.stem for path in FILES if len(path.parts) == 1} - {"__init__"} == set(TOP)
    rooms = {path.parts[0] for path in FILES if len(path.parts) > 1}
    assert rooms - {"data", "texts"} == set(ROOMS) - {""}


def test_the_top_holds_a_handful_of_files() -> None:
    assert sum(len(path.parts) == 1 for path in FILES) <= MOST_AT_THE_TOP


@pytest.mark.parametrize("room", [room for room in ROOMS if room])
def test_each_room_says_what_may_live_there(room: str) -> None:
    said = ast.get_docstring(ast.parse((CHECKER / room / "__init__.py").read_text("utf-8")))
    assert said is not None
    assert len(said.splitlines()) >= 2


@pytest.mark.parametrize("path", FILES, ids=str)
def test_no_file_grows_past_its_job(path: Path) -> None:
    assert len((CHECKER / path).read_text("utf-8").splitlines()) <= MOST_LINES
