"""The error for a missing pyarrow, an optional dependency."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from checker.core.errors import BulkError

__all__ = ["needs_pyarrow"]


@contextmanager
def needs_pyarrow(what: str) -> Iterator[None]:
    """Wraps an import of pyarrow: if it is not installed, raises BulkError, which says how to install it."""
    try:
        yield
    except ImportError:
        raise BulkError(f"{what} needs pyarrow. Install it with: pip install 'portalcheck[bulk]'") from None
