"""Imports: dirty rows become clean entries, everything done to them is told, nothing old changes."""

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from checker.errors import AllowlistError
from checker.importer import COLUMNS, ImportReport, Row, import_csv, plan_import
from checker.listfiles import EvidenceEntry, OperatorsFile, PortalEntry, PortalFile, RetiredEntry, read_list_file
from checker.loader import load_folder, read_folder
from checker.yaml_writer import portal_file_text

LISTS = Path(__file__).parent.parent / "allowlists"
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases" / "import_rows.yaml").read_text("utf-8"))
DIRECTORY = "https://directory.example/"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty list with the real vendors and policy."""
    folder = tmp_path / "allowlists"
    (folder / "portals").mkdir(parents=True)
    (folder / "vendors").symlink_to(LISTS / "vendors")
    (folder / "policy.yaml").symlink_to(LISTS / "policy.yaml")
    return folder


def row(organization: str, url: str, **more: str) -> dict[str, str]:
    return {
        "organization": organization,
        "portal_url": url,
        "vendor": "epic-mychart",
        "country": "US",
        "source": "directory",
        "source_url": DIRECTORY,
        "seen": "2026-10",
    } | more


def run_import(folder: Path, *rows: dict[str, str], operators: str = "") -> tuple[ImportReport, list[str]]:
    path = folder.parent / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    if operators:
        (folder / "operators.yaml").write_text(operators, "utf-8")
    said: list[str] = []
    return import_csv(path, folder, report=said.append), said


def text_of(folder: Path, domain: str) -> str:
    return (folder / "portals" / f"{domain}.yaml").read_text("utf-8")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["why"]) for case in CASES])
def test_an_address_is_repaired_or_refused_and_both_are_told(case: dict[str, Any], folder: Path) -> None:
    report, said = run_import(folder, row("Example Health", case["given"], vendor=case.get("vendor", "epic-mychart")))
    if "refused" in case:
        assert report.written == ()
        assert said[0] == f"refused: line 2: {case['given']!r} (Example Health): {case['refused']}"
        return
    assert report.written == ("portals/example.org.yaml",)
    (portal,) = load_folder(folder).portals
    assert portal.url == case["url"]
    repaired = [f"repaired: line 2: {case['given']!r} → {case['url']} ({', '.join(case['repairs'])})"]
    assert said[:-2] == (repaired if case["repairs"] else [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"organization": " "}, "no organization"),
        ({"source": ""}, "no source, source_url or seen"),
        ({"vendor": "acme"}, "there is no vendors/acme.yaml"),
    ],
)
def test_a_row_that_says_too_little_is_refused(change: dict[str, str], reason: str, folder: Path) -> None:
    report, said = run_import(folder, row("Example Health", "https://mychart.example.org/") | change)
    assert not report.complete
    assert said[0].endswith(reason)


def test_organizations_of_one_portal_are_joined_whatever_their_spelling(folder: Path) -> None:
    report, said = run_import(
        folder,
        row("Example Health", "https://mychart.example.org/MyChart/"),
        row("Beta  Clinic", "https://mychart.example.org/mychart/", country=""),
        row("Alpha Clinic", "https://mychart.example.org/MyChart", seen="2026-11"),
        operators="operators:\n  example.org: Example Health\n",
    )
    assert text_of(folder, "example.org") == (
        "domain: example.org\n"
        "operator: Example Health\n"
        "country: US\n"
        "vendor: epic-mychart\n"
        "evidence:\n"
        "  - {source: directory, url: https://directory.example/, seen: 2026-11}\n"
        "portals:\n"
        "  - url: https://mychart.example.org/MyChart/\n"
        "    organizations: [Alpha Clinic, Beta Clinic, Example Health]\n"
    )
    assert "the same portal, spelled otherwise in capitals" in "\n".join(said)
    assert "blanks or letters in the name normalized" in "\n".join(said)
    assert report.complete, "repairs need nobody; questions would"


def test_what_only_some_portals_have_stands_on_the_portal(folder: Path) -> None:
    run_import(
        folder,
        row("Example Health", "https://a.example.org/", country=""),
        row("Example Health", "https://b.example.org/"),
    )
    assert [(p.host, p.country) for p in load_folder(folder).portals] == [
        ("a.example.org", None),
        ("b.example.org", "US"),
    ]


def test_who_controls_a_domain_of_several_organizations_is_asked_and_never_guessed(folder: Path) -> None:
    rows = [row("One", "https://one.example.org/"), row("Two", "https://two.example.org/")]
    report, said = run_import(folder, *rows)
    assert report.written == ()
    assert said[0] == "question: example.org: 2 organizations (One; Two); who controls it? Add it to operators.yaml"
    report, _ = run_import(folder, *rows, operators="operators: {example.org: Three}\nshared: [example.org]\n")
    assert report.complete
    (operator,) = load_folder(folder).operators
    assert (operator.name, operator.shared) == ("Three", True)


def test_a_second_run_changes_nothing(folder: Path) -> None:
    rows = [row("Example Health", "https://mychart.example.org/"), row("Other", "https://mychart.example.net/")]
    first, _ = run_import(folder, *rows)
    before = {path: path.stat().st_mtime_ns for path in (folder / "portals").iterdir()}
    again, said = run_import(folder, *reversed(rows))
    assert (len(first.written), again.written, again.complete) == (2, (), True)
    assert {path: path.stat().st_mtime_ns for path in (folder / "portals").iterdir()} == before
    assert said == ["2 rows: 0 new files, 2 rows known already, 0 repairs, 0 refused, 0 questions, 0 proposed changes"]


def test_what_would_change_in_an_old_file_is_proposed_and_not_done(folder: Path) -> None:
    run_import(
        folder,
        row("Example Health", "https://mychart.example.org/"),
        row("Example Health", "https://gone.example.org/"),
    )
    before = text_of(folder, "example.org")
    report, said = run_import(
        folder,
        row("New Clinic", "https://mychart.example.org/", seen="2026-12"),
        row("Example Health", "https://second.example.org/"),
    )
    file = "allowlists/portals/example.org.yaml"
    assert said[:-1] == [
        f"would change: {file}: add New Clinic to https://mychart.example.org/",
        f"would change: {file}: https://mychart.example.org/ seen 2026-12 in directory",
        f"would change: {file}: add the portal https://second.example.org/ of Example Health",
        f"vanished: https://gone.example.org/ ({file}); if it is gone, retire it",
    ]
    assert not report.complete
    assert text_of(folder, "example.org") == before


def test_a_retired_portal_does_not_come_back_by_itself(folder: Path) -> None:
    (folder / "portals" / "example.org.yaml").write_text(
        "domain: example.org\noperator: Example Health\nstatus: retired\nretired: {on: 2026-10, reason: Lapsed.}\n"
        "portals: [{url: https://mychart.example.org/}]\n"
    )
    report, said = run_import(folder, row("Example Health", "https://mychart.example.org/"))
    assert said[0].startswith("question: https://mychart.example.org/: retired in ")
    assert load_folder(folder).hosts == frozenset()
    assert not report.complete


def test_nothing_is_written_when_anything_would_not_load(folder: Path) -> None:
    with pytest.raises(AllowlistError, match=r"example\.net\.yaml:5: no such month"):
        run_import(
            folder,
            row("Example Health", "https://mychart.example.org/"),
            row("Other", "https://mychart.example.net/", seen="2026-13", vendor=""),
        )
    assert list((folder / "portals").iterdir()) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"organization,portal_url\na,b\n", "no column vendor, country, source, source_url, seen"),
        (b"", "no column organization"),
        (b"organization,portal_url,vendor,country,source,source_url,seen\n\xff,,,,,,\n", "UTF-8"),
    ],
)
def test_a_file_that_is_no_directory_is_refused(data: bytes, said: str, folder: Path) -> None:
    path = folder.parent / "rows.csv"
    path.write_bytes(data)
    with pytest.raises(AllowlistError, match=said):
        import_csv(path, folder, report=print)


def test_the_order_of_rows_does_not_matter(folder: Path) -> None:
    draft = read_folder(folder)
    rows = [
        Row(
            number,
            f"Org {number % 3}",
            f"https://p{number % 4}.example.org/{mount}",
            "",
            "US",
            "s",
            DIRECTORY,
            "2026-10",
        )
        for number, mount in enumerate(["MyChart", "mychart/", "x/", "", "MyChart/", "X", "MYCHART/login"])
    ]
    reviewed = OperatorsFile(operators={"example.org": "Example"})
    assert plan_import(rows, draft, reviewed).new == plan_import(rows[::-1], draft, reviewed).new


# --- the canonical text ------------------------------------------------------------------------

names = st.text(
    st.characters(exclude_categories=("Cc", "Cf", "Zs", "Zl", "Zp", "Cs", "Co", "Cn", "Mn"), include_characters=" "),
    min_size=1,
    max_size=40,
).filter(lambda name: name == " ".join(name.split()))


@example(["0:?", "a?b", "a ?"], "0", False)
@given(st.lists(names, min_size=1, max_size=8, unique=True), names, st.booleans())
def test_what_is_written_reads_back_the_same(organizations: list[str], reason: str, shared: bool) -> None:
    evidence = (EvidenceEntry(source="s", url="https://example.org/?a=b,c&d={e}#f", seen="2026-10"),)
    file = PortalFile(
        domain="example.org",
        operator=organizations[0],
        shared=shared,
        resembles_ok=("example.net",),
        evidence=evidence,
        portals=(
            PortalEntry(
                url="https://a.example.org/",
                organizations=tuple(organizations),
                country="NO",
                review_by="2026-10-05",
                links={"pay-bill": "https://a.example.org/pay?x=1"},
            ),
            PortalEntry(
                url="https://b.example.org/", status="retired", retired=RetiredEntry(on="2026-10", reason=reason)
            ),
        ),
    )
    text = portal_file_text(file, head=["# A comment."])
    again, problems = read_list_file(text.encode(), "allowlists/portals/example.org.yaml", PortalFile)
    assert not problems, text
    assert again is not None
    assert again.content == file
    assert portal_file_text(again.content, head=["# A comment."]) == text


AWKWARD = ["- a", "a: b", "a #b", "'a'", '"a"', "a,b", "[a]", "{a}", "a:", "\\", "'\"\\"]


@pytest.mark.parametrize("name", [*AWKWARD, *"~#*&!%@?|>-:", "NO", "null"])
def test_awkward_names_survive(name: str) -> None:
    entry = PortalEntry(url="https://a.example.org/", organizations=(name, "x" * 150))
    for portal in (entry, entry.model_copy(update={"organizations": (name,)})):
        text = portal_file_text(PortalFile(domain="example.org", operator=name, portals=(portal,)))
        again, problems = read_list_file(text.encode(), "f", PortalFile)
        assert not problems
        assert again is not None
        assert (again.content.operator, again.content.portals[0].organizations) == (name, portal.organizations)
