"""Look-alikes: which technique is told for which host, and whom nothing is said about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypedDict

import pytest
import yaml

from checker.core.allowlist import Allowlist, Operator, Policy, Portal
from checker.core.known import KnownName, Vendor
from checker.core.lookalike import Conflict, Imitation, LookalikeIndex, Technique, conflicts, explain, find, search
from checker.core.lookalike.pairs import Pair
from checker.core.reason import DANGER_CODES, ReasonCode
from checker.core.url import WebUrl, parse
from checker.lists.suffixes import suffix_splitter
from checker.lists.tables import load_tables

CASES = Path(__file__).parents[1] / "cases/lookalikes"
SPLIT = suffix_splitter()


class Fires(TypedDict):
    host: str
    technique: str | None
    kind: str | None
    official: str | None
    why: str


class Quiet(TypedDict, total=False):
    host: str
    why: str
    only: str


FIRES: list[Fires] = yaml.safe_load((CASES / "fires.yaml").read_text("utf-8"))
QUIET: list[Quiet] = yaml.safe_load((CASES / "quiet.yaml").read_text("utf-8"))


def operator(name: str, *hosts: str, shared: bool = False, resembles_ok: tuple[str, ...] = ()) -> Operator:
    domain = SPLIT(hosts[0]).registrable_domain
    assert domain is not None
    portals = tuple(Portal(host, "/", name, (name,), (), date(2099, 1, 1)) for host in hosts)
    return Operator(domain, name, portals, shared, resembles_ok)


OPERATORS = [
    operator("Cleveland Clinic", "mychart.clevelandclinic.org"),
    operator("Kaiser Permanente", "healthy.kaiserpermanente.org"),
    operator("Northwell Health", "my.northwell.edu"),
    operator("RWJBarnabas Health", "mychart.rwjbh.org"),
    operator("UnityPoint Health", "chart.myunitypoint.org"),
    operator("Providence", "mychartak.providence.org", "mychartwa.providence.org"),
    operator("Pine Rest", "mychart.pinerest.org"),
    operator("New Jersey Urology", "mychart.njurology.com"),
    operator("UT Medicine", "portal.utmedicine.org"),
    operator("UW Medicine", "mychart.uwmedicine.org"),
    operator("Epic", "one.epicmychart.com", "two.epicmychart.com", shared=True),
    operator("Epic", "www.mychart.org"),
    operator("North Memorial", "mychart.northmemorial.com"),
    operator("Cook Children's", "mychart.cookchildrens.org"),
    operator("Patient Portal", "www.patientportal.org"),
    operator("Blue Cross of Illinois", "mybam.bcbsil.com"),
    operator("Blue Cross of Minnesota", "www.bluecrossmn.com"),
]
NAMES = [
    KnownName("Medibank", "https://www.medibank.com.au/", ("medibank",), ("medibank.com.au",), "AU"),
    KnownName("LifeLabs", "https://www.lifelabs.com/", ("lifelabs",), ("lifelabs.com",), "CA"),
]


def list_of(*operators: Operator) -> Allowlist:
    return Allowlist(
        operators,
        split_host=SPLIT,
        vendors=[
            Vendor("epic-mychart", "Epic MyChart", ("mychart",)),
            Vendor("f", "FollowMyHealth", ("followmyhealth",)),
        ],
        names=NAMES,
        policy=Policy(platforms=frozenset({"sites.platform.example"})),
        tables=load_tables(),
    )


@pytest.fixture(scope="module")
def index() -> LookalikeIndex:
    return LookalikeIndex(list_of(*OPERATORS))


def web(address: str) -> WebUrl:
    found = parse(address if "//" in address else f"https://{address}/")
    assert isinstance(found, WebUrl)
    return found


def found(host: str, index: LookalikeIndex) -> Imitation | None:
    return find(web(host), index)


@pytest.mark.parametrize("row", FIRES, ids=[row["host"] for row in FIRES])
def test_a_look_alike_is_told_by_its_technique(row: Fires, index: LookalikeIndex) -> None:
    imitation = found(row["host"], index)
    if row["technique"] is None and row["kind"] is None:
        assert imitation is None, row["why"]
        return
    assert imitation is not None, row["why"]
    if row["technique"]:
        assert imitation.technique == row["technique"], row["why"]
    if row["kind"]:
        assert imitation.kind == row["kind"], row["why"]
    assert imitation.host == row["official"], row["why"]


@pytest.mark.parametrize("row", QUIET, ids=[row["host"] for row in QUIET])
def test_an_innocent_host_is_left_alone(row: Quiet, index: LookalikeIndex) -> None:
    imitation = found(row["host"], index)
    if "only" in row:
        assert imitation is not None
        assert imitation.kind == row["only"]
    else:
        assert imitation is None, row["why"]


def test_every_technique_has_a_row_that_fires() -> None:
    """Two need more than a host: see the tests of odd characters below."""
    told = {row["technique"] for row in FIRES}
    assert {str(technique) for technique in Technique} - told == {"invisible-characters", "invalid-punycode"}


def test_the_aligned_pair_shows_which_characters_differ(index: LookalikeIndex) -> None:
    imitation = found("mychart.cleve1andclinic.org", index)
    assert imitation is not None
    assert (imitation.yours, imitation.theirs) == ("cleve1andclinic", "clevelandclinic")
    assert imitation.differs_at == (5,)
    assert imitation.operator == "Cleveland Clinic"


def test_odd_characters_are_shown_as_they_stand(index: LookalikeIndex) -> None:
    imitation = found("clevelаndclinic.org", index)
    assert imitation is not None
    assert imitation.yours == "clevelаndclinic"
    assert imitation.differs_at == (6,)


@pytest.mark.parametrize(
    "host",
    ["clevelаndclinic.org", "clévélandclinic.org", "сӏеvеӏапdсӏіпіс.org", "аррӏе.com", "exаmple.com", "münchen.de"],
)
def test_a_name_in_letters_and_in_punycode_get_one_answer(host: str, index: LookalikeIndex) -> None:
    a_label = web(host).host
    assert a_label.isascii()
    assert found(host, index) == found(a_label, index)


@pytest.mark.parametrize(
    ("user", "official"),
    [
        ("mychart.clevelandclinic.org", "mychart.clevelandclinic.org"),
        ("MyChart.ClevelandClinic.org", "mychart.clevelandclinic.org"),
        ("clevelandclinic.org", "mychart.clevelandclinic.org"),
        ("https%3A%2F%2Fmychart.clevelandclinic.org%2Flogin", "mychart.clevelandclinic.org"),
        ("mychart.clevelandclinic.org:443", "mychart.clevelandclinic.org"),
        ("maria", None),
        ("maria.gomez", None),
        ("mychart.example.org", None),
    ],
)
def test_an_official_host_as_user_name_is_told(user: str, official: str | None, index: LookalikeIndex) -> None:
    imitation = found(f"https://{user}@evil.example/", index)
    assert (imitation.host if imitation else None) == official
    if imitation is not None:
        assert imitation.kind is ReasonCode.OFFICIAL_NAME_ELSEWHERE
        assert imitation.technique is Technique.EMBEDDED_HOST


def test_a_user_name_before_a_number_is_read_too(index: LookalikeIndex) -> None:
    imitation = found("https://mychart.clevelandclinic.org@192.0.2.7/", index)
    assert imitation is not None
    assert imitation.host == "mychart.clevelandclinic.org"


def test_characters_that_nobody_sees_are_told(index: LookalikeIndex) -> None:
    typed = parse("https://exam\u00adple\u200b.example/")
    assert isinstance(typed, WebUrl)
    imitation = find(typed, index)
    assert imitation is not None
    assert imitation.technique is Technique.INVISIBLE_CHARACTERS


def test_punycode_that_stands_for_nothing_is_told(index: LookalikeIndex) -> None:
    imitation = found("xn--a.example", index)
    assert imitation is not None
    assert imitation.technique is Technique.INVALID_PUNYCODE


def test_in_a_crowd_of_near_names_only_so_many_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    name = "northfieldclinic"
    near = {name[:at] + letter + name[at + 1 :] for at in range(len(name)) for letter in letters} - {name}
    crowd = LookalikeIndex(list_of(*(operator(other, f"my.{other}.org") for other in sorted(near))))
    compared = 0

    def no_likeness(_pair: Pair) -> int:
        nonlocal compared
        compared += 1
        return 0

    monkeypatch.setattr(search, "TECHNIQUES", ((Technique.OMISSION, no_likeness),))
    find(web(f"my.{name}.org"), crowd)
    assert 10 <= compared <= 64, f"of {len(near)} near names"


def test_where_two_official_hosts_tie_nobody_is_named() -> None:
    index = LookalikeIndex(list_of(operator("One", "mychart.lakewoods.org"), operator("Two", "mychart.lakewoods.net")))
    imitation = found("mychart.lakewoods.com", index)
    assert imitation is not None
    assert (imitation.host, imitation.operator) == (None, None)
    assert imitation.kind is ReasonCode.RESEMBLES_OFFICIAL


def test_where_two_known_names_tie_nobody_is_named() -> None:
    names = [KnownName(name, f"https://{name}.example/", ("lakewoodsplan",), ()) for name in ("one", "two")]
    index = LookalikeIndex(Allowlist([], split_host=SPLIT, names=names, tables=load_tables()))
    imitation = found("lakewoodsplan-login.com", index)
    assert imitation is not None
    assert (imitation.known, imitation.kind) == (None, ReasonCode.RESEMBLES_OFFICIAL)


def test_a_name_spelled_right_is_meant_and_not_its_neighbour() -> None:
    names = [KnownName("Lakewoods Plan", "https://lakewoodsplan.com/", ("lakewoodsplan",), ("lakewoodsplan.com",))]
    one = operator("Lakewood Plan", "mychart.lakewoodplan.org")
    index = LookalikeIndex(Allowlist([one], split_host=SPLIT, names=names, tables=load_tables()))
    imitation = found("lakewoodsplan-login.com", index)
    assert imitation is not None
    assert imitation.known == names[0]


def test_other_domains_of_the_owner_are_names_too() -> None:
    owner = replace(operator("Lakewoods", "my.lkw.org"), same_owner=("lakewoodshealth.org",))
    index = LookalikeIndex(list_of(owner))
    imitation = found("lakewodshealth.org", index)
    assert imitation is not None
    assert (imitation.host, imitation.operator) == ("my.lkw.org", "Lakewoods")


def test_the_nearer_suffix_breaks_a_tie() -> None:
    index = LookalikeIndex(list_of(operator("One", "mychart.lakewoods.org"), operator("Two", "mychart.lakewoods.net")))
    imitation = found("mychart.lakewods.net", index)
    assert imitation is not None
    assert imitation.operator == "Two"


def test_a_pair_that_the_list_allows_is_no_likeness() -> None:
    allowed = operator(
        "Cleveland Clinic", "mychart.clevelandclinic.org", resembles_ok=("mychart.cleveland-clinic.org",)
    )
    index = LookalikeIndex(list_of(allowed))
    told = found("mychart.cleveland-clinic.org", index)
    assert told is None or told.kind is ReasonCode.PORTAL_NAME_UNLISTED
    other = found("mychart.clevelandclinic.com", index)
    assert other is not None
    assert other.host == "mychart.clevelandclinic.org"


def test_the_host_with_the_same_sub_domain_is_named(index: LookalikeIndex) -> None:
    imitation = found("mychartwa.providennce.org", index)
    assert imitation is not None
    assert imitation.host == "mychartwa.providence.org"


def test_conflicts_lists_entries_that_would_accuse_each_other() -> None:
    one, two = operator("One", "mychart.lakewoods.org"), operator("Two", "mychart.lakewods.org")
    assert conflicts(list_of(*OPERATORS[:2])) == ()
    assert [(c.host, c.imitates) for c in conflicts(list_of(one, two))] == [
        ("mychart.lakewods.org", "mychart.lakewoods.org"),
        ("mychart.lakewoods.org", "mychart.lakewods.org"),
    ]


def test_an_allowed_pair_is_no_conflict() -> None:
    one = operator("One", "mychart.lakewoods.org", resembles_ok=("mychart.lakewods.org",))
    two = operator("Two", "mychart.lakewods.org")
    assert [c.host for c in conflicts(list_of(one, two))] == ["mychart.lakewoods.org"]


def test_a_conflict_is_what_find_would_say_were_the_host_not_listed(allowlist: Allowlist) -> None:
    told: list[Conflict] = [c for c in conflicts(allowlist) if c.kind in DANGER_CODES]
    for conflict in told[:3]:
        others = [o for o in allowlist.operators if o.domain != conflict.domain]
        rest = Allowlist(
            others,
            split_host=allowlist.split_host,
            vendors=allowlist.vendors.values(),
            names=allowlist.names,
            policy=allowlist.policy,
            tables=allowlist.tables,
        )
        imitation = found(conflict.host, LookalikeIndex(rest))
        assert imitation is not None
        assert (imitation.kind, imitation.technique) == (conflict.kind, conflict.technique)


def test_explain_shows_every_technique_once_and_the_told_one_with_its_score(index: LookalikeIndex) -> None:
    url = web("mychart.cleve1andclinic.org")
    imitation = find(url, index)
    attempts = explain(url, index)
    assert [attempt.technique for attempt in attempts] == list(Technique)
    assert imitation is not None
    told = next(attempt for attempt in attempts if attempt.technique is imitation.technique)
    assert (told.score, told.target) == (imitation.score, imitation.host)
    assert {a.technique: a.score for a in attempts}[Technique.VENDOR_NAME] > 0


def test_explain_says_nothing_about_listed_hosts(index: LookalikeIndex) -> None:
    assert {attempt.score for attempt in explain(web("mychart.clevelandclinic.org"), index)} == {0}
