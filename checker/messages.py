"""The published answer for a message: its links' answers, and what is said of them together."""

from __future__ import annotations

from checker.answers import MessageErrorV1, MessageLinkV1, MessageV1
from checker.core.errors import AddressProblem, UnreadableAddress
from checker.core.message import JudgedLink, JudgedMessage
from checker.core.render import AllowlistV1, NoteV1, Renderer
from checker.finder import MAX_QUERY, Found

__all__ = ["answer_of", "name_in"]

_MOST_WORDS = 8
"""Words of a name; whoever writes more does not look for one."""
_IN_NO_NAME = frozenset("@:/\\?=<>[]{}")


def name_in(judged: JudgedMessage) -> str | None:
    """The text of a message without any link, if it can be the name of an organization."""
    text = judged.text.strip()
    if judged.links or judged.notes or judged.urgent or "\n" in text or len(text) > MAX_QUERY:
        return None
    words = text.split()
    return text if 0 < len(words) <= _MOST_WORDS and _IN_NO_NAME.isdisjoint(text) else None


def answer_of(
    judged: JudgedMessage, portals: tuple[Found, ...], allowlist: AllowlistV1, renderer: Renderer, lang: str
) -> MessageV1:
    """The answer for a judged message. ``portals``: what the finder has for its name."""
    texts = renderer.texts[lang]
    links = tuple(_link(link, renderer, lang) for link in judged.links)
    answers = [link.result for link in links if isinstance(link, MessageLinkV1)]
    return MessageV1(
        version=1,
        verdict="none" if judged.verdict is None else judged.verdict.value,
        level=None if judged.level is None else judged.level.value,
        headline=_headline(judged, links, renderer, lang),
        source=judged.source.value,
        links=links,
        portals=portals,
        urgent=judged.urgent,
        notes=tuple(NoteV1(code.value, texts.text("notes", code, "message")) for code in judged.notes),
        if_entered=next((answer.if_entered for answer in answers if answer.if_entered is not None), None),
        emergency=renderer.emergency(lang),
        disclaimer=f"{texts.text('message', 'not_checked')} {texts.text('disclaimer')}",
        allowlist=allowlist,
    )


def _link(link: JudgedLink, renderer: Renderer, lang: str) -> MessageLinkV1 | MessageErrorV1:
    if isinstance(link.answer, AddressProblem):
        error = renderer.problem(UnreadableAddress(link.answer), lang)
        return MessageErrorV1(link.shown, link.mismatch, link.count, error)
    return MessageLinkV1(link.shown, link.mismatch, link.count, renderer.result(link.answer))


def _headline(
    judged: JudgedMessage, links: tuple[MessageLinkV1 | MessageErrorV1, ...], renderer: Renderer, lang: str
) -> str:
    """It speaks of the addresses that were found, never of the message."""
    texts = renderer.texts[lang].under("message")
    count = str(len(links))
    if not links:
        return texts.text("none")
    if judged.level is None:
        return texts.text("one_verified") if len(links) == 1 else texts.text("all_verified", count=count)
    worst = links[0]
    if isinstance(worst, MessageErrorV1):
        headline = texts.text("unread")
    elif worst.result.verdict == "verified":
        return texts.text("rest")
    else:
        headline = worst.result.headline
    return headline if len(links) == 1 else texts.text("several", count=count, headline=headline)
