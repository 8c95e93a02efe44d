"""Worker processes: whatever ends one of them, or the main process, the run ends at once and can be resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bulk.bulk_addresses import ROOT, as_lines, every_address, run, snapshot_in, wait_for


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A run with two workers, of about a second."""
    links = tmp_path / "links"
    links.write_bytes(as_lines(every_address() * 8))
    inputs = ["--allowlists", str(snapshot_in(tmp_path)), "--file", str(links)]
    return ["check", *inputs, "--jobs", "2", "--output", str(tmp_path / "out.jsonl")]


@contextmanager
def running(words: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """The run, in a session of its own; nothing of it outlives the test."""
    command = [sys.executable, "-W", "error", "-m", "checker", *words]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            yield process
        finally:
            for pid in alive(process.pid):
                os.kill(pid, signal.SIGKILL)


def alive(session: int, kind: str = "") -> list[int]:
    """The processes of a session whose command contains ``kind``, without zombies."""
    return [int(pid) for pid, state, command in listed(session) if state[0] != "Z" and kind in command]


def listed(session: int) -> list[list[str]]:
    """Of each process: its number, state and command."""
    command = ["ps", "-ww", "-o", "pid=,stat=,args=", "-g", str(session)]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return [line.split(maxsplit=2) for line in lines]


def workers(session: int) -> list[int]:
    return alive(session, "spawn_main")


def started(process: subprocess.Popen[bytes], out: Path) -> bool:
    """The workers are there, and still load what they need."""
    return len(workers(process.pid)) == 2


def at_work(process: subprocess.Popen[bytes], out: Path) -> bool:
    return out.with_name("out.jsonl.part").stat().st_size > 0


def in_the_middle_of_an_answer(process: subprocess.Popen[bytes], out: Path) -> bool:
    """The main process is stopped, so that the workers wait while their answers are half written."""
    if not at_work(process, out):
        return False
    os.kill(process.pid, signal.SIGSTOP)
    wait_for(lambda: all(state[0] == "S" for _, state, command in listed(process.pid) if "spawn_main" in command))
    return True


Moment = Callable[[subprocess.Popen[bytes], Path], bool]


@pytest.mark.parametrize("moment", [started, at_work, in_the_middle_of_an_answer])
def test_a_killed_worker_ends_the_run_which_can_be_resumed(tmp_path: Path, words: list[str], moment: Moment) -> None:
    out = tmp_path / "out.jsonl"
    with running(words) as process:
        wait_for(lambda: moment(process, out))
        os.kill(workers(process.pid)[0], signal.SIGKILL)
        os.kill(process.pid, signal.SIGCONT)
        _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert b"A worker process was killed" in err
    assert b"Traceback" not in err
    assert (b"continue with --resume" in err) == out.with_name("out.jsonl.part").exists()
    done = run(*words, "--resume")
    assert done.returncode == 2, done.stderr
    assert len(out.read_bytes().splitlines()) == 8 * len(every_address())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("moment", [started, at_work])
def test_ctrl_c_and_sigterm_stop_all_processes_and_keep_what_is_done(
    tmp_path: Path, words: list[str], number: signal.Signals, moment: Moment
) -> None:
    out = tmp_path / "out.jsonl"
    with running(words) as process:
        wait_for(lambda: moment(process, out))
        os.killpg(process.pid, number)
        _, err = process.communicate(timeout=20)
        wait_for(lambda: not alive(process.pid))
    assert process.returncode == 2
    assert b"Traceback" not in err
    assert b"Stopped." in err
    assert (b"continue with --resume" in err) == (moment is at_work)
    assert not out.exists()


@pytest.mark.parametrize("moment", [started, at_work])
def test_workers_end_with_the_main_process(tmp_path: Path, words: list[str], moment: Moment) -> None:
    with running(words) as process:
        wait_for(lambda: moment(process, tmp_path / "out.jsonl"))
        process.kill()
        _, err = process.communicate(timeout=20)  # the workers hold the other end, too
        wait_for(lambda: not alive(process.pid))
    assert b"Traceback" not in err
