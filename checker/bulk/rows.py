"""One answer as one row: its facts without its sentences."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from checker.core.check import Result
from checker.core.errors import UnreadableAddress
from checker.core.text import Context
from checker.core.url import WebUrl
from checker.service import Service

__all__ = ["Row", "row_for"]


class Row(NamedTuple):
    """The columns for one address.

    ``verdict``: *verified* or *warning*; None if there is no single address to judge. ``level``: that of a warning,
    else None. ``codes``: every code of the answer: its reasons, worst first, then its notes; for an unreadable text
    its error code. ``operator``: who runs the official site that the answer is about, which is the address's own or
    the one that it resembles, or the vendor or organization whose unlisted site it is; None if none is known. ``host``:
    the host that a browser would open, link wrappers removed; None if there is none.
    """

    verdict: str | None
    level: str | None
    codes: tuple[str, ...]
    operator: str | None
    host: str | None


def row_for(text: str, service: Service, context: Context, today: date) -> Row:
    """The row for a text, readable or not."""
    try:
        result = service.check(text, context=context, today=today)
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
    if result.imitated is not None:
        return result.imitated.operator.name
    return None if result.known is None else result.known.name
