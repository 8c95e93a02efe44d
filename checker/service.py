"""Everything that answers for one list: what the command line, bulk checks and the web service share.

A reload builds a new Service and swaps one reference; a list that cannot be read never replaces one that can.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from checker.answers import MessageV1, to_json
from checker.clock import Clock, today_utc
from checker.core.allowlist import Allowlist, Match
from checker.core.check import Checker, Result
from checker.core.guidance import Guidance, Task
from checker.core.message import JudgedMessage, Known, Message, judge
from checker.core.reason import NoteCode
from checker.core.render import AllowlistV1, Renderer, allowlist_info
from checker.core.text import Context
from checker.finder import Finder, Found
from checker.lists.loader import load_folder
from checker.lists.snapshot import read_snapshot
from checker.messages import answer_of, name_in
from checker.texts_loader import load_texts

__all__ = ["Service"]

_MAX_CACHED = 2048
"""Written answers kept in memory, at about 2 kB each."""


@dataclass(frozen=True)
class Service:
    """One list, ready to answer. ``clock`` decides which listings are overdue.

    To answer: ``result = service.check(…)``, then ``service.written(result)`` for JSON, or
    ``service.renderer.result(result)`` for the answer's fields.
    """

    checker: Checker
    renderer: Renderer
    clock: Clock = today_utc

    @classmethod
    def load(cls, allowlists: Path, *, clock: Clock = today_utc) -> Service:
        """The service for a folder of list files, or for a snapshot.

        Raises AllowlistError, which names every fault in the list.
        """
        allowlist = read_snapshot(allowlists)[0] if allowlists.is_file() else load_folder(allowlists)
        return cls.of(allowlist, clock=clock)

    @classmethod
    def of(cls, allowlist: Allowlist, *, clock: Clock = today_utc) -> Service:
        """The service for a list that is already loaded."""
        return cls(Checker(allowlist), Renderer(load_texts()), clock)

    @cached_property
    def finder(self) -> Finder:
        """Built on first use: a command that checks addresses never needs it."""
        return Finder(self.checker.allowlist)

    @cached_property
    def allowlist(self) -> AllowlistV1:
        """The version and counts of the list."""
        return allowlist_info(self.checker.allowlist)

    def check(
        self,
        text: str,
        task: Task | None = None,
        lang: str = "en",
        context: Context = Context.LINK,
        *,
        today: date | None = None,
    ) -> Result:
        """The result for ``text``. Raises UnreadableAddress when it does not hold exactly one address.

        ``today``: the day of a whole run of checks; without it, the clock's.
        """
        return self.checker.check(text, task, lang, context, today=today or self.clock())

    @property
    def known(self) -> Known:
        """What reading a message needs to know."""
        return Known(self.checker.names, self.checker.wrappers)

    def judge(self, message: Message, task: Task | None = None, lang: str = "en") -> JudgedMessage:
        """The judgement on a message. Raises UnreadableAddress where it is beyond the bounds."""
        return judge(message, self.checker, task, lang, today=self.clock())

    def answer(self, judged: JudgedMessage, lang: str = "en") -> MessageV1:
        """The published answer for a message; if it is just a name, with what the finder has for it."""
        name = name_in(judged)
        portals = self.find(name) if name is not None else ()
        return answer_of(judged, portals, self.allowlist, self.renderer, lang)

    def find(self, query: str) -> tuple[Found, ...]:
        """The portals that the name clearly refers to, best first; none that is overdue today."""
        return self.finder.find(query, self.clock())

    def written(self, result: Result) -> bytes:
        """The published answer for a result of ``check``: JSON in UTF-8, on one line.

        A verified answer depends only on its portal, the guidance, the notes and the language, so it is written once
        and cached. The cache holds no address that anybody asked about: its portals are those of the list.
        """
        if not result.judgement.is_verified or result.unwrapped or result.match is None:
            return to_json(self.renderer.result(result))
        key = (result.match, result.guidance, result.judgement.notes, result.lang)
        answer = self._cache.get(key)
        if answer is None:
            if len(self._cache) >= _MAX_CACHED:
                self._cache.clear()
            answer = self._cache[key] = to_json(self.renderer.result(result))
        return answer

    @cached_property
    def _cache(self) -> dict[tuple[Match, Guidance, tuple[NoteCode, ...], str], bytes]:
        return {}
