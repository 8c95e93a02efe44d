"""Many addresses: speed with one process and two, memory for long files, and Spark compared with the command line.

Half of the addresses are listed, half are popular sites that are not; each has one of a few paths. The candidates
take turns and the fastest round counts, the one least disturbed by other programs. A rate is the difference between a
long file and a short one, which leaves start-up out. Run it with ``make bench``. With ``--long`` it takes most of an
hour and measures 1 and 10 million lines, and Spark on 5 million.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.lookalike.corpus import popular
from benchmarks.pages import BULK, machine, publish, table
from checker.core.allowlist import Allowlist
from checker.lists.loader import load_folder
from checker.lists.snapshot import snapshot_of
from checker.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SHORT, LONG, ROUNDS = 10_000, 100_000, 3
MEMORY_LINES = (1_000_000, 10_000_000)
SPARK_ROWS = 5_000_000
BLOCK = 100_000
"""Distinct addresses; longer files repeat them."""
PATHS = ("", "login", "MyChart/Authentication/Login?mode=std", "news/2026/11/22/a-long-title", "a/b?c=d&e=f")


def sample(allowlist: Allowlist) -> list[str]:
    """Listed and popular addresses in turn, from all hosts; always the same ones."""
    chance = random.Random(7)
    listed, unlisted = sorted(allowlist.hosts), popular(allowlist)
    chance.shuffle(unlisted)
    hosts = (next(kind) for kind in cycle((cycle(listed), cycle(f"www.{domain}" for domain in unlisted))))
    return [f"https://{host}/{chance.choice(PATHS)}" for host in islice(hosts, BLOCK)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--long", action="store_true", help="measure the long files and Spark instead")
    long = options.parse_args().long
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        allowlist = load_folder(Settings().allowlists)
        snapshot = folder / "list.snapshot"
        snapshot.write_bytes(snapshot_of(allowlist, None))
        bench = Bench(folder, snapshot, sample(allowlist))
        if long:
            publish("bulk-long", f"{machine()}; each measured once.\n\n{bench.memory()}\n\n{bench.spark()}", BULK)
        else:
            heading = (
                f"{machine()}; fastest of {ROUNDS} rounds, taking turns; {LONG:,} addresses, start-up not counted."
            )
            publish("bulk", f"{heading}\n\n{bench.speed()}", BULK)


class Bench:
    """Runs the command on files of any length."""

    def __init__(self, folder: Path, snapshot: Path, block: list[str]) -> None:
        self._folder, self._snapshot, self._block = folder, snapshot, block

    def speed(self) -> str:
        """Addresses a second, for each output format and number of processes."""
        short, long = self._file(SHORT), self._file(LONG)
        cases = [(ending, jobs) for ending in (".parquet", ".jsonl", ".jsonl.gz") for jobs in (1, 2)]
        times: dict[tuple[str, int], list[tuple[float, float]]] = {case: [] for case in cases}
        for _ in range(ROUNDS):
            for case in cases:
                times[case].append((self._check(short, *case), self._check(long, *case)))
        fastest = {case: [min(of_size) for of_size in zip(*rounds, strict=True)] for case, rounds in times.items()}
        rates = {case: (LONG - SHORT) / (most - least) for case, (least, most) in fastest.items()}
        rows = [
            (f"`{ending}`, {jobs} process{'es' * (jobs > 1)}", f"{rate:,.0f}", f"{rate / rates[ending, 1]:.2f} ×")
            for (ending, jobs), rate in rates.items()
        ]
        return table(("written", "addresses a second", "of one process"), rows)

    def memory(self) -> str:
        """Peak memory of all processes together."""
        rows = []
        for lines in MEMORY_LINES:
            file, watch = self._file(lines), Watch()
            seconds = self._check(file, ".parquet", 2, watch)
            rows.append((f"{lines:,}", f"{watch.peak_mib:,.0f} MiB", f"{seconds:,.0f} s"))
            file.unlink()
        return table(("lines, 2 processes, `.parquet`", "memory of all processes", "time"), rows)

    def spark(self) -> str:
        """The same rows with Spark and with the command; start-up is separate on both sides."""
        links = self._folder / "links.parquet"
        with pq.ParquetWriter(links, pa.schema({"line": pa.int64(), "url": pa.string()})) as writer:
            for start in range(0, SPARK_ROWS, BLOCK):
                lines = range(start + 1, start + BLOCK + 1)
                writer.write_table(pa.table({"line": lines, "url": self._block}))
        command = [
            sys.executable,
            *map(str, (ROOT / "tests/bulk/spark_job.py", links, self._snapshot, self._folder / "spark")),
        ]
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=self._folder, env=environ, check=True, stdout=subprocess.PIPE)
        spark = json.loads(done.stdout)
        start_up = self._check(self._file(1000), ".parquet", 2)
        alone = self._check(self._file(SPARK_ROWS), ".parquet", 2) - start_up
        rows = [
            ("`portalcheck check --jobs 2`", f"{start_up:.1f} s", f"{alone:,.0f} s", "1.00 ×"),
            (
                "Spark `local[2]`",
                f"{spark['start']:.1f} s",
                f"{spark['work']:,.0f} s",
                f"{spark['work'] / alone:.2f} ×",
            ),
        ]
        return table((f"{SPARK_ROWS:,} rows", "start-up", "work", "of the command"), rows)

    def _file(self, lines: int) -> Path:
        path = self._folder / f"{lines}.txt"
        block = "".join(f"{address}\n" for address in self._block)
        with path.open("w") as file:
            for _ in range(lines // BLOCK):
                file.write(block)
            file.writelines(f"{address}\n" for address in self._block[: lines % BLOCK])
        return path

    def _check(self, file: Path, ending: str, jobs: int, watch: Watch | None = None) -> float:
        """Seconds for one run, start-up included."""
        out = self._folder / f"out{ending}"
        words = [
            *("check", "--allowlists", str(self._snapshot), "--file", str(file)),
            "--jobs",
            str(jobs),
            "--output",
            str(out),
        ]
        start = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "checker", *words], cwd=ROOT, stderr=subprocess.DEVNULL
        ) as process:
            while watch is not None and process.poll() is None:
                watch.look(process.pid)
                time.sleep(0.2)
        assert process.returncode == 1
        return time.perf_counter() - start


class Watch:
    """Tracks the peak resident memory of a process and its descendants; Linux only."""

    def __init__(self) -> None:
        self.peak_mib = 0.0

    def look(self, pid: int) -> None:
        self.peak_mib = max(self.peak_mib, sum(_resident_kib(each) for each in _family(pid)) / 1024)


def _family(pid: int) -> Iterator[int]:
    yield pid
    children = Path(f"/proc/{pid}/task/{pid}/children")
    for child in (children.read_text() if children.exists() else "").split():
        yield from _family(int(child))


def _resident_kib(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # the process has just ended
    resident = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(resident[0].split()[1]) if resident else 0


if __name__ == "__main__":
    main()
