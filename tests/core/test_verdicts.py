"""The table of verdicts, through the core and into the published answer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from checker.core.allowlist import MatchKind
from checker.core.check import Checker
from checker.core.errors import UnreadableAddress
from checker.core.guidance import Task
from checker.core.reason import Level, Reason, ReasonCode
from checker.core.render import Renderer
from checker.core.text import Context
from checker.core.url import WebUrl
from checker.core.verdict import Facts, Judgement, Official, Verdict, conditions
from checker.texts_loader import LANGUAGES

ROWS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parents[1] / "cases/verdicts.yaml").read_text("utf-8"))
TODAY = date(2026, 11, 22)
_GAP = re.compile(r" [,.]|(?:^| )'s\b| (?:al de|de)$")
"""What a sentence shows where a name should stand in it and none is known."""


def name_of(row: dict[str, Any]) -> str:
    return str(row["why"])


def day_of(row: dict[str, Any]) -> date:
    return date.fromisoformat(row["today"]) if "today" in row else TODAY


@pytest.mark.parametrize("row", [row for row in ROWS if "error" not in row], ids=name_of)
def test_the_answer_is_the_tables(row: dict[str, Any], checker: Checker, renderer: Renderer) -> None:
    result = checker.check(row["text"], context=Context(row.get("context", "link")), today=day_of(row))
    answer = renderer.result(result)
    assert answer.verdict == row["verdict"]
    assert answer.level == row.get("level", answer.level)
    assert [reason.code for reason in answer.reasons] == row.get("reasons", [r.code for r in answer.reasons])
    assert [note.code for note in answer.notes] == row.get("notes", [n.code for n in answer.notes])
    assert list(answer.address.unwrapped) == row.get("unwrapped", list(answer.address.unwrapped))
    assert answer.guidance.task == row.get("task", answer.guidance.task)
    if "official" in row:
        assert (answer.official.url if answer.official else None) == row["official"]
    if "organization" in row:
        assert answer.portal is not None
        assert answer.portal.organizations == (row["organization"],)
    if "organizations" in row:
        assert answer.portal is not None
        assert list(answer.portal.organizations) == row["organizations"]
    if "technique" in row:
        assert answer.imitates is not None
        assert answer.imitates.technique == row["technique"]


@pytest.mark.parametrize("row", [row for row in ROWS if "error" in row], ids=name_of)
def test_a_text_without_a_single_address_is_an_error(row: dict[str, Any], checker: Checker, renderer: Renderer) -> None:
    with pytest.raises(UnreadableAddress) as caught:
        checker.check(row["text"], today=TODAY)
    assert caught.value.code == row["error"]
    for lang in LANGUAGES:
        message = renderer.problem(caught.value, lang).message
        assert message
        assert not row["text"].strip() or row["text"] not in message


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_answer_has_all_its_sentences_in_every_language(lang: str, checker: Checker, renderer: Renderer) -> None:
    for row in ROWS:
        if "error" in row:
            continue
        for task in Task:
            result = checker.check(row["text"], task, lang, Context(row.get("context", "link")), today=day_of(row))
            answer = renderer.result(result)
            sentences = [answer.headline, answer.disclaimer, answer.emergency.text, answer.guidance.where_to_go]
            sentences += [reason.message for reason in answer.reasons] + [note.message for note in answer.notes]
            assert all(sentence and "{" not in sentence and "  " not in sentence for sentence in sentences), sentences
            assert not any(_GAP.search(sentence) for sentence in sentences), sentences
            assert (answer.verdict == "verified") == (answer.level is None and answer.portal is not None)
            assert (answer.if_entered is not None) == (answer.level == "danger")
            assert task != Task.EMERGENCY or answer.guidance.link is None


def test_the_conditions_told_hold_exactly_where_the_answer_is_verified(checker: Checker) -> None:
    for row in ROWS:
        context = Context(row.get("context", "link"))
        if "error" in row or row.get("reasons") == ["not-a-web-address"]:
            continue
        result = checker.check(row["text"], context=context, today=day_of(row))
        assert isinstance(result.address, WebUrl)
        turned = "misleading-characters" in row.get("reasons", ()) and result.address.typed_host is None
        typed, shown, hidden = context == Context.LINK, result.shown, result.hidden
        facts = Facts(result.address, result.match, typed=typed, hidden=hidden, shown=shown, turned=turned)
        told = conditions(facts, checker.allowlist, day_of(row))
        assert all(holds for _, holds in told) == (row["verdict"] == "verified"), (row["text"], told)


def test_a_judgement_refuses_nonsense() -> None:
    listed = Reason.of(ReasonCode.NOT_LISTED)
    with pytest.raises(ValueError, match="a warning has reasons"):
        Judgement(Verdict.WARNING)
    with pytest.raises(ValueError, match="a warning has reasons"):
        Judgement(Verdict.VERIFIED, (listed,))
    with pytest.raises(ValueError, match="its own right place"):
        Judgement(Verdict.VERIFIED, official=Official("X", "https://x.example/"))
    with pytest.raises(ValueError, match="never a danger"):
        Reason(ReasonCode.NOT_LISTED, Level.DANGER)


@pytest.mark.parametrize("kind", MatchKind)
def test_a_match_of_another_kind_is_no_longer_active(kind: MatchKind, checker: Checker) -> None:
    match = checker.allowlist.home_of("mychart.clevelandclinic.org")
    assert match is not None
    assert replace(match, kind=kind).is_active == (kind is MatchKind.ACTIVE)
