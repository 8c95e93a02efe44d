"""Hostile snippets: honest texts and markup around official addresses, each with something slipped in.

Everything is drawn from one seeded dice, so a seed names its snippets. Most snippets stay close to
what is honest: only what is called verified gets judged, and only a small flaw has a chance of that.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import NamedTuple

from tests.reading import mail, markdown, markup, plain
from tests.reading.maker import HONEST, Maker
from tests.reading.pieces import CHARACTERS

KINDS: dict[str, Callable[[Maker], str]] = {
    "glued": plain.glued,
    "second place": plain.second_place,
    "character": plain.character,
    "crossed": plain.crossed,
    "lines": plain.lines,
    "schemeless": plain.schemeless,
    "two addresses": plain.two_addresses,
    "HTML link": markup.link,
    "HTML letter": markup.letter,
    "HTML element": markup.element,
    "HTML broken": markup.broken,
    "Markdown link": markdown.link,
    "Markdown letter": markdown.letter,
    "Markdown broken": markdown.broken,
    "mail form": mail.form,
    "quoted-printable": mail.quoted_printable,
    "wrapper": mail.wrapper,
}


class Snippet(NamedTuple):
    """A text to be checked, and what kind of trick it tries."""

    kind: str
    text: str


def snippets(addresses: Sequence[str], count: int, seed: int) -> Iterator[Snippet]:
    """``count`` snippets, each kind in turn; the same for one seed."""
    make = Maker(random.Random(seed), addresses)  # noqa: S311 (repeatable test data, no secret)
    for (name, kind), _ in zip(cycle(KINDS.items()), range(count), strict=False):
        yield Snippet(name, kind(make))


def insertions(addresses: Sequence[str], seed: int, share: float = 1.0) -> Iterator[Snippet]:
    """Every single insertion of an odd or plain character into every honest text, or a share of them."""
    dice = random.Random(seed)  # noqa: S311 (repeatable test data, no secret)
    for honest in HONEST:
        text = honest.replace("{url}", dice.choice(addresses))
        for place in range(len(text) + 1):
            for sign in CHARACTERS:
                if share == 1 or dice.random() < share:
                    yield Snippet("insertion", text[:place] + sign + text[place:])
