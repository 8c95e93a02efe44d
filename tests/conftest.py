"""Fixtures for all tests: the committed list, its Checker and Renderer, built once, and the programs that tests start.

Before the first test the run says how long it will take. If a program is missing, it says so and no test runs: nothing
is skipped for that reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from checker.core.allowlist import Allowlist
from checker.core.check import Checker
from checker.core.render import Renderer
from checker.lists.loader import load_folder
from checker.texts_loader import load_texts
from tests.pace import forecast
from tests.tools import TOOLS, fixture_of, install, needed

ROOT = Path(__file__).parent.parent
LISTS = ROOT / "allowlists"


@pytest.fixture(scope="session", autouse=True)
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the tests' reports out of the database of the person who runs them."""
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def allowlist() -> Allowlist:
    return load_folder(LISTS)


@pytest.fixture(scope="session")
def checker(allowlist: Allowlist) -> Checker:
    return Checker(allowlist)


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer(load_texts())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--install-tools", action="store_true", help="install what the chosen tests need with apt")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run tests with a browser last: Playwright keeps an event loop running in this thread, and ``asyncio.run`` in
    other tests would then fail."""
    items.sort(key=lambda item: "play" in getattr(item, "fixturenames", ()))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Say how long the run will take; then install what is missing, or name it and stop."""
    config = session.config
    if config.option.collectonly:
        return
    terminal = config.pluginmanager.get_plugin("terminalreporter")

    def say(line: str) -> None:
        terminal.write_line(line)
        terminal.flush()

    say(forecast(item.path.relative_to(ROOT) for item in session.items))
    tools = needed(name for item in session.items for name in getattr(item, "fixturenames", ()))
    if config.option.install_tools:
        install([tool for tool in tools if tool.fault()], say)
    if faults := [fault for tool in tools if (fault := tool.fault())]:
        raise pytest.UsageError(*faults)


def _path_of(name: str) -> Callable[[], Path]:
    @pytest.fixture(scope="session", name=fixture_of(name))
    def path() -> Path:
        found = TOOLS[name].find()
        assert found is not None
        return found

    return path


chromium_path, firefox_path, postgresql_path, redis_path, nginx_path, java_path = map(_path_of, TOOLS)


@pytest.fixture(scope="session")
def play() -> Iterator[Playwright]:
    """Playwright, started once: a process can run only one."""
    with sync_playwright() as playwright:
        yield playwright
