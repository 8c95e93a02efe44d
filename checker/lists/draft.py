"""The list as written, before anything in it is trusted, and what a rule about it is."""

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
    Kind,
    ListFile,
    NamesFile,
    PolicyFile,
    PortalEntry,
    PortalFile,
    RetiredEntry,
    TaskId,
    VendorFile,
)
from checker.lists.portal_url import address_problem, authority_of, mount_of

__all__ = ["Check", "Draft", "Rule", "Section", "Written", "run", "sections_of", "texts_of"]


@dataclass(frozen=True, eq=False)
class Written:
    """One portal as written, with the fields that it inherits from its file. Most values are computed only once."""

    file: ListFile[PortalFile]
    index: int

    @cached_property
    def entry(self) -> PortalEntry:
        return self.file.content.portals[self.index]

    @cached_property
    def retired(self) -> bool:
        return (self.entry.status or self.file.content.status) == "retired"

    @property
    def retirement(self) -> RetiredEntry | None:
        return self.entry.retired or self.file.content.retired

    @property
    def evidence(self) -> tuple[EvidenceEntry, ...]:
        return self.entry.evidence or self.file.content.evidence

    @property
    def review_by(self) -> str | None:
        return self.entry.review_by or self.file.content.review_by

    @property
    def vendor(self) -> str | None:
        return self.entry.vendor or self.file.content.vendor

    @property
    def country(self) -> str | None:
        return self.entry.country or self.file.content.country

    @property
    def kind(self) -> Kind | None:
        return self.entry.kind or self.file.content.kind

    @property
    def links(self) -> Mapping[TaskId, str]:
        return self.entry.links or self.file.content.links

    @cached_property
    def host(self) -> str:
        return authority_of(self.entry.url)

    @cached_property
    def mount(self) -> str:
        return mount_of(self.entry.url)

    @cached_property
    def problem(self) -> tuple[str, str] | None:
        """What is wrong with its address, as (code, what to write); None if nothing is."""
        return address_problem(self.entry.url)

    def error(self, code: str, message: str, *where: str | int) -> Finding:
        return self.file.finding(code, Severity.ERROR, message, "portals", self.index, *where)

    def advice(self, code: str, message: str, *where: str | int) -> Finding:
        return self.file.finding(code, Severity.ADVICE, message, "portals", self.index, *where)


@dataclass(frozen=True, eq=False)
class Draft:
    """The list as written, before anything in it is trusted."""

    portals: tuple[ListFile[PortalFile], ...]
    split_host: SplitHost
    vendors: tuple[ListFile[VendorFile], ...] = ()
    names: ListFile[NamesFile] | None = None
    policy: ListFile[PolicyFile] | None = None
    unread: tuple[Finding, ...] = ()
    """Findings from reading the files."""
    letters: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    """Characters that look like plain letters."""
    today: date | None = None
    """The day to compare dates with; None ignores the calendar."""
    was_active: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Hosts that verified before this change, each with the file that listed it; empty without a base revision."""

    @cached_property
    def written(self) -> tuple[Written, ...]:
        """Every portal, in file order."""
        return tuple(Written(file, index) for file in self.portals for index in range(len(file.content.portals)))


Check = Callable[[Draft], Iterator[Finding]]


class Rule(NamedTuple):
    """One rule: its published code, what it asks for, why, and the function that checks it."""

    code: str
    title: str
    why: str
    check: Check


def run(rules: Iterable[Rule], draft: Draft) -> list[Finding]:
    """The findings of all rules, each once, sorted by file and line."""
    return sorted({finding for rule in rules for finding in rule.check(draft)})


class Section(NamedTuple):
    """A part of a portal file that can hold the shared fields: the file itself or one of its portals."""

    file: ListFile[PortalFile]
    content: PortalFile | PortalEntry
    path: tuple[str | int, ...]

    def error(self, code: str, message: str, *where: str | int) -> Finding:
        return self.file.finding(code, Severity.ERROR, message, *self.path, *where)


def sections_of(draft: Draft) -> Iterator[Section]:
    """Each portal file, followed by its portals."""
    for file in draft.portals:
        yield Section(file, file.content, ())
        for index, entry in enumerate(file.content.portals):
            yield Section(file, entry, ("portals", index))


def texts_of(draft: Draft) -> Iterator[tuple[Section, str, tuple[str | int, ...]]]:
    """Every text that people may be shown, with its section and its place there."""
    for section in sections_of(draft):
        if isinstance(section.content, PortalFile):
            yield section, section.content.operator, ("operator",)
        else:
            for index, name in enumerate(section.content.organizations):
                yield section, name, ("organizations", index)
        if section.content.retired is not None:
            yield section, section.content.retired.reason, ("retired", "reason")
