"""The rules of the list: each one is needed, finds only what it is about, and is documented."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from checker.lists.draft import Draft, Rule
from checker.lists.findings import Severity
from checker.lists.lint import RULES, lint, rules_page
from checker.lists.loader import read_folder, suffix_splitter

LISTS = Path(__file__).parents[2] / "allowlists"
SPLIT = suffix_splitter()
CASES: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "lint.yaml").read_text("utf-8")
)
EXAMPLES = [pytest.param(code, case, id=f"{code} {case['why']}") for code, cases in CASES.items() for case in cases]

PORTAL = """\
domain: example.org
operator: Example Health
country: US
vendor: epic-mychart
evidence:
  - {source: operator-site, url: https://www.example.org/, seen: 2026-10}
portals:
  - url: https://portal.example.org/
    organizations: [Example Health]
"""
FILES = {
    "policy.yaml": "review_after_days: 365\ngrace_days: 90\nplatforms: [sites.google.com]\n",
    "vendors/epic-mychart.yaml": (
        "id: epic-mychart\nname: Epic MyChart\nroutes: {log-in: [/authentication/login, /default.asp]}\n"
    ),
    "portals/example.org.yaml": PORTAL,
}


def draft(folder: Path, case: Mapping[str, Any], which: str) -> Draft:
    """The list with the case's bad or good change applied."""
    files, change = dict(FILES), case[which]
    if isinstance(change, list):
        old, new = change
        assert old in PORTAL
        files["portals/example.org.yaml"] = PORTAL.replace(old, new.replace("LONG", "a" * 3_000), 1)
    elif change is not None:
        files.update({name: text.replace("HUGE", "a" * 300_000) for name, text in change.items()})
    for name, text in files.items():
        path = folder / "allowlists" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    read = read_folder(folder / "allowlists", split_host=SPLIT)
    return replace(read, today=case.get("today"), was_active=case.get("was_active", {}))


@pytest.mark.parametrize(("code", "case"), EXAMPLES)
def test_the_bad_example_breaks_this_rule_and_no_other(code: str, case: Mapping[str, Any], tmp_path: Path) -> None:
    findings = lint(draft(tmp_path, case, "bad"))
    assert {finding.code for finding in findings} == {code}, [str(finding) for finding in findings]


@pytest.mark.parametrize(("code", "case"), EXAMPLES)
def test_the_good_example_breaks_none(code: str, case: Mapping[str, Any], tmp_path: Path) -> None:
    assert [str(finding) for finding in lint(draft(tmp_path, case, "good"))] == []


@pytest.mark.parametrize("rule", [pytest.param(rule, id=f"{rule.code} {rule.title}") for rule in RULES])
def test_every_rule_is_needed(rule: Rule, tmp_path: Path) -> None:
    """Without the rule, one of its bad examples passes: the rule works, and no other rule covers for it."""
    others = tuple(other for other in RULES if other is not rule)
    for number, case in enumerate(CASES[rule.code]):
        if not lint(draft(tmp_path / str(number), case, "bad"), others):
            return
    pytest.fail("no bad example depends on this rule")


def test_the_committed_list_gets_advice_at_most() -> None:
    committed = replace(read_folder(LISTS, split_host=SPLIT), today=None)
    assert {finding.severity for finding in lint(committed)} <= {Severity.ADVICE}


def test_the_rules_page_is_current() -> None:
    assert (LISTS / "RULES.md").read_text("utf-8") == rules_page(), "run: portalcheck allowlist rules > RULES.md"
