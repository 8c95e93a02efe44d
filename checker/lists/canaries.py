"""Canaries: addresses with the verdict they must get, checked before a list is used.

A list can be well formed and still wrong: half copied, or from the wrong folder. ``canaries.yaml`` says which
answers a correct list gives; a list that gives another is refused like one that cannot be read.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from checker.core.check import Checker
from checker.core.errors import AllowlistError, UnreadableAddress
from checker.core.text import Context
from checker.lists import strict_yaml
from checker.lists.findings import Finding, Severity
from checker.lists.format import CanariesFile, ListFile, read_list_file

__all__ = ["CANARIES", "ask_canaries", "check_canaries", "read_canaries"]

CANARIES = "canaries.yaml"
_EPOCH = date(1970, 1, 1)


def check_canaries(checker: Checker, folder: Path) -> int:
    """Check the canaries in ``folder`` and return how many there are; a folder may have none.

    Raises AllowlistError with a ``file:line`` sentence for each one that gets another answer.
    """
    data = read_canaries(folder)
    return 0 if data is None else ask_canaries(checker, data, _name(folder))


def read_canaries(folder: Path) -> bytes | None:
    """The canaries file in ``folder``, or None if there is none. Raises AllowlistError if it cannot be read."""
    try:
        with (folder / CANARIES).open("rb") as stream:
            return stream.read(strict_yaml.MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AllowlistError((f"{_name(folder)}:1: cannot be read ({error.strerror})",)) from None


def _name(folder: Path) -> str:
    return f"{folder.resolve().name}/{CANARIES}"


def ask_canaries(checker: Checker, data: bytes, name: str) -> int:
    """The same for canaries in memory; ``name`` is the file name used in errors."""
    file, findings = read_list_file(data, name, CanariesFile)
    if file is None or findings:
        raise AllowlistError(tuple(str(finding) for finding in findings))
    today = _as_of(checker)
    count = len(file.content.canaries)
    failures = [failure for index in range(count) if (failure := _failure(checker, file, index, today))]
    if failures:
        raise AllowlistError(tuple(str(failure) for failure in failures))
    return count


def _as_of(checker: Checker) -> date:
    """The day of the list's newest evidence, so that an unchanged list never fails just because time passes."""
    days = (evidence.first_day for portal in checker.allowlist.portals for evidence in portal.evidence)
    return max(days, default=_EPOCH)


def _failure(checker: Checker, file: ListFile[CanariesFile], index: int, today: date) -> Finding | None:
    canary = file.content.canaries[index]
    wanted = canary.verdict + (f" with {canary.reason}" if canary.reason else "")
    try:
        judgement = checker.check(canary.url, context=Context(canary.context), today=today).judgement
    except UnreadableAddress as error:
        got = f"the error {error.code}"
    else:
        codes = [str(reason.code) for reason in judgement.reasons]
        if judgement.verdict == canary.verdict and (canary.reason is None or canary.reason in codes):
            return None
        got = str(judgement.verdict) + (f" with {', '.join(codes)}" if codes else "")
    message = f"a canary must be {wanted} and is {got}: {canary.why}; repair the list, or the canary if it is wrong"
    return file.finding("canary", Severity.ERROR, message, "canaries", index)
