"""What a process holds for good, and the collector that need not look through it."""

from __future__ import annotations

import gc

__all__ = ["settle"]


def settle() -> None:
    """Leave what is loaded by now out of every later collection. To be called when the list is ready.

    The second collection has next to nothing to look at. It is for the collector's bookkeeping: Python collects fully
    when what is new comes to a quarter of what the last full collection left, and would wait for a quarter of the
    whole list. Until then the remains of refused requests pile up to some thirty megabytes.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
