"""The service: start-up time and memory, HTTP compared with a bare app, and lists of 1,000 to 100,000 portals.

HTTP is measured with wrk (Debian package ``wrk``); the servers take turns in short rounds, so that a busy machine
slows all of them alike. Each made-up list is measured in its own process. Run it with ``make bench``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, date, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.pages import BENCHMARKS, machine, publish, table
from checker.core.allowlist import Allowlist, Evidence, Operator, Policy, Portal
from checker.core.check import Checker
from checker.lists.canaries import read_canaries
from checker.lists.loader import content_version, load_folder
from checker.lists.snapshot import read_snapshot, snapshot_of
from checker.lists.suffixes import suffix_splitter
from checker.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
QUESTION = json.dumps({"url": "https://mychart.clevelandclinic.org/"})
STARTS = 5
ROUNDS = 15
CONNECTIONS = 32
SIZES = (1_000, 10_000, 100_000)
"""Portals of the made-up lists."""
PATIENCE = 60.0
CALLS = 200

Rows = list[tuple[str, ...]]


# --- start, memory ---------------------------------------------------------------------------


PORTALCHECK = ("checker", "serve")
BARE = ("granian", "benchmarks.bare:app", *"--interface asgi --http 1 --no-ws --log-level error".split())
"""The bare app on the same server."""


@contextmanager
def serving(program: tuple[str, ...], workers: int = 1, **settings: str) -> Iterator[tuple[int, int]]:
    """Run one of the two on a free port; yields the process id of its supervisor and the port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", *program, "--port", str(port), "--workers", str(workers)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTALCHECK_")}
    with subprocess.Popen(
        command, cwd=ROOT, env=environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process.pid, port
        finally:
            process.terminate()


def first_answer(port: int) -> bytes:
    """The answer to the check, asked until the server is up."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with closing(HTTPConnection("127.0.0.1", port)) as connection:
                connection.request("POST", "/api/v1/check", QUESTION, {"content-type": "application/json"})
                return connection.getresponse().read()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


def worker_of(supervisor: int) -> int:
    """The process id of the only worker: the largest process below ``supervisor``. Linux only."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    return max(map(int, children), key=resident_mib)


def resident_mib(pid: int) -> float:
    """Resident memory of a process; Linux only."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def starts(lists: dict[str, Path], database: str) -> Rows:
    """Seconds from start to first answer, and the memory at that point, for each form of today's list."""
    seconds: dict[str, list[float]] = {name: [] for name in lists}
    memory: dict[str, float] = {}
    for _ in range(STARTS):
        for name, path in lists.items():
            began = time.perf_counter()
            with serving(PORTALCHECK, PORTALCHECK_ALLOWLISTS=str(path), PORTALCHECK_DATABASE_URL=database) as (
                pid,
                port,
            ):
                first_answer(port)
                seconds[name].append(time.perf_counter() - began)
                memory[name] = resident_mib(worker_of(pid))
    return [(name, f"{statistics.median(seconds[name]):.2f} s", f"{memory[name]:.0f} MiB") for name in lists]


# --- HTTP ------------------------------------------------------------------------------------


class Measured(NamedTuple):
    """One round of wrk; latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float


def wrk(port: int, script: Path) -> Measured:
    """Send checks for one second, as fast as they are answered. Raises AssertionError unless all get status 200."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "-d1s", "--latency", "-s", str(script)]
    output = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/api/v1/check"], capture_output=True, text=True, check=True
    ).stdout
    assert "Non-2xx" not in output, output
    unit = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    times = {part: float(value) * unit[of] for part, value, of in re.findall(r"(\d\d)%\s+([\d.]+)(us|ms|s)\b", output)}
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert rate is not None, output
    return Measured(float(rate[1]), times["50"], times["99"])


def http(folder: Path, database: str) -> Rows:
    """Checks over HTTP, compared with a bare app, with one worker and with two."""
    script, answer = folder / "check.lua", folder / "answer.json"
    script.write_text(
        f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = {json.dumps(QUESTION)}\n'
    )
    rounds: dict[str, list[Measured]] = {}
    with ExitStack() as stack:
        ports: dict[str, int] = {}
        for workers in (1, 2):
            for name, program in (("portalcheck", PORTALCHECK), ("bare", BARE)):
                _, port = stack.enter_context(
                    serving(program, workers, BARE_ANSWER=str(answer), PORTALCHECK_DATABASE_URL=database)
                )
                answer.write_bytes(first_answer(port))
                ports[f"{name}, {workers} worker{'s' * (workers > 1)}"] = port
        for _ in range(ROUNDS):
            for name, port in ports.items():
                rounds.setdefault(name, []).append(wrk(port, script))
    rows = []
    for name, measured in rounds.items():
        bare = rounds[name.replace("portalcheck", "bare")]
        one = rounds[name.replace("2 workers", "1 worker")]
        rows.append(
            (
                name,
                f"{statistics.median(row.per_second for row in measured):,.0f}",
                f"{statistics.median(a.per_second / b.per_second for a, b in zip(measured, bare, strict=True)):.2f}",
                f"{statistics.median(a.per_second / b.per_second for a, b in zip(measured, one, strict=True)):.2f}",
                f"{statistics.median(row.p50 for row in measured):.1f} ms",
                f"{statistics.median(row.p99 / row.p50 for row in measured):.1f}",
            )
        )
    return rows


# --- growth ----------------------------------------------------------------------------------


def made_up(portals: int) -> Allowlist:
    """A list of ``portals`` portals: ten for each operator, as five hosts with two mounts each."""
    operators = []
    for number in range(portals // 10):
        word = "".join(_SYLLABLES[number // len(_SYLLABLES) ** place % len(_SYLLABLES)] for place in range(3))
        domain, name = f"{word}health{number}.org", f"{word.title()} Health {number}"
        evidence = (Evidence("operator-site", f"https://www.{domain}/patients", "2026-10"),)
        sites = tuple(
            Portal(f"{host}.{domain}", mount, name, (f"{name} {mount}",), evidence, date(2027, 10, 1), country="US")
            for host in ("mychart", "portal", "my", "patient", "login")
            for mount in ("/", "/MyChart/")
        )
        operators.append(Operator(domain, name, sites))
    operators.sort(key=lambda operator: operator.domain)
    version = content_version(tuple(operators), (), (), Policy())
    return Allowlist(operators, split_host=suffix_splitter(), version=version)


_SYLLABLES = "ba be bo da de di do fa fe ga go ha hi ka ke ki la le li lo ma me mi mo na ne no pa pe ra re ro".split()


def grown(size: int) -> None:
    """Measure a made-up list in this process; print the row as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.snapshot"
        subprocess.run([sys.executable, __file__, "write", str(size), str(path)], check=True, cwd=ROOT)
        began = time.perf_counter()
        allowlist, _ = read_snapshot(path)
        loaded = time.perf_counter()
        checker = Checker(allowlist)
        indexed = time.perf_counter()
    today = datetime.now(UTC).date()

    def each(text: str) -> float:
        times = []
        for _ in range(CALLS):
            start = time.perf_counter()
            checker.check(text, today=today)
            times.append(time.perf_counter() - start)
        return statistics.median(times) * 1e6

    row = (
        f"{len(allowlist.portals):,}",
        f"{loaded - began:.2f} s",
        f"{indexed - began:.2f} s",
        f"{resident_mib(os.getpid()):.0f} MiB",
        f"{each(f'https://mychart.{allowlist.operators[size // 20].domain}/'):.0f} µs",
        f"{each('https://www.wikipedia.org/wiki/Portal'):.0f} µs",
        f"{each(f'https://mychart.{allowlist.operators[size // 20].domain}.example/'):.0f} µs",
    )
    print(json.dumps(row))


def growth() -> Rows:
    """Time and memory for lists of each size, each in its own process."""
    rows = []
    for size in SIZES:
        done = subprocess.run(
            [sys.executable, __file__, "grow", str(size)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        rows.append(tuple(json.loads(done.stdout)))
    return rows


# --- all of it -------------------------------------------------------------------------------


def main() -> None:
    """Measure, print, and write the tables."""
    parts = [f"{machine()}; medians, taking turns."]
    folder = Settings().allowlists
    with tempfile.TemporaryDirectory() as temp:
        database = f"sqlite:///{temp}/reports.db"
        snapshot = Path(temp) / "list.snapshot"
        snapshot.write_bytes(snapshot_of(load_folder(folder), read_canaries(folder)))
        rows = starts({"YAML": folder, "snapshot": snapshot}, database)
        parts.append(table(("today's list", "start to first answer", "memory of the worker"), rows))
        if shutil.which("wrk"):
            head = (
                f"`POST /api/v1/check`, {CONNECTIONS} connections",
                "per second",
                "of bare",
                "of one worker",
                "p50",
                "p99 / p50",
            )
            parts.append(table(head, http(Path(temp), database)))
        else:
            print("HTTP was not measured, because wrk is missing. Install it: apt-get install wrk", file=sys.stderr)
    head = ("portals, from a snapshot", "list", "with index", "memory", "listed", "unlisted", "imitation")
    parts.append(table(head, growth()))
    publish("service", "\n\n".join(parts), BENCHMARKS)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write", size, path]:
            Path(path).write_bytes(snapshot_of(made_up(int(size)), None))
        case ["grow", size]:
            grown(int(size))
        case _:
            main()
