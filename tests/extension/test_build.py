"""The build: same bytes from the same sources, small, complete, and each browser's own manifest."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from checker.core.allowlist import Allowlist
from checker.core.reason import Level, Reason, ReasonCode
from extension.build import BROWSERS, SOURCE, build, check_service, export_list

SMALL_ENOUGH = 150_000


@pytest.fixture(scope="module")
def two_builds(tmp_path_factory: pytest.TempPathFactory, allowlist: Allowlist) -> list[list[Path]]:
    return [build(tmp_path_factory.mktemp("build"), allowlist=allowlist) for _ in range(2)]


def test_the_same_sources_give_the_same_bytes(two_builds: list[list[Path]]) -> None:
    first, second = ([archive.read_bytes() for archive in archives] for archives in two_builds)
    assert first == second


def test_the_zips_are_small_and_hold_the_unpacked_folders(two_builds: list[list[Path]]) -> None:
    for browser, archive in zip(BROWSERS, two_builds[0], strict=True):
        assert archive.stat().st_size < SMALL_ENOUGH
        folder = archive.parent / browser
        unpacked = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        }
        with zipfile.ZipFile(archive) as bundle:
            assert {name: bundle.read(name) for name in bundle.namelist()} == unpacked
            assert {info.date_time for info in bundle.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        wanted = {
            "manifest.json",
            "popup.html",
            "popup.js",
            "lib/list.js",
            "data/list.json",
            "data/en.json",
            "data/es.json",
        }
        assert wanted <= unpacked.keys()
        assert not [name for name in unpacked if name.endswith((".py", ".svg", ".md", "package.json"))]


def test_each_browser_gets_the_manifest_keys_it_knows(two_builds: list[list[Path]]) -> None:
    folder = two_builds[0][0].parent
    chromium, firefox = (json.loads((folder / browser / "manifest.json").read_text()) for browser in BROWSERS)
    assert "browser_specific_settings" not in chromium
    assert "minimum_chrome_version" not in firefox
    shared = chromium.keys() & firefox.keys()
    assert {key: chromium[key] for key in shared} == {key: firefox[key] for key in shared}
    for manifest in (chromium, firefox):
        for icon in manifest["icons"].values():
            assert (SOURCE / icon).read_bytes().startswith(b"\x89PNG")


def test_every_listed_host_is_exported_with_all_its_mounts(allowlist: Allowlist) -> None:
    exported = export_list(allowlist)
    hosts = exported["hosts"]
    assert isinstance(hosts, dict)
    assert {(host, mount["mount"]) for host, entry in hosts.items() for mount in entry["mounts"]} == {
        (portal.host, portal.mount) for operator in allowlist.operators for portal in operator.portals
    }
    assert exported["version"] == allowlist.version
    assert exported["grace_days"] == allowlist.policy.lease.grace_days
    assert allowlist.policy.lease.review_after_days == timedelta(days=365).days


def test_the_danger_codes_are_exported_in_the_order_in_which_reasons_are_shown(allowlist: Allowlist) -> None:
    reasons = sorted((Reason.of(code) for code in ReasonCode), key=lambda reason: reason.rank)
    dangers = [reason.code.value for reason in reasons if reason.level is Level.DANGER]
    assert export_list(allowlist)["danger_codes"] == dangers


@pytest.mark.parametrize(
    ("service", "kept"),
    [
        ("", ""),
        ("https://portalcheck.example/", "https://portalcheck.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000/", "http://localhost:8000"),
    ],
)
def test_a_build_can_name_its_service(service: str, kept: str) -> None:
    assert check_service(service) == kept


@pytest.mark.parametrize(
    "service", ["http://portalcheck.example", "portalcheck.example", "ftp://x.example", "https://"]
)
def test_a_service_that_could_be_overheard_is_refused(service: str) -> None:
    with pytest.raises(ValueError, match="https"):
        check_service(service)
