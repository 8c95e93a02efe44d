"""What is said where the optional part of portalcheck is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from checker.core.errors import BulkError

__all__ = ["needs_pyarrow"]


@contextmanager
def needs_pyarrow(what: str) -> Iterator[None]:
    """Around an import of pyarrow: where it is not installed, the error says what to install."""
    try:
        yield
    except ImportError:
        raise BulkError(f"{what} needs pyarrow. Install it with: pip install 'portalcheck[bulk]'") from None
