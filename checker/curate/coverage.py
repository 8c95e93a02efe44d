"""What the list covers: its hosts by vendor, kind, country and freshness, and what is missing.

Hosts are counted, not portals: hundreds of organizations can share one. A host counts for the vendor, kind and country
of the first of its portals that has one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from checker.core.allowlist import Allowlist, Portal

__all__ = ["Coverage", "Fresh", "coverage_page"]

NOT_GIVEN = "not given"


@dataclass(frozen=True, slots=True)
class Fresh:
    """Hosts by how their leases stand on one day: verified, verified but due for review, and overdue."""

    current: int = 0
    due: int = 0
    overdue: int = 0

    @property
    def verified(self) -> int:
        """The hosts that verify, days of grace included."""
        return self.current + self.due

    @property
    def hosts(self) -> int:
        """All hosts."""
        return self.verified + self.overdue


class Coverage:
    """What ``allowlist`` covers on the day ``today``."""

    def __init__(self, allowlist: Allowlist, today: date) -> None:
        self.allowlist = allowlist
        self.today = today

    @cached_property
    def _hosts(self) -> Mapping[str, list[Portal]]:
        hosts: dict[str, list[Portal]] = {}
        for portal in self.allowlist.portals:
            hosts.setdefault(portal.host, []).append(portal)
        return hosts

    @cached_property
    def totals(self) -> dict[str, int]:
        """How much of everything there is."""
        allowlist = self.allowlist
        retired = [portal for operator in allowlist.operators for portal in operator.portals if portal.retired]
        return {
            "domains": len(allowlist.operators),
            "hosts": len(allowlist.hosts),
            "portals": len(allowlist.portals),
            "retired portals": len(retired),
            "organizations": len({name for portal in allowlist.portals for name in portal.organizations}),
            "known organizations without a listed portal": sum(
                allowlist.portal_of(name) is None for name in allowlist.names
            ),
            "vendors' hosts that hold their customers": sum(len(v.tenants) for v in allowlist.vendors.values()),
            "other domains of listed owners": len(
                {domain for operator in allowlist.operators for domain in operator.same_owner}
                - {operator.domain for operator in allowlist.operators}
            ),
        }

    @cached_property
    def all(self) -> Fresh:
        """All hosts."""
        return self._by(lambda _: "all")["all"]

    @cached_property
    def by_vendor(self) -> dict[str, Fresh]:
        """Hosts by the vendor's id."""
        return self._by(lambda portal: portal.vendor, "none, or not known")

    @cached_property
    def by_kind(self) -> dict[str, Fresh]:
        """Hosts by kind of organization."""
        return self._by(lambda portal: portal.kind)

    @cached_property
    def by_country(self) -> dict[str, Fresh]:
        """Hosts by country code."""
        return self._by(lambda portal: portal.country)

    @cached_property
    def last_months(self) -> dict[str, int]:
        """How many of the hosts that verify stop doing so in which month, unless they are confirmed again."""
        lease = self.allowlist.policy.lease
        ends = (lease.last_day(max(portal.review_by for portal in portals)) for portals in self._hosts.values())
        return dict(sorted(Counter(f"{end:%Y-%m}" for end in ends if end >= self.today).items()))

    def _by(self, group_of: Callable[[Portal], str | None], unknown: str = NOT_GIVEN) -> dict[str, Fresh]:
        """The hosts of each group, the largest first."""
        states: dict[str, Counter[str]] = {}
        for portals in self._hosts.values():
            group = next(filter(None, map(group_of, portals)), unknown)
            states.setdefault(group, Counter())[self._state(portals)] += 1
        groups = {group: Fresh(**counts) for group, counts in states.items()}
        return dict(sorted(groups.items(), key=lambda item: (-item[1].hosts, item[0])))

    def _state(self, portals: list[Portal]) -> str:
        review_by = max(portal.review_by for portal in portals)
        if self.today <= review_by:
            return "current"
        return "due" if self.allowlist.policy.lease.runs(review_by, self.today) else "overdue"


def coverage_page(allowlist: Allowlist) -> str:
    """The text of ``docs/coverage.md``. It counts as of the day of the list's newest evidence, so that it changes only
    with the list."""
    days = (evidence.first_day for portal in allowlist.portals for evidence in portal.evidence)
    coverage = Coverage(allowlist, max(days))
    return "\n".join(_page(coverage)) + "\n"


def _page(coverage: Coverage) -> Iterator[str]:
    yield from (_PREFACE, "")
    yield from (f"As of {coverage.today}, the day of the newest evidence:", "")
    yield from _table(("what", "number"), coverage.totals.items())
    yield from ("## Freshness", "", _FRESHNESS, "")
    every = coverage.all
    rows = {"verified": every.current, "verified, due for review": every.due, "overdue": every.overdue}
    yield from _table(("hosts", "number"), rows.items())
    yield from ("The hosts that verify stop doing so, unless somebody confirms them again, in:", "")
    yield from _table(("month", "hosts"), coverage.last_months.items())
    for heading, words, groups in (
        ("## By vendor", _BY_VENDOR, coverage.by_vendor),
        ("## By kind", _BY_KIND, coverage.by_kind),
        ("## By country", _BY_COUNTRY, coverage.by_country),
    ):
        yield from (heading, "", words, "")
        yield from _table(
            (heading.removeprefix("## By "), "hosts", "verified"),
            ((group, fresh.hosts, fresh.verified) for group, fresh in groups.items()),
        )
    yield _MISSING


def _table(head: tuple[str, ...], rows: Iterable[tuple[str | int, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(map(str, row))} |"
    yield ""


_PREFACE = """\
# What the list covers

This page is generated from the list by `portalcheck allowlist stats --page`. It counts hosts: one host can serve
hundreds of organizations, by path. *Verified* here means that the address of the portal is answered with *verified*."""

_FRESHNESS = """\
An entry verifies until its review date, and for the days of grace after it. Evidence of unknown age, such as an
archived copy without a date, is due for review 90 days after it was read; the same days of grace follow. An overdue
host is known, and its answer is "listed, but nobody has confirmed it lately"."""

_BY_VENDOR = """\
Only Epic publishes a directory of its customers' portals, so most of the list is Epic's. Other vendors' customers are
on the list where an organization, a public list or a report names their host."""

_BY_KIND = """\
The kind is given for what was collected beyond Epic's directory. Entries without one are nearly all hospitals and
clinics of that directory. `vendor-central` is one sign-in for all customers of a vendor."""

_BY_COUNTRY = """\
An entry has a country only where its source gives one."""

_MISSING = """\
## What is missing

* **Small practices.** Tens of thousands have a portal under their vendor's domain. They are not listed one by one.
  Where only the vendor gives out such hosts, the answer is `vendor-portal`: it names the vendor and says how to ask
  the practice. Vendors under whose domain anyone can open an account are not treated so.
* **Fresh evidence for insurers, exchanges and customers of Oracle Health.** Much of what is public is years old.
  Those hosts are listed and overdue until somebody opens the page and confirms them.
* **Sign-in pages of known organizations.** For several hundred we know the website and have no proof of the page
  where people sign in. They never verify.
* **Most countries.** Outside the United States there are a few national portals, and some hospitals that use Epic.
* **A measure.** Nobody has counted which share of patients or members the list serves. What is not on the list is no
  proof of fraud."""
