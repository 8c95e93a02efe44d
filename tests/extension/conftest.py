"""One build, one real server process, one world of web sites and one of each browser for all tests here."""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from extension.build import BROWSERS, ROOT, build
from extension.vectors import main as write_vectors
from tests.extension.chromium import Chromium
from tests.extension.firefox import Firefox
from tests.extension.servers import World, certified


@pytest.fixture(scope="session")
def real_server() -> Iterator[int]:
    """The port of a real ``portalcheck serve`` process."""
    command = [sys.executable, "-m", "checker", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())
        assert found is not None, "the server did not start"
        yield int(found[1])
        process.terminate()


@pytest.fixture(scope="session")
def whole_world(real_server: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(certified(tmp_path_factory.mktemp("certificate")), real_server)
    yield world
    world.stop()


@pytest.fixture
def world(whole_world: World) -> World:
    """The world, with nothing seen yet and the real service behind it."""
    whole_world.forget()
    return whole_world


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory, whole_world: World) -> Path:
    """Both extensions, built to ask the recorded service, and the vectors."""
    out = tmp_path_factory.mktemp("dist")
    build(out, whole_world.service)
    write_vectors([str(out / "vectors.json")])
    for browser in BROWSERS:
        shutil.copy(out / "vectors.json", out / browser / "vectors.json")
    return out


_agree = (Path(__file__).parent / "agree.js").read_text(encoding="utf-8").replace("export function", "function")
AGREE = f"""async () => {{
  {_agree}
  const [address, answer, {{ List }}, {{ Texts }}, view] = await Promise.all(
    ["address", "answer", "list", "texts", "view"].map((name) => import(`/lib/${{name}}.js`)));
  const read = async (name) => (await fetch(`/${{name}}.json`)).json();
  const texts = {{ en: new Texts((await read("data/en")).texts), es: new Texts((await read("data/es")).texts) }};
  const tools = {{ ...address, ...answer, ...view, list: new List(await read("data/list")), texts }};
  return disagreements(await read("vectors"), tools).slice(0, 5);
}}"""
"""Runs the vectors inside a page of the extension, with the modules and the data that are in it."""


@pytest.fixture(scope="session")
def whole_chromium(
    play: Playwright, chromium_path: Path, dist: Path, whole_world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chromium]:
    chromium = Chromium(play, chromium_path, dist / "chromium", tmp_path_factory.mktemp("chromium"), whole_world)
    yield chromium
    chromium.close()


@pytest.fixture
def chromium(whole_chromium: Chromium, world: World) -> Chromium:
    """The browser as after an installation: nothing remembered, one empty tab."""
    for page in whole_chromium.context.pages[1:]:
        page.close()
    whole_chromium.store()
    world.forget()
    return whole_chromium


@pytest.fixture
def old_chromium(
    play: Playwright, chromium_path: Path, dist: Path, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chromium]:
    """A browser whose extension carries a list that nobody has renewed for years."""
    old = tmp_path_factory.mktemp("old") / "chromium"
    shutil.copytree(dist / "chromium", old)
    data = json.loads((old / "data" / "list.json").read_text())
    data["newest_evidence"] = "2024-01"
    for entry in data["hosts"].values():
        entry["review_by"] = "2025-01-01"
    (old / "data" / "list.json").write_text(json.dumps(data))
    chromium = Chromium(play, chromium_path, old, tmp_path_factory.mktemp("old-profile"), world)
    yield chromium
    chromium.close()


@pytest.fixture(scope="session")
def whole_firefox(firefox_path: Path, dist: Path, whole_world: World) -> Iterator[Firefox]:
    firefox = Firefox(firefox_path, dist / "firefox", whole_world)
    yield firefox
    firefox.close()


@pytest.fixture
def firefox(whole_firefox: Firefox, world: World) -> Iterator[Firefox]:
    """The browser as after an installation: nothing remembered, no popup open."""
    whole_firefox.marionette.navigate(whole_firefox.url("options.html"))
    whole_firefox.in_page("() => browser.storage.local.clear()")
    world.forget()
    yield whole_firefox
    whole_firefox.close_popup()


class Timings:
    """Milliseconds from the start of a popup to what people wait for; told at the end of the run."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    def add(self, what: str, milliseconds: float) -> None:
        self.taken.setdefault(what, []).append(milliseconds)

    def lines(self) -> list[str]:
        return [
            f"{what}: median {statistics.median(all_of):.0f} ms of {len(all_of)}" for what, all_of in self.taken.items()
        ]


_TIMINGS = Timings()


@pytest.fixture(scope="session")
def timings() -> Timings:
    return _TIMINGS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _TIMINGS.taken:
        terminalreporter.section("popup timing")
        for line in _TIMINGS.lines():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of every state go; git ignores it."""
    folder = ROOT / "screenshots" / "extension"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
