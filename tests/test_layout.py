"""Each core module imports only modules above it, and none reaches outside the program."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKER = Path(__file__).parent.parent / "checker"
CORE = "errors url wrapper text reason reference allowlist lookalike verdict guidance checker words render".split()
"""DESIGN's order of the flow; errors stands on top, because anything may raise one."""

OUTSIDE = set(
    "asyncio click fastapi glob http io logging os pathlib pydantic random requests shutil socket sqlite3 starlette"
    " subprocess sys tempfile threading time urllib.request uvicorn validators yaml".split()
)
CLOCK_AND_FILES = {"open", "now", "today", "utcnow", "fromtimestamp", "read_text", "read_bytes"}


def core_files() -> Iterator[tuple[str, Path]]:
    for name in CORE:
        yield from ((name, path) for path in [CHECKER / f"{name}.py", *(CHECKER / name).glob("*.py")] if path.exists())


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            yield from (f"checker.{n.name}" for n in node.names) if node.module == "checker" else [node.module or ""]
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize(("name", "path"), [pytest.param(n, p, id=f"{n}:{p.name}") for n, p in core_files()])
def test_a_core_module_imports_only_what_stands_above_it(name: str, path: Path) -> None:
    above = {f"checker.{module}" for module in CORE[: CORE.index(name)]}
    if path.parent != CHECKER:  # the parts of a folder may share
        above.add(f"checker.{name}")
    for module in imports(path):
        assert not {module, module.split(".")[0]} & OUTSIDE, (
            f"{module}: the core knows no file, network, clock or framework"
        )
        if module.split(".")[0] == "checker":
            assert ".".join(module.split(".")[:2]) in above, module
    calls = [n.func for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]
    called = {
        f.attr if isinstance(f, ast.Attribute) else f.id for f in calls if isinstance(f, ast.Attribute | ast.Name)
    }
    assert not called & CLOCK_AND_FILES, "dates and data come in as parameters"


def test_the_table_names_modules_that_exist() -> None:
    assert {name for name, _ in core_files()} == set(CORE)
