"""--resume: after any interruption, the file is that of an uninterrupted run; anything else is not resumed."""

from __future__ import annotations

import fcntl
import gzip
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from checker.bulk import input as bulk_input
from checker.bulk import output as bulk_output
from checker.cli import main
from checker.clock import Clock, FixedDay, today_utc
from tests.bulk.bulk_addresses import ROOT, as_lines, every_address, load_once, run, snapshot_in, wait_for

ENDINGS = [".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet"]


@pytest.fixture(autouse=True)
def _small_chunks_and_a_journal_after_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.service.Service.load", load_once)
    monkeypatch.setattr(bulk_output, "_FLUSH_SECONDS", 0.0)
    monkeypatch.setattr(bulk_input, "_CHUNK_LINES", 10)


@pytest.fixture
def links(tmp_path: Path) -> Path:
    """Four chunks of addresses, listed ones and others alternating; the last chunk is not full."""
    file = tmp_path / "links"
    texts = every_address()
    file.write_bytes(as_lines([text for pair in zip(texts[:18], texts[-18:], strict=True) for text in pair][:35]))
    return file


def checked(links: Path, out: Path, *more: str, clock: Clock = today_utc) -> int:
    return main(["check", "--file", str(links), "--output", str(out), *more], clock=clock)


class Power(Exception):
    """A power cut: nothing after it happens."""


class Moments:
    """Counts the steps that reach the disk, and cuts the power before one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stop_at: int) -> None:
        self.passed, self._stop_at = 0, stop_at
        for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink")):
            monkeypatch.setattr(owner, name, self._watched(getattr(owner, name)))
        monkeypatch.setattr(bulk_output.Output, "_append", self._torn(bulk_output.Output._append))

    def _watched(self, step: Any) -> Any:
        def watched(*args: Any, **options: Any) -> Any:
            self._pass()
            return step(*args, **options)

        return watched

    def _torn(self, append: Any) -> Any:
        def torn(output: Any, data: bytes) -> None:
            if self.passed + 1 >= self._stop_at:
                append(output, data[: len(data) // 2])
            self._pass()
            append(output, data)

        return torn

    def _pass(self) -> None:
        self.passed += 1
        if self.passed >= self._stop_at:
            raise Power


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_run_stopped_at_any_step_and_resumed_gives_the_same_file(tmp_path: Path, links: Path, ending: str) -> None:
    whole, out = tmp_path / f"whole{ending}", tmp_path / f"out{ending}"
    code = checked(links, whole)
    steps = 1
    while True:
        with pytest.MonkeyPatch.context() as patch:
            moments = Moments(patch, steps)
            with suppress(Power):
                checked(links, out)
        if moments.passed < steps:
            break  # the run came to its end
        assert not out.exists() or out.read_bytes() == whole.read_bytes(), "complete or not at all"
        assert checked(links, out, "--resume") == code
        assert out.read_bytes() == whole.read_bytes(), steps
        out.unlink()
        steps += 1
    assert steps > 10, "there were steps to stop at"
    left = {path.name for path in tmp_path.iterdir()} - {"links", whole.name, out.name}
    assert left <= {f"out{ending}.progress.new"}, "nothing is left except an unfinished journal"


@pytest.fixture
def interrupted(tmp_path: Path, links: Path) -> Path:
    """A run that was stopped after two chunks; its file would be ``out.jsonl``."""
    with pytest.MonkeyPatch.context() as patch, suppress(Power):
        Moments(patch, 12)
        checked(links, tmp_path / "out.jsonl", "--lang", "es")
    assert b'"addresses":20' in (tmp_path / "out.jsonl.progress").read_bytes()
    return tmp_path / "out.jsonl"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "continue it with --resume"),
        (["--resume"], "was started with --lang es: do the same again"),
        (["--resume", "--lang", "es", "--task", "pay-bill"], "was started without --task"),
        (["--resume", "--lang", "es", "--context", "tab"], "was started with --context link"),
        (["--resume", "--lang", "es", "--allowlists", "OTHER"], "was started with another list, version"),
    ],
)
def test_another_question_is_refused(
    tmp_path: Path,
    links: Path,
    interrupted: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    other = tmp_path / "other"
    shutil.copytree(ROOT / "allowlists", other, ignore=lambda folder, names: ["ochin.org.yaml"])
    before = journal_of(interrupted)
    assert checked(links, interrupted, *[str(other) if word == "OTHER" else word for word in words]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert says in error
    assert "delete out.jsonl.part and out.jsonl.progress" in error
    assert journal_of(interrupted) == before, "the right question can still resume it"


@pytest.mark.parametrize(
    ("change", "taken", "why"),
    [
        (lambda lines: lines, True, "the same addresses"),
        (lambda lines: [*lines, b"https://a.example/"], True, "the log has grown since"),
        (lambda lines: [b"https://a.example/", *lines[1:]], False, "another first line"),
        (lambda lines: [*lines[:19], b"https://a.example/", *lines[20:]], False, "the last line that was answered"),
        (lambda lines: lines[1:], False, "a missing line"),
        (lambda lines: [b"", *lines], False, "another empty line: the line numbers would be wrong"),
        (lambda lines: lines[:15], False, "it ends too early"),
        (lambda lines: [], False, "it is empty"),
    ],
)
def test_another_input_is_refused(
    links: Path, interrupted: Path, capsys: pytest.CaptureFixture[str], change: Any, taken: bool, why: str
) -> None:
    links.write_bytes(b"".join(line + b"\n" for line in change(links.read_bytes().splitlines())))
    before = journal_of(interrupted)
    code = checked(links, interrupted, "--lang", "es", "--resume")
    printed = capsys.readouterr().err
    assert interrupted.exists() == taken, why
    if taken:
        assert "(20 of them in an earlier run)" in printed
    else:
        assert (code, journal_of(interrupted)) == (2, before), "the right input can still resume it"
        assert "are not those that were answered" in printed


@pytest.mark.parametrize(
    ("before", "code", "why"),
    [
        (
            "_replace",
            2,
            "all lines are answered, but the file is not in its place yet: the input is still compared",
        ),
        ("unlink", 1, "the file is in its place and only its journal is left: this is a new run"),
    ],
)
def test_a_run_cut_short_in_its_last_steps_is_not_resumed_with_another_input(
    tmp_path: Path, links: Path, capsys: pytest.CaptureFixture[str], before: str, code: int, why: str
) -> None:
    """As with a nightly job that always writes to the same name."""
    out, tonight = tmp_path / "out.jsonl", tmp_path / "tonight"
    tonight.write_text("https://a.example/\n")
    with pytest.MonkeyPatch.context() as patch, suppress(Power):
        patch.setattr(bulk_output.Output if before == "_replace" else Path, before, no_power)
        checked(links, out)
    assert checked(tonight, out, "--resume") == code, why
    if code == 1:
        assert b'"host":"a.example"' in out.read_bytes()
    else:
        assert "are not those that were answered" in capsys.readouterr().err
        assert not out.exists()


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(("old_mode", "new_mode"), [(0o600, 0o600), (0o640, 0o640), (0o400, 0o600), (None, 0o604)])
def test_only_those_who_could_read_the_old_file_can_read_the_new_one(
    tmp_path: Path, links: Path, ending: str, old_mode: int | None, new_mode: int
) -> None:
    out = tmp_path / f"out{ending}"
    if old_mode is not None:
        out.touch()
        out.chmod(old_mode)
    umask = os.umask(0o062)
    try:
        with pytest.MonkeyPatch.context() as patch, suppress(Power):
            patch.setattr(bulk_output.Output, "finish", no_power)
            checked(links, out)
        assert out.with_name(f"{out.name}.part").stat().st_mode & 0o777 == new_mode
        checked(links, out, "--resume")
    finally:
        os.umask(umask)
    assert out.stat().st_mode & 0o777 == new_mode


@pytest.mark.parametrize("ending", ENDINGS)
def test_resuming_an_interrupted_run_over_an_empty_input_gives_the_same_file(tmp_path: Path, ending: str) -> None:
    none, out, whole = tmp_path / "none", tmp_path / f"out{ending}", tmp_path / f"whole{ending}"
    none.touch()
    with pytest.MonkeyPatch.context() as patch, suppress(Power):
        patch.setattr(bulk_output.Output, "_replace", no_power)
        patch.setattr(bulk_output.Output, "stop", no_power)
        checked(none, out)
    assert checked(none, out, "--resume") == checked(none, whole)
    assert out.read_bytes() == whole.read_bytes()


def no_power(*args: Any, **options: Any) -> None:
    raise Power


def journal_of(out: Path) -> bytes:
    return out.with_name(f"{out.name}.progress").read_bytes()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda out: out.with_name("out.jsonl.progress").unlink(), "there is no journal of what it holds"),
        (lambda out: out.with_name("out.jsonl.progress").write_bytes(b"{"), "out.jsonl.progress is damaged"),
        (lambda out: out.with_name("out.jsonl.part").write_bytes(b"x"), "is shorter than its journal says"),
    ],
)
def test_damaged_leftovers_are_an_error(
    links: Path, interrupted: Path, capsys: pytest.CaptureFixture[str], damage: Any, says: str
) -> None:
    damage(interrupted)
    assert checked(links, interrupted, "--lang", "es", "--resume") == 2
    assert says in capsys.readouterr().err
    assert not interrupted.exists()


def test_resume_starts_a_run_if_there_is_none_to_resume(tmp_path: Path, links: Path) -> None:
    assert checked(links, tmp_path / "a.jsonl", "--resume") == checked(links, tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_the_whole_file_is_answered_as_of_the_day_it_was_started(links: Path, interrupted: Path) -> None:
    checked(links, interrupted.with_name("whole.jsonl"), "--lang", "es")
    last = interrupted.with_name("whole.jsonl").read_bytes().splitlines()[-20:]
    assert any(b'"verdict":"verified"' in line for line in last), "or the day would make no difference to them"
    when_all_is_overdue = FixedDay(date(2036, 1, 1))
    checked(links, interrupted, "--lang", "es", "--resume", clock=when_all_is_overdue)
    assert interrupted.read_bytes() == interrupted.with_name("whole.jsonl").read_bytes()


def test_two_runs_do_not_write_one_file(links: Path, interrupted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with interrupted.with_name("out.jsonl.part").open("rb+") as part:
        fcntl.flock(part, fcntl.LOCK_EX)
        assert checked(links, interrupted, "--lang", "es", "--resume") == 2
    assert "is being written by another run" in capsys.readouterr().err
    checked(links, interrupted, "--lang", "es", "--resume")
    assert interrupted.exists(), "the lock ends with its process"


# --- real processes --------------------------------------------------------------------------

MANY = 6_000


def test_a_run_killed_several_times_and_resumed_gives_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9, again and again; each run resumes the one before."""
    monkeypatch.undo()  # real chunks, as in the other processes
    links, snapshot = tmp_path / "links.gz", snapshot_in(tmp_path)
    texts = every_address()
    links.write_bytes(gzip.compress(as_lines((texts * (MANY // len(texts) + 1))[:MANY])))
    for ending, jobs, later in ((".jsonl.zst", "2", (0.0, 0.05)), (".parquet", "1", (0.05,))):
        out, whole = tmp_path / f"out{ending}", tmp_path / f"whole{ending}"
        words = ["check", "--allowlists", str(snapshot), "--file", str(links), "--jobs", jobs, "--resume", "--output"]
        done = 0
        for seconds_later in later:
            done = killed(out, done, seconds_later, *words, str(out))
            assert not out.exists()
        last = run(*words, out)
        assert last.returncode == 2, last.stderr
        assert f"({done:,} of them in an earlier run)" in last.stderr.decode()
        assert main([*words, str(whole)]) == 2
        assert out.read_bytes() == whole.read_bytes()
    assert pq.read_metadata(out).num_rows == MANY


def killed(out: Path, done: int, seconds_later: float, *words: str) -> int:
    """Start a run, kill it shortly after its journal has grown, and return the number of addresses in the journal."""
    with subprocess.Popen([sys.executable, "-m", "checker", *words], cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: counted(out) > done)
        time.sleep(seconds_later)
        process.kill()
    return counted(out)


def counted(out: Path) -> int:
    return int(msgspec.json.decode(journal_of(out))["tally"]["addresses"])


def test_a_full_disk_is_an_error_and_the_run_can_be_resumed_once_there_is_room(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: writing fails in the same way."""
    links, out, snapshot = tmp_path / "links", tmp_path / "out.jsonl", snapshot_in(tmp_path)
    links.write_bytes(as_lines(every_address() * 2))
    out.write_text("the answers of yesterday")
    words = ["check", "--allowlists", str(snapshot), "--file", str(links), "--output", str(out)]
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))"
    done = run(*words, code=limit)
    assert done.returncode == 2
    assert b"out.jsonl could not be written: File too large." in done.stderr
    assert b"continue with --resume" in done.stderr
    assert out.read_text() == "the answers of yesterday"
    assert run(*words, "--resume").returncode == 2
    whole = run(*words[:-2], "--json")
    assert out.read_bytes() == whole.stdout
