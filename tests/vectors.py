"""Public conformance vectors, read from the folder in ``PORTALCHECK_VECTORS``.

They are not part of this project. ``urltestdata.json``, ``toascii.json`` and ``IdnaTestV2.json`` come
from https://github.com/web-platform-tests/wpt (``url/resources/``), ``test_psl.txt`` from
https://github.com/publicsuffix/list (``tests/``).
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

_FOLDER = os.environ.get("PORTALCHECK_VECTORS")
_NAMES = ("urltestdata.json", "toascii.json", "IdnaTestV2.json", "test_psl.txt")

needs_vectors = pytest.mark.skipif(
    _FOLDER is None,
    reason=f"set PORTALCHECK_VECTORS to a folder with {', '.join(_NAMES)}"
    " (from the web-platform-tests and publicsuffix/list repositories on GitHub)",
)


@dataclass(frozen=True, slots=True)
class Vector:
    """One address and what a browser must read in it; ``hostname`` is None if it must refuse."""

    source: str
    text: str
    protocol: str | None
    hostname: str | None


def folder() -> Path:
    """The folder with the vectors. If it is named but lacks them, that is an error, not a reason to skip."""
    assert _FOLDER is not None
    return Path(_FOLDER)


def url_vectors() -> list[Vector]:
    """The vectors that need no base URL."""
    if _FOLDER is None:
        return []
    vectors = [
        Vector("urltestdata.json", row["input"], row.get("protocol"), row.get("hostname"))
        for row in _rows("urltestdata.json")
        if row["base"] is None or re.match(r"https?://", row["input"])
    ]
    for name in ("toascii.json", "IdnaTestV2.json"):
        for row in filter(lambda row: row["input"], _rows(name)):  # an empty host would make it another address
            protocol = None if row["output"] is None else "https:"
            vectors.append(Vector(name, f"https://{row['input']}/x", protocol, row["output"]))
    return vectors


def suffix_vectors() -> list[tuple[str, str | None]]:
    """Hosts with their registrable domains, from ``test_psl.txt``."""
    text = (folder() / "test_psl.txt").read_text(encoding="utf-8")
    pairs = re.findall(r"^checkPublicSuffix\('([^']+)', (?:null|'([^']*)')\);", text, re.MULTILINE)
    return [(host, domain or None) for host, domain in pairs]


def _rows(name: str) -> list[dict[str, str | None]]:
    rows = json.loads((folder() / name).read_text(encoding="utf-8"))
    return [row for row in rows if isinstance(row, dict)]
