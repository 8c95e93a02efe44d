"""Writes the tables of the benchmarks into the pages of docs/, between their markers."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["BENCHMARKS", "BULK", "CAPACITY", "machine", "publish", "table"]

DOCS = Path(__file__).resolve().parent.parent / "docs"
BENCHMARKS, BULK, CAPACITY = DOCS / "benchmarks.md", DOCS / "bulk.md", DOCS / "capacity.md"


def machine() -> str:
    """The machine, the Python version and the day: the line above every table."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()},"
        f" {datetime.now(UTC):%Y-%m-%d}"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; every column but the first is right-aligned."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def publish(name: str, text: str, page: Path) -> None:
    """Print ``text`` and write it into ``page``, between ``<!-- bench:NAME -->`` and ``<!-- /bench:NAME -->``."""
    print(text, flush=True)
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    old = page.read_text("utf-8")
    new, replaced = re.subn(f"{begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", old, flags=re.DOTALL)
    if replaced != 1:
        raise SystemExit(f"{page.name} must hold {begin} … {end} exactly once; it does so {replaced} times")
    page.write_text(new, "utf-8")
