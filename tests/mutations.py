"""Listed addresses, changed in ways known from phishing and from parser bugs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

Change = Callable[[random.Random, str], str]

ODD = (
    "\t\n\r \x00\x0b\x1f\x7f\x85\u00a0\u00ad\u034f\u115f\u1680\u180e\u200b\u200c\u200d\u200e\u200f\u2024\u2028\u202e"
    "\u2044\u2060\u2066\u2215\u29f8\u3000\u3002\ufe0f\ufeff\uff0e\uff0f\uff1a\uff20\uff61\u0430\u043e\u0435\u0131\u212a"
    "\u017f\u0301éＯ１①\ud800\U000e0041\U0001d5ba"
)
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~0aZ"
PIECES = (
    "evil.example", "@evil.example", ".evil.example", "evil.example@", "https://evil.example/", "https://", "//", "\\",
    "\\@", ":80", ":443", ":8443", ":443@", "%2e", "%2f", "%40", "%00", "%5c", "[.]", "(dot)", "&#46;", "&amp;", "hxxps://",
    "javascript:", "data:text/html,", "user:pw@", "xn--", "..", "/../", "www.", "[::1]", "127.0.0.1", "?", "#", "<",
    ">", "](", "|", "\", \"", " or ", "?url=https%3A%2F%2Fevil.example%2F",
)  # fmt: skip


def _insert(dice: random.Random, text: str) -> str:
    place = dice.randrange(len(text) + 1)
    what = dice.choice([dice.choice(ODD), dice.choice(SIGNS), dice.choice(PIECES), chr(dice.randrange(0x110000))])
    return text[:place] + what + text[place:]


def _delete(dice: random.Random, text: str) -> str:
    place = dice.randrange(len(text) + 1)
    return text[:place] + text[place + dice.randint(1, 3) :]


def _replace(dice: random.Random, text: str) -> str:
    place = dice.randrange(len(text) + 1)
    return text[:place] + dice.choice(ODD + SIGNS) + text[place + 1 :]


def _swap(dice: random.Random, text: str) -> str:
    place = dice.randrange(max(len(text) - 1, 1))
    return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


def _encode(dice: random.Random, text: str) -> str:
    place = dice.randrange(len(text) + 1)
    return text[:place] + "".join(f"%{ord(sign):02x}" for sign in text[place : place + 1]) + text[place + 1 :]


def _case(dice: random.Random, text: str) -> str:
    return "".join(sign.upper() if dice.random() < 0.3 else sign for sign in text)


SURROUNDINGS = (
    ("<", ">"), ('"', '"'), ("see ", "."), ("[x](", ")"), ("(", ")"), ('<a href="', '">open</a>'), ("\u200b", "\n"),
)  # fmt: skip


def _surround(dice: random.Random, text: str) -> str:
    before, after = dice.choice(SURROUNDINGS)
    return before + text + after


def _repeat(dice: random.Random, text: str) -> str:
    return text + dice.choice(["", " ", "\n", ",", "@", "/", "|", "\u200b"]) + text


def _wrap(dice: random.Random, text: str) -> str:
    before = dice.choice(
        [
            "https://www.google.com/url?q=",
            "https://nam12.safelinks.protection.outlook.com/?url=",
            "https://evil.example/?url=",
            "https://google.evil.example/url?q=",
            "https://urldefense.com/v3/__",
        ]
    )
    return before + text + ("__;!!a!b$" if before.endswith("__") else "")


CHANGES: tuple[Change, ...] = (
    _insert,
    _insert,
    _insert,
    _delete,
    _replace,
    _swap,
    _encode,
    _case,
    _surround,
    _repeat,
    _wrap,
)


def mutations(addresses: Sequence[str], count: int, seed: int = 1) -> Iterator[str]:
    """``count`` texts, each one of ``addresses`` changed one to three times; the same seed gives the same texts."""
    dice = random.Random(seed)  # noqa: S311 (repeatable test data, no secret)
    for _ in range(count):
        text = dice.choice(addresses)
        for _ in range(dice.choice([1, 1, 2, 3])):
            text = dice.choice(CHANGES)(dice, text)
        yield text
