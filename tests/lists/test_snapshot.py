"""A snapshot answers like the folder it was built from and is the same on every machine; a damaged one is refused."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from checker.cli import main
from checker.core.check import Checker
from checker.core.errors import AllowlistError, UnreadableAddress
from checker.core.text import Context
from checker.lists.loader import load_folder
from checker.lists.snapshot import read_snapshot
from checker.web.reload import load_service
from tests.core.test_verdicts import ROWS, day_of, name_of
from tests.served import LISTS, serving, small_list

CLINIC = "https://mychart.clevelandclinic.org/"
OTHER = "https://www.medicare.gov/"


def build(folder: Path, output: Path) -> Path:
    assert main(["--allowlists", str(folder), "allowlist", "build", "--output", str(output)]) == 0
    return output


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(LISTS, tmp_path_factory.mktemp("built") / "list.snapshot")


@pytest.fixture(scope="module")
def from_snapshot(snapshot: Path) -> Checker:
    return load_service(snapshot).checker


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_every_row_of_the_table_gets_the_same_result_from_both(
    row: dict[str, str], checker: Checker, from_snapshot: Checker
) -> None:
    def ask(one: Checker) -> object:
        try:
            result = one.check(row["text"], context=Context(row.get("context", "link")), today=day_of(row))
        except UnreadableAddress as error:
            return error.problem
        match = result.match  # which equals only itself
        return result._replace(allowlist=None, match=match and [getattr(match, field.name) for field in fields(match)])

    assert ask(from_snapshot) == ask(checker)


def test_a_snapshot_loses_nothing_of_the_list(snapshot: Path) -> None:
    read, _ = read_snapshot(snapshot)
    source = load_folder(LISTS)
    assert read.version == source.version
    assert (read.operators, dict(read.vendors), read.names, read.policy) == (
        source.operators,
        dict(source.vendors),
        source.names,
        source.policy,
    )


def test_the_same_list_gives_the_same_bytes_whatever_order_and_dates_its_files_have(
    snapshot: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "elsewhere"
    for path in sorted((p for p in LISTS.rglob("*") if p.is_file()), reverse=True):
        there = copy / path.relative_to(LISTS)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, there)
        os.utime(there, (0, 0))
    assert build(copy, tmp_path / "again.snapshot").read_bytes() == snapshot.read_bytes()


def with_body(change: Callable[[bytes], bytes], data: bytes) -> bytes:
    """A snapshot with other content and a checksum that matches it, as a careless or malicious person would make."""
    head, _, body = data.partition(b"\n")
    body = change(body)
    return b" ".join((*head.split(b" ")[:3], hashlib.sha256(body).hexdigest().encode())) + b"\n" + body


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda d: d[:-1], "damaged", id="cut short"),
        pytest.param(lambda d: d.replace(b"Cleveland", b"Clevelamd", 1), "damaged", id="a letter changed"),
        pytest.param(lambda d: b"", "is no snapshot", id="empty"),
        pytest.param(lambda d: b"\x00" * 5000, "is no snapshot", id="zeros"),
        pytest.param(lambda d: d.replace(b"list 3 ", b"list 9 ", 1), "another version", id="another format"),
        pytest.param(
            lambda d: with_body(lambda b: b.replace(b"mychart.clevelandclinic.org", b"mychart.evil.example"), d),
            "another list hash",
            id="another host, with a matching checksum",
        ),
        pytest.param(
            lambda d: with_body(lambda b: b.replace(b'"host":"', b'"host":"HTTP', 1), d),
            "cannot be understood",
            id="an invalid host",
        ),
        pytest.param(lambda d: with_body(lambda b: b"[]", d), "cannot be understood", id="another JSON"),
    ],
)
def test_a_damaged_or_changed_snapshot_is_refused(
    snapshot: Path, tmp_path: Path, change: Callable[[bytes], bytes], message: str
) -> None:
    broken = tmp_path / "broken.snapshot"
    broken.write_bytes(change(snapshot.read_bytes()))
    with pytest.raises(AllowlistError, match=message) as refused:
        load_service(broken)
    assert str(refused.value).startswith("broken.snapshot: ")
    assert str(tmp_path) not in str(refused.value)


def test_a_list_with_errors_is_not_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists = small_list(tmp_path, "clevelandclinic.org")
    (lists / "portals/clevelandclinic.org.yaml").write_text("domain: clevelandclinic.org\n")
    output = tmp_path / "list.snapshot"
    assert main(["--allowlists", str(lists), "allowlist", "build", "-o", str(output)]) == 1
    assert "clevelandclinic.org.yaml:1" in capsys.readouterr().out
    assert not output.exists()


def test_a_snapshot_checks_the_canaries_it_was_built_with(tmp_path: Path) -> None:
    lists = small_list(tmp_path, "clevelandclinic.org")
    (lists / "canaries.yaml").write_text(f"canaries:\n  - {{url: '{CLINIC}', verdict: verified, why: it is listed}}\n")
    good = build(lists, tmp_path / "list.snapshot")
    assert load_service(good).check(CLINIC).judgement.is_verified
    wrong = tmp_path / "wrong.snapshot"
    wrong.write_bytes(with_body(lambda b: b.replace(b"verdict: verified", b"verdict: warning "), good.read_bytes()))
    with pytest.raises(AllowlistError, match="must be warning"):
        load_service(wrong)


def test_the_maintainers_commands_need_the_source(snapshot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--allowlists", str(snapshot), "allowlist", "lint"]) == 2
    assert "not a folder of list files" in capsys.readouterr().err


def test_a_new_snapshot_is_used_after_a_reload_and_a_broken_one_never_is(tmp_path: Path) -> None:
    lists = small_list(tmp_path, "clevelandclinic.org")
    snapshot = build(lists, tmp_path / "list.snapshot")
    whole = snapshot.read_bytes()
    with serving(tmp_path, PORTALCHECK_ALLOWLISTS=str(snapshot), PORTALCHECK_WATCH="1") as server:
        assert (server.verdict(CLINIC), server.verdict(OTHER)) == ("verified", "warning")
        shutil.copy(LISTS / "portals/medicare.gov.yaml", lists / "portals")
        build(lists, snapshot)
        server.until(lambda: server.verdict(OTHER) == "verified")
        snapshot.write_bytes(whole[:-40])
        server.until(lambda: server.ready()["status"] == "stale")
        assert "damaged" in server.ready()["reason"]
        assert server.verdict(OTHER) == "verified"
        build(lists, snapshot)
        server.until(lambda: server.ready()["status"] == "ready")


def test_a_symbolic_link_that_changes_to_a_new_snapshot_is_noticed(tmp_path: Path) -> None:
    """As Kubernetes updates a volume: ``list.snapshot → ..data/list.snapshot``, ``..data → a folder``."""
    source = small_list(tmp_path, "clevelandclinic.org")
    volume = tmp_path / "volume"
    for name in ("one", "two"):
        (volume / name).mkdir(parents=True)
        build(source, volume / name / "list.snapshot")
        shutil.copy(LISTS / "portals/medicare.gov.yaml", source / "portals")
    (volume / "..data").symlink_to("one")
    (volume / "list.snapshot").symlink_to("..data/list.snapshot")
    settings = {"PORTALCHECK_ALLOWLISTS": str(volume / "list.snapshot"), "PORTALCHECK_WATCH": "1"}
    with serving(tmp_path, **settings) as server:
        assert server.verdict(OTHER) == "warning"
        (volume / "..next").symlink_to("two")
        (volume / "..next").rename(volume / "..data")
        server.until(lambda: server.verdict(OTHER) == "verified")


def test_days_are_read_back_as_dates(snapshot: Path) -> None:
    read, _ = read_snapshot(snapshot)
    assert all(type(portal.review_by) is date for portal in read.portals)
