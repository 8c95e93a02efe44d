"""docs/operating.md lists every setting the program reads, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from checker.errors import SettingsError
from checker.settings import Settings

PAGE = (Path(__file__).parent.parent / "docs/operating.md").read_text("utf-8")
LISTED = set(re.findall(r"^\| `(PORTALCHECK_[A-Z_]+)` \|", PAGE, re.MULTILINE))


def test_the_page_lists_the_settings_that_exist() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"PORTALCHECK_NO_SUCH_SETTING": "1"})
    known = set(re.findall(r"PORTALCHECK_[A-Z_]+", str(caught.value).partition("The settings are:")[2]))
    assert known == LISTED


def test_the_example_on_the_page_is_accepted() -> None:
    given = dict(re.findall(r"^(PORTALCHECK_[A-Z_]+)=(\S+)", PAGE, re.MULTILINE))
    assert given
    Settings.from_env(given)
