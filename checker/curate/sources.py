"""Reads directories of portals, in the formats in which they are published, as rows.

Files are read as streams: a vendor's bundle of 100 MB with 97,000 organizations needs little memory.
Every reader raises AllowlistError if the file has another format.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

import ijson

from checker.core.errors import AllowlistError

__all__ = [
    "COLUMNS",
    "OPTIONAL_COLUMNS",
    "Origin",
    "Row",
    "read_csv",
    "read_dotgov",
    "read_epic_directory",
    "read_fhir_brands",
]

COLUMNS = ("organization", "portal_url", "vendor", "country", "source", "source_url", "seen")
"""The columns that a CSV file must have; others are ignored."""

OPTIONAL_COLUMNS = ("age", "kind", "home")
"""The columns that a CSV file may have. ``age``: `unknown` where ``seen`` is only the day on which the source was read;
``kind``: what kind of organization's portal it is; ``home``: `true` where people belong who look for the operator."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a directory, as it is there. ``number``: its line in the file, or its place among the entries.

    ``age`` is "unknown", or empty if ``seen`` is the source's own date. ``fault``: why the row could not be read; the
    other fields are then empty.
    """

    number: int
    organization: str
    portal_url: str
    vendor: str
    country: str
    source: str
    source_url: str
    seen: str
    age: str = ""
    kind: str = ""
    home: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a directory does not say about itself: its vendor, what kind of source it is, its address, and when it was
    fetched."""

    vendor: str
    source: str
    source_url: str
    seen: str


# --- tables ------------------------------------------------------------------------------------


def read_csv(file: BinaryIO) -> Iterator[Row]:
    """The rows of a CSV file with the header ``COLUMNS``; each row that cannot be read has a ``fault``."""
    for number, row in _csv_rows(file, COLUMNS):
        if isinstance(row, str):
            yield Row(number, "", "", "", "", "", "", "", fault=row)
        else:
            yield Row(number, **{column: row.get(column, "") for column in (*COLUMNS, *OPTIONAL_COLUMNS)})


def read_dotgov(file: BinaryIO) -> Iterator[tuple[str, str]]:
    """Domain and organization of each row of the .gov registry: evidence for a domain, never a portal."""
    for number, row in _csv_rows(file, ("Domain name", "Organization name")):
        if isinstance(row, str):
            raise AllowlistError((f"line {number}: {row}",))
        yield row["Domain name"].strip().lower(), " ".join(row["Organization name"].split())


_MAX_LINES = 20
"""The most lines of one row; a cell may hold line breaks."""


def _csv_rows(file: BinaryIO, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Each row's first line and its cells by column, or what is wrong with the row: a fault spoils no other row."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        records = _records(text)
        _, first = next(records, (1, ""))
        header = first if isinstance(first, list) else []
        missing = [column for column in columns if column not in header]
        if missing:
            raise AllowlistError((f"no column {', '.join(missing)}; the header needs {', '.join(columns)}",))
        for number, cells in records:
            if isinstance(cells, list) and len(cells) != len(header):
                yield (
                    number,
                    f"{len(cells)} cells, but the header has {len(header)}; check its commas and quotation marks",
                )
            elif isinstance(cells, list):
                yield number, dict(zip(header, cells, strict=True))
            else:
                yield number, cells
    finally:
        text.detach()  # the file is the caller's to close


def _records(lines: Iterable[str]) -> Iterator[tuple[int, list[str] | str]]:
    """Each record's first line and its cells, or why it cannot be read. After a fault, reading goes on in the next
    line, so that an open quotation mark swallows no other record."""
    rest, waiting, number = iter(lines), deque[str](), 1
    while True:
        waiting.extend(islice(rest, _MAX_LINES - len(waiting)))
        if not waiting:
            return
        reader = csv.reader(waiting, strict=True)
        cells: list[str] | str
        try:
            cells, used = next(reader), reader.line_num
        except csv.Error:
            cells, used = "a quotation mark is open or out of place", 1
        if any("\udc80" <= letter <= "\udcff" for cell in cells for letter in cell):
            cells = "not in UTF-8"
        if cells:
            yield number, cells
        number += used
        for _ in range(used):
            waiting.popleft()


# --- Epic's MyChart directory ----------------------------------------------------------------------


def read_epic_directory(file: BinaryIO, origin: Origin) -> Iterator[Row]:
    """The organizations of Epic's public MyChart directory, except those that are hidden or not live."""
    for number, customer in enumerate(_items(file, "Customers.item"), 1):
        if customer.get("Hide") is True or customer.get("Live") is False:
            continue
        name = customer.get("BrandName") or customer.get("Name")
        yield _row(number, name, customer.get("LoginUrl"), None, origin)


# --- SMART User-access Brands ------------------------------------------------------------------

_PORTAL = "/organization-portal"
_PUBLISHERS = (
    "http://hl7.org/fhir/StructureDefinition/",
    "http://hl7.org/fhir/uv/pab-extensions-temp/",
    "http://hl7.org/fhir/smart-app-launch/",
)
_INHERITED_THROUGH = 2
"""Levels of ``partOf`` through which an organization inherits a portal (SMART App Launch 2.2)."""


@dataclass(frozen=True, slots=True)
class _Brand:
    """What is kept of one Organization while the bundle is streamed."""

    name: str
    country: str
    part_of: str
    portals: tuple[str, ...]
    active: bool


def read_fhir_brands(file: BinaryIO, origin: Origin) -> Iterator[Row]:
    """The organizations and portals of a User-access Brands Bundle (SMART App Launch 2.2)."""
    brands: dict[str, _Brand] = {}
    for entry in _items(file, "entry.item"):
        resource = entry.get("resource")
        if not isinstance(resource, dict) or resource.get("resourceType") != "Organization":
            continue
        brand = _brand(resource)
        key = f"Organization/{resource.get('id', '')}"
        brands[key] = brand
        if isinstance(entry.get("fullUrl"), str):
            brands[entry["fullUrl"]] = brand
    for number, brand in enumerate(dict.fromkeys(brands.values()), 1):
        if brand.active:
            for url in _portals_of(brand, brands):
                yield _row(number, brand.name, url, brand.country, origin)


def _brand(resource: Mapping[str, Any]) -> _Brand:
    addresses = [address for address in _dicts(resource.get("address")) if address.get("country")]
    country = str(addresses[0]["country"]) if addresses else ""
    part_of = resource.get("partOf")
    return _Brand(
        name=str(resource.get("name") or ""),
        country={"USA": "US"}.get(country, country) if len(country) in (2, 3) else "",
        part_of=str(part_of.get("reference", "")) if isinstance(part_of, dict) else "",
        portals=tuple(_portal_urls(resource)),
        active=resource.get("active") is not False,
    )


def _portal_urls(resource: Mapping[str, Any]) -> Iterator[str]:
    """The addresses of a resource's portals. One marked as absent (data-absent-reason) is skipped."""
    for extension in _dicts(resource.get("extension")):
        url = str(extension.get("url", ""))
        if not (url.startswith(_PUBLISHERS) and url.endswith(_PORTAL)):
            continue
        for part in _dicts(extension.get("extension")):
            if part.get("url") == "portalUrl" and isinstance(part.get("valueUrl"), str):
                yield part["valueUrl"]


def _portals_of(brand: _Brand, brands: Mapping[str, _Brand]) -> tuple[str, ...]:
    for _ in range(_INHERITED_THROUGH + 1):
        if brand.portals:
            return brand.portals
        # A reference is relative, absolute or a urn:uuid:; the bundle's keys hold all three.
        parent = brands.get(brand.part_of) or brands.get("/".join(brand.part_of.split("/")[-2:]))
        if parent is None:
            break
        brand = parent
    return ()


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _items(file: BinaryIO, path: str) -> Iterator[dict[str, Any]]:
    any_item = False
    try:
        for item in ijson.items(file, path, use_float=True):
            if isinstance(item, dict):
                any_item = True
                yield item
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise AllowlistError((f"cannot be read as JSON ({type(error).__name__})",)) from error
    if not any_item:
        raise AllowlistError((f"no `{path.removesuffix('.item')}` in it; is it another format?",))


def _row(number: int, name: object, url: object, country: object, origin: Origin) -> Row:
    return Row(
        number,
        str(name or ""),
        str(url or ""),
        origin.vendor,
        str(country or ""),
        origin.source,
        origin.source_url,
        origin.seen,
    )
