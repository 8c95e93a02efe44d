"""The metrics of all workers in the answer of any one of them, each series labelled with the worker's number.

Every second each worker writes its metrics to a file of its own; the worker that is scraped reads all the files.
Counting costs a request no more than with a single worker. A restarted worker begins at zero under the same label,
which Prometheus handles as a counter reset.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["WRITE_SECONDS", "WorkerMetrics"]

WRITE_SECONDS = 1


class WorkerMetrics:
    """``folder`` is shared by the workers of one service; ``number`` is this worker's."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._own = folder / f"{number}.prom"

    def write(self, own: bytes) -> None:
        """Publish this worker's metrics. Readers see the old file or the new one, never half of one."""
        new = self._own.with_suffix(".new")
        new.write_bytes(own)
        os.replace(new, self._own)

    def with_others(self, own: bytes) -> bytes:
        """Every worker's series in Prometheus' text format, those of each metric together."""
        with suppress(OSError):
            self.write(own)  # otherwise the next scrape, of another worker, could show lower numbers
        texts = {int(path.stem): path.read_bytes() for path in self._folder.glob("*.prom")}
        texts[int(self._own.stem)] = own
        families: dict[str, list[str]] = {}
        for number, text in sorted(texts.items()):
            for head, series in _families(text.decode()):
                families.setdefault(head, []).extend(_labelled(line, number) for line in series)
        return "".join(f"{head}{''.join(lines)}" for head, lines in families.items()).encode()


def _families(text: str) -> Iterable[tuple[str, list[str]]]:
    """Each metric's HELP and TYPE lines, and its series; all with their line ends."""
    head, series = "", list[str]()
    for line in text.splitlines(keepends=True):
        if line.startswith("# HELP") and head:
            yield head, series
            head, series = "", []
        if line.startswith("#"):
            head += line
        else:
            series.append(line)
    if head:
        yield head, series


def _labelled(series: str, number: int) -> str:
    """The series with ``worker`` as its first label."""
    end = series.index(" ")
    brace = series.find("{", 0, end)
    name, rest = (series[:brace], "," + series[brace + 1 :]) if brace >= 0 else (series[:end], "}" + series[end:])
    return f'{name}{{worker="{number}"{rest}'
