"""Metrics for Prometheus: verdicts, reasons, timings, the list's age. Never an address, a host or a client.

docs/data.md lists every metric, and a test compares it with this file.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, time
from functools import cache, partial
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from checker.core.check import Result
from checker.core.errors import AddressProblem, UnreadableAddress
from checker.core.lease import first_day
from checker.core.message import JudgedMessage
from checker.core.verdict import Verdict
from checker.service import Service
from checker.settings import SHARED_FOLDER

__all__ = ["Metrics"]

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds. A check takes well under a millisecond, a report some tens of milliseconds."""


class Metrics:
    """The metrics of one application; each replica is scraped for itself.

    The workers of one service count together, in the folder that PROMETHEUS_MULTIPROC_DIR names: counters are added
    up, and gauges show each worker under its process id. The series of the metrics that every request touches are
    looked up once.
    """

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        counter = partial(Counter, registry=registry)
        gauge = partial(Gauge, registry=registry, multiprocess_mode="liveall")
        ProcessCollector(registry=registry)
        checks = counter("portalcheck_checks", "Answered checks.", ["verdict"])
        self._checks = {verdict: checks.labels(verdict) for verdict in Verdict}
        self._message = cache(
            counter("portalcheck_messages", "Answered messages, each with any number of checks.", ["verdict"]).labels
        )
        self._reason = cache(counter("portalcheck_reasons", "Reasons given in warnings.", ["code"]).labels)
        self._technique = cache(
            counter("portalcheck_techniques", "Techniques that imitated an official name.", ["technique"]).labels
        )
        self._unreadable = cache(
            counter("portalcheck_unreadable", "Texts that do not hold exactly one address.", ["code"]).labels
        )
        self._request = cache(
            counter("portalcheck_requests", "Answered requests by route and status.", ["route", "status"]).labels
        )
        self._seconds = cache(
            Histogram(
                "portalcheck_request_seconds",
                "Time to answer a request.",
                ["route"],
                buckets=_BUCKETS,
                registry=registry,
            ).labels
        )
        self._list = gauge("portalcheck_list", "1 for the list that answers, 0 for those before it.", ["version"])
        self._list_hosts = gauge("portalcheck_list_hosts", "Hosts that can verify.")
        self._list_loaded = gauge("portalcheck_list_loaded_timestamp_seconds", "When the list that answers was loaded.")
        self._list_evidence = gauge("portalcheck_list_newest_evidence_timestamp_seconds", "The list's newest evidence.")
        self._list_stale = gauge("portalcheck_list_stale", "1 while the newest files are refused.")
        self._reloads = counter("portalcheck_reloads", "Reloads of the list.", ["result"])
        self._reports = counter("portalcheck_reports", "Reports that were filed.", ["result"])
        self._refused = counter("portalcheck_refused", "Requests refused by a rate limit or a concurrency cap.", ["by"])
        self._limits_failed = counter(
            "portalcheck_limits_failed", "Requests that passed because the rate limits could not be counted."
        )
        self._version: str | None = None
        for result in ("swapped", "refused"):
            self._reloads.labels(result)
        for result in ("kept", "failed"):
            self._reports.labels(result)

    def count(self, result: Result) -> None:
        """Count an answered check: its verdict, its reasons, and the technique of an imitation."""
        judgement, imitation = result.judgement, result.imitation
        self._checks[judgement.verdict].inc()
        for reason in judgement.reasons:
            self._reason(reason.code).inc()
        if imitation is not None:
            self._technique(imitation.technique).inc()

    def count_message(self, judged: JudgedMessage) -> None:
        """Count an answered message, and the worst check for each of its hosts."""
        self._message(judged.verdict or "none").inc()
        for link in judged.links:
            if isinstance(link.answer, AddressProblem):
                self.count_unreadable(UnreadableAddress(link.answer))
            else:
                self.count(link.answer)

    def count_unreadable(self, error: UnreadableAddress) -> None:
        """Count a check that got an error instead of an answer."""
        self._unreadable(error.code).inc()

    def count_request(self, route: str, status: int, seconds: float) -> None:
        """Count a request. ``route`` is a path of the table of routes, never the requested path; ``status`` is 0 if
        the client left before the answer."""
        self._request(route, status or "none").inc()
        self._seconds(route).observe(seconds)

    def count_reload(self, swapped: bool) -> None:
        """Count a reload: the new list answers, or it was refused."""
        self._reloads.labels("swapped" if swapped else "refused").inc()

    def count_report(self, kept: bool) -> None:
        """Count a report."""
        self._reports.labels("kept" if kept else "failed").inc()

    def count_refused(self, by: str) -> None:
        """Count a request that the gate refused; ``by`` is ``client``, ``reports``, ``everyone``, ``concurrency``
        or ``capacity``."""
        self._refused.labels(by).inc()

    def count_limits_failed(self) -> None:
        """Count a request that passed because Redis could not be asked."""
        self._limits_failed.inc()

    def show_list(self, service: Service, *, loaded_at: float, is_stale: bool) -> None:
        """Show the list that answers now; ``loaded_at`` in seconds since 1970."""
        known = service.allowlist
        if self._version not in (None, known.version):
            self._list.labels(self._version).set(0)
        self._version = known.version
        self._list.labels(known.version).set(1)
        self._list_hosts.set(known.hosts)
        self._list_loaded.set(loaded_at)
        self._list_evidence.set(_timestamp(known.newest_evidence))
        self._list_stale.set(is_stale)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format; those of all workers, if there are several."""
        folder = os.environ.get(SHARED_FOLDER)
        if folder is None:
            return generate_latest(self._registry)
        _forget_the_dead(Path(folder))
        shared = CollectorRegistry()
        MultiProcessCollector(shared, folder)  # type: ignore[no-untyped-call]  # the library has no types for it
        return generate_latest(shared)


def _forget_the_dead(folder: Path) -> None:
    """Remove the gauges of workers that have died; what they counted stays."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            pass  # another user's process has the number now; the next scrape will tell


def _timestamp(seen: str | None) -> float:
    """Seconds since 1970 of a day, or of a month's first day; 0 for an empty list."""
    if seen is None:
        return 0.0
    return datetime.combine(first_day(seen), time(), UTC).timestamp()
