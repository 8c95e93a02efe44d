"""Writes answers to a file that is complete or absent, and that an interrupted run can resume.

``OUT.part`` grows by whole chunks. ``OUT.progress``, the journal, says how many of its bytes are valid; it is replaced
only after those bytes have reached the disk. Whatever a killed run wrote after its last journal is cut off when the
run is resumed. ``OUT`` itself is replaced once, at the end.
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

from checker.bulk.formats import OutputFormat
from checker.bulk.input import Chunk
from checker.bulk.progress import Answered, Tally
from checker.core.errors import BulkError
from checker.lists.files import put_in_place

if sys.platform != "win32":
    import fcntl

__all__ = ["Output", "RunKey", "start"]

_FLUSH_SECONDS = 1.0
"""How often the journal is written, and so about how much work a killed run loses."""


class RunKey(msgspec.Struct, frozen=True):
    """What has to be the same for a run to resume another one. ``list``: the list's version."""

    version: str
    list: str
    ending: str
    task: str | None
    lang: str
    context: str


class _Journal(msgspec.Struct, frozen=True):
    """The state of a run. ``day``: the ISO date of the first run, as of which the whole file is answered. ``digest``:
    of the lines answered so far. ``bytes``: how many bytes of ``OUT.part`` are valid."""

    run: RunKey = msgspec.field(name="begun")  # as existing journals spell it
    day: str
    tally: Tally = Tally()
    digest: str = ""
    bytes: int = 0


def start(path: Path, output_format: OutputFormat, run: RunKey, day: str, resume: bool) -> Output:
    """Start writing ``path``, or resume an interrupted run. Raises BulkError if neither is possible."""
    part, journal_file = _beside(path, ".part"), _beside(path, ".progress")
    with _write_errors(path):
        interrupted = part.exists()
        if interrupted and not resume:
            raise BulkError(
                f"{part} is left from an interrupted run: continue it with --resume, or {_start_over(path)}"
            )
        journal = _read_journal(path, journal_file) if interrupted else None
        if not interrupted:  # a journal without a part belongs to a run that finished
            journal_file.unlink(missing_ok=True)
        file = os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        with suppress(FileNotFoundError):  # whoever may not read the existing file may not read the new one
            part.chmod(stat.S_IMODE(path.stat().st_mode) | stat.S_IRUSR | stat.S_IWUSR)
        output = Output(path, output_format, journal or _Journal(run, day), io.FileIO(file, "r+"))
        try:
            output.claim(run, known=journal is not None)
        except BaseException:
            output.close()
            raise
        return output


class Output:
    """A file that is being written. The journal in memory is replaced in one step, once a chunk is complete, so a run
    may be interrupted anywhere."""

    def __init__(self, path: Path, output_format: OutputFormat, journal: _Journal, part: io.FileIO) -> None:
        self._path, self._format, self._journal, self._part = path, output_format, journal, part
        self._digest = hashlib.blake2b(digest_size=16)
        self._flushed = -math.inf  # so that the first chunk is flushed at once

    @property
    def tally(self) -> Tally:
        """Totals of what is in the file so far."""
        return self._journal.tally

    @property
    def day(self) -> date:
        """The day of the first run."""
        return date.fromisoformat(self._journal.day)

    def claim(self, run: RunKey, known: bool) -> None:
        """Lock the part for this run, and cut off what is not in the journal. ``known``: whether there was one.

        Raises BulkError if another run writes the part, or this run cannot resume it.
        """
        part, journal = self._part, self._journal
        if sys.platform != "win32":
            try:
                fcntl.flock(part.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BulkError(f"{self._path} is being written by another run; wait until it ends.") from None
        size = os.fstat(part.fileno()).st_size
        if not known and size:
            raise BulkError(f"{part.name} exists, but there is no journal of what it holds: {_start_over(self._path)}")
        if known and journal.run != run:
            raise BulkError(f"{part.name} {_difference(journal.run, run)}, or {_start_over(self._path)}")
        if size < journal.bytes:
            raise BulkError(f"{part.name} is shorter than its journal says: {_start_over(self._path)}")
        part.truncate(journal.bytes)
        part.seek(journal.bytes)
        self._write_journal()

    def skip(self, chunks: Iterator[Chunk], name: str) -> None:
        """Read past the lines that are answered. Raises BulkError if they are not the same as before."""
        seen = 0
        while seen < self.tally.addresses and (chunk := next(chunks, None)) is not None:
            self._take_in(chunk)
            seen += len(chunk.lines)
        if self.tally.addresses and self._digest.hexdigest() != self._journal.digest:
            raise BulkError(
                f"The first {self.tally.addresses:,} addresses of {name} are not those that were answered: use the"
                f" input of the interrupted run, or {_start_over(self._path)}"
            )

    def add(self, chunk: Chunk, answers: Answered) -> None:
        """Append the answers to a chunk."""
        with _write_errors(self._path):
            self._append(answers.data)
            self._take_in(chunk)
            self._journal = msgspec.structs.replace(
                self._journal,
                tally=self.tally.plus(chunk, answers),
                digest=self._digest.hexdigest(),
                bytes=self._journal.bytes + len(answers.data),
            )
            if time.monotonic() - self._flushed > _FLUSH_SECONDS:
                self._flush()

    def finish(self, if_empty: bytes) -> None:
        """Put the file in its place. ``if_empty``: the content of a file without answers."""
        with _write_errors(self._path):
            if not self.tally.addresses:
                self._append(if_empty)
            self._flush()
            self._replace()
            _beside(self._path, ".progress").unlink(missing_ok=True)

    def stop(self) -> bool:
        """Keep what is done for --resume and return True; if that is nothing, remove the files and return False."""
        if self.tally.addresses:
            with suppress(OSError, ValueError):  # if the disk is full or the part closed, the last journal stays valid
                self._flush()
            return True
        for ending in (".part", ".progress"):
            _beside(self._path, ending).unlink(missing_ok=True)
        return False

    def close(self) -> None:
        """Close and unlock the part."""
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
        new = _beside(self._path, ".progress.new")  # always the same name, so killed runs leave one such file at most
        new.write_bytes(msgspec.json.encode(self._journal))
        put_in_place(new, _beside(self._path, ".progress"))

    def _replace(self) -> None:
        part = _beside(self._path, ".part")
        if self._format is not OutputFormat.PARQUET:
            self.close()
            put_in_place(part, self._path)
            return
        from checker.bulk.parquet import write_parquet

        whole, run = _beside(self._path, ".whole"), self._journal.run
        whole.touch(0o600)
        write_parquet(part, whole, {"portalcheck": run.version, "list": run.list, "day": self._journal.day})
        whole.chmod(stat.S_IMODE(part.stat().st_mode))
        put_in_place(whole, self._path)
        self.close()
        part.unlink()


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _read_journal(path: Path, journal: Path) -> _Journal | None:
    try:
        return msgspec.json.decode(journal.read_bytes(), type=_Journal)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, ValueError):
        raise BulkError(f"{journal} is damaged: {_start_over(path)}") from None


def _difference(old: RunKey, new: RunKey) -> str:
    if old.version != new.version:
        return f"was started by portalcheck {old.version}: continue with that version"
    if old.list != new.list:
        return f"was started with another list, version {old.list}: name that one with --allowlists"
    for option in ("task", "lang", "context"):
        before = getattr(old, option)
        if before != getattr(new, option):
            return f"was started {f'with --{option} {before}' if before else f'without --{option}'}: do the same again"
    return f"was started with the ending {old.ending}: use that one"


def _start_over(path: Path) -> str:
    return f"delete {path.name}.part and {path.name}.progress to start over."


@contextmanager
def _write_errors(path: Path) -> Iterator[None]:
    """Turns errors of the file system into BulkError."""
    try:
        yield
    except OSError as error:
        raise BulkError(f"{path} could not be written: {error.strerror or error}.") from None
