"""Answers as text for a terminal. The sentences come from ``texts/<lang>.yaml``."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator

import click

from checker.core.lookalike import Attempt
from checker.core.render import AllowlistV1, ErrorV1, GuidanceV1, ImitatesV1, ResultV1
from checker.core.words import Texts

__all__ = ["closing", "could_not_check", "in_words", "techniques_tried"]

_COLOURS = {"verified": "green", "caution": "yellow", "danger": "red"}
_MAX_COLUMNS = 100


def in_words(result: ResultV1, texts: Texts) -> str:
    """Verdict, reasons, the official link and the guidance; not what ``closing`` says once for all answers."""
    return "\n".join(_lines(result, texts))


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
    tag = texts.text("verdicts", result.verdict)
    if result.level is not None:
        tag = f"{tag} ({texts.text('levels', result.level)})"
    tag = click.style(tag.upper(), fg=_COLOURS[result.level or result.verdict], bold=True)
    return f"{tag}: {result.headline}"


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
