"""docs/capacity.md: its computed tables follow from its measured row and its assumptions."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import bench_capacity as capacity

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "capacity.md").read_text("utf-8")


def block(name: str) -> str:
    """A block that a benchmark wrote."""
    return PAGE.partition(f"<!-- bench:{name} -->\n")[2].partition(f"\n<!-- /bench:{name} -->")[0]


def test_what_users_cost_follows_from_the_most_expensive_row() -> None:
    cells = [cell.strip() for cell in block("cost").splitlines()[-1].strip("|").split("|")]
    microseconds, kilobytes = float(cells[1].removesuffix(" µs")), float(cells[3].removesuffix(" kB"))
    assert block("users") == capacity.plans(microseconds, kilobytes)


def test_what_a_billion_addresses_cost_follows_from_what_one_process_did() -> None:
    assert block("bulk") == capacity.bulk(capacity.bulk_rate((DOCS / "bulk.md").read_text("utf-8")))


@pytest.mark.parametrize(
    ("stated", "used"),
    [
        ("checks per active user and day that reach the service | 2 |", capacity.CHECKS_A_DAY == 2),
        ("in its busiest hour | 15 % |", capacity.BUSIEST_HOUR == 0.15),
        ("relative to its mean | 5 × |", capacity.SPIKE == 5),
        ("of a replica with one core | 50 % |", capacity.PLANNED_LOAD == 0.5),
        ("so that one can fail | 2 |", capacity.FEWEST_REPLICAS == 2),
        ("a core with 2 GiB, per hour | $0.04 |", capacity.CORE_HOUR == 0.04),
        ("sent to the internet | $0.09 |", capacity.GIGABYTE_OUT == 0.09),
        ("730 hours and 30.4 days", (capacity.HOURS_A_MONTH, capacity.DAYS_A_MONTH) == (730, 30.4)),
    ],
)
def test_every_assumption_is_the_one_that_is_used(stated: str, used: bool) -> None:
    assert stated in PAGE
    assert used


def test_a_plan_computed_by_hand() -> None:
    """10 million users, two checks each: a mean of 833 per second in the busiest hour, five times that at worst."""
    plan = capacity.plan(10_000_000, microseconds=200.0, kilobytes=3.0)
    assert round(plan.per_second) == 4167
    assert round(plan.cores, 3) == 0.833
    assert plan.replicas == 2
    assert round(plan.replicas_month, 2) == 58.4
    assert round(plan.gigabytes) == 1824
