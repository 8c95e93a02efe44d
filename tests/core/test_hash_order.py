"""Answers do not depend on the order of Python's hashes, which differs from one process to the next."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASK = """
import sys
from pathlib import Path
from checker.core.lookalike import LookalikeIndex, explain, find
from checker.core.url import parse
from checker.lists.loader import load_folder
index = LookalikeIndex(load_folder(Path("allowlists")))
for host in sys.stdin.read().split():
    url = parse(f"https://{host}/")
    print(host, find(url, index), [(a.technique, a.score, a.target) for a in explain(url, index) if a.score])
"""
HOSTS = """
bluecrosnc.com bluecrossma.com mylruhealth.org myiuheath.org uchealth.support metrohealth.co baptist-healthlogin.com
ichealth.org iwhealth.org mychart.uhealth.org baptisthealth24.com mercyhealt.org healthhub.dev childrens-health.net
"""


def answers(seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        input=HOSTS,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    return done.stdout


def test_hosts_between_several_names_get_one_answer_whatever_the_seed() -> None:
    first = answers("0")
    assert len(first.splitlines()) == len(HOSTS.split())
    assert {answers(seed) for seed in ("1", "2", "7")} == {first}
