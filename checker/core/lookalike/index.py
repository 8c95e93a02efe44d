"""The index: everything that a query looks up, derived once from the list when it is loaded.

The cost of a query does not depend on the number of entries. Each kind of likeness has its own keys; a query
computes the keys of its own host and looks them up.

=======  ==========================================  ================================================
prefix   key                                         finds
=======  ==========================================  ================================================
``=``    folded name, with sub-domain and suffix     equal names: homoglyphs, hyphens, dots, embedding
``~``    shape of the name                           letters of one outline (b/d, c/e, m/n)
``-``    light and folded name less one character    one edit (deletion neighbourhood, as in SymSpell)
``2``    thirds of long names with their place       two edits (Pass-Join: one third stays whole)
``a``    letters of the name, sorted                 words in another order
``>``    first letters of the name                   names inside longer labels
=======  ==========================================  ================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from checker.core.allowlist import Allowlist, Operator
from checker.core.known import KnownName
from checker.core.lookalike.forms import fold, light, shape
from checker.core.lookalike.postings import MAX_VALUE, Postings
from checker.core.reference import GuardRow
from checker.core.url import WebUrl, parse

__all__ = ["Extent", "LookalikeIndex", "Site", "Target", "deletions"]

_EXTENT_BITS = 3
GATE = 5
"""The first letters of a name, this many, must match before a label is searched for the whole name."""
SHORTEST_INSIDE = 5
"""Shorter names are never looked for inside other words."""
SHORTEST_TWO_EDITS = 9
"""Shorter names are never compared with two edits."""


class Extent(IntEnum):
    """How much of an official host a key covers."""

    NAME = 0
    NAME_SUFFIX = 1
    SUB_NAME = 2
    SUB_NAME_SUFFIX = 3
    CORE = 4


@dataclass(frozen=True, slots=True)
class Site:
    """One official host of a target; ``sub`` is its sub-domain, without a leading ``www``."""

    sub: str
    host: str


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A registrable domain that may be imitated.

    ``name`` is the label without hyphens, and ``core`` is the name without generic words at its ends
    (``stanfordhealthcare`` → ``stanford``). ``sites`` begin with the operator's own, if it has one. ``known`` is set
    for names that are known but not listed, which have no ``sites``. ``resembles_ok`` are hosts that look similar and
    are known to be genuine. ``light`` and ``folded`` are forms of the name.
    """

    domains: tuple[str, ...]
    label: str
    suffix: str
    name: str
    core: str
    owner: str
    sites: tuple[Site, ...] = ()
    resembles_ok: tuple[str, ...] = ()
    known: KnownName | None = None
    light: str = field(init=False)
    folded: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "light", light(self.name))
        object.__setattr__(self, "folded", fold(self.name))

    def key(self, extent: Extent, sub: str) -> str:
        """The target's text of this extent, as it is before folding."""
        tail = self.suffix.replace(".", "")
        head = sub.replace(".", "").replace("-", "")
        match extent:
            case Extent.NAME:
                return self.name
            case Extent.CORE:
                return self.core
            case Extent.NAME_SUFFIX:
                return self.name + tail
            case Extent.SUB_NAME:
                return head + self.name
            case Extent.SUB_NAME_SUFFIX:
                return head + self.name + tail


class LookalikeIndex:
    """Built once from the list; read-only afterwards.

    ``allowlist`` provides the official hosts, the known names, the vendors' brand words, and the tables of letters
    and words. Raises ValueError for a list with too many targets.
    """

    def __init__(self, allowlist: Allowlist) -> None:
        self.allowlist = allowlist
        self.tables = allowlist.tables
        brands = sorted({word for vendor in allowlist.vendors.values() for word in vendor.brand_words})
        self.brands = {brand: fold(brand) for brand in brands}
        """The portal vendors' brand words, each with its folded form."""
        self.brand_edits = {key: brand for brand in brands for key in deletions(brand)}
        self.script_starts = [first for first, _, _ in self.tables.scripts]
        self.generic = self.tables.generic.union(brands)
        self._longest_generic = max(map(len, self.generic), default=0)
        self.guards_of_kind: dict[tuple[bool | int | str, ...], tuple[tuple[GuardRow, ...], ...]] = {}
        """What is left to ask of each kind of likeness, filled and used by ``guards``."""
        self.targets = tuple(self._targets())
        if len(self.targets) << _EXTENT_BITS > MAX_VALUE:
            raise ValueError("the list is too long for the index")
        parents = (tenant.parent for vendor in allowlist.vendors.values() for tenant in vendor.tenants)
        self.vendor_domains = frozenset(allowlist.split_host(parent).registrable_domain for parent in parents)
        """Domains on which only a vendor gives out names."""
        self.whole_sites = dict(_whole_sites(allowlist))
        """Each listed or known website's host and domain: the official host to name, the owner, the known name."""
        self.most_labels = max((host.count(".") + 1 for host in self.whole_sites), default=0)
        self._postings = Postings(self._keys())
        self.inside_lengths = sorted({len(t.name) for t in self.targets} | {len(t.core) for t in self.targets})
        """The possible lengths of a name inside a label, shortest first."""

    def core_of(self, name: str) -> str:
        """``name`` without generic words at its ends; empty if it consists only of them."""
        shrunk = True
        while shrunk:
            shrunk = False
            for length in range(min(self._longest_generic, len(name)), 1, -1):
                if name[:length] in self.generic:
                    name, shrunk = name[length:], True
                    break
                if name[-length:] in self.generic:
                    name, shrunk = name[:-length], True
                    break
        return name

    def equal(self, text: str) -> Iterator[tuple[Target, Extent]]:
        """Targets that may be equal to ``text``, both folded, and how much of the target's host is equal."""
        for value in self._postings.get("=" + text):
            yield self.targets[value >> _EXTENT_BITS], Extent(value & 7)

    def shaped(self, outline: str) -> Iterator[Target]:
        """Targets whose name may have this shape."""
        return self._at("~" + outline)

    def reordered(self, text: str) -> Iterator[Target]:
        """Targets whose name, or sub-domain and name, may consist of the letters of ``text``."""
        return self._at("a" + "".join(sorted(text)))

    def one_edit(self, texts: Iterable[str]) -> Iterator[Target]:
        """Targets whose name may be within one edit of one of ``texts``."""
        keys = ["-" + key for text in texts for key in deletions(text)]
        return self._in_order(self._postings.get_all(keys))

    def two_edits(self, text: str, most: int) -> Iterator[Target]:
        """Targets whose long name may be within two edits of ``text``. Thirds shared by over ``most`` are skipped."""
        keys: list[str] = []
        for length in range(max(len(text) - 2, SHORTEST_TWO_EDITS), len(text) + 3):
            for place, (start, stop) in enumerate(_cuts(length)):
                lead = f"2{length}.{place}."
                first, last = max(start - 2, 0), min(start + 2, len(text) - (stop - start))
                keys += [lead + text[begin : begin + stop - start] for begin in range(first, last + 1)]
        return self._in_order(self._postings.get_all(keys, most))

    def may_equal(self, text: str) -> bool:
        """True if ``equal`` may have a result for ``text``."""
        return "=" + text in self._postings

    def may_begin(self, text: str) -> bool:
        """True if the light form of some name may begin with ``text``, ``GATE`` letters long."""
        return ">" + text in self._postings

    def _at(self, key: str) -> Iterator[Target]:
        return (self.targets[value >> _EXTENT_BITS] for value in self._postings.get(key))

    def _in_order(self, values: Iterable[int]) -> Iterator[Target]:
        return (self.targets[value >> _EXTENT_BITS] for value in sorted(values))

    def _targets(self) -> Iterator[Target]:
        for operator in self.allowlist.operators:
            if not operator.all_retired:
                yield from self._official(operator)
        for known in self.allowlist.names:
            suffixes = {parts.domain: parts.suffix for parts in map(self.allowlist.split_host, known.domains)}
            for word in known.words:
                name = word.replace("-", "")
                core = self.core_of(name) or name
                yield Target(known.domains, word, suffixes.get(word, ""), name, core, known.name, known=known)

    def _official(self, operator: Operator) -> Iterator[Target]:
        """The operator's domain with its hosts, and the other domains of its owner, whose names mean it as well."""
        own = (operator.home,) if operator.home is not None else ()
        hosts = dict.fromkeys(portal.host for portal in (*own, *operator.portals) if not portal.retired)
        sites = tuple(Site(_sub(host, operator.domain), host) for host in hosts)
        names = set()
        for domain in (operator.domain, *operator.same_owner):
            if domain != operator.domain and self.allowlist.operator_of(domain) is not None:
                continue  # it is a target of its own
            parts = self.allowlist.split_host(domain)
            label, suffix = parts.domain, parts.suffix
            if not label:  # the listed domain is itself a public suffix: its first label is the name
                label, _, suffix = domain.partition(".")
            name = label.replace("-", "")
            if name in names:
                continue
            names.add(name)
            domains = (operator.domain, *operator.same_owner)
            home = sites if domain == operator.domain else tuple(Site("", site.host) for site in sites[:1])
            core = self.core_of(name)
            yield Target(domains, label, suffix, name, core, operator.name, home, operator.resembles_ok)

    def _keys(self) -> Iterator[tuple[str, int]]:
        for number, target in enumerate(self.targets):
            yield from _keys_of(target, number << _EXTENT_BITS)


WholeSite = tuple[str | None, str, KnownName | None]


def _whole_sites(allowlist: Allowlist) -> Iterator[tuple[str, WholeSite]]:
    """What is known by name comes last: it has a website to send people to while its listed portal is overdue."""
    for operator in allowlist.operators:
        active = [portal for portal in operator.portals if not portal.retired]
        if active:
            yield operator.domain, ((operator.home or active[0]).host, operator.name, None)
            yield from ((portal.host, (portal.host, operator.name, None)) for portal in active)
    for known in allowlist.names:
        website = parse(known.website)
        own = website.host if isinstance(website, WebUrl) else ""
        yield own, (None, known.name, known)
        for domain in known.domains:
            # Under a government's domain, say, others have websites too.
            if not own.endswith(f".{domain}") or own == f"www.{domain}":
                yield from ((host, (None, known.name, known)) for host in (domain, f"www.{domain}"))


def _sub(host: str, domain: str) -> str:
    sub = host[: -len(domain)].rstrip(".")
    return "" if sub == "www" else sub.removeprefix("www.")


def _keys_of(target: Target, value: int) -> Iterator[tuple[str, int]]:
    """Every key of a target. ``value`` is the target's number, shifted; ``=`` keys add their extent (NAME is 0)."""
    for extent, sub in _extents_of(target):
        text = target.key(extent, sub)
        folded, thin = fold(text), light(text)
        yield "=" + folded, value + extent.value
        if thin != folded:
            yield "=" + thin, value + extent.value
        if extent is Extent.NAME or extent is Extent.SUB_NAME:
            yield "a" + "".join(sorted(text)), value
    name = target.name
    folded, thin = fold(name), light(name)
    yield "~" + shape(name), value
    for text in {thin, folded}:
        for key in deletions(text):
            yield "-" + key, value
    if len(folded) >= SHORTEST_TWO_EDITS:
        for place, (start, stop) in enumerate(_cuts(len(folded))):
            yield f"2{len(folded)}.{place}.{folded[start:stop]}", value
    for text in {name, target.core}:
        if len(text) >= SHORTEST_INSIDE:
            yield ">" + light(text[:GATE]), value


def _extents_of(target: Target) -> Iterator[tuple[Extent, str]]:
    yield Extent.NAME, ""
    if len(target.core) >= SHORTEST_INSIDE and target.core != target.name:
        yield Extent.CORE, ""
    if target.suffix:
        yield Extent.NAME_SUFFIX, ""
    for site in target.sites:
        if site.sub:
            yield Extent.SUB_NAME, site.sub
            yield Extent.SUB_NAME_SUFFIX, site.sub


def deletions(text: str) -> list[str]:
    """``text`` and every text that is one character shorter, each once."""
    shorter = (text[:i] + text[i + 1 :] for i in range(len(text)) if not i or text[i] != text[i - 1])
    return [text, *shorter]


def _cuts(length: int) -> tuple[tuple[int, int], ...]:
    third = length // 3
    return (0, third), (third, 2 * third), (2 * third, length)
