"""Metrics for Prometheus: verdicts, reasons, timings, the list's age. Never an address, a host or a client.

docs/data.md lists every metric, and a test compares it with this file.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from itertools import accumulate
from types import MappingProxyType

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from checker.core.check import Result
from checker.core.errors import UnreadableAddress
from checker.core.lease import first_day
from checker.core.verdict import Verdict
from checker.service import Service

__all__ = ["Metrics"]

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds. A check takes well under a millisecond, a report some tens of milliseconds."""


class _FastCounter(Collector):
    """A counter with one label, for every check.

    The library's own counter takes a lock and ten times as long; here a single thread counts.
    """

    def __init__(self, name: str, documentation: str, label: str, registry: CollectorRegistry) -> None:
        self.families = {name: (label,)}
        self._documentation = documentation
        self.tally: Tally[str] = Tally()
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        ((name, labels),) = self.families.items()
        family = CounterMetricFamily(name, self._documentation, labels=labels)
        for value, count in sorted(self.tally.items()):
            family.add_metric([value], count)
        yield family


class _RequestCounter(Collector):
    """Requests by route and status, and their durations by route; as fast as the counter above."""

    families: Mapping[str, tuple[str, ...]] = MappingProxyType(
        {"portalcheck_requests": ("route", "status"), "portalcheck_request_seconds": ("route",)}
    )

    def __init__(self, registry: CollectorRegistry) -> None:
        self._buckets: dict[tuple[str, int], list[int]] = {}
        """For each route and status: how many requests fell into each bucket."""
        self._seconds: dict[str, float] = {}
        registry.register(self)

    def add(self, route: str, status: int, seconds: float) -> None:
        buckets = self._buckets.get((route, status))
        if buckets is None:
            buckets = self._buckets[route, status] = [0] * (len(_BUCKETS) + 1)
        buckets[bisect_left(_BUCKETS, seconds)] += 1
        self._seconds[route] = self._seconds.get(route, 0.0) + seconds

    def collect(self) -> Iterator[Metric]:
        (count_name, count_labels), (time_name, time_labels) = self.families.items()
        counts = CounterMetricFamily(count_name, "Answered requests by route and status.", labels=count_labels)
        times = HistogramMetricFamily(time_name, "Time to answer a request.", labels=time_labels)
        by_route: dict[str, list[int]] = {}
        for (route, status), buckets in sorted(self._buckets.items()):
            counts.add_metric([route, str(status or "none")], sum(buckets))
            so_far = by_route.get(route, [0] * len(buckets))
            by_route[route] = [a + b for a, b in zip(so_far, buckets, strict=True)]
        bounds = [*map(str, _BUCKETS), "+Inf"]
        for route, buckets in by_route.items():
            times.add_metric([route], [*zip(bounds, accumulate(buckets), strict=True)], self._seconds[route])
        yield counts
        yield times


class Metrics:
    """The metrics of one application. Each process has its own: scrape every replica separately."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._verdicts = _FastCounter("portalcheck_checks", "Answered checks.", "verdict", registry)
        self._verdicts.tally.update(dict.fromkeys(Verdict, 0))
        self._reasons = _FastCounter("portalcheck_reasons", "Reasons given in warnings.", "code", registry)
        self._techniques = _FastCounter(
            "portalcheck_techniques", "Techniques that imitated an official name.", "technique", registry
        )
        self._unreadable = _FastCounter(
            "portalcheck_unreadable", "Texts that do not hold exactly one address.", "code", registry
        )
        self._requests = _RequestCounter(registry)
        self._list = Gauge("portalcheck_list", "1 for the list that answers.", ["version"], registry=registry)
        self._list_hosts = Gauge("portalcheck_list_hosts", "Hosts that can verify.", registry=registry)
        self._list_loaded = Gauge(
            "portalcheck_list_loaded_timestamp_seconds", "When the list that answers was loaded.", registry=registry
        )
        self._list_evidence = Gauge(
            "portalcheck_list_newest_evidence_timestamp_seconds", "The list's newest evidence.", registry=registry
        )
        self._list_stale = Gauge(
            "portalcheck_list_stale",
            "1 while the newest files are refused.",
            registry=registry,
        )
        self._reloads = Counter("portalcheck_reloads", "Reloads of the list.", ["result"], registry=registry)
        self._reports = Counter("portalcheck_reports", "Reports that were filed.", ["result"], registry=registry)
        self._refused = Counter(
            "portalcheck_refused", "Requests refused by a rate limit or over capacity.", ["by"], registry=registry
        )
        self._limits_failed = Counter(
            "portalcheck_limits_failed",
            "Requests that passed because the rate limits could not be counted.",
            registry=registry,
        )
        for result in ("swapped", "refused"):
            self._reloads.labels(result)
        for result in ("kept", "failed"):
            self._reports.labels(result)

    def count(self, result: Result) -> None:
        """Count an answered check: its verdict, its reasons, and the technique of an imitation."""
        judgement, imitation = result.judgement, result.imitation
        self._verdicts.tally[judgement.verdict] += 1
        for reason in judgement.reasons:
            self._reasons.tally[reason.code] += 1
        if imitation is not None:
            self._techniques.tally[imitation.technique] += 1

    def count_unreadable(self, error: UnreadableAddress) -> None:
        """Count a check that got an error instead of an answer."""
        self._unreadable.tally[error.code] += 1

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """Count a request. ``route`` is a path of the table of routes, never the requested path; ``status`` is 0 if
        the client left before the answer."""
        self._requests.add(route, status, seconds)

    def count_reload(self, swapped: bool) -> None:
        """Count a reload: the new list answers, or it was refused."""
        self._reloads.labels("swapped" if swapped else "refused").inc()

    def count_report(self, kept: bool) -> None:
        """Count a report."""
        self._reports.labels("kept" if kept else "failed").inc()

    def count_refused(self, by: str) -> None:
        """Count a request that the gate refused; ``by`` is ``client``, ``reports``, ``everyone`` or ``capacity``."""
        self._refused.labels(by).inc()

    def count_limits_failed(self) -> None:
        """Count a request that passed because Redis could not be asked."""
        self._limits_failed.inc()

    def text(self, service: Service, *, loaded_at: float, stale: bool) -> bytes:
        """All metrics in Prometheus' text format, with those of the list that answers now."""
        known = service.allowlist
        self._list.clear()
        self._list.labels(known.version).set(1)
        self._list_hosts.set(known.hosts)
        self._list_loaded.set(loaded_at)
        self._list_evidence.set(_timestamp(known.newest_evidence))
        self._list_stale.set(stale)
        return generate_latest(self.registry)


def _timestamp(seen: str | None) -> float:
    """Seconds since 1970 of a day, or of a month's first day; 0 for an empty list."""
    if seen is None:
        return 0.0
    return datetime.combine(first_day(seen), time(), UTC).timestamp()
