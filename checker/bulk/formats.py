"""The formats that answers are written in, chosen by the file name's ending."""

from __future__ import annotations

import gzip
from enum import Enum
from importlib import import_module

from checker.bulk import zstd
from checker.core.errors import BulkError, needs_extra

__all__ = ["OutputFormat", "compressed", "format_of"]

_GZIP_LEVEL, _ZSTD_LEVEL = 1, 3
"""Answers are so alike that fast levels already make files 20 and 40 times smaller. gzip's default level takes 9 µs
per address, a tenth of the whole."""


class OutputFormat(Enum):
    """How answers are written; the value lists the endings."""

    JSON = (".jsonl", ".ndjson")
    GZIP = (".jsonl.gz", ".ndjson.gz")
    ZSTD = (".jsonl.zst", ".ndjson.zst")
    PARQUET = (".parquet",)


def format_of(name: str) -> OutputFormat:
    """The format for a file name. Raises BulkError if the ending is unknown, and MissingExtra for Parquet without
    pyarrow."""
    chosen = next((candidate for candidate in OutputFormat if name.lower().endswith(candidate.value)), None)
    if chosen is None:
        allowed = ", ".join(ending for candidate in OutputFormat for ending in candidate.value)
        raise BulkError(f"The ending of --output chooses the format, and must be one of: {allowed}.")
    if chosen is OutputFormat.PARQUET:
        with needs_extra("bulk", "Parquet"):
            import_module("pyarrow")  # so that the error comes now, not after the first chunk
    return chosen


def compressed(lines: bytes, output_format: OutputFormat) -> bytes:
    """JSON lines as they are appended to a file: a gzip member or zstd frame that is complete in itself."""
    if output_format is OutputFormat.GZIP:
        return gzip.compress(lines, _GZIP_LEVEL, mtime=0)
    if output_format is OutputFormat.ZSTD:
        return zstd.compress(lines, _ZSTD_LEVEL)
    return lines
