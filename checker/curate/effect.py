"""What a change to the list means: which addresses become or cease to be verified, and whose they are.

A text diff shows lines; this shows effects. ``Effect.digest`` identifies one effect, so that a person who has read
it can accept exactly that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from checker.core.allowlist import Allowlist, Operator, Portal
from checker.core.lookalike import LookalikeIndex, find
from checker.core.reason import DANGER_CODES
from checker.core.url import WebUrl, parse

__all__ = ["Effect", "Line", "diff"]

MOST_GAINED = 25
"""A change that adds more hosts than this needs a second person."""
LARGEST_SHRINK = 0.01
"""A change that loses a larger share of the hosts than this, 0 to 1, needs a second person."""


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One effect: what happens, where (a host, domain or portal), whose it is, and a note.

    ``gate``: whether a second person has to accept it.
    """

    what: str
    where: str
    whose: str
    note: str = ""
    gate: bool = False

    def __str__(self) -> str:
        return "  ".join(
            part for part in (f"{self.what:<28}", f"{self.where:<44}", self.whose, self.note) if part
        ).rstrip()


@dataclass(frozen=True)
class Effect:
    """Everything that a change does. ``gained``, ``lost`` and ``stay`` count hosts."""

    lines: tuple[Line, ...]
    gained: int
    lost: int
    stay: int

    @cached_property
    def digest(self) -> str:
        """Identifies exactly this effect: 16 hexadecimal digits."""
        return hashlib.sha256("\n".join(map(str, self.lines)).encode()).hexdigest()[:16]

    @property
    def shrink(self) -> float:
        """The share of the old hosts that are lost, 0 to 1."""
        before = self.lost + self.stay
        return self.lost / before if before else 0.0

    @property
    def totals(self) -> str:
        """All effects in one line."""
        gained = f"{self.gained} host{'' if self.gained == 1 else 's'} gained"
        return f"summary: {gained}, {self.lost} lost, {self.stay} stay; shrink {self.shrink:.2%}"

    @property
    def gate(self) -> tuple[str, ...]:
        """Why a second person must accept this effect; empty when none has to."""
        reasons = [f"{line.what.lower()}: {line.where}" for line in self.lines if line.gate]
        if self.gained > MOST_GAINED:
            reasons.append(f"{self.gained} hosts gained (more than {MOST_GAINED})")
        if self.shrink > LARGEST_SHRINK:
            reasons.append(f"{self.shrink:.2%} of the hosts lost (more than {LARGEST_SHRINK:.0%})")
        return tuple(reasons)


def diff(old: Allowlist, new: Allowlist) -> Effect:
    """What changes when ``new`` replaces ``old``."""
    lines = [*_hosts(old, new), *_portals(old, new), *_operators(old, new), *_policy(old, new)]
    gained, lost = new.hosts - old.hosts, old.hosts - new.hosts
    return Effect(tuple(lines), len(gained), len(lost), len(new.hosts & old.hosts))


def _hosts(old: Allowlist, new: Allowlist) -> Iterator[Line]:
    gained = sorted(new.hosts - old.hosts)
    owners = {portal.host: portal.operator for portal in (*old.portals, *new.portals)}
    index = LookalikeIndex(old) if gained and old.hosts else None
    for host in gained:
        notes, gate = [], False
        if index is not None and (imitated := _imitated(host, index)):
            notes, gate = [f"imitates {imitated}"], True
        if host in _retired_hosts(old):
            notes, gate = [*notes, "was retired"], True
        yield Line("HOST BECOMES VERIFIED", host, owners[host], ", ".join(notes), gate)
    for host in sorted(old.hosts - new.hosts):
        retired = host in _retired_hosts(new)
        note = "retired" if retired else "no tombstone"
        yield Line("HOST CEASES TO BE VERIFIED", host, owners[host], note, gate=not retired)
    for host in sorted(_retired_hosts(old) - _retired_hosts(new) - new.hosts):
        yield Line("TOMBSTONE REMOVED", host, "", "someone else may own it", gate=True)


def _imitated(host: str, index: LookalikeIndex) -> str | None:
    """The listed host that this new one imitates by a strong technique."""
    url = parse(f"https://{host}/")
    imitation = find(url, index) if isinstance(url, WebUrl) else None
    return imitation.host if imitation is not None and imitation.kind in DANGER_CODES else None


def _retired_hosts(allowlist: Allowlist) -> frozenset[str]:
    return frozenset(p.host for operator in allowlist.operators for p in operator.portals if p.retired)


def _by_key(allowlist: Allowlist) -> Mapping[tuple[str, str], Portal]:
    return {(portal.host, portal.mount.casefold()): portal for portal in allowlist.portals}


def _portals(old: Allowlist, new: Allowlist) -> Iterator[Line]:
    before, after = _by_key(old), _by_key(new)
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was is None and now is not None:
            if now.host in old.hosts:
                yield Line("portal becomes known", _shown(now), "; ".join(now.organizations))
        elif now is None and was is not None:
            if was.host in new.hosts:
                yield Line("portal is forgotten", _shown(was), "; ".join(was.organizations))
        elif was is not None and now is not None:
            yield from _facts(was, now)


def _facts(was: Portal, now: Portal) -> Iterator[Line]:
    where = _shown(now)
    for name in sorted(set(now.organizations) - set(was.organizations)):
        yield Line("organization joins", where, name)
    for name in sorted(set(was.organizations) - set(now.organizations)):
        yield Line("organization leaves", where, name)
    for task in sorted(was.links.keys() | now.links.keys()):
        if was.links.get(task) != now.links.get(task):
            yield Line("link changes", where, task, f"→ {now.links.get(task, 'none')}")
    if was.evidence != now.evidence:
        sources = ", ".join(f"{e.source} {e.seen}{' of unknown age' if e.age else ''}" for e in now.evidence)
        yield Line("evidence changes", where, now.operator, sources)
    if was.review_by != now.review_by:
        yield Line("review date changes", where, now.operator, f"{was.review_by} → {now.review_by}")
    if was.home != now.home:
        yield Line("official place changes", where, now.operator, "people are sent here" if now.home else "no longer")
    for what, before, after in (
        ("vendor", was.vendor, now.vendor),
        ("kind", was.kind, now.kind),
        ("country", was.country, now.country),
    ):
        if before != after:
            yield Line(f"{what} changes", where, now.operator, f"{before} → {after}")


def _shown(portal: Portal) -> str:
    return portal.host + portal.mount


def _operators(old: Allowlist, new: Allowlist) -> Iterator[Line]:
    for operator in new.operators:
        was = old.operator_of(operator.domain)
        if was is None:
            if old.operators:
                yield Line("DOMAIN BECOMES TRUSTED", operator.domain, operator.name, _tombstone(operator))
            continue
        if was.name != operator.name:
            yield Line("OPERATOR CHANGES", operator.domain, operator.name, f"was {was.name}", gate=True)
        if was.shared != operator.shared:
            note = "its subdomains belong to different customers" if operator.shared else "no longer shared"
            yield Line("SHARING CHANGES", operator.domain, operator.name, note, gate=was.shared)
        for host in sorted(set(operator.resembles_ok) - set(was.resembles_ok)):
            yield Line("RESEMBLANCE ALLOWED", operator.domain, operator.name, f"to {host}", gate=True)
        for domain in sorted(set(operator.same_owner) - set(was.same_owner)):
            yield Line("ANOTHER DOMAIN OF THE OWNER", domain, operator.name, "no longer compared", gate=True)
        for domain in sorted(set(was.same_owner) - set(operator.same_owner)):
            yield Line("no longer of the owner", domain, operator.name)


def _tombstone(operator: Operator) -> str:
    return "as a tombstone" if operator.all_retired else ""


def _tenants(old: Allowlist, new: Allowlist) -> Iterator[Line]:
    before = {(tenant.parent, shape) for v in old.vendors.values() for tenant in v.tenants for shape in tenant.shapes}
    for vendor in new.vendors.values():
        for tenant in vendor.tenants:
            for shape in tenant.shapes:
                if (tenant.parent, shape) not in before:
                    where = f"{shape}.{tenant.parent}"
                    yield Line("TENANTS ADDED", where, vendor.company or vendor.name, "no longer compared", gate=True)


def _policy(old: Allowlist, new: Allowlist) -> Iterator[Line]:
    if not old.operators:
        return
    for name in ("review_after_days", "grace_days"):
        before, after = getattr(old.policy.lease, name), getattr(new.policy.lease, name)
        if before != after:
            yield Line("POLICY CHANGES", name, "policy.yaml", f"{before} → {after} days", gate=after > before)
    for host in sorted(old.policy.platforms - new.policy.platforms):
        yield Line("PLATFORM REMOVED", host, "policy.yaml", "pages there are no longer warned about", gate=True)
    for host in sorted(new.policy.platforms - old.policy.platforms):
        yield Line("platform added", host, "policy.yaml")
    for name in sorted({n.name for n in old.names} - {n.name for n in new.names}):
        yield Line("KNOWN NAME REMOVED", name, "names.yaml", "no longer warned about", gate=True)
    for name in sorted({n.name for n in new.names} - {n.name for n in old.names}):
        yield Line("known name added", name, "names.yaml")
    yield from _tenants(old, new)
    for vendor in sorted(old.vendors.keys() | new.vendors.keys()):
        if old.vendors.get(vendor) != new.vendors.get(vendor):
            yield Line("vendor changes", vendor, f"vendors/{vendor}.yaml")
