"""What the service's log may say about a fault: where it happened, never what was asked."""

from __future__ import annotations

import traceback
from pathlib import Path

__all__ = ["places"]

_PLACES = 6


def places(error: BaseException) -> str:
    """The innermost places of the traceback: files, lines and functions, no values."""
    frames = traceback.extract_tb(error.__traceback__, limit=-_PLACES)
    return " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
