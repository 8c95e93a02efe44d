"""Which official site a host imitates, and by which technique (docs/design.md, section 8).

    host ─ query.read ─ pairs.SEARCHES ─ techniques ─ guards ─ search.find → Imitation | None

``find`` is called only for hosts that are not on the list, so one official site never accuses another. Everything
it compares with is derived from the list at load time, and the cost of a query does not grow with the list.
"""

from checker.core.lookalike.index import LookalikeIndex
from checker.core.lookalike.model import Attempt, Conflict, Imitation, Technique
from checker.core.lookalike.search import conflicts, explain, find

__all__ = ["Attempt", "Conflict", "Imitation", "LookalikeIndex", "Technique", "conflicts", "explain", "find"]
