"""Snippets of plain text: an honest text or an address, with something glued, put or broken in."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.reading.maker import Maker


def glued(make: Maker) -> str:
    """Something glued to an address, before, after or inside."""
    place = make.pick(make.evil(), make.glue() + make.evil() + make.glue(), make.glue(), make.glue() + make.glue())
    return make.put(make.official(), place)


def second_place(make: Maker) -> str:
    """Another place somewhere in an honest text."""
    return make.put(make.honest(), make.glue() + make.evil() + make.glue())


def character(make: Maker) -> str:
    """A few characters put in, replaced or taken out."""
    text = make.honest()
    for _ in range(make.dice.choice((1, 1, 1, 2, 3))):
        text = make.put(text, make.character())
        if make.dice.random() < 0.3:
            place = make.dice.randrange(len(text))
            text = text[:place] + text[place + make.dice.randint(1, 2) :]
    return text


def crossed(make: Maker) -> str:
    """The beginning of one text and the end of another."""
    first, second = make.honest(make.either()), make.honest()
    return first[: make.dice.randrange(len(first) + 1)] + make.glue() + second[make.dice.randrange(len(second)) :]


def lines(make: Maker) -> str:
    """Line breaks and tabs anywhere, the name included."""
    text = make.pick(make.official(), make.honest(), make.host() + "/")
    for _ in range(make.dice.randint(1, 3)):
        text = make.put(text, make.pick("\n", "\t", "\r\n", "\n\n", " \n", "\n ", "\n.", "\n@", "\nanic/"))
    return text


def schemeless(make: Maker) -> str:
    """An official host without its scheme, with something around it."""
    address = make.host() + make.pick("", "/", "/MyChart", "/prd_")
    text = make.pick(address, address, make.honest(address))
    return make.put(text, make.pick(make.evil(), make.glue(), make.character(), make.glue() + make.evil()))


def two_addresses(make: Maker) -> str:
    """Several addresses: of one place, or not."""
    first = make.official()
    second = make.pick(first, first, urlsplit(first).netloc, make.either(), first + make.glue() + make.evil())
    return make.pick(
        f"{first}{make.glue()}{second}",
        f"{make.honest(first)}{make.glue()}{second}",
        make.honest(f"{first} or {second}"),
    )
