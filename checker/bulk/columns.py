"""Columns of addresses in, columns of answers out. ``checker.bulk`` publishes what is here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from checker.bulk.input import text_of
from checker.bulk.rows import Row, row_for
from checker.clock import today_utc
from checker.core.errors import needs_extra
from checker.core.text import Context
from checker.service import Service
from checker.settings import Settings

with needs_extra("bulk", "checker.bulk"):
    import pyarrow as pa

__all__ = ["SCHEMA", "SPARK_SCHEMA", "batch_of", "check", "spark_mapper"]

SCHEMA = pa.schema(
    [
        pa.field("verdict", pa.string()),
        pa.field("level", pa.string()),
        pa.field("codes", pa.list_(pa.field("item", pa.string(), nullable=False)), nullable=False),
        pa.field("operator", pa.string()),
        pa.field("host", pa.string()),
    ]
)
"""The columns of an answer, described by ``checker.bulk.rows.Row``. They are plain strings: Spark accepts no
dictionary arrays, and Parquet makes dictionaries itself."""

SPARK_SCHEMA = "verdict string, level string, codes array<string>, operator string, host string"
"""The same for Spark's ``mapInArrow``; put the columns named in ``keep`` in front."""


def check(
    addresses: pa.Array | pa.ChunkedArray,
    allowlists: str | Path | None = None,
    *,
    context: str = "link",
    today: date | None = None,
) -> pa.RecordBatch:
    """A row of ``SCHEMA`` for each address, in order.

    ``addresses``: a column of text of any Arrow type, including dictionaries. Bytes that are not UTF-8 are read as
    U+FFFD, as on the command line, and a null as an empty text, which is unreadable. ``allowlists``: a folder of list
    files or, faster, a snapshot; by default the list that came with portalcheck. It is read once per process.
    ``context``: ``link`` or ``tab``. ``today``: the day that review dates are compared with; by default today in UTC.
    Raises TypeError for a column that is not text, and AllowlistError if the list cannot be read.
    """
    service = _service(str(allowlists) if allowlists is not None else None)
    day, how = today or today_utc(), Context(context)
    return batch_of([row_for(text, service, how, day) for text in _texts(addresses)])


def batch_of(rows: Sequence[Row]) -> pa.RecordBatch:
    """Rows as columns of ``SCHEMA``."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def spark_mapper(
    column: str,
    allowlists: str | None = None,
    *,
    keep: Sequence[str] = (),
    context: str = "link",
    today: date | None = None,
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """A function for Spark's ``mapInArrow``: returns the columns named in ``keep`` unchanged, then the answers.

    ``column``: the column of addresses. ``allowlists``: also the name of a file that Spark distributes (``--files``,
    ``addFile``). The day is fixed here, on the driver, so that a task gives the same answers when Spark repeats it.
    """
    return _SparkMapper(column, allowlists, tuple(keep), context, today or today_utc())


class _SparkMapper:
    """Holds plain values only, so that it can be pickled; each Python worker reads the list once."""

    def __init__(self, column: str, allowlists: str | None, keep: tuple[str, ...], context: str, today: date) -> None:
        self._column, self._allowlists, self._keep = column, allowlists, keep
        self._context, self._today = context, today

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        allowlists = None if self._allowlists is None else _local_path(self._allowlists)
        for batch in batches:
            answers = check(batch.column(self._column), allowlists, context=self._context, today=self._today)
            names = [*self._keep, *SCHEMA.names]
            yield pa.RecordBatch.from_arrays([*map(batch.column, self._keep), *answers.columns], names=names)


def _local_path(name: str) -> str:
    """The path of a file on this machine: its own, or that of the copy that Spark distributed."""
    if Path(name).exists():
        return name
    from pyspark import SparkFiles

    return str(SparkFiles.get(name))


@lru_cache(maxsize=4)
def _service(allowlists: str | None) -> Service:
    return Service.load(Settings().allowlists if allowlists is None else Path(allowlists))


def _texts(addresses: pa.Array | pa.ChunkedArray) -> Iterator[str]:
    kind = addresses.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        addresses = addresses.cast(kind)
    if kind not in _TEXT:
        raise TypeError(f"addresses must be a column of text, not of {kind}")
    # Through bytes, because Arrow's strings may hold invalid UTF-8, and Python's may not.
    lines = addresses.cast(pa.large_binary()).to_pylist()
    return ("" if line is None else text_of(line) for line in lines)


_TEXT = (
    *(pa.string(), pa.large_string(), pa.string_view()),
    *(pa.binary(), pa.large_binary(), pa.binary_view()),
    pa.null(),
)
