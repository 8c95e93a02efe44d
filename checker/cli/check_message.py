"""``portalcheck check --message``: every link of a text, of HTML, or of a mail's source."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

import click

from checker.answers import ErrorLineV1, MessageErrorV1, MessageV1, to_json
from checker.cli.exit_codes import ALL_VERIFIED, SOME_WARNING, UNUSABLE
from checker.cli.text import closing, could_not_check, message_in_words
from checker.core.errors import BulkError, UnreadableAddress
from checker.core.guidance import Task
from checker.core.message import MAX_MAIL, Known, Message, is_mail, read_html, read_mail, read_plain
from checker.core.text.pasted import is_html
from checker.service import Service

__all__ = ["check_message"]

_EXIT_CODES = {"verified": ALL_VERIFIED, "warning": SOME_WARNING, "none": UNUSABLE}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def check_message(file: Path, service: Service, task: Task | None, lang: str, as_json: bool) -> int:
    """Print the answer for one message, and return its exit code. Raises BulkError if the file cannot be read."""
    texts = service.renderer.texts[lang]
    source = _read(file)
    try:
        answer = service.answer(service.judge(_message(source, file, service.known), task, lang), lang)
    except UnreadableAddress as error:
        problem = service.renderer.problem(error, lang)
        _print(to_json(ErrorLineV1(1, problem)) if as_json else could_not_check(problem, texts))
        return UNUSABLE
    _print(to_json(answer) if as_json else message_in_words(answer, texts))
    if not as_json:
        click.echo("\n" + closing(service.allowlist, texts))
    return _exit_code(answer)


def _exit_code(answer: MessageV1) -> int:
    """That of the worst link, as for addresses one by one."""
    if any(isinstance(link, MessageErrorV1) for link in answer.links):
        return UNUSABLE
    return _EXIT_CODES[answer.verdict]


def _read(file: Path) -> bytes:
    """The file, or as much of it as shows that it is too large."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(MAX_MAIL + 1)
        with file.open("rb") as stream:
            return stream.read(MAX_MAIL + 1)
    except OSError as error:
        raise BulkError(f"{file} could not be read: {error.strerror}.") from None


def _message(source: bytes, file: Path, known: Known) -> Message:
    if file.suffix.lower() == ".eml" or is_mail(source):
        return read_mail(source, known)
    text = source.decode("utf-16" if source.startswith(_UTF_16) else "utf-8-sig", "replace")
    if file.suffix.lower() in (".html", ".htm") or (text.lstrip()[:1] == "<" and is_html(text)):
        return read_html(text, known)
    return read_plain(text, known)


def _print(answer: bytes | str) -> None:
    if isinstance(answer, bytes):
        sys.stdout.write(answer.decode() + "\n")
    else:
        click.echo(answer)
