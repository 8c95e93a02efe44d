"""How far a long run is, for the person who watches it, and its totals."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

import click
import msgspec

from checker.bulk.input import Chunk

__all__ = ["Answered", "Show", "Tally", "closing_line", "meter"]


class Show(Protocol):
    """Moves a progress bar to ``done``, with a note beside it. Draws nothing if ``done`` is where it was."""

    def __call__(self, done: int, note: str | None = None) -> None: ...


class Answered(NamedTuple):
    """The answers to a chunk: the bytes to append, and the number of each outcome."""

    data: bytes
    verified: int
    warnings: int
    unreadable: int


class Tally(msgspec.Struct, frozen=True):
    """What has been answered so far: totals by outcome, and ``lines``, the input's line number reached."""

    addresses: int = 0
    verified: int = 0
    warnings: int = 0
    unreadable: int = 0
    lines: int = 0

    def plus(self, chunk: Chunk, answers: Answered) -> Tally:
        """The tally with another chunk added."""
        return Tally(
            self.addresses + len(chunk.lines),
            self.verified + answers.verified,
            self.warnings + answers.warnings,
            self.unreadable + answers.unreadable,
            chunk.numbers[-1],
        )


@contextmanager
def meter(label: str, total: int | None, *, hidden: bool = False) -> Iterator[Show]:
    """A progress bar on standard error, shown only if that is a terminal; yields the function that moves it.

    ``total``: what ``done`` reaches at the end, in bytes or in things; None if it is unknown, as for a pipe. Files are
    read in large blocks, so ``done`` moves, and the bar is drawn, only now and then.
    """
    with click.progressbar(
        itertools.repeat(""),  # click wants a length or an iterable; this one is never read
        length=total,
        label=label,
        item_show_func=lambda note: note,
        file=sys.stderr,
        hidden=hidden or not sys.stderr.isatty(),
    ) as bar:
        yield lambda done, note=None: bar.update(done - bar.pos, note)


def closing_line(tally: Tally, seconds: float, before: int = 0) -> str:
    """The last line of a run: ``3 addresses in 0.1 s: 1 verified, 1 warnings, 1 unreadable.``

    ``before``: the addresses that an earlier, interrupted run answered.
    """
    earlier = f" ({before:,} of them in an earlier run)" if before else ""
    return (
        f"{tally.addresses:,} addresses{earlier} in {seconds:,.1f} s: {tally.verified:,} verified,"
        f" {tally.warnings:,} warnings, {tally.unreadable:,} unreadable."
    )
