"""A whole listed or known website inside another host, with its dots: nobody writes that by chance, however short."""

from __future__ import annotations

from collections.abc import Iterator

from checker.core.lookalike.index import LookalikeIndex
from checker.core.lookalike.model import Imitation, Technique
from checker.core.lookalike.query import Query
from checker.core.reason import ReasonCode

__all__ = ["official_host_inside", "whole_site_inside"]


def whole_site_inside(query: Query, index: LookalikeIndex) -> Imitation | None:
    """``www.cvs.com.evil.example``, and ``medicare.gov-pay.example``, where a hyphen continues the last label.

    The first and longest one counts. Under a suffix that only vetted bodies get, it is a library's relay, for example.
    """
    if query.restricted:
        return None
    labels = query.shown.split(".")[: query.own_labels]
    for start, stop in _spans(labels, index):
        text = ".".join(labels[start:stop])
        if text in index.whole_sites:
            host = text in index.allowlist.hosts
            return _told(Technique.EMBEDDED_HOST if host else Technique.EMBEDDED_DOMAIN, text, index)
        last, hyphen, _ = labels[stop - 1].partition("-")
        continued = ".".join((*labels[start : stop - 1], last))
        if hyphen and continued in index.whole_sites:
            return _told(Technique.CONTINUED_DOMAIN, continued, index)
    return None


def official_host_inside(host: str, index: LookalikeIndex) -> Imitation | None:
    """``mychart.clevelandclinic.org.aetna.com``: the same on a domain that is known to be somebody's, where only a
    whole official host counts, and the domain's own labels are no part of it."""
    labels = host.split(".")[:-1]
    for start, stop in _spans(labels, index):
        text = ".".join(labels[start:stop])
        if text in index.allowlist.hosts:
            return _told(Technique.EMBEDDED_HOST, text, index)
    return None


def _spans(labels: list[str], index: LookalikeIndex) -> Iterator[tuple[int, int]]:
    """Where two labels or more could be a website, the first and longest first."""
    for start in range(len(labels) - 1):
        for stop in range(min(start + index.most_labels, len(labels)), start + 1, -1):
            yield start, stop


def _told(technique: Technique, text: str, index: LookalikeIndex) -> Imitation:
    host, owner, known = index.whole_sites[text]
    operator = owner if known is None else None
    score = index.tables.scores.get((technique, "site"), 0)
    kind = ReasonCode.OFFICIAL_NAME_ELSEWHERE
    return Imitation(kind, technique, score, host, operator, text, text, known=known)
