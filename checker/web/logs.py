"""The log: one JSON object per line, with the request it belongs to, and never what was asked.

docs/data.md lists every field, and a test compares it with this file.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from random import getrandbits

__all__ = ["FIELDS", "REQUEST_ID", "JsonLines", "log_as_json", "new_request_id", "places"]

FIELDS = ("time", "level", "logger", "message", "request", "fault", "at")
"""Every field a line can have, in this order."""

REQUEST_ID: ContextVar[bytes | None] = ContextVar("REQUEST_ID", default=None)
"""The current request: a random name, sent to the client as X-Request-Id."""

_OWN_LOGGER = "portalcheck"
_SUPERVISOR = "_granian"
_MAX_FRAMES = 6


def new_request_id() -> bytes:
    """64 random bits, which say nothing about the request. An ID sent by the client is ignored: it could hold
    anything."""
    return b"%016x" % getrandbits(64)


def places(error: BaseException) -> str:
    """The innermost frames of the traceback: files, lines and functions, no values."""
    frames = traceback.extract_tb(error.__traceback__, limit=-_MAX_FRAMES)
    return " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON, without anything that could hold an address.

    An exception's message could, so only its type and places are written. A library's message could, so only the
    place of the call is written; from granian's supervisor, whose messages name workers and nothing else, and of
    uvicorn's the fixed part.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without the line end."""
        is_own = record.name.partition(".")[0] == _OWN_LOGGER
        request = REQUEST_ID.get()
        error = record.exc_info[1] if record.exc_info else None
        if is_own or record.name == _SUPERVISOR:
            message = record.getMessage()
        elif record.name.startswith("uvicorn"):
            message = str(record.msg)  # the fixed part, without its arguments
        else:
            message = "a library's message"
        values = (
            datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            record.levelname.lower(),
            record.name,
            message,
            request.decode() if request else None,
            type(error).__name__ if error else None,
            places(error) if error else None if is_own else f"{record.filename}:{record.lineno} {record.funcName}",
        )
        line = {name: value for name, value in zip(FIELDS, values, strict=True) if value is not None}
        return json.dumps(line, ensure_ascii=False)


def log_as_json() -> None:
    """Send every log of this process to standard error: ours from *info* up, those of libraries from *warning* up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(_OWN_LOGGER).setLevel(logging.INFO)
    # What a server says of one connection, such as a malformed request, is its client's doing: only errors count.
    for name in (_SUPERVISOR, "uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.ERROR)
    # A line per request would hold its path, and people do paste addresses after the site's own.
    for name in ("uvicorn.access", "granian.access"):
        logging.getLogger(name).disabled = True
