"""What is answered for pasted text on the committed list: a table, and the share of honest messages refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from checker.core.check import Checker
from checker.core.errors import UnreadableAddress

CASES = Path(__file__).parents[1] / "cases"
ROWS: list[dict[str, Any]] = yaml.safe_load((CASES / "texts.yaml").read_text(encoding="utf-8"))
HONEST: list[str] = yaml.safe_load((CASES / "honest.yaml").read_text(encoding="utf-8"))
TODAY = date(2026, 11, 22)
MOST_REFUSED = 0.03


def answer(checker: Checker, text: str) -> str:
    """The verdict, or the code of the error."""
    try:
        return checker.check(text, today=TODAY).judgement.verdict.value
    except UnreadableAddress as error:
        return error.code


@pytest.mark.parametrize("row", ROWS, ids=[f"{number}: {row['why']}" for number, row in enumerate(ROWS, 1)])
def test_the_answer_is_the_tables(row: dict[str, Any], checker: Checker) -> None:
    piece, times = row.get("repeat", ("", 0))
    assert answer(checker, piece * times + row["text"]) == row["answer"], row["why"]


def test_few_honest_messages_are_refused(checker: Checker) -> None:
    assert len(set(HONEST)) == len(HONEST) >= 300
    refused = [(answer(checker, text), text) for text in HONEST if answer(checker, text) != "verified"]
    told = f"{len(refused)} of {len(HONEST)} refused ({len(refused) / len(HONEST):.1%})"
    print(told, *refused, sep="\n")
    assert all(code != "warning" for code, _ in refused)
    assert len(refused) <= MOST_REFUSED * len(HONEST), told
