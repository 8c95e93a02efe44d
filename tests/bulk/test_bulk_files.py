"""Files of addresses: every format read and written, in order, by one process or two; broken files are errors."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checker import bulk
from checker.bulk.input import opened
from checker.bulk.parquet import FILE_SCHEMA
from checker.cli import main
from tests.bulk.bulk_addresses import ROOT, answers_in, as_lines, every_address, load_once, run, snapshot_in

OFFICIAL = b"https://mychart.clevelandclinic.org/\n"
FALSE = b"https://mychart.cleve1andclinic.org/\n"


def zstd(data: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(data, asbytes=True))


READ: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "gzip in two members": lambda data: gzip.compress(data[:500]) + gzip.compress(data[500:]),
    "zstd": zstd,
    "zstd in two frames": lambda data: zstd(data[:500]) + zstd(data[500:]),
}

WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    ".jsonl": bytes,
    ".ndjson": bytes,
    ".jsonl.gz": gzip.decompress,
    ".jsonl.zst": lambda data: pa.CompressedInputStream(io.BytesIO(data), "zstd").read(),
}


@pytest.fixture(autouse=True)
def _the_list_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.service.Service.load", load_once)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return snapshot_in(tmp_path_factory.mktemp("list"))


@pytest.fixture(scope="module")
def addresses() -> bytes:
    """Shuffled, with empty lines, Windows line ends, broken UTF-8, and no line break at the end."""
    lines = as_lines(every_address()).splitlines(keepends=True)
    lines += [b"\n", b"  \r\n", b"\xff\xfe\n", OFFICIAL.strip() + b"\r\n", b"x" * 100_000 + b"\n"] * 3
    random.Random(7).shuffle(lines)  # noqa: S311  # the same order every time
    return b"".join(lines) + FALSE.strip()


@pytest.fixture(scope="module")
def expected(addresses: bytes, snapshot: Path) -> bytes:
    """The answers written one by one."""
    done = run("check", "--allowlists", snapshot, "--json", "--file", "-", given=addresses)
    assert done.returncode == 2
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize("read", READ)
def test_input_formats_are_recognized_by_their_content(
    tmp_path: Path, addresses: bytes, expected: bytes, read: str
) -> None:
    file, out = tmp_path / "links.misnamed", tmp_path / "out.jsonl"
    file.write_bytes(READ[read](addresses))
    assert main(["check", "--file", str(file), "--output", str(out)]) == 2
    assert out.read_bytes() == expected


@pytest.mark.parametrize("ending", WRITTEN)
def test_the_ending_chooses_the_output_format(tmp_path: Path, addresses: bytes, expected: bytes, ending: str) -> None:
    file, out = tmp_path / "links", tmp_path / f"out{ending}"
    file.write_bytes(addresses)
    assert main(["check", "--file", str(file), "--output", str(out)]) == 2
    assert WRITTEN[ending](out.read_bytes()) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["links", out.name]


@pytest.mark.parametrize("ending", [".jsonl.gz", ".parquet"])
def test_two_processes_write_the_same_file_as_one(
    tmp_path: Path, addresses: bytes, snapshot: Path, ending: str
) -> None:
    file = tmp_path / "links"
    file.write_bytes(addresses)
    words = ["check", "--allowlists", str(snapshot), "--file", str(file), "--output"]
    assert main([*words, str(tmp_path / f"1{ending}")]) == 2
    done = run(*words, tmp_path / f"2{ending}", "--jobs", "2")
    assert done.returncode == 2, done.stderr
    count = sum(bool(line.strip()) for line in addresses.split(b"\n"))
    assert f"{count:,} addresses" in done.stderr.decode()
    assert (tmp_path / f"1{ending}").read_bytes() == (tmp_path / f"2{ending}").read_bytes()


def test_two_processes_keep_the_order_on_standard_output(addresses: bytes, expected: bytes, snapshot: Path) -> None:
    """Twelve chunks, some with twenty times the work of others: more than are under way at once."""
    words = ["check", "--allowlists", str(snapshot), "--json", "--file", "-", "--jobs", "2"]
    done = run(*words, given=zstd((addresses + b"\n") * 4))
    assert (done.returncode, done.stdout == expected * 4) == (2, True), done.stderr


def test_a_parquet_file_holds_the_columns_and_the_versions_they_come_from(tmp_path: Path, addresses: bytes) -> None:
    file, out = tmp_path / "links", tmp_path / "out.parquet"
    file.write_bytes(addresses)
    assert main(["check", "--file", str(file), "--output", str(out)]) == 2
    table = pq.read_table(out)
    assert table.schema.equals(FILE_SCHEMA)
    lines = addresses.split(b"\n")
    numbers = [number for number, line in enumerate(lines, 1) if line.strip()]
    assert table["line"].to_pylist() == numbers
    answers = bulk.check(pa.array([lines[number - 1][:30_000] for number in numbers]))
    assert table.drop_columns("line").equals(pa.Table.from_batches([answers]))
    assert {b"portalcheck", b"list", b"day"} <= set(table.schema.metadata)


@pytest.mark.parametrize("ending", [*WRITTEN, ".parquet"])
def test_an_empty_input_gives_an_empty_file_of_the_format(tmp_path: Path, ending: str) -> None:
    file, out = tmp_path / "links", tmp_path / f"out{ending}"
    file.write_bytes(b"\n\n")
    assert main(["check", "--file", str(file), "--output", str(out)]) == 0
    if ending == ".parquet":
        assert pq.read_table(out).schema.equals(FILE_SCHEMA)
    else:
        assert WRITTEN[ending](out.read_bytes()) == b""
        assert bool(out.read_bytes()) == (ending.count(".") == 2), "an empty gzip or zstd file has bytes"


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["--output", "out.csv"], ".jsonl, .ndjson, .jsonl.gz, .ndjson.gz, .jsonl.zst, .ndjson.zst, .parquet"),
        (["--output", "out"], "must be one of"),
        (["--output", "/nowhere/out.jsonl"], "could not be written: No such file or directory"),
        (["--output", "/"], "is a directory"),
        (["--output", "LINKS"], "would replace the file that is read"),
        (["--jobs", "2"], "needs --json"),
        (["--json", "--resume"], "Name an --output"),
        (["--jobs", "-1"], "0<=x<=256"),
        (["--jobs", "2", "--json", "https://a.example/"], "one --file"),
        (["--jobs", "2", "--explain"], "one --file"),
    ],
)
def test_wrong_usage_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: list[str], says: str
) -> None:
    file = tmp_path / "links.jsonl"
    file.write_bytes(OFFICIAL)
    given = [str(file) if word == "LINKS" else word for word in argv]
    assert main(["check", "--file", str(file), *given]) == 2
    printed = capsys.readouterr()
    assert says in " ".join(printed.err.split())
    assert (printed.out, file.read_bytes()) == ("", OFFICIAL)


RANDOM = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(1500))


@pytest.mark.parametrize(
    ("content", "says", "why"),
    [
        (gzip.compress(OFFICIAL * 3_000)[:-100], "ends too early", "half a gzip file"),
        (gzip.compress(RANDOM)[:900] + RANDOM, "damaged", "a gzip file with random bytes inside"),
        (b"\x1f\x8b" + RANDOM, "damaged", "random bytes that begin like gzip"),
        (zstd(RANDOM)[:-900], "ends too early", "half a zstd file"),
        (zstd(OFFICIAL) + zstd(RANDOM)[:-900], "ends too early", "half of the second of two zstd frames"),
        (b"\x28\xb5\x2f\xfd" + RANDOM, "damaged", "random bytes that begin like zstd"),
        (b"\x28\xb5\x2f\xfd", "ends too early", "only the beginning of zstd"),
    ],
)
def test_a_broken_file_is_an_error_and_leaves_no_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, says: str, why: str
) -> None:
    file, out = tmp_path / "links", tmp_path / "out.jsonl"
    file.write_bytes(content)
    out.write_text("the answers of yesterday")
    assert main(["check", "--file", str(file), "--output", str(out)]) == 2
    error = capsys.readouterr().err
    assert says in error, why
    assert "Get a complete copy" in error, why
    assert out.read_text() == "the answers of yesterday"
    assert main(["check", "--json", "--file", str(file)]) == 2
    assert says in capsys.readouterr().err, "one by one too"


@pytest.mark.parametrize(
    ("content", "codes", "why"),
    [
        (RANDOM, {"unreadable-address", "address-too-long", "unclear-text"}, "random bytes"),
        (b"\0" * 100, {"unreadable-address"}, "only NULs"),
        (b"x" * 10_000_000, {"address-too-long"}, "one line of 10 MB"),
        (b"\xff\xfe\xfa\n" * 3, {"unreadable-address"}, "not UTF-8"),
    ],
)
def test_random_data_is_unreadable_line_by_line(tmp_path: Path, content: bytes, codes: set[str], why: str) -> None:
    file, out = tmp_path / "links", tmp_path / "out.jsonl"
    file.write_bytes(content)
    assert main(["check", "--file", str(file), "--output", str(out)]) == 2
    answers = answers_in(out.read_bytes())
    assert answers, why
    assert {answer["error"]["code"] for answer in answers if "error" in answer} <= codes, why
    assert all(answer.get("verdict") != "verified" for answer in answers), why


@pytest.mark.parametrize("read", ["plain", "gzip", "zstd"])
def test_only_the_beginning_of_an_endless_line_is_kept(tmp_path: Path, read: str) -> None:
    file = tmp_path / "links"
    file.write_bytes(READ[read](b"x" * 20_000_000))
    tracemalloc.start()
    with opened(str(file)) as source:
        assert [(number, len(line)) for number, line in source.lines()] == [(1, 32_770)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_a_reader_that_stops_causes_no_messages(tmp_path: Path) -> None:
    file = tmp_path / "links"
    file.write_bytes(OFFICIAL * 20_000)
    command = [sys.executable, "-W", "error", "-m", "checker", "check", "--json", "--jobs", "2", "--file", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
        assert process.wait(20) != 0


def peak_mib(tmp_path: Path, lines: int, jobs: str) -> float:
    """The peak memory of the largest process, in MiB."""
    out = tmp_path / f"{lines}.parquet"
    code = (
        "import atexit, resource, sys\n"
        "def peak(): print(max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF,"
        " resource.RUSAGE_CHILDREN)), file=sys.stderr)\n"
        "if __name__ == '__main__': atexit.register(peak)"
    )
    done = run("check", "--file", "-", "--jobs", jobs, "--output", out, given=OFFICIAL * lines, code=code)
    assert pq.ParquetFile(out).metadata.num_rows == lines
    return int(done.stderr.split()[-1]) / 1024


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Ten times the lines; a row group has 100,000 rows, so the margin leaves room for two that are half full."""
    small, large = peak_mib(tmp_path, 20_000, "1"), peak_mib(tmp_path, 200_000, "1")
    assert large < small * 1.15, (small, large)
