"""Which official site a host imitates, and by which trick (DESIGN 8).

    host ─ query.read ─ pairs.find_pairs ─ techniques ─ guards ─ search.find → Imitation | None

``find`` is asked only about hosts that are not on the list, so two official sites can never accuse
each other. Everything it compares with is derived from the list when it is loaded; the cost of a
question does not grow with the list.
"""

from checker.core.lookalike.index import LookalikeIndex
from checker.core.lookalike.model import Attempt, Conflict, Imitation, Technique
from checker.core.lookalike.search import conflicts, explain, find

__all__ = ["Attempt", "Conflict", "Imitation", "LookalikeIndex", "Technique", "conflicts", "explain", "find"]
