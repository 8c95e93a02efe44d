"""The audit: a known vulnerability fails it, and a missing answer never looks like a good one."""

from __future__ import annotations

import importlib.util
import subprocess
from types import ModuleType
from typing import Any

import pytest

from tests.served import ROOT


@pytest.fixture
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GOOD = {"name": "a", "version": "1.0", "vulns": []}
BAD = {"name": "b", "version": "2.0", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["2.1"]}]}
UNKNOWN = {"name": "c", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("dependencies", "code", "last", "why"),
    [
        ([GOOD], 0, "1 dependencies audited, 0 vulnerabilities.", "no known vulnerabilities"),
        ([GOOD, BAD], 1, "2 dependencies audited, 1 vulnerabilities.", "one is enough"),
        ([UNKNOWN, BAD], 1, "1 dependencies audited, 1 vulnerabilities.", "even if others are unknown"),
        ([UNKNOWN, UNKNOWN], 0, "SKIPPED", "a service that knows none of them has told us nothing"),
        (None, 0, "SKIPPED", "no answer"),
    ],
)
def test_the_outcome_of_an_audit(
    dependencies: list[dict[str, Any]] | None, code: int, last: str, why: str, audit: ModuleType
) -> None:
    exit_code, lines = audit.verdict(dependencies)
    assert (exit_code, lines[-1].startswith(last)) == (code, True), why


def test_a_vulnerable_dependency_is_named_with_the_version_that_fixes_it(audit: ModuleType) -> None:
    assert "b 2.0: PYSEC-2026-1, fixed in 2.1" in audit.verdict([GOOD, BAD])[1]


def test_an_auditor_that_hangs_or_finds_no_service_skips_and_one_that_crashes_fails(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(stderr: str) -> None:
        done = subprocess.CompletedProcess([], 1, stdout="", stderr=stderr)
        monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: done)

    def hangs(*_: object, **options: Any) -> None:
        raise subprocess.TimeoutExpired("pip_audit", options["timeout"])

    ends("ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed")
    assert audit.ask() is None
    ends("ERROR:pip_audit._cli:invalid requirements input")
    with pytest.raises(SystemExit, match="did not run"):
        audit.ask()
    monkeypatch.setattr(audit.subprocess, "run", hangs)
    assert audit.ask() is None
