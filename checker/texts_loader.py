"""Reads the sentences that people see: ``texts/<lang>.yaml``, one file for each language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from checker.core.words import Texts

__all__ = ["LANGUAGES", "load_texts"]

LANGUAGES = ("en", "es")
"""The languages in which every sentence exists; a test compares the files key by key."""

_FOLDER = Path(__file__).with_name("texts")


@cache
def load_texts() -> Mapping[str, Texts]:
    """The sentences of every language, read once: they are part of the program."""
    return MappingProxyType({lang: _read(_FOLDER / f"{lang}.yaml") for lang in LANGUAGES})


def _read(path: Path) -> Texts:
    # CBaseLoader makes every scalar a string and runs nothing.
    tree = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506
    return Texts(tree)
