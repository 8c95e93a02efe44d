"""The metrics of all workers in the answer of any of them, each series with the worker's number.

A worker writes its metrics to a file of its own every second, and whoever is scraped reads the files of all.
So counting costs a request nothing more than with one worker, and a worker that is replaced begins at zero under
its own label, which Prometheus takes for what it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

__all__ = ["WRITE_SECONDS", "WorkerMetrics"]

WRITE_SECONDS = 1


class WorkerMetrics:
    """``folder`` is shared by the workers of one service; ``number`` is this one's."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._own = folder / f"{number}.prom"

    def write(self, own: bytes) -> None:
        """Let the others know. Readers find the old file or the new one, never half of one."""
        new = self._own.with_suffix(".new")
        new.write_bytes(own)
        os.replace(new, self._own)

    def with_others(self, own: bytes) -> bytes:
        """Prometheus' text format with every worker's series, those of each metric together."""
        with suppress(OSError):
            self.write(own)  # or else the next to be scraped would tell less than this one
        told = {int(path.stem): path.read_bytes() for path in self._folder.glob("*.prom")}
        told[int(self._own.stem)] = own
        families: dict[str, list[str]] = {}
        for number, text in sorted(told.items()):
            for head, series in _families(text.decode()):
                families.setdefault(head, []).extend(_labelled(line, number) for line in series)
        return "".join(f"{head}{''.join(lines)}" for head, lines in families.items()).encode()


def _families(text: str) -> Iterable[tuple[str, list[str]]]:
    """Each metric's HELP and TYPE, and its series; all lines with their end."""
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
