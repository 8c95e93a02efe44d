"""Canonical YAML for a portal file: one way to write each fact, byte for byte, so that diffs show facts only.

Everything written here reads back unchanged through ``strict_yaml``. Values are quoted only if they would otherwise
be read as something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checker.lists.format import EvidenceEntry, PortalEntry, PortalFile, RetiredEntry, SameOwnerEntry

__all__ = ["portal_file_text"]

WIDTH = 120
"""A list of names that would be longer than this, in characters, is written with one name per line."""

_PLAIN = re.compile(r"[^\W_](?:[^\n,\[\]{}?#:\"\\]|:(?=[^\s,\[\]{}?])|(?<! )#)*\Z")
_PLAIN_IN_BLOCK = re.compile(r"[^\W_](?:[^\n#:\"\\]|:(?=\S)|(?<! )#)*\Z")


def portal_file_text(file: PortalFile, head: Iterable[str] = ()) -> str:
    """The file as text. ``head`` are comment lines to put first."""
    lines = [*head, f"domain: {_text(file.domain)}", f"operator: {_text(file.operator)}"]
    if file.shared:
        lines.append("shared: true")
    lines += _shared_fields(file, "")
    if file.resembles_ok:
        lines += _names("resembles_ok", file.resembles_ok, "")
    if file.same_owner:
        lines.append("same_owner:")
        lines += (f"  - {_same_owner(entry)}" for entry in file.same_owner)
    lines.append("portals:")
    for portal in file.portals:
        lines += _portal(portal)
    return "\n".join(lines) + "\n"


def _portal(portal: PortalEntry) -> Iterator[str]:
    yield f"  - url: {_text(portal.url)}"
    if portal.organizations:
        yield from _names("organizations", portal.organizations, "    ")
    if portal.home:
        yield "    home: true"
    yield from _shared_fields(portal, "    ")


def _shared_fields(section: PortalFile | PortalEntry, indent: str) -> Iterator[str]:
    for key, value in (
        ("country", section.country),
        ("vendor", section.vendor),
        ("kind", section.kind),
        ("status", section.status),
        ("review_by", section.review_by),
    ):
        if value is not None:
            yield f"{indent}{key}: {_text(value)}"
    if section.retired is not None:
        yield f"{indent}retired:"
        yield from _retired(section.retired, indent + "  ")
    if section.evidence:
        yield f"{indent}evidence:"
        yield from (f"{indent}  - {_evidence(evidence)}" for evidence in section.evidence)
    if section.links:
        yield f"{indent}links:"
        yield from (f"{indent}  {task}: {_text(url)}" for task, url in sorted(section.links.items()))


def _retired(retired: RetiredEntry, indent: str) -> Iterator[str]:
    yield f"{indent}on: {_text(retired.on)}"
    yield f"{indent}reason: {_text(retired.reason)}"
    if retired.moved_to is not None:
        yield f"{indent}moved_to: {_text(retired.moved_to)}"


def _same_owner(entry: SameOwnerEntry) -> str:
    return f"{{domain: {_text(entry.domain, in_flow=True)}, {_evidence(entry)[1:]}"


def _evidence(evidence: EvidenceEntry) -> str:
    fields = (("source", evidence.source), ("url", evidence.url), ("seen", evidence.seen), ("age", evidence.age))
    written = (f"{key}: {_text(value, in_flow=True)}" for key, value in fields if value is not None)
    return "{" + ", ".join(written) + "}"


def _names(key: str, names: tuple[str, ...], indent: str) -> Iterator[str]:
    flow = f"{indent}{key}: [{', '.join(_text(name, in_flow=True) for name in names)}]"
    if len(flow) <= WIDTH:
        yield flow
        return
    yield f"{indent}{key}:"
    yield from (f"{indent}  - {_text(name)}" for name in names)


def _text(value: str, *, in_flow: bool = False) -> str:
    """A scalar: plain if it reads back the same, otherwise in double quotes, or in single quotes if it must be."""
    plain = _PLAIN if in_flow else _PLAIN_IN_BLOCK
    if plain.match(value) and not value.endswith(" "):
        return value
    if '"' in value or "\\" in value:
        return "'" + value.replace("'", "''") + "'"
    return f'"{value}"'
