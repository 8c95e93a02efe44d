"""What commands share: the list they work on, the day, and output formats."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from checker.clock import Clock, FixedDay
from checker.service import Service
from checker.settings import Settings

__all__ = [
    "Function",
    "allowlists_option",
    "annotation",
    "clock_of",
    "folder_of",
    "format_option",
    "service_of",
    "settings_of",
    "today_of",
]

Function = TypeVar("Function", bound=Callable[..., Any])


def _remember(ctx: click.Context, _: click.Parameter, folder: Path | None) -> None:
    if folder is not None:
        ctx.meta["allowlists"] = folder


allowlists_option = click.option(
    "--allowlists",
    type=click.Path(exists=True, path_type=Path),
    expose_value=False,
    callback=_remember,
    help="Use the lists in this folder, or this snapshot, instead of those that come with portalcheck.",
)


def settings_of(ctx: click.Context) -> Settings:
    """The environment's settings, with the list named by ``--allowlists``."""
    settings = Settings.from_env(os.environ)
    return replace(settings, allowlists=ctx.meta["allowlists"]) if "allowlists" in ctx.meta else settings


def folder_of(context: click.Context) -> Path:
    """The list's folder, from ``--allowlists`` or the environment. Raises UsageError for a snapshot."""
    given: Path | None = context.meta.get("allowlists")
    folder = given or Settings.from_env(os.environ).allowlists
    if folder.is_file():
        raise click.UsageError(f"{folder.name} is not a folder of list files; a snapshot cannot be maintained.")
    return folder


def clock_of(ctx: click.Context) -> Clock:
    """The clock that ``main`` was given."""
    clock: Clock = ctx.obj
    return clock


def today_of(ctx: click.Context) -> date:
    """Today's date, which a command reads once: midnight changes nothing half-way."""
    return clock_of(ctx)()


def service_of(ctx: click.Context) -> Service:
    """The service for the command's list, as of today. Raises AllowlistError."""
    return Service.load(settings_of(ctx).allowlists, clock=FixedDay(today_of(ctx)))


def format_option(function: Function) -> Function:
    """``--format text|json|github``."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "github"]),
        default="text",
        show_default=True,
        help="text for people, json for programs, github for annotations or a comment.",
    )(function)


def annotation(kind: str, text: str, **properties: object) -> str:
    """A GitHub workflow command that annotates; ``kind`` is ``error``, ``warning`` or ``notice``."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    where = ",".join(f"{name}={value}" for name, value in properties.items())
    return f"::{kind} {where}::{escaped}" if where else f"::{kind}::{escaped}"
