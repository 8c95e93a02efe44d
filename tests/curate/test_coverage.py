"""The page of coverage says what the list covers, and nothing that it does not."""

from datetime import date
from pathlib import Path

import pytest

from checker.core.allowlist import Allowlist, Evidence, Operator, Policy, Portal
from checker.core.lease import Lease
from checker.curate.coverage import Coverage, Fresh, coverage_page
from checker.lists.suffixes import suffix_splitter

DOCS = Path(__file__).parents[2] / "docs"
FIXED = date(2026, 11, 25)


def portal(host: str, review_by: date, **more: str | None) -> Portal:
    evidence = (Evidence("made-up", "https://directory.example/", "2026-10"),)
    mount = more.pop("mount", None) or "/"
    return Portal(host, mount, "Example", ("Example",), evidence, review_by, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    """Four hosts: one is fresh, one due, one overdue; one is kept fresh by the second of its portals."""
    portals = (
        portal("a.example.org", date(2026, 12, 1), vendor="epic-mychart", country="US", kind="provider"),
        portal("b.example.org", date(2026, 11, 1), country="US", kind="payer"),
        portal("c.example.org", date(2026, 1, 1), country="CA", kind="payer"),
        portal("d.example.org", date(2026, 1, 1), mount="/old/"),
        portal("d.example.org", date(2026, 12, 1), mount="/new/", country="US"),
    )
    operator = Operator("example.org", "Example", portals)
    allowlist = Allowlist([operator], split_host=suffix_splitter(), policy=Policy(Lease(365, 90)))
    return Coverage(allowlist, FIXED)


def test_hosts_are_counted_by_how_their_leases_stand(coverage: Coverage) -> None:
    assert coverage.all == Fresh(current=2, due=1, overdue=1)
    assert (coverage.all.hosts, coverage.all.verified) == (4, 3)
    assert (coverage.totals["hosts"], coverage.totals["portals"]) == (4, 5)


def test_groups_are_the_largest_first_and_name_what_is_not_known(coverage: Coverage) -> None:
    assert list(coverage.by_country.items()) == [("US", Fresh(current=2, due=1)), ("CA", Fresh(overdue=1))]
    assert list(coverage.by_kind) == ["payer", "not given", "provider"]
    assert list(coverage.by_vendor) == ["none, or not known", "epic-mychart"]


def test_the_last_month_counts_the_days_of_grace_and_nothing_that_is_over(coverage: Coverage) -> None:
    assert coverage.last_months == {"2027-01": 1, "2027-03": 2}


def test_other_domains_are_counted_once_and_not_if_they_are_listed() -> None:
    split = suffix_splitter()
    one, other = (
        Operator(d, "Example", (portal(f"a.{d}", FIXED),), same_owner=(o, "third.example"))
        for d, o in (("example.org", "example.net"), ("example.net", "example.org"))
    )
    assert Coverage(Allowlist([one, other], split_host=split), FIXED).totals["other domains of listed owners"] == 1


def test_the_page_is_that_of_the_list(allowlist: Allowlist) -> None:
    written = (DOCS / "coverage.md").read_text("utf-8")
    assert written == coverage_page(allowlist), "write it: portalcheck allowlist stats --page > docs/coverage.md"


def test_what_was_promised_beyond_one_vendor_is_there(allowlist: Allowlist) -> None:
    """At least 75 hosts outside Epic verify on a fixed day; what is old is listed as overdue, not as fresh."""
    vendors = Coverage(allowlist, FIXED).by_vendor
    beyond = [fresh for vendor, fresh in vendors.items() if vendor != "epic-mychart"]
    assert sum(fresh.verified for fresh in beyond) >= 75
    assert sum(fresh.overdue for fresh in beyond) >= 90
