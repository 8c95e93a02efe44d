"""The rules about domains that are known without being listed: known names', other domains of one owner, and hosts
that vendors give out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from checker.core.known import tenant_pattern
from checker.lists.draft import Draft
from checker.lists.findings import Finding, Severity
from checker.lists.format import EvidenceEntry, ListFile, NamesFile, PortalFile, SameOwnerEntry, TenantEntry, VendorFile
from checker.lists.suffixes import has_private_suffix_below, is_ip

__all__ = ["AnyFile", "and_above", "evidence_of", "one_owner", "owners_alone", "vendors_alone"]


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
    platforms = set(draft.policy.content.platforms) if draft.policy is not None else set()
    above_platforms = {above for platform in platforms for above in and_above(platform)}
    platforms.update(draft.policy.content.never_listed if draft.policy is not None else ())
    parents = [tenant.parent for vendor in draft.vendors for tenant in vendor.content.tenants if _has_customers(tenant)]
    shared = {file.content.domain for file in draft.portals if file.content.shared}
    shared.update(above for parent in parents for above in and_above(parent))
    for claim in _claims(draft):
        domain = claim.domain
        parts = draft.split_host(domain)
        if parts.registrable_domain != domain or domain != domain.lower() or not domain.isascii():
            message = "not a registrable domain in lower case; write one such as `example.org`"
        elif parts.suffix_is_private or has_private_suffix_below(domain):
            message = "anyone can get a host name under a suffix there; name only the organization's own domains"
        elif domain in above_platforms or not platforms.isdisjoint(and_above(domain)):
            message = "a platform where anyone makes pages; name only the organization's own domains"
        elif domain in shared:
            message = "customers have host names there; name only the organization's own domains"
        else:
            continue
        yield claim.error("PC209", message)


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
    files = {file.content.domain: file.content for file in draft.portals}
    seen: dict[str, str] = {}
    for vendor in draft.vendors:
        if vendor.content.tenants and vendor.content.company is None:
            message = "`tenants` without `company`; write the name of the company alone"
            yield vendor.finding("PC307", Severity.ERROR, message, "tenants")
        for number, tenant in enumerate(vendor.content.tenants):
            where = ("tenants", number)
            parent = tenant.parent
            domain = draft.split_host(parent).registrable_domain
            if domain is None or is_ip(parent) or parent != parent.lower() or not parent.isascii():
                message = "not a host name in lower case; write one such as `portal.example.org`"
                yield vendor.finding("PC307", Severity.ERROR, message, *where, "parent")
            if seen.setdefault(parent, vendor.path) != vendor.path or _is_second(vendor, number):
                message = f"{seen[parent]} already has this parent; write it once, with all shapes"
                yield vendor.finding("PC307", Severity.ERROR, message, *where, "parent")
            listed = files.get(domain or "")
            if listed is not None and not listed.shared and _has_customers(tenant):
                message = f"customers have hosts on {domain}; its file needs `shared: true`"
                yield vendor.finding("PC307", Severity.ERROR, message, *where, "parent")
            for index, shape in enumerate(tenant.shapes):
                try:
                    tenant_pattern(shape)
                except ValueError as error:
                    yield vendor.finding("PC307", Severity.ERROR, str(error), *where, "shapes", index)


def _has_customers(tenant: TenantEntry) -> bool:
    """True if the vendor gives out names there; a shape in plain letters is a host of its own."""
    return any("<" in shape for shape in tenant.shapes)


def _is_second(vendor: ListFile[VendorFile], number: int) -> bool:
    tenants = vendor.content.tenants
    return any(tenant.parent == tenants[number].parent for tenant in tenants[:number])
