"""Addresses from a file, one per line: plain text, gzip or zstd, recognized by the first bytes, not by the name.

A line ends with LF or CRLF and nothing else. Everything else in it is part of the text, which only the core
interprets: the same text must mean the same in a file and in a request.
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

from checker.bulk import zstd
from checker.core.errors import BulkError
from checker.core.url import MAX_CHARACTERS

__all__ = ["Chunk", "Source", "chunks", "opened", "text_of"]

_LONGEST_READ = 4 * MAX_CHARACTERS + 2
"""Bytes kept of a line, its end included. A line that does not fit is too long to be an address, because no character
takes more than 4 bytes; so is the part that is kept, as long as nothing is stripped from it."""
_CHUNK_LINES, _CHUNK_BYTES = 500, 64 * 1024
"""A chunk is full at either limit: about 30 ms of work, and at most 32 MiB of answers."""
_BUFFER = 128 * 1024
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


class Chunk(NamedTuple):
    """Lines that are answered together; ``numbers`` are their line numbers in the input, from 1."""

    numbers: list[int]
    lines: list[bytes]


class Source:
    """An open input. ``position``: bytes of the file read so far, compressed or not. ``size``: None for a pipe."""

    def __init__(self, name: str, raw: _Counted, stream: IO[bytes], size: int | None) -> None:
        self.name = name
        self.size = size
        self._raw = raw
        self._stream = stream

    @property
    def position(self) -> int:
        return self._raw.position

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """The lines without their ends, and their numbers. Lines that are empty or only ASCII whitespace are left
        out, unless they are too long to be an address. Only the beginning of an endless line is kept, which bounds
        memory. Raises BulkError if the input cannot be read to its end."""
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
        except (OSError, EOFError, zlib.error, zstd.ZstdError) as error:
            raise _unreadable(self.name, error, number) from None


def _without_end(line: bytes) -> bytes:
    """The line without its LF or CRLF; a CR without an LF ends no line."""
    return line[: -2 if line.endswith(b"\r\n") else -1] if line.endswith(b"\n") else line


def text_of(line: bytes) -> str:
    """The text to check, from a line, a value of a column or an argument; nothing is stripped."""
    return line.decode("utf-8", "replace")


def chunks(lines: Iterator[tuple[int, bytes]]) -> Iterator[Chunk]:
    """The lines in chunks. Where a chunk ends depends only on its own lines, so a run resumed at the start of a
    chunk makes the same chunks again."""
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
    """The input to read; ``-`` is standard input, which stays open. Raises BulkError if it cannot be opened."""
    if file == "-":
        yield _source("standard input", cast("io.BufferedIOBase", sys.stdin.buffer), None)
        return
    try:
        stream = open(file, "rb")  # noqa: SIM115  # errors of the caller's block are not ours
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
        return Source(name, raw, io.BufferedReader(zstd.ZstdFile(plain), _BUFFER), size)
    return Source(name, raw, plain, size)


class _Counted(io.RawIOBase):
    """Counts the bytes read from a stream and keeps it open. ``head``: the first bytes, which are read again."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self.head = self._unread = stream.read(4)
        self.position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's Buffer is Python 3.12's
        data = self._unread or self._stream.read1(len(buffer))
        self._unread = b""
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)


def _unreadable(name: str, error: Exception, lines: int) -> BulkError:
    if isinstance(error, OSError) and error.strerror is not None:
        return BulkError(f"{name} could not be read: {error.strerror}.")
    return BulkError(
        f"{name} could not be read: the compressed data is damaged or ends too early, after line {lines:,}."
        " Get a complete copy."
    )
