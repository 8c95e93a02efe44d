"""A real Spark job on this machine gives the same rows as the command line. It runs in a separate process, so Spark's
warnings do not fail the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checker.cli import main
from tests.bulk.bulk_addresses import ROOT, as_lines, every_address, load_once, snapshot_in

JOB = ROOT / "tests/bulk/spark_job.py"


@pytest.mark.usefixtures("java_path")  # pyspark finds Java by itself
def test_a_spark_job_gives_the_rows_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.service.Service.load", load_once)
    texts = every_address() * 3
    lines, file, expected = tmp_path / "links.parquet", tmp_path / "links", tmp_path / "expected.parquet"
    file.write_bytes(as_lines(texts))
    urls = [line.decode() for line in as_lines(texts).split(b"\n")[:-1]]
    pq.write_table(pa.table({"line": range(1, len(urls) + 1), "url": urls}), lines, row_group_size=1000)
    assert main(["check", "--file", str(file), "--output", str(expected)]) == 2

    command = [sys.executable, str(JOB), str(lines), str(snapshot_in(tmp_path))]
    # The name of this machine may have no address.
    local = {"SPARK_LOCAL_HOSTNAME": "localhost", "SPARK_LOCAL_IP": "127.0.0.1"}
    environ = {**os.environ, **local, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, str(tmp_path / "out")],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    answers = pq.read_table(tmp_path / "out").sort_by("line")
    assert answers.num_rows > 4000
    assert answers.to_pylist() == pq.read_table(expected).to_pylist()
