"""A line means the same in every interface: a file in any format, a column, a command-line argument and the API."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from checker import bulk, cli
from checker.bulk.input import opened
from checker.clock import FixedDay
from checker.settings import Settings
from checker.web.app import MAX_BATCH_BODY, MAX_BODY, create_app
from tests.bulk.bulk_addresses import ROOT, answers_in, load_once

TODAY = date(2026, 11, 22)
main = partial(cli.main, clock=FixedDay(TODAY))
HOST = b"https://mychart.clevelandclinic.org"
OFFICIAL = HOST + b"/"
EVIL = b".evil.example/"
MOST = 8192


def filled(character: str, length: int) -> bytes:
    """An official address of ``length`` characters."""
    start = OFFICIAL + b"?q="
    return start + character.encode() * (length - len(start))


class Line(NamedTuple):
    """``answer``: the verdict or the error's code; None if the interfaces are only compared with each other, because
    the answer itself is tested with the core."""

    line: bytes
    why: str
    answer: str | None = None


LINES = [
    Line(
        HOST + b"\r" * 40_000 + EVIL,
        "cut in the middle and stripped, it would be the official host",
        "address-too-long",
    ),
    Line(HOST + b"\r" * 32_740 + EVIL, "the same, small enough for a request", "address-too-long"),
    Line(
        HOST + b"\r" * 32_734 + EVIL,
        "the name after the carriage returns begins where the reader stops",
        "address-too-long",
    ),
    Line(HOST + b"\r" * 32_700 + EVIL, "all of it is kept, and it is too long", "address-too-long"),
    Line(HOST + b"\r" * 8_200 + EVIL, "too long in characters, but not in bytes", "address-too-long"),
    Line(HOST + b"\r" * 8_000 + EVIL, "short enough to be judged, with evil.example"),
    Line(HOST + b"\t" * 40_000 + EVIL, "tabs, which a browser drops", "address-too-long"),
    Line(HOST + b" " * 40_000 + EVIL, "spaces", "address-too-long"),
    Line(HOST + b"\0" * 40_000 + EVIL, "NULs", "address-too-long"),
    Line(HOST + b"\x0b\x0c" * 20_000 + EVIL, "vertical tabs and form feeds", "address-too-long"),
    Line(HOST + "\u200b".encode() * 12_000 + EVIL, "invisible characters of three bytes each", "address-too-long"),
    Line(HOST + "\u2028".encode() * 12_000 + EVIL, "line separators", "address-too-long"),
    Line(HOST + "\x85".encode() * 17_000 + EVIL, "next-line characters of two bytes each", "address-too-long"),
    Line(b"\r" * 40_000 + OFFICIAL, "carriage returns before an official address", "address-too-long"),
    Line(b" " * 40_000 + b"https://evil.example/", "the kept part is blank, the whole line is not", "address-too-long"),
    Line(OFFICIAL + b" " * 40_000, "an official address and spaces that make it too long", "address-too-long"),
    Line(OFFICIAL + b"\r" * 40_000, "the same with carriage returns", "address-too-long"),
    Line(b" " * 40_000, "a line that is too long is never skipped, even if it is blank", "address-too-long"),
    Line(b"\r" * 8_193, "nor is a blank one of one character too many", "address-too-long"),
    Line(b"x" * 1_000_000, "a long word", "address-too-long"),
    Line(filled("a", MOST), "as long as a text may be", "verified"),
    Line(filled("a", MOST + 1), "one character more", "address-too-long"),
    Line(filled("é", MOST), "as long as a text may be, in characters of two bytes", "verified"),
    Line(filled("é", MOST + 1), "one more", "address-too-long"),
    Line(filled("→", MOST), "of three bytes each", "verified"),
    Line(filled("→", MOST + 1), "one more", "address-too-long"),
    Line(filled("😀", MOST), "of four bytes each", "verified"),
    Line(filled("😀", MOST + 1), "one more", "address-too-long"),
    Line("😀".encode() * MOST, "as many bytes as a text can have", "unreadable-address"),
    Line("😀".encode() * MOST + b"a", "one byte more", "address-too-long"),
    Line("😀".encode() * MOST + b"\r", "one byte more, a carriage return", "address-too-long"),
    Line(filled("a", MOST - 1) + b"\xff", "a byte that is not UTF-8 counts as one character", "verified"),
    Line(filled("a", MOST) + b"\xff", "one too many", "address-too-long"),
    Line(filled("a", MOST - 1) + b"\xf0\x9f\x98", "so do the first three bytes of a four-byte character", "verified"),
    Line(filled("a", MOST) + b"\xf0\x9f\x98", "one too many", "address-too-long"),
    Line(filled("a", MOST - 3) + b"\xed\xa0\x80", "a surrogate in UTF-8 counts as three characters", "verified"),
    Line(filled("a", MOST - 2) + b"\xed\xa0\x80", "one too many", "address-too-long"),
    Line(b"\xff\xfe", "not UTF-8", "unreadable-address"),
    Line(HOST + b"\xff/", "not UTF-8 in the host", "unreadable-address"),
    Line(HOST + b"/\xc0\xaf" + EVIL, "an overlong slash"),
    Line(HOST + b"\xc0\xaf" + EVIL, "an overlong slash does not end the host"),
    Line(b"\xff\xfe" + OFFICIAL.decode().encode("utf-16-le"), "UTF-16 is not decoded"),
    Line(OFFICIAL.decode().encode("utf-16-le"), "even without a byte-order mark"),
    Line(b"\0", "a NUL"),
    Line(OFFICIAL + b"\0", "a NUL after the address"),
    Line(HOST + b"\0" + EVIL, "a NUL inside the host"),
    Line(HOST + b"\0/", "a NUL at the host's end"),
    Line(b"\xef\xbb\xbf" + OFFICIAL, "a byte-order mark before the address"),
    Line(b"\xef\xbb\xbf", "a byte-order mark alone"),
    Line(HOST + b"\r" + EVIL, "a carriage return inside the host"),
    Line(HOST + b"\r/", "a carriage return at the host's end"),
    Line(b"https://my\rchart.clevelandclinic.org/", "a carriage return that a browser drops"),
    Line(OFFICIAL + b"\rhttps://evil.example/", "a lone carriage return, as on old Macs, does not end a line"),
    Line(OFFICIAL + b"\r", "a carriage return at the end", "verified"),
    Line(OFFICIAL + b"\r\r\r", "several"),
    Line(b"\r" + OFFICIAL, "a carriage return at the beginning"),
    Line(OFFICIAL + "\u2028https://evil.example/".encode(), "a line separator does not end a line"),
    Line(OFFICIAL + "\u2029https://evil.example/".encode(), "nor does a paragraph separator"),
    Line(OFFICIAL + "\x85https://evil.example/".encode(), "nor does U+0085"),
    Line(HOST + "\u2028".encode() + EVIL, "a line separator inside the host"),
    Line(HOST + "\x85".encode() + EVIL, "U+0085 inside the host"),
    Line(OFFICIAL + b"\x0chttps://evil.example/", "a form feed does not end a line"),
    Line(OFFICIAL + b"\x0bhttps://evil.example/", "nor does a vertical tab"),
    Line(OFFICIAL + b"\x1chttps://evil.example/", "nor does a file separator"),
    Line(HOST + b"\x0c" + EVIL, "a form feed inside the host"),
    Line(HOST + b"\x1e" + EVIL, "a record separator inside the host"),
    Line(OFFICIAL + b"\x1a", "DOS's end-of-file character"),
    Line("\u00a0".encode(), "a line of one non-ASCII space is not blank", "unreadable-address"),
    Line("\u3000\u3000".encode(), "nor is one of two ideographic spaces", "unreadable-address"),
    Line("\u2028".encode(), "nor is a line separator alone", "unreadable-address"),
    Line("\x85".encode(), "nor is U+0085", "unreadable-address"),
    Line("\u200b".encode(), "nor is an invisible character", "unreadable-address"),
    Line(b"\x1c", "nor is a file separator, which Python counts as whitespace", "unreadable-address"),
    Line(b" \t" + OFFICIAL + b" \t", "spaces and tabs around an address"),
    Line(b"--file", "a command-line option"),
    Line(b'"' + OFFICIAL + b'","x"', "a row of CSV"),
    Line(b'{"url": "' + OFFICIAL + b'"}', "a line of JSON"),
    Line(OFFICIAL + b"\\n" + EVIL, "an escaped line end is two characters"),
]

BLANK = [b"", b" ", b"\t", b"\x0b", b"\x0c", b" \t\x0b\x0c", b"\r", b"\r\r", b" " * MOST]
"""Lines that are skipped."""

CONTEXTS = ("link", "tab")
Answer = tuple[str | None, tuple[str, ...], str | None]


@pytest.fixture(autouse=True)
def _the_list_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.service.Service.load", load_once)


@pytest.fixture(scope="module")
def client() -> TestClient:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("checker.service.Service.load", load_once)
        app = create_app(Settings(ROOT / "allowlists"), clock=FixedDay(TODAY))
    return TestClient(app, base_url="http://localhost")


def parts_of(answer: dict[str, Any]) -> Answer:
    """The parts of an answer that are compared: verdict, codes and host, as in a row."""
    if "error" in answer:
        return None, (answer["error"]["code"],), None
    codes = tuple(item["code"] for item in answer["reasons"] + answer["notes"])
    return answer["verdict"], codes, answer["address"]["host"]


def rows(batch: Iterable[dict[str, Any]]) -> list[Answer]:
    return [(row["verdict"], tuple(row["codes"]), row["host"]) for row in batch]


def post(client: TestClient, path: str, **body: object) -> tuple[int, dict[str, Any]]:
    """The size of a request's body, and the answer."""
    content = json.dumps(body, ensure_ascii=False).encode()
    answer = client.post(f"/api/v1/{path}", content=content, headers={"content-type": "application/json"}).json()
    return len(content), answer


def from_the_api(client: TestClient, lines: Sequence[bytes], context: str) -> list[Answer]:
    """The answers to batches; those to single requests have to be the same."""
    texts = [line.decode("utf-8", "replace") for line in lines]
    answers: list[Answer] = []
    for text in texts:
        size, batch = post(client, "check/batch", urls=[text], context=context)
        assert size > MAX_BATCH_BODY or len(batch["results"]) == 1
        answers.append(parts_of(batch["results"][0]) if size <= MAX_BATCH_BODY else (None, ("address-too-long",), None))
        size, single = post(client, "check", url=text, context=context)
        if size > MAX_BODY:
            assert single["code"] == "body-too-large"
            assert answers[-1] == (None, ("address-too-long",), None)
        else:
            assert (parts_of(single) if "verdict" in single else (None, (single["code"],), None)) == answers[-1], text
    return answers


@pytest.fixture(scope="module", params=CONTEXTS)
def asked(request: pytest.FixtureRequest, client: TestClient) -> tuple[str, list[Answer]]:
    """A context, and the API's answers to every line."""
    return request.param, from_the_api(client, [row.line for row in LINES], request.param)


def compared(answers: Sequence[Answer], expected: Sequence[Answer], lines: Sequence[Line]) -> None:
    assert len(answers) == len(lines)
    for row, answer, want in zip(lines, answers, expected, strict=True):
        assert answer == want, (row.why, row.line[:60])


def test_the_table_has_no_duplicates_and_no_line_ends() -> None:
    assert len({row.line for row in LINES}) == len(LINES) > 70
    assert not any(b"\n" in row.line for row in LINES)


def test_the_api_answers_as_the_table_says(asked: tuple[str, list[Answer]]) -> None:
    context, answers = asked
    for row, (verdict, codes, host) in zip(LINES, answers, strict=True):
        if row.answer is not None and context == "link":
            assert (verdict or codes[0]) == row.answer, row.why
        if row.answer == "address-too-long":
            assert codes == ("address-too-long",), row.why
        assert verdict != "verified" or host == "mychart.clevelandclinic.org", row.why


def test_a_command_line_argument(asked: tuple[str, list[Answer]], capsys: pytest.CaptureFixture[str]) -> None:
    context, expected = asked
    main(["check", "--json", "--context", context, "--", *(os.fsdecode(row.line) for row in LINES)])
    compared([parts_of(answer) for answer in answers_in(capsys.readouterr().out.encode())], expected, LINES)


PACKED = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": lambda data: bytes(pa.Codec("zstd").compress(data, asbytes=True)),
}


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("packed", PACKED)
def test_a_file_read_line_by_line_and_in_bulk(
    tmp_path: Path, asked: tuple[str, list[Answer]], capsys: pytest.CaptureFixture[str], packed: str, end: bytes
) -> None:
    context, answers = asked
    # After a CR, an LF would end the line together with it.
    lines = [row for row in LINES if end == b"\r\n" or not row.line.endswith(b"\r")]
    expected = [answer for row, answer in zip(LINES, answers, strict=True) if row in lines]
    file, out = tmp_path / "links", tmp_path / "out.jsonl"
    # Blank lines in between are counted but not answered. The last line has no line end.
    content = end.join([BLANK[place % len(BLANK)] + end + row.line for place, row in enumerate(lines)])
    file.write_bytes(PACKED[packed](content))
    words = ["check", "--context", context, "--file", str(file)]

    main([*words, "--json"])
    compared([parts_of(answer) for answer in answers_in(capsys.readouterr().out.encode())], expected, lines)
    main([*words, "--output", str(out)])
    compared([parts_of(answer) for answer in answers_in(out.read_bytes())], expected, lines)
    out = out.with_suffix(".parquet")
    main([*words, "--output", str(out)])
    table = pq.read_table(out)
    compared(rows(table.to_pylist()), expected, lines)
    assert table["line"].to_pylist() == list(range(2, 2 * len(lines) + 1, 2))


def test_standard_input(
    asked: tuple[str, list[Answer]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    context, expected = asked
    content = b"\r\n".join(row.line for row in LINES)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    main(["check", "--json", "--context", context, "--file", "-"])
    compared([parts_of(answer) for answer in answers_in(capsys.readouterr().out.encode())], expected, LINES)


def test_two_processes(tmp_path: Path, asked: tuple[str, list[Answer]]) -> None:
    context, expected = asked
    file, out = tmp_path / "links", tmp_path / "out.jsonl"
    file.write_bytes(b"\r\n".join(row.line for row in LINES))
    main(["check", "--context", context, "--file", str(file), "--output", str(out), "--jobs", "2"])
    compared([parts_of(answer) for answer in answers_in(out.read_bytes())], expected, LINES)


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.string(), pa.string_view()], ids=str)
def test_a_column(asked: tuple[str, list[Answer]], kind: pa.DataType) -> None:
    context, expected = asked
    values = [row.line for row in LINES]
    texts = values if "binary" in str(kind) else [line.decode("utf-8", "replace") for line in values]
    column = pa.array(texts, kind)
    compared(rows(bulk.check(column, context=context, today=TODAY).to_pylist()), expected, LINES)
    mapper = bulk.spark_mapper("url", context=context, today=TODAY)
    (mapped,) = mapper([pa.record_batch({"url": column})])
    compared(rows(mapped.to_pylist()), expected, LINES)


@pytest.mark.parametrize(
    ("content", "lines", "why"),
    [
        (b"a\nb\r\nc", [(1, b"a"), (2, b"b"), (3, b"c")], "LF, CRLF, and the end of the file"),
        (b"a\r\r\nb", [(1, b"a\r"), (2, b"b")], "only one CR belongs to the line's end"),
        (b"a\rb\nc\r", [(1, b"a\rb"), (2, b"c\r")], "a CR without an LF belongs to the text"),
        (b"\n\r\n \n\r\r\n\x0c\na", [(6, b"a")], "blank lines are skipped, but counted"),
        (
            "\u00a0\n\x85\n\u2028\n".encode(),
            [(1, b"\xc2\xa0"), (2, b"\xc2\x85"), (3, b"\xe2\x80\xa8")],
            "other whitespace",
        ),
        (b"\xef\xbb\xbfa\nb", [(1, b"\xef\xbb\xbfa"), (2, b"b")], "a byte-order mark is text"),
        (b"x" * 32_768 + b"\r\nb", [(1, b"x" * 32_768), (2, b"b")], "the most bytes that an address can have"),
        (b"x" * 32_769 + b"\r\nb", [(1, b"x" * 32_769 + b"\r"), (2, b"b")], "the CR is kept, its LF is not"),
        (b"x" * 40_000 + b"\nb", [(1, b"x" * 32_770), (2, b"b")], "more, cut"),
        (b" " * 40_000 + b"\nb", [(1, b" " * 32_770), (2, b"b")], "too long to be skipped"),
        (b" " * 8_192 + b"\nb", [(2, b"b")], "blank, and short enough"),
    ],
)
def test_what_a_line_is(tmp_path: Path, content: bytes, lines: list[tuple[int, bytes]], why: str) -> None:
    file = tmp_path / "links"
    file.write_bytes(content)
    with opened(str(file)) as source:
        assert list(source.lines()) == lines, why
