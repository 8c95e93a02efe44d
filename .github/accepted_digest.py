"""Print the digest that a code owner accepted: ``accepted_digest.py AUTHOR CODEOWNERS < reviews``.

Reviews come as the forge's API gives them, oldest first, one JSON object a line. The digest is taken
from the newest standing approval by an owner of ``/allowlists/`` who is not the author and wrote, on a
line of its own, ``accept`` and the digest. Nothing is printed when there is none.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_ACCEPT = re.compile(r"^accept +`?([0-9a-f]{16})`?[ \r]*$", re.MULTILINE)
_STATES = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED")
"""A review in another state (a comment) takes nothing back."""


def owners_of_the_list(codeowners: str) -> frozenset[str]:
    """Who owns ``/allowlists/``, in lower case. Teams are not people: they cannot be told from a review."""
    owners: frozenset[str] = frozenset()
    for line in codeowners.splitlines():
        pattern, *names = line.partition("#")[0].split() or [""]
        if pattern == "/allowlists/":
            owners = frozenset(n.removeprefix("@").lower() for n in names if n.startswith("@") and "/" not in n)
    return owners


def accepted_digest(reviews: Iterable[dict[str, Any]], author: str, owners: frozenset[str]) -> str | None:
    """The digest of the newest approval that counts."""
    standing: dict[str, dict[str, Any]] = {}
    for review in reviews:
        who = str((review.get("user") or {}).get("login", "")).lower()
        if review.get("state") in _STATES and who in owners and who != author.lower():
            standing.pop(who, None)  # so that the newest stands last
            standing[who] = review
    accepted = None
    for review in standing.values():
        if review["state"] == "APPROVED" and (found := _ACCEPT.findall(review.get("body") or "")):
            accepted = str(found[-1])
    return accepted


if __name__ == "__main__":
    owners = owners_of_the_list(Path(sys.argv[2]).read_text("utf-8"))
    print(accepted_digest(map(json.loads, sys.stdin), sys.argv[1], owners) or "")
