"""The addresses on which every bulk interface is tested: all official hosts, all test cases, and hostile ones."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from checker.lists.loader import load_folder
from checker.lists.snapshot import snapshot_of
from checker.service import Service

__all__ = ["HOSTILE", "ROOT", "answers_in", "as_lines", "every_address", "load_once", "run", "snapshot_in", "wait_for"]

ROOT = Path(__file__).parents[2]

HOSTILE = [
    "\0",
    "https://mychart.clevelandclinic.org/\0",
    "https://mychart\0.clevelandclinic.org/",
    "https://mychart.clevelandclinic.org\u202e/gro.live",
    "\u200bhttps://mychart.clevelandclinic.org/",
    "https://mychart.clevelandclinic.org@evil.example/",
    "https://evil.example\\@mychart.clevelandclinic.org/",
    "https://MyChart.ClevelandClinic.ORG./",
    "https://mychart.clevelandclinic.org:443/",
    "https://mychart.clevelandclinic.org:8443/",
    "http://mychart.clevelandclinic.org/",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://[::1]/",
    "https://0x7f.1/",
    "https://" + "a" * 300 + ".example/",
    "https://" + ".".join("a" * 120),
    "x" * 9000,
    "\ufffd\ufffd",
    "\ufeffhttps://mychart.clevelandclinic.org/",
    '{"a": "b"}',
    "'; drop table answers; --",
    "https://a.example/ https://b.example/",
    "pat@example.org",
    "tel:911",
    "\U0010ffff",
    "a\rb",
]


load_once = cache(Service.load)


def snapshot_in(folder: Path) -> Path:
    """A snapshot of the list, which a separate process loads fast."""
    path = folder / "list.snapshot"
    path.write_bytes(snapshot_of(load_folder(ROOT / "allowlists"), None))
    return path


@cache
def every_address() -> list[str]:
    """Single-line texts, none of them blank."""
    hosts = sorted(load_folder(ROOT / "allowlists").hosts)
    cases = [text for path in sorted((ROOT / "tests/cases").rglob("*.yaml")) for text in _texts_in(path)]
    every = [f"https://{host}/" for host in hosts] + cases + HOSTILE
    return [text for text in every if text.encode("utf-8", "replace").strip() and not re.search(r"\n|^\r|\r$", text)]


def _texts_in(path: Path) -> Iterator[str]:
    return _addresses(yaml.safe_load(path.read_text("utf-8")))


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _addresses(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name in ("text", "url", "given", "address", "host") and isinstance(part, str):
                yield part
            else:
                yield from _addresses(part)


def as_lines(texts: list[str]) -> bytes:
    """The content of a file with one text per line."""
    return b"".join(text.encode("utf-8", "replace") + b"\n" for text in texts)


def run(*arguments: str | Path, given: bytes | None = None, code: str = "") -> subprocess.CompletedProcess[bytes]:
    """Run the real command in a separate process, with warnings as errors. ``code`` runs first, in that process."""
    start = f"{code}\nimport sys\nfrom checker.cli import main\nif __name__ == '__main__': sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-W", "error", "-c", start, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, input=given, capture_output=True, check=False, timeout=60)


def answers_in(lines: bytes) -> list[Any]:
    """The objects in JSON lines."""
    return [json.loads(line) for line in lines.splitlines()]


def wait_for(truth: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until ``truth()`` is true; a file that does not exist yet counts as false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if truth():
                return
        except FileNotFoundError:
            pass
        time.sleep(0.01)
    raise AssertionError("it never came true")
