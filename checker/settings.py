"""What an operator may set, read once from the environment when the service starts.

Every setting is a row of ``_READERS``: its variable, the field it fills, and the function that
reads its text. A variable that looks like ours and is none of ours stops the start, because a
misspelt limit that is silently ignored is worse than none.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checker.errors import SettingsError

__all__ = ["ANY_HOST", "LOOPBACK_HOSTS", "Settings"]

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
ANY_HOST = "*"

_PREFIX = "PORTALCHECK_"
_FOR_TESTS = f"{_PREFIX}VECTORS"
"""Names a folder of test vectors; only the tests read it."""


_HOST_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*|\*")
"""A name, an IPv4 or IPv6 address (without brackets), or the star."""


def _packaged_allowlists() -> Path:
    """The lists that came with the program: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "allowlists"
    return inside if inside.is_dir() else package.parent / "allowlists"


@dataclass(frozen=True, slots=True)
class Settings:
    """``allowlists``: the folder of list files. ``allowed_hosts``: the names this service answers
    to, without port; a page that points its own name at this machine gets no answer. ``watch``:
    reload the list when its files change (SIGHUP always does)."""

    allowlists: Path = field(default_factory=_packaged_allowlists)
    allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS
    watch: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """The settings in ``environ``. Raises SettingsError that says what to write instead."""
        fields: dict[str, Any] = {}
        for name in sorted(environ):
            if not name.startswith(_PREFIX) or name == _FOR_TESTS:
                continue
            if name not in _READERS:
                raise SettingsError(f"{name} is no setting of portalcheck. {_nearest(name)}")
            target, read = _READERS[name]
            try:
                fields[target] = read(environ[name].strip())
            except ValueError as error:
                raise SettingsError(f"{name} {error}") from None
        return cls(**fields)


def _folder(text: str) -> Path:
    folder = Path(text).expanduser()
    if not text or not folder.is_dir():
        raise ValueError("must name a folder that exists; leave it out to use the lists that came with portalcheck.")
    return folder


def _hosts(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    if not names or not all(_HOST_NAME.fullmatch(name) for name in names):
        raise ValueError(
            "must list the host names people use for this service, with commas between and without scheme"
            f" or port, such as portalcheck.example.org,localhost ({ANY_HOST} answers to any name)."
        )
    return names


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("must be 1 for yes or 0 for no.")
    return text == "1"


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, _READERS, n=1, cutoff=0.0)
    return f"Did you mean {near[0]}? The settings are: {', '.join(sorted(_READERS))}."


_READERS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "PORTALCHECK_ALLOWED_HOSTS": ("allowed_hosts", _hosts),
    "PORTALCHECK_ALLOWLISTS": ("allowlists", _folder),
    "PORTALCHECK_WATCH": ("watch", _switch),
}
