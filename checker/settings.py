"""The operator's settings, read once from the environment at startup.

Every setting is a row of ``_READERS``: its variable, the field it sets, and the function that reads its value. An
unknown variable with our prefix is an error: a misspelt limit that is silently ignored is worse than no limit.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

from checker.core.errors import SettingsError, how_to_install

__all__ = ["ANY_HOST", "LOOPBACK_HOSTS", "SHARED_FOLDER", "Settings"]

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
ANY_HOST = "*"

Network = IPv4Network | IPv6Network

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus-client's own name for the folder in which several workers count together."""

_PREFIX = "PORTALCHECK_"
_FOR_TESTS = f"{_PREFIX}VECTORS"
"""Names a folder of test vectors; only the tests read it."""

_HOST_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*|\*")
"""A name, an IPv4 or IPv6 address (without brackets), or the asterisk."""


def _packaged_allowlists() -> Path:
    """The lists that come with the program: inside the wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "allowlists"
    return inside if inside.is_dir() else package.parent / "allowlists"


def _default_database() -> str:
    """A file in the user's own data folder, created when the first report is filed."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return f"sqlite:///{base / 'portalcheck' / 'reports.db'}"


@dataclass(frozen=True, slots=True)
class Settings:
    """One field for each setting; docs/operating.md describes them for operators.

    A limit is a text such as ``600/minute``, or empty for none.
    """

    allowlists: Path = field(default_factory=_packaged_allowlists)
    """A folder of list files, or a snapshot of one."""
    allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS
    """The host names, without port, that the service answers to: the defence against DNS rebinding."""
    watch: bool = False
    """Reload the list when its files change. SIGHUP reloads it in any case."""
    database_url: str = field(default_factory=_default_database)
    """Where reports are kept."""
    report_days: int = 365
    """How long a report is kept after it was last filed."""
    limit_client: str = "600/minute"
    """Requests from one client."""
    limit_reports: str = "20/hour"
    """Reports from one client."""
    limit_everyone: str = ""
    """Requests from all clients together."""
    limits_url: str = ""
    """The Redis in which replicas count together; empty: each process counts for itself."""
    trusted_proxies: tuple[Network, ...] = ()
    """Proxies whose X-Forwarded-For header is trusted."""
    most_at_once: int = 512
    """The concurrency cap: with this many requests in progress, further ones are refused."""
    most_per_client: int = 128
    """With this many requests of one client in progress, further ones from it are refused."""
    drain_seconds: int = 0
    """How long a stopping service reports that it is not ready, while it still answers."""
    shared: Path | None = None
    """An existing folder that the workers of one service share: for their metrics, and the last good list."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """The settings in ``environ``. Raises SettingsError, which says what to write instead."""
        fields: dict[str, Any] = {}
        for name in sorted(environ):
            if name not in _READERS:
                if not name.startswith(_PREFIX) or name == _FOR_TESTS:
                    continue
                raise SettingsError(f"{name} is not a setting of portalcheck. {_nearest(name)}")
            target, read = _READERS[name]
            try:
                fields[target] = read(environ[name].strip())
            except ValueError as error:
                raise SettingsError(f"{name} {error}") from None
        return cls(**fields)


def _list(text: str) -> Path:
    path = Path(text).expanduser()
    if not text or not path.exists():
        raise ValueError(
            "must name a folder or a snapshot that exists; unset it to use the lists that come with portalcheck."
        )
    return path


def _folder(text: str) -> Path:
    path = Path(text)
    if not text or not path.is_dir():
        raise ValueError("must name a folder that exists, for what the workers share; unset it for a single worker.")
    return path


def _hosts(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    if not names or not all(_HOST_NAME.fullmatch(name) for name in names):
        raise ValueError(
            "must list the host names people use for this service, separated by commas, without scheme"
            f" or port, such as portalcheck.example.org,localhost ({ANY_HOST} allows any name)."
        )
    return names


def _database_url(text: str) -> str:
    if re.fullmatch(r"sqlite:////?[^?]+", text):
        return text
    scheme, separator, rest = text.partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg") or not separator:
        raise ValueError(
            "must begin with sqlite:/// and a file, such as sqlite:////var/lib/portalcheck/reports.db,"
            " or be postgresql://USER:PASSWORD@HOST/DATABASE."
        )
    _need("psycopg", "postgres")
    return f"postgresql+psycopg://{rest}"


def _number(minimum: int, maximum: int, unit: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", text) or not minimum <= int(text) <= maximum:
            raise ValueError(f"must be a whole number of {unit}, from {minimum} to {maximum}.")
        return int(text)

    return read


def _limit(text: str) -> str:
    if text == "off":
        return ""
    if not re.fullmatch(r"[1-9][0-9]{0,7}/(second|minute|hour|day)", text):
        raise ValueError("must be a number per second, minute, hour or day, such as 600/minute, or off.")
    return text


def _redis_url(text: str) -> str:
    if text and not re.fullmatch(r"(rediss?|redis\+unix)://.+", text):
        raise ValueError("must be redis://HOST:PORT/DATABASE or rediss://…; unset it to count in each process.")
    if text:
        _need("redis", "redis")
    return text


def _need(module: str, extra: str) -> None:
    """Raises ValueError if a module that only an extra installs is missing. It is looked for, not imported, because
    an import takes time and not every command uses it."""
    if find_spec(module) is None:
        raise ValueError(how_to_install(extra))


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError(
            "must list the IP addresses or networks of your proxies, separated by commas, such as 10.0.0.0/8,::1."
        ) from None


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("must be 1 for yes or 0 for no.")
    return text == "1"


def _nearest(name: str) -> str:
    closest = difflib.get_close_matches(name, _READERS, n=1, cutoff=0.0)
    return f"Did you mean {closest[0]}? The settings are: {', '.join(sorted(_READERS))}."


_READERS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "PORTALCHECK_ALLOWED_HOSTS": ("allowed_hosts", _hosts),
    "PORTALCHECK_ALLOWLISTS": ("allowlists", _list),
    "PORTALCHECK_DATABASE_URL": ("database_url", _database_url),
    "PORTALCHECK_DRAIN_SECONDS": ("drain_seconds", _number(0, 300, "seconds")),
    "PORTALCHECK_LIMITS_URL": ("limits_url", _redis_url),
    "PORTALCHECK_LIMIT_CLIENT": ("limit_client", _limit),
    "PORTALCHECK_LIMIT_EVERYONE": ("limit_everyone", _limit),
    "PORTALCHECK_LIMIT_REPORTS": ("limit_reports", _limit),
    "PORTALCHECK_MOST_AT_ONCE": ("most_at_once", _number(1, 100_000, "requests")),
    "PORTALCHECK_MOST_PER_CLIENT": ("most_per_client", _number(1, 100_000, "requests")),
    "PORTALCHECK_REPORT_DAYS": ("report_days", _number(1, 9999, "days")),
    "PORTALCHECK_TRUSTED_PROXIES": ("trusted_proxies", _networks),
    "PORTALCHECK_WATCH": ("watch", _switch),
    SHARED_FOLDER: ("shared", _folder),
}
