"""The programs that tests start and pip does not bring: where each is, how old it may be, and how to get it.

A test takes such a program by its fixture, ``chromium_path`` for one, so that before the first test it is known what
the chosen ones need.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["TOOLS", "Tool", "fixture_of", "install", "needed"]


@dataclass(frozen=True, slots=True)
class Tool:
    """A program, by whichever of its names it is found."""

    name: str
    programs: tuple[str, ...]
    oldest: str
    """The oldest version that works, or that the tests were tried with."""
    package: str
    """Debian's name for it."""
    ask_version: str = "--version"

    def find(self) -> Path | None:
        """Where it is: Debian keeps some outside the path of people."""
        debian = [*_newest_first(Path("/usr/lib/postgresql").glob("*/bin")), Path("/usr/sbin")]
        places = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, debian)])
        found = next(filter(None, (shutil.which(program, path=places) for program in self.programs)), None)
        return Path(found) if found else None

    def fault(self) -> str | None:
        """What is wrong with it here, and what to do, in one line; nothing when it can be used."""
        found = self.find()
        if found is None:
            wrong = "is missing"
        else:
            done = subprocess.run([found, self.ask_version], capture_output=True, text=True, check=False)
            version = re.search(r"\d+(\.\d+)*", done.stdout or done.stderr)
            if done.returncode != 0 or version is None:
                wrong = f"({found}) does not say its version"
            elif _numbers(version[0]) < _numbers(self.oldest):
                wrong = f"{version[0]} is too old"
            else:
                return None
        return f"{self.name} {wrong}. Install {self.oldest} or newer (on Debian: apt-get install {self.package})."


TOOLS = {
    "chromium": Tool("Chromium", ("chromium", "chromium-browser"), "137", "chromium"),
    "firefox": Tool("Firefox", ("firefox-esr", "firefox"), "140", "firefox-esr"),
    "postgresql": Tool("PostgreSQL", ("initdb",), "15", "postgresql"),
    "redis": Tool("Redis", ("redis-server", "valkey-server"), "7", "redis-server"),
    "nginx": Tool("nginx", ("nginx",), "1.22", "nginx", ask_version="-v"),
    "java": Tool("Java", ("java",), "17", "default-jre-headless"),
}


def fixture_of(name: str) -> str:
    """The fixture by which tests take a tool."""
    return f"{name}_path"


def needed(fixtures: Iterable[str]) -> list[Tool]:
    """The tools behind these fixtures."""
    wanted = set(fixtures)
    return [tool for name, tool in TOOLS.items() if fixture_of(name) in wanted]


def install(tools: Sequence[Tool], say: Callable[[str], None]) -> None:
    """Ask apt for them, where there is apt. What it could not do is told; what counts is what is there afterwards."""
    if not tools or shutil.which("apt-get") is None:
        return
    say("Bringing the package lists up to date …")
    if trouble := _apt("update", "-o", "APT::Update::Error-Mode=any"):
        say(f"Going on with the package lists that are there. {trouble}")
    for tool in tools:
        say(f"Installing {tool.package} …")
        if trouble := _apt("install", "-y", "-o", "DPkg::Lock::Timeout=120", tool.package):
            say(f"That failed. {trouble}")


def _apt(*arguments: str) -> str:
    """Nothing when it went well; otherwise the last thing it said."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    command = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", *arguments]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return str(error)
    if done.returncode == 0:
        return ""
    return (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1]


def _newest_first(folders: Iterable[Path]) -> list[Path]:
    return sorted(folders, key=lambda folder: _numbers(folder.parent.name), reverse=True)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)))
