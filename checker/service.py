"""Everything that answers, for one list: what the command line and the web service share.

A reload builds a new Service and swaps one reference; a list that cannot be read never replaces
one that can.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from checker.answers import to_json
from checker.clock import today_utc
from checker.core.allowlist import Allowlist, Match
from checker.core.check import Checker, Result
from checker.core.guidance import Guidance, Task
from checker.core.reason import NoteCode
from checker.core.render import AllowlistV1, Renderer, ResultV1, allowlist_info
from checker.core.text import Context
from checker.finder import Finder, Found
from checker.lists.loader import load_folder
from checker.lists.snapshot import read_snapshot
from checker.texts_loader import load_texts

__all__ = ["Service"]

_MOST_WRITTEN = 2048
"""Answers kept as they were written, of some 2 kB each."""


@dataclass(frozen=True)
class Service:
    """One list, ready to answer."""

    checker: Checker
    renderer: Renderer

    @classmethod
    def load(cls, allowlists: Path) -> Service:
        """The service for a folder of list files, or for a snapshot. Raises AllowlistError with every fault in it."""
        return cls.of(read_snapshot(allowlists)[0] if allowlists.is_file() else load_folder(allowlists))

    @classmethod
    def of(cls, allowlist: Allowlist) -> Service:
        """The service for a list that is already loaded."""
        return cls(Checker(allowlist), Renderer(load_texts()))

    @cached_property
    def finder(self) -> Finder:
        """Made when first asked: a command that checks addresses never needs it."""
        return Finder(self.checker.allowlist)

    @cached_property
    def allowlist(self) -> AllowlistV1:
        """Version and counts of the list that answers."""
        return allowlist_info(self.checker.allowlist)

    def answer(
        self, text: str, task: Task | None = None, lang: str = "en", context: Context = Context.LINK
    ) -> ResultV1:
        """The published answer, as of today. Raises UnreadableAddress when there is no single
        address in the text."""
        return self.renderer.result(self.check(text, task, lang, context))

    def check(self, text: str, task: Task | None = None, lang: str = "en", context: Context = Context.LINK) -> Result:
        """The result behind the answer, as of today. Raises UnreadableAddress."""
        return self.checker.check(text, task, lang, context, today=today_utc())

    def find(self, query: str) -> tuple[Found, ...]:
        """The portals whose name is clearly meant, best first, as of today."""
        return self.finder.find(query, today_utc())

    def written(self, result: Result) -> bytes:
        """The published answer for a result of ``check``, as JSON in UTF-8 on one line.

        What stands in the answer for a verified address depends on nothing but its portal, the guidance, the notes
        and the language, so it is written once. No address is kept by that: the portals are the list's.
        """
        if not result.judgement.is_verified or result.unwrapped or result.match is None:
            return to_json(self.renderer.result(result))
        key = (result.match, result.guidance, result.judgement.notes, result.lang)
        known = self._written.get(key)
        if known is None:
            if len(self._written) >= _MOST_WRITTEN:
                self._written.clear()
            known = self._written[key] = to_json(self.renderer.result(result))
        return known

    @cached_property
    def _written(self) -> dict[tuple[Match, Guidance, tuple[NoteCode, ...], str], bytes]:
        return {}
