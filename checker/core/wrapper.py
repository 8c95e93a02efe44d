"""Remove mail-gateway and redirect links from an address, offline (docs/design.md, section 6).

The links in clinics' mail arrive rewritten: Safe Links, Proofpoint and similar services put their own host in
front and carry the real target inside. People paste what they received, so the target is recovered here, by the rows
of a strict table (``checker/data/wrappers.yaml``):

* The host must match exactly (or be below a listed suffix) and be typed in plain letters; the link needs https,
  the default port, no user name, the right path, and the target exactly once. Anything else is not that service's
  link and is left alone.
* The target is decoded exactly once and must be an http(s) address by itself.
* At most ``MAX_LAYERS`` wrappers may be nested.

A wrapper does not make its target trustworthy, and the wrapper's own data (recipient, tokens) is dropped. Some services
write a code of their own beside the target. If they follow the code, anybody can write an official target beside it;
so unless the service documents that it follows the target, the destination counts as hidden. A parameter such as
``?url=`` on any other host is never read.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus, unquote_to_bytes

from checker.core.errors import UnreadableAddress
from checker.core.url import WebUrl, parse

__all__ = ["FORMS", "MAX_LAYERS", "Hidden", "Hides", "Service", "Target", "Unwrapped", "Wrappers"]

MAX_LAYERS = 4
"""Most wrappers removed from one address; a target below that counts as hidden. Two are common in real mail."""


class Hides(StrEnum):
    """Why nobody can say where a link leads without asking the service.

    ``SHORTENER``: a public short link. ``SERVICE``: only the service knows the target. ``CODE``: the target can be
    read, but a code stands beside it and may be what is followed. ``SESSION``: a proxy that shows the site under its
    own name.
    """

    SHORTENER = "shortener"
    SERVICE = "service"
    CODE = "code"
    SESSION = "session"


class Hidden(NamedTuple):
    """The service that hides the destination, and how."""

    service: str
    how: Hides

    @property
    def names_target(self) -> bool:
        """True if the link says where it leads, though nothing proves it."""
        return self.how is Hides.CODE


class Unwrapped(NamedTuple):
    """An address without the wrappers around it.

    ``url`` is what the link says it leads to: the innermost address that could be read.
    ``services`` names the wrappers that were removed, outermost first. ``hidden`` is the service that may lead to
    another place than ``url``, or None. ``is_plain`` is False if a target holds something that browsers read in their
    own way (a backslash counts as a slash, a line end vanishes): whatever the service uses may read it differently.
    """

    url: WebUrl
    services: tuple[str, ...] = ()
    hidden: Hidden | None = None
    is_plain: bool = True


# --- how targets are written -----------------------------------------------------------------
# Each reader turns the carried text into the target's text, or raises ValueError (the base class of
# UnicodeDecodeError and binascii.Error) if it cannot.


def _percent(carried: str) -> str:
    return unquote(carried, errors="strict")


def _proofpoint_v1(carried: str) -> str:
    return _without_entities(carried)


def _proofpoint_v2(carried: str) -> str:
    """``-`` means ``%`` and ``_`` means ``/``."""
    return _without_entities(carried.translate({ord("-"): "%", ord("_"): "/"}))


def _without_entities(carried: str) -> str:
    """Undo percent signs, then HTML escapes behind the host. Any in front of its end raise ValueError: the host would
    be decoded a second time. Bytes that are no text stay percent signs, as browsers send them."""
    decoded = unquote_to_bytes(carried).decode("utf-8", "surrogateescape")
    target = _NO_TEXT.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", decoded)
    before = _AUTHORITY.match(target)
    if before is None or html.unescape(before[0]) != before[0]:
        raise ValueError
    return before[0] + html.unescape(target[before.end() :])


_NO_TEXT = re.compile("[\udc80-\udcff]")
_AUTHORITY = re.compile(r"https?:/+[^/?]*", re.IGNORECASE)


_RUN_LENGTHS = {
    sign: length
    for length, sign in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", start=2)
}
_REPLACED = re.compile(r"\*(?:\*(.))?", re.DOTALL)


def _proofpoint_v3(carried: str) -> str:
    """``__URL__;BASE64!…``: unusual bytes were cut out of the URL and are kept, in order, in BASE64.

    ``*`` marks one removed byte and ``**A`` to ``**_`` a run of 2 to 65. The bytes can be ``@`` or ``/`` in the
    host, so all of them are put back before anything is parsed.
    """
    written, end, rest = carried.partition("__;")
    encoded, end_of_encoded, _ = rest.partition("!")
    if not end or not end_of_encoded or "__;" in rest or "%2a" in written.lower():
        raise ValueError
    removed = _base64_bytes(encoded)
    place = 0

    def put_back(mark: re.Match[str]) -> bytes:
        nonlocal place
        length = 1 if mark.group(1) is None else _RUN_LENGTHS.get(mark.group(1), len(removed) + 1)
        if place + length > len(removed):
            raise ValueError
        place += length
        return removed[place - length : place]

    target = bytearray()
    after = 0
    for mark in _REPLACED.finditer(written):
        target += _percent(written[after : mark.start()]).encode() + put_back(mark)
        after = mark.end()
    target += _percent(written[after:]).encode()
    if place != len(removed):
        raise ValueError
    return target.decode("utf-8")


def _base64(carried: str) -> str:
    return _base64_bytes(_percent(carried)).decode("utf-8")


def _base64_bytes(encoded: str) -> bytes:
    """The bytes of Base64 in either alphabet, with or without padding. Any other character raises ValueError."""
    plain = encoded.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def _bing(carried: str) -> str:
    if not carried.startswith("a1"):
        raise ValueError
    return _base64(carried[2:])


def _plain(carried: str) -> str:
    return carried


def _behind_https(carried: str) -> str:
    return "https://" + carried


FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "plain": _plain,
        "percent": _percent,
        "base64": _base64,
        "behind-https": _behind_https,
        "bing": _bing,
        "proofpoint-v1": _proofpoint_v1,
        "proofpoint-v2": _proofpoint_v2,
        "proofpoint-v3": _proofpoint_v3,
    }
)
"""How targets are written, by the names that the table uses."""


# --- the table -------------------------------------------------------------------------------


class Target(StrEnum):
    """Where in a link its target stands, if not in a parameter: it is the only group of the path, or of path and
    query, or stands in front of the service's suffix in the host name."""

    PATH = "path"
    PATH_AND_QUERY = "path-and-query"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of link, a row of the table.

    ``hosts``: exact names; ``.x`` stands for every name below x, ``*`` for any host. ``path``: a regular expression
    for the whole path (a literal one for any host). ``parameters``: the target is the value of one of them;
    otherwise ``target`` says where it stands. ``read`` is None if only the service knows it.
    ``hides`` is None if the service follows the target that can be read.
    """

    id: str
    hosts: tuple[str, ...]
    path: re.Pattern[str]
    parameters: tuple[str, ...] = ()
    target: Target | None = None
    read: Callable[[str], str] | None = None
    hides: Hides | None = None


_ANY = re.compile(r"/.+\Z")
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*\Z")


class Wrappers:
    """The table of services, looked up by host."""

    def __init__(self, services: Iterable[Service] = (), shorteners: Iterable[str] = ()) -> None:
        self.shorteners = frozenset(shorteners)
        """Hosts of public link shorteners; the id of each is its host."""
        rows = (*services, *(Service(host, (host,), _ANY, hides=Hides.SHORTENER) for host in sorted(self.shorteners)))
        self.ids = frozenset(row.id for row in rows)
        """The ids that ``Unwrapped`` can name. They are published, so they are only ever added to."""
        self._by_host: dict[str, list[Service]] = {}
        self._by_path: dict[str, list[Service]] = {}
        for row in rows:
            for host in row.hosts:
                if host == "*":
                    self._by_path.setdefault(row.path.pattern.removesuffix(r"\Z"), []).append(row)
                else:
                    self._by_host.setdefault(host, []).append(row)

    def unwrap(self, url: WebUrl, *, is_open: bool = False) -> Unwrapped:
        """Remove every wrapper that can be read; never raises.

        An address that is already open (``is_open``) has passed all redirects: only a session proxy still stands in
        between.
        """
        services: list[str] = []
        hidden: Hidden | None = None
        is_plain = True
        while (link := self._link_of(url)) is not None:
            service, carried = link
            if is_open and service.hides is not Hides.SESSION:
                break
            target = _target(service, carried) if len(services) < MAX_LAYERS else None
            if target is None:
                how = Hides.SERVICE if service.hides in (None, Hides.CODE) else service.hides
                return Unwrapped(url, tuple(services), Hidden(service.id, how or Hides.SERVICE), is_plain)
            services.append(service.id)
            if service.hides is not None and hidden is None:
                hidden = Hidden(service.id, service.hides)
            url, written = target
            is_plain = is_plain and _READ_DIFFERENTLY.search(written) is None
        return Unwrapped(url, tuple(services), hidden, is_plain)

    def _link_of(self, url: WebUrl) -> tuple[Service, str] | None:
        """The service that the link ``url`` belongs to and the text it carries; None for any other address."""
        suffix = url.host
        services = self._by_host.get(suffix)
        while services is None and suffix:
            suffix = suffix.partition(".")[2]
            services = self._by_host.get("." + suffix)
        if services is None:
            services = self._by_path.get(url.path)
        if services is None or url.port is not None or url.has_credentials or url.typed_host is not None:
            return None
        for service in services:
            carried = _carried(service, url, suffix)
            if carried is not None and (service.read is None or url.scheme == "https"):
                return service, carried
        return None


# --- reading one link ------------------------------------------------------------------------


def _carried(service: Service, url: WebUrl, suffix: str) -> str | None:
    """The text that holds the target; None if ``url`` is not this service's link."""
    whole = f"{url.path}?{url.query}" if url.query else url.path
    shape = service.path.match(whole if service.target is Target.PATH_AND_QUERY else url.path)
    if shape is None:
        return None
    if service.parameters:
        return _only_value(url.query, service.parameters)
    if service.target is Target.HOST:
        inside = url.host.removesuffix(suffix).removesuffix(".")
        return f"https://{inside}{whole}" if _NAME.match(inside) else None
    return shape.group(1) if service.target is not None else ""


def _only_value(query: str, parameters: tuple[str, ...]) -> str | None:
    """The only value given for ``parameters``; None if it is missing or ambiguous.

    Names are counted as loosely as any server might read them (``%75rl``, ``URL``, ``url[]``, ``;`` as a
    separator), because the service might follow a second one.
    """
    names = [part.partition("=")[0] for part in query.replace(";", "&").split("&")]
    loose = [unquote_plus(name).strip().casefold().partition("[")[0] for name in names]
    if any(loose.count(parameter) != names.count(parameter) or loose.count(parameter) > 1 for parameter in parameters):
        return None
    pairs = (part.partition("=") for part in query.split("&"))
    values = [value for name, _, value in pairs if value and name in parameters]
    return values[0] if len(values) == 1 else None


_READ_DIFFERENTLY = re.compile(r"[\x00-\x1f\\]")


def _target(service: Service, carried: str) -> tuple[WebUrl, str] | None:
    """The address that a link carries, also as it is written; None if it cannot be read or is not a web address."""
    if service.read is None:
        return None
    try:
        written = service.read(carried)
        target = parse(written)
    except (ValueError, UnreadableAddress):
        return None
    return (target, written) if isinstance(target, WebUrl) else None
