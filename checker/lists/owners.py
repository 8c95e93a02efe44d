"""The rules about domains that are known without being listed: known names', other domains of one owner, and hosts
that vendors give out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import validators

from checker.core.known import KnownHosts, TenantParent, Vendor, tenant_pattern
from checker.lists.draft import Draft
from checker.lists.findings import Finding, Severity
from checker.lists.format import EvidenceEntry, ListFile, NamesFile, PortalFile, SameOwnerEntry, TenantEntry, VendorFile
from checker.lists.portal_url import address_problem, authority_of
from checker.lists.suffixes import has_private_suffix_below, is_ip
from checker.lists.tables import load_tables

__all__ = ["AnyFile", "and_above", "evidence_of", "one_owner", "owners_alone", "vendors_alone", "websites_alone"]


class _Claim(NamedTuple):
    """A domain that a file says belongs to an owner. ``entry`` is None for a known name's own domain; ``names`` are
    then those under which it may be listed."""

    file: ListFile[PortalFile] | ListFile[NamesFile]
    owner: str
    domain: str
    entry: SameOwnerEntry | None
    where: tuple[str | int, ...]
    names: tuple[str | None, ...] = ()

    def error(self, code: str, message: str) -> Finding:
        return self.file.finding(code, Severity.ERROR, message, *self.where)


def _claims(draft: Draft) -> Iterator[_Claim]:
    for file in draft.portals:
        for index, entry in enumerate(file.content.same_owner):
            yield _Claim(file, file.content.domain, entry.domain, entry, ("same_owner", index))
    if draft.names is None:
        return
    for number, name in enumerate(draft.names.content.names):
        known = (name.name, name.listed_as)
        for index, domain in enumerate(name.domains):
            yield _Claim(draft.names, name.name, domain, None, ("names", number, "domains", index), known)
        for index, entry in enumerate(name.same_owner):
            yield _Claim(draft.names, name.name, entry.domain, entry, ("names", number, "same_owner", index))


AnyFile = ListFile[PortalFile] | ListFile[NamesFile] | ListFile[VendorFile]


def evidence_of(draft: Draft) -> Iterator[tuple[AnyFile, EvidenceEntry, tuple[str | int, ...]]]:
    """The evidence for other domains of one owner and for vendors' tenants, each with its file and place."""
    for claim in _claims(draft):
        if claim.entry is not None:
            yield claim.file, claim.entry, claim.where
    for vendor in draft.vendors:
        for number, tenant in enumerate(vendor.content.tenants):
            for index, entry in enumerate(tenant.evidence):
                yield vendor, entry, ("tenants", number, "evidence", index)


def owners_alone(draft: Draft) -> Iterator[Finding]:
    """Every host on such a domain is said to be its owner's, so nobody else may get one there."""
    hosting = _Hosting.of(draft)
    never_listed = set(draft.policy.content.never_listed if draft.policy is not None else ())
    parents = [tenant.parent for vendor in draft.vendors for tenant in vendor.content.tenants if _has_customers(tenant)]
    shared = {file.content.domain for file in draft.portals if file.content.shared}
    shared.update(above for parent in parents for above in and_above(parent))
    for claim in _claims(draft):
        domain = claim.domain
        if draft.split_host(domain).registrable_domain != domain or domain != domain.lower() or not domain.isascii():
            message = "not a registrable domain in lower case; write one such as `example.org`"
        elif (stranger := hosting.problem(domain)) is not None:
            message = f"{stranger}; name only the organization's own domains"
        elif not never_listed.isdisjoint(and_above(domain)):
            message = "anybody can open a room there; name only the organization's own domains"
        elif domain in shared:
            message = "customers have host names there; name only the organization's own domains"
        else:
            continue
        yield claim.error("PC209", message)


class _Hosting(NamedTuple):
    """Where anyone can get a host name or a page: private suffixes, redirectors, and the policy's platforms."""

    draft: Draft
    platforms: frozenset[str]
    above: frozenset[str]

    @classmethod
    def of(cls, draft: Draft) -> _Hosting:
        platforms = frozenset(draft.policy.content.platforms if draft.policy is not None else ())
        platforms |= load_tables().wrappers.shorteners
        return cls(draft, platforms, frozenset(above for platform in platforms for above in and_above(platform)))

    def problem(self, host: str) -> str | None:
        """Who else has names or pages on ``host`` or below it; None if nobody has."""
        if self.draft.split_host(host).suffix_is_private or has_private_suffix_below(host):
            return "anyone can get a host name under a suffix there"
        if host in self.above or not self.platforms.isdisjoint(and_above(host)):
            return "a platform where anyone makes pages"
        return None


def websites_alone(draft: Draft) -> Iterator[Finding]:
    """People are sent to a known name's website, and its host is said to be the organization's."""
    if draft.names is None:
        return
    hosting = _Hosting.of(draft)
    known = KnownHosts(_tenants(draft), ())
    first: dict[str, str] = {}
    for index, name in enumerate(draft.names.content.names):
        host = authority_of(name.website)
        domain = draft.split_host(host).registrable_domain or host
        problem = address_problem(name.website)
        if problem is not None and problem[0] != "PC208":
            message = problem[1]
        elif (stranger := hosting.problem(host) or hosting.problem(domain)) is not None:
            message = f"{stranger}; write the organization's own website"
        elif known.of_host(host) is not None:
            message = "a vendor gives out this host to a customer; write the organization's own website"
        elif first.setdefault(host, name.name) != name.name:
            message = f"this is the website of {first[host]}, too; keep one of the two, or write the name's own"
        else:
            continue
        yield draft.names.finding("PC210", Severity.ERROR, message, "names", index, "website")


def _tenants(draft: Draft) -> Iterator[Vendor]:
    """The vendors whose tenants can be read."""
    for vendor in draft.vendors:
        content = vendor.content
        with suppress(ValueError):
            for tenant in content.tenants:
                for shape in tenant.shapes:
                    tenant_pattern(shape)
            tenants = tuple(TenantParent(tenant.parent, tenant.shapes) for tenant in content.tenants)
            yield Vendor(content.id, content.name, company=content.company or content.name, tenants=tenants)


def and_above(host: str) -> Iterator[str]:
    """The host, and every name above it."""
    while host:
        yield host
        host = host.partition(".")[2]


def one_owner(draft: Draft) -> Iterator[Finding]:
    """Each domain has one owner; two listed domains of one owner name each other."""
    files = {file.content.domain: file for file in draft.portals}
    first: dict[str, _Claim] = {}
    for claim in sorted(_claims(draft), key=lambda claim: claim.entry is not None):
        domain = claim.domain
        listed = files.get(domain)
        if listed is not None and claim.entry is None and listed.content.operator not in claim.names:
            message = f"{listed.path} gives it to {listed.content.operator}; if that is this organization, write"
            yield claim.error("PC306", f"{message} `listed_as: {listed.content.operator}`, otherwise take it out")
        if listed is not None and claim.entry is not None:
            back = [entry.domain for entry in listed.content.same_owner]
            if claim.owner == domain:
                yield claim.error("PC306", "this is the file's own domain; write the others")
            elif claim.owner not in files:
                yield claim.error("PC306", f"{listed.path} lists this domain; add it to the name's `domains`")
            elif claim.owner not in back:
                message = f"{listed.path} does not name `{claim.owner}`; a pair belongs in both files or neither"
                yield claim.error("PC306", message)
            continue
        other = first.setdefault(domain, claim)
        if other is not claim:
            place = f"{other.file.path}:{other.file.document.line(*other.where)}"
            yield claim.error("PC306", f"{place} gives it to {other.owner}; keep one of the two")


def vendors_alone(draft: Draft) -> Iterator[Finding]:
    """Parents of tenants are plain hosts, each of one vendor, with shapes that can be read."""
    hosting = _Hosting.of(draft)
    files = {file.content.domain: file.content for file in draft.portals}
    seen: dict[str, str] = {}
    for vendor in draft.vendors:
        if vendor.content.tenants and vendor.content.company is None:
            message = "`tenants` without `company`; write the name of the company alone"
            yield vendor.finding("PC307", Severity.ERROR, message, "tenants")
        for number, tenant in enumerate(vendor.content.tenants):
            where = ("tenants", number)
            domain = draft.split_host(tenant.parent).registrable_domain or tenant.parent
            first = seen.setdefault(domain, vendor.path)
            problem = _wrong_parent(tenant, hosting) or _others_parent(vendor, tenant, files.get(domain))
            if problem is None and (first != vendor.path or _is_second(vendor, number)):
                problem = f"{first} already has {domain}; write each parent once, with all shapes, for one vendor"
            if problem is not None:
                yield vendor.finding("PC307", Severity.ERROR, problem, *where, "parent")
            yield from _wrong_shapes(vendor, number)


def _wrong_parent(tenant: TenantEntry, hosting: _Hosting) -> str | None:
    parent = tenant.parent
    is_registrable = hosting.draft.split_host(parent).registrable_domain is not None
    if not is_registrable or is_ip(parent) or parent != parent.lower() or not validators.domain(parent):
        return "not a host name in lower case; write one such as `portal.example.org`"
    stranger = hosting.problem(parent)
    return f"{stranger}; write a host under which only the vendor gives out names" if stranger else None


def _others_parent(vendor: ListFile[VendorFile], tenant: TenantEntry, listed: PortalFile | None) -> str | None:
    """What is wrong if the parent is on a listed domain that is not this vendor's, or not shared by its customers."""
    if listed is None:
        return None
    if _has_customers(tenant) and not listed.shared:
        return f"customers have hosts on {listed.domain}; its file needs `shared: true`"
    if _has_customers(tenant) and listed.operator not in (vendor.content.company, vendor.content.name):
        return f"{listed.domain} is listed for {listed.operator}; write a host of {vendor.content.name}"
    return None


def _wrong_shapes(vendor: ListFile[VendorFile], number: int) -> Iterator[Finding]:
    shapes = vendor.content.tenants[number].shapes
    for index, shape in enumerate(shapes):
        try:
            tenant_pattern(shape)
        except ValueError as error:
            message = str(error)
        else:
            if shape not in shapes[:index]:
                continue
            message = "the same shape twice; write it once"
        yield vendor.finding("PC307", Severity.ERROR, message, "tenants", number, "shapes", index)


def _has_customers(tenant: TenantEntry) -> bool:
    """True if the vendor gives out names there; a shape in plain letters is a host of its own."""
    return any("<" in shape for shape in tenant.shapes)


def _is_second(vendor: ListFile[VendorFile], number: int) -> bool:
    tenants = vendor.content.tenants
    return any(tenant.parent == tenants[number].parent for tenant in tenants[:number])
