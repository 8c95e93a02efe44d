"""Answers as a Parquet file.

A Parquet file cannot be resumed after its writer dies. Chunks are therefore appended to a file as complete Arrow
streams, and made into one Parquet file at the end, one row group at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from checker.bulk.columns import SCHEMA, batch_of
from checker.bulk.rows import Row

__all__ = ["FILE_SCHEMA", "as_stream", "write_parquet"]

FILE_SCHEMA = pa.schema([pa.field("line", pa.int64(), nullable=False), *SCHEMA])
"""``line``: the address's line number in the input, from 1; the address itself is not repeated."""

_GROUP_ROWS = 100_000
"""The fewest rows of a row group, except the last: a few MiB in memory."""


def as_stream(numbers: Sequence[int], rows: Sequence[Row]) -> bytes:
    """The rows as one Arrow stream."""
    columns = [pa.array(numbers, pa.int64()), *batch_of(rows).columns]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, FILE_SCHEMA, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=FILE_SCHEMA))
    return bytes(sink.getvalue())


def write_parquet(streams: Path, target: Path, metadata: Mapping[str, str]) -> None:
    """Write the Arrow streams in a file as one Parquet file, with ``metadata``."""
    schema = FILE_SCHEMA.with_metadata(metadata)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        for group in _groups(streams):
            writer.write_table(group.replace_schema_metadata(metadata))


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
