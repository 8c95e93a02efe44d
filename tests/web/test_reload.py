"""While the server answers, a list is replaced as a whole or kept; the server never has half a list, or none."""

from __future__ import annotations

import asyncio
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from checker.cli import main
from checker.core.errors import AllowlistError
from checker.lists.canaries import check_canaries
from checker.service import Service
from checker.web.reload import Reloader, load_service
from tests.served import LISTS, Server, serving, small_list

CLINIC = "https://mychart.clevelandclinic.org/"
OTHER = "https://www.medicare.gov/"
CANARY = f"""canaries:
  - url: {CLINIC}
    verdict: verified
    why: the first entry
"""


def small_list_with_canary(folder: Path) -> Path:
    lists = small_list(folder, "clevelandclinic.org")
    (lists / "canaries.yaml").write_text(CANARY)
    return lists


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    return small_list_with_canary(tmp_path)


@pytest.fixture
def server(lists: Path, tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path, PORTALCHECK_ALLOWLISTS=str(lists)) as server:
        yield server


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """One server for all the broken lists; each test leaves it with a good list."""
    folder = tmp_path_factory.mktemp("lasting")
    lists = small_list_with_canary(folder)
    with serving(folder, PORTALCHECK_ALLOWLISTS=str(lists)) as server:
        yield server, lists


def reload(server: Server) -> None:
    server.process.send_signal(signal.SIGHUP)


def add(lists: Path, domain: str) -> Path:
    return Path(shutil.copy(LISTS / "portals" / f"{domain}.yaml", lists / "portals"))


def test_a_good_list_answers_after_sighup_and_every_answer_names_its_list(server: Server, lists: Path) -> None:
    before = server.ready()
    assert before["status"] == "ready"
    assert server.verdict(OTHER) == "warning"
    add(lists, "medicare.gov")
    assert server.verdict(OTHER) == "warning", "nothing changes without a signal"
    reload(server)
    server.until(lambda: server.ready()["allowlist"] != before["allowlist"])
    assert server.verdict(OTHER) == server.verdict(CLINIC) == "verified"
    answer = server.ask("POST", "/api/v1/check", {"url": OTHER})[1]
    assert answer["allowlist"]["version"] == server.ready()["allowlist"]


UNTIDY = """operator: Medicare
domain: medicare.gov
evidence:
  - {source: operator-site, url: https://www.medicare.gov/, seen: 2026-10}
portals:
  - url: https://www.medicare.gov/
    organizations: [Medicare]
"""
"""It could be loaded, but lint calls keys in another order an error."""

BROKEN = [
    pytest.param("portals/medicare.gov.yaml", "domain: medicare.gov\noperator: [", "medicare.gov.yaml:3", id="no YAML"),
    pytest.param("portals/medicare.gov.yaml", "", "medicare.gov.yaml:1", id="emptied"),
    pytest.param("portals/medicare.gov.yaml", None, "medicare.gov.yaml", id="half written"),
    pytest.param("portals/medicare.gov.yaml", UNTIDY, "[PC104]", id="an error of lint only"),
    pytest.param("policy.yaml", "review_after_days: soon\ngrace_days: 90\n", "policy.yaml:1", id="a broken policy"),
    pytest.param("canaries.yaml", CANARY.replace("verified", "warning"), "canaries.yaml:2", id="a wrong canary"),
    pytest.param("canaries.yaml", CANARY + "    wy: x\n", "canaries.yaml:5", id="a misspelt canary"),
    pytest.param("canaries.yaml", "canaries: []\n", "canaries.yaml:1", id="no canary left"),
]


@pytest.mark.parametrize(("name", "content", "reason"), BROKEN)
def test_a_broken_list_is_refused_the_last_good_one_answers_and_recovers(
    lasting: tuple[Server, Path], name: str, content: str | None, reason: str
) -> None:
    server, lists = lasting
    good = server.ready()["allowlist"]
    file = lists / name
    whole = add(lists, "medicare.gov").read_text() if "medicare" in name else file.read_text()
    file.write_text(whole[: len(whole) // 2] if content is None else content)
    reload(server)
    server.until(lambda: server.ready()["status"] == "stale")
    status, answer, _ = server.ask("GET", "/readyz")
    assert status == 200, "one bad file must not drain every replica"
    assert answer["allowlist"] == good
    assert reason in answer["reason"]
    assert str(lists.parent) not in answer["reason"], "no paths of this machine"
    assert server.verdict(CLINIC) == "verified"
    file.write_text(whole)
    reload(server)
    server.until(lambda: server.ready()["status"] == "ready")
    assert server.ready()["reason"] is None


def test_a_folder_that_is_still_being_copied_is_refused(tmp_path: Path) -> None:
    lists = small_list(tmp_path, "clevelandclinic.org", "medicare.gov", "ochin.org")
    with serving(tmp_path, PORTALCHECK_ALLOWLISTS=str(lists)) as server:
        (lists / "portals/medicare.gov.yaml").unlink()
        reload(server)
        server.until(lambda: server.ready()["status"] == "stale")
        assert "1 of 3 hosts would be gone" in server.ready()["reason"]
        assert server.verdict(OTHER) == "verified"
        shutil.rmtree(lists)
        reload(server)
        server.until(lambda: "missing" in server.ready()["reason"])
        assert server.verdict(OTHER) == "verified"


def test_files_are_watched_if_set_and_so_is_a_folder_that_replaces_theirs(lists: Path, tmp_path: Path) -> None:
    with serving(tmp_path, PORTALCHECK_ALLOWLISTS=str(lists), PORTALCHECK_WATCH="1") as server:
        file = add(lists, "medicare.gov")
        server.until(lambda: server.verdict(OTHER) == "verified")
        file.write_text("domain: [")
        server.until(lambda: server.ready()["status"] == "stale")
        file.unlink()
        server.until(lambda: server.ready()["status"] == "stale" and "gone" in server.ready()["reason"])
        copy = tmp_path / "copy"
        shutil.copytree(lists, copy)
        add(copy, "medicare.gov")
        add(copy, "ochin.org")
        shutil.rmtree(lists)
        copy.rename(lists)
        server.until(lambda: server.verdict("https://mychart.ochin.org/") == "verified")
        add(lists, "login.gov")
        server.until(lambda: server.verdict("https://secure.login.gov/") == "verified")


def test_checks_are_answered_while_lists_are_loaded(server: Server, lists: Path) -> None:
    add(lists, "medicare.gov")
    wrong: list[str] = []
    asked = 0
    done = threading.Event()

    def keep_asking() -> None:
        nonlocal asked
        while not done.is_set():
            answer = server.ask("POST", "/api/v1/check", {"url": CLINIC})
            asked += 1
            if answer[0] != 200 or answer[1]["verdict"] != "verified":
                wrong.append(str(answer))

    asking = threading.Thread(target=keep_asking)
    asking.start()
    for _ in range(5):
        reload(server)
        server.until(lambda: server.verdict(OTHER) == "verified")
    done.set()
    asking.join()
    assert not wrong
    assert asked > 5


def test_a_bug_while_loading_keeps_the_last_good_list(lists: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = load_service(lists)
    reloader = Reloader(lists, good)

    def fail(*_: object, **__: object) -> Service:
        raise MemoryError("at /srv/somewhere")

    monkeypatch.setattr("checker.web.reload.load_service", fail)
    asyncio.run(reloader.reload())
    assert reloader.service is good
    assert reloader.stale == "the list could not be loaded: MemoryError"


def test_a_list_that_fails_a_canary_is_not_served_at_startup(lists: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (lists / "canaries.yaml").write_text(CANARY.replace("verified", "warning\n    reason: not-listed"))
    assert main(["serve", "--port", "0", "--allowlists", str(lists)]) == 2
    assert "lists/canaries.yaml:2: a canary must be warning with not-listed and is verified" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("canaries:\n  - {url: 'see you', verdict: warning, why: a}\n", "is the error unreadable-address"),
        ("canaries:\n  - {url: 'https://a.example/', verdict: unknown, why: a}\n", "'verified' or 'warning'"),
        ("canaries:\n  - {url: 'https://a.example/', verdict: warning, reason: nope, why: a}\n", "'imitates-official'"),
        ("canaries:\n  - {url: 'https://a.example/', verdict: warning}\n", "is missing"),
        ("canaries:\n  - &a {url: 'https://a.example/', verdict: warning, why: a}\n", "an anchor"),
    ],
)
def test_canaries_are_read_strictly(lists: Path, content: str, problem: str) -> None:
    (lists / "canaries.yaml").write_text(content)
    with pytest.raises(AllowlistError) as refused:
        load_service(lists)
    assert all(line.startswith("lists/canaries.yaml:") for line in refused.value.problems)
    assert problem in str(refused.value)


def test_the_committed_list_has_canaries_and_passes_them() -> None:
    service = load_service(LISTS)
    assert check_canaries(service.checker, LISTS) >= 20
