"""Changes to one portal file: add a portal, retire a host, confirm a host. Values in, values out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from checker.lists.format import EvidenceEntry, PortalEntry, PortalFile, RetiredEntry
from checker.lists.portal_url import authority_of, mount_of

__all__ = ["add", "confirm", "new_file", "retire"]


def new_file(domain: str, operator: str, portal: PortalEntry) -> PortalFile:
    """A file for a domain's first portal, with the portal's facts on the file."""
    return PortalFile(
        domain=domain,
        operator=operator,
        country=portal.country,
        vendor=portal.vendor,
        kind=portal.kind,
        evidence=portal.evidence,
        portals=(PortalEntry(url=portal.url, organizations=portal.organizations),),
    )


def add(file: PortalFile, portal: PortalEntry) -> PortalFile:
    """The file with another portal, or with more organizations on a portal it has.

    Raises ValueError if the file or that portal is a tombstone: a person has to decide to bring it back.
    """
    portals = list(file.portals)
    if file.status == "retired" or any(p.status == "retired" and _key(p) == _key(portal) for p in portals):
        raise ValueError("it is retired; to bring it back, edit the file by hand and have it reviewed")
    for index, existing in enumerate(portals):
        if _key(existing) == _key(portal):
            names = (*existing.organizations, *(n for n in portal.organizations if n not in existing.organizations))
            evidence = _merged(existing.evidence or file.evidence, portal.evidence)
            own = () if evidence == file.evidence else evidence
            portals[index] = existing.model_copy(update={"organizations": names, "evidence": own})
            break
    else:
        inherited = {key: None for key in ("vendor", "country", "kind") if getattr(portal, key) == getattr(file, key)}
        portals.append(portal.model_copy(update=inherited))
        portals.sort(key=_key)
    return file.model_copy(update={"portals": tuple(portals)})


def retire(file: PortalFile, host: str, retired: RetiredEntry) -> PortalFile:
    """The file with every portal of the host turned into a tombstone. Raises ValueError if none is active."""
    chosen = _portals_on(file, host)
    if all(file.portals[index].status == "retired" or file.status == "retired" for index in chosen):
        raise ValueError(f"{host} is already retired")
    if len(chosen) == len(file.portals):
        bare = tuple(p.model_copy(update={"status": None, "retired": None, "links": {}}) for p in file.portals)
        return file.model_copy(update={"status": "retired", "retired": retired, "links": {}, "portals": bare})
    update = {"status": "retired", "retired": retired, "links": {}}
    return _updated(file, chosen, lambda portal: portal.model_copy(update=update))


def confirm(file: PortalFile, host: str, evidence: EvidenceEntry) -> PortalFile:
    """The file with newer evidence for every portal of the host, and without their own review dates."""
    chosen = _portals_on(file, host)
    if len(chosen) == len(file.portals) and not any(portal.evidence for portal in file.portals):
        update = {"evidence": _merged(file.evidence, (evidence,)), "review_by": None}
        file = file.model_copy(update=update)
        return _updated(file, chosen, lambda portal: portal.model_copy(update={"review_by": None}))
    return _updated(
        file,
        chosen,
        lambda portal: portal.model_copy(
            update={"evidence": _merged(portal.evidence or file.evidence, (evidence,)), "review_by": None}
        ),
    )


def _updated(file: PortalFile, chosen: Sequence[int], change: Callable[[PortalEntry], PortalEntry]) -> PortalFile:
    portals = tuple(change(portal) if index in chosen else portal for index, portal in enumerate(file.portals))
    return file.model_copy(update={"portals": portals})


def _portals_on(file: PortalFile, host: str) -> tuple[int, ...]:
    indices = tuple(index for index, portal in enumerate(file.portals) if authority_of(portal.url) == host)
    if not indices:
        raise ValueError(f"{host} is not listed in {file.domain}.yaml")
    return indices


def _key(portal: PortalEntry) -> tuple[str, str]:
    return authority_of(portal.url), mount_of(portal.url).casefold()


def _merged(old: tuple[EvidenceEntry, ...], new: tuple[EvidenceEntry, ...]) -> tuple[EvidenceEntry, ...]:
    """Old and new evidence together; the latest for each source, page and age, dated or not."""
    merged = {(entry.source, entry.url, entry.age): entry for entry in old}
    for entry in new:
        known = merged.get((entry.source, entry.url, entry.age))
        if known is None or entry.seen > known.seen:
            merged[entry.source, entry.url, entry.age] = entry
    return tuple(merged.values())
