"""Workers on one port: each gets a share of the load and the supervisor's signals, and is replaced if it dies."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
import time
from collections import Counter
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from checker.cli import main
from tests.served import PATIENCE, Server, serving, small_list

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

OFFICIAL = "https://mychart.clevelandclinic.org/"


def workers(server: Server) -> list[int]:
    """The process ids of the workers; not Python's own helper for shared memory."""
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def scrape(server: Server) -> str:
    return server.ask("GET", "/metrics")[1].decode()


def series(server: Server, gauge: str) -> dict[int, dict[str, float]]:
    """A gauge in one scrape: for each worker's process id, its values by the text of their other labels."""
    by_worker: dict[int, dict[str, float]] = {}
    for pid, labels, value in re.findall(rf'^{gauge}{{pid="(\d+)",?([^}}]*)}} (\S+)$', scrape(server), re.M):
        by_worker.setdefault(int(pid), {})[labels] = float(value)
    return by_worker


def answering(server: Server) -> list[str]:
    """The version of the list with which each worker answers."""
    by_worker = series(server, "portalcheck_list").values()
    return [version.split('"')[1] for of in by_worker for version, is_current in of.items() if is_current]


def counted(server: Server, counter: str) -> float:
    """A counter's sum over all workers, as one scrape shows it; it is written with its labels."""
    value = re.search(rf"^{re.escape(counter)} (\S+)$", scrape(server), re.M)
    return float(value[1]) if value else 0.0


def connections(server: Server) -> Counter[int]:
    """How many connections each worker has accepted and holds, from the system's own table."""
    inodes = {
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{server.port:04X}") and line.split()[3] == "01"
    }
    held = Counter[int]()
    for worker in workers(server):
        for file in Path(f"/proc/{worker}/fd").iterdir():
            with suppress(OSError):
                held[worker] += os.readlink(file).removeprefix("socket:[").removesuffix("]") in inodes
    return held


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_each_worker_gets_a_share_and_any_of_them_returns_the_metrics_of_all(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        server.until(lambda: len(series(server, "portalcheck_list")) == 2)
        body = json.dumps({"url": OFFICIAL})
        burst = [HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE) for _ in range(100)]
        for connection in burst:
            connection.request("POST", "/api/v1/check", body, {"content-type": "application/json"})
        for connection in burst:
            assert json.loads(connection.getresponse().read())["verdict"] == "verified"
        shares = connections(server)
        assert len(shares) == 2
        assert min(shares.values()) > 20, "fails less than once in a billion times if connections are spread at random"
        for connection in burst:
            connection.close()
        verified = 'portalcheck_checks_total{verdict="verified"}'
        assert {counted(server, verified) for _ in range(10)} == {100}, "whichever worker is asked"


def test_all_workers_reload_and_keep_the_last_good_list_and_so_does_a_replacement(tmp_path: Path) -> None:
    lists = small_list(tmp_path, "clevelandclinic.org", "ochin.org")
    with serving(tmp_path, "--workers", "2", PORTALCHECK_ALLOWLISTS=str(lists)) as server:
        server.until(lambda: len(series(server, "portalcheck_list")) == 2)
        first = server.ready()["allowlist"]
        entry = lists / "portals/ochin.org.yaml"
        entry.write_text(entry.read_text().replace("operator: OCHIN", "operator: OCHIN again"))
        server.process.send_signal(signal.SIGHUP)

        server.until(lambda: len(answering(server)) == 2 and first not in answering(server))
        (second,) = set(answering(server))

        entry.write_text("domain: [")
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: [of[""] for of in series(server, "portalcheck_list_stale").values()] == [1, 1])
        killed = workers(server)[0]
        os.kill(killed, signal.SIGKILL)
        server.until(lambda: "Unexpected exit" in server.log.read_text() and len(workers(server)) == 2)
        server.until(lambda: sorted(series(server, "portalcheck_list_stale")) == sorted(workers(server)))
        assert killed not in series(server, "portalcheck_list")
        assert answering(server) == [second] * 2
        assert [of[""] for of in series(server, "portalcheck_list_stale").values()] == [1, 1]
        for _ in range(20):
            ready = server.ready()
            assert (ready["status"], ready["allowlist"]) == ("stale", second)
            assert server.verdict(OFFICIAL) == "verified"
        entry.unlink()
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: "hosts would be gone" in server.ready()["reason"])
        assert "Traceback" not in server.log.read_text()


def test_a_worker_that_is_just_starting_is_not_hurt_by_a_signal_to_reload_and_obeys_it(tmp_path: Path) -> None:
    lists = small_list(tmp_path, "clevelandclinic.org", "ochin.org")
    with serving(tmp_path, "--workers", "2", PORTALCHECK_ALLOWLISTS=str(lists)) as server:
        server.until(lambda: len(series(server, "portalcheck_list")) == 2)
        first = server.ready()["allowlist"]
        os.kill(workers(server)[0], signal.SIGKILL)
        server.until(lambda: len(workers(server)) == 2)
        entry = lists / "portals/ochin.org.yaml"
        entry.write_text(entry.read_text().replace("operator: OCHIN", "operator: OCHIN again"))
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: len(answering(server)) == 2 and first not in answering(server))
        assert server.log.read_text().count("Unexpected exit") == 1


def test_a_killed_worker_loses_its_own_requests_and_no_others(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        server.until(lambda: len(series(server, "portalcheck_list")) == 2)
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
        assert [folder.name[:12] for folder in temporary.iterdir()] == ["portalcheck-"]
        server.process.send_signal(signal.SIGTERM)
        server.until(lambda: {server.ask("GET", "/readyz")[0] for _ in range(4)} == {503})
        assert server.verdict(OFFICIAL) == "verified"
        assert server.process.wait(PATIENCE) == 0
        assert not any(map(is_alive, before))
        assert not list(temporary.iterdir())
        assert "Unexpected exit" not in server.log.read_text()


def test_workers_do_not_outlive_their_supervisor(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        orphans = workers(server)
        server.process.kill()
        server.until(lambda: not any(map(is_alive, orphans)))


def test_a_worker_whose_client_reads_no_answers_does_not_outlive_its_supervisor_either(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        orphans = workers(server)
        body = json.dumps({"url": OFFICIAL}).encode()
        request = b"POST /api/v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        request += f"Content-Length: {len(body)}\r\n\r\n".encode() + body
        with socket.create_connection(("127.0.0.1", server.port), timeout=1) as connection:
            with suppress(OSError):
                while True:
                    connection.sendall(request * 100)
            server.process.kill()
            server.until(lambda: not any(map(is_alive, orphans)))


def test_a_replacement_does_without_the_last_good_list_if_it_is_damaged_and_finds_it_if_it_was_tidied_away(
    tmp_path: Path,
) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    lists = small_list(tmp_path, "clevelandclinic.org", "ochin.org")
    with serving(tmp_path, "--workers", "2", PORTALCHECK_ALLOWLISTS=str(lists), TMPDIR=str(temporary)) as server:
        server.until(lambda: len(series(server, "portalcheck_list")) == 2)
        (kept,) = temporary.glob("portalcheck-*/list-*.snapshot")
        kept.write_bytes(b"portalcheck-list 2 damaged")
        os.kill(workers(server)[0], signal.SIGKILL)
        server.until(lambda: len(answering(server)) == 2 and len(set(answering(server))) == 1)
        kept.unlink()
        (lists / "portals/ochin.org.yaml").write_text("domain: [")
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: [of[""] for of in series(server, "portalcheck_list_stale").values()] == [1, 1])
        assert kept.exists()
        time.sleep(6)  # a worker that dies twice within seconds ends the service
        os.kill(workers(server)[0], signal.SIGKILL)
        server.until(lambda: len(workers(server)) == 2 and len(answering(server)) == 2)
        assert {server.verdict(OFFICIAL) for _ in range(10)} == {"verified"}


def test_workers_share_no_port_with_strangers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(tmp_path, "--workers", "2") as server:
        assert main(["serve", "--workers", "2", "--port", str(server.port)]) == 2
        assert f"Port {server.port} on 127.0.0.1 is taken" in capsys.readouterr().err
