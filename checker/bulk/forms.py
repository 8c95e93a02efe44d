"""The forms that answers are written in, told by the ending of the file's name."""

from __future__ import annotations

import gzip
from enum import Enum
from importlib import import_module

from checker.bulk.needs import needs_pyarrow
from checker.core.errors import BulkError

__all__ = ["Form", "form_of", "packed"]

_GZIP_LEVEL, _ZSTD_LEVEL = 1, 3
"""Answers are alike, so that the quick levels make 20 and 40 times smaller files; gzip's usual one takes 9 µs of each
address, a tenth of the whole."""


class Form(Enum):
    """How answers are written; the value lists the endings."""

    JSON = (".jsonl", ".ndjson")
    GZIP = (".jsonl.gz", ".ndjson.gz")
    ZSTD = (".jsonl.zst", ".ndjson.zst")
    PARQUET = (".parquet",)


def form_of(name: str) -> Form:
    """The form for a file of that name. Raises BulkError for an ending that means none, or needs what is missing."""
    form = next((form for form in Form if name.lower().endswith(form.value)), None)
    if form is None:
        allowed = ", ".join(ending for form in Form for ending in form.value)
        raise BulkError(f"The ending of --output says what to write, and must be one of: {allowed}.")
    if form in (Form.ZSTD, Form.PARQUET):
        with needs_pyarrow(f"Writing {form.value[0]}"):
            import_module("pyarrow")  # to tell now rather than after the first chunk
    return form


def packed(lines: bytes, form: Form) -> bytes:
    """JSON lines as they are appended to a file: a whole gzip member or zstd frame, that needs no other."""
    if form is Form.GZIP:
        return gzip.compress(lines, _GZIP_LEVEL, mtime=0)
    if form is Form.ZSTD:
        import pyarrow as pa

        return bytes(pa.Codec("zstd", _ZSTD_LEVEL).compress(lines, asbytes=True))
    return lines
