"""Writes files atomically: complete or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["put_in_place", "write_whole"]


def write_whole(path: Path, data: bytes) -> None:
    """Replace the content of ``path`` by ``data`` in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o644)
        put_in_place(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def put_in_place(new: Path, path: Path) -> None:
    """Rename the file ``new`` to ``path``. After a crash, ``path`` is the old file or the complete new one."""
    with new.open("rb+") as file:
        os.fsync(file.fileno())  # or the name could reach the disk before the content
    new.replace(path)
