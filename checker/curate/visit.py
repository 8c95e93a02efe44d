"""Looks at listed portals as a browser would, and compares what answers with the entry.

For a maintainer's own machine; the server never imports this. A portal that cannot be looked at
(refused, too busy, too slow) is *unknown*: only what a portal shows of itself is ever a finding,
and every finding is for a person to read, because an honest portal may be built oddly.
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
"""Bytes of a page that are read; its title stands near the beginning."""
PATIENCE = 30.0
"""Seconds for one portal with all its redirects."""
_LONGEST_TITLE = 200
_MOST_NAMES = 20

Connect = Callable[[str, int, float], socket.socket]
"""Host, port and seconds in; a connected socket out. Raises OSError."""


class Outcome(StrEnum):
    """What a visit came to."""

    OK = "ok"
    FINDING = "finding"
    UNKNOWN = "unknown"


class Problem(StrEnum):
    """What does not fit the entry. The values are published."""

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
    """What an entry lets us expect: ``hosts`` are all active hosts of its operator, ``names`` its
    organizations and operator, ``brand_words`` those of its vendor."""

    url: str
    hosts: frozenset[str]
    names: tuple[str, ...]
    brand_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """What was seen. ``hops`` are the addresses opened, in order; ``names`` those in the last
    certificate; ``notes`` say in words what does not fit, or why it is not known."""

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
    """What to compare a portal's page with."""
    hosts = {p.host for operator in allowlist.operators for p in operator.portals if p.operator == portal.operator}
    vendor = allowlist.vendors.get(portal.vendor or "")
    names = tuple(dict.fromkeys((*portal.organizations, portal.operator)))
    return Expected(portal.url, frozenset(hosts & allowlist.hosts), names, vendor.brand_words if vendor else ())


def visit_all(
    portals: Iterable[Expected], today: date, every: float, connect: Connect | None = None
) -> Iterator[Visit]:
    """One visit after the other, at most one in ``every`` seconds.

    A host that says it is asked too often is left alone for the rest of the round.
    """
    left_alone: set[str] = set()
    next_at = time.monotonic()
    for expected in portals:
        host = ada_url.URL(expected.url).hostname
        if host in left_alone:
            yield _Round(expected, today).unknown("left alone: it said it is asked too often")
            continue
        time.sleep(max(0.0, next_at - time.monotonic()))
        next_at = time.monotonic() + every
        found = visit(expected, today, connect)
        if found.status == 429:
            left_alone.add(host)
        yield found


def visit(expected: Expected, today: date, connect: Connect | None = None, patience: float = PATIENCE) -> Visit:
    """Open one portal and compare. Never raises for anything that the other side does."""
    going = _Round(expected, today)
    ends = time.monotonic() + patience
    try:
        answer = _follow(going, ends, connect or connect_public)
    except _Odd as odd:
        return going.finding({odd.problem: str(odd)})
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None)):  # Windows has one of them
            return going.finding({Problem.NO_SUCH_HOST: "its host has no address; anybody may come to own the name"})
        return going.unknown("its name could not be looked up")
    except ssl.SSLCertVerificationError as error:
        return going.finding({Problem.CERTIFICATE: _printable(error.verify_message)})
    except TimeoutError:
        return going.unknown(f"no whole answer within {patience:g} seconds")
    except (OSError, HTTPException) as error:
        return going.unknown(f"no answer: {_printable(getattr(error, 'strerror', None) or type(error).__name__)}")
    if answer is None:
        return going.unknown(f"more than {MOST_REDIRECTS} redirects; a browser may need cookies or a script")
    if answer.status in (404, 410):
        return going.finding({**going.other_host(), Problem.GONE: f"answers {answer.status}"})
    if not 200 <= answer.status < 300:
        return going.unknown(f"answers {answer.status}")
    return going.judged(answer)


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    location: str | None
    cookies: tuple[str, ...]
    body: bytes


class _Odd(Exception):
    """Something that a browser would not go along with, or that must not be gone along with."""

    def __init__(self, problem: Problem, note: str) -> None:
        super().__init__(note)
        self.problem = problem


@dataclass
class _Round:
    """One visit under way: what was opened so far."""

    expected: Expected
    today: date
    hops: list[str] = field(default_factory=list)
    status: int | None = None
    title: str = ""
    names: tuple[str, ...] = ()

    def other_host(self) -> dict[Problem, str]:
        host = ada_url.URL(self.hops[-1]).hostname
        if host in self.expected.hosts:
            return {}
        return {Problem.OTHER_HOST: f"leads to {host}, which this operator does not have on the list"}

    def judged(self, answer: _Answer) -> Visit:
        problems = self.other_host()
        page = answer.body.decode("utf-8", "replace").casefold()
        brands = [word for word in self.expected.brand_words if word in page]
        if self.expected.brand_words and not brands:
            problems[Problem.VENDOR] = f"the page does not hold {' or '.join(self.expected.brand_words)}"
        if not brands and not _names_any(self.title, self.expected.names):
            problems[Problem.TITLE] = "its title names neither the organization nor the vendor"
        return self.finding(problems) if problems else self._done(Outcome.OK)

    def finding(self, problems: dict[Problem, str]) -> Visit:
        return self._done(Outcome.FINDING, tuple(problems), tuple(problems.values()))

    def unknown(self, note: str) -> Visit:
        return self._done(Outcome.UNKNOWN, (), (note,))

    def _done(self, outcome: Outcome, problems: tuple[Problem, ...] = (), notes: tuple[str, ...] = ()) -> Visit:
        seen = self.today.isoformat()
        hops = tuple(self.hops)
        return Visit(self.expected.url, outcome, problems, notes, hops, self.status, self.title, self.names, seen)


def _follow(going: _Round, ends: float, connect: Connect) -> _Answer | None:
    """The last answer of a chain of redirects; None when there is no end of them."""
    context = ssl.create_default_context()
    context.sslsocket_class = _TimedSocket
    address = going.expected.url
    cookies: dict[str, dict[str, str]] = {}
    for _ in range(MOST_REDIRECTS + 1):
        url = ada_url.URL(address)
        if url.protocol != "https:":
            raise _Odd(Problem.LEAVES_HTTPS, f"leads to {url.origin}, which is not https")
        # What stands behind the path may be a ticket of this one visit: it is not kept.
        going.hops.append(f"{url.origin}{url.pathname}")
        answer = _ask(going, url, cookies.setdefault(url.hostname, {}), ends, connect, context)
        going.status = answer.status
        if answer.location is None:
            going.title = _title(answer.body)
            return answer
        for cookie in answer.cookies:
            name, equals, value = cookie.partition(";")[0].partition("=")
            if equals:
                cookies[url.hostname][name.strip()] = value.strip()
        try:
            address = ada_url.join_url(address, answer.location)
        except ValueError:
            raise HTTPException from None
    return None


def _ask(
    going: _Round, url: Any, cookies: dict[str, str], ends: float, connect: Connect, context: ssl.SSLContext
) -> _Answer:
    host, port = url.hostname, int(url.port or 443)
    headers = {"User-Agent": f"portalcheck/{__version__} (looks after a list of portals)", "Accept": "text/html"}
    if cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    with closing(connect(host, port, _left(ends))) as plain:
        plain.settimeout(_left(ends))
        with closing(context.wrap_socket(plain, server_hostname=host)) as tls:
            assert isinstance(tls, _TimedSocket)  # noqa: S101 - the context makes no others
            tls.ends = ends
            going.names = _certificate_names(tls)
            with closing(HTTPSConnection(host, port)) as connection:
                connection.sock = tls
                connection.request("GET", url.pathname + url.search, headers=headers)
                with connection.getresponse() as response:
                    return _answer(response)


def _answer(response: HTTPResponse) -> _Answer:
    location = response.getheader("Location") if response.status in (301, 302, 303, 307, 308) else None
    cookies = tuple(response.headers.get_all("Set-Cookie", ()))
    return _Answer(response.status, location, cookies, b"" if location is not None else response.read(MOST_BODY))


class _TimedSocket(ssl.SSLSocket):
    """Reads until a moment, not for so long a read: who sends a byte now and then gets no longer."""

    ends: float

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(_left(self.ends))
        return super().recv_into(*arguments)


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def connect_public(host: str, port: int, seconds: float) -> socket.socket:
    """A connection to a host of the public network; a redirect must not reach into the maintainer's own."""
    for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if not ipaddress.ip_address(address[0]).is_global:
            raise _Odd(Problem.NOT_PUBLIC, f"{host} has an address that is not a public one")
    return socket.create_connection((host, port), seconds)


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
"""Words that many names share: in a title they name nobody."""


def _names_any(title: str, names: Iterable[str]) -> bool:
    """Whether a title holds a word by which one of the names is told from others."""
    there = set(_words(title))
    for name in names:
        words = _words(name)
        telling = [word for word in words if len(word) >= _SHORTEST_WORD and word not in _GENERAL]
        if there.intersection(telling) if telling else there.issuperset(words):
            return True
    return False


def _words(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _WORD.findall(plain.casefold().replace("'", "").replace("’", ""))


def _title(body: bytes) -> str:
    """What stands between the first ``<title>`` and its end; empty when there is none."""
    lower = body.lower()
    begin = lower.find(b">", lower.find(b"<title")) + 1 if b"<title" in lower else 0
    end = lower.find(b"</title", begin)
    if not begin or end < 0:
        return ""
    return _printable(html.unescape(body[begin:end].decode("utf-8", "replace")))[:_LONGEST_TITLE]


def _printable(text: str) -> str:
    """One line, without what could steer a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
