"""Workers on one port: each gets a share of the load and the supervisor's signals, and is replaced if it dies."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections import Counter
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from checker.cli import main
from checker.web.worker_metrics import WorkerMetrics
from tests.served import PATIENCE, Server, serving, small_list

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

OFFICIAL = "https://mychart.clevelandclinic.org/"


def workers(server: Server) -> list[int]:
    """The process ids of the workers."""
    pid = server.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def series(server: Server, metric: str) -> dict[str, dict[str, float]]:
    """A metric in one scrape: for each worker, its values by the text of their other labels."""
    text = server.ask("GET", "/metrics")[1].decode()
    by_worker: dict[str, dict[str, float]] = {}
    for worker, labels, value in re.findall(rf'^{metric}{{worker="(\d+)",?([^}}]*)}} (\S+)$', text, re.M):
        by_worker.setdefault(worker, {})[labels] = float(value)
    return by_worker


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_each_worker_gets_a_share_and_any_of_them_returns_all_metrics(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        body = json.dumps({"url": OFFICIAL})
        burst = [HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE) for _ in range(100)]
        for connection in burst:
            connection.connect()  # before the first request: the first worker to wake up could take them all
        for connection in burst:
            connection.request("POST", "/api/v1/check", body, {"content-type": "application/json"})
        for connection in burst:
            assert json.loads(connection.getresponse().read())["verdict"] == "verified"
            connection.close()
        wanted = 'verdict="verified"'
        server.until(
            lambda: sum(of.get(wanted, 0) for of in series(server, "portalcheck_checks_total").values()) == 100
        )
        shares = series(server, "portalcheck_checks_total")
        assert sorted(shares) == ["0", "1"]
        assert min(of[wanted] for of in shares.values()) > 20, (
            "fails less than once in a billion times if connections are spread at random"
        )
        assert sorted(series(server, "process_resident_memory_bytes")) == ["0", "1"]


def test_all_workers_reload_and_keep_the_last_good_list_and_so_does_a_replacement(tmp_path: Path) -> None:
    lists = small_list(tmp_path, "clevelandclinic.org", "ochin.org")
    with serving(tmp_path, "--workers", "2", PORTALCHECK_ALLOWLISTS=str(lists)) as server:
        first = server.ready()["allowlist"]
        entry = lists / "portals/ochin.org.yaml"
        entry.write_text(entry.read_text().replace("operator: OCHIN", "operator: OCHIN again"))
        server.process.send_signal(signal.SIGHUP)

        def versions() -> Counter[str]:
            return Counter(version for of in series(server, "portalcheck_list").values() for version in of)

        server.until(lambda: sorted(versions().values()) == [2] and f'version="{first}"' not in versions())
        (second,) = versions()
        server.until(lambda: server.log.read_text().count("answers, loaded in") >= 3)  # the supervisor as well

        entry.write_text("domain: [")
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: [of[""] for of in series(server, "portalcheck_list_stale").values()] == [1, 1])
        server.until(lambda: server.log.read_text().count("the list was not reloaded") >= 3)
        os.kill(workers(server)[0], signal.SIGKILL)
        server.until(lambda: "is replaced" in server.log.read_text() and len(workers(server)) == 2)
        server.until(lambda: series(server, "portalcheck_reloads_total") != {})
        assert versions() == {second: 2}
        server.until(lambda: [of[""] for of in series(server, "portalcheck_list_stale").values()] == [1, 1])
        for _ in range(20):
            ready = server.ready()
            assert (ready["status"], ready["allowlist"]) == ("stale", second.split('"')[1])
            assert server.verdict(OFFICIAL) == "verified"
        assert "Traceback" not in server.log.read_text()


def test_a_killed_worker_loses_its_own_requests_and_no_waiting_ones(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        lost = 0
        for number in range(200):
            if number in (50, 100):
                os.kill(workers(server)[0], signal.SIGKILL)
            try:
                assert server.verdict(OFFICIAL) == "verified"
            except (OSError, HTTPException):
                lost += 1
        assert lost <= 2, "one request at a time, two kills"
        server.until(lambda: len(workers(server)) == 2)


def test_workers_drain_and_stop_together(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    with serving(tmp_path, "--workers", "2", PORTALCHECK_DRAIN_SECONDS="2", TMPDIR=str(temporary)) as server:
        server.until(lambda: len(series(server, "portalcheck_list")) == 2)
        before = workers(server)
        assert len(list(temporary.iterdir())) == 1
        server.process.send_signal(signal.SIGTERM)
        server.until(lambda: {server.ask("GET", "/readyz")[0] for _ in range(4)} == {503})
        assert server.verdict(OFFICIAL) == "verified"
        assert server.process.wait(PATIENCE) == 0
        assert not any(map(is_alive, before))
        assert not list(temporary.iterdir())
        assert "is replaced" not in server.log.read_text()


def test_workers_do_not_outlive_their_supervisor(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        orphans = workers(server)
        server.process.kill()
        server.until(lambda: not any(map(is_alive, orphans)))


def test_workers_share_no_port_with_strangers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        assert main(["serve", "--workers", "2", "--port", str(server.port)]) == 2
        assert f"Port {server.port} on 127.0.0.1 is taken" in capsys.readouterr().err


def test_series_of_one_metric_stand_together(tmp_path: Path) -> None:
    head = "# HELP a_total A.\n# TYPE a_total counter\n"
    other = "# HELP b B.\n# TYPE b gauge\n"
    WorkerMetrics(tmp_path, 1).write(f'{head}a_total{{x="1"}} 1.0\n{other}b 2.0\n'.encode())
    WorkerMetrics(tmp_path, 0).write(b"old")
    mine = f'{head}a_total{{x="{{ }}"}} 3.0\n{other}b 4.0\n'.encode()
    assert WorkerMetrics(tmp_path, 0).with_others(mine).decode() == (
        f'{head}a_total{{worker="0",x="{{ }}"}} 3.0\na_total{{worker="1",x="1"}} 1.0\n'
        f'{other}b{{worker="0"}} 4.0\nb{{worker="1"}} 2.0\n'
    )
