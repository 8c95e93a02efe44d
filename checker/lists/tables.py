"""Reads the tables in ``checker/data`` that the core needs, because the core itself reads no files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from checker.core.reference import Condition, GuardRow, Tables
from checker.core.wrapper import FORMS, Hides, Service, Target, Wrappers
from checker.lists.suffixes import top_level_labels

__all__ = ["load_tables"]


@cache
def load_tables() -> Tables:
    """The tables that come with the package. Raises ValueError for a broken file, which is a fault of the package."""
    return Tables(
        letters=MappingProxyType(dict(_by_code("letters.tsv"))),
        invisible=frozenset(chr(code) for code, _ in _by_code("invisible.tsv")),
        scripts=tuple((int(first, 16), int(last, 16), name) for first, last, name in _rows("scripts.tsv")),
        words=_words("words.txt") | _words("famous_names.txt"),
        generic=_words("generic_words.txt"),
        lures=_words("lure_words.txt"),
        associations=_words("association_words.txt"),
        restricted=_words("restricted_suffixes.txt"),
        script_suffixes=MappingProxyType(
            {name: frozenset(suffixes.split()) for name, suffixes in _rows("script_suffixes.tsv")}
        ),
        top_level=top_level_labels(),
        wrappers=_wrappers(),
        scores=MappingProxyType({(name, form): int(score) for name, form, score, _ in _rows("scores.tsv")}),
        guards=_guards(),
    )


def _by_code(name: str) -> Iterator[tuple[int, str]]:
    """Each code point of a table of ranges, with its value; none is left out at the end of a line."""
    for first, last, *value in _rows(name):
        yield from ((code, "".join(value)) for code in range(int(first, 16), int(last, 16) + 1))


def _wrappers() -> Wrappers:
    text = (files("checker") / "data" / "wrappers.yaml").read_text("utf-8")
    # CBaseLoader makes every scalar a string and runs nothing.
    table = yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506
    return Wrappers(map(_service, table["services"]), table["shorteners"].split())


def _service(row: Mapping[str, str]) -> Service:
    hosts: list[str] = []
    for host in row["hosts"].split():
        bare = host.removeprefix("[www.]")
        hosts += (bare,) if bare == host else (bare, "www." + bare)
    return Service(
        row["id"],
        tuple(hosts),
        re.compile(row["path"] + r"\Z"),
        tuple(row.get("parameters", "").split()),
        Target(row["target"]) if "target" in row else None,
        FORMS[row["form"]] if "form" in row else None,
        Hides(row["hides"]) if "hides" in row else None,
    )


_MOST = 1000
"""More than any number that a fact can be: a host has at most 253 characters."""


def _guards() -> tuple[tuple[GuardRow, ...], ...]:
    """The guards' rows, in the order of the file."""
    guards: dict[str, list[GuardRow]] = {}
    for name, conditions, points, _ in _rows("guards.tsv"):
        row = GuardRow(tuple(map(_condition, conditions.split())), int(points))
        guards.setdefault(name, []).append(row)
    return tuple(map(tuple, guards.values()))


def _condition(text: str) -> Condition:
    """``fact``, ``fact>=number`` or ``fact=one|another``, each also with ``!`` in front: not so."""
    negated, text = text.startswith("!"), text.removeprefix("!")
    fact, is_number, number = text.partition(">=")
    if is_number:
        return Condition(fact, range(int(number), _MOST), negated)
    fact, is_list, values = text.partition("=")
    return Condition(fact, frozenset(values.split("|") if is_list else [True]), negated)


def _rows(name: str) -> Iterator[list[str]]:
    return (line.split("\t") for line in _lines(name))


def _words(name: str) -> frozenset[str]:
    return frozenset(_lines(name))


def _lines(name: str) -> Iterator[str]:
    text = (files("checker") / "data" / name).read_text("utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))
