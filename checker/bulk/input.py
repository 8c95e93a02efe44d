"""Addresses from a file, one a line: plain, gzip or zstd, told by the first bytes and not by the name.

A line ends with LF or CRLF and nothing else; whatever else stands in it is part of the text, and the core alone
judges that. Otherwise the same text would mean one thing in a file and another in a request.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple, cast

from checker.bulk.needs import needs_pyarrow
from checker.core.errors import BulkError
from checker.core.url import MAX_CHARACTERS

__all__ = ["Chunk", "Source", "chunks", "opened", "text_of"]

_LONGEST_READ = 4 * MAX_CHARACTERS + 2
"""Bytes of a line that are kept, its end included. What does not fit is too long to be an address, whatever it holds,
because no character takes more than 4 bytes; and so is what is kept of it, as long as nothing is taken away."""
_CHUNK_LINES, _CHUNK_BYTES = 500, 64 * 1024
"""A chunk is full at either: some 30 ms of work, and at most 32 MiB of answers."""
_BUFFER = 128 * 1024
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class Chunk(NamedTuple):
    """Lines that are answered together; ``numbers`` are their line numbers in the input, counted from 1."""

    numbers: list[int]
    lines: list[bytes]


class Source:
    """An open input. ``position`` counts the bytes read, as they lie in the file; ``size`` is None for a pipe."""

    def __init__(self, name: str, raw: _Counted, stream: IO[bytes], size: int | None) -> None:
        self.name = name
        self.size = size
        self._raw = raw
        self._stream = stream

    @property
    def position(self) -> int:
        return self._raw.position

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """The lines without their ends, and their numbers. Left out are those that are empty or hold nothing but
        ASCII blanks, unless they are too long to be an address. Of an endless line only the beginning is kept, so
        that memory is bounded. Raises BulkError when the input cannot be read to its end."""
        readline = self._stream.readline
        number = 0
        try:
            while read := readline(_LONGEST_READ):
                number += 1
                line = _without_end(read)
                while read and not read.endswith(b"\n"):
                    read = readline(_LONGEST_READ)
                if line.strip() or len(line) > MAX_CHARACTERS:
                    yield number, line
        except (OSError, EOFError, zlib.error) as error:
            raise _unreadable(self.name, error, number) from None


def _without_end(line: bytes) -> bytes:
    """Without its LF or CRLF; a CR before no LF ends nothing."""
    return line[: -2 if line.endswith(b"\r\n") else -1] if line.endswith(b"\n") else line


def text_of(line: bytes) -> str:
    """A line, a cell of a column or a word of the command line as the text that is checked: nothing is taken away."""
    return line.decode("utf-8", "replace")


def chunks(lines: Iterator[tuple[int, bytes]]) -> Iterator[Chunk]:
    """The lines in chunks. Where a chunk ends depends on its own lines alone, so that a run that goes on
    at the beginning of one makes the same chunks again."""
    chunk, size = Chunk([], []), 0
    for number, line in lines:
        chunk.numbers.append(number)
        chunk.lines.append(line)
        size += len(line)
        if size >= _CHUNK_BYTES or len(chunk.lines) >= _CHUNK_LINES:
            yield chunk
            chunk, size = Chunk([], []), 0
    if chunk.lines:
        yield chunk


@contextmanager
def opened(file: str) -> Iterator[Source]:
    """The input to read; ``-`` is standard input, which stays open. Raises BulkError when there is none."""
    if file == "-":
        yield _source("standard input", cast("io.BufferedIOBase", sys.stdin.buffer), None)
        return
    try:
        stream = open(file, "rb")  # noqa: SIM115  # what the caller does with it is outside of this try
    except OSError as error:
        raise _unreadable(file, error, 0) from None
    with stream:
        yield _source(file, stream, os.fstat(stream.fileno()).st_size)


def _source(name: str, stream: io.BufferedIOBase, size: int | None) -> Source:
    try:
        raw = _Counted(stream)
    except OSError as error:
        raise _unreadable(name, error, 0) from None
    plain = io.BufferedReader(raw, _BUFFER)
    if raw.head.startswith(_GZIP):
        return Source(name, raw, io.BufferedReader(gzip.GzipFile(fileobj=plain, mode="rb"), _BUFFER), size)
    if raw.head == _ZSTD:
        with needs_pyarrow("Reading zstd"):
            import pyarrow as pa
        return Source(
            name, raw, io.BufferedReader(pa.CompressedInputStream(pa.PythonFile(plain), "zstd"), _BUFFER), size
        )
    return Source(name, raw, plain, size)


class _Counted(io.RawIOBase):
    """A stream whose first bytes were looked at and put back. It counts what is read, and leaves the stream open."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self.head = self._waiting = stream.read(4)
        self.position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer is Python 3.12's
        data = self._waiting or self._stream.read1(len(buffer))
        self._waiting = b""
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)


def _unreadable(name: str, error: Exception, lines: int) -> BulkError:
    if isinstance(error, OSError) and error.strerror is not None:
        return BulkError(f"{name} could not be read: {error.strerror}.")
    return BulkError(
        f"{name} could not be read: it is compressed, and is damaged or ends too early, after line {lines:,}."
        " Get it anew, whole."
    )
