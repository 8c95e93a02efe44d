"""Techniques that have no single target: a portal vendor's word, and misleading characters."""

from __future__ import annotations

from collections.abc import Callable

from checker.lookalike.forms import fold
from checker.lookalike.guards import is_lure
from checker.lookalike.index import LookalikeIndex
from checker.lookalike.model import Imitation, Technique
from checker.lookalike.query import Query
from checker.reason import ReasonCode
from checker.url import WebUrl

__all__ = ["UNTARGETED"]


def _vendor_name(url: WebUrl, query: Query, index: LookalikeIndex) -> Imitation | None:
    """A portal's brand anywhere in the host: ``mychart-health.org``."""
    for token in query.tokens:
        for brand in index.brands:
            if brand in token.text or fold(brand) in fold(token.text):
                lures = any(is_lure(other.text, index) for other in query.tokens if other is not token)
                score = 56 + 8 * lures + 8 * query.anyone_makes_pages
                yours = query.shown[token.start : token.stop]
                return Imitation(
                    ReasonCode.PORTAL_NAME_UNLISTED, Technique.VENDOR_NAME, score, yours=yours, theirs=brand
                )
    return None


UNTARGETED: tuple[Callable[[WebUrl, Query, LookalikeIndex], Imitation | None], ...] = (_vendor_name,)
