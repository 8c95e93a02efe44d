"""One address, one direction: parse, unwrap, match, compare, judge, guide (DESIGN 2)."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple
from urllib.parse import parse_qsl

from checker.core.allowlist import Allowlist, Match, MatchKind
from checker.core.errors import AddressProblem, UnreadableAddress
from checker.core.guidance import Guidance, Task, for_task, task_of
from checker.core.lookalike import Attempt, Imitation, LookalikeIndex, explain, find
from checker.core.text import Context, read
from checker.core.text.shapes import UNOPENABLE
from checker.core.url import OtherAddress, WebUrl, parse
from checker.core.verdict import Findings, Judgement, Official, Shown, judge, judge_other
from checker.core.wrapper import unwrap

__all__ = ["Checker", "Result"]


class Result(NamedTuple):
    """Everything an answer is made of; ``render.py`` puts it into words.

    ``address`` is what a browser would open after link wrappers are taken off.
    ``registrable_domain`` is None for IP addresses and addresses that open no web page. ``today``: the day on
    which this is the answer.
    """

    address: WebUrl | OtherAddress
    registrable_domain: str | None
    unwrapped: tuple[str, ...]
    hidden_by: str | None
    match: Match | None
    imitation: Imitation | None
    judgement: Judgement
    guidance: Guidance
    lang: str
    allowlist: Allowlist
    today: date
    shown: Shown | None = None


class Checker:
    """Answers for one list. It never changes: a new list is a new Checker."""

    def __init__(self, allowlist: Allowlist) -> None:
        self.allowlist = allowlist
        self.index = LookalikeIndex(allowlist)
        self._names = allowlist.tables.top_level | UNOPENABLE

    def check(
        self,
        text: str,
        task: Task | None = None,
        lang: str = "en",
        context: Context = Context.LINK,
        *,
        today: date,
    ) -> Result:
        """The answer for any text. Raises UnreadableAddress, and nothing else, when there is no
        single address in it. ``today`` decides about leases: the core has no clock."""
        reading = read(text, context, self._names)
        if isinstance(reading.address, OtherAddress):
            return self._other(reading.address, task, lang, today)
        allowlist = self.allowlist
        is_link = context == Context.LINK
        url = reading.address
        unwrapped: tuple[str, ...] = ()
        hidden_by: str | None = None
        is_plain = True
        imitation = None
        shared_hosting = False
        match = allowlist.match_listed(url)
        # A portal's own address wraps nothing. In a tab the gateway's own page is open, whatever it may lead to.
        if match is None and is_link:
            url, unwrapped, hidden_by, is_plain = unwrap(url)
            match = allowlist.match_listed(url)
        if match is not None:
            domain: str | None = match.operator.domain
        elif url.is_ip:
            domain = None
            imitation = find(url, self.index)  # the user name may hold an official host
        else:
            parts = allowlist.split_host(url.host)
            domain = parts.registrable_domain
            match = allowlist.match_domain(parts)
            if match is None:
                imitation = find(url, self.index, parts)
                shared_hosting = parts.suffix_is_private or allowlist.policy.is_platform(url.host)
        carries_another = is_link and bool(url.query) and self._carries_unlisted(url.query)
        shown = None
        if reading.shown is not None and hidden_by is None:
            shown = self._shown(reading.shown, domain, match)
        found = Findings(
            url, match, imitation, is_link, shared_hosting, hidden_by, carries_another, shown, reading.turned
        )
        judgement = judge(found, allowlist, today)
        if judgement.is_verified and not (reading.whole and is_plain):
            # What was not read whole is never verified; a warning stands all the same.
            raise UnreadableAddress(AddressProblem.UNCLEAR if reading.shown is None else AddressProblem.SEVERAL)
        guidance = for_task(task or task_of(url, match, allowlist.vendors), judgement, match, allowlist, today)
        return Result(
            url, domain, unwrapped, hidden_by, match, imitation, judgement, guidance, lang, allowlist, today, shown
        )

    def explain(self, text: str, context: Context = Context.LINK) -> tuple[Attempt, ...]:
        """Each look-alike technique with the score it reached on the address in ``text``; empty for
        an address that the list knows, which is compared with nothing. Raises UnreadableAddress."""
        parsed = read(text, context, self._names).address
        if isinstance(parsed, OtherAddress):
            return ()
        url = unwrap(parsed).url if context == Context.LINK else parsed
        return () if self.allowlist.match(url) is not None else explain(url, self.index)

    def _other(self, address: OtherAddress, task: Task | None, lang: str, today: date) -> Result:
        judgement = judge_other()
        guidance = for_task(task or Task.LOG_IN, judgement, None, self.allowlist, today)
        return Result(address, None, (), None, None, None, judgement, guidance, lang, self.allowlist, today)

    def _shown(self, shown: WebUrl, domain: str | None, match: Match | None) -> Shown | None:
        """What the words of the link show, where that belongs to somebody else than the link's own site."""
        allowlist = self.allowlist
        shown = unwrap(shown).url
        theirs = allowlist.match(shown)
        parts = None if shown.is_ip else allowlist.split_host(shown.host)
        shown_domain = parts.registrable_domain if parts is not None else None
        same_domain = shown_domain is not None and shown_domain == domain
        same_operator = theirs is not None and match is not None and theirs.operator is match.operator
        if same_domain or same_operator:
            return None
        if theirs is not None and theirs.kind is not MatchKind.RETIRED:
            return Shown(shown.host, theirs.operator.name, Official(theirs.name, theirs.url))
        known = next((name for name in allowlist.names if shown_domain in name.domains), None)
        if known is None:
            return Shown(shown.host, None, None)
        return Shown(shown.host, known.name, Official(known.name, known.website))

    def _carries_unlisted(self, query: str) -> bool:
        """True where a parameter decodes to an address that is not on the list: a redirect, maybe."""
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
"""More addresses than this in one query get the note without a look at each."""
