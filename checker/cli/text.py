"""Answers as text for a terminal. The sentences come from ``texts/<lang>.yaml``."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence

import click

from checker.answers import MessageErrorV1, MessageLinkV1, MessageV1
from checker.core.lookalike import Attempt
from checker.core.render import AllowlistV1, ErrorV1, GuidanceV1, ImitatesV1, ResultV1
from checker.core.words import Texts
from checker.finder import Found

__all__ = ["closing", "could_not_check", "in_words", "message_in_words", "portals_in_words", "techniques_tried"]

_COLOURS = {"verified": "green", "caution": "yellow", "danger": "red"}
_MAX_COLUMNS = 100


def in_words(result: ResultV1, texts: Texts) -> str:
    """Verdict, reasons, the official link and the guidance; not what ``closing`` says once for all answers."""
    return "\n".join(_lines(result, texts))


def message_in_words(message: MessageV1, texts: Texts) -> str:
    """The verdict on a message, then each of its links, the worst one in full."""
    lines = [_tagged(message.verdict, message.level, message.headline, texts)]
    if message.urgent:
        lines.append(_wrapped(f"{message.emergency.title}: {message.emergency.text}"))
    for number, link in enumerate(message.links):
        lines += ["", *_link_lines(link, texts, in_full=number == 0)]
    lines += ("  " + line for line in portals_in_words(message.portals, texts))
    if message.notes:
        lines += ["", "  " + texts.text("cli", "notes"), *(_item(note.message) for note in message.notes)]
    return "\n".join([*lines, "", _wrapped(texts.text("message", "not_checked"))])


def portals_in_words(found: Sequence[Found], texts: Texts) -> Iterator[str]:
    """A line for each organization that the finder has, with its portal or what else is known of it."""
    names = [portal.organization for portal in found]
    for portal in found:
        sentence = "portal" if portal.listed else "portal_overdue" if portal.url is None else "portal_website"
        if portal.overdue and portal.url is not None:
            sentence = "portal_website_overdue"
        name = portal.organization
        if portal.country and names.count(name) > 1:
            name = f"{name} ({portal.country})"
        yield texts.text("cli", sentence, organization=name, url=portal.url or "")


def _link_lines(link: MessageLinkV1 | MessageErrorV1, texts: Texts, in_full: bool) -> Iterator[str]:
    if isinstance(link, MessageErrorV1):
        yield could_not_check(link.error, texts)
    elif in_full:
        yield from _lines(link.result, texts)
    else:
        yield _headline(link.result, texts)
        yield from _where(link.result, texts.under("cli"))


def could_not_check(error: ErrorV1, texts: Texts) -> str:
    """Why there is no answer."""
    return _wrapped(texts.text("cli", "could_not_check", message=error.message), "")


def techniques_tried(attempts: Iterable[Attempt], texts: Texts) -> str:
    """Every technique with its score, highest first, and the two strings it compared."""
    by_score = sorted(attempts, key=lambda attempt: -attempt.score)
    if not any(attempt.score for attempt in by_score):
        return "  " + texts.text("cli", "explain_nothing")
    rows = ["  " + texts.text("cli", "explain_title")]
    for attempt in by_score:
        row = texts.text("cli", "explain_row", technique=attempt.technique, score=str(attempt.score))
        compared = f"  {attempt.yours} ~ {attempt.theirs}" if attempt.yours and attempt.theirs else ""
        rows.append(f"    {row}{compared}" + (f"  ({attempt.target})" if attempt.score and attempt.target else ""))
    return "\n".join(rows)


def closing(known: AllowlistV1, texts: Texts) -> str:
    """What applies to every answer, and is therefore printed once, after the last."""
    emergency = texts.text(
        "cli", "emergency", title=texts.text("emergency", "title"), text=texts.text("emergency", "text")
    )
    age = texts.text(
        "cli", "list_age", version=known.version, portals=str(known.portals), newest=known.newest_evidence or "–"
    )
    return "\n".join(_wrapped(text, "") for text in (emergency, texts.text("disclaimer"), age))


def _lines(result: ResultV1, texts: Texts) -> Iterator[str]:
    cli = texts.under("cli")
    yield _headline(result, texts)
    yield from _where(result, cli)
    if result.address.unwrapped and result.guidance.link is not None:
        yield _wrapped(texts.text("page", "unwrapped_advice"))
    if result.imitates is not None and result.imitates.yours:
        yield from _difference(result.imitates, cli)
    yield from _reasons_and_notes(result, texts)
    yield from _guidance(result.guidance, cli)
    if result.if_entered is not None:
        yield f"  {result.if_entered.title}:"
        yield from _numbered(result.if_entered.steps)


def _headline(result: ResultV1, texts: Texts) -> str:
    return _tagged(result.verdict, result.level, result.headline, texts)


def _tagged(verdict: str, level: str | None, headline: str, texts: Texts) -> str:
    tag = texts.text("verdicts", verdict)
    if level is not None:
        tag = f"{tag} ({texts.text('levels', level)})"
    tag = click.style(tag.upper(), fg=_COLOURS.get(level or verdict), bold=True)
    return f"{tag}: {headline}"


def _where(result: ResultV1, cli: Texts) -> Iterator[str]:
    """The address that was checked, whose portal it is, and the official one."""
    if result.address.origin is not None:
        yield "  " + cli.text("checked", host=result.address.origin)
    if result.address.unicode_host is not None:
        yield "  " + cli.text("displayed_as", unicode_host=result.address.unicode_host)
    if result.portal is not None:
        if result.portal.organizations:
            yield _wrapped(cli.text("organization", organizations=", ".join(result.portal.organizations)))
        yield "  " + cli.text("operator", operator=result.portal.operator)
    if result.official is not None:
        yield "  " + cli.text("official", official=result.official.name, url=result.official.url)
    elif result.portal is None:
        yield "  " + cli.text("look_for")


def _reasons_and_notes(result: ResultV1, texts: Texts) -> Iterator[str]:
    if result.reasons:
        yield "  " + texts.text("cli", "reasons")
        for reason in result.reasons:
            yield _item(f"{texts.text('levels', reason.level)}: {reason.message}")
    if result.notes:
        yield "  " + texts.text("cli", "notes")
        for note in result.notes:
            yield _item(note.message)


def _guidance(guidance: GuidanceV1, cli: Texts) -> Iterator[str]:
    yield f"  {cli.text('guidance')} {guidance.title}"
    yield _wrapped(cli.text("where_to_go", text=guidance.where_to_go), "    ")
    yield _wrapped(cli.text("safety_reminder", text=guidance.safety_reminder), "    ")
    yield from _numbered(guidance.steps)
    if guidance.link is not None:
        yield "    " + cli.text("link", label=guidance.link.label, url=guidance.link.url)


def _difference(imitates: ImitatesV1, cli: Texts) -> Iterator[str]:
    """The two names, one above the other, with a mark below each letter that differs."""
    marks = "".join("^" if place in imitates.differs_at else " " for place in range(len(imitates.yours) + 1))
    yield "  " + cli.text("differs", yours=imitates.yours)
    if imitates.differs_at:
        yield "  " + cli.text("differs_marks", marks=marks.rstrip())
    yield "  " + cli.text("differs_official", theirs=imitates.theirs)


def _numbered(steps: Iterable[str]) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        yield _item(step, f"{number}. ")


def _item(text: str, mark: str = "- ") -> str:
    return _wrapped(text, "    ", mark)


def _wrapped(text: str, indent: str = "  ", mark: str = "") -> str:
    return textwrap.fill(
        text,
        min(_MAX_COLUMNS, shutil.get_terminal_size().columns),
        initial_indent=indent + mark,
        subsequent_indent=indent + " " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )
