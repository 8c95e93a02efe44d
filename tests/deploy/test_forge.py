"""The workflows: pinned actions, least privilege, only commands that exist; and the gate at work."""

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
import yaml

from checker.cli import program
from tests.served import ROOT, small_list

FORGE = ROOT / ".github"
WORKFLOWS = sorted((FORGE / "workflows").iterdir())
MAY_WRITE = {("effect-comment", "pull-requests")}
"""The only permission to write: for the comment that shows an effect."""


def parsed(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - strings only


def jobs() -> list[Any]:
    return [
        pytest.param(path.stem, name, job, id=f"{path.stem}:{name}")
        for path in WORKFLOWS
        for name, job in parsed(path)["jobs"].items()
    ]


def test_every_action_is_pinned_by_its_commit() -> None:
    for path in WORKFLOWS:
        uses = re.findall(r"uses: *(.*)", path.read_text("utf-8"))
        for use in uses:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use), f"{path.name}: {use}"


def test_one_action_has_one_pin() -> None:
    pins = {use for path in WORKFLOWS for use in re.findall(r"uses: *(.*)", path.read_text("utf-8"))}
    assert len(pins) == len({pin.partition("@")[0] for pin in pins})


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_starts_without_permissions_and_never_runs_untrusted_code_with_them(path: Path) -> None:
    workflow = parsed(path)
    assert workflow["permissions"] == {}
    assert "pull_request_target" not in workflow["on"]
    if "workflow_run" in workflow["on"]:  # runs with rights after a stranger's change
        assert "actions/checkout" not in path.read_text("utf-8")


@pytest.mark.parametrize(("workflow", "name", "job"), jobs())
def test_a_job_has_the_least_rights_and_an_end(workflow: str, name: str, job: dict[str, Any]) -> None:
    assert job["permissions"], "each job says what it needs"
    assert all(v == "read" or (workflow, k) in MAY_WRITE for k, v in job["permissions"].items())
    assert int(job["timeout-minutes"]) <= 60
    assert "latest" not in job["runs-on"]
    for step in job["steps"]:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] == "false"
        assert "${{" not in step.get("run", ""), "what a stranger wrote comes in through the environment only"


def commands(first: str) -> list[list[str]]:
    """Every use of a program in the workflows and the guide, as words behind its name."""
    texts = [
        step.get("run", "") for path in WORKFLOWS for job in parsed(path)["jobs"].values() for step in job["steps"]
    ]
    texts += re.findall(r"```console\n(.*?)```", (FORGE / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)
    lines = "\n".join(texts).replace("\\\n", " ").replace("$ ", "").splitlines()
    parts = [
        part for line in lines for part in line.split("&&") if part.strip().startswith(("make", ".venv", "python"))
    ]
    words = [shlex.split(part, comments=True) for part in parts]
    return [line[line.index(first) + 1 :] for line in words if first in line]


def test_every_make_target_exists() -> None:
    used = commands("make")
    assert len(used) >= 6
    for words in used:
        done = subprocess.run(["make", "-n", words[-1]], cwd=ROOT, capture_output=True, check=False)
        assert done.returncode == 0, words


def test_every_command_and_option_exists() -> None:
    used = commands("checker")
    assert len(used) >= 8
    for words in used:
        command: click.Command = program
        for word in words:
            if isinstance(command, click.Group) and word in command.commands:
                command = command.commands[word]
            elif word.startswith("--"):
                known = {option for c in (program, command) for p in c.params for option in p.opts} | {"--help"}
                assert word in known, words
        assert "--help" in words or not isinstance(command, click.Group), words


@pytest.mark.parametrize("path", sorted((FORGE / "ISSUE_TEMPLATE").iterdir()), ids=lambda path: path.stem)
def test_a_form_asks_for_evidence_and_warns_about_private_data(path: Path) -> None:
    form = parsed(path)
    assert {"name", "description", "title", "body"} <= form.keys()
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert "evidence" in ids
    assert len(ids) == len(set(ids))
    assert "nothing private" in form["body"][0]["attributes"]["value"]


def test_the_example_entry_in_the_guide_passes_lint(tmp_path: Path) -> None:
    folder = small_list(tmp_path)
    (entry,) = re.findall(r"```yaml\n(.*?)```", (FORGE / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)
    text = "".join(line.removeprefix("   ") for line in entry.splitlines(keepends=True)).rstrip() + "\n"
    (folder / "portals" / "example.org.yaml").write_text(text, "utf-8")
    lint = [sys.executable, "-m", "checker", "--allowlists", str(folder), "allowlist", "lint"]
    done = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_owners_are_placeholders_that_cannot_be_accounts() -> None:
    owners = set(re.findall(r"@\S+", (FORGE / "CODEOWNERS").read_text("utf-8")))
    assert owners
    assert all(owner.startswith("@PLACEHOLDER--") for owner in owners), (
        "an account name cannot have two hyphens in a row"
    )


# --- who has accepted an effect ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("accepted_digest", FORGE / "accepted_digest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ONE, TWO = "0123456789abcdef", "fedcba9876543210"
OWNERS = frozenset({"owner-a", "owner-b"})


def review(login: str, state: str = "APPROVED", body: str | None = f"accept {ONE}") -> dict[str, Any]:
    return {"user": {"login": login}, "state": state, "body": body}


@pytest.mark.parametrize(
    ("reviews", "digest", "why"),
    [
        ([], None, "no review"),
        ([review("owner-a")], ONE, "an owner who is not the author"),
        ([review("Owner-A")], ONE, "account names ignore case"),
        ([review("AUTHOR")], None, "the author, though an owner"),
        ([review("stranger")], None, "anybody can approve"),
        ([review("owner-a", "COMMENTED")], None, "a comment is no approval"),
        ([review("owner-a", "DISMISSED")], None, "withdrawn"),
        ([review("owner-a"), review("owner-a", "CHANGES_REQUESTED", "No!")], None, "withdrawn by the same owner"),
        ([review("owner-a"), review("owner-a", "COMMENTED", "Thanks")], ONE, "a later comment withdraws nothing"),
        ([review("owner-a"), review("owner-b", body=f"accept `{TWO}`")], TWO, "the newest one, marked as code"),
        ([review("owner-a"), review("owner-b", body="Looks good")], ONE, "an approval without a digest"),
        ([review("owner-a", body=f"Checked all.\r\n\r\naccept {TWO}\r\n")], TWO, "one line among others"),
        ([review("owner-a", body=f"> accept {ONE}\n\nWhy?")], None, "quoting is not accepting"),
        ([review("owner-a", body=f"I do not accept {ONE}")], None, "not a line on its own"),
        ([review("owner-a", body=None), {"user": None, "state": "APPROVED"}], None, "a deleted account"),
    ],
)
def test_who_accepts(reviews: list[dict[str, Any]], digest: str | None, why: str, script: ModuleType) -> None:
    assert script.accepted_digest(reviews, "author", OWNERS | {"author"}) == digest, why


def test_owners_are_those_of_the_list(script: ModuleType) -> None:
    text = "* @everybody\n/allowlists/ @One @org/team someone@example.org  # @nobody\n/checker/ @Two\n"
    assert script.owners_of_the_list(text) == {"one"}
    assert script.owners_of_the_list("* @everybody\n") == frozenset()


# --- the gate, as the workflow runs it ---------------------------------------------------------------


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A Maintainer", "-c", "user.email=maintainer@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def program_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def run_steps(tmp_path: Path, reviews: list[dict[str, Any]]) -> tuple[dict[str, int], Path]:
    """The exit codes of the workflow's steps, run by bash as in the workflow."""
    temp, tools = tmp_path / "temp", tmp_path / "tools"
    shutil.rmtree(temp, ignore_errors=True)
    temp.mkdir()
    program_file(tools / "make", f'mkdir -p "$2/.venv/bin" && ln -s "{tools}/python" "$2/.venv/bin/python"')
    program_file(tools / "python", f'exec "{sys.executable}" "$@"')
    (tools / "reviews").write_text("".join(json.dumps(review) + "\n" for review in reviews))
    program_file(tools / "gh", f'cat "{tools}/reviews"')
    environ = os.environ | {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(temp),
        "GITHUB_WORKSPACE": str(tmp_path / "repository"),
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_STEP_SUMMARY": str(temp / "summary.md"),
        "NUMBER": "7",
        "AUTHOR": "author",
    }
    codes = {}
    for step in parsed(FORGE / "workflows" / "effect.yml")["jobs"]["effect"]["steps"]:
        if "run" in step:
            bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            done = subprocess.run(bash, cwd=tmp_path / "repository", env=environ, capture_output=True, check=False)
            codes[step["name"]] = done.returncode
    git(tmp_path / "repository", "worktree", "remove", "--force", str(temp / "base"))
    return codes, temp


def test_the_gate_opens_for_an_owner_who_is_not_the_author(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    small_list(tmp_path, "id.me", "ochin.org").rename(tmp_path / "allowlists")
    shutil.copytree(ROOT / "checker", repository / "checker", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.move(tmp_path / "allowlists", repository / "allowlists")
    (repository / ".github").mkdir()
    shutil.copy(FORGE / "accepted_digest.py", repository / ".github")
    (repository / ".github" / "CODEOWNERS").write_text("/allowlists/ @owner-a\n")
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "The list")
    git(repository, "switch", "-q", "-c", "change")
    (repository / "allowlists" / "portals" / "id.me.yaml").unlink()
    # A change that would let itself pass is still judged by the program and the owners of the base branch.
    command = repository / "checker" / "cli" / "effect.py"
    assert command.exists()
    command.write_text("raise SystemExit(0)\n")
    (repository / ".github" / "CODEOWNERS").write_text("/allowlists/ @author @stranger\n")
    git(repository, "commit", "-q", "-a", "-m", "Remove")
    git(repository, "switch", "-q", "main")
    git(repository, "merge", "-q", "--no-ff", "-m", "As the forge merges it", "change")

    codes, temp = run_steps(tmp_path, [])
    assert codes == {"The base branch, beside the change": 0, "Effect": 0, "Gate": 3}
    text = (temp / "effect" / "effect.md").read_text("utf-8")
    assert "HOST CEASES TO BE VERIFIED    account.id.me" in text
    assert (temp / "summary.md").read_text("utf-8") == text
    assert (temp / "effect" / "number").read_text() == "7\n"
    (digest,) = re.findall(r"Digest of this effect: `([0-9a-f]{16})`", text)

    assert run_steps(tmp_path, [review("stranger", body=f"accept {digest}")])[0]["Gate"] == 3
    assert run_steps(tmp_path, [review("owner-a", body=f"accept {ONE}")])[0]["Gate"] == 3
    assert run_steps(tmp_path, [review("owner-a", body=f"accept {digest}")])[0]["Gate"] == 0
