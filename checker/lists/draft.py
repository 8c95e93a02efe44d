"""The list as written, before anything in it is believed, and what a rule over it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from checker.core.reference import SplitHost
from checker.lists.findings import Finding, Severity
from checker.lists.format import (
    EvidenceEntry,
    ListFile,
    NamesFile,
    PolicyFile,
    PortalEntry,
    PortalFile,
    VendorFile,
)
from checker.lists.portal_url import address_problem, authority_of, mount_of

__all__ = ["Check", "Draft", "Facts", "Rule", "Written", "facts_of", "run"]


@dataclass(frozen=True, eq=False)
class Written:
    """One portal as written, with what it inherits from its file. Everything is worked out once."""

    file: ListFile[PortalFile]
    index: int

    @cached_property
    def entry(self) -> PortalEntry:
        return self.file.content.portals[self.index]

    @cached_property
    def retired(self) -> bool:
        return (self.entry.status or self.file.content.status) == "retired"

    @property
    def evidence(self) -> tuple[EvidenceEntry, ...]:
        return self.entry.evidence or self.file.content.evidence

    @cached_property
    def host(self) -> str:
        return authority_of(self.entry.url)

    @cached_property
    def mount(self) -> str:
        return mount_of(self.entry.url)

    @cached_property
    def problem(self) -> tuple[str, str] | None:
        """What is wrong with its address, as (code, what to write)."""
        return address_problem(self.entry.url)

    def error(self, code: str, message: str, *where: str | int) -> Finding:
        return self.file.finding(code, Severity.ERROR, message, "portals", self.index, *where)

    def advice(self, code: str, message: str, *where: str | int) -> Finding:
        return self.file.finding(code, Severity.ADVICE, message, "portals", self.index, *where)


@dataclass(frozen=True, eq=False)
class Draft:
    """The list as written, before anything in it is believed."""

    portals: tuple[ListFile[PortalFile], ...]
    split_host: SplitHost
    vendors: tuple[ListFile[VendorFile], ...] = ()
    names: ListFile[NamesFile] | None = None
    policy: ListFile[PolicyFile] | None = None
    unread: tuple[Finding, ...] = ()
    """What is wrong with files that could not be read."""
    confusables: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    """Characters that look like plain letters."""
    today: date | None = None
    """The day to compare dates with; None leaves the calendar out."""
    was_active: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Hosts that verified before this change, each with the file it stood in; empty without a base."""

    @cached_property
    def written(self) -> tuple[Written, ...]:
        """Every portal, in file order."""
        return tuple(Written(file, index) for file in self.portals for index in range(len(file.content.portals)))


Check = Callable[[Draft], Iterator[Finding]]


class Rule(NamedTuple):
    """One rule: its published code, what it asks for, why, and the function that looks."""

    code: str
    title: str
    why: str
    check: Check


def run(rules: Iterable[Rule], draft: Draft) -> list[Finding]:
    """Every finding of every rule, each once, by file and line."""
    return sorted({finding for rule in rules for finding in rule.check(draft)})


Facts = tuple[ListFile[PortalFile], PortalFile | PortalEntry, tuple[str | int, ...]]


def facts_of(draft: Draft) -> Iterator[Facts]:
    """What may stand on a file or a portal, with the way there, file by file."""
    for file in draft.portals:
        yield file, file.content, ()
        for index, entry in enumerate(file.content.portals):
            yield file, entry, ("portals", index)
