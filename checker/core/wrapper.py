"""Remove mail-gateway and redirect links from an address, offline (docs/design.md, section 6).

The links in clinics' mail arrive rewritten: Safe Links, Proofpoint and similar services put their own host in
front and carry the real target inside. People paste what they received, so the target is recovered here, using
our own strict table:

* The host must match exactly (or be below a listed suffix) and be typed in plain letters; the link needs https,
  the default port, no user name, the right path, and the target exactly once. Anything else is not that service's
  link and is left alone.
* The target is decoded exactly once and must be an http(s) address by itself.
* At most ``MAX_LAYERS`` wrappers may be nested.

A wrapper does not make its target trustworthy, and the wrapper's own data (recipient, tokens) is dropped. A
parameter such as ``?url=`` on any other host is never read.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from checker.core.errors import UnreadableAddress
from checker.core.url import WebUrl, parse

__all__ = ["MAX_LAYERS", "SERVICES", "SHORTENERS", "Unwrapped", "unwrap"]

MAX_LAYERS = 4
"""Most wrappers removed from one address; a target below that counts as hidden. Two are common in real mail."""


class Unwrapped(NamedTuple):
    """An address without the wrappers around it.

    ``url`` is what the link says it leads to: the innermost address that could be read.
    ``services`` names the wrappers that were removed, outermost first. ``hidden_by`` names the service that ``url``
    itself belongs to if its destination cannot be read offline, otherwise None. ``is_plain`` is False if a target holds
    something that browsers read in their own way (a backslash counts as a slash, a line end vanishes): whatever the
    service uses may read it differently.
    """

    url: WebUrl
    services: tuple[str, ...]
    hidden_by: str | None
    is_plain: bool = True


def unwrap(url: WebUrl) -> Unwrapped:
    """Remove every wrapper that can be read; never raises."""
    services: list[str] = []
    is_plain = True
    while (link := _link_of(url)) is not None:
        service, carried = link
        target = _target(service, carried) if len(services) < MAX_LAYERS else None
        if target is None:
            return Unwrapped(url, tuple(services), service.id, is_plain)
        services.append(service.id)
        url, written = target
        is_plain = is_plain and _READ_DIFFERENTLY.search(written) is None
    return Unwrapped(url, tuple(services), None, is_plain)


# --- how targets are written -----------------------------------------------------------------
# Each reader turns the carried text into the target's text, or raises ValueError (the base class of
# UnicodeDecodeError and binascii.Error) if it cannot.


def _percent(carried: str) -> str:
    return unquote(carried, errors="strict")


def _proofpoint_v1(carried: str) -> str:
    return _without_entities(_percent(carried))


def _proofpoint_v2(carried: str) -> str:
    """``-`` means ``%`` and ``_`` means ``/``."""
    return _without_entities(_percent(carried.translate({ord("-"): "%", ord("_"): "/"})))


def _without_entities(target: str) -> str:
    """Undo HTML escapes in the query. Any before it raise ValueError: the host would be decoded a second time."""
    before, mark, query = target.partition("?")
    if html.unescape(before) != before:
        raise ValueError
    return before + mark + html.unescape(query)


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


def _behind_https(carried: str) -> str:
    return "https://" + carried


# --- the table -------------------------------------------------------------------------------

_Read = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Service:
    """One kind of link. A host with a leading dot stands for every name below it.

    The target is the value of one of ``parameters``; if there are none, it is the only group of ``path``, followed
    by the link's query if ``with_query`` is set. ``read`` is None if only the service knows the target.
    """

    id: str
    hosts: tuple[str, ...]
    path: re.Pattern[str]
    parameters: tuple[str, ...] = ()
    read: _Read | None = None
    with_query: bool = False


# Google's country sites, from the list that it publishes at https://www.google.com/supported_domains. Those under
# country codes that used to give domains away for free (cf, ga, ml) are left out.
_GOOGLE = tuple(
    f"{www}google.{country}"
    for www in ("", "www.")
    for country in (
        "com ad ae al am as at az ba be bf bg bi bj bs bt by ca cat cd cg ch ci cl cm cn cv cz de dj dk dm dz ee es fi"
        " fm fr ge gg gl gm gr gy hn hr ht hu ie im iq is it je jo kg ki kz la li lk lt lu lv md me mg mk mn mu mv mw"
        " ne nl no nr nu pl pn ps pt ro rs ru rw sc se sh si sk sm sn so sr st td tg tl tm tn to tt vu ws"
        " co.ao co.bw co.ck co.cr co.id co.il co.in co.jp co.ke co.kr co.ls co.ma co.mz co.nz co.th co.tz co.ug co.uk"
        " co.uz co.ve co.vi co.za co.zm co.zw"
        " com.af com.ag com.ar com.au com.bd com.bh com.bn com.bo com.br com.bz com.co com.cu com.cy com.do com.ec"
        " com.eg com.et com.fj com.gh com.gi com.gt com.hk com.jm com.kh com.kw com.lb com.ly com.mm com.mt com.mx"
        " com.my com.na com.ng com.ni com.np com.om com.pa com.pe com.pg com.ph com.pk com.pr com.py com.qa com.sa"
        " com.sb com.sg com.sl com.sv com.tj com.tr com.tw com.ua com.uy com.vc com.vn"
    ).split()
)

SHORTENERS: frozenset[str] = frozenset(
    "t.co bit.ly lnkd.in lnks.gd rb.gy tinyurl.com goo.gl ow.ly is.gd v.gd buff.ly cutt.ly t.ly tiny.cc rebrand.ly"
    " shorturl.at s.id bl.ink dub.sh dlvr.it fb.me wp.me aka.ms go.usa.gov amzn.to j.mp bitly.com"
    " qrco.de l.ead.me urlz.fr trib.al soo.gd clck.ru".split()
)
"""Public link shorteners; the id of each is its host."""


def _path(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern + r"\Z")


_ANY = _path(r"/.+")

_TABLE: tuple[_Service, ...] = (
    _Service(
        "safelinks",
        (
            ".safelinks.protection.outlook.com",
            ".safelinks.protection.office365.us",
            ".safelinks.protection.apps.mil",
            "safelinks.protection.apps.mil",
            ".safelinks.protection.partner.outlook.cn",
        ),
        _path(r"/(?:ap/[a-z]-[0-9a-z]+/)?"),
        ("url",),
        _percent,
    ),
    _Service(
        "safelinks",
        ("statics.teams.cdn.office.net",),
        _path(r"/evergreen-assets/safelinks/[0-9]+/atp-safelinks\.html"),
        ("url",),
        _percent,
    ),
    _Service(
        "safelinks",
        ("outlook.office.com", "outlook.office365.com", "outlook.live.com"),
        _path(r"/mail/(?:[0-9]/)?safelink\.html"),
        ("url",),
        _percent,
    ),
    _Service("proofpoint-v1", ("urldefense.proofpoint.com",), _path(r"/v1/url"), ("u",), _proofpoint_v1),
    _Service("proofpoint-v2", ("urldefense.proofpoint.com",), _path(r"/v2/url"), ("u",), _proofpoint_v2),
    _Service(
        "proofpoint-v3",
        ("urldefense.com", "urldefense.us", "urldefense.proofpoint.com"),
        _path(r"/v3/__(.+)"),
        read=_proofpoint_v3,
        with_query=True,
    ),
    _Service("barracuda", ("linkprotect.cudasvc.com",), _path(r"/url"), ("a",), _percent),
    _Service("cisco", ("secure-web.cisco.com",), _path(r"/[^/]+/([^/]+)"), read=_percent),
    _Service("symantec", ("clicktime.symantec.com",), _ANY, ("u",), _percent),
    _Service("symantec", ("clicktime.symantec.com",), _path(r"/a/1/.+")),
    _Service("trellix", ("protect.fireeye.com", "protect2.fireeye.com"), _path(r"/(?:v1/)?url"), ("u",), _percent),
    _Service("sophos", (".protection.sophos.com",), _path(r"/"), ("u",), _base64),
    _Service("sophos", (".protection.sophos.com",), _path(r"/")),
    _Service(
        "trend-micro",
        (".trendmicro.com",),
        _path(r"/wis/clicktime/(?:v1/query|v2/clickthrough)"),
        ("url",),
        _percent,
    ),
    _Service("mimecast", (".mimecast.com", ".mimecastprotect.com"), _path(r"/[sr]/.+")),
    _Service("intermedia", ("url.emailprotection.link", "safe.intermedia.net"), _path(r"/.*")),
    _Service("sendgrid", (".sendgrid.net",), _path(r"/(?:ls|wf)/click")),
    _Service("google", _GOOGLE, _path(r"/url"), ("q", "url"), _percent),
    _Service("google-amp", _GOOGLE, _path(r"/amp/s/(.+)"), read=_behind_https, with_query=True),
    _Service(
        "ampproject",
        (".cdn.ampproject.org", "cdn.ampproject.org"),
        _path(r"/[cv]/s/(.+)"),
        read=_behind_https,
        with_query=True,
    ),
    _Service("bing", ("bing.com", "www.bing.com"), _path(r"/ck/a"), ("u",), _bing),
    _Service(
        "facebook",
        ("l.facebook.com", "lm.facebook.com", "l.messenger.com"),
        _path(r"/l\.php"),
        ("u",),
        _percent,
    ),
    _Service("facebook", ("l.instagram.com",), _path(r"/"), ("u",), _percent),
    _Service("whatsapp", ("l.wl.co",), _path(r"/l"), ("u",), _percent),
    _Service("slack", ("slack-redir.net",), _path(r"/link"), ("url",), _percent),
    _Service("linkedin", ("linkedin.com", "www.linkedin.com"), _path(r"/safety/go/?"), ("url",), _percent),
    _Service("youtube", ("youtube.com", "www.youtube.com", "m.youtube.com"), _path(r"/redirect"), ("q",), _percent),
    _Service("duckduckgo", ("duckduckgo.com", "www.duckduckgo.com"), _path(r"/l/"), ("uddg",), _percent),
    _Service(
        "govdelivery",
        ("links-1.govdelivery.com", "links-2.govdelivery.com"),
        _path(r"/CL0/([^/]+)/[0-9]+/.+"),
        read=_percent,
    ),
    _Service("ses", (".awstrack.me",), _path(r"/L0/([^/]+)/[0-9]+/.+"), read=_percent),
    *(_Service(host, (host,), _ANY) for host in sorted(SHORTENERS)),
)

SERVICES: frozenset[str] = frozenset(service.id for service in _TABLE)
"""The ids that ``Unwrapped`` can name. They are published, so they are only ever added to."""

_BY_HOST: dict[str, list[_Service]] = {}
for _service in _TABLE:
    for _host in _service.hosts:
        _BY_HOST.setdefault(_host, []).append(_service)


# --- reading one link ------------------------------------------------------------------------


def _link_of(url: WebUrl) -> tuple[_Service, str] | None:
    """The service that the link ``url`` belongs to and the text it carries; None for any other address."""
    services = _BY_HOST.get(url.host)
    name = url.host
    while services is None and name:
        name = name.partition(".")[2]
        services = _BY_HOST.get("." + name)
    if services is None or url.port is not None or url.has_credentials or url.typed_host is not None:
        return None
    for service in services:
        shape = service.path.match(url.path)
        if shape is None:
            continue
        if service.read is None:
            return service, ""
        if url.scheme != "https":
            continue
        if not service.parameters:
            return service, shape.group(1) + (f"?{url.query}" if service.with_query and url.query else "")
        carried = _only_value(url.query, service.parameters)
        if carried is not None:
            return service, carried
    return None


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


def _target(service: _Service, carried: str) -> tuple[WebUrl, str] | None:
    """The address that a link carries, also as it is written; None if it cannot be read or is not a web address."""
    if service.read is None:
        return None
    try:
        written = service.read(carried)
        target = parse(written)
    except (ValueError, UnreadableAddress):
        return None
    return (target, written) if isinstance(target, WebUrl) else None
