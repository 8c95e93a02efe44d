"""Runs what needs no browser: the pure modules under ``node --test``, and the store's linter."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from checker.core.allowlist import Allowlist
from extension.build import ROOT, SOURCE, build

NODE = Path(sys.executable).with_name("node")
LEAST_COVERED = 95.0  # percent of lines; what is missing needs a browser and is tested in one


def test_the_pure_modules_pass_their_tests_under_node(dist: Path) -> None:
    files = sorted(str(path) for path in Path(__file__).parent.glob("*.test.js"))
    command = [str(NODE), "--test", "--experimental-test-coverage", *files]
    environment = {**os.environ, "PORTALCHECK_DIST": str(dist)}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout[-6000:]
    covered = {name: float(lines) for name, lines in re.findall(r"[\s/](\w+\.js)\s*\|\s*([\d.]+)", run.stdout)}
    wanted = {path.name for path in (SOURCE / "lib").glob("*.js")} - {"start.js"}
    assert wanted <= covered.keys(), run.stdout[-3000:]
    assert {name: lines for name, lines in covered.items() if name in wanted and lines < LEAST_COVERED} == {}


def test_the_store_linter_finds_nothing_in_the_firefox_build(tmp_path: Path, allowlist: Allowlist) -> None:
    linter = SOURCE / "node_modules" / ".bin" / "web-ext"
    build(tmp_path, allowlist=allowlist)
    command = [str(NODE), str(linter), "lint", "--source-dir", str(tmp_path / "firefox"), "--no-config-discovery"]
    command += ["--warnings-as-errors", "--output", "json"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    report = json.loads(run.stdout)
    found = [
        (kind, item["code"], item.get("file")) for kind in ("errors", "warnings", "notices") for item in report[kind]
    ]
    assert (found, run.returncode) == ([], 0)
