"""Which lines of the list's files say whose an unlisted host is, for people who ask why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checker.core.check import Result
from checker.core.reason import ReasonCode
from checker.core.url import WebUrl
from checker.lists.draft import Draft
from checker.lists.format import EvidenceEntry, ListFile, NamesFile, PortalFile, SameOwnerEntry, VendorFile

__all__ = ["origins_of"]

Origin = dict[str, Any]


def origins_of(result: Result, draft: Draft) -> Iterator[Origin]:
    """File, line, owner and evidence of what is known about a host that is not listed: another domain of an owner, a
    known name, or a vendor's tenant."""
    known, match, domain = result.known, result.match, result.registrable_domain
    if match is not None and domain != match.operator.domain:
        for file in draft.portals:
            if file.content.domain == match.operator.domain:
                yield from _same_owner(file, match.operator.name, file.content.same_owner, domain)
    if known is None:
        return
    if known.known is None:
        host = result.address.host if isinstance(result.address, WebUrl) else ""
        yield from _tenants(draft, host)
    elif draft.names is not None:
        for index, name in enumerate(draft.names.content.names):
            if name.name != known.name:
                continue
            if known.code is ReasonCode.OPERATOR_SITE:
                yield from _same_owner(draft.names, name.name, name.same_owner, domain, "names", index)
            else:
                source = {"source": name.source.name, "url": name.source.url, "seen": name.source.seen, "age": None}
                yield _origin(draft.names, name.name, [source], "names", index)


def _same_owner(
    file: ListFile[PortalFile] | ListFile[NamesFile],
    owner: str,
    entries: tuple[SameOwnerEntry, ...],
    domain: str | None,
    *where: str | int,
) -> Iterator[Origin]:
    for index, entry in enumerate(entries):
        if entry.domain == domain:
            yield _origin(file, owner, [_evidence(entry)], *where, "same_owner", index)


def _tenants(draft: Draft, host: str) -> Iterator[Origin]:
    for vendor in draft.vendors:
        for index, tenant in enumerate(vendor.content.tenants):
            if tenant.parent == host.partition(".")[2]:
                owner = vendor.content.company or vendor.content.name
                yield _origin(vendor, owner, [_evidence(entry) for entry in tenant.evidence], "tenants", index)


def _evidence(entry: EvidenceEntry) -> dict[str, str | None]:
    return entry.model_dump(include={"source", "url", "seen", "age"})


def _origin(
    file: ListFile[PortalFile] | ListFile[NamesFile] | ListFile[VendorFile],
    owner: str,
    evidence: list[dict[str, str | None]],
    *where: str | int,
) -> Origin:
    return {"file": file.path, "line": file.document.line(*where), "owner": owner, "evidence": evidence}
