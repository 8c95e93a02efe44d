"""What is counted, for Prometheus: verdicts, reasons, timings, the list's age. Never an address, a host or a client.

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
from checker.core.guidance import Task
from checker.core.lease import first_day
from checker.core.text import Context
from checker.core.verdict import Verdict
from checker.service import Service

__all__ = ["Metrics"]

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds; an answer takes well under a millisecond, a report some tens."""


class _Tallied(Collector):
    """A counter with one label that is raised for every check: the library's own takes a lock and ten times as long,
    and one thread counts here."""

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


class _Requests(Collector):
    """Requests by route and status, and the time they took by route; raised for every request, as above."""

    families: Mapping[str, tuple[str, ...]] = MappingProxyType(
        {"portalcheck_requests": ("route", "status"), "portalcheck_request_seconds": ("route",)}
    )

    def __init__(self, registry: CollectorRegistry) -> None:
        self._times: dict[tuple[str, int], list[int]] = {}
        self._sums: dict[str, float] = {}
        registry.register(self)

    def add(self, route: str, status: int, seconds: float) -> None:
        times = self._times.get((route, status))
        if times is None:
            times = self._times[route, status] = [0] * (len(_BUCKETS) + 1)
        times[bisect_left(_BUCKETS, seconds)] += 1
        self._sums[route] = self._sums.get(route, 0.0) + seconds

    def collect(self) -> Iterator[Metric]:
        (counted, by), (timed, where) = self.families.items()
        requests = CounterMetricFamily(counted, "Answered requests by route and status.", labels=by)
        seconds = HistogramMetricFamily(timed, "Time to answer a request.", labels=where)
        by_route: dict[str, list[int]] = {}
        for (route, status), times in sorted(self._times.items()):
            requests.add_metric([route, str(status or "none")], sum(times))
            so_far = by_route.get(route, [0] * len(times))
            by_route[route] = [a + b for a, b in zip(so_far, times, strict=True)]
        bounds = [*map(str, _BUCKETS), "+Inf"]
        for route, times in by_route.items():
            seconds.add_metric([route], [*zip(bounds, accumulate(times), strict=True)], self._sums[route])
        yield requests
        yield seconds


class Metrics:
    """The counters of one application. Each process has its own: scrape every replica by itself."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._verdicts = _Tallied("portalcheck_checks", "Answered checks.", "verdict", registry)
        self._verdicts.tally.update(dict.fromkeys(Verdict, 0))
        self._reasons = _Tallied("portalcheck_reasons", "Reasons given in warnings.", "code", registry)
        self._techniques = _Tallied(
            "portalcheck_techniques", "Tricks by which an official name was imitated.", "technique", registry
        )
        self._unreadable = _Tallied("portalcheck_unreadable", "Texts that hold no single address.", "code", registry)
        self._requests = _Requests(registry)
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
            "portalcheck_refused", "Requests refused by a limit or for want of capacity.", ["by"], registry=registry
        )
        self._limits_failed = Counter(
            "portalcheck_limits_failed", "Requests let in because limits could not be counted.", registry=registry
        )
        for result in ("swapped", "refused"):
            self._reloads.labels(result)
        for result in ("kept", "failed"):
            self._reports.labels(result)

    def check(
        self, service: Service, text: str, task: Task | None, lang: str, context: Context = Context.LINK
    ) -> Result:
        """The service's result, counted. Raises UnreadableAddress, counted too."""
        try:
            result = service.check(text, task, lang, context)
        except UnreadableAddress as error:
            self._unreadable.tally[error.code] += 1
            raise
        judgement, imitation = result.judgement, result.imitation
        self._verdicts.tally[judgement.verdict] += 1
        for reason in judgement.reasons:
            self._reasons.tally[reason.code] += 1
        if imitation is not None:
            self._techniques.tally[imitation.technique] += 1
        return result

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request. ``route`` is one of ours as written in the code, never the path that was asked;
        ``status`` is 0 when the client left before the answer."""
        self._requests.add(route, status, seconds)

    def reload(self, swapped: bool) -> None:
        """Count a reload."""
        self._reloads.labels("swapped" if swapped else "refused").inc()

    def report(self, kept: bool) -> None:
        """Count a report."""
        self._reports.labels("kept" if kept else "failed").inc()

    def refused(self, by: str) -> None:
        """Count a request that was not let in: ``client``, ``reports``, ``everyone`` or ``capacity``."""
        self._refused.labels(by).inc()

    def limits_failed(self) -> None:
        """Count a request that was let in unasked, because Redis is gone."""
        self._limits_failed.inc()

    def text(self, service: Service, *, loaded_at: float, stale: bool) -> bytes:
        """All metrics in Prometheus' text format, with the list as it is now."""
        known = service.allowlist
        self._list.clear()
        self._list.labels(known.version).set(1)
        self._list_hosts.set(known.hosts)
        self._list_loaded.set(loaded_at)
        self._list_evidence.set(_timestamp(known.newest_evidence))
        self._list_stale.set(stale)
        return generate_latest(self.registry)


def _timestamp(seen: str | None) -> float:
    """Seconds since 1970 of a day, or of a month's first; 0 for an empty list."""
    if seen is None:
        return 0.0
    return datetime.combine(first_day(seen), time(), UTC).timestamp()
