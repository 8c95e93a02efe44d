"""The progress bar, and when it is shown."""

from __future__ import annotations

import io
import sys

import pytest

from checker.bulk.progress import meter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("total", "shown", "why"),
    [(200, " 50%", "a share of the total"), (None, "", "the total is unknown, as for a pipe")],
)
def test_a_terminal_shows_the_share_and_a_note(
    monkeypatch: pytest.MonkeyPatch, total: int | None, shown: str, why: str
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with meter("checking", total) as show:
        show(100, "7 addresses")
    assert "checking" in terminal.getvalue(), why
    assert f"{shown}  7 addresses" in terminal.getvalue(), why


def test_a_bar_that_does_not_move_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with meter("checking", 200) as show:
        for number in range(1, 1_001):
            show(100 if number < 500 else 200, f"{number} addresses")
    lines = terminal.getvalue().split("\r")
    assert len(lines) < 6
    assert "100%" in lines[-1], "the end is always shown"


@pytest.mark.parametrize(("stream", "hidden"), [(io.StringIO(), False), (Terminal(), True)])
def test_without_a_terminal_or_when_hidden_nothing_is_shown(
    monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, hidden: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with meter("checking", 2, hidden=hidden) as show:
        show(2)
    assert stream.getvalue() == ""
