"""Test vectors: addresses with the Python core's answers, which the extension's own rules must match.

    python -m extension.vectors FILE

They contain every listed host and mount, with spellings that must and must not change the answer, and the dates around
the end of each lease. ``answer`` is None if the list knows nothing about the host. The extension then answers
``not-listed`` (or with reasons in the address itself) and asks a service.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from checker.core.allowlist import Allowlist, MatchKind
from checker.core.check import Checker, Result
from checker.core.render import Renderer
from checker.core.text import Context
from checker.core.url import WebUrl
from checker.lists.loader import load_folder
from checker.texts_loader import LANGUAGES, load_texts
from extension.build import ROOT

__all__ = ["TODAY", "vectors"]

TODAY = date(2026, 11, 22)
"""The day on which most vectors are judged, within every lease of the first list."""

UNLISTED = (
    "https://www.example.org/",
    "https://www.example.org/MyChart/Billing/GuestPay",
    "https://patient@www.example.org/",
    "https://192.0.2.10/mychart/",
    "https://[2001:db8::1]/",
    "https://0x7f.1/",
    "https://localhost:8080/",
    "https://constructor/",
    "https://__proto__/",
    "https://mychart.cleve1andclinic.org/",
    "https://mychart.clevelandclinic.org.evil.example/",
    "https://evil.example\\@mychart.clevelandclinic.org/",
    "https://mychart-health.org/",
)
CARRIED = (
    "https%3A%2F%2Fwww.example.org%2F",
    "https%3A%2F%2Fmychart.clevelandclinic.org%2FMyChart",
    "HTTP%3Awww.example.org",
    "%2F%2Fwww.example.org",
    "%5C%2Fwww.example.org",
    "+%09https%3A%2F%2Fwww.example.org",
    "https%3A%2F%2F",
    "%2FHome",
    "www.example.org",
)
TAILS = ("Authentication/Login", "Billing/GuestPay/", "app/account-recovery?next=x#y", "default.asp", "unknown/login")


def vectors(allowlist: Allowlist) -> list[dict[str, object]]:
    """One case per address, date and language."""
    checker = Checker(allowlist)
    renderer = Renderer(load_texts())
    chance = random.Random(20261122)  # noqa: S311 - it picks test cases, the same ones every time
    pages = [(Context.TAB, *case) for case in _cases(allowlist, chance)]
    links = [(Context.LINK, link, TODAY, "en") for link in _links(allowlist, chance)]
    return [_case(checker, renderer, *case) for case in pages + links]


def _cases(allowlist: Allowlist, chance: random.Random) -> Iterator[tuple[str, date, str]]:
    everything = [portal for operator in allowlist.operators for portal in operator.portals]
    for portal in everything:
        yield portal.url, TODAY, chance.choice(LANGUAGES)
        yield portal.url + chance.choice(TAILS), TODAY, "en"
    for portal in chance.sample(everything, min(150, len(everything))):
        for spelling in _spellings(portal.host, portal.mount):
            yield spelling, TODAY, chance.choice(LANGUAGES)
        last = allowlist.policy.lease.last_day(portal.review_by)
        for day in (last - timedelta(days=1), last, last + timedelta(days=1), last + timedelta(days=400)):
            yield portal.url, day, "en"
        yield f"http://{portal.host}{portal.mount}", last + timedelta(days=1), "es"
    for operator in allowlist.operators:
        if operator.all_retired:
            yield f"https://{operator.domain}/", TODAY, "en"
            yield f"https://any.other.{operator.domain}/login", TODAY, "es"
    for url in (*UNLISTED, *_known_sites(allowlist)):
        for lang in LANGUAGES:
            yield url, TODAY, lang


def _known_sites(allowlist: Allowlist) -> Iterator[str]:
    """Hosts that vendors give out, sites of known organizations and other domains of listed ones, and their fringes."""
    for vendor in allowlist.vendors.values():
        for tenant in vendor.tenants:
            for shape in tenant.shapes:
                label = shape.replace("<digits>", "123").replace("<name>", "st-johns")
                host = f"{label}.{tenant.parent}"
                yield from (f"https://{host}/", f"http://{host}:81/x", f"https://someone@{host}/")
                yield from (f"https://{host}.evil.example/", f"https://-{host}/", f"https://x.{host}/")
            yield from (
                f"https://{tenant.parent}/",
                f"https://www.{tenant.parent}/",
                f"https://support.{tenant.parent}/",
            )
    for name in allowlist.names:
        yield name.website
        for domain in (*name.domains, *name.same_owner):
            yield from (f"https://{domain}/", f"http://any.other.{domain}/", f"https://x{domain}/")
            yield f"https://mychart.clevelandclinic.org.{domain}/"
    for operator in allowlist.operators:
        for domain in operator.same_owner:
            yield from (f"https://{domain}/", f"https://www.{domain}/login")


def _links(allowlist: Allowlist, chance: random.Random) -> Iterator[str]:
    """What people paste: a portal's address, with and without another address in its query."""
    everything = [portal for operator in allowlist.operators for portal in operator.portals]
    for portal in chance.sample(everything, min(60, len(everything))):
        yield portal.url
        for carried in CARRIED:
            yield f"{portal.url}?lang=en&next={carried}"


def _spellings(host: str, mount: str) -> Iterator[str]:
    yield f"https://{host}/"
    yield f"https://{host.upper()}{mount.swapcase()}"
    yield f"HTTPS://{host}:443{mount}"
    yield f"https://{host}.{mount}"
    yield f"http://{host}{mount}"
    yield f"https://{host}:8443{mount}"
    yield f"http://{host}:8080{mount}"
    yield f"https://someone@{host}{mount}"
    yield f"https://someone:secret@{host}:8443{mount}"
    yield f"https://{host}{mount.rstrip('/')}X/"
    yield f"https://{host}{mount}../"
    yield f"https://{host}{mount}%2e%2e/x"
    yield f"https://{host}/x/..{mount}"
    yield f"https://{host}/{mount}"
    yield f"https://{host}{mount}login"
    yield f"https://{host}/nowhere{mount}"
    yield f"https://x{host}{mount}"
    yield f"https://www.{host}{mount}"
    yield f"https://{host}.evil.example{mount}"
    yield f"https://{host.partition('.')[2]}{mount}"


def _case(
    checker: Checker, renderer: Renderer, context: Context, url: str, today: date, lang: str
) -> dict[str, object]:
    result = checker.check(url, None, lang, context, today=today)
    return {
        "context": context.value,
        "url": url,
        "today": today.isoformat(),
        "lang": lang,
        **_expected(result, renderer),
    }


def _is_told(result: Result) -> bool:
    """True if the extension's own list tells this: a listed host, or whose unlisted one it is. It compares no names."""
    match = result.match
    if result.unwrapped or result.imitation is not None or result.hidden is not None:
        return False
    if match is None or match.kind is not MatchKind.OPERATOR_SITE:
        return match is not None or result.known is not None
    return match.operator.domain != result.registrable_domain


def _expected(result: Result, renderer: Renderer) -> dict[str, object]:
    address = result.address
    host = address.host if isinstance(address, WebUrl) else None
    if not _is_told(result):
        return {"host": host, "answer": None}
    full = renderer.result(result)
    portal = full.portal
    return {
        "host": host,
        "answer": {
            "verdict": full.verdict,
            "level": full.level,
            "headline": full.headline,
            "domain": full.address.registrable_domain,
            "portal": portal
            and {
                "host": portal.host,
                "url": portal.url,
                "operator": portal.operator,
                "organizations": portal.organizations,
            },
            "official": full.official and asdict(full.official),
            "reasons": [{"code": r.code, "level": r.level, "message": r.message} for r in full.reasons],
            "notes": [asdict(note) for note in full.notes],
            "guidance": asdict(full.guidance),
        },
    }


def main(arguments: list[str]) -> int:
    """Write all vectors to the named file."""
    (target,) = arguments
    cases = vectors(load_folder(ROOT / "allowlists"))
    Path(target).write_text(json.dumps(cases, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    print(f"{len(cases):,} vectors in {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
