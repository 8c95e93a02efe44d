"""An answer as text for a terminal. The words come from ``texts/<lang>.yaml``."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator

import click

from checker.core.lookalike import Attempt
from checker.core.render import AllowlistV1, ErrorV1, ImitatesV1, ResultV1
from checker.core.words import Texts

__all__ = ["closing", "could_not_check", "in_words", "techniques_tried"]

_COLOURS = {"verified": "green", "caution": "yellow", "danger": "red"}
_WIDEST = 100


def in_words(result: ResultV1, texts: Texts) -> str:
    """Verdict, reasons, the official link and the guidance; without what ``closing`` adds once."""
    return "\n".join(_lines(result, texts))


def could_not_check(error: ErrorV1, texts: Texts) -> str:
    """Why there is no answer."""
    return _wrapped(texts.text("cli", "could_not_check", message=error.message), "")


def techniques_tried(attempts: Iterable[Attempt], texts: Texts) -> str:
    """Every technique with its score, best first, and the two strings it compared."""
    tried = sorted(attempts, key=lambda attempt: -attempt.score)
    if not any(attempt.score for attempt in tried):
        return "  " + texts.text("cli", "explain_nothing")
    rows = ["  " + texts.text("cli", "explain_title")]
    for attempt in tried:
        row = texts.text("cli", "explain_row", technique=attempt.technique, score=str(attempt.score))
        compared = f"  {attempt.yours} ~ {attempt.theirs}" if attempt.yours and attempt.theirs else ""
        rows.append(f"    {row}{compared}" + (f"  ({attempt.target})" if attempt.score and attempt.target else ""))
    return "\n".join(rows)


def closing(known: AllowlistV1, texts: Texts) -> str:
    """What holds for every answer, and so stands once, after the last one."""
    emergency = texts.text(
        "cli", "emergency", title=texts.text("emergency", "title"), text=texts.text("emergency", "text")
    )
    age = texts.text(
        "cli", "list_age", version=known.version, portals=str(known.portals), newest=known.newest_evidence or "–"
    )
    return "\n".join(_wrapped(text, "") for text in (emergency, texts.text("disclaimer"), age))


def _lines(result: ResultV1, texts: Texts) -> Iterator[str]:
    cli = texts.under("cli")
    tag = texts.text("verdicts", result.verdict)
    if result.level is not None:
        tag = f"{tag} ({texts.text('levels', result.level)})"
    tag = click.style(tag.upper(), fg=_COLOURS[result.level or result.verdict], bold=True)
    yield f"{tag}: {result.headline}"
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
    if result.address.unwrapped and result.guidance.link is not None:
        yield _wrapped(texts.text("page", "unwrapped_advice"))
    if result.imitates is not None and result.imitates.yours:
        yield from _difference(result.imitates, cli)
    if result.reasons:
        yield "  " + cli.text("reasons")
        for reason in result.reasons:
            yield _item(f"{texts.text('levels', reason.level)}: {reason.message}")
    if result.notes:
        yield "  " + cli.text("notes")
        for note in result.notes:
            yield _item(note.message)
    guidance = result.guidance
    yield f"  {cli.text('guidance')} {guidance.title}"
    yield _wrapped(cli.text("where_to_go", text=guidance.where_to_go), "    ")
    yield _wrapped(cli.text("safety_reminder", text=guidance.safety_reminder), "    ")
    for number, step in enumerate(guidance.steps, 1):
        yield _item(step, f"{number}. ")
    if guidance.link is not None:
        yield "    " + cli.text("link", label=guidance.link.label, url=guidance.link.url)
    if result.if_entered is not None:
        yield f"  {result.if_entered.title}:"
        for number, step in enumerate(result.if_entered.steps, 1):
            yield _item(step, f"{number}. ")


def _difference(imitates: ImitatesV1, cli: Texts) -> Iterator[str]:
    """The two names one under the other, with a mark under each letter that differs."""
    marks = "".join("^" if place in imitates.differs_at else " " for place in range(len(imitates.yours) + 1))
    yield "  " + cli.text("differs", yours=imitates.yours)
    if imitates.differs_at:
        yield "  " + cli.text("differs_marks", marks=marks.rstrip())
    yield "  " + cli.text("differs_official", theirs=imitates.theirs)


def _item(text: str, mark: str = "- ") -> str:
    return _wrapped(text, "    ", mark)


def _wrapped(text: str, indent: str = "  ", mark: str = "") -> str:
    return textwrap.fill(
        text,
        min(_WIDEST, shutil.get_terminal_size().columns),
        initial_indent=indent + mark,
        subsequent_indent=indent + " " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )
