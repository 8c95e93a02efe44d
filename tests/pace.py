"""How long the tests will take, from how long they took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

__all__ = ["forecast"]

SECONDS = {
    "tests/browser": 0.9,
    "tests/extension": 2.0,
    "tests/bulk/test_bulk_files.py": 0.4,
    "tests/bulk/test_bulk_resume.py": 0.4,
    "tests/bulk/test_bulk_spark.py": 15.0,
    "tests/cli/test_cli_allowlist.py": 0.2,
    "tests/deploy/test_deploy.py": 0.5,
    "tests/web/test_faults.py": 3.0,
    "tests/web/test_limits.py": 0.4,
    "tests/web/test_reload.py": 0.7,
    "tests/reports/test_reports.py": 0.3,
    "tests/test_tools.py": 0.3,
    "tests/deploy/test_topology.py": 2.5,
    "tests/web/test_workers.py": 1.5,
}
"""What a test there takes on a machine with two cores and nothing else to do; the slow parts only."""
ELSEWHERE = 0.03
WORTH_TELLING = 45


def forecast(paths: Iterable[Path]) -> str:
    """One line about tests in these files: how many they are, and for how long; the slowest parts by name."""
    parts = Counter(next((part for part in SECONDS if path.is_relative_to(part)), "") for path in paths)
    takes = {part: count * SECONDS.get(part, ELSEWHERE) for part, count in parts.items()}
    slow = sorted((part for part in takes if part and takes[part] >= WORTH_TELLING), key=takes.__getitem__)[::-1]
    told = ", ".join(f"{part} {_time(takes[part])}" for part in slow)
    whole = f"{_count(parts.total(), 'test')}, {_time(sum(takes.values()))} on two idle cores"
    return f"{whole} ({told})." if told and len(parts) > 1 else f"{whole}."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _time(seconds: float) -> str:
    if seconds < WORTH_TELLING:
        return "less than a minute"
    return f"about {_count(round(seconds / 60), 'minute')}"
