"""The dice, and the pieces that all kinds of snippets are made of."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from tests.reading.pieces import EVIL, GLUE, LEADS, ODD, SIGNS, TAILS

HONEST = tuple(
    str(row["text"]) for row in yaml.safe_load((Path(__file__).parent / "honest.yaml").read_text(encoding="utf-8"))
)
PATHS = (
    "", "", "", "", "Authentication/Login", "inside.asp?mode=messages", "?lang=en&x=1", "#top", "a-b_c~d/",
    "Billing?id=12",
)  # fmt: skip


class Maker:
    """The dice and the official addresses, with the pieces that all kinds of snippets are made of."""

    def __init__(self, dice: random.Random, addresses: Sequence[str]) -> None:
        self.dice = dice
        self.addresses = addresses

    def pick(self, *choices: str) -> str:
        return self.dice.choice(choices)

    def maybe(self, chance: float, text: str) -> str:
        return text if self.dice.random() < chance else ""

    def official(self) -> str:
        """An official address, as portals' own links have it."""
        address = self.dice.choice(self.addresses)
        path = self.dice.choice(PATHS)
        return address.rstrip("/") if path == "" and self.dice.random() < 0.2 else address + path

    def host(self) -> str:
        return urlsplit(self.dice.choice(self.addresses)).netloc

    def evil(self) -> str:
        """Another place, written in some way or other."""
        return self.dice.choice(LEADS) + self.dice.choice(EVIL) + self.dice.choice(TAILS)

    def evil_link(self) -> str:
        """Another place as a link has it."""
        return self.dice.choice(("https://", "http://", "//")) + self.dice.choice(EVIL[:12]) + self.dice.choice(TAILS)

    def either(self) -> str:
        """An official address or, less often, another place."""
        roll = self.dice.random()
        return self.official() if roll < 0.7 else self.evil_link() if roll < 0.85 else self.evil()

    def glue(self) -> str:
        return self.dice.choice(GLUE)

    def character(self) -> str:
        return self.dice.choice(SIGNS if self.dice.random() < 0.5 else ODD)

    def honest(self, url: str | None = None) -> str:
        return self.dice.choice(HONEST).replace("{url}", url or self.official())

    def words(self) -> str:
        """What a link shows: mostly words, sometimes an address."""
        if self.dice.random() < 0.15:
            return self.either()
        return self.pick("Log in", "MyChart", "your results", "", "Dr. Lee", "9.30", self.official(), self.host())

    def put(self, text: str, piece: str) -> str:
        """``piece`` somewhere in ``text``: often beside the address, where it matters most."""
        start = text.find("http")
        if start >= 0 and self.dice.random() < 0.5:
            place = min(start + self.dice.choice((-1, 0, 0, 5, 6, 8, *range(8, 60, 4))), len(text))
            end = start + len(text[start:].split(maxsplit=1)[0])
            place = self.dice.choice((max(place, 0), end, end))
        else:
            place = self.dice.randrange(len(text) + 1)
        return text[:place] + piece + text[place:]
