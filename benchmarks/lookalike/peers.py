"""Other ways to detect look-alikes of the same hosts: linear scans, MetaMask's detector, dnstwist."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import dnstwist
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

__all__ = ["eth_phishing_detect", "generate_and_look_up", "linear_scan"]

_DETECT = """
const Detector = require("eth-phishing-detect/src/detector");
const { names, hosts, tolerance } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const detector = new Detector({ allowlist: [], blocklist: [], fuzzylist: names, tolerance, version: 1, name: "x" });
const found = [];
const start = process.hrtime.bigint();
for (const host of hosts) found.push(detector.check("https://" + host + "/").result);
const micros = Number(process.hrtime.bigint() - start) / 1000 / Math.max(hosts.length, 1);
console.log(JSON.stringify({ micros, found }));
"""


def _bare(host: str) -> str:
    """The host as MetaMask compares it: without ``www.`` and the last label."""
    return host.removeprefix("www.").rpartition(".")[0]


def linear_scan(names: Sequence[str], tolerance: int) -> Callable[[str], bool]:
    """MetaMask's rule, in C (rapidfuzz): a Levenshtein distance of at most ``tolerance`` to any protected host."""
    bare = [_bare(name) for name in names]

    def detects(host: str) -> bool:
        return process.extractOne(_bare(host), bare, scorer=Levenshtein.distance, score_cutoff=tolerance) is not None

    return detects


def generate_and_look_up(names: Sequence[str]) -> set[str]:
    """Every permutation of the protected hosts that dnstwist generates: a host in this set is a look-alike."""
    made: set[str] = set()
    for name in names:
        fuzzer = dnstwist.Fuzzer(name)
        fuzzer.generate()
        made.update(permutation["domain"] for permutation in fuzzer.domains)
    return made


def eth_phishing_detect(names: Sequence[str], hosts: Sequence[str], tolerance: int) -> tuple[float, list[bool]] | None:
    """Microseconds for a check and the answers of the npm package eth-phishing-detect; None if npm cannot fetch it."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "detect.js").write_text(_DETECT, "utf-8")
        install = [
            npm,
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "eth-phishing-detect@1.2.0",
        ]
        question = json.dumps({"names": list(names), "hosts": list(hosts), "tolerance": tolerance})
        try:
            subprocess.run(install, cwd=folder, check=True, capture_output=True, timeout=180)
            answer = subprocess.run(
                [node, "detect.js"], cwd=folder, check=True, capture_output=True, timeout=600, input=question.encode()
            )
        except (OSError, subprocess.SubprocessError):
            return None
    output = json.loads(answer.stdout)
    return float(output["micros"]), [bool(each) for each in output["found"]]
