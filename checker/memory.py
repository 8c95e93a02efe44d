"""Freezes long-lived objects out of garbage collection."""

from __future__ import annotations

import gc

__all__ = ["settle"]


def settle() -> None:
    """Exclude everything loaded so far from garbage collection. Call it once the list is loaded.

    The second collection has almost nothing to examine; it resets the collector's own bookkeeping. Python runs a
    full collection once the new objects amount to a quarter of what the last full collection left. Without the reset
    that means a quarter of the whole list, and refused requests would leave up to some thirty megabytes behind.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
