"""One build, one real server process, one world of web sites and one of each browser for all tests here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from extension.build import ROOT, build
from extension.vectors import main as write_vectors
from tests.extension.chromium import BINARY, Chromium
from tests.extension.servers import World, self_signed


def needed(what: str, there: bool) -> None:
    """Skip where a tool is missing; in continuous integration that is a failure."""
    if there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def real_server() -> Iterator[int]:
    """The port of a real ``portalcheck serve`` process."""
    command = [sys.executable, "-m", "checker", "serve", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    port = next(int(found[1]) for line in process.stdout if (found := re.search(r"127\.0\.0\.1:(\d+)", line)))
    yield port
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="session")
def whole_world(real_server: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    needed("openssl", shutil.which("openssl") is not None)
    world = World(self_signed(tmp_path_factory.mktemp("certificate")), real_server)
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
    return out


@pytest.fixture(scope="session")
def whole_chromium(
    play: Playwright, dist: Path, whole_world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chromium]:
    chromium = Chromium(play, dist / "chromium", tmp_path_factory.mktemp("chromium"), whole_world)
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


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of every state go; git ignores it."""
    folder = ROOT / "screenshots" / "extension"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


__all__ = ["BINARY"]
