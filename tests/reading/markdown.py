"""Markdown snippets: links of every form, escapes, and messages with something slipped in."""

from __future__ import annotations

from tests.reading.maker import Maker
from tests.reading.markup import ELEMENTS, destination

FORMS = (
    "[{w}]({d})", "[{w}](<{d}>)", '[{w}]({d} "{w}")', "[{w}]({d} '{d}')", "[{w}]({d} ({w}))", "[{w}]( {d} )",
    "[{w}](\n{d}\n)", "<{d}>", "[{w}][1]\n\n[1]: {d}", "[{w}]\n\n[{w}]: {d}", '[1]: {d} "{w}"\n\n[{w}][1]',
    "[1]: {d}\n[1]: {o}\n\n[{w}][1]", "[1]:\n{d}\n\n[x][1]", "> [1]: {d}\n\n[{w}][1]", "- [1]: {d}\n\n[{w}][1]",
    "[1]: <{d}>\n\n[1]", "![{w}]({d})", "[![{w}](cid:x)]({d})", "[{o}]({d})", "[{d}]({o})", "[[{w}]]({d})",
    "[[{w}]({o})]({d})", "[{w}\\]]({d})", "[{w}] ({d})", "[{w}]\\({d})", "\\[{w}]({d})", "`[{w}]({d})`", "    {d}",
    "```\n{d}\n```", "`{d}`", "*{d}*", "**{d}**", "_{d}_", "~~{d}~~", "{o}\\{d}", "# {d}", "> {d}", "- {d}", "1. {d}",
    "| a | {d} |\n|---|---|", "{d}", "www.{d}", "<{o}> {d}", "[{w}]({o}) {d}", "[{w}]({o})[{w}]({d})", "[{w}]({o}){d}",
    "[{w}]({o} {d})", "[{w}]({o}\\{d})", "<{o}{d}>", "<{d}{o}>", "[^1]\n\n[^1]: {d}", "[{w}](#)", "[{w}]()",
    "[{w}](mailto:help@clinic.example)", "<help@clinic.example> {o}", "[x]: {d}", "{w}\n===\n{d}", "---\nurl: {d}\n---",
    "[{w}]({o}&period;{d})", "[{w}](https\\://{d})", "[{w}](&#104;ttps://{d})", "[1]: \ufeff{d}\n\n[{w}][1]",
    "<{o}\u3000x@{d}>", "<b>[{w}]({d})</b>",
)  # fmt: skip
"""{d}: a destination that may be hostile; {o}: an official one; {w}: words."""

ESCAPES = (
    "\\.", "\\@", "\\:", "\\/", "\\&", "\\\\", "\\(", "\\)", "\\]", "\\>", "\\\n", "&amp;", "&#46;", "&sol;", "*", "_",
    "`", "]", ")",
)  # fmt: skip


def form(make: Maker, address: str) -> str:
    return (
        make.dice.choice(FORMS)
        .replace("{w}", make.words())
        .replace("{d}", make.pick(address, destination(make)))
        .replace("{o}", address)
    )


def link(make: Maker) -> str:
    """One link in any form, sometimes with an escape inside."""
    text = form(make, make.official())
    return make.put(text, make.dice.choice(ESCAPES)) if make.dice.random() < 0.3 else text


def letter(make: Maker) -> str:
    """A message whose address is a Markdown link, with something slipped in."""
    address = make.official()
    text = make.honest(make.pick(f"[{make.words()}]({address})", f"<{address}>", form(make, address)))
    extra = make.dice.choice(ELEMENTS).format(d=make.either(), o=address, w=make.words())
    return make.put(
        text, make.pick("", "", make.character(), make.glue(), make.dice.choice(ESCAPES), extra, form(make, address))
    )


def broken(make: Maker) -> str:
    """Pieces of Markdown in any order around a good link."""
    pieces = (
        "[",
        "]",
        "(",
        ")",
        "](",
        "]:",
        "<",
        ">",
        "!",
        "`",
        "*",
        "\\",
        "\n",
        "\n\n",
        " ",
        '"',
        "[1]",
        "    ",
        "> ",
        "&",
        "#",
    )
    good = make.pick(
        f"[{make.words()}]({make.official()})", f"<{make.official()}>", f"[{make.words()}][1]\n\n[1]: {make.official()}"
    )
    for _ in range(make.dice.randint(1, 3)):
        good = make.put(good, make.pick(make.dice.choice(pieces), make.dice.choice(pieces), make.either()))
    return good
