"""One answer as one row: what remains of it when nobody reads its sentences."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from checker.core.check import Checker, Result
from checker.core.errors import UnreadableAddress
from checker.core.text import Context
from checker.core.url import WebUrl

__all__ = ["Row", "row_for"]


class Row(NamedTuple):
    """The columns of one address.

    ``verdict``: *verified* or *warning*; None where there is no single address to judge. ``level``: that of
    a warning, else None. ``codes``: every code of the answer: the reasons, worst first, or the notes of a
    verified one; of an unreadable text its error code. ``operator``: who runs the official site that the
    answer is about: the address's own, or the one it takes after; None when none is known. ``host``: the
    host that a browser would ask, link wrappers taken off.
    """

    verdict: str | None
    level: str | None
    codes: tuple[str, ...]
    operator: str | None
    host: str | None


def row_for(text: str, checker: Checker, context: Context, today: date) -> Row:
    """The row for any text."""
    try:
        result = checker.check(text, context=context, today=today)
    except UnreadableAddress as error:
        return Row(None, None, (error.code,), None, None)
    judgement = result.judgement
    level = judgement.level
    return Row(
        judgement.verdict.value,
        None if level is None else level.value,
        tuple([reason.code.value for reason in judgement.reasons] + [note.value for note in judgement.notes]),
        _operator(result),
        result.address.host if isinstance(result.address, WebUrl) else None,
    )


def _operator(result: Result) -> str | None:
    if result.shown is not None and result.shown.is_known:
        return result.shown.organization
    if result.match is not None:
        return result.match.operator.name
    if result.imitation is not None and result.imitation.known is not None:
        return result.imitation.known.name
    return None if result.imitated is None else result.imitated.operator.name
