"""What weakens or strengthens a likeness, whatever its technique: the rows of ``data/guards.tsv``.

Most rows ask about the kind of the likeness, of which there are few. For each kind these questions are answered once
and kept with the index, so that a likeness is only asked what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checker.core.lookalike.facts import FACTS, OF_A_KIND, Case
from checker.core.reference import GuardRow

__all__ = ["weighed"]


def weighed(score: int, case: Case) -> int:
    """The technique's score after every guard, 0 to 99."""
    kinds = case.index.guards_of_kind
    kind = tuple([FACTS[name](case) for name in OF_A_KIND])
    guards = kinds.get(kind)
    if guards is None:
        facts = dict(zip(OF_A_KIND, kind, strict=True))
        guards = kinds[kind] = tuple(tuple(_left(rows, facts)) for rows in case.index.tables.guards)
    known: dict[str, bool | int | str] = {}  # each fact is established once, and only if a row asks for it
    for rows in guards:
        for conditions, points in rows:
            for name, allowed, negated in conditions:
                value = known.get(name)
                if value is None:
                    value = known[name] = FACTS[name](case)
                if (value in allowed) is negated:
                    break
            else:
                score += points
                break
    return max(0, min(score, 99))


def _left(rows: Iterable[GuardRow], facts: dict[str, bool | int | str]) -> Iterator[GuardRow]:
    """The rows that may still hold given these facts, with the conditions that are still open."""
    for row in rows:
        if all((facts[name] in allowed) is not negated for name, allowed, negated in row.conditions if name in facts):
            still_open = tuple(condition for condition in row.conditions if condition.fact not in facts)
            yield GuardRow(still_open, row.points)
            if not still_open:
                return
