"""Reads the list's files into an ``Allowlist``; every error names the file, the line and what to write.

Loading validates: a folder loads completely or not at all, so a broken list never replaces a good one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel

from checker.core.allowlist import (
    Allowlist,
    Evidence,
    Operator,
    Policy,
    Portal,
    Retirement,
)
from checker.core.errors import AllowlistError
from checker.core.known import KnownName, TenantParent, Vendor
from checker.core.lease import Lease, first_day
from checker.core.reference import SplitHost
from checker.lists import strict_yaml
from checker.lists.draft import Draft, Written, run
from checker.lists.findings import Finding, Severity
from checker.lists.format import (
    ListFile,
    NamesFile,
    PolicyFile,
    PortalFile,
    RetiredEntry,
    VendorFile,
    read_list_file,
)
from checker.lists.rules import LOAD_RULES
from checker.lists.suffixes import suffix_splitter
from checker.lists.tables import load_tables

__all__ = ["allowlist_of", "content_version", "load_folder", "read_folder", "suffix_splitter"]

Model = TypeVar("Model", bound=BaseModel)


def load_folder(folder: Path, *, split_host: SplitHost | None = None) -> Allowlist:
    """The list in ``folder``. Raises AllowlistError with all problems in the folder."""
    draft = read_folder(folder, split_host=split_host)
    findings = {*draft.unread, *run(LOAD_RULES, draft)}
    if findings:
        raise AllowlistError(tuple(str(finding) for finding in sorted(findings)))
    return allowlist_of(draft)


def read_folder(folder: Path, *, split_host: SplitHost | None = None) -> Draft:
    """The files in ``folder`` as written. Their paths begin with the folder's name."""
    reader = _Reader(folder)
    policy = reader.one("policy.yaml", PolicyFile)
    if policy is None and not reader.findings:
        reader.refuse("policy.yaml", "the file is missing; it holds review_after_days and grace_days")
    return Draft(
        portals=reader.every("portals", PortalFile),
        vendors=reader.every("vendors", VendorFile),
        names=reader.one("names.yaml", NamesFile),
        policy=policy,
        split_host=split_host or suffix_splitter(),
        unread=tuple(reader.findings),
        letters=load_tables().letters,
    )


class _Reader:
    """Reads the files of one folder and collects everything that is wrong with them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = folder.resolve().name
        self.findings: list[Finding] = []

    def refuse(self, path: str, message: str) -> None:
        self.findings.append(Finding(f"{self._name}/{path}", 1, "PC001", Severity.ERROR, message))

    def one(self, path: str, model: type[Model]) -> ListFile[Model] | None:
        if not (self._folder / path).exists():
            return None
        try:
            with (self._folder / path).open("rb") as file:
                data = file.read(strict_yaml.MAX_BYTES + 1)
        except OSError as error:
            self.refuse(path, f"cannot be read ({error.strerror}); check the file and its permissions")
            return None
        list_file, findings = read_list_file(data, f"{self._name}/{path}", model)
        self.findings += findings
        return list_file

    def every(self, folder: str, model: type[Model]) -> tuple[ListFile[Model], ...]:
        return tuple(file for path in self._paths(folder) if (file := self.one(path, model)) is not None)

    def _paths(self, folder: str) -> Iterator[str]:
        if not (self._folder / folder).is_dir():
            self.refuse(folder, "the folder is missing; see allowlists/README.md")
            return
        for path in sorted((self._folder / folder).iterdir()):
            if path.suffix == ".yaml" and path.is_file():
                yield f"{folder}/{path.name}"
            elif not path.name.startswith("."):
                self.refuse(f"{folder}/{path.name}", "only files named `….yaml` are read here; rename or remove it")


# --- from the list as written to the list that answers ---------------------------------------


def allowlist_of(draft: Draft) -> Allowlist:
    """The list that ``draft`` describes. ``draft`` must follow ``LOAD_RULES``."""
    policy = _policy(draft)
    portals: dict[str, list[Portal]] = {}
    for written in draft.written:
        portals.setdefault(written.file.content.domain, []).append(_portal(written, policy))
    operators = tuple(
        Operator(
            domain=file.content.domain,
            name=file.content.operator,
            portals=tuple(portals[file.content.domain]),
            shared=file.content.shared,
            resembles_ok=file.content.resembles_ok,
            same_owner=tuple(entry.domain for entry in file.content.same_owner),
        )
        for file in draft.portals
    )
    vendors = tuple(_vendor(file.content) for file in draft.vendors)
    names = _names(draft)
    return Allowlist(
        operators,
        split_host=draft.split_host,
        vendors=vendors,
        names=names,
        policy=policy,
        tables=load_tables(),
        version=content_version(operators, vendors, names, policy),
    )


def _policy(draft: Draft) -> Policy:
    if draft.policy is None:
        return Policy()
    content = draft.policy.content
    return Policy(Lease(content.review_after_days, content.grace_days), frozenset(content.platforms))


def _portal(written: Written, policy: Policy) -> Portal:
    evidence = tuple(Evidence(e.source, e.url, e.seen, e.age) for e in written.evidence)
    retired = _retirement(written.retirement)
    return Portal(
        host=written.host,
        mount=written.mount,
        operator=written.file.content.operator,
        organizations=written.entry.organizations,
        evidence=evidence,
        review_by=_review_by(written.review_by, evidence, retired, policy),
        vendor=written.vendor,
        country=written.country,
        kind=written.kind,
        links=MappingProxyType({str(task): url for task, url in written.links.items()}),
        retired=retired,
        home=written.entry.home,
    )


def _retirement(entry: RetiredEntry | None) -> Retirement | None:
    return Retirement(entry.on, entry.reason, entry.moved_to) if entry else None


def _review_by(written: str | None, evidence: tuple[Evidence, ...], retired: Retirement | None, policy: Policy) -> date:
    """The written day, otherwise the newest evidence plus the policy's days (docs/design.md, section 7)."""
    if written is not None:
        return date.fromisoformat(written)
    if evidence or retired is None:
        return policy.lease.review_by((e.first_day, e.age is None) for e in evidence)
    # A retired portal without evidence is not renewed.
    return first_day(retired.on)


def _vendor(file: VendorFile) -> Vendor:
    routes = {
        tuple(path.strip("/").casefold().split("/")): task for task, paths in file.routes.items() for path in paths
    }
    segments = {segment.casefold(): task for task, words in file.segments.items() for segment in words}
    tenants = tuple(TenantParent(entry.parent, entry.shapes) for entry in file.tenants)
    return Vendor(
        file.id,
        file.name,
        file.brand_words,
        MappingProxyType(routes),
        MappingProxyType(segments),
        file.company,
        tenants,
    )


def _names(draft: Draft) -> tuple[KnownName, ...]:
    if draft.names is None:
        return ()
    return tuple(
        KnownName(n.name, n.website, n.words, n.domains, n.country, tuple(entry.domain for entry in n.same_owner))
        for n in draft.names.content.names
    )


def content_version(
    operators: tuple[Operator, ...], vendors: tuple[Vendor, ...], names: tuple[KnownName, ...], policy: Policy
) -> str:
    """A hash of the content only: the same on every machine and for every order of files."""
    content = [
        sorted(
            [o.domain, o.name, o.shared, o.resembles_ok, o.same_owner, [_fields(portal) for portal in o.portals]]
            for o in operators
        ),
        sorted(_vendor_fields(vendor) for vendor in vendors),
        sorted([n.name, n.website, n.words, n.domains, n.country or "", n.same_owner] for n in names),
        [policy.lease.review_after_days, policy.lease.grace_days, sorted(policy.platforms)],
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:16]


def _vendor_fields(vendor: Vendor) -> list[Any]:
    return [
        vendor.id,
        vendor.name,
        vendor.brand_words,
        sorted(vendor.routes.items()),
        sorted(vendor.segments.items()),
        vendor.company or "",
        sorted([tenant.parent, tenant.shapes] for tenant in vendor.tenants),
    ]


def _fields(portal: Portal) -> list[object]:
    retired = portal.retired
    return [
        portal.url,
        portal.organizations,
        [[e.source, e.url, e.seen, e.age] for e in portal.evidence],
        portal.review_by.isoformat(),
        portal.vendor,
        portal.country,
        portal.kind,
        sorted(portal.links.items()),
        [retired.on, retired.reason, retired.moved_to] if retired else None,
        portal.home,
    ]
