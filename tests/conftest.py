"""Shared by all tests: the committed list and a Checker for it, built once."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.allowlist import Allowlist
from checker.checker import Checker
from checker.loader import load_folder
from checker.render import Renderer
from checker.texts_loader import load_texts

LISTS = Path(__file__).parent.parent / "allowlists"


@pytest.fixture(scope="session")
def allowlist() -> Allowlist:
    return load_folder(LISTS)


@pytest.fixture(scope="session")
def checker(allowlist: Allowlist) -> Checker:
    return Checker(allowlist)


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer(load_texts())
