"""Looks the locked dependencies up among known vulnerabilities.

Exit code 1 for a known vulnerability. The service that knows them may be out of reach: that is said in one
line and fails nothing, because it tells nothing about the dependencies.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SECONDS = 20
"""After this the service counts as out of reach."""
LOCK = Path(__file__).parent.parent / "requirements.lock"
OUT_OF_REACH = "SKIPPED: the service that knows vulnerabilities was not reached; no dependency was audited."
NO_ANSWER = ("Could not connect to PyPI", "PyPI is not redirecting", "requests.exceptions", "ServiceError")
"""What the auditor writes when the service, and not the lock file, is at fault."""


def ask() -> list[dict[str, Any]] | None:
    """What is known about each dependency; None when nobody answered."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner=off"]
    try:
        done = subprocess.run(
            [*command, "--timeout=5", "--format=json", f"--requirement={LOCK}"],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if not done.stdout:
        if any(sign in done.stderr for sign in NO_ANSWER):
            return None
        raise SystemExit(f"The audit did not run: {done.stderr}")
    found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    return found


def verdict(dependencies: list[dict[str, Any]] | None) -> tuple[int, list[str]]:
    """The exit code and what to say."""
    known = [one for one in dependencies or () if "vulns" in one]
    if dependencies is None or not known:  # an index that only hands out packages knows none of them
        return 0, [OUT_OF_REACH]
    lines = [f"not audited, unknown to the service: {one['name']}" for one in dependencies if "vulns" not in one]
    vulnerable = [(one, vuln) for one in known for vuln in one["vulns"]]
    lines += [
        f"{one['name']} {one['version']}: {vuln['id']}, fixed in {', '.join(vuln['fix_versions']) or 'no version yet'}"
        for one, vuln in vulnerable
    ]
    return int(bool(vulnerable)), [*lines, f"{len(known)} dependencies audited, {len(vulnerable)} vulnerabilities."]


if __name__ == "__main__":
    code, lines = verdict(ask())
    print("\n".join(lines))
    raise SystemExit(code)
