"""A Spark job on this machine: reads a Parquet file of links, writes the answers with their line numbers.

    python tests/bulk/spark_job.py LINKS.parquet SNAPSHOT OUT.parquet

It prints the seconds that the start and the work took, as JSON. On a cluster, the same code runs with
``spark-submit``, without ``master`` and the two addresses.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date


def main(links: str, snapshot: str, out: str) -> None:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    from checker import bulk

    start = time.monotonic()
    spark = (
        SparkSession.builder.master("local[2]")
        .appName("portalcheck")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        # Rows per Arrow batch, and so per call: enough to make the cost of a call negligible, few enough for memory.
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "2000")
        .getOrCreate()
    )
    try:
        spark.sparkContext.setLogLevel("ERROR")
        spark.sparkContext.addFile(snapshot)
        mapper = bulk.spark_mapper("url", os.path.basename(snapshot), keep=["line"], today=date(2026, 11, 22))
        schema = f"line long, {bulk.SPARK_SCHEMA}"
        spark.range(2).mapInArrow(_unchanged, "id long").collect()  # Python workers start with the first job
        started = time.monotonic()
        spark.read.parquet(links).mapInArrow(mapper, schema).write.mode("overwrite").parquet(out)
        print(json.dumps({"start": started - start, "work": time.monotonic() - started}))
    finally:
        spark.stop()


def _unchanged(batches):  # type: ignore[no-untyped-def]  # Spark reads type hints, and knows few
    yield from batches


if __name__ == "__main__":
    main(*sys.argv[1:])
