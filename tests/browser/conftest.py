"""A real Chromium and the real server, for the tests in this folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def chromium(chromium_path: Path, play: Playwright) -> Iterator[Browser]:
    """One browser for all tests; every test gets contexts of its own in it."""
    browser = play.chromium.launch(executable_path=chromium_path, headless=True)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def service_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of ``portalcheck serve``, started as people start it, on a free port."""
    said = tmp_path_factory.mktemp("server") / "stderr"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTALCHECK_")}
    with said.open("wb") as stderr:
        server = subprocess.Popen(
            [sys.executable, "-m", "checker", "serve", "--port", "0"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        assert server.stdout is not None
        ready = server.stdout.readline()
        url = next((word for word in ready.split() if word.startswith("http://")), None)
        assert url is not None, said.read_text(encoding="utf-8")
        yield url
    finally:
        server.terminate()
        server.communicate(timeout=10)


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """A folder that git ignores, for pictures of what the tests saw."""
    return ROOT / "screenshots"


@pytest.fixture
def open_page(chromium: Browser, service_url: str) -> Iterator[Callable[..., Page]]:
    """Opens a page of the service in a context of its own: ``open_page("/", color_scheme="dark")``.

    When the test is over, the page must have asked nobody but the service, and no script or style
    may have failed or been refused.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def said(kind: str, text: str) -> None:
        # A 404 or 422 with an answer in it is what some tests ask for; Chromium reports each as an error.
        if kind in {"error", "warning"} and not text.startswith("Failed to load resource"):
            faults.append(text)

    def asked(url: str) -> None:
        if not url.startswith(f"{service_url}/"):
            faults.append(f"asked {url}")

    def open_one(path: str = "/", **options: Any) -> Page:
        options = {"reduced_motion": "reduce", "locale": "en-US", **options}
        context = chromium.new_context(base_url=service_url, **options)
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("console", lambda message: said(message.type, message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked(request.url))
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []
