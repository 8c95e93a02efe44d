"""Fuzzers guided by coverage: what is thrown at the parts that read what strangers write.

Each target states an invariant in its first line. ``make fuzz`` runs each for FUZZ_SECONDS; one
target by hand: ``python tests/fuzz/fuzz.py address -max_total_time=60``. Last comes the hunt for
pasted texts that are falsely verified, which a browser judges: ``tests/reading/hunt.py``.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import atheris  # noqa: E402 (after the path, like what follows)

with atheris.instrument_imports(include=["checker"]):
    from checker.core.check import Checker
    from checker.core.errors import UnreadableAddress
    from checker.core.text import Context
    from checker.lists import strict_yaml
    from checker.lists.draft import Draft
    from checker.lists.findings import Severity
    from checker.lists.format import PortalFile, read_list_file
    from checker.lists.lint import canonical_text, lint
    from checker.lists.loader import allowlist_of, load_folder, suffix_splitter
    from checker.reports.report import MAX_NOTE, masked
    from checker.settings import Settings
    from checker.web.app import create_app
    from checker.web.clients import client_of

TODAY = date(2026, 11, 22)
LISTS = ROOT / "allowlists"


def address() -> Callable[[bytes], None]:
    """Any text gets a result or UnreadableAddress; *verified* only with exactly a listed host."""
    checker = Checker(load_folder(LISTS))
    hosts = checker.allowlist.hosts

    def once(data: bytes) -> None:
        context = Context.TAB if data[:1] < b"\x80" else Context.LINK
        try:
            result = checker.check(data[1:].decode("utf-8", "surrogateescape"), context=context, today=TODAY)
        except UnreadableAddress:
            return
        if result.judgement.verdict == "verified" and getattr(result.address, "host", None) not in hosts:
            raise AssertionError("verified, and not listed")

    return once


def listfile() -> Callable[[bytes], None]:
    """Any bytes are a list file or have findings that name a line of it; nothing is raised."""

    def once(data: bytes) -> None:
        file, findings = read_list_file(data, "portals/x.yaml", PortalFile)
        if file is None and not findings:
            raise AssertionError("refused without a word")
        lines = data.count(b"\n") + 1
        for finding in findings:
            if not 1 <= finding.line <= lines + 1 or not finding.message:
                raise AssertionError(f"no such line: {finding}")
        strict_yaml.read(data, "x.yaml")

    return once


def onelist() -> Callable[[bytes], None]:
    """Any bytes as a list's only file: findings, or a list; its canonical form says the same and stays."""
    split_host = suffix_splitter()

    def once(data: bytes) -> None:
        file, unread = read_list_file(data, "allowlists/portals/example.org.yaml", PortalFile)
        draft = Draft(portals=(file,) if file else (), split_host=split_host, unread=unread, today=TODAY)
        if {finding.code for finding in lint(draft) if finding.severity is Severity.ERROR} - {"PC104"}:
            return
        if file is None or not allowlist_of(draft).operators:
            raise AssertionError("no errors, and no list")
        try:
            text = canonical_text(file).encode()
        except ValueError:
            return  # a comment that would be lost
        again, problems = read_list_file(text, file.path, PortalFile)
        if again is None or problems or again.content != file.content or canonical_text(again).encode() != text:
            raise AssertionError("the canonical form says something else")

    return once


def note() -> Callable[[bytes], None]:
    """A note keeps no @, no run of five digits, and at most MAX_NOTE characters in one line."""

    def once(data: bytes) -> None:
        kept = masked(data.decode("utf-8", "replace"))
        if len(kept) > MAX_NOTE or "@" in kept or "\n" in kept:
            raise AssertionError(kept)
        run = 0
        for character in kept:
            run = run + 1 if character.isdecimal() else 0
            if run >= 5:
                raise AssertionError(kept)

    return once


def client() -> Callable[[bytes], None]:
    """Any X-Forwarded-For gives nobody or a packed address; nothing is raised."""
    trusted = Settings.from_env({"PORTALCHECK_TRUSTED_PROXIES": "10.0.0.0/8"}).trusted_proxies

    def once(data: bytes) -> None:
        scope = {"type": "http", "client": ("10.0.0.1", 1), "headers": [(b"x-forwarded-for", data)]}
        found = client_of(scope, trusted)
        if found is not None and len(found) not in (4, 16):
            raise AssertionError(found)

    return once


def api() -> Callable[[bytes], None]:
    """Any body on any route is answered below 500, except by a deliberate 503."""
    folder = tempfile.mkdtemp()
    app = create_app(Settings(database_url=f"sqlite:///{folder}/reports.db", limit_reports=""))
    routes = ["/api/v1/check", "/api/v1/check/batch", "/api/v1/reports", "/", "/find"]
    loop = asyncio.new_event_loop()

    async def ask(path: str, query: bytes, body: bytes) -> int:
        status = 0

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, object]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(str(message["status"]))

        kind = b"application/json" if path.startswith("/api") else b"application/x-www-form-urlencoded"
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query,
            "root_path": "",
            "headers": [(b"host", b"localhost"), (b"content-type", kind), (b"accept-language", query)],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
        }
        await app(scope, receive, send)  # type: ignore[arg-type]  # narrower messages than ASGI's
        return status

    def once(data: bytes) -> None:
        route = routes[(data[:1] or b"\0")[0] % len(routes)]
        status = loop.run_until_complete(ask(route, data[1:9], data[9:]))
        if not 200 <= status < 500 and status != 503:
            raise AssertionError(f"{status} from {route}")

    return once


TARGETS = {target.__name__: target for target in (address, listfile, onelist, note, client, api)}
GOOD = b"""\
domain: example.org
operator: Example Health
country: US
evidence:
  - {source: operator-site, url: https://www.example.com/, seen: 2026-10}
portals:
  - url: https://portal.example.org/
    organizations: [Example Health]
  - url: https://portal.example.org/MyChart/
    organizations: [A, "B: b"]
    links: {pay-bill: https://portal.example.org/MyChart/Pay}
  - url: https://old.example.org/
    status: retired
    retired: {on: 2026-10-05, reason: Replaced., moved_to: https://portal.example.org/}
"""
SEEDS: dict[str, list[bytes]] = {
    "address": [b"\xffhttps://mychart.clevelandclinic.org/", b"\0https://evil.example\\@mychart.clevelandclinic.org/"],
    "listfile": [path.read_bytes() for path in sorted((LISTS / "portals").glob("a*.yaml"))[:8]],
    "onelist": [GOOD, b"# Known since 2020.\n" + GOOD, GOOD.replace(b"portals:", b"shared: true\nportals:")],
    "note": [b"call 555-123-4567 or jane@mail.example, https://evil.example/x"],
    "client": [b"203.0.113.9", b"[2001:db8::1]:80, 10.0.0.2"],
    "api": [
        b"\x00........" + b'{"url": "https://mychart.cleve1andclinic.org/", "lang": "es"}',
        b"\x01........" + b'{"urls": ["https://a.example/", "see you"]}',
        b"\x02........" + b'{"kind": "other", "address": "https://a.example/", "note": "x"}',
        b"\x03lang=es&" + b"url=https%3A%2F%2Fa.example%2F&task=pay-bill",
        b"\x04........" + b"q=cleveland",
    ],
}


def run_all(seconds: str) -> int:
    """Every target in its own process, from its seeds; 0 when none found anything."""
    worst = 0
    for name, seeds in SEEDS.items():
        print(f"--- {name}: {TARGETS[name].__doc__}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            corpus = Path(folder, "corpus")
            corpus.mkdir()
            for number, seed in enumerate(seeds):
                (corpus / str(number)).write_bytes(seed)
            done = subprocess.run(
                [
                    sys.executable,
                    __file__,
                    name,
                    str(corpus),
                    f"-max_total_time={seconds}",
                    "-max_len=4096",
                    "-timeout=10",
                ],
                cwd=folder,
                stderr=subprocess.PIPE,
                text=True,
            )
            print("\n".join(done.stderr.splitlines()[-3 if done.returncode == 0 else -40 :]), flush=True)
            worst = max(worst, abs(done.returncode))
            for found in Path(folder).glob("*-*"):
                print(f"{found.name}: {found.read_bytes()!r}")
    print("--- reading: nothing that is verified leads or points elsewhere, as Chromium sees it", flush=True)
    return max(worst, subprocess.run([sys.executable, "-m", "tests.reading.hunt"], cwd=ROOT).returncode)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(run_all(os.environ.get("FUZZ_SECONDS", "60")))
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]]())
    atheris.Fuzz()
