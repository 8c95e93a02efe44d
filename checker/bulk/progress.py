"""How far a check of many addresses is, for whoever watches; and what came of it."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import NamedTuple

import msgspec

from checker.bulk.input import Chunk, Source

__all__ = ["Answered", "Meter", "Tally", "summary"]

_BETWEEN = 0.2
"""Seconds between two pictures."""


class Answered(NamedTuple):
    """The answers to a chunk: the bytes to append, and how many came out how."""

    data: bytes
    verified: int
    warnings: int
    unreadable: int


class Tally(msgspec.Struct, frozen=True):
    """What has been answered so far: how many, how, and up to which line of the input."""

    addresses: int = 0
    verified: int = 0
    warnings: int = 0
    unreadable: int = 0
    lines: int = 0

    def with_(self, chunk: Chunk, answers: Answered) -> Tally:
        """The tally with another chunk in it."""
        return Tally(
            self.addresses + len(chunk.lines),
            self.verified + answers.verified,
            self.warnings + answers.warnings,
            self.unreadable + answers.unreadable,
            chunk.numbers[-1],
        )


class Meter:
    """One line on the terminal, written over and over: addresses, how many a second, how much of the file.

    Where standard error is no terminal, or the answers themselves go to one, nothing is shown.
    ``before``: addresses that an earlier run has answered, which say nothing about this one's speed.
    """

    def __init__(self, source: Source, before: int = 0, *, to_stdout: bool = False) -> None:
        self._source = source
        self._before = before
        self._watched = sys.stderr.isatty() and not (to_stdout and sys.stdout.isatty())
        self._start = self._last = time.monotonic()
        self._width = 0

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._draw("")

    def show(self, addresses: int) -> None:
        """Say how far it is, if it is time to."""
        now = time.monotonic()
        if self._watched and now - self._last >= _BETWEEN:
            self._last = now
            rate = (addresses - self._before) / (now - self._start)
            size = self._source.size
            share = f"{min(1.0, self._source.position / size):4.0%}  " if size else ""
            self._draw(f"{share}{addresses:,} addresses, {rate:,.0f} a second")

    def _draw(self, text: str) -> None:
        if self._watched and (text or self._width):
            sys.stderr.write(f"\r{text:<{self._width}}" if text else f"\r{'':<{self._width}}\r")
            sys.stderr.flush()
            self._width = len(text)


def summary(tally: Tally, seconds: float, before: int = 0) -> str:
    """The closing line: ``3 addresses in 0.1 s: 1 verified, 1 warnings, 1 unreadable.``"""
    earlier = f" ({before:,} of them in an earlier run)" if before else ""
    return (
        f"{tally.addresses:,} addresses{earlier} in {seconds:,.1f} s: {tally.verified:,} verified,"
        f" {tally.warnings:,} warnings, {tally.unreadable:,} unreadable."
    )
