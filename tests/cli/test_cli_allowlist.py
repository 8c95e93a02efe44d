"""The maintainers' commands: what they write, what they refuse, and their exit codes."""

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import jsonschema
import pytest
import yaml

from checker.cli import main
from checker.cli.allowlist import allowlist
from checker.lists.loader import load_folder
from checker.lists.schema import portal_schema

LISTS = Path(__file__).parents[2] / "allowlists"
FEW = ["ochin.org", "id.me", "clevelandclinic.org", "mybellin.org"]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A list with four real portal files, and everything else from the real list."""
    folder = tmp_path / "allowlists"
    shutil.copytree(LISTS, folder, ignore=lambda where, names: names if Path(where).name == "portals" else [])
    for domain in FEW:
        shutil.copy(LISTS / "portals" / f"{domain}.yaml", folder / "portals")
    return folder


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["--allowlists", str(folder), "allowlist", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "portals").iterdir()}


def spoil(folder: Path, old: str, new: str, domain: str = "id.me") -> None:
    path = folder / "portals" / f"{domain}.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


# --- lint and fmt --------------------------------------------------------------------------------


def test_a_good_list_has_no_errors(run: Run) -> None:
    code, out, err = run("lint")
    assert (code, out) == (0, "")
    assert err == "4 files: 0 errors, 0 pieces of advice\n"


def test_lint_prints_findings_in_three_formats(folder: Path, run: Run) -> None:
    spoil(folder, "country: US", "country: UK")
    said = "no ISO 3166-1 country code; write two capital letters such as `US` (the United Kingdom is `GB`)"
    file = "allowlists/portals/id.me.yaml"
    assert run("lint")[:2] == (1, f"error: {file}:3: {said} [PC107]\n")
    assert run("lint", "--format", "github")[:2] == (1, f"::error file={file},line=3,title=PC107::{said}\n")
    code, out, _ = run("lint", "--format", "json")
    (finding,) = json.loads(out)["findings"]
    assert (code, finding) == (
        1,
        {"file": file, "line": 3, "code": "PC107", "severity": "error", "message": said},
    )


def test_lint_of_one_path_reports_only_what_is_wrong_there(folder: Path, run: Run) -> None:
    spoil(folder, "country: US", "country: UK")
    assert run("lint", str(folder / "portals" / "ochin.org.yaml"))[0] == 0
    assert run("lint", str(folder / "portals"))[0] == 1


def test_lint_against_a_base_reports_removed_hosts(folder: Path, run: Run, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "base" / "allowlists")
    (folder / "portals" / "id.me.yaml").unlink()
    code, out, _ = run("lint", "--base", str(tmp_path / "base" / "allowlists"))
    assert code == 1
    assert "allowlists/portals/id.me.yaml:1: account.id.me was listed and is gone" in out


def test_fmt_rewrites_once_and_keeps_the_leading_comment(folder: Path, run: Run) -> None:
    good = contents(folder)
    spoil(folder, "domain: id.me\noperator: ID.me", "# Known as ID.me.\noperator: 'ID.me'\ndomain:   id.me")
    assert run("fmt", "--check")[:2] == (1, "would change: allowlists/portals/id.me.yaml\n")
    assert run("fmt")[:2] == (0, "written: allowlists/portals/id.me.yaml\n")
    assert contents(folder) == good | {"id.me.yaml": b"# Known as ID.me.\n" + good["id.me.yaml"]}
    assert run("fmt")[:2] == (0, "")


def test_fmt_never_drops_a_comment(folder: Path, run: Run) -> None:
    spoil(folder, "country: US", "country:   US  # where it is")
    before = contents(folder)
    code, out, _ = run("fmt")
    assert code == 1
    assert "id.me.yaml:1: a comment on line 3; comments go at the top of a file" in out
    assert contents(folder) == before


def test_a_hash_inside_a_value_is_not_a_comment(folder: Path, run: Run) -> None:
    spoil(folder, "[ID.me (sign-in service)]", '["ID #1"]')
    assert run("lint")[0] == 0


# --- add, retire, confirm ------------------------------------------------------------------------


def test_add_writes_a_new_domain_canonically(folder: Path, run: Run) -> None:
    code, out, _ = run(
        "add",
        "https://MyChart.Example.org/MyChart/Authentication/Login",
        "--organization=Example Health",
        "--vendor=epic-mychart",
        "--evidence=https://www.example.org/patients",
        "--seen=2026-10",
    )
    assert code == 0
    assert "repaired: login page cut off → https://mychart.example.org/MyChart/" in out
    assert (folder / "portals" / "example.org.yaml").read_text("utf-8") == (
        "domain: example.org\n"
        "operator: Example Health\n"
        "vendor: epic-mychart\n"
        "evidence:\n"
        "  - {source: operator-site, url: https://www.example.org/patients, seen: 2026-10}\n"
        "portals:\n"
        "  - url: https://mychart.example.org/MyChart/\n"
        "    organizations: [Example Health]\n"
    )


def test_add_puts_an_organization_on_an_existing_portal(folder: Path, run: Run) -> None:
    evidence = ["--evidence=https://www.mychart.org/LoginSignup", "--source=epic-mychart-directory", "--seen=2026-10"]
    assert run("add", "https://mychart.ochin.org/mychartdap", "--organization=New", *evidence)[0] == 0
    portals = {portal.url: portal.organizations for portal in load_folder(folder).portals}
    assert portals["https://mychart.ochin.org/mychartdap/"] == ("DAP", "New")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["http://a.example.org/", "--organization=A"], 2, "the scheme is not https"),
        (["https://a.example.org/", "--organization=A", "--organization=B"], 2, "who controls it"),
        (["https://mychart.ochin.org/x/", "--organization=A", "--operator=B"], 2, "operated by OCHIN"),
        (["https://a.example.org/", "--organization=A", "--source=My Source"], 2, "source"),
        (["https://a.github.io/", "--organization=A"], 1, "[PC205]"),
        (["https://docs.google.com/x/", "--organization=A"], 1, "[PC206]"),
        (["https://a.example.org/", "--organization=A", "--seen=2026-13"], 1, "[PC106]"),
        (["https://a.example.org/", "--organization=A", "--country=us"], 1, "[PC107]"),
        (["https://www.mybellin.org/", "--organization=A", "--operator=Bellin Health"], 2, "it is retired"),
    ],
)
def test_a_refused_add_changes_nothing(arguments: list[str], code: int, said: str, folder: Path, run: Run) -> None:
    before = contents(folder)
    exit_code, out, err = run("add", *arguments, "--evidence=https://www.example.org/patients")
    assert exit_code == code
    assert said in out + err
    assert contents(folder) == before


def test_retire_keeps_the_host_as_a_tombstone(folder: Path, run: Run) -> None:
    code, _, _ = run("retire", "mychart.ochin.org", "--reason=Moved.", "--on=2026-11-01")
    assert code == 0
    operator = load_folder(folder).operator_of("ochin.org")
    assert operator is not None
    assert operator.all_retired
    assert run("retire", "mychart.ochin.org", "--reason=Again.")[0] == 2
    assert run("retire", "mychart.nowhere.org", "--reason=Again.")[0] == 2


def test_retire_refuses_a_new_address_that_is_not_listed(folder: Path, run: Run) -> None:
    before = contents(folder)
    code, out, _ = run("retire", "account.id.me", "--reason=Moved.", "--moved-to=https://evil.example.com/")
    assert (code, contents(folder)) == (1, before)
    assert "[PC503]" in out


def test_confirm_renews_the_lease(folder: Path, run: Run) -> None:
    before = {portal.host: portal.review_by for portal in load_folder(folder).portals}
    assert run("confirm", "account.id.me", "--evidence=https://www.id.me/about", "--seen=2026-11")[0] == 0
    after = {portal.host: portal.review_by for portal in load_folder(folder).portals}
    assert after["account.id.me"] > before["account.id.me"]
    assert {host: day for host, day in after.items() if host != "account.id.me"} == {
        host: day for host, day in before.items() if host != "account.id.me"
    }
    assert run("lint")[0] == 0


# --- the content of the list, and the effect of a change -----------------------------------------


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A Maintainer", "-c", "user.email=maintainer@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def test_diff_against_a_revision_and_the_gate(folder: Path, run: Run) -> None:
    git(folder.parent, "init", "-q")
    git(folder.parent, "add", "allowlists")
    git(folder.parent, "commit", "-q", "-m", "The list")
    assert run("diff", "HEAD", "--gate")[0] == 0
    assert run("retire", "account.id.me", "--reason=Moved.")[0] == 0
    code, out, err = run("diff", "HEAD", "--gate")
    assert code == 3
    assert "HOST CEASES TO BE VERIFIED    account.id.me" in out
    assert "25.00% of the hosts lost" in err or "33.33% of the hosts lost" in err
    digest = json.loads(run("diff", "HEAD", "--format", "json")[1])["digest"]
    assert run("diff", "HEAD", "--gate", "--accept", digest)[0] == 0
    assert run("diff", "HEAD", "--gate", "--accept", "0" * 16)[0] == 3
    assert run("diff", "no-such-revision")[0] == 2
    assert run("diff", "HEAD", "HEAD", "--gate")[0] == 0


def test_the_review_comment_names_effect_and_digest(folder: Path, run: Run, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "base")
    (folder / "portals" / "id.me.yaml").unlink()
    code, out, _ = run("diff", str(tmp_path / "base"), "--format", "github")
    assert code == 0
    assert "account.id.me" in out
    assert "* needs a second person: host ceases to be verified: account.id.me" in out
    assert "Digest of this effect: `" in out


def test_why_names_file_line_and_evidence(run: Run) -> None:
    code, out, _ = run("why", "https://mychart.ochin.org/mychartdap/Billing")
    assert code == 0
    assert out.startswith("verdict: verified\n  yes  the scheme is https\n")
    assert "\nentry: allowlists/portals/ochin.org.yaml:" in out
    assert "organizations: DAP" in out
    assert "evidence: epic-mychart-directory, https://www.mychart.org/LoginSignup, seen 2026-10" in out


def test_why_shows_what_an_unlisted_address_resembles(run: Run) -> None:
    code, out, _ = run("why", "https://mychart.cleve1andclinic.org/")
    assert code == 0
    assert out.startswith("verdict: warning\n  danger: imitates-official\n")
    assert "mychart.clevelandclinic.org" in out
    assert run("why", "hello there")[0] == 2


def test_stale_lists_entries_that_are_due_oldest_first(folder: Path, run: Run) -> None:
    spoil(folder, "seen: 2026-08", "seen: 2020-08")
    code, out, _ = run("stale")
    assert (code, out) == (1, "2021-08-01  https://account.id.me/  ID.me\n")
    assert "[PC502]" in run("lint")[1]
    assert run("lint")[0] == 0, "a passing date never fails a run"


def test_evidence_of_unknown_age_is_said_to_be_so_wherever_evidence_is_shown(folder: Path, run: Run) -> None:
    spoil(folder, "seen: 2026-08}", "seen: 2026-08, age: unknown}")
    assert run("stale")[1] == "2026-10-30  https://account.id.me/  ID.me  (evidence of unknown age)\n"
    assert json.loads(run("stale", "--format", "json")[1])["due"][0]["age"] == "unknown"
    assert "[PC502]" in run("lint")[1]
    assert ", read 2026-08, age unknown\n" in run("why", "https://account.id.me/")[1]
    (row,) = (r for r in csv.DictReader(io.StringIO(run("export", "csv")[1])) if "id.me" in r["portal_url"])
    assert (row["seen"], row["age"]) == ("2026-08", "unknown")
    exported = json.loads(run("export", "json")[1])["portals"]
    assert {e["age"] for p in exported for e in p["evidence"]} == {None, "unknown"}


def test_stats_count_hosts_and_portals(run: Run) -> None:
    counts = json.loads(run("stats", "--format", "json")[1])
    assert counts["list"]["domains"] == 4
    assert counts["list"]["retired portals"] == 1
    assert counts["list"]["portals"] > 200
    assert counts["freshness"] == {"verified": counts["list"]["hosts"], "due for review": 0, "overdue": 0}
    assert counts["vendor"]["epic-mychart"] == counts["verified by vendor"]["epic-mychart"] > 0
    assert run("stats", "--page")[1].startswith("# What the list covers\n")


def test_an_export_can_be_imported(folder: Path, run: Run, tmp_path: Path) -> None:
    before = contents(folder)
    (tmp_path / "rows.csv").write_text(run("export", "csv")[1], "utf-8")
    for path in (folder / "portals").iterdir():
        if path.name in ("ochin.org.yaml", "id.me.yaml"):
            path.unlink()
    assert run("import", "csv", str(tmp_path / "rows.csv"))[0] == 0
    assert contents(folder) == before
    assert run("export", "hosts")[1].splitlines() == sorted(load_folder(folder).hosts)
    exported = json.loads(run("export", "json")[1])
    assert exported["list"] == load_folder(folder).version
    rows = list(csv.DictReader(io.StringIO(run("export", "csv")[1])))
    assert len(rows) == sum(len(portal["organizations"]) for portal in exported["portals"])


# --- generated files -----------------------------------------------------------------------------


def test_the_schema_is_current_and_accepts_every_file() -> None:
    text = (LISTS / "schema" / "portal.schema.json").read_text("utf-8")
    assert text == portal_schema(), "write it: portalcheck allowlist schema > allowlists/schema/portal.schema.json"
    schema = jsonschema.Draft202012Validator(json.loads(text))
    for path in (LISTS / "portals").iterdir():
        value = yaml.load(path.read_text("utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506 - strings only
        for part in (value, *value["portals"]):
            part.update({flag: part[flag] == "true" for flag in ("shared", "home") if flag in part})
        assert not list(schema.iter_errors(value)), path.name
    assert list(schema.iter_errors({"domain": "example.org", "operater": "A", "portals": []}))


# --- every command ---------------------------------------------------------------------------------


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = [pytest.param(path, command, id=" ".join(path)) for path, command in leaves(allowlist)]
PRINTS_A_FILE = {("rules",), ("schema",), ("export",)}
"""Commands whose output is a file of a fixed format."""


@pytest.mark.parametrize(("path", "command"), COMMANDS)
def test_every_command_has_an_example_and_three_formats(
    path: tuple[str, ...], command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["allowlist", *path, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"\n  portalcheck allowlist {' '.join(path)}" in shown
    assert ("--format [text|json|github]" in shown) is (path not in PRINTS_A_FILE)


def test_fmt_prints_for_programs_and_the_forge(folder: Path, run: Run) -> None:
    spoil(folder, "domain: id.me", "domain:   id.me")
    file = "allowlists/portals/id.me.yaml"
    said = "would change to the canonical form: run `fmt`"
    assert run("fmt", "--check", "--format=github")[:2] == (1, f"::error file={file},line=1,title=PC104::{said}\n")
    assert json.loads(run("fmt", "--check", "--format=json")[1])["would_change"] == [file]
    code, out, _ = run("fmt", "--format=json")
    assert (code, json.loads(out)["written"]) == (0, [file])
    assert json.loads(run("fmt", "--format=json")[1]) == {"version": 1, "findings": [], "written": []}


def test_edits_print_as_json_what_was_written(folder: Path, run: Run) -> None:
    portal = ["https://A.example.org", "--organization=A", "--evidence=https://www.example.com/", "--seen=2026-10"]
    code, out, _ = run("add", *portal, "--format=json")
    edit = json.loads(out)
    assert (code, edit["written"]) == (0, "allowlists/portals/example.org.yaml")
    assert edit["text"] == (folder / "portals" / "example.org.yaml").read_text("utf-8")
    assert edit["repaired"]
    code, out, _ = run(
        "retire", "a.example.org", "--reason=Gone.", "--moved-to=https://x.example.com/", "--format=json"
    )
    assert (code, json.loads(out)["written"]) == (1, None)
    assert json.loads(out)["findings"][0]["code"] == "PC503"


def test_why_prints_entry_and_history_as_json(folder: Path, run: Run) -> None:
    git(folder.parent, "init", "-q")
    git(folder.parent, "add", "allowlists")
    git(folder.parent, "commit", "-q", "-m", "The list")
    answer = json.loads(run("why", "https://mychart.ochin.org/mychartdap/Billing", "--format=json")[1])
    (entry,) = answer["entries"]
    assert (answer["verdict"], entry["organizations"]) == ("verified", ["DAP"])
    assert entry["file"] == "allowlists/portals/ochin.org.yaml"
    assert "mychartdap" in (folder.parent / entry["file"]).read_text("utf-8").splitlines()[entry["line"] - 1]
    assert [line.partition("  ")[2] for line in entry["history"]] == ["The list"]
    assert "changed: " in run("why", "mychart.ochin.org")[1]
    answer = json.loads(run("why", "https://mychart.cleve1andclinic.org/", "--format=json")[1])
    assert answer["likeness"][0]["target"] == "mychart.clevelandclinic.org"


def test_an_import_as_json_and_one_that_shrinks_the_list_which_exits_3(folder: Path, run: Run, tmp_path: Path) -> None:
    rows = run("export", "csv")[1].splitlines(keepends=True)
    (tmp_path / "few.csv").write_text("".join([rows[0], *[row for row in rows[1:] if "ochin" in row][:9]]), "utf-8")
    before = contents(folder)
    code, out, err = run("import", "csv", str(tmp_path / "few.csv"), "--format=json")
    assert (code, json.loads(out), contents(folder)) == (3, {"version": 1, "report": []}, before)
    assert "use --accept-shrink" in err
    code, out, _ = run("import", "csv", str(tmp_path / "few.csv"), "--accept-shrink", "--format=json")
    assert code == 0
    assert json.loads(out)["report"][-1].startswith("9 rows: 0 new files, 9 rows known already")


def test_diff_from_nothing_shows_every_host_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "nothing").mkdir()
    assert main(["--allowlists", str(LISTS), "allowlist", "diff", str(tmp_path / "nothing")]) == 0
    lines = capsys.readouterr().out.splitlines()
    shown = [line.split()[3] for line in lines if line.startswith("HOST BECOMES VERIFIED")]
    assert sorted(shown) == sorted(load_folder(LISTS).hosts)
    assert len(lines) == len(shown) + 2, "a summary and a digest, and nothing else"


def test_the_committed_list_is_canonical(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--allowlists", str(LISTS), "allowlist", "fmt", "--check"]) == 0
