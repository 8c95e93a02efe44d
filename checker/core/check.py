"""One address, one direction: parse, unwrap, match, compare, judge, guide (docs/design.md, section 2)."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple
from urllib.parse import parse_qsl

from checker.core.allowlist import Allowlist, Match, MatchKind
from checker.core.errors import AddressProblem, UnreadableAddress
from checker.core.guidance import Guidance, Task, for_task, task_of
from checker.core.known import KnownSite
from checker.core.lookalike import Attempt, Imitation, LookalikeIndex, explain, find
from checker.core.text import Context, Reading, read
from checker.core.text.shapes import UNOPENABLE
from checker.core.url import OtherAddress, WebUrl, parse
from checker.core.verdict import Facts, Judgement, Official, Shown, judge, judge_other, meant_by, official_of, place_of
from checker.core.wrapper import Hidden

__all__ = ["Checker", "Result"]


class Result(NamedTuple):
    """Everything an answer is made of; ``render.py`` puts it into words.

    ``address`` is what a browser would open once link wrappers are removed. ``registrable_domain`` is None for
    IP addresses and for addresses that open no web page. ``known``: whose host it is, if we know that and do not list
    it. ``today`` is the day the answer is valid for.
    """

    address: WebUrl | OtherAddress
    registrable_domain: str | None
    unwrapped: tuple[str, ...]
    hidden: Hidden | None
    match: Match | None
    imitation: Imitation | None
    judgement: Judgement
    guidance: Guidance
    lang: str
    allowlist: Allowlist
    today: date
    shown: Shown | None = None
    known: KnownSite | None = None

    @property
    def imitated(self) -> Match | None:
        """The official site that the address imitates or resembles."""
        host = None if self.imitation is None else self.imitation.host
        return None if host is None else self.allowlist.home_of(host)

    @property
    def imitated_host(self) -> str | None:
        """The official host to compare with; the operator's domain if only affiliates or tenants have hosts there."""
        imitation, imitated = self.imitation, self.imitated
        if imitation is None or imitated is None:
            return imitation.theirs if imitation is not None and imitation.known is not None else None
        return imitation.host if self.imitated_place is not None else imitated.operator.domain

    @property
    def imitated_place(self) -> Official | None:
        """Where to go for the official site that the address takes after; None if only others have portals there."""
        if self.imitation is None or self.imitation.host is None or not isinstance(self.address, WebUrl):
            return None
        return meant_by(self.address, self.imitation.host, self.allowlist)


class Checker:
    """Answers for one list. It never changes: a new list needs a new Checker."""

    def __init__(self, allowlist: Allowlist) -> None:
        self.allowlist = allowlist
        self.index = LookalikeIndex(allowlist)
        self.names = allowlist.tables.top_level | UNOPENABLE
        """The last labels of host names that could be opened, lower-case."""
        self.wrappers = allowlist.tables.wrappers

    def check(
        self,
        text: str,
        task: Task | None = None,
        lang: str = "en",
        context: Context = Context.LINK,
        *,
        today: date,
    ) -> Result:
        """The answer for any text. Raises UnreadableAddress, and nothing else, if the text holds no single
        address. Leases are judged as of ``today``, because the core has no clock."""
        return self.answer(read(text, context, self.names, self.wrappers), task, lang, context, today=today)

    def answer(
        self, reading: Reading, task: Task | None, lang: str, context: Context = Context.LINK, *, today: date
    ) -> Result:
        """The answer for what was read. Raises UnreadableAddress for a *verified* that was not read whole."""
        if isinstance(reading.address, OtherAddress):
            return self._other(reading.address, task, lang, today)
        allowlist = self.allowlist
        is_link = context == Context.LINK
        url = reading.address
        unwrapped: tuple[str, ...] = ()
        hidden: Hidden | None = None
        is_plain = True
        imitation = None
        known = None
        shared_hosting = False
        match = allowlist.match_listed(url)
        # A portal's own address wraps nothing.
        if match is None:
            url, unwrapped, hidden, is_plain = self.wrappers.unwrap(url, is_open=not is_link)
            match = allowlist.match_listed(url)
        if match is not None:
            domain: str | None = match.operator.domain
        elif url.is_ip:
            domain = None
            imitation = find(url, self.index)  # its user name may hold an official host
        else:
            parts = allowlist.split_host(url.host)
            domain = parts.registrable_domain
            match = allowlist.match_domain(parts)
            if match is None:
                known = allowlist.known_site(url.host, domain)
                imitation = find(url, self.index, parts)
                if imitation is not None and not url.username:
                    known = None  # a whole official host stands inside the known site's name
                shared_hosting = parts.suffix_is_private or allowlist.policy.is_platform(url.host)
        carries_another = is_link and bool(url.query) and self._carries_unlisted(url.query)
        shown = None
        if reading.shown is not None and (hidden is None or hidden.names_target):
            shown = self._shown(reading.shown, domain, match, today)
        facts = Facts(
            url,
            match,
            imitation,
            is_link,
            shared_hosting,
            hidden,
            carries_another,
            shown,
            reading.turned,
            reading.turned_nearby,
            known,
            reading.among_words,
        )
        judgement = judge(facts, allowlist, today)
        if judgement.is_verified and not (reading.whole and is_plain):
            # Text that was only partly understood never verifies; a warning would still be right.
            raise UnreadableAddress(AddressProblem.UNCLEAR if reading.shown is None else AddressProblem.SEVERAL)
        guidance = for_task(task or task_of(url, match, allowlist.vendors), judgement, match, allowlist, today)
        return Result(
            url,
            domain,
            unwrapped,
            hidden,
            match,
            imitation,
            judgement,
            guidance,
            lang,
            allowlist,
            today,
            shown,
            known,
        )

    def explain(self, text: str, context: Context = Context.LINK) -> tuple[Attempt, ...]:
        """Each look-alike technique with its score for the address in ``text``; empty for an address that the
        list knows, because that is never compared. Raises UnreadableAddress."""
        parsed = read(text, context, self.names, self.wrappers).address
        if isinstance(parsed, OtherAddress):
            return ()
        url = self.wrappers.unwrap(parsed, is_open=context != Context.LINK).url
        return () if self.allowlist.match(url) is not None else explain(url, self.index)

    def _other(self, address: OtherAddress, task: Task | None, lang: str, today: date) -> Result:
        judgement = judge_other()
        guidance = for_task(task or Task.LOG_IN, judgement, None, self.allowlist, today)
        return Result(address, None, (), None, None, None, judgement, guidance, lang, self.allowlist, today)

    def _shown(self, shown: WebUrl, domain: str | None, match: Match | None, today: date) -> Shown | None:
        """The address in the link's text, unless its domain or owner is the link's own (``domain``, ``match``)."""
        allowlist = self.allowlist
        shown = self.wrappers.unwrap(shown).url
        shown_match = allowlist.match(shown)
        parts = None if shown.is_ip else allowlist.split_host(shown.host)
        shown_domain = parts.registrable_domain if parts is not None else None
        same_owner = shown_domain is not None and domain is not None and allowlist.is_one_owner(shown_domain, domain)
        same_operator = shown_match is not None and match is not None and shown_match.operator is match.operator
        if same_owner or same_operator:
            return None
        if shown_match is not None and shown_match.kind is not MatchKind.RETIRED:
            return Shown(shown.host, shown_match.operator.name, official_of(shown_match))
        site = allowlist.known_site(shown.host, shown_domain)
        if site is None:
            return Shown(shown.host, None, None)
        return Shown(shown.host, site.name, place_of(site.known, allowlist, today) if site.known else None)

    def _carries_unlisted(self, query: str) -> bool:
        """True if a parameter decodes to an address that is not on the list, so this may be a redirect."""
        if _CAN_HOLD_AN_ADDRESS.search(query) is None:
            return False
        values = [value.strip() for _, value in parse_qsl(query, errors="replace")]
        carried = [value for value in values if value.lower().startswith(_ADDRESS_BEGINS)]
        return len(carried) > _MOST_CARRIED or any(self._is_unlisted(value) for value in carried)

    def _is_unlisted(self, value: str) -> bool:
        try:
            carried = parse("https:" + value if value[0] in "/\\" else value)
        except UnreadableAddress:
            return False
        if isinstance(carried, OtherAddress):
            return False
        match = self.allowlist.match_listed(carried)
        return match is None or not match.is_active


_CAN_HOLD_AN_ADDRESS = re.compile(r"[:/\\%]")
_ADDRESS_BEGINS = ("http:", "https:", "//", "\\\\", "/\\", "\\/")
_MOST_CARRIED = 20
"""A query with more addresses than this gets the note without looking at each."""
