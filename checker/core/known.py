"""Who is known without being listed: organizations by name, and vendors that give out host names.

Such a host never verifies. Knowing whose it is only makes the warning say so, instead of accusing it of a likeness
(docs/design.md, section 5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from checker.core.reason import ReasonCode
from checker.core.url import WebUrl, parse

__all__ = [
    "MAX_ROUTE_SEGMENTS",
    "SERVICE_LABELS",
    "KnownHosts",
    "KnownName",
    "KnownSite",
    "TenantParent",
    "Vendor",
    "tenant_pattern",
]

MAX_ROUTE_SEGMENTS = 4
"""Longest path in a vendor's route table, in segments."""

_PLACEHOLDERS = {"<digits>": "[0-9]+", "<name>": "[a-z0-9]+(?:-[a-z0-9]+)*"}


SERVICE_LABELS = tuple(
    "account accounts admin api app apps auth blog developer developers docs ftp help id info login mail news portal"
    " provider providers secure sso staff status support test web www".split()
)
"""Labels that a vendor keeps for its own services; where a clinic's name is the whole label, they are no clinic's."""


def tenant_pattern(shape: str) -> re.Pattern[str]:
    """The labels of a tenant's shape: ``<digits>``, ``<name>`` and plain letters, such as ``mycw<digits>``.

    A name has single hyphens only, so encoded Unicode (``xn--…``) is none; neither is the label of a vendor's service.
    Raises ValueError for anything else.
    """
    parts = re.split(r"(<[a-z]+>)", shape)
    if not shape or any(part not in _PLACEHOLDERS and re.fullmatch("[a-z0-9-]*", part) is None for part in parts):
        raise ValueError("a shape is made of `<digits>`, `<name>`, lower-case letters, digits and hyphens")
    if shape.startswith("-") or shape.endswith("-") or "--" in shape:
        raise ValueError(
            "no host name begins or ends with a hyphen, and two in a row are encoded Unicode; take them out"
        )
    pattern = "".join(_PLACEHOLDERS.get(part, part) for part in parts)
    return re.compile(f"(?!(?:{'|'.join(SERVICE_LABELS)})$){pattern}" if shape == "<name>" else pattern)


@dataclass(frozen=True, slots=True)
class TenantParent:
    """A host under which only a vendor gives out names. A tenant is one label in one of the ``shapes``."""

    parent: str
    shapes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vendor:
    """A company that makes portal software: its brand words, and the paths that tell what a page is for.

    ``routes``: case-folded segments right after the mount → task; ``segments``: a single segment → task.
    ``company``: its name alone, without its product's; needed where it has ``tenants``.
    """

    id: str
    name: str
    brand_words: tuple[str, ...] = ()
    routes: Mapping[tuple[str, ...], str] = field(default_factory=lambda: MappingProxyType({}))
    segments: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    company: str | None = None
    tenants: tuple[TenantParent, ...] = ()

    def __post_init__(self) -> None:
        if any(not 1 <= len(route) <= MAX_ROUTE_SEGMENTS for route in self.routes):
            raise ValueError(f"a route has 1 to {MAX_ROUTE_SEGMENTS} segments")
        if self.tenants and self.company is None:
            raise ValueError("a vendor with tenants has the name of its company")


@dataclass(frozen=True, slots=True)
class KnownName:
    """An organization that phishing imitates but that is not listed (``names.yaml``); it never verifies anything.

    ``same_owner``: domains of its owner that do not bear its name.
    """

    name: str
    website: str
    words: tuple[str, ...]
    domains: tuple[str, ...]
    country: str | None = None
    same_owner: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownSite:
    """Whose an unlisted host is. ``code`` is the reason to give: VENDOR_PORTAL, KNOWN_SITE, or OPERATOR_SITE for
    another domain of a known organization's owner. ``name`` is the vendor's or the organization's; ``known`` is None
    for a vendor."""

    code: ReasonCode
    name: str
    known: KnownName | None = None


class KnownHosts:
    """Finds whose a host is, with one or two look-ups in a dictionary. Built once from the list."""

    def __init__(self, vendors: Iterable[Vendor], names: Sequence[KnownName]) -> None:
        self._tenants: dict[str, tuple[re.Pattern[str], KnownSite]] = {}
        self._hosts: dict[str, KnownSite] = {}
        self._domains: dict[str, KnownSite] = {}
        for vendor in vendors:
            site = KnownSite(ReasonCode.VENDOR_PORTAL, vendor.company or vendor.name)
            for tenant in vendor.tenants:
                labels = "|".join(tenant_pattern(shape).pattern for shape in tenant.shapes)
                self._tenants[tenant.parent] = re.compile(labels), site
        for known in names:
            own = KnownSite(ReasonCode.KNOWN_SITE, known.name, known)
            self._domains |= dict.fromkeys(known.domains, own)
            website = parse(known.website)
            if isinstance(website, WebUrl):
                self._hosts[website.host] = own
        for known in names:
            other = KnownSite(ReasonCode.OPERATOR_SITE, known.name, known)
            for domain in known.same_owner:
                self._domains.setdefault(domain, other)

    def of_host(self, host: str) -> KnownSite | None:
        """The vendor whose tenant this is, or the organization whose website it is."""
        label, _, parent = host.partition(".")
        tenants = self._tenants.get(parent)
        if tenants is not None and tenants[0].fullmatch(label):
            return tenants[1]
        return self._hosts.get(host)

    def of_domain(self, domain: str | None) -> KnownSite | None:
        """The organization on whose registrable domain a host is."""
        return self._domains.get(domain) if domain is not None else None
