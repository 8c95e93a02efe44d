"""The list of official portals, which answers one question: whose address is this?

Membership is exact. A host is on the list or it is not: there are no wildcards, suffix rules or scores
(docs/design.md, section 5). The path never changes that; it only tells *whose* portal it is.

Terms (docs/design.md, section 4): an *operator* controls the domain, a *portal* is an official sign-in site (a
host, sometimes with a mount path), a *mount* is the leading path segments that tell the organizations on one host
apart, a *lease* is the time until somebody has to confirm an entry again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from checker.core.known import KnownHosts, KnownName, KnownSite, Vendor
from checker.core.lease import Lease, first_day
from checker.core.reference import HostParts, SplitHost, Tables
from checker.core.url import WebUrl, parse

__all__ = [
    "Allowlist",
    "Evidence",
    "Match",
    "MatchKind",
    "Operator",
    "Policy",
    "Portal",
    "Retirement",
]

MAX_MOUNT_SEGMENTS = 3
"""Longest mount, in path segments; the longest seen is one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How we know that a portal is official.

    ``seen``: when the source says it, as ``YYYY-MM`` or ``YYYY-MM-DD``. With ``age`` "unknown" it is when the source
    was read, because nobody knows when it was written.
    """

    source: str
    url: str
    seen: str
    age: Literal["unknown"] | None = None

    @property
    def first_day(self) -> date:
        """The day the lease counts from."""
        return first_day(self.seen)


@dataclass(frozen=True, slots=True)
class Retirement:
    """Why and since when a portal is no longer official, and where it moved to, if anywhere."""

    on: str
    reason: str
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class Portal:
    """One official sign-in site: a host and a mount. ``mount`` is ``/`` or, for example, ``/MyChart/``.

    ``kind`` is what kind of organization's it is, if known: ``provider``, ``payer``, … ``home``: people who look for
    the operator are sent here.

    Raises ValueError for a host that is not plain lower-case ASCII, or a mount that is too long or lacks a slash.
    """

    host: str
    mount: str
    operator: str
    organizations: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    review_by: date
    vendor: str | None = None
    country: str | None = None
    kind: str | None = None
    links: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    retired: Retirement | None = None
    home: bool = False

    def __post_init__(self) -> None:
        if self.host != self.host.lower() or not self.host.isascii() or "." not in self.host:
            raise ValueError("a portal's host is a plain lower-case ASCII name")
        if not (self.mount.startswith("/") and self.mount.endswith("/")):
            raise ValueError("a mount begins and ends with a slash")
        if len(self.segments) > MAX_MOUNT_SEGMENTS:
            raise ValueError(f"a mount has at most {MAX_MOUNT_SEGMENTS} segments")

    @property
    def segments(self) -> tuple[str, ...]:
        """The mount's path segments, case-folded for comparison."""
        return tuple(self.mount.strip("/").casefold().split("/")) if self.mount != "/" else ()

    @property
    def url(self) -> str:
        """The address to open."""
        return f"https://{self.host}{self.mount}"

    @property
    def age(self) -> Literal["unknown"] | None:
        """ "unknown" if there is evidence and nobody knows when any of it was written."""
        return "unknown" if self.evidence and all(evidence.age for evidence in self.evidence) else None


@dataclass(frozen=True, slots=True)
class Operator:
    """Who controls a registrable domain, and the portals on it; this is one list file.

    ``shared``: subdomains belong to different customers, so only exact hosts count. ``resembles_ok``: hosts of
    other operators that look similar and are known to be genuine. ``same_owner``: other registrable domains of this
    owner, which have no portal of their own.
    """

    domain: str
    name: str
    portals: tuple[Portal, ...]
    shared: bool = False
    resembles_ok: tuple[str, ...] = ()
    same_owner: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.portals:
            raise ValueError("an operator has at least one portal, active or retired")

    @property
    def all_retired(self) -> bool:
        """True if nothing on the domain is official any more, so that anyone may own it by now."""
        return all(portal.retired for portal in self.portals)

    @property
    def home(self) -> Portal | None:
        """The operator's own portal: the one marked ``home``, or the first that the operator itself uses.

        None if all portals are those of affiliates or tenants: none of them is the right place for the operator's
        patients (docs/design.md, section 5).
        """
        active = [portal for portal in self.portals if not portal.retired]
        own = [portal for portal in active if self.name in portal.organizations]
        return next((portal for portal in (*(p for p in active if p.home), *own)), None)


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules for the whole list (``policy.yaml``).

    ``platforms``: hosts that are not in the suffix list but let anyone make pages (``sites.google.com``).
    """

    lease: Lease = field(default_factory=Lease)
    platforms: frozenset[str] = frozenset()

    def is_platform(self, host: str) -> bool:
        """True if ``host`` is one of the platforms or a subdomain of one."""
        while host:
            if host in self.platforms:
                return True
            host = host.partition(".")[2]
        return False


class MatchKind(StrEnum):
    """What the list knows about a host."""

    ACTIVE = "active"
    RETIRED = "retired"
    OPERATOR_SITE = "operator-site"


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """What the list knows about an address. Each mount has one, built with the list; it equals only itself.

    ``site`` is the portal that the answer is about: the one whose mount contains the address (``mounted`` is then
    True), otherwise the first of the host or operator. ``name`` and ``url`` say where to send people, which is
    never one organization's mount on a host that serves several. ``is_place`` is False if that would be somebody
    else's: an OPERATOR_SITE of an operator without a portal of its own. ``review_by`` is the latest review date of
    the host's portals. ``is_active``: ``kind`` is ACTIVE, kept as a field because each check reads it several times.
    """

    kind: MatchKind
    is_active: bool = field(init=False)
    operator: Operator
    site: Portal
    mounted: bool
    name: str
    url: str
    review_by: date
    is_place: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_active", self.kind is MatchKind.ACTIVE)  # set only here: the two always agree


def _match(kind: MatchKind, operator: Operator, portals: Sequence[Portal], mounted: bool = False) -> Match:
    """The match for ``portals[0]``; ``portals`` are all those of its host or domain."""
    site, review_by = portals[0], max(portal.review_by for portal in portals)
    if mounted or len(portals) == 1:
        name = site.organizations[0] if len(site.organizations) == 1 else operator.name
        return Match(kind, operator, site, mounted, name, site.url, review_by)
    if any(portal.host != site.host for portal in portals):
        return Match(kind, operator, site, mounted, operator.name, site.url, review_by)
    return Match(kind, operator, site, mounted, operator.name, f"https://{site.host}/", review_by)


class _Host:
    """All portals of one host, with a match prepared for each mount."""

    __slots__ = ("_by_mount", "_longest", "home")

    def __init__(self, operator: Operator, portals: list[Portal]) -> None:
        kind = MatchKind.RETIRED if all(portal.retired for portal in portals) else MatchKind.ACTIVE
        outside_mounts = _match(kind, operator, portals)
        self._by_mount: dict[tuple[str, ...], Match] = {}
        for portal in portals:
            match = _match(kind, operator, [portal], mounted=True)
            self._by_mount[portal.segments] = replace(match, review_by=outside_mounts.review_by)
        self._longest = max(len(segments) for segments in self._by_mount)
        self.home = self._by_mount.get((), outside_mounts)

    def match(self, path: str) -> Match:
        """The match for the longest mount that contains ``path``, compared by whole segments."""
        if self._longest:
            segments = tuple(path.split("/", self._longest + 1)[1:])
            for length in range(min(self._longest, len(segments)), 0, -1):
                match = self._by_mount.get(tuple(s.casefold() for s in segments[:length]))
                if match is not None:
                    return match
        return self.home


class Allowlist:
    """The official portals. They never change: a reload builds a new list and swaps the reference.

    ``version`` is a hash of the content, independent of the machine and of the order of files. ``split_host`` and
    ``tables`` are the reference data used with the list. Raises ValueError if two operators claim one domain, or
    if a portal is not on its operator's domain.
    """

    def __init__(
        self,
        operators: Iterable[Operator],
        *,
        split_host: SplitHost,
        vendors: Iterable[Vendor] = (),
        names: Iterable[KnownName] = (),
        policy: Policy | None = None,
        tables: Tables | None = None,
        version: str = "unversioned",
    ) -> None:
        self.operators = tuple(sorted(operators, key=lambda operator: operator.domain))
        self.vendors: Mapping[str, Vendor] = MappingProxyType({v.id: v for v in vendors})
        self.names = tuple(names)
        self.policy = policy or Policy()
        self.version = version
        self.split_host = split_host
        self.tables = tables or Tables()
        self._domains: dict[str, Operator] = {}
        self._hosts: dict[str, _Host] = {}
        self._same_owner: dict[str, Operator] = {}
        self._handed_out: dict[str, Match | None] = {}
        self._known = KnownHosts(self.vendors.values(), self.names)
        for operator in self.operators:
            if operator.domain in self._domains:
                raise ValueError(f"{operator.domain} is claimed twice")
            self._domains[operator.domain] = operator
            by_host: dict[str, list[Portal]] = {}
            for portal in operator.portals:
                if portal.host != operator.domain and not portal.host.endswith("." + operator.domain):
                    raise ValueError(f"{portal.host} is not on {operator.domain}")
                by_host.setdefault(portal.host, []).append(portal)
            for host, portals in by_host.items():
                self._hosts[host] = _Host(operator, portals)
            if not operator.all_retired:
                self._same_owner |= dict.fromkeys(operator.same_owner, operator)

    def match(self, url: WebUrl) -> Match | None:
        """What the list knows about this address; None if it knows nothing."""
        listed = self.match_listed(url)
        if listed is not None or url.is_ip:
            return listed
        return self.match_domain(self.split_host(url.host))

    def match_listed(self, url: WebUrl) -> Match | None:
        """The match for an exactly listed host: one dictionary look-up, no suffix list."""
        entry = self._hosts.get(url.host)
        return entry.match(url.path) if entry is not None else None

    def match_domain(self, parts: HostParts) -> Match | None:
        """The match for an unlisted host on a listed operator's own domain, or on another of its owner's domains.

        A domain shared by customers says nothing about its other hosts, and one whose portals are all retired
        may belong to anyone by now.
        """
        domain = parts.registrable_domain
        if domain is None:
            return None
        operator = self._domains.get(domain)
        if operator is None:
            owner = self._same_owner.get(domain)
            return self._operator_site(owner) if owner is not None else None
        if operator.all_retired:
            return _match(MatchKind.RETIRED, operator, operator.portals)
        if operator.shared:
            return None
        return self._operator_site(operator)

    @staticmethod
    def _operator_site(operator: Operator) -> Match:
        if operator.home is not None:
            return _match(MatchKind.OPERATOR_SITE, operator, [operator.home])
        first, *_ = active = [portal for portal in operator.portals if not portal.retired]
        review_by = max(portal.review_by for portal in active)
        return Match(MatchKind.OPERATOR_SITE, operator, first, False, operator.name, first.url, review_by, False)

    def known_site(self, host: str, domain: str | None) -> KnownSite | None:
        """Whose an unlisted host is, if its vendor or organization is known; ``domain`` is its registrable domain."""
        return self._known.of_host(host) or self._known.of_domain(domain)

    def portal_of(self, known: KnownName) -> Match | None:
        """The listed portal of a known organization: that of the first of its domains that has one."""
        for domain in known.domains:
            operator = self._domains.get(domain)
            if operator is not None and not operator.shared and operator.home is not None:
                return self._operator_site(operator)
        return None

    def is_one_owner(self, domain: str, other: str) -> bool:
        """True if both registrable domains are known to belong to one owner."""
        return domain == other or other in self._of_one_owner(domain)

    def _of_one_owner(self, domain: str) -> set[str]:
        operator = self._domains.get(domain) or self._same_owner.get(domain)
        domains = {operator.domain, *operator.same_owner} if operator is not None else set()
        site = self._known.of_domain(domain)
        if site is not None and site.known is not None:
            domains.update(site.known.domains, site.known.same_owner)
        return domains

    def home_of(self, host: str) -> Match | None:
        """The match for a listed host's root; None if exactly this host is not listed."""
        entry = self._hosts.get(host)
        return entry.home if entry is not None else None

    def operator_of(self, domain: str) -> Operator | None:
        """The operator of this registrable domain; None if the domain is not listed."""
        return self._domains.get(domain)

    @cached_property
    def portals(self) -> tuple[Portal, ...]:
        """The active portals, by domain, in file order."""
        return tuple(p for operator in self.operators for p in operator.portals if not p.retired)

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The hosts that can verify."""
        return frozenset(portal.host for portal in self.portals)

    @cached_property
    def domains(self) -> frozenset[str]:
        """The registrable domains with an active portal."""
        return frozenset(operator.domain for operator in self.operators if not operator.all_retired)

    @cached_property
    def newest_evidence(self) -> str | None:
        """The latest ``seen`` of all active portals; None for an empty list."""
        seen = (evidence.seen for portal in self.portals for evidence in portal.evidence)
        return max(seen, default=None)

    def within_lease(self, entry: Match | Portal, today: date) -> bool:
        """True until the review date and the grace period have passed (docs/design.md, section 7)."""
        return self.policy.lease.runs(entry.review_by, today)

    def hands_out(self, url: str, today: date) -> bool:
        """True if people may be sent to this address, which rules out retired portals and overdue ones."""
        if url not in self._handed_out:  # few addresses, the list's own and the known names'
            address = parse(url)
            self._handed_out[url] = self.match(address) if isinstance(address, WebUrl) else None
        match = self._handed_out[url]
        if match is None or match.kind is MatchKind.OPERATOR_SITE:
            return True
        return match.is_active and self.within_lease(match, today)

    def is_active(self, url: str) -> bool:
        """True for an address on the host of an active portal, overdue or not."""
        address = parse(url)
        match = self.match_listed(address) if isinstance(address, WebUrl) else None
        return match is not None and match.is_active
