"""Columns in, columns out: the same answers as one by one, for every type of column."""

from __future__ import annotations

import pickle
import re
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from checker import bulk
from checker.bulk.rows import Row, row_for
from checker.core.check import Checker
from checker.core.errors import AllowlistError, UnreadableAddress
from checker.core.render import Renderer, ResultV1
from checker.core.text import Context
from checker.lists.snapshot import snapshot_of
from checker.service import Service
from tests.bulk.bulk_addresses import ROOT, every_address

TODAY = date(2026, 11, 22)
OFFICIAL = "https://mychart.clevelandclinic.org/"
FALSE = "https://mychart.cleve1andclinic.org/"


def published(text: str, service: Service, context: Context) -> ResultV1 | str:
    """The answer, or the code of the error."""
    try:
        return service.renderer.result(service.checker.check(text, context=context, today=TODAY))
    except UnreadableAddress as error:
        return error.code


@pytest.mark.parametrize("context", list(Context))
def test_a_row_says_what_the_published_answer_says(checker: Checker, renderer: Renderer, context: Context) -> None:
    addresses = every_address()
    assert len(addresses) > 1300
    service = Service(checker, renderer)
    for text in addresses:
        row = row_for(text, service, context, TODAY)
        answer = published(text, service, context)
        if isinstance(answer, str):
            assert row == Row(None, None, (answer,), None, None), text
            continue
        codes = tuple([reason.code for reason in answer.reasons] + [note.code for note in answer.notes])
        assert row[:3] == (answer.verdict, answer.level, codes), text
        assert row.host == answer.address.host, text
        named = answer.portal or answer.imitates
        if named is not None:
            assert row.operator == named.operator, text
        elif answer.official is None:
            unlinked = {"listing-overdue", "retired-portal", "uses-known-name", "known-site", "vendor-portal"}
            assert row.operator is None or codes[0] in unlinked, text
        else:
            assert row.operator is not None, text


@pytest.mark.parametrize(
    ("text", "row", "why"),
    [
        (OFFICIAL, ("verified", None, [], "Cleveland Clinic", "mychart.clevelandclinic.org"), "on the list"),
        (
            FALSE,
            ("warning", "danger", ["imitates-official"], "Cleveland Clinic", "mychart.cleve1andclinic.org"),
            "the operator that it imitates",
        ),
        (
            "http://www.clevelandclinic.org/",
            ("warning", "caution", ["operator-site"], "Cleveland Clinic", "www.clevelandclinic.org"),
            "the operator's own domain",
        ),
        (
            "https://www.python.org/",
            ("warning", "caution", ["not-listed"], None, "www.python.org"),
            "no operator is known",
        ),
        ("javascript:1", ("warning", "danger", ["not-a-web-address"], None, None), "it has no host"),
        ("see you on Friday", (None, None, ["unreadable-address"], None, None), "no address"),
        ("https://a.example https://b.example", (None, None, ["several-addresses"], None, None), "two addresses"),
        ("x" * 9000, (None, None, ["address-too-long"], None, None), "too long"),
        ("", (None, None, ["unreadable-address"], None, None), "an empty text"),
        (None, (None, None, ["unreadable-address"], None, None), "a null is an empty text"),
    ],
)
def test_the_content_of_each_column(text: str | None, row: tuple[object, ...], why: str) -> None:
    answers = bulk.check(pa.array([text], pa.string()), today=TODAY)
    assert answers.schema == bulk.SCHEMA
    assert tuple(answers.to_pylist()[0].values()) == row, why


TEXTS = [OFFICIAL, None, FALSE, "é", OFFICIAL]
BROKEN = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")])


@pytest.mark.parametrize(
    "column",
    [
        pa.array(TEXTS, pa.large_string()),
        pa.array(TEXTS, pa.string_view()),
        pa.array(TEXTS, pa.string()).cast(pa.binary()),
        pa.array(TEXTS, pa.string()).cast(pa.large_binary()),
        pa.array(TEXTS).dictionary_encode(),
        pa.chunked_array([TEXTS[:2], TEXTS[2:]], pa.string()),
        pa.array(["left out", *TEXTS])[1:],
    ],
    ids=lambda column: f"{type(column).__name__}:{column.type}",
)
def test_every_type_of_text_column_is_accepted(column: pa.Array) -> None:
    assert bulk.check(column, today=TODAY).equals(bulk.check(pa.array(TEXTS), today=TODAY))


@pytest.mark.parametrize(
    ("column", "rows", "why"),
    [
        (pa.array([], pa.string()), 0, "no addresses"),
        (pa.nulls(3), 3, "a column of nulls only"),
        (BROKEN, 1, "bytes that are not UTF-8, which Arrow accepts"),
    ],
)
def test_odd_columns_get_an_answer_for_each_row(column: pa.Array, rows: int, why: str) -> None:
    answers = bulk.check(column, today=TODAY)
    assert (answers.num_rows, answers.schema) == (rows, bulk.SCHEMA), why
    assert answers["verdict"].null_count == rows, why


def test_a_column_that_is_not_text_is_refused() -> None:
    with pytest.raises(TypeError, match="column of text, not of int64"):
        bulk.check(pa.array([1]))
    with pytest.raises(TypeError, match="column of text, not of list"):
        bulk.check(pa.array([[OFFICIAL]]))


def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "list.snapshot").write_bytes(b"not a snapshot")
    with pytest.raises(AllowlistError, match="is no snapshot"):
        bulk.check(pa.array([OFFICIAL]), tmp_path / "list.snapshot")


def test_review_dates_are_compared_with_the_given_day() -> None:
    column = pa.array([OFFICIAL])
    assert bulk.check(column, today=date(2036, 1, 1)).to_pylist()[0]["codes"] == ["listing-overdue"]


def test_the_polars_example_in_the_docs_works() -> None:
    page = (ROOT / "docs/bulk.md").read_text("utf-8")
    example = next(code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "pl.DataFrame" in code)
    names = {"pl": pl, "bulk": bulk, "OFFICIAL": OFFICIAL, "FALSE": FALSE}
    exec(example, names)  # noqa: S102  # our own docs
    checked = names["checked"]
    assert isinstance(checked, pl.DataFrame)
    assert checked.select("visit", "verdict").rows() == [(7, "verified"), (8, "warning")]
    assert "url" not in checked.columns


def test_the_docs_name_every_column() -> None:
    page = (ROOT / "docs/bulk.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == ["line", *bulk.SCHEMA.names]
    assert [word.split()[0] for word in bulk.SPARK_SCHEMA.split(", ")] == bulk.SCHEMA.names


def test_the_spark_mapper_can_be_pickled_and_keeps_the_named_columns(checker: Checker, tmp_path: Path) -> None:
    snapshot = tmp_path / "list.snapshot"
    snapshot.write_bytes(snapshot_of(checker.allowlist, None))
    mapper = pickle.loads(pickle.dumps(bulk.spark_mapper("url", str(snapshot), keep=["visit"], today=TODAY)))  # noqa: S301  # our own
    batch = pa.record_batch({"visit": [7, 8], "url": [OFFICIAL, FALSE], "other": ["a", "b"]})
    (mapped,) = mapper([batch])
    assert mapped.schema.names == ["visit", *bulk.SCHEMA.names]
    assert mapped["visit"].to_pylist() == [7, 8]
    assert mapped["verdict"].to_pylist() == ["verified", "warning"]
