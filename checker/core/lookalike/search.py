"""The search: which official site an address imitates, and by which technique."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote_to_bytes

from rapidfuzz.distance import Levenshtein

from checker.core.allowlist import Allowlist
from checker.core.known import KnownName
from checker.core.lookalike.facts import Case
from checker.core.lookalike.guards import weighed
from checker.core.lookalike.index import LookalikeIndex
from checker.core.lookalike.model import Attempt, Conflict, Imitation, Technique
from checker.core.lookalike.pairs import MAX_PAIRS, SEARCHES, Pair, Search, Where
from checker.core.lookalike.query import Query, read
from checker.core.lookalike.techniques import TECHNIQUES
from checker.core.lookalike.untargeted import UNTARGETED
from checker.core.lookalike.whole import official_host_inside, whole_site_inside
from checker.core.reason import DANGER_CODES, ReasonCode
from checker.core.reference import HostParts
from checker.core.url import WebUrl

__all__ = ["conflicts", "explain", "find"]

STRONG = 80
"""At this score we say "imitates" or "uses the official name"."""
WEAK = 50
"""At this score we say "resembles"; below it nothing."""
_OFFICIAL_FIRST = 15
"""A known name is reported instead of an official site only if its score is higher by more than this."""
_HOST_LETTERS = re.compile(rb"[a-z0-9.\-]*")
_BLANKS = b" \t\n\r\v\f"

_ELSEWHERE = frozenset(
    {Technique.EMBEDDED_HOST, Technique.EMBEDDED_DOMAIN, Technique.HYPHENATED_HOST, Technique.COMBOSQUAT}
)


@dataclass(frozen=True, slots=True)
class _Likeness:
    """One pair with the technique that explains it and its score after all guards."""

    technique: Technique
    score: int
    pair: Pair

    @property
    def kind(self) -> ReasonCode:
        if self.pair.target.known is not None:
            return ReasonCode.USES_KNOWN_NAME
        if self.score < STRONG:
            return ReasonCode.RESEMBLES_OFFICIAL
        before = self.technique is Technique.OTHER_DOMAIN and self.pair.where is not Where.TAIL
        if before or self.technique in _ELSEWHERE:
            return ReasonCode.OFFICIAL_NAME_ELSEWHERE
        return ReasonCode.IMITATES_OFFICIAL


def find(url: WebUrl, index: LookalikeIndex, parts: HostParts | None = None) -> Imitation | None:
    """The imitation to tell people about; None if there is none. Pass the host's ``parts`` if already known.

    A listed host, with or without ``www``, is never an imitation; a vendor's or a known organization's site is one
    only if a whole official host stands inside its name.
    """
    if _is_genuine(url.host, index):
        return None
    in_user_name = _in_user_name(url, index)
    if in_user_name is not None or url.is_ip:
        return in_user_name
    query = read(url.host, index, parts)
    if _is_known(url.host, query.domain, index):
        return official_host_inside(url.host, index)
    whole = whole_site_inside(query, index)
    if whole is not None:
        return whole
    if query.domain is not None and _is_genuine_domain(query.domain, index):
        return None
    likenesses: list[_Likeness] = []
    for search in SEARCHES:
        likenesses += (likeness for likeness in _likenesses(search, query, index) if likeness.score >= WEAK)
        if any(likeness.score >= STRONG and likeness.pair.site for likeness in likenesses):
            return _best_of(likenesses)  # the later searches find nothing more telling
    candidates = [imitation for look in UNTARGETED if (imitation := look(url, query, index)) is not None]
    if likenesses:
        candidates.append(_best_of(likenesses))
    return max(candidates, key=_weight, default=None)


def explain(url: WebUrl, index: LookalikeIndex) -> tuple[Attempt, ...]:
    """Each technique with its best score for this address, 0 if it did not fire."""
    best: dict[Technique, Attempt] = {technique: Attempt(technique, 0) for technique in Technique}
    for attempt in _attempts(url, index):
        if attempt.score > best[attempt.technique].score:
            best[attempt.technique] = attempt
    return tuple(best.values())


def conflicts(allowlist: Allowlist) -> tuple[Conflict, ...]:
    """Official hosts that would be accused of imitating another entry if they were not listed, in list order.

    Pairs that the list names in ``resembles_ok`` are left out.
    """
    index = LookalikeIndex(allowlist)
    conflicting: list[Conflict] = []
    for operator in allowlist.operators:
        for host in dict.fromkeys(portal.host for portal in operator.portals if not portal.retired):
            query = read(host, index)
            every = (likeness for search in SEARCHES for likeness in _likenesses(search, query, index))
            likenesses = [likeness for likeness in every if likeness.score >= WEAK and likeness.pair.site]
            if likenesses:
                best = _best_of(likenesses)
                conflicting.append(Conflict(operator.domain, host, best.kind, best.host, best.technique, best.score))
    return tuple(conflicting)


def _attempts(url: WebUrl, index: LookalikeIndex) -> Iterator[Attempt]:
    query = read(url.host, index)
    if url.is_ip or _is_genuine(url.host, index) or _is_genuine_domain(query.domain or "", index):
        return
    if _is_known(url.host, query.domain, index):
        return
    if (whole := whole_site_inside(query, index)) is not None:
        yield Attempt(whole.technique, whole.score, whole.host or whole.theirs, whole.yours, whole.theirs)
    for likeness in (likeness for search in SEARCHES for likeness in _likenesses(search, query, index)):
        pair = likeness.pair
        target = pair.site.host if pair.site else pair.target.owner
        yield Attempt(likeness.technique, likeness.score, target, pair.yours, pair.theirs)
    for imitation in filter(None, (_in_user_name(url, index), *(look(url, query, index) for look in UNTARGETED))):
        yield Attempt(imitation.technique, imitation.score, imitation.host, imitation.yours, imitation.theirs)


def _weight(imitation: Imitation) -> tuple[bool, bool, int, str]:
    """Sort key, the highest wins: danger before caution, a vendor's word last, then the score. A known name in odd
    letters is a danger too, because of the letters."""
    kind = imitation.kind
    is_danger = kind in DANGER_CODES or imitation.technique is Technique.IDN_HOMOGLYPH
    return is_danger, kind is not ReasonCode.PORTAL_NAME_UNLISTED, imitation.score, imitation.technique


def _is_genuine(host: str, index: LookalikeIndex) -> bool:
    bare = host.removeprefix("www.")
    hosts = index.allowlist.hosts
    return bare in hosts or "www." + bare in hosts or index.allowlist.operator_of(bare) is not None


def _is_known(host: str, domain: str | None, index: LookalikeIndex) -> bool:
    """True where only one known vendor or organization has host names, so that a likeness means nothing."""
    return domain in index.vendor_domains or index.allowlist.known_site(host, domain) is not None


def _is_genuine_domain(domain: str, index: LookalikeIndex) -> bool:
    operator = index.allowlist.operator_of(domain)
    return operator is not None and not operator.shared


def _likenesses(search: Search, query: Query, index: LookalikeIndex) -> Iterator[_Likeness]:
    for pair in islice(search(query, index), MAX_PAIRS):
        for technique, explains in TECHNIQUES:
            form = explains(pair)
            if form:
                score = index.tables.scores.get((technique, form), 0)
                yield _Likeness(technique, weighed(score, Case(technique, pair, index)), pair)
                break


def _best_of(likenesses: list[_Likeness]) -> Imitation:
    """The best likeness. If several owners tie, none is named and the result is a resemblance at most.

    A name spelled right is meant, whatever else it might be a misspelling of; of two known names, one in the other,
    the longer one is (``medicare-au``).
    """
    right = {x.pair.plain for x in likenesses if x.pair.plain == x.pair.key}
    longer = {x.pair.plain for x in likenesses if x.pair.target.known is not None} & right
    likenesses = [
        x
        for x in likenesses
        if not (x.pair.edits and x.pair.plain in right)
        and not (x.pair.target.known and any(x.pair.plain in name and x.pair.plain != name for name in longer))
    ]
    best = max(likenesses, key=_rank)
    rivals = {x.pair.target.owner for x in likenesses if _rank(x) == _rank(best)}
    pair = best.pair
    known: KnownName | None = pair.target.known
    if len(rivals) > 1:
        return Imitation(ReasonCode.RESEMBLES_OFFICIAL, best.technique, min(best.score, STRONG - 1))
    return Imitation(
        best.kind,
        best.technique,
        best.score,
        pair.site.host if pair.site else None,
        pair.target.owner if known is None else None,
        pair.yours,
        pair.theirs,
        _differs_at(pair.yours, pair.theirs),
        known,
    )


def _rank(likeness: _Likeness) -> tuple[int, int, bool, bool]:
    """Sort key: the score, with official sites preferred to known names; then a longer match, the same suffix, the
    same sub-domain."""
    pair = likeness.pair
    return (
        likeness.score + _OFFICIAL_FIRST * (pair.site is not None),
        len(pair.key),
        not pair.other_suffix,
        pair.same_sub,
    )


def _differs_at(yours: str, theirs: str) -> tuple[int, ...]:
    """Indexes of the characters of ``yours`` that differ; for a missing character, its neighbour's."""
    places: set[int] = set()
    for edit in Levenshtein.editops(yours, theirs):
        places.add(min(edit.src_pos, len(yours) - 1) if edit.tag == "insert" else edit.src_pos)
    return tuple(sorted(places))


def _in_user_name(url: WebUrl, index: LookalikeIndex) -> Imitation | None:
    """``https://mychart.clevelandclinic.org@evil.example/``, where the official host is only a user name."""
    if not url.username:
        return None
    # Bytes know no other script's capitals, digits or blanks, which each language would treat in its own way.
    begins = unquote_to_bytes(url.username).strip(_BLANKS).lower().removeprefix(b"https://").removeprefix(b"http://")
    # Anything after the host name (a slash, or a character that only looks like one) is decoration.
    letters = _HOST_LETTERS.match(begins[:253])
    claimed = letters.group().decode("ascii").rstrip(".") if letters else ""
    if "." not in claimed:
        return None
    allowlist = index.allowlist
    domain = allowlist.split_host(claimed).registrable_domain
    operator = allowlist.operator_of(domain) if domain else None
    if operator is None or operator.all_retired:
        return None
    active = [portal.host for portal in operator.portals if not portal.retired]
    host = claimed if claimed in active else active[0]
    kind = ReasonCode.OFFICIAL_NAME_ELSEWHERE
    score = index.tables.scores.get((Technique.EMBEDDED_HOST, "site"), 0)
    return Imitation(kind, Technique.EMBEDDED_HOST, score, host, operator.name, claimed, claimed)
