"""Reports: what is kept and what is not, in both databases, and what happens if one is unavailable."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fastapi.testclient import TestClient

from checker.cli import main
from checker.clock import FixedDay
from checker.core.errors import ReportsUnavailable
from checker.reports.report import MAX_NOTE, Report, ReportKind, masked, median_age
from checker.reports.store import REPORTS, ReportStore, StoredReport
from checker.settings import Settings
from checker.web.app import create_app
from tests import postgres
from tests.served import ROOT, Server, serving

DAY = date(2026, 11, 22)
FAKE = "https://mychart.cleve1andclinic.org/"
HOST = "mychart.cleve1andclinic.org"


@pytest.fixture(scope="module")
def cluster(postgresql_path: Path) -> Iterator[postgres.Cluster]:
    with postgres.running(postgresql_path) as cluster:
        yield cluster


@pytest.fixture
def postgres_url(cluster: postgres.Cluster) -> Iterator[str]:
    yield cluster.url
    engine = sa.create_engine(cluster.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS reports, alembic_version")
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str) -> str:
    """An empty database of each kind."""
    return postgres_url if request.param == "postgresql" else f"sqlite:///{tmp_path}/new/folder/reports.db"


@pytest.fixture
def store(url: str) -> Iterator[ReportStore]:
    store = ReportStore(url)
    yield store
    store.dispose()


def a_report(**changed: Any) -> Report:
    return Report(**{"kind": ReportKind.LOOKS_FAKE, "host": HOST, "day": DAY, "verdict": "warning"} | changed)


# --- the store, in both databases ------------------------------------------------------------


def test_a_repeated_report_is_counted_and_a_new_one_gets_its_own_row(store: ReportStore) -> None:
    for days in range(3):
        store.add(a_report(day=DAY + timedelta(days=days), list_version=f"abc{days}"))
    (row,) = store.find()
    assert row == StoredReport(
        1, "looks-fake", HOST, "warning", "", "abc2", DAY, DAY + timedelta(days=2), count=3, closed_day=None
    )
    for other in ({"kind": ReportKind.OTHER}, {"host": "b.example"}, {"verdict": ""}, {"note": "by text message"}):
        store.add(a_report(**other))
    assert len(store.find()) == 5
    assert [row.host for row in store.find(kind=ReportKind.OTHER)] == [HOST]
    assert store.get(1) == row
    assert store.get(99) is None


def test_a_closed_report_stays_closed_and_the_next_one_is_new(store: ReportStore) -> None:
    store.add(a_report())
    assert store.close(1, DAY)
    assert not store.close(1, DAY), "it is already closed"
    store.add(a_report())
    assert [(row.id, row.count) for row in store.find()] == [(2, 1)]
    assert [(row.id, row.closed_day) for row in store.find(closed=True)] == [(1, DAY)]


def test_reports_are_deleted_by_the_day_they_were_last_filed(store: ReportStore) -> None:
    store.add(a_report(host="old.example", day=DAY - timedelta(days=400)))
    store.add(a_report(host="again.example", day=DAY - timedelta(days=400)))
    store.add(a_report(host="again.example"))
    assert store.forget(DAY - timedelta(days=365)) == 1
    assert [row.host for row in store.find()] == ["again.example"]


def test_counts_and_summary_count_open_reports_only(store: ReportStore) -> None:
    assert store.summary(DAY).open == 0
    assert store.summary(DAY).median_age is None
    for age, host in ((0, "a.example"), (0, "a.example"), (3, "b.example"), (10, "c.example")):
        store.add(a_report(host=host, day=DAY - timedelta(days=age)))
    (oldest,) = (row.id for row in store.find() if row.host == "c.example")
    store.close(oldest, DAY)
    assert store.counts() == {
        "missing": (0, 0),
        "wrong-entry": (0, 0),
        "false-alarm": (0, 0),
        "looks-fake": (2, 3),
        "other": (0, 0),
    }
    assert (store.summary(DAY).open, store.summary(DAY).median_age) == (2, 1.5)


MANY = """
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from checker.reports.store import ReportStore
from checker.reports.report import Report, ReportKind
store = ReportStore(sys.argv[1])
report = Report(ReportKind.OTHER, "a.example", date(2026, 11, 22))
with ThreadPoolExecutor(4) as threads:
    list(threads.map(lambda _: store.add(report), range(40)))
store.dispose()
"""


def test_reports_from_many_replicas_are_all_counted_even_while_the_tables_are_created(url: str) -> None:
    replicas = [subprocess.Popen([sys.executable, "-W", "error", "-c", MANY, url], cwd=ROOT) for _ in range(3)]
    assert [replica.wait() for replica in replicas] == [0, 0, 0]
    store = ReportStore(url)
    assert [row.count for row in store.find()] == [120]
    store.dispose()


def test_the_migrations_create_the_table_that_the_code_uses(store: ReportStore, url: str) -> None:
    store.add(a_report())
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), REPORTS.metadata)
    engine.dispose()
    assert [difference for difference in differences if difference[0] != "remove_index"] == []


def test_the_longest_note_fits(store: ReportStore) -> None:
    store.add(a_report(host="a" * 253, note="🏥" * MAX_NOTE))
    assert len(store.find()[0].note) == MAX_NOTE


# --- a database that is unavailable ----------------------------------------------------------


def test_postgresql_may_go_away_and_come_back_without_a_restart_of_ours(
    cluster: postgres.Cluster, postgres_url: str
) -> None:
    store = ReportStore(postgres_url)
    store.add(a_report())
    cluster.stop()
    try:
        with pytest.raises(ReportsUnavailable) as error:
            store.add(a_report(note="secret"))
        assert "secret" not in str(error.value)
    finally:
        cluster.start()
    store.add(a_report())
    assert [row.count for row in store.find()] == [2]
    store.dispose()


def test_a_removed_sqlite_file_is_created_again(tmp_path: Path) -> None:
    file = tmp_path / "reports.db"
    store = ReportStore(f"sqlite:///{file}")
    store.add(a_report())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "other users of the machine cannot read it"
    for part in tmp_path.glob("reports.db*"):
        part.unlink()
    store.add(a_report())
    assert [row.count for row in store.find()] == [1], "it is in the new file, not in the removed one"


def test_a_folder_that_cannot_be_created_is_an_error_until_it_can(tmp_path: Path) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("a file where the folder should be")
    store = ReportStore(f"sqlite:///{blocked}/reports.db")
    with pytest.raises(ReportsUnavailable):
        store.add(a_report())
    blocked.unlink()
    store.add(a_report())
    assert len(store.find()) == 1


def test_a_full_disk_loses_no_stored_report(tmp_path: Path) -> None:
    """A limit on the size of files simulates the full disk: SQLite gets the same kind of error."""
    code = f"""
import resource, sys
from datetime import date
from checker.core.errors import ReportsUnavailable
from checker.reports.store import ReportStore
from checker.reports.report import Report, ReportKind
store = ReportStore("sqlite:///{tmp_path}/reports.db")
def add(number):
    store.add(Report(ReportKind.OTHER, f"h{{number}}.example", date(2026, 11, 22), note="n" * 500))
add(0)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
kept = 1
try:
    for number in range(1, 10_000):
        add(number)
        kept += 1
except ReportsUnavailable:
    pass
assert 1 < kept < 10_000, kept
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
add(10_000)
assert len(store.find()) == kept + 1
"""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=True)


class Disk(NamedTuple):
    """A folder for the reports, with functions that fill its disk and make room again."""

    folder: Path
    fill: Callable[[Server], None]
    empty: Callable[[Server], None]


@contextmanager
def tiny_disk(tmp_path: Path) -> Iterator[Disk]:
    """A file system of one megabyte or, without the right to mount one, a limit on the size of the server's files."""
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=1777", "tmpfs", str(folder)]
        mounted = subprocess.run([*root, *mount], capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    filler = folder / "filler"
    limit, none = resource.RLIMIT_FSIZE, resource.RLIM_INFINITY

    def fill_up(_: Server) -> None:
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    if mounted:
        try:
            yield Disk(folder, fill_up, lambda _: filler.unlink())
        finally:
            subprocess.run([*root, "umount", str(folder)], check=True)
    else:
        yield Disk(
            folder,
            lambda server: resource.prlimit(server.process.pid, limit, (50_000, none)),
            lambda server: resource.prlimit(server.process.pid, limit, (none, none)),
        )


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a file system, or limits another process")
def test_while_the_disk_is_full_reports_fail_and_checks_work_and_free_space_is_enough_to_recover(
    tmp_path: Path,
) -> None:
    with tiny_disk(tmp_path) as disk:
        url = f"sqlite:///{disk.folder}/reports.db"
        kept: set[str] = set()
        with serving(tmp_path, PORTALCHECK_DATABASE_URL=url, PORTALCHECK_LIMIT_REPORTS="off") as server:

            def report(number: int) -> int:
                body = {"kind": "other", "address": f"https://{number}.example/", "note": "x " * 200}
                status, answer, _ = server.ask("POST", "/api/v1/reports", body)
                assert status == 200 or answer["code"] == "reports-unavailable"
                if status == 200:
                    kept.add(f"{number}.example")
                return status

            assert report(0) == 200
            disk.fill(server)
            assert 503 in [report(number) for number in range(1, 200)][-20:], "the disk did not fill up"
            assert server.verdict("https://mychart.clevelandclinic.org/") == "verified"
            assert server.verdict(FAKE) == "warning"
            assert server.ready()["status"] == "ready"
            disk.empty(server)
            server.until(lambda: report(1000) == 200)
            assert report(1001) == 200
            assert "Traceback" not in server.log.read_text()
        store = ReportStore(url)
        assert {row.host for row in store.find()} == kept
        store.dispose()


# --- what is kept of a note ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("note", "kept"),
    [
        ("It came by text message in 2026.", "It came by text message in 2026."),
        ("", ""),
        ("write me: jane.doe+x@mail.example", "write me: [e-mail]"),
        ("jane＠mail.example", "[e-mail]"),
        ("me: jane @ mail.example", "me: [e-mail]"),
        ("me: jane (at) mail.example", "me: [e-mail]"),
        ("@", "[e-mail]"),
        ("call 555-123-4567 or (555) 123 4567", "call [number] or ([number]"),
        ("MRN 00012345, born 01/02/1980", "MRN [number], born [number]"),
        ("١٢٣٤٥٦", "[number]"),
        ("the 24/7 line, 1234", "the 24/7 line, 1234"),
        ("see https://evil.example/?t=abc now", "see [link] now"),
        ("HTTPS://EVIL.EXAMPLE", "[link]"),
        ("hxxps://evil[.]example/x", "[link]"),
        ("www.evil.example", "[link]"),
        ("evil.example/path?me=1", "[link]"),
        ("https://user:pw@evil.example/", "[link]"),
        ("javascript://%0aalert(1)", "[link]"),
        ("the real one is portal.example", "the real one is portal.example"),
        ("a\x00b\nc\u202ed  e", "a b c d e"),
        ("n" * 600, "n" * MAX_NOTE),
        ("n " * 240 + "jane@mail.example " * 3, ("n " * 240 + "[e-mail] " * 3)[:MAX_NOTE].rstrip()),
    ],
)
def test_a_note_loses_whatever_identifies_a_person(note: str, kept: str) -> None:
    assert masked(note) == kept


@pytest.mark.parametrize(
    "nasty", ["a." * 5000, "@" * 5000, "1 " * 5000, "a-" * 5000, "ﷺ" * 2000, "w" * 5000, "a://" * 2000]
)
def test_masking_takes_bounded_time(nasty: str) -> None:
    start = time.process_time()
    masked(nasty)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("by_age", "median"),
    [([], None), ([(4, 1)], 4), ([(0, 1), (3, 1)], 1.5), ([(0, 5), (9, 1)], 0), ([(9, 2), (1, 1)], 9)],
)
def test_the_median_age_counts_reports_rather_than_days(by_age: list[tuple[int, int]], median: float | None) -> None:
    assert median_age([(DAY - timedelta(days=age), count) for age, count in by_age], DAY) == median


# --- over HTTP -------------------------------------------------------------------------------

Client = Callable[..., Any]


@pytest.fixture
def client(url: str) -> Iterator[TestClient]:
    settings = Settings(database_url=url)
    with TestClient(create_app(settings, clock=FixedDay(DAY)), base_url="http://localhost") as client:
        yield client


def test_a_stored_report_holds_what_the_person_wrote_and_nothing_else(client: TestClient, store: ReportStore) -> None:
    assert client.get("/api/v1/reports/summary").json() == {"version": 1, "open": 0, "median_age_days": None}
    version = client.get("/readyz").json()["allowlist"]
    body = {
        "kind": "looks-fake",
        "address": f"{FAKE}secret/path?token=secret#secret",
        "note": "They wrote to jane@mail.example",
        "verdict": "warning",
        "list_version": version,
    }
    before = client.post("/api/v1/check", json={"url": FAKE}).json()
    for _ in range(3):
        answer = client.post(
            "/api/v1/reports", json=body, headers={"user-agent": "secret", "x-forwarded-for": "192.0.2.1"}
        )
        assert answer.json() == {"version": 1, "status": "kept"}
    assert store.find() == [
        StoredReport(1, "looks-fake", HOST, "warning", "They wrote to [e-mail]", version, DAY, DAY, 3, None)
    ]
    assert client.post("/api/v1/check", json={"url": FAKE}).json() == before, "a report changes no verdict"
    assert client.get("/api/v1/reports/summary").json() == {"version": 1, "open": 1, "median_age_days": 0.0}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("reports")
    app = create_app(Settings(database_url=f"sqlite:///{folder}/reports.db"))
    with TestClient(app, base_url="http://localhost") as client:
        yield client
    assert not list(folder.iterdir()), "a refused report leaves no trace, not even an empty database"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "looks-fake"}, "malformed-request"),
        ({"address": FAKE}, "malformed-request"),
        ({"kind": "spam", "address": FAKE}, "malformed-request"),
        ({"kind": "other", "address": FAKE, "email": "jane@mail.example"}, "malformed-request"),
        ({"kind": "other", "address": FAKE, "note": "n" * 2001}, "malformed-request"),
        ({"kind": "other", "address": FAKE, "verdict": "safe"}, "malformed-request"),
        ({"kind": "other", "address": FAKE, "list_version": "../../x"}, "malformed-request"),
        ({"kind": "other", "address": "see you on Friday"}, "unreadable-address"),
        ({"kind": "other", "address": "javascript:alert(1)"}, "unreadable-address"),
        ({"kind": "other", "address": "https://a.example/ https://b.example/"}, "several-addresses"),
        ({"kind": "other", "address": "a" * 9000}, "address-too-long"),
    ],
)
def test_an_invalid_report_is_refused_with_a_code(plain: TestClient, body: dict[str, Any], code: str) -> None:
    answer = plain.post("/api/v1/reports", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_accepted_so_that_no_other_site_can_make_a_browser_send_a_report(
    plain: TestClient, kind: str
) -> None:
    body = json.dumps({"kind": "other", "address": FAKE})
    answer = plain.post(
        "/api/v1/reports", content=body, headers={"content-type": kind, "origin": "https://evil.example"}
    )
    assert answer.status_code == 415
    asked = plain.options(
        "/api/v1/reports", headers={"origin": "https://evil.example", "access-control-request-method": "POST"}
    )
    assert not [name for name in asked.headers if name.startswith("access-control")]


def test_without_its_database_reports_get_503_and_checks_work(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").write_text("no folder")
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path}/data/reports.db"))
    with TestClient(app, base_url="http://localhost") as client:
        for _ in range(2):
            answer = client.post("/api/v1/reports", json={"kind": "other", "address": FAKE, "note": "Xq7canary"})
            assert (answer.status_code, answer.json()["code"]) == (503, "reports-unavailable")
        assert client.post("/api/v1/check", json={"url": FAKE}).json()["verdict"] == "warning"
        assert "not kept" in caplog.text
        assert HOST not in caplog.text
        assert "Xq7canary" not in caplog.text
        (tmp_path / "data").unlink()
        assert client.post("/api/v1/reports", json={"kind": "other", "address": FAKE}).status_code == 200


def test_a_killed_server_loses_no_report_that_it_acknowledged(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/reports.db"
    kept = 0
    with serving(tmp_path, PORTALCHECK_DATABASE_URL=url) as server:
        for number in range(20):
            status, _, _ = server.ask(
                "POST", "/api/v1/reports", {"kind": "other", "address": f"https://h{number}.example"}
            )
            kept += status == 200
        server.process.kill()
    assert kept == 20
    assert len(ReportStore(url).find()) == 20


def test_the_service_starts_without_the_database_library() -> None:
    code = (
        "import sys; from checker.web.app import create_app; create_app();"
        "print(*{'sqlalchemy', 'alembic'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# --- the command line ------------------------------------------------------------------------


@pytest.fixture
def run_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Runs a command on a store of three reports and returns what it printed."""
    url = f"sqlite:///{tmp_path}/reports.db"
    monkeypatch.setenv("PORTALCHECK_DATABASE_URL", url)
    store = ReportStore(url)
    for report in (a_report(), a_report(), a_report(kind=ReportKind.MISSING, host="b.example", note="=1+1")):
        store.add(report)

    def run(*arguments: str, code: int = 0) -> str:
        assert main(["reports", *arguments], clock=FixedDay(DAY)) == code
        printed = capsys.readouterr()
        return printed.out + printed.err

    return run


def test_a_maintainer_can_list_show_close_and_count_reports(run_reports: Callable[..., str]) -> None:
    first, second = run_reports("list").splitlines()
    assert first.split() == ["1", "2", "×", "2026-11-22", "looks-fake", HOST]
    assert second.split()[-1] == "b.example"
    assert run_reports("list", "--kind", "missing").count("\n") == 1
    assert "note:         =1+1" in run_reports("show", "2")
    assert "no report 7" in run_reports("show", "7", code=2)
    assert run_reports("close", "2") == ""
    assert "no open report 2" in run_reports("close", "2", code=1)
    assert "b.example" in run_reports("list", "--closed")
    assert "b.example" not in run_reports("list")
    counted = run_reports("stats")
    assert "looks-fake        1 open, filed 2 times" in counted
    assert "Half of them have waited 0 days or longer." in counted


def test_an_export_opened_in_a_spreadsheet_runs_no_formula(run_reports: Callable[..., str]) -> None:
    header, *rows = run_reports("export").splitlines()
    assert header == "id,kind,host,verdict,note,list_version,first_day,last_day,count,closed_day"
    assert rows[1] == "2,missing,b.example,warning,'=1+1,,2026-11-22,2026-11-22,1,"
    lines = [json.loads(line) for line in run_reports("export", "--format", "jsonl").splitlines()]
    assert [line["count"] for line in lines] == [2, 1]
    assert lines[1]["note"] == "=1+1"


@pytest.mark.parametrize("text", ["mysql://x/y", "my-reports.db", "sqlite:x", "postgresql:/x", "sqlite:///a?b=c"])
def test_an_invalid_database_address_is_reported_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    monkeypatch.setenv("PORTALCHECK_DATABASE_URL", text)
    assert main(["reports", "list"]) == 2
    printed = capsys.readouterr().err
    assert "PORTALCHECK_DATABASE_URL must begin with sqlite:///" in printed
    assert text not in printed
