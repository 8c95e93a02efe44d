"""Processor time of a check, and what follows from it for many users: the tables of docs/capacity.md.

Processor time is measured, of the service's process alone, without the load generator. Everything else is computed
from it and the assumptions below; it has not been tried. Run it with ``make bench``.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from math import ceil
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.bench_service import PORTALCHECK, first_answer, resident_mib, serving, worker_of
from benchmarks.lookalike.corpus import popular
from benchmarks.pages import BULK, CAPACITY, machine, publish, table
from checker.lists.loader import load_folder
from checker.settings import Settings
from tests import redis_server

ROUNDS = 5
SECONDS = 2
CLIENTS = 5_000
DISTINCT = 1_000

CHECKS_A_DAY = 2
BUSIEST_HOUR = 0.15
SPIKE = 5
PLANNED_LOAD = 0.5
FEWEST_REPLICAS = 2
CORE_HOUR = 0.04
GIGABYTE_OUT = 0.09
HOURS_A_MONTH = 730
DAYS_A_MONTH = 30.4
USERS = (1_000, 100_000, 10_000_000)
ADDRESSES = 1_000_000_000
CORES = (2, 32, 256)

_SCRIPT = """
local bodies, n = {%s}, 0
request = function()
  n = n + 1
  local headers = {["Content-Type"] = "application/json",
                   ["X-Forwarded-For"] = string.format("10.0.%%d.%%d", (n %% %d) / 250, n %% 250)}
  return wrk.format("POST", "/api/v1/check", headers, bodies[n %% #bodies + 1])
end
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a number of active users needs. ``per_second`` is for the worst seconds of the busiest hour."""

    users: int
    per_second: float
    cores: float
    replicas: int
    replicas_month: float
    gigabytes: float
    traffic_month: float


def plan(users: int, microseconds: float, kilobytes: float) -> Plan:
    """The arithmetic of docs/capacity.md, from the processor time and the traffic of one check."""
    checks = users * CHECKS_A_DAY
    per_second = checks * BUSIEST_HOUR / 3600 * SPIKE
    cores = per_second * microseconds / 1e6
    replicas = max(FEWEST_REPLICAS, ceil(cores / PLANNED_LOAD))
    gigabytes = checks * DAYS_A_MONTH * kilobytes / 1e6
    return Plan(
        users,
        per_second,
        cores,
        replicas,
        replicas * HOURS_A_MONTH * CORE_HOUR,
        gigabytes,
        gigabytes * GIGABYTE_OUT,
    )


def plans(microseconds: float, kilobytes: float) -> str:
    """The table for users of the service."""
    head = (
        "active users",
        "checks a second, at worst",
        "cores busy then",
        "replicas",
        "$ a month",
        "traffic",
        "$ for it",
    )
    rows = [
        (
            f"{p.users:,}",
            f"{p.per_second:,.1f}",
            f"{p.cores:.3f}",
            f"{p.replicas}",
            f"{p.replicas_month:,.0f}",
            f"{p.gigabytes:,.1f} GB",
            f"{p.traffic_month:,.2f}",
        )
        for p in (plan(users, microseconds, kilobytes) for users in USERS)
    ]
    return table(head, rows)


def bulk(addresses_a_second: float) -> str:
    """The table for a billion addresses, assuming that speed grows with the number of cores."""
    core_hours = ADDRESSES / addresses_a_second / 3600
    rows = [(f"{cores}", f"{core_hours / cores:,.2f} h", f"{core_hours * CORE_HOUR:.2f}") for cores in CORES]
    return table(("cores", "a billion addresses", "$"), rows)


# --- measuring -------------------------------------------------------------------------------


def script_of(urls: list[str]) -> str:
    """A script for wrk: each address in turn, from one client after the other."""
    bodies = ", ".join(f'\'{{"url": "{url}"}}\'' for url in urls)
    return _SCRIPT % (bodies, CLIENTS)


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used so far; Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(pid: int, port: int, script: Path) -> tuple[float, float]:
    """Microseconds of processor time and kilobytes sent for one check, under full load for a short time."""
    before = processor_seconds(pid)
    command = ["wrk", "-t1", "-c32", f"-d{SECONDS}s", "-s", str(script), f"http://127.0.0.1:{port}"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in output, output
    totals = re.search(r"(\d+) requests in [\d.]+s, ([\d.]+)([KMG])B read", output)
    assert totals is not None, output
    requests = int(totals[1])
    kilobytes = float(totals[2]) * {"K": 1.0, "M": 1024.0, "G": 1024.0**2}[totals[3]] * 1.024 / requests
    return (processor_seconds(pid) - before) / requests * 1e6, kilobytes


def measured(folder: Path) -> tuple[list[tuple[str, ...]], float, float]:
    """The measured rows, and the microseconds and kilobytes of the most expensive kind of check."""
    allowlist = load_folder(Settings().allowlists)
    chance = random.Random(11)
    listed = [f"https://{host}/" for host in chance.sample(sorted(allowlist.hosts), 500)]
    unlisted = [f"https://www.{domain}/" for domain in chance.sample(popular(allowlist), DISTINCT)]
    half = [url for pair in zip(listed, unlisted, strict=False) for url in pair]
    scripts: dict[str, Path] = {}
    for name, urls in (("listed", listed), ("half", half)):
        scripts[name] = folder / f"{name}.lua"
        scripts[name].write_text(script_of(urls))
    behind_proxy = {"PORTALCHECK_TRUSTED_PROXIES": "127.0.0.1", "PORTALCHECK_LIMIT_CLIENT": "1000000/minute"}
    with redis_server.running() as redis, ExitStack() as stack:
        kinds = {
            "a listed portal, no limits": ("listed", {"PORTALCHECK_LIMIT_CLIENT": "off"}),
            "half listed, half popular and not listed, no limits": ("half", {"PORTALCHECK_LIMIT_CLIENT": "off"}),
            f"the same, {CLIENTS:,} clients counted in the process": ("half", behind_proxy),
            "the same, counted in Redis": ("half", behind_proxy | {"PORTALCHECK_LIMITS_URL": redis.url}),
        }
        served: dict[str, tuple[int, int]] = {}
        for name, (_, settings) in kinds.items():
            database = f"sqlite:///{folder}/reports.db"
            pid, port = stack.enter_context(serving(PORTALCHECK, PORTALCHECK_DATABASE_URL=database, **settings))
            first_answer(port)
            served[name] = worker_of(pid), port
        rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
        for _ in range(ROUNDS):
            for name, (pid, port) in served.items():
                rounds[name].append(load(pid, port, scripts[kinds[name][0]]))
        rows = []
        for name, (pid, _) in served.items():
            microseconds = statistics.median(row[0] for row in rounds[name])
            kilobytes = statistics.median(row[1] for row in rounds[name])
            a_second = f"{1e6 / microseconds:,.0f}"
            rows.append(
                (name, f"{microseconds:.0f} µs", a_second, f"{kilobytes:.2f} kB", f"{resident_mib(pid):.0f} MiB")
            )
    return rows, round(microseconds), round(kilobytes, 2)


def bulk_rate(text: str) -> float:
    """Addresses a second with one process, as measured in docs/bulk.md."""
    rate = re.search(r"\| `\.parquet`, 1 process \| ([\d,]+) \|", text)
    assert rate is not None, "run benchmarks/bench_bulk.py first"
    return float(rate[1].replace(",", ""))


def main() -> None:
    """Measure, compute, and write the tables."""
    with tempfile.TemporaryDirectory() as folder:
        rows, microseconds, kilobytes = measured(Path(folder))
    head = ("`POST /api/v1/check`", "processor time", "a second and core", "sent", "memory then")
    publish("cost", f"{machine()}; medians of {ROUNDS} rounds, taking turns.\n\n{table(head, rows)}", CAPACITY)
    publish("users", plans(microseconds, kilobytes), CAPACITY)
    publish("bulk", bulk(bulk_rate(BULK.read_text("utf-8"))), CAPACITY)


if __name__ == "__main__":
    main()
