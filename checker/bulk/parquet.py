"""Answers as a Parquet file.

A Parquet file cannot be gone on with once its writer has died. So chunks are first appended to a file as
Arrow streams, each whole in itself, and made into one Parquet file at the end, a row group at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from checker.bulk import SCHEMA, batch_of
from checker.bulk.rows import Row

__all__ = ["FILE_SCHEMA", "as_stream", "write_parquet"]

FILE_SCHEMA = pa.schema([pa.field("line", pa.int64(), nullable=False), *SCHEMA])
"""``line``: the address's line number in the input, counted from 1; the address itself is not repeated."""

_GROUP_ROWS = 100_000
"""Rows of a row group, at least: a few MiB in memory."""


def as_stream(numbers: Sequence[int], rows: Sequence[Row]) -> bytes:
    """The rows as one Arrow stream."""
    columns = [pa.array(numbers, pa.int64()), *batch_of(rows).columns]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, FILE_SCHEMA, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=FILE_SCHEMA))
    return bytes(sink.getvalue())


def write_parquet(streams: Path, target: Path, facts: Mapping[str, str]) -> None:
    """Make a Parquet file of the streams in a file. ``facts`` go into its metadata."""
    schema = FILE_SCHEMA.with_metadata(facts)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for group in _groups(streams):
            writer.write_table(group.replace_schema_metadata(facts))


def _groups(streams: Path) -> Iterator[pa.Table]:
    batches: list[pa.RecordBatch] = []
    with pa.OSFile(str(streams)) as file:
        while file.tell() < file.size():
            batches += pa.ipc.open_stream(file)
            if sum(batch.num_rows for batch in batches) >= _GROUP_ROWS:
                yield pa.Table.from_batches(batches)
                batches = []
    if batches:
        yield pa.Table.from_batches(batches)
