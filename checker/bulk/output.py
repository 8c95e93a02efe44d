"""Answers on their way into a file: whole at the end, and never begun anew for want of a journal.

``OUT.part`` grows by whole chunks. ``OUT.progress``, the journal, says how much of it counts: it is written
anew, whole, after the bytes it counts have reached the disk. Whatever a killed run wrote after its last journal is
cut off by the next one, which goes on from there; ``OUT`` itself is replaced once, at the end.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import msgspec

from checker.bulk.forms import Form
from checker.bulk.input import Chunk
from checker.bulk.progress import Answered, Tally
from checker.core.errors import BulkError

if sys.platform != "win32":
    import fcntl

__all__ = ["Begun", "Output", "begin"]

_FLUSH_SECONDS = 1.0
"""A killed run loses about so much of its work."""


class Begun(msgspec.Struct, frozen=True):
    """What a run must have in common with the one it goes on from. ``list``: the list's version."""

    version: str
    list: str
    ending: str
    task: str | None
    lang: str
    context: str


class _Journal(msgspec.Struct, frozen=True):
    """``day``: the ISO date of the first run, which the whole file is answered as of. ``digest``: of the lines
    answered so far. ``bytes``: how much of the part counts."""

    begun: Begun
    day: str
    tally: Tally = Tally()
    digest: str = ""
    bytes: int = 0


def begin(path: Path, form: Form, begun: Begun, day: str, resume: bool) -> Output:
    """Start ``path``, or go on where a run that was interrupted has stopped. Raises BulkError where it must not."""
    part, journal_file = _beside(path, ".part"), _beside(path, ".progress")
    with _writing(path):
        left = part.exists()
        if left and not resume:
            raise BulkError(f"{part} is left from a run that was interrupted: go on with --resume, or {_anew(path)}")
        journal = _read(path, journal_file) if left else None
        if not left:  # whatever a journal says of a run that put its file in its place, this is another run
            journal_file.unlink(missing_ok=True)
        file = os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        with suppress(FileNotFoundError):  # who may not read the file that is there may not read the new one
            part.chmod(stat.S_IMODE(path.stat().st_mode) | stat.S_IRUSR | stat.S_IWUSR)
        output = Output(path, form, journal or _Journal(begun, day), io.FileIO(file, "r+"))
        try:
            output.claim(begun, known=journal is not None)
        except BaseException:
            output.close()
            raise
        return output


class Output:
    """A file that is being written. The journal in memory is replaced in one step, after a chunk is whole, so that a
    run may be interrupted anywhere."""

    def __init__(self, path: Path, form: Form, journal: _Journal, part: io.FileIO) -> None:
        self._path, self._form, self._journal, self._part = path, form, journal, part
        self._digest = hashlib.blake2b(digest_size=16)
        self._flushed = -math.inf  # the first chunk is kept at once

    @property
    def tally(self) -> Tally:
        """What is in the file so far."""
        return self._journal.tally

    @property
    def day(self) -> date:
        """The day of the first run."""
        return date.fromisoformat(self._journal.day)

    def claim(self, begun: Begun, known: bool) -> None:
        """Take the part for this run alone, and cut off what the journal does not count."""
        part, journal = self._part, self._journal
        if sys.platform != "win32":
            try:
                fcntl.flock(part.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BulkError(f"{self._path} is being written by another run, which has to end first.") from None
        there = os.fstat(part.fileno()).st_size
        if not known and there:
            raise BulkError(f"{part.name} is in the way, and no journal tells what it holds: {_anew(self._path)}")
        if known and journal.begun != begun:
            raise BulkError(f"{part.name} {_difference(journal.begun, begun)}, or {_anew(self._path)}")
        if there < journal.bytes:
            raise BulkError(f"{part.name} is shorter than its journal says: {_anew(self._path)}")
        part.truncate(journal.bytes)
        part.seek(journal.bytes)
        self._write_journal()

    def skip(self, chunks: Iterator[Chunk], name: str) -> None:
        """Read past what has been answered. Raises BulkError where the input is not what it was."""
        seen = 0
        while seen < self.tally.addresses and (chunk := next(chunks, None)) is not None:
            self._take_in(chunk)
            seen += len(chunk.lines)
        if self.tally.addresses and self._digest.hexdigest() != self._journal.digest:
            raise BulkError(
                f"The first {self.tally.addresses:,} addresses of {name} are not those that were answered: go on with"
                f" the input of the run that was interrupted, or {_anew(self._path)}"
            )

    def add(self, chunk: Chunk, answers: Answered) -> None:
        """Append the answers to a chunk."""
        with _writing(self._path):
            self._append(answers.data)
            self._take_in(chunk)
            self._journal = msgspec.structs.replace(
                self._journal,
                tally=self.tally.with_(chunk, answers),
                digest=self._digest.hexdigest(),
                bytes=self._journal.bytes + len(answers.data),
            )
            if time.monotonic() - self._flushed > _FLUSH_SECONDS:
                self._flush()

    def finish(self, nothing: bytes) -> None:
        """Put the file in its place. ``nothing``: what a file without answers consists of."""
        with _writing(self._path):
            if not self.tally.addresses:
                self._append(nothing)
            self._flush()
            self._replace()
            _beside(self._path, ".progress").unlink(missing_ok=True)

    def stop(self) -> bool:
        """Keep what is done for --resume, and answer True; where that is nothing, leave nothing behind."""
        if self.tally.addresses:
            with suppress(OSError, ValueError):  # on a full disk, or once the part is closed, the last one stands
                self._flush()
            return True
        for ending in (".part", ".progress"):
            _beside(self._path, ending).unlink(missing_ok=True)
        return False

    def close(self) -> None:
        """Let go of the part."""
        self._part.close()

    def _take_in(self, chunk: Chunk) -> None:
        self._digest.update(b"%d\n" % chunk.numbers[-1] + b"\n".join(chunk.lines))

    def _append(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._part.write(rest) :]

    def _flush(self) -> None:
        os.fsync(self._part.fileno())
        self._write_journal()
        self._flushed = time.monotonic()

    def _write_journal(self) -> None:
        _write_through(_beside(self._path, ".progress"), msgspec.json.encode(self._journal))

    def _replace(self) -> None:
        part = _beside(self._path, ".part")
        if self._form is not Form.PARQUET:
            self.close()
            part.replace(self._path)
            return
        from checker.bulk.parquet import write_parquet

        whole = _beside(self._path, ".whole")
        begun = self._journal.begun
        whole.touch(0o600)
        write_parquet(part, whole, {"portalcheck": begun.version, "list": begun.list, "day": self._journal.day})
        whole.chmod(stat.S_IMODE(part.stat().st_mode))
        with whole.open("rb+") as file:
            os.fsync(file.fileno())
        whole.replace(self._path)
        self.close()
        part.unlink()


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _write_through(path: Path, data: bytes) -> None:
    """Replace a small file. The name in between is always the same, so that a killed run leaves one at most."""
    new = _beside(path, ".new")
    with new.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _read(path: Path, journal: Path) -> _Journal | None:
    try:
        return msgspec.json.decode(journal.read_bytes(), type=_Journal)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, ValueError):
        raise BulkError(f"{journal} is damaged: {_anew(path)}") from None


def _difference(old: Begun, new: Begun) -> str:
    if old.version != new.version:
        return f"was begun by portalcheck {old.version}: go on with that version"
    if old.list != new.list:
        return f"was begun with another list, version {old.list}: name that one with --allowlists"
    for option in ("task", "lang", "context"):
        before = getattr(old, option)
        if before != getattr(new, option):
            return f"was begun {f'with --{option} {before}' if before else f'without --{option}'}: do so again"
    return f"was begun with the ending {old.ending}: use that one"


def _anew(path: Path) -> str:
    return f"delete {path.name}.part and {path.name}.progress to start anew."


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BulkError(f"{path} could not be written: {error.strerror or error}.") from None
