"""Shared by all tests: the committed list and a Checker for it, built once; browsers, and what is
said where there is none.

A tool that a test needs and does not find skips the test, and the last lines of the run say what
to install; under ``CI=true`` that is a failure, because there nobody reads last lines.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from checker.allowlist import Allowlist
from checker.checker import Checker
from checker.loader import load_folder
from checker.render import Renderer
from checker.texts_loader import load_texts

LISTS = Path(__file__).parent.parent / "allowlists"


@pytest.fixture(scope="session", autouse=True)
def _own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing that a test files lands among the reports of the person who runs the tests."""
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


MISSING = "is missing"
"""Stands in the reason of every skip that somebody can put right by installing something."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser come last: Playwright keeps an event loop running in this thread, in
    which ``asyncio.run`` of other tests would fail."""
    items.sort(key=lambda item: "play" in getattr(item, "fixturenames", ()))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say loudly, after everything else, which tests did not run for want of a tool."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skips = reporter.stats.get("skipped", []) if reporter else []
    reasons = {str(skip.longrepr[2]).removeprefix("Skipped: ") for skip in skips if isinstance(skip.longrepr, tuple)}
    for reason in sorted(reason for reason in reasons if MISSING in reason):
        print(f"\n!!! Tests were skipped. {reason} !!!", file=sys.stderr)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        reason = f"Chromium {MISSING}. Install it: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def play() -> Iterator[Playwright]:
    """Playwright, started once: two of them cannot run in one process."""
    with sync_playwright() as playwright:
        yield playwright
