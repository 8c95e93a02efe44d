"""Imports: dirty rows become clean entries, every change is printed, and existing entries stay as they are."""

import csv
import io
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from checker.core.errors import AllowlistError
from checker.curate.importer import ImportSummary, import_rows, plan_import
from checker.curate.sources import (
    COLUMNS,
    OPTIONAL_COLUMNS,
    Origin,
    Row,
    read_csv,
    read_epic_directory,
    read_fhir_brands,
)
from checker.lists.format import EvidenceEntry, OperatorsFile, PortalEntry, PortalFile, RetiredEntry, read_list_file
from checker.lists.loader import load_folder, read_folder
from checker.lists.yaml_writer import portal_file_text

LISTS = Path(__file__).parents[2] / "allowlists"
CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[1] / "cases" / "import_rows.yaml").read_text("utf-8")
)
DIRECTORY = "https://directory.example/"
TODAY = date(2026, 12, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty list with the real vendors and policy."""
    folder = tmp_path / "allowlists"
    (folder / "portals").mkdir(parents=True)
    shutil.copytree(LISTS / "vendors", folder / "vendors")
    shutil.copy(LISTS / "policy.yaml", folder)
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


def run_import(
    folder: Path, *rows: dict[str, str], operators: str = "", **options: bool
) -> tuple[ImportSummary, list[str]]:
    path = folder.parent / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, (*COLUMNS, *OPTIONAL_COLUMNS))
        writer.writeheader()
        writer.writerows(rows)
    if operators:
        (folder / "operators.yaml").write_text(operators, "utf-8")
    said: list[str] = []
    with path.open("rb") as stream:
        summary = import_rows(read_csv(stream), folder, tell=said.append, today=TODAY, **options)
    return summary, said


def text_of(folder: Path, domain: str) -> str:
    return (folder / "portals" / f"{domain}.yaml").read_text("utf-8")


@pytest.mark.parametrize("case", [pytest.param(case, id=case["why"]) for case in CASES])
def test_an_address_is_repaired_or_refused_and_both_are_told(case: dict[str, Any], folder: Path) -> None:
    summary, said = run_import(folder, row("Example Health", case["given"], vendor=case.get("vendor", "epic-mychart")))
    if "refused" in case:
        assert summary.written == ()
        assert said[0] == f"refused: line 2: {case['given']!r} (Example Health): {case['refused']}"
        return
    assert summary.written == ("portals/example.org.yaml",)
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
        ({"organization": "<b>Example</b>"}, "organization: markup or an address inside a name; write the plain name"),
        ({"organization": "Exam\u200bple"}, "an invisible character in it; remove it"),
        ({"country": "USA"}, "country 'USA' is no ISO 3166-1 code; write two letters such as `US`"),
        ({"source": "A page"}, "source 'A page' is no short name; write lower-case letters, digits and single hyphens"),
        ({"source_url": "the clinic's page"}, "is no web address"),
        ({"seen": "yesterday"}, "seen 'yesterday' is no month or day; write `2026-10` or `2026-10-05`"),
        ({"seen": "2026-13"}, "seen '2026-13' is no month or day; write `2026-10` or `2026-10-05`"),
        ({"seen": "2026-12-02"}, "seen '2026-12-02' is in the future"),
        ({"age": "old"}, "age 'old'; write `unknown`, or leave it empty"),
        ({"organization": "=1+1"}, "begins as a spreadsheet's formula does; write the name that people know"),
        ({"home": "yes"}, "home 'yes'; write `true`, or leave it empty"),
        ({"kind": "hospital"}, "pharmacy, lab, billing, vendor-central, or leave it empty"),
    ],
)
def test_a_bad_cell_refuses_its_row_and_no_other(change: dict[str, str], reason: str, folder: Path) -> None:
    bad = row("Example Health", "https://mychart.example.org/") | change
    summary, said = run_import(folder, row("Other", "https://mychart.example.net/"), bad)
    assert not summary.complete
    assert said[0].startswith("refused: line 3: ")
    assert said[0].endswith(reason)
    assert summary.written == ("portals/example.net.yaml",)


def test_a_host_where_anybody_opens_rooms_refuses_its_row_and_no_other(folder: Path) -> None:
    """Another host of the same domain is written all the same."""
    (folder / "policy.yaml").write_text(
        "review_after_days: 365\ngrace_days: 90\nnever_listed: [pay.example.org]\n", "utf-8"
    )
    rooms = row("Example Health", "https://pay.example.org/clinic/")
    summary, said = run_import(folder, rooms, row("Example Health", "https://mychart.example.org/"))
    assert "anyone can have a page on pay.example.org" in said[0]
    assert (summary.written, [p.host for p in load_folder(folder).portals]) == (
        ("portals/example.org.yaml",),
        ["mychart.example.org"],
    )


@pytest.mark.parametrize(
    ("organization", "written", "why"),
    [("Somebody", (), "the domain is the known name's"), ("Other", ("portals/other.org.yaml",), "this is its own")],
)
def test_a_known_names_domain_is_written_for_nobody_else(
    organization: str, written: tuple[str, ...], why: str, folder: Path
) -> None:
    (folder / "names.yaml").write_text(
        "names:\n  - {name: Other, website: https://www.other.org/, domains: [other.org],"
        " source: {name: s, url: https://www.other.org/, seen: 2026-10}}\n",
        "utf-8",
    )
    good = row("Example Health", "https://mychart.example.net/")
    summary, said = run_import(folder, row(organization, "https://login.other.org/"), good)
    assert set(summary.written) == {*written, "portals/example.net.yaml"}, why
    assert written or said[0].startswith("not written: portals/other.org.yaml: "), why


def test_a_tenant_of_a_vendor_spoils_no_other_row(folder: Path) -> None:
    (folder / "vendors" / "v.yaml").write_text(
        "id: v\nname: V\ncompany: V\ntenants:\n  - parent: vendor.com\n    shapes: [<name>]\n"
        "    evidence: [{source: s, url: https://www.example.org/, seen: 2026-10}]\n",
        "utf-8",
    )
    clinic = row("New Clinic", "https://newclinic.vendor.com/")
    summary, said = run_import(folder, clinic, row("Example Health", "https://mychart.example.org/"))
    assert summary.written == ("portals/example.org.yaml",)
    assert "customers have hosts on vendor.com; its file needs `shared: true`" in said[0]


HEAD = "organization,portal_url,vendor,country,source,source_url,seen\n"
GOOD = "{0},https://my.{0}.org/,,US,directory,https://directory.example/,2026-10\n"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        pytest.param(b'"One,https://a.example/,,,s,u,2026-10', "quotation mark", id="a quotation mark never closed"),
        pytest.param(b'One,"a" b,,,s,u,2026-10', "quotation mark", id="a quotation mark in the middle"),
        pytest.param(b"One,https://a.example/", "2 cells, but the header has 7", id="cells are missing"),
        pytest.param(b"One,a,b,c,d,e,f,g", "8 cells, but the header has 7", id="a comma without quotation marks"),
        pytest.param("Clínica,a,,,s,u,2026-10".encode("latin-1"), "not in UTF-8", id="in Latin-1"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_its_line_and_spoils_no_other(line: bytes, fault: str) -> None:
    before, after = GOOD.format("first").replace("first", '"first\n"', 1), GOOD.format("last")
    rows = list(read_csv(io.BytesIO(HEAD.encode() + before.encode() + line + b"\n\n" + after.encode())))
    assert [r.number for r in rows] == [2, 4, 6], "the lines of the file: a cell may hold a line break"
    assert [r.organization for r in rows] == ["first\n", "", "last"]
    assert [bool(r.fault) for r in rows] == [False, True, False]
    assert fault in rows[1].fault


def test_evidence_of_unknown_age_is_written_as_such_and_holds_90_days(folder: Path) -> None:
    run_import(
        folder,
        row("Example Health", "https://mychart.example.org/", age="unknown", seen="2026-11"),
        row("Other", "https://mychart.example.net/", age="unknown", seen="2026-11"),
        row(
            "Other",
            "https://mychart.example.net/",
            seen="2026-06",
            source="another",
            source_url="https://another.example/",
        ),
    )
    assert "seen: 2026-11, age: unknown}" in text_of(folder, "example.org")
    known = {portal.host: portal for portal in load_folder(folder).portals}
    assert known["mychart.example.org"].review_by == date(2027, 1, 30)
    assert known["mychart.example.net"].review_by == date(2027, 6, 1), "a dated source holds longer"


def test_a_dry_run_tells_everything_and_writes_nothing(folder: Path) -> None:
    rows = [row("Example Health", "https://mychart.example.org"), row("Other", "http://mychart.example.net/")]
    summary, said = run_import(folder, *rows, dry_run=True)
    assert (summary.written, list((folder / "portals").iterdir())) == ((), [])
    assert said[2] == "would be new: portals/example.org.yaml"
    assert [line.replace("would be new", "new") for line in said] == run_import(folder, *rows)[1]


@pytest.mark.parametrize(
    ("listed", "new"),
    [
        ("mychart.clevelandclinic.org", "mychart.cleve1andclinic.org"),
        ("mychart.c1evelandclinic.org", "mychart.clevelandclinic.org"),
    ],
)
def test_a_look_alike_of_a_listed_site_is_not_written(listed: str, new: str, folder: Path) -> None:
    """It would be verified from then on; whichever of the two was listed first."""
    run_import(folder, row("Cleveland Clinic", f"https://{listed}/"))
    summary, said = run_import(
        folder,
        row("Another Clinic", f"https://{new}/"),
        row("Other", "https://mychart.example.net/"),
        accept_shrink=True,
    )
    assert summary.written == ("portals/example.net.yaml",)
    assert not summary.complete
    assert any(line.startswith("not written: ") and "PC401" in line for line in said)


def test_organizations_of_one_portal_are_joined_however_its_address_is_spelled(folder: Path) -> None:
    summary, said = run_import(
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
    assert "the same portal, in other capitals" in "\n".join(said)
    assert "spaces or letters in the name normalized" in "\n".join(said)
    assert summary.complete, "a repair needs no decision; a question would"


def test_facts_that_only_some_portals_share_are_written_on_the_portal(folder: Path) -> None:
    run_import(
        folder,
        row("Example Health", "https://a.example.org/", country=""),
        row("Example Health", "https://b.example.org/"),
    )
    assert [(p.host, p.country) for p in load_folder(folder).portals] == [
        ("a.example.org", None),
        ("b.example.org", "US"),
    ]


def test_the_operator_of_a_domain_with_several_organizations_is_asked_for_not_guessed(folder: Path) -> None:
    rows = [row("One", "https://one.example.org/"), row("Two", "https://two.example.org/")]
    summary, said = run_import(folder, *rows)
    assert summary.written == ()
    assert said[0] == "question: example.org: 2 organizations (One; Two); who controls it? Add it to operators.yaml"
    summary, _ = run_import(folder, *rows, operators="operators: {example.org: Three}\nshared: [example.org]\n")
    assert summary.complete
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


def test_changes_to_an_existing_file_are_proposed_not_made(folder: Path) -> None:
    run_import(
        folder,
        row("Example Health", "https://mychart.example.org/"),
        row("Example Health", "https://gone.example.org/"),
    )
    before = text_of(folder, "example.org")
    summary, said = run_import(
        folder,
        row("New Clinic", "https://mychart.example.org/", seen="2026-12"),
        row("Example Health", "https://second.example.org/"),
        accept_shrink=True,
    )
    file = "allowlists/portals/example.org.yaml"
    assert said[:-1] == [
        f"would change: {file}: add New Clinic to https://mychart.example.org/",
        f"would change: {file}: https://mychart.example.org/ seen 2026-12 in directory",
        f"would change: {file}: add the portal https://second.example.org/ of Example Health",
        f"vanished: https://gone.example.org/ ({file}); if it is gone, retire it",
    ]
    assert not summary.complete
    assert text_of(folder, "example.org") == before


def test_an_import_never_revives_a_retired_portal(folder: Path) -> None:
    (folder / "portals" / "example.org.yaml").write_text(
        "domain: example.org\noperator: Example Health\nstatus: retired\nretired: {on: 2026-10, reason: Lapsed.}\n"
        "portals: [{url: https://mychart.example.org/}]\n"
    )
    summary, said = run_import(folder, row("Example Health", "https://mychart.example.org/"))
    assert said[0].startswith("question: https://mychart.example.org/: retired in ")
    assert load_folder(folder).hosts == frozenset()
    assert not summary.complete


def test_nothing_is_written_into_a_list_that_cannot_be_read(folder: Path) -> None:
    (folder / "portals" / "broken.org.yaml").write_text("domain: [\n")
    with pytest.raises(AllowlistError, match=r"broken\.org\.yaml:2: this is not YAML"):
        run_import(folder, row("Example Health", "https://mychart.example.org/"))
    assert len(list((folder / "portals").iterdir())) == 1


def test_a_directory_that_lost_many_portals_is_refused_unless_accepted(folder: Path) -> None:
    rows = [row("Example Health", f"https://p{number}.example.org/") for number in range(10)]
    run_import(folder, *rows)
    run_import(folder, *rows[:8])
    with pytest.raises(AllowlistError, match=r"3 portals known from this source \(30%\)"):
        run_import(folder, *rows[:7])
    assert run_import(folder, *rows[:7], accept_shrink=True)[0].written == ()


def test_a_file_of_single_pages_is_no_directory_from_which_others_vanish(folder: Path) -> None:
    run_import(folder, *(row(f"Clinic {n}", f"https://my.clinic{n}.org/", source="operator-site") for n in range(5)))
    summary, said = run_import(folder, row("Other", "https://my.other.org/", source="operator-site"))
    assert summary.written == ("portals/other.org.yaml",)
    assert not any(line.startswith("vanished: ") for line in said)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"organization,portal_url\na,b\n", "no column vendor, country, source, source_url, seen"),
        (b"", "no column organization"),
        (b"\xff\xfeo\0r\0g\0", "no column organization"),
    ],
)
def test_a_table_of_another_format_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(AllowlistError, match=said):
        list(read_csv(io.BytesIO(data)))


# --- vendors' formats --------------------------------------------------------------------------

ORIGIN = Origin("epic-mychart", "brands", DIRECTORY, "2026-10")


def test_epics_directory_without_hidden_customers_or_those_not_yet_live() -> None:
    customers = [
        {
            "OrgID": "1",
            "Name": "Example",
            "BrandName": "Example Health",
            "LoginUrl": "https://a.example.org/",
            "Live": True,
        },
        {"Name": "No Brand", "BrandName": None, "LoginUrl": "https://b.example.org/"},
        {"Name": "Hidden", "LoginUrl": "https://c.example.org/", "Hide": True, "Live": True},
        {"Name": "Not yet", "LoginUrl": "https://d.example.org/", "Live": False},
        {"Name": "No address", "LoginUrl": None},
    ]
    rows = list(read_epic_directory(io.BytesIO(json.dumps({"Customers": customers}).encode()), ORIGIN))
    assert [(r.organization, r.portal_url) for r in rows] == [
        ("Example Health", "https://a.example.org/"),
        ("No Brand", "https://b.example.org/"),
        ("No address", ""),
    ]
    assert rows[0].vendor == "epic-mychart"
    assert rows[0].seen == "2026-10"


ABSENT = {"url": "portalUrl", "extension": [{"url": "data-absent-reason", "valueCode": "unknown"}]}
STANDARD = "http://hl7.org/fhir/StructureDefinition/organization-portal"


def brand(id_: str, url: str | None = None, **more: Any) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"url": "portalName", "valueString": "A portal"}]
    if url is not None:
        parts.append({"url": "portalUrl", "valueUrl": url})
    portal = {"url": more.pop("extension_url", STANDARD), "extension": parts}
    resource = {"resourceType": "Organization", "id": id_, "name": f"Org {id_}", "extension": [portal]} | more
    return {"fullUrl": more.pop("fullUrl", f"https://fhir.example.org/Organization/{id_}"), "resource": resource}


def portals_in(*entries: dict[str, Any]) -> list[tuple[str, str, str]]:
    bundle = json.dumps({"resourceType": "Bundle", "entry": entries}).encode()
    return [(r.organization, r.portal_url, r.country) for r in read_fhir_brands(io.BytesIO(bundle), ORIGIN)]


@pytest.mark.parametrize(
    ("entries", "rows"),
    [
        pytest.param([brand("1", "https://a.example.org/")], [("Org 1", "https://a.example.org/", "")], id="one"),
        pytest.param(
            [brand("1", "https://a.example.org/", address=[{"state": "WI"}, {"country": "USA"}])],
            [("Org 1", "https://a.example.org/", "US")],
            id="its country",
        ),
        pytest.param(
            [
                brand(
                    "1",
                    "https://a.example.org/",
                    extension_url="http://hl7.org/fhir/smart-app-launch/organization-portal",
                )
            ],
            [("Org 1", "https://a.example.org/", "")],
            id="the extension's address in the ballot version",
        ),
        pytest.param(
            [brand("1", "https://a.example.org/", extension_url="http://x.example/organization-portal")],
            [],
            id="another publisher's extension",
        ),
        pytest.param([brand("1", "https://a.example.org/", active=False)], [], id="no longer active"),
        pytest.param([brand("1")], [], id="no address"),
        pytest.param(
            [
                brand(
                    "1", extension=[{"url": STANDARD, "extension": [{"url": "portalUrl", "extension": [{"url": "x"}]}]}]
                )
            ],
            [],
            id="marked as absent",
        ),
        pytest.param(
            [
                brand("2", extension=[], partOf={"reference": "Organization/1"}),
                brand("3", extension=[], partOf={"reference": "https://fhir.example.org/Organization/2"}),
                brand("4", extension=[], partOf={"reference": "Organization/3"}),
                brand("1", "https://a.example.org/"),
            ],
            [(f"Org {number}", "https://a.example.org/", "") for number in (2, 3, 1)],
            id="inherited through two levels, not three",
        ),
        pytest.param(
            [
                brand("1", extension=[], partOf={"reference": "urn:uuid:9"}),
                brand("9", "https://a.example.org/", fullUrl="urn:uuid:9"),
            ],
            [("Org 1", "https://a.example.org/", ""), ("Org 9", "https://a.example.org/", "")],
            id="a urn:uuid: reference",
        ),
        pytest.param([brand("1", extension=[], partOf={"reference": "Organization/1"})], [], id="a part of itself"),
        pytest.param([{"resource": {"resourceType": "Endpoint", "id": "1"}}], [], id="other resources"),
    ],
)
def test_brands_bundles(entries: list[dict[str, Any]], rows: list[tuple[str, str, str]]) -> None:
    assert portals_in(*entries) == rows


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"entry": 5}', b'{"entry": [1, 2]}', b"\xff\xfe"])
def test_a_file_of_another_format_is_refused(data: bytes) -> None:
    for read in (read_fhir_brands, read_epic_directory):
        with pytest.raises(AllowlistError):
            list(read(io.BytesIO(data), ORIGIN))


FHIR_KEYS = st.sampled_from(["url", "extension", "partOf", "reference", "address", "name", "valueUrl"])
any_json = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3),
    lambda kids: st.lists(kids, max_size=3) | st.dictionaries(FHIR_KEYS, kids, max_size=4),
    max_leaves=12,
)


@given(any_json)
def test_any_json_in_a_bundle_gives_rows_or_a_clear_error(value: Any) -> None:
    resource = value if isinstance(value, dict) else {"extension": value, "partOf": value, "address": value}
    portals_in({"fullUrl": value, "resource": {"resourceType": "Organization", **resource}})


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
    st.characters(
        exclude_categories=("Cc", "Cf", "Zs", "Zl", "Zp", "Cs", "Co", "Cn", "Mn"),
        exclude_characters="\u115f\u1160\u3164\uffa0\ufffc\ufffd",  # letters and symbols that nobody can see
        include_characters=" ",
    ),
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
def test_awkward_names_read_back_the_same(name: str) -> None:
    entry = PortalEntry(url="https://a.example.org/", organizations=(name, "x" * 150))
    for portal in (entry, entry.model_copy(update={"organizations": (name,)})):
        text = portal_file_text(PortalFile(domain="example.org", operator=name, portals=(portal,)))
        again, problems = read_list_file(text.encode(), "f", PortalFile)
        assert not problems
        assert again is not None
        assert (again.content.operator, again.content.portals[0].organizations) == (name, portal.organizations)
