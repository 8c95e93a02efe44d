"""Snapshots: a list in one file that loads fast. ``portalcheck allowlist build`` makes it; the YAML stays the source.

A snapshot is one line, ``portalcheck-list FORMAT VERSION SHA256``, followed by the list as JSON. VERSION is the
list's own hash and is computed again after reading; SHA256 is the hash of the JSON's bytes. A snapshot that does not
match them is refused: like a folder, it loads completely or not at all.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import msgspec

from checker.core.allowlist import Allowlist, Operator, Policy
from checker.core.errors import AllowlistError
from checker.core.known import KnownName, TenantParent, Vendor
from checker.core.reference import SplitHost
from checker.lists.loader import content_version
from checker.lists.suffixes import suffix_splitter
from checker.lists.tables import load_tables

__all__ = ["parse_snapshot", "read_snapshot", "snapshot_of"]

_KIND = b"portalcheck-list"
_FORMAT = b"3"
"""Incremented whenever the structure of the content below changes; other formats are refused."""

_BUILD = "build it anew with: portalcheck allowlist build"


class _Vendor(msgspec.Struct, array_like=True, frozen=True):
    """A vendor as stored: JSON keys cannot be tuples."""

    id: str
    name: str
    brand_words: tuple[str, ...]
    routes: tuple[tuple[tuple[str, ...], str], ...]
    segments: tuple[tuple[str, str], ...]
    company: str | None
    tenants: tuple[TenantParent, ...]


class _Content(msgspec.Struct, frozen=True):
    """Everything read from a folder, always in the same order.

    ``canaries`` is the text of the folder's canaries, which are checked again wherever the snapshot is loaded.
    """

    operators: tuple[Operator, ...]
    vendors: tuple[_Vendor, ...]
    names: tuple[KnownName, ...]
    policy: Policy
    canaries: str | None


def snapshot_of(allowlist: Allowlist, canaries: bytes | None) -> bytes:
    """The snapshot of a list: the same bytes for the same list and canaries, on every machine."""
    content = _Content(
        operators=allowlist.operators,
        vendors=tuple(_stored(vendor) for _, vendor in sorted(allowlist.vendors.items())),
        names=allowlist.names,
        policy=allowlist.policy,
        canaries=None if canaries is None else canaries.decode(),
    )
    body = msgspec.json.encode(content, enc_hook=_plain, order="deterministic")
    return b" ".join((_KIND, _FORMAT, allowlist.version.encode(), _checksum(body))) + b"\n" + body


def read_snapshot(path: Path, *, split_host: SplitHost | None = None) -> tuple[Allowlist, bytes | None]:
    """The list in a file, and its canaries. Raises AllowlistError if the file is damaged or not a snapshot."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused(path.name, f"cannot be read ({error.strerror})") from None
    return parse_snapshot(path.name, data, split_host=split_host)


def parse_snapshot(name: str, data: bytes, *, split_host: SplitHost | None = None) -> tuple[Allowlist, bytes | None]:
    """The same for a snapshot in memory; ``name`` is the file name used in errors."""
    head, _, body = data.partition(b"\n")
    kind, form, version, checksum = (*head[:200].split(b" "), b"", b"", b"", b"")[:4]
    if kind != _KIND:
        raise _refused(name, "is no snapshot of a list; name a folder of list files, or a snapshot")
    if form != _FORMAT:
        raise _refused(name, f"was built by another version of portalcheck; {_BUILD}")
    if checksum != _checksum(body):
        raise _refused(name, f"is damaged: its content does not match its SHA-256; {_BUILD}")
    try:
        with _collector_off():
            return _read(name, body, version.decode(), split_host or suffix_splitter())
    except (msgspec.MsgspecError, ValueError) as error:
        raise _refused(name, f"cannot be understood ({type(error).__name__}); {_BUILD}") from None


def _read(name: str, body: bytes, version: str, split_host: SplitHost) -> tuple[Allowlist, bytes | None]:
    content = msgspec.json.decode(body, type=_Content)
    vendors = tuple(_vendor(stored) for stored in content.vendors)
    if content_version(content.operators, vendors, content.names, content.policy) != version:
        raise _refused(name, f"does not hold the list it names: its content has another list hash; {_BUILD}")
    allowlist = Allowlist(
        content.operators,
        split_host=split_host,
        vendors=vendors,
        names=content.names,
        policy=content.policy,
        tables=load_tables(),
        version=version,
    )
    return allowlist, None if content.canaries is None else content.canaries.encode()


@contextmanager
def _collector_off() -> Iterator[None]:
    """Turn garbage collection off while a million objects are created, all of which stay. Scanning them over and
    over would take half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _refused(name: str, why: str) -> AllowlistError:
    return AllowlistError((f"{name}: {why}",))


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(type(value).__name__)


def _stored(vendor: Vendor) -> _Vendor:
    routes, segments = sorted(vendor.routes.items()), sorted(vendor.segments.items())
    words = vendor.brand_words
    return _Vendor(vendor.id, vendor.name, words, tuple(routes), tuple(segments), vendor.company, vendor.tenants)


def _vendor(stored: _Vendor) -> Vendor:
    routes, segments = MappingProxyType(dict(stored.routes)), MappingProxyType(dict(stored.segments))
    return Vendor(stored.id, stored.name, stored.brand_words, routes, segments, stored.company, stored.tenants)
