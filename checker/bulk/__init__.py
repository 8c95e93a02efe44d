"""Columns of addresses in, columns of answers out: for PyArrow, Polars and Spark.

    from checker import bulk
    answers = bulk.check(table["url"])

Needs ``portalcheck[bulk]``. The rows are those of ``portalcheck check --output FILE.parquet``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from checker.bulk.input import text_of
from checker.bulk.needs import needs_pyarrow
from checker.bulk.rows import Row, row_for
from checker.clock import today_utc
from checker.core.check import Checker
from checker.core.text import Context
from checker.service import Service
from checker.settings import Settings

with needs_pyarrow("checker.bulk"):
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
"""The columns of an answer; ``bulk_rows.Row`` says what stands in each. They are plain strings: Spark takes no
dictionaries, and Parquet makes its own."""

SPARK_SCHEMA = "verdict string, level string, codes array<string>, operator string, host string"
"""The same for Spark's ``mapInArrow``; put the kept columns before it."""


def check(
    addresses: pa.Array | pa.ChunkedArray,
    allowlists: str | Path | None = None,
    *,
    context: str = "link",
    today: date | None = None,
) -> pa.RecordBatch:
    """A row of ``SCHEMA`` for each address, in order.

    ``addresses``: a column of text of any Arrow type, dictionaries too; bytes that are no UTF-8 are read as U+FFFD,
    as on the command line, and a null as an empty text, which is unreadable. ``allowlists``: a folder of list
    files or, faster, a snapshot; without it the list that came with portalcheck. It is read once per process.
    ``today`` decides about review dates; without it, today's date in UTC. Raises TypeError for a column that
    is no text, and AllowlistError when the list cannot be read.
    """
    checker = _checker(str(allowlists) if allowlists is not None else None)
    day, how = today or today_utc(), Context(context)
    return batch_of([row_for(text, checker, how, day) for text in _texts(addresses)])


def batch_of(rows: Sequence[Row]) -> pa.RecordBatch:
    """The rows as columns."""
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
    """A function for Spark's ``mapInArrow``: the columns named in ``keep``, as they are, and the answers beside them.

    ``allowlists`` may be the name of a file that Spark hands out (``--files``, ``addFile``). The day is fixed
    here, on the driver, so that a task that Spark starts again gives the same answers.
    """
    return _SparkMapper(column, allowlists, tuple(keep), context, today or today_utc())


class _SparkMapper:
    """Plain values, so that Spark can send it; each worker reads the list for itself, once."""

    def __init__(self, column: str, allowlists: str | None, keep: tuple[str, ...], context: str, today: date) -> None:
        self._column, self._allowlists, self._keep = column, allowlists, keep
        self._context, self._today = context, today

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        allowlists = None if self._allowlists is None else _handed_out(self._allowlists)
        for batch in batches:
            answers = check(batch.column(self._column), allowlists, context=self._context, today=self._today)
            names = [*self._keep, *SCHEMA.names]
            yield pa.RecordBatch.from_arrays([*map(batch.column, self._keep), *answers.columns], names=names)


def _handed_out(name: str) -> str:
    """Where a file is on this machine of the cluster."""
    if Path(name).exists():
        return name
    from pyspark import SparkFiles

    return str(SparkFiles.get(name))


@lru_cache(maxsize=4)
def _checker(allowlists: str | None) -> Checker:
    return Service.load(Settings().allowlists if allowlists is None else Path(allowlists)).checker


def _texts(addresses: pa.Array | pa.ChunkedArray) -> Iterator[str]:
    kind = addresses.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        addresses = addresses.cast(kind)
    if kind not in _TEXT:
        raise TypeError(f"addresses must be a column of text, not of {kind}")
    # By way of bytes: Arrow lets broken UTF-8 into its texts, and Python's strings do not.
    lines = addresses.cast(pa.large_binary()).to_pylist()
    return ("" if line is None else text_of(line) for line in lines)


_TEXT = (
    *(pa.string(), pa.large_string(), pa.string_view()),
    *(pa.binary(), pa.large_binary(), pa.binary_view()),
    pa.null(),
)
