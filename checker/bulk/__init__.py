"""Many addresses at once. What this module exports is public: columns in, columns out, for PyArrow, Polars and Spark.

    from checker import bulk
    answers = bulk.check(table["url"])

The rows are those of ``portalcheck check --output FILE.parquet``. Needs ``portalcheck[bulk]``: the first use raises
MissingExtra if pyarrow is not installed. Files of addresses need it only for Parquet, so it is loaded late.

May live in this room: reading files of addresses, answering them in one or several processes, and writing the answers
so that an interrupted run can be resumed. May not: options and exit codes (``cli``), or anything that decides an
answer (``core``).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checker.bulk.columns import SCHEMA, SPARK_SCHEMA, batch_of, check, spark_mapper

__all__ = ["SCHEMA", "SPARK_SCHEMA", "batch_of", "check", "spark_mapper"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("checker.bulk.columns"), name)
