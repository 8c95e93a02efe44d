"""Reading the list: a folder loads completely, or every problem is reported with its file and line."""

import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.core.allowlist import Allowlist, MatchKind
from checker.core.errors import AllowlistError
from checker.core.guidance import Task
from checker.core.url import WebUrl, parse
from checker.lists import strict_yaml
from checker.lists.draft import Draft, run
from checker.lists.format import PolicyFile, PortalFile, TaskId, VendorFile, read_list_file
from checker.lists.loader import allowlist_of, load_folder, suffix_splitter
from checker.lists.rules import LOAD_RULES

CASES = Path(__file__).parents[1] / "cases"
SPLIT = suffix_splitter()

POLICY = "review_after_days: 365\ngrace_days: 90\nplatforms: [sites.google.com]\n"
VENDOR = "id: epic-mychart\nname: Epic MyChart\nbrand_words: [mychart]\nroutes: {pay-bill: [/billing/guestpay]}\n"
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

VENDOR_FILE, _ = read_list_file(VENDOR.encode(), "allowlists/vendors/epic-mychart.yaml", VendorFile)
POLICY_FILE, _ = read_list_file(POLICY.encode(), "allowlists/policy.yaml", PolicyFile)
assert VENDOR_FILE is not None


def table(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load((CASES / name).read_text("utf-8"))
    return rows


def make_list(parent: Path, **files: str | bytes) -> Path:
    """A list folder with one good portal. Keywords are paths, with `__` for `/`; values are the files' texts."""
    folder = parent / "allowlists"
    everything = {
        "policy.yaml": POLICY,
        "vendors/epic-mychart.yaml": VENDOR,
        "portals/example.org.yaml": PORTAL,
    } | {name.replace("__", "/"): text for name, text in files.items()}
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in everything.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def load(folder: Path) -> Allowlist:
    return load_folder(folder, split_host=SPLIT)


def problems(folder: Path) -> tuple[str, ...]:
    with pytest.raises(AllowlistError) as caught:
        load(folder)
    return caught.value.problems


def web(url: str) -> WebUrl:
    parsed = parse(url)
    assert isinstance(parsed, WebUrl)
    return parsed


# --- strict YAML -----------------------------------------------------------------------------


@pytest.mark.parametrize("row", [pytest.param(row, id=row["why"]) for row in table("strict_yaml.yaml")])
def test_text_that_could_be_misread_is_refused(row: dict[str, Any]) -> None:
    data = row["text"].encode("latin-1").decode("unicode_escape").encode("latin-1")
    findings = strict_yaml.read(data, "f.yaml").problems
    assert [(f.code, f.line) for f in findings] == [(row["code"], row["line"])]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"a: " + b"b" * strict_yaml.MAX_BYTES, "PC002", id="too large to be one domain's facts"),
        pytest.param(b"a: " + b"b" * (strict_yaml.MAX_VALUE + 1), "PC007", id="a value of over 2,048 characters"),
        pytest.param(b"[" + b"a," * 60_000 + b"a]", "PC004", id="too many values"),
        pytest.param(b"[" * 100_000, "PC004", id="a tower of brackets"),
    ],
)
def test_sizes_are_bounded(data: bytes, code: str) -> None:
    assert [f.code for f in strict_yaml.read(data, "f.yaml").problems] == [code]


def test_every_value_is_text_and_knows_its_line() -> None:
    document = strict_yaml.read(b"country: NO\nmonths: [2026-10, 012]\nnested:\n  - yes: null\n", "f.yaml")
    assert document.problems == ()
    assert document.value == {"country": "NO", "months": ["2026-10", "012"], "nested": [{"yes": "null"}]}
    assert [document.line("country"), document.line("months", 1), document.line("nested", 0, "yes")] == [1, 2, 4]
    assert document.line("nested", 0, "missing") == 4, "a missing value has the line of what would contain it"


def test_all_problems_of_a_file_are_reported_at_once() -> None:
    findings = strict_yaml.read(b"a: &x b\na: !!str c\nd: *x\n", "f.yaml").problems
    assert [(f.code, f.line) for f in findings] == [("PC005", 1), ("PC010", 2), ("PC006", 2), ("PC005", 3)]


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_document_or_problems(data: bytes) -> None:
    file, findings = read_list_file(data, "portals/example.org.yaml", PortalFile)
    assert file is not None or findings


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_broken_file_gives_a_clear_error_or_a_valid_list(data: st.DataObject) -> None:
    """Pieces of a good file are cut out, repeated or replaced: the result is an error with file and line, or a list."""
    start = data.draw(st.integers(0, len(PORTAL)))
    end = data.draw(st.integers(start, len(PORTAL)))
    piece = data.draw(
        st.sampled_from(
            ["", "\n", " ", "- ", "{", "}", "[", "*a", "&a", "!!x ", "---\n", "status: retired\n", "9999-12"]
        )
        | st.text(max_size=5)
    )
    text = (PORTAL[:start] + piece + PORTAL[end:]).encode("utf-8", "surrogatepass")
    file, unread = read_list_file(text, "allowlists/portals/example.org.yaml", PortalFile)
    draft = Draft(
        portals=(file,) if file else (), split_host=SPLIT, vendors=(VENDOR_FILE,), policy=POLICY_FILE, unread=unread
    )
    findings = run(LOAD_RULES, draft)
    if findings:
        assert all(f.file.endswith(".yaml") and f.line >= 1 and f.message for f in findings)
    else:
        allowlist = allowlist_of(draft)
        assert all(portal.host.endswith("example.org") for portal in allowlist.portals)


# --- the format, and the rules that a list must follow to be loaded ----------------------------


def test_a_good_folder_loads(tmp_path: Path) -> None:
    allowlist = load(make_list(tmp_path))
    (portal,) = allowlist.portals
    assert (portal.host, portal.mount, portal.organizations) == ("portal.example.org", "/", ("Example Health",))
    assert (portal.operator, portal.country, portal.vendor) == ("Example Health", "US", "epic-mychart")
    assert portal.review_by == date(2027, 10, 1), "365 days after the first of the month"
    assert allowlist.policy.platforms == {"sites.google.com"}
    assert allowlist.vendors["epic-mychart"].routes == {("billing", "guestpay"): "pay-bill"}


@pytest.mark.parametrize("row", [pytest.param(row, id=row["why"]) for row in table("list_files.yaml")])
def test_a_mistake_is_reported_with_its_line_and_what_to_write(row: dict[str, Any], tmp_path: Path) -> None:
    assert row["old"] in PORTAL
    text = PORTAL.replace(row["old"], row["new"], 1)
    expected = tuple(f"allowlists/portals/example.org.yaml:{finding}" for finding in row["findings"])
    assert problems(make_list(tmp_path, **{"portals/example.org.yaml": text})) == expected


@pytest.mark.parametrize(
    ("domain", "host", "message"),
    [
        ("github.io", "example.github.io", "anyone can get a name below this suffix"),
        ("example.github.io", "example.github.io", "anyone can get a name below this suffix"),
        ("co.uk", "portal.co.uk", "a public suffix or not a host name"),
        ("portal.example.org", "portal.example.org", "write `example.org`"),
        ("xn--prtal-jua.example.org", "xn--prtal-jua.example.org", "write `example.org`"),
        ("127.0.0.1", "127.0.0.1", "a public suffix or not a host name"),
        ("Example.org", "portal.Example.org", "in lower case"),
    ],
)
def test_the_domain_is_one_that_an_organization_registers(domain: str, host: str, message: str, tmp_path: Path) -> None:
    text = PORTAL.replace("domain: example.org", f"domain: {domain}").replace("portal.example.org", host)
    folder = make_list(tmp_path, **{f"portals/{domain}.yaml": text})
    assert any("[PC205]" in problem and message in problem for problem in problems(folder))


def test_problems_of_all_files_are_reported_in_one_run(tmp_path: Path) -> None:
    folder = make_list(
        tmp_path,
        **{
            "portals/a.yaml": "domain: [",
            "portals/b.yaml": b"\xff",
            "portals/example.org.yaml": PORTAL.replace("https://portal", "http://portal"),
            "portals/note.txt": "",
            "vendors/x.yaml": "id: y\nname: Y\nroutes: {pay-bill: [Bill/]}\n",
            "policy.yaml": "review_after_days: many\ngrace_days: 90\n",
            "names.yaml": "names: [{name: A, website: a, words: [A b], domains: [a.com], source: {name: s, url: u}}]\n",
        },
    )
    assert [problem.split(": ")[0] for problem in problems(folder)] == [
        "allowlists/names.yaml:1",
        "allowlists/names.yaml:1",
        "allowlists/policy.yaml:1",
        "allowlists/portals/a.yaml:2",
        "allowlists/portals/b.yaml:1",
        "allowlists/portals/example.org.yaml:8",
        "allowlists/portals/note.txt:1",
        "allowlists/vendors/x.yaml:1",
        "allowlists/vendors/x.yaml:3",
    ]


@pytest.mark.parametrize("missing", ["policy.yaml", "portals", "vendors"])
def test_a_folder_that_lacks_a_part_is_refused(missing: str, tmp_path: Path) -> None:
    folder = make_list(tmp_path)
    if missing.endswith(".yaml"):
        (folder / missing).unlink()
    else:
        shutil.rmtree(folder / missing)
    assert any(problem.startswith(f"allowlists/{missing}:1: ") for problem in problems(folder))


def test_a_retired_portal_needs_no_evidence_and_may_name_its_successor(tmp_path: Path) -> None:
    retired = (
        "domain: old.example\noperator: Old\nstatus: retired\n"
        "retired: {on: 2026-10, reason: Moved., moved_to: https://portal.example.org/}\n"
        "portals: [{url: https://old.example/}]\n"
    ).replace("old.example", "oldexample.com")
    allowlist = load(make_list(tmp_path, **{"portals/oldexample.com.yaml": retired}))
    match = allowlist.match(web("https://www.oldexample.com/"))
    assert match is not None
    assert match.kind is MatchKind.RETIRED
    assert match.site.retired is not None
    assert match.site.retired.moved_to == "https://portal.example.org/"
    assert match.site.review_by == date(2026, 10, 1)
    assert "oldexample.com" not in allowlist.hosts


def test_an_entrys_own_review_date_overrides_the_policy(tmp_path: Path) -> None:
    text = PORTAL + "    review_by: 2026-12-31\n"
    (portal,) = load(make_list(tmp_path, **{"portals/example.org.yaml": text})).portals
    assert portal.review_by == date(2026, 12, 31)


def test_the_version_is_a_hash_of_the_content_only(tmp_path: Path) -> None:
    other = PORTAL.replace("example.org", "example.net")
    first = load(make_list(tmp_path / "a", **{"portals/example.net.yaml": other}))
    again = load(make_list(tmp_path / "b" / "c", **{"portals/example.net.yaml": "# a comment\n" + other}))
    changed = load(make_list(tmp_path / "d", **{"portals/example.net.yaml": other.replace("Health]", "Clinic]")}))
    assert first.version == again.version
    assert first.version != changed.version
    assert len(first.version) == 16


def test_task_ids_are_those_of_the_guidance() -> None:
    assert set(get_args(TaskId)) == {task.value for task in Task}


# --- suffixes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "domain", "private", "why"),
    [
        ("mychart.ochin.org", "ochin.org", False, "one label below the suffix"),
        ("www.example.co.uk", "example.co.uk", False, "a suffix of two labels"),
        ("co.uk", None, False, "only a suffix"),
        ("a.b.example.github.io", "example.github.io", True, "anyone gets a name below github.io"),
        ("portal.example.zzz", "example.zzz", False, "no rule: the last label is the suffix"),
        ("example.zzz", "example.zzz", False, "the same, without a subdomain"),
        ("x.y.ck", "x.y.ck", False, "a wildcard rule"),
        ("www.ck", "www.ck", False, "its exception"),
        ("xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn", False, "rules apply to A-labels too"),
        ("127.0.0.1", None, False, "an IP address has no suffix"),
        ("[::1]", None, False, "neither does this one"),
        ("localhost", None, False, "a single label"),
    ],
)
def test_hosts_are_split_by_the_list(host: str, domain: str | None, private: bool, why: str) -> None:
    parts = SPLIT(host)
    assert (parts.registrable_domain, parts.suffix_is_private) == (domain, private), why


def test_splitting_a_host_is_fast() -> None:
    hosts = [f"a{number}.example.org" for number in range(2000)]
    begin = time.perf_counter()
    for host in hosts:
        SPLIT(host)
    assert (time.perf_counter() - begin) / len(hosts) < 100e-6, "measured: 3 µs; a hundred would be a mistake"
