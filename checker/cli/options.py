"""What commands have in common: exit codes, the list they work on, output formats."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from checker.settings import Settings

__all__ = [
    "FINDINGS",
    "FINE",
    "REFUSED",
    "Function",
    "allowlists_option",
    "annotation",
    "folder_of",
    "format_option",
    "settings_of",
]

FINE, FINDINGS, REFUSED = 0, 1, 3
"""Exit codes; 2 is wrong usage."""

Function = TypeVar("Function", bound=Callable[..., Any])


def _remember(ctx: click.Context, _: click.Parameter, folder: Path | None) -> None:
    if folder is not None:
        ctx.meta["allowlists"] = folder


allowlists_option = click.option(
    "--allowlists",
    type=click.Path(exists=True, path_type=Path),
    expose_value=False,
    callback=_remember,
    help="Use the lists in this folder, or this snapshot, instead of those that came with portalcheck.",
)


def settings_of(ctx: click.Context) -> Settings:
    """The environment's settings, with the list named by ``--allowlists``."""
    settings = Settings.from_env(os.environ)
    return replace(settings, allowlists=ctx.meta["allowlists"]) if "allowlists" in ctx.meta else settings


def folder_of(context: click.Context) -> Path:
    """The list's folder: the one named with --allowlists, else the settings'."""
    given: Path | None = context.meta.get("allowlists")
    folder = given or Settings.from_env(os.environ).allowlists
    if folder.is_file():
        raise click.UsageError(f"{folder.name} is no folder of list files; a snapshot cannot be maintained.")
    return folder


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
    """A note of GitHub's workflow commands; ``kind`` is ``error``, ``warning`` or ``notice``."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    where = ",".join(f"{name}={value}" for name, value in properties.items())
    return f"::{kind} {where}::{escaped}" if where else f"::{kind}::{escaped}"
