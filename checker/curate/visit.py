"""Opens listed portals as a browser would, and compares what they show with their entries.

For a maintainer's own machine; the server never imports this. A portal that refuses, is too busy or too slow is
*unknown*: only what a portal itself shows can be a finding. A person reads every finding, because a genuine portal
may be built oddly.
"""

from __future__ import annotations

import html
import ipaddress
import re
import socket
import ssl
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Any

import ada_url

from checker import __version__
from checker.core.allowlist import Allowlist, Portal

__all__ = ["Connect", "Expected", "Outcome", "Problem", "Visit", "connect_public", "expected_of", "visit", "visit_all"]

MOST_REDIRECTS = 10
MOST_BODY = 256 * 1024
"""Bytes read of a page; its title is near the beginning."""
PATIENCE = 30.0
"""Seconds for one portal, redirects included."""
_LONGEST_TITLE = 200
_MOST_NAMES = 20

Connect = Callable[[str, int, float], socket.socket]
"""Takes a host, a port and a time limit in seconds; returns a connected socket. Raises OSError."""


class Outcome(StrEnum):
    """The result of a visit."""

    OK = "ok"
    FINDING = "finding"
    UNKNOWN = "unknown"


class Problem(StrEnum):
    """What does not match the entry. The values are published."""

    NO_SUCH_HOST = "no-such-host"
    NOT_PUBLIC = "not-public"
    CERTIFICATE = "certificate"
    LEAVES_HTTPS = "leaves-https"
    OTHER_HOST = "other-host"
    GONE = "gone"
    TITLE = "title"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class Expected:
    """What a portal should show, from its entry: ``hosts`` are all active hosts of its operator, ``names`` its
    organizations and operator, ``brand_words`` its vendor's."""

    url: str
    hosts: frozenset[str]
    names: tuple[str, ...]
    brand_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """What was seen. ``hops``: the addresses opened, in order, without query or fragment. ``names``: those in the
    last certificate. ``notes``: what does not match the entry, in words, or why the outcome is unknown."""

    url: str
    outcome: Outcome
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    hops: tuple[str, ...]
    status: int | None
    title: str
    names: tuple[str, ...]
    seen: str


def expected_of(allowlist: Allowlist, portal: Portal) -> Expected:
    """What a portal's page is compared with."""
    hosts = {p.host for operator in allowlist.operators for p in operator.portals if p.operator == portal.operator}
    vendor = allowlist.vendors.get(portal.vendor or "")
    names = tuple(dict.fromkeys((*portal.organizations, portal.operator)))
    return Expected(portal.url, frozenset(hosts & allowlist.hosts), names, vendor.brand_words if vendor else ())


def visit_all(
    portals: Iterable[Expected], today: date, every: float, connect: Connect | None = None
) -> Iterator[Visit]:
    """Visit the portals one after the other, ``every`` seconds apart at least.

    A host that answers 429 (Too Many Requests) is not visited again in this run.
    """
    rate_limited: set[str] = set()
    next_at = time.monotonic()
    for expected in portals:
        host = ada_url.URL(expected.url).hostname
        if host in rate_limited:
            yield _Trail(expected, today).unknown("skipped: its host answered 429 (too many requests)")
            continue
        time.sleep(max(0.0, next_at - time.monotonic()))
        next_at = time.monotonic() + every
        seen = visit(expected, today, connect)
        if seen.status == 429:
            rate_limited.add(host)
        yield seen


def visit(expected: Expected, today: date, connect: Connect | None = None, patience: float = PATIENCE) -> Visit:
    """Open one portal and compare. Never raises for anything that the other side does."""
    trail = _Trail(expected, today)
    deadline = time.monotonic() + patience
    try:
        response = _follow(trail, deadline, connect or connect_public)
    except _Refused as refused:
        return trail.finding({refused.problem: str(refused)})
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)):  # Windows lacks EAI_NODATA
            return trail.finding({Problem.NO_SUCH_HOST: "its host has no address; anyone may come to own the name"})
        return trail.unknown("its name could not be looked up")
    except UnicodeError:
        return trail.unknown("its name is too long to be looked up")
    except ssl.SSLCertVerificationError as error:
        return trail.finding({Problem.CERTIFICATE: _printable(error.verify_message)})
    except TimeoutError:
        return trail.unknown(f"no complete answer within {patience:g} seconds")
    except (OSError, HTTPException) as error:
        return trail.unknown(f"no answer: {_printable(getattr(error, 'strerror', None) or type(error).__name__)}")
    if response is None:
        return trail.unknown(f"more than {MOST_REDIRECTS} redirects; a browser may need cookies or a script")
    if response.status in (404, 410):
        return trail.finding({**trail.other_host(), Problem.GONE: f"answers {response.status}"})
    if not 200 <= response.status < 300:
        return trail.unknown(f"answers {response.status}")
    return trail.compared(response)


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    location: str | None
    cookies: tuple[str, ...]
    body: bytes


class _Refused(Exception):
    """The visit goes no further: a browser would not, or we must not."""

    def __init__(self, problem: Problem, note: str) -> None:
        super().__init__(note)
        self.problem = problem


@dataclass
class _Trail:
    """One visit in progress: what was opened so far, and how it ends."""

    expected: Expected
    today: date
    hops: list[str] = field(default_factory=list)
    status: int | None = None
    title: str = ""
    names: tuple[str, ...] = ()

    def other_host(self) -> dict[Problem, str]:
        """The finding that the last hop is not on one of the operator's hosts; empty when it is."""
        host = ada_url.URL(self.hops[-1]).hostname
        if host in self.expected.hosts:
            return {}
        return {Problem.OTHER_HOST: f"leads to {host}, which is not on the list for this operator"}

    def compared(self, response: _Response) -> Visit:
        """The end of a visit that reached a page."""
        problems = self.other_host()
        page = response.body.decode("utf-8", "replace").casefold()
        brands = [word for word in self.expected.brand_words if word in page]
        if self.expected.brand_words and not brands:
            problems[Problem.VENDOR] = f"the page does not contain {' or '.join(self.expected.brand_words)}"
        if not brands and not _names_any(self.title, self.expected.names):
            problems[Problem.TITLE] = "its title names neither the organization nor the vendor"
        return self.finding(problems) if problems else self._end(Outcome.OK)

    def finding(self, problems: dict[Problem, str]) -> Visit:
        return self._end(Outcome.FINDING, tuple(problems), tuple(problems.values()))

    def unknown(self, note: str) -> Visit:
        return self._end(Outcome.UNKNOWN, (), (note,))

    def _end(self, outcome: Outcome, problems: tuple[Problem, ...] = (), notes: tuple[str, ...] = ()) -> Visit:
        seen = self.today.isoformat()
        hops = tuple(self.hops)
        return Visit(self.expected.url, outcome, problems, notes, hops, self.status, self.title, self.names, seen)


def _follow(trail: _Trail, deadline: float, connect: Connect) -> _Response | None:
    """The last response of a chain of redirects; None when the chain is too long."""
    context = ssl.create_default_context()
    context.sslsocket_class = _DeadlineSocket
    address = trail.expected.url
    cookies: dict[str, dict[str, str]] = {}
    for _ in range(MOST_REDIRECTS + 1):
        url = ada_url.URL(address)
        if url.protocol != "https:":
            raise _Refused(Problem.LEAVES_HTTPS, f"leads to {url.origin}, which is not https")
        # The query may hold a ticket issued for this visit: it is not kept.
        trail.hops.append(f"{url.origin}{url.pathname}")
        response = _get(trail, url, cookies.setdefault(url.hostname, {}), deadline, connect, context)
        trail.status = response.status
        if response.location is None:
            trail.title = _title(response.body)
            return response
        for cookie in response.cookies:
            name, equals, value = cookie.partition(";")[0].partition("=")
            if equals:
                cookies[url.hostname][name.strip()] = value.strip()
        try:
            address = ada_url.join_url(address, response.location)
        except ValueError:
            raise HTTPException from None
    return None


def _get(
    trail: _Trail, url: Any, cookies: dict[str, str], deadline: float, connect: Connect, context: ssl.SSLContext
) -> _Response:
    """One request. TLS and the Host header name the host of the URL, whichever address answers for it."""
    host, port = url.hostname, int(url.port or 443)
    headers = {"User-Agent": f"portalcheck/{__version__} (looks after a list of portals)", "Accept": "text/html"}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    with closing(connect(host, port, _left(deadline))) as plain:
        plain.settimeout(_left(deadline))
        with closing(context.wrap_socket(plain, server_hostname=host)) as tls:
            assert isinstance(tls, _DeadlineSocket)  # noqa: S101 - the context makes no others
            tls.deadline = deadline
            trail.names = _certificate_names(tls)
            with closing(HTTPSConnection(host, port)) as connection:
                connection.sock = tls  # so that it does not look the name up again
                connection.request("GET", url.pathname + url.search, headers=headers)
                with connection.getresponse() as response:
                    return _read(response)


def _read(response: HTTPResponse) -> _Response:
    location = response.getheader("Location") if response.status in (301, 302, 303, 307, 308) else None
    cookies = tuple(response.headers.get_all("Set-Cookie", ()))
    return _Response(response.status, location, cookies, b"" if location is not None else response.read(MOST_BODY))


class _DeadlineSocket(ssl.SSLSocket):
    """Reads until a deadline instead of a time limit per read, which a slow drip of bytes would renew."""

    deadline: float

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(_left(self.deadline))
        return super().recv_into(*arguments)


def _left(deadline: float) -> float:
    """Seconds left, more than 0. Raises TimeoutError."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


# --- connecting ----------------------------------------------------------------------------------

_INTERNET = ipaddress.IPv6Network("2000::/3")
"""All IPv6 unicast addresses that IANA gives out for use on the Internet."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv4 addresses as seen from a network that has only IPv6 (RFC 6052)."""


def connect_public(host: str, port: int, seconds: float) -> socket.socket:
    """A connection to a host on the public Internet; no redirect may reach into the maintainer's own network.

    The host is looked up once. All of its addresses have to be public, and only these are connected to, in order:
    a second lookup could give another answer (DNS rebinding).
    """
    deadline = time.monotonic() + seconds
    candidates = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not all(_is_public(str(address[0])) for *_, address in candidates):
        raise _Refused(Problem.NOT_PUBLIC, f"{host} has an address that is not a public one")
    failure = OSError("no address")
    for family, kind, protocol, _, address in candidates:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(_left(deadline))
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure


def _is_public(address: str) -> bool:
    """Whether an IP address is on the public Internet; an IPv4 address inside an IPv6 one has to be so too."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    if ip in _NAT64:
        return _is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)))
    return ip in _INTERNET and ip.is_global and (ip.sixtofour is None or _is_public(str(ip.sixtofour)))


def _certificate_names(tls: ssl.SSLSocket) -> tuple[str, ...]:
    certificate: Any = tls.getpeercert() or {}
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]
    return tuple(_printable(name) for name in names[:_MOST_NAMES])


# --- names in titles -----------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+")
_SHORTEST_WORD = 3
_GENERAL = frozenset(
    "and the for of health healthcare care hospital hospitals clinic clinics medical medicine center centers centre"
    " group system systems services university physicians associates family community regional county network"
    " patient patients portal inc llc".split()
)
"""Words that many names share: in a title they identify nobody."""


def _names_any(title: str, names: Iterable[str]) -> bool:
    """Whether a title has a distinctive word of one of the names; all words of a name that has no distinctive one."""
    title_words = set(_words(title))
    for name in names:
        words = _words(name)
        distinctive = [word for word in words if len(word) >= _SHORTEST_WORD and word not in _GENERAL]
        if title_words.intersection(distinctive) if distinctive else title_words.issuperset(words):
            return True
    return False


def _words(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _WORD.findall(plain.casefold().replace("'", "").replace("’", ""))


def _title(body: bytes) -> str:
    """The text of the first ``<title>``; empty when there is none."""
    lower = body.lower()
    begin = lower.find(b">", lower.find(b"<title")) + 1 if b"<title" in lower else 0
    end = lower.find(b"</title", begin)
    if not begin or end < 0:
        return ""
    return _printable(html.unescape(body[begin:end].decode("utf-8", "replace")))[:_LONGEST_TITLE]


def _printable(text: str) -> str:
    """The text on one line, without control characters, which could drive a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
