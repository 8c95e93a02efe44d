"""The list as of a git revision, for comparison. The repository is only read."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from checker.core.errors import AllowlistError

__all__ = ["folder_at", "history_of"]


@contextmanager
def folder_at(revision: str, folder: Path) -> Iterator[Path]:
    """A folder with the list as of ``revision``: the path of a folder, or a git revision of ``folder``'s repository.

    Raises AllowlistError if it is neither.
    """
    if Path(revision).is_dir():
        yield Path(revision)
        return
    prefix = _git(folder, "rev-parse", "--show-prefix").decode().strip().rstrip("/")
    root = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    archive = _git(root, "archive", "--format=zip", "--end-of-options", f"{revision}:{prefix}")
    with tempfile.TemporaryDirectory() as parent:
        extracted = Path(parent) / folder.resolve().name  # the same name, so that findings name the same files
        with zipfile.ZipFile(io.BytesIO(archive)) as files:  # extractall stays inside the folder and makes no links
            files.extractall(extracted)
        yield extracted


def history_of(path: Path, most: int = 10) -> tuple[str, ...]:
    """The latest changes to a file, newest first, as ``date  subject``; empty outside a repository."""
    try:
        log = _git(path.parent, "log", "--follow", f"-{most}", "--format=%as  %s", "--", path.name)
    except AllowlistError:
        return ()
    return tuple(log.decode("utf-8", "replace").splitlines())


def _git(folder: Path, *arguments: str) -> bytes:
    program = shutil.which("git")
    if program is None:
        raise AllowlistError(("git is not installed; name a folder instead of a revision",))
    # All arguments are our own except the revision, which --end-of-options keeps from being read as an option.
    command = [program, "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise AllowlistError(
            (f"git: {said[-1] if said else 'failed'}; name a revision or a folder that holds the list",)
        )
    return done.stdout
