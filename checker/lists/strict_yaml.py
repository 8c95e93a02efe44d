"""Strict YAML: text in; plain strings, lists and mappings out, each with its line number.

List files decide whom people trust with a password, so a reviewer must see exactly what the program sees. PyYAML
alone accepts duplicate keys, aliases (and bombs made of them), merge keys and direction-changing characters, and it
turns ``NO`` into false and ``012`` into 10. Values are therefore built here from the C parser's events, where every
scalar is still a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from checker.lists.findings import Finding, Severity

__all__ = ["MAX_BYTES", "MAX_VALUE", "Document", "Path", "Value", "has_invisible", "read"]

MAX_BYTES = 256 * 1024
"""Largest file."""
MAX_VALUE = 2048
"""Longest value, in characters."""
MAX_DEPTH = 8
MAX_NODES = 50_000

Value = str | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]
Event = Any
"""One of PyYAML's events; its type stubs do not say which of them have a mark, a tag or a value."""

# Control, direction-changing, zero-width and other invisible characters, every blank except U+0020, and code points
# without a meaning (Unicode 16, general categories Cc, Cf, Zs, Zl, Zp, Co, Cs).
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3000\u3164\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_UNWANTED_IN_TEXT = re.compile(r"(?!\n)" + _UNWANTED.pattern)


@dataclass(frozen=True, slots=True)
class Document:
    """One file as read. ``value`` is None if nothing could be read; ``problems`` then says why."""

    value: Value | None
    lines: Mapping[Path, int]
    problems: tuple[Finding, ...]

    def line(self, *path: str | int) -> int:
        """The line on which this value begins, or the closest one that contains it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def has_invisible(text: str) -> bool:
    """True if there is a character in the text that a reviewer cannot see, or that turns the text around."""
    return _UNWANTED.search(text) is not None


def read(data: bytes, file: str) -> Document:
    """Read one list file. Never raises; ``problems`` holds everything that is wrong."""
    problems = list(_text_problems(data, file))
    if problems:
        return Document(None, {}, tuple(problems))  # PyYAML would refuse some of it without naming a line
    builder = _Builder(file, problems)
    try:
        value = builder.document(yaml.parse(data.decode(), Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = error.problem or error.context or "broken YAML"
        builder.note("PC001", mark.line + 1 if mark else 1, f"this is not YAML: {what}; see allowlists/README.md")
        value = None
    except yaml.YAMLError:
        builder.note("PC001", 1, "this is not YAML; see allowlists/README.md for the format")
        value = None
    except _GiveUp:
        value = None
    return Document(value, builder.lines, tuple(problems))


def _text_problems(data: bytes, file: str) -> Iterator[Finding]:
    def problem(code: str, line: int, message: str) -> Finding:
        return Finding(file, line, code, Severity.ERROR, message)

    if len(data) > MAX_BYTES:
        yield problem("PC002", 1, f"larger than {MAX_BYTES // 1024} KiB; one file holds one registrable domain")
        return
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        yield problem("PC003", 1, "begins with a byte order mark; save as UTF-8 without one")
        return
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        yield problem("PC003", data.count(b"\n", 0, error.start) + 1, "not UTF-8; save the file as UTF-8")
        return
    for number, line in enumerate(text.split("\n"), 1):
        if "\r" in line:
            yield problem("PC003", number, "a carriage return; end lines with a line feed only")
        if "\t" in line:
            yield problem("PC003", number, "a tab; indent and separate with spaces")
        rest = line.replace("\r", "").replace("\t", "")
        if unwanted := _UNWANTED_IN_TEXT.search(rest):
            yield problem("PC008", number, _unwanted_message(unwanted.group()))


def _unwanted_message(character: str) -> str:
    return f"invisible or control character U+{ord(character):04X}; write plain letters and single spaces"


class _GiveUp(Exception):
    """The rest of this file cannot be read."""


class _Builder:
    """Builds values and their line numbers from parser events."""

    def __init__(self, file: str, problems: list[Finding]) -> None:
        self.lines: dict[Path, int] = {}
        self._file = file
        self._problems = problems
        self._nodes = 0

    def note(self, code: str, line: int, message: str) -> None:
        self._problems.append(Finding(self._file, line, code, Severity.ERROR, message))

    def document(self, events: Iterator[Event]) -> Value | None:
        value: Value | None = None
        documents = 0
        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.note("PC011", line, "a second document (`---`); write one document in a file")
                    raise _GiveUp
            elif isinstance(event, yaml.NodeEvent):
                value = self._value(event, events, ())
        if not documents or value == "":
            self.note("PC001", 1, "the file is empty; see allowlists/README.md for the format")
            return None
        return value

    def _value(self, event: Event, events: Iterator[Event], path: Path) -> Value:
        line = event.start_mark.line + 1
        self.lines[path] = line
        self._nodes += 1
        if len(path) > MAX_DEPTH or self._nodes > MAX_NODES:
            self.note("PC004", line, f"more than {MAX_DEPTH} levels or {MAX_NODES:,} values; write it flatter")
            raise _GiveUp
        if isinstance(event, yaml.AliasEvent):
            self.note("PC005", line, f"an alias (`*{event.anchor}`); write the value out")
            return ""
        if event.anchor is not None:
            self.note("PC005", line, f"an anchor (`&{event.anchor}`); remove it and write each value out")
        if event.tag is not None:
            self.note("PC006", line, "a tag (`!…`); remove it, every value is plain text")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(events, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        return self._text(event.value, line)

    def _text(self, value: str, line: int) -> str:
        if len(value) > MAX_VALUE:
            self.note("PC007", line, f"a value of {len(value):,} characters; at most {MAX_VALUE:,} are read")
        if unwanted := _UNWANTED.search(value):  # this also covers characters written as an escape, "\u202e"
            self.note("PC008", line, _unwanted_message(unwanted.group()))
        return value

    def _list(self, events: Iterator[Event], path: Path) -> list[Value]:
        values: list[Value] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            values.append(self._value(event, events, (*path, len(values))))
        return values

    def _mapping(self, events: Iterator[Event], path: Path) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = event.start_mark.line + 1
            key = self._value(event, events, (*path, "?"))
            if not isinstance(event, yaml.ScalarEvent) or not isinstance(key, str):
                self.note("PC009", line, "a key that is not plain text; write `name: value`")
                self._value(next(events), events, (*path, "?"))
                continue
            if key == "<<":
                self.note("PC005", line, "a merge key (`<<`); write the values out")
            elif key in values:
                self.note("PC010", line, f"`{key}` appears twice; keep one of them")
            values[key] = self._value(next(events), events, (*path, key))
            self.lines[(*path, key)] = line
        self.lines.pop((*path, "?"), None)
        return values
