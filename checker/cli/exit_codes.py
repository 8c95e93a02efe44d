"""The exit codes of every command. 2 also stands for wrong usage, which is click's own choice."""

from __future__ import annotations

__all__ = ["ALL_VERIFIED", "FINDINGS", "FINE", "REFUSED", "SOME_WARNING", "UNUSABLE"]

UNUSABLE = 2
"""The answer of every command to input that it cannot use."""

ALL_VERIFIED, SOME_WARNING = 0, 1
"""``check`` and ``portals``: every address verified, or something found; a warning, or nothing found."""

FINE, FINDINGS, REFUSED = 0, 1, 3
"""Maintainers' commands: nothing to say; something for a person to look at; a change that was not accepted."""
