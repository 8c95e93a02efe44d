"""What is counted, for Prometheus: verdicts, reasons, timings, the list's age. Never an address, a host or a client.

docs/data.md lists every metric, and a test compares it with this file.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from checker.errors import UnreadableAddress
from checker.guidance import Task
from checker.render import ResultV1
from checker.service import Service
from checker.url import Context
from checker.verdict import Verdict

__all__ = ["Metrics"]

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds; an answer takes well under a millisecond, a report some tens."""


class Metrics:
    """The counters of one application. Each process has its own: scrape every replica by itself."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._verdicts = Counter("portalcheck_checks", "Answered checks.", ["verdict"], registry=registry)
        self._by_verdict: dict[str, Counter] = {verdict: self._verdicts.labels(verdict) for verdict in Verdict}
        self._reasons = Counter("portalcheck_reasons", "Reasons given in warnings.", ["code"], registry=registry)
        self._techniques = Counter(
            "portalcheck_techniques", "Tricks by which an official host was imitated.", ["technique"], registry=registry
        )
        self._unreadable = Counter(
            "portalcheck_unreadable", "Texts that hold no single address.", ["code"], registry=registry
        )
        self._requests = Counter(
            "portalcheck_requests", "Answered requests by route and status.", ["route", "status"], registry=registry
        )
        self._asked: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._seconds = Histogram(
            "portalcheck_request_seconds", "Time to answer a request.", ["route"], buckets=_BUCKETS, registry=registry
        )
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

    def answer(
        self, service: Service, text: str, task: Task | None, lang: str, context: Context = Context.LINK
    ) -> ResultV1:
        """The service's answer, counted. Raises UnreadableAddress, counted too."""
        try:
            result = service.answer(text, task, lang, context)
        except UnreadableAddress as error:
            self._unreadable.labels(error.code).inc()
            raise
        self._by_verdict[result.verdict].inc()
        for reason in result.reasons:
            self._reasons.labels(reason.code).inc()
        if result.imitates is not None:
            self._techniques.labels(result.imitates.technique).inc()
        return result

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request. ``route`` is one of ours as written in the code, never the path that was asked;
        ``status`` is 0 when the client left before the answer."""
        counted = self._asked.get((route, status))
        if counted is None:  # looking both up by their labels takes longer than counting
            counted = self._asked[route, status] = (
                self._requests.labels(route, status or "none"),
                self._seconds.labels(route),
            )
        requests, times = counted
        requests.inc()
        times.observe(seconds)

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
    year, month, *day = (int(part) for part in seen.split("-"))
    return datetime.combine(date(year, month, day[0] if day else 1), time(), UTC).timestamp()
