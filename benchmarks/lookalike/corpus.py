"""The hosts to measure with: attacks derived from the official list, and real sites that imitate nobody."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dnstwist

from checker.core.allowlist import Allowlist
from checker.core.lookalike import LookalikeIndex
from checker.core.url import WebUrl, parse

__all__ = [
    "FUZZERS",
    "Attack",
    "Victim",
    "dnstwist_attacks",
    "health_sites",
    "known_victims",
    "lines",
    "own_attacks",
    "popular",
    "victims",
]

DATA = Path(__file__).parent / "data"
FUZZERS = (
    "addition bitsquatting cyrillic dictionary homoglyph hyphenation insertion omission plural repetition replacement"
    " subdomain tld-swap transposition various vowel-swap"
).split()


@dataclass(frozen=True, slots=True)
class Victim:
    """An official or known host. ``owner``: the operator's name, or the known name. ``letters``: length of its name
    without generic words."""

    host: str
    domain: str
    owner: str
    letters: int


@dataclass(frozen=True, slots=True)
class Attack:
    """A host that imitates ``victim``; ``kind`` names the trick."""

    host: str
    kind: str
    victim: Victim


def lines(name: str) -> list[str]:
    """The lines of a data file, without comments and empty lines."""
    text = (DATA / name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def victims(allowlist: Allowlist, index: LookalikeIndex) -> list[Victim]:
    """One host for each operator whose suffix is open to anyone."""
    chosen = []
    for operator in allowlist.operators:
        if operator.all_retired:
            continue
        parts = allowlist.split_host(operator.domain)
        if parts.suffix.rpartition(".")[2] in ("gov", "edu", "mil") or parts.suffix in index.tables.restricted:
            continue
        host = next(portal.host for portal in operator.portals if not portal.retired)
        letters = len(index.core_of(parts.domain.replace("-", "")))
        chosen.append(Victim(host, operator.domain, operator.name, letters))
    return chosen


def known_victims(allowlist: Allowlist) -> list[Victim]:
    """One host for each known name with a word of its own that is the name of its website's domain."""
    chosen = []
    for known in allowlist.names:
        url = parse(known.website)
        parts = allowlist.split_host(url.host) if isinstance(url, WebUrl) else None
        domain = parts.registrable_domain if parts is not None else None
        if parts is None or domain is None or parts.domain not in known.words or domain not in known.domains:
            continue
        if parts.suffix in allowlist.tables.restricted or allowlist.operator_of(domain) is not None:
            continue
        chosen.append(Victim(url.host, domain, known.name, len(parts.domain)))
    return chosen


def dnstwist_attacks(victim: Victim, fuzzer: str, most: int, allowlist: Allowlist) -> Iterator[Attack]:
    """At most ``most`` of dnstwist's permutations: a random choice, but always the same one."""
    made = dnstwist.Fuzzer(victim.host, dictionary=lines("lure_words.txt"), tld_dictionary=lines("tlds.txt"))
    made.generate(fuzzers=[fuzzer])
    hosts = sorted({permutation["domain"] for permutation in made.domains} - {victim.host})
    hosts = [host for host in hosts if _registrable_by_anyone(host, allowlist)]
    for host in random.Random(victim.host + fuzzer).sample(hosts, min(most, len(hosts))):
        yield Attack(host, fuzzer, victim)


def own_attacks(victim: Victim, allowlist: Allowlist) -> Iterator[Attack]:
    """Forms that dnstwist does not generate."""
    parts = allowlist.split_host(victim.domain)
    host = victim.host.removeprefix("www.")
    label, dashed, glued = parts.domain, host.replace(".", "-"), host.replace(".", "")
    forms = {
        "embedded host": [f"{host}.evil-site.com", f"{host}.a1.example.net", f"www.{host}.login-page.xyz"],
        "embedded domain": [f"{victim.domain}.evil-site.com", f"{label}.evil-site.com"],
        "hyphenated host": [f"{dashed}.evil-site.com", f"{dashed}.com", f"secure-{dashed}.net"],
        "missing dot": [f"{glued}.com", f"www{host}.net".replace(".net", "") + ".net"],
        "free hosting": [f"{label}.pages.dev", f"{label}-login.web.app", f"{dashed}.weebly.com", f"{label}.github.io"],
        "moved dot": [f"{label[:4]}.{label[4:]}.net"] if len(label) > 6 else [],
        "combosquat": [f"{label}-login.com", f"{label}patientportal.com", f"secure{label}.net", f"{label}billing.xyz"],
        "number suffix": [f"{label}24.com", f"{label}2026.org"],
        "other suffix": [f"{host}.co" if host.count(".") == 1 else f"{host.rpartition('.')[0]}.co", f"{label}.support"],
    }
    for kind, hosts in forms.items():
        yield from (Attack(each, kind, victim) for each in hosts if _registrable_by_anyone(each, allowlist))


def popular(allowlist: Allowlist) -> list[str]:
    """Popular domains that are not public suffixes and not on the list."""
    return [domain for domain in lines("popular_domains.txt") if _is_unlisted(domain, allowlist)]


def health_sites(allowlist: Allowlist) -> list[str]:
    """Hosts of real health organizations whose domains are not on the list."""
    hosts = [line.partition(",")[0] for line in lines("health_sites.csv")[1:]]
    return [host for host in hosts if _is_unlisted(host, allowlist)]


def _is_unlisted(host: str, allowlist: Allowlist) -> bool:
    domain = allowlist.split_host(host).registrable_domain
    return domain is not None and allowlist.operator_of(domain) is None


def _registrable_by_anyone(host: str, allowlist: Allowlist) -> bool:
    parts = allowlist.split_host(host)
    vetted = parts.suffix.rpartition(".")[2] in ("gov", "edu", "mil")
    return parts.registrable_domain is not None and not vetted and _is_unlisted(host, allowlist)
