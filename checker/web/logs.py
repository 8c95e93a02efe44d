"""The log: one JSON object a line, with the request it belongs to and never what was asked.

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

REQUEST_ID: ContextVar[str | None] = ContextVar("REQUEST_ID", default=None)
"""The request that is being answered: a random name, told to the client as X-Request-Id."""

_OWN = "portalcheck"
_PLACES = 6


def new_request_id() -> str:
    """A name for a request; 64 random bits say nothing about it. One that a client sends is not taken:
    it could hold anything."""
    return f"{getrandbits(64):016x}"


def places(error: BaseException) -> str:
    """The innermost places of the traceback: files, lines and functions, no values."""
    frames = traceback.extract_tb(error.__traceback__, limit=-_PLACES)
    return " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))


class JsonLines(logging.Formatter):
    """Writes a record as one line. Of an exception it writes type and places: its message can hold an address.
    So can what a library logs; of that it writes where it was logged, and the words only if they are fixed."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        own = record.name.partition(".")[0] == _OWN
        error = record.exc_info[1] if record.exc_info else None
        if own:
            message = record.getMessage()
        elif record.name.startswith("uvicorn"):
            message = str(record.msg)  # without its arguments
        else:
            message = "a library's message"
        values = (
            datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            record.levelname.lower(),
            record.name,
            message,
            REQUEST_ID.get(),
            type(error).__name__ if error else None,
            places(error) if error else None if own else f"{record.filename}:{record.lineno} {record.funcName}",
        )
        line = {name: value for name, value in zip(FIELDS, values, strict=True) if value is not None}
        return json.dumps(line, ensure_ascii=False)


def log_as_json() -> None:
    """Send every log of this process to standard error, ours from *info* on, libraries' from *warning* on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger(_OWN).setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)
    # A line per request would hold its path, and people do paste addresses behind a site's own.
    logging.getLogger("uvicorn.access").disabled = True
