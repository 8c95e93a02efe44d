"""Puts a benchmark's own output into the README or another page, between its markers."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["machine", "publish", "table"]

README = Path(__file__).resolve().parent.parent / "README.md"


def machine() -> str:
    """Where and when: the sentence above every table."""
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()},"
        f" {datetime.now(UTC):%Y-%m-%d}"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are figures."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def publish(name: str, text: str, page: Path = README) -> None:
    """Print ``text`` and write it into ``page``, between ``<!-- bench:NAME -->`` and ``<!-- /bench:NAME -->``."""
    print(text, flush=True)
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    old = page.read_text("utf-8")
    new, found = re.subn(f"{begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", old, flags=re.DOTALL)
    if found != 1:
        raise SystemExit(f"{page.name} has no place for this table: {begin} … {end}")
    page.write_text(new, "utf-8")
