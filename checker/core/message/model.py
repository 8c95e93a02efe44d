"""The types of a message that was read."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from checker.core.url import OtherAddress, WebUrl
from checker.core.wrapper import Wrappers

__all__ = ["GivenLink", "Known", "Message", "MessageLink", "Source"]


class Source(StrEnum):
    """What the message came as."""

    LINKS = "links"
    TEXT = "text"
    HTML = "html"


class Known(NamedTuple):
    """What reading needs to know: the last labels of host names that could be opened, lower-case, and the services that
    wrap links."""

    names: frozenset[str]
    wrappers: Wrappers

    def place_of(self, address: WebUrl) -> tuple[str, bool]:
        """Where an address leads once wrappers are off; a user name makes it another one."""
        target = self.wrappers.unwrap(address).url
        return target.origin, target.has_credentials


class GivenLink(NamedTuple):
    """A link as a program hands it over: where it leads, and the address that its words show, if any."""

    url: str
    shown: str | None = None


class MessageLink(NamedTuple):
    """One link of a message.

    ``address``: what a browser would open; None where it opens nothing. ``words``: what a person sees for it, in every
    way in which the words can be put together. ``whole``: everyone reads the same address there; only then may it be
    *verified*. ``among_words``: it is no link, but an address among other words of a pasted text.
    """

    address: WebUrl | OtherAddress | None
    words: tuple[str, ...] = ()
    whole: bool = True
    among_words: bool = False


class Message(NamedTuple):
    """A message that was read. ``clean``: nothing is left over that could be an address. ``turned``: characters that
    change the direction of text stand beside an address; ``turned_nearby``: elsewhere, where no honest program leaves
    them. ``text``: what a person reads."""

    source: Source
    links: tuple[MessageLink, ...]
    clean: bool = True
    turned: bool = False
    turned_nearby: bool = False
    text: str = ""
