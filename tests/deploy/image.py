"""The Dockerfile without a container engine: its own instructions, run in a folder that stands for the file system.

The COPY and RUN instructions of each stage run as written, with their absolute paths moved into the folder and a
fresh virtual environment as the base image's Python. If we are root, the program runs as the user that the Dockerfile
names, in its own mount namespace with a read-only file system.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.served import ROOT

OWN_PATHS = re.compile(r"(?<![\w./-])(?=/(?:opt/portalcheck|src|wheel|data|tmp)\b)|(?<=sqlite:///)(?=/data/)")
LOCK_STEP = re.compile(r"python -m pip --python \S+ install [^&]*-r requirements\.lock")


@dataclass
class Stage:
    """What follows one FROM: the instructions in order, each with its text joined into one line."""

    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [text for instruction, text in self.instructions if instruction == name]

    def last(self, name: str) -> str:
        return self.all(name)[-1]

    @property
    def env(self) -> dict[str, str]:
        return dict(pair.split("=", 1) for text in self.all("ENV") for pair in shlex.split(text))


def stages() -> list[Stage]:
    """The stages of the Dockerfile, without comments and without what precedes the first FROM."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.M)
    result: list[Stage] = []
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        instruction, _, rest = line.strip().partition(" ")
        if instruction == "FROM":
            result.append(Stage())
        elif instruction and result:
            result[-1].instructions.append((instruction, rest.strip()))
    return result


@dataclass
class Image:
    """The result of the Dockerfile, in the folder ``root``."""

    root: Path
    stage: Stage

    def here(self, text: str) -> str:
        """Text of the Dockerfile with its paths moved into ``root``."""
        return OWN_PATHS.sub(str(self.root), text)

    def command(self, text: str, port: int) -> list[str]:
        """An instruction in exec form, with our port instead of the container's."""
        words: list[str] = json.loads(text)
        return [self.here(word).replace("8000", str(port)) for word in words]

    @contextmanager
    def running(self, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
        """A process with the image's environment and user; only /data and /tmp can be written."""
        environ = {name: self.here(value) for name, value in self.stage.env.items()}
        environ["PATH"] = environ["PATH"].replace("$PATH", os.defpath)
        with subprocess.Popen(
            [*self._confined(), *command],
            cwd=self.here(self.stage.last("WORKDIR")),
            env=environ | {"TMPDIR": str(self.root / "tmp")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def _confined(self) -> list[str]:
        if os.geteuid() != 0:
            return []
        uid, gid = self.stage.last("USER").split(":")
        # Python may be installed in root's home, which other users cannot read; only writing matters here.
        python = Path(sys.base_prefix).resolve()
        hidden = not all(folder.stat().st_mode & 1 for folder in (python, *python.parents))
        allowed = "-all,+dac_read_search" if hidden else "-all"
        caps = [f"--bounding-set={allowed}", f"--inh-caps={allowed}", *(["--ambient-caps=+dac_read_search"] * hidden)]
        user = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs", *caps]
        mounts = "; ".join(
            [
                "set -e; mount --make-rprivate /",
                *(f"mount --bind {self.root}/{name} {self.root}/{name}" for name in ("data", "tmp")),
                "mount -o remount,bind,ro /",
            ]
        )
        return ["unshare", "--mount", "sh", "-c", f'{mounts}; exec {shlex.join(user)} "$@"', "sh"]


def build(root: Path) -> Image:
    """Run the Dockerfile's steps in ``root``.

    WHOLE_IMAGE=1 installs the locked dependencies, as the Dockerfile does. Otherwise the image uses those of the
    running environment, which come from the same lock file.
    """
    first, last = stages()
    image = Image(root, last)
    whole = os.environ.get("WHOLE_IMAGE") == "1"
    for name in ("src", "opt", "wheel", "tmp"):
        (root / name).mkdir()
    (root / "tmp").chmod(0o1777)
    subprocess.run([sys.executable, "-m", "venv", root / "base"], check=True)
    environ = {name: text for name, text in os.environ.items() if not name.startswith(("PORTALCHECK_", "PYTHON"))}
    environ["PATH"] = f"{root}/base/bin:{os.environ['PATH']}"
    workdir = Path(image.here(first.last("WORKDIR")))
    for instruction, text in first.instructions:
        if instruction == "COPY":
            *sources, target = text.split()
            for source in sources:
                copy(ROOT / source, workdir / target / ("" if (ROOT / source).is_file() else "."))
        elif instruction == "RUN":
            step = text if whole else LOCK_STEP.sub("true", text)
            assert whole or step != text or "requirements.lock" not in text
            run(image.here(step), workdir, environ)
    if not whole:
        (site,) = (root / "opt/portalcheck/lib").glob("python*/site-packages")
        ours = next(path for path in sys.path if path.endswith("site-packages"))
        (site / "locked.pth").write_text(ours)
    for step in last.all("RUN"):
        # Users and groups are added to a copy of /etc, in a separate mount namespace.
        if os.geteuid() == 0:
            shutil.copytree("/etc", root / "etc", symlinks=True)
            step = f"mount --make-rprivate / && mount --bind {root}/etc /etc && {{ {image.here(step)}; }}"
            run(f"unshare --mount sh -c {shlex.quote(step)}", root, environ)
        else:
            (root / "data").mkdir(mode=0o700)
    return image


def copy(source: Path, target: Path) -> None:
    """As COPY and .dockerignore do: the content of a folder, without compiled files."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"), dirs_exist_ok=True)
    else:
        shutil.copy(source, target)


def run(step: str, folder: Path, environ: dict[str, str]) -> None:
    """Run one RUN instruction."""
    done = subprocess.run(["sh", "-c", step], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{step}\n{done.stdout}\n{done.stderr}"
