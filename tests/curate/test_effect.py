"""What a change to the list means, and which changes a second person must accept."""

from collections.abc import Callable
from datetime import date

import pytest

from checker.core.allowlist import Allowlist, Evidence, Operator, Policy, Portal, Retirement
from checker.core.known import KnownName
from checker.core.lease import Lease
from checker.curate.effect import MOST_GAINED, diff
from checker.lists.suffixes import suffix_splitter
from checker.lists.tables import load_tables

SPLIT = suffix_splitter()
EVIDENCE = (Evidence("operator-site", "https://www.example.org/", "2026-10"),)


def portal(host: str, mount: str = "/", operator: str = "Cleveland Clinic", **more: object) -> Portal:
    facts: dict[str, object] = {
        "organizations": (operator,),
        "evidence": EVIDENCE,
        "review_by": date(2027, 10, 1),
    } | more
    return Portal(host=host, mount=mount, operator=operator, **facts)  # type: ignore[arg-type]


def a_list(*operators: Operator, names: tuple[KnownName, ...] = (), policy: Policy | None = None) -> Allowlist:
    return Allowlist(operators, split_host=SPLIT, names=names, policy=policy or Policy(), tables=load_tables())


def operator(domain: str, *portals: Portal, name: str = "Cleveland Clinic", **more: object) -> Operator:
    return Operator(domain=domain, name=name, portals=portals, **more)  # type: ignore[arg-type]


CLINIC = operator("clevelandclinic.org", portal("mychart.clevelandclinic.org", "/a/"))
GONE = Retirement("2026-11", "Gone.")


@pytest.mark.parametrize(
    ("new", "lines", "gated"),
    [
        pytest.param(CLINIC, [], False, id="nothing changes"),
        pytest.param(
            operator(
                "clevelandclinic.org", portal("mychart.clevelandclinic.org", "/a/"), portal("my.clevelandclinic.org")
            ),
            ["HOST BECOMES VERIFIED my.clevelandclinic.org Cleveland Clinic"],
            False,
            id="one more host",
        ),
        pytest.param(
            operator("clevelandclinic.org", portal("my.clevelandclinic.org")),
            [
                "HOST BECOMES VERIFIED my.clevelandclinic.org Cleveland Clinic",
                "HOST CEASES TO BE VERIFIED mychart.clevelandclinic.org Cleveland Clinic no tombstone",
            ],
            True,
            id="a host removed instead of retired",
        ),
        pytest.param(
            operator(
                "clevelandclinic.org",
                portal(
                    "mychart.clevelandclinic.org",
                    "/a/",
                    home=True,
                    kind="provider",
                    evidence=(Evidence("operator-site", "https://www.example.org/", "2026-10", "unknown"),),
                ),
            ),
            [
                "evidence changes mychart.clevelandclinic.org/a/ Cleveland Clinic operator-site 2026-10 of unknown age",
                "official place changes mychart.clevelandclinic.org/a/ Cleveland Clinic people are sent here",
                "kind changes mychart.clevelandclinic.org/a/ Cleveland Clinic None → provider",
            ],
            False,
            id="facts about a portal",
        ),
        pytest.param(
            operator("clevelandclinic.org", portal("mychart.clevelandclinic.org", "/a/"), name="Somebody Else"),
            ["OPERATOR CHANGES clevelandclinic.org Somebody Else was Cleveland Clinic"],
            True,
            id="another operator",
        ),
        pytest.param(
            operator(
                "clevelandclinic.org",
                portal("mychart.clevelandclinic.org", "/a/", organizations=("New Clinic",)),
                portal("mychart.clevelandclinic.org", "/b/"),
            ),
            [
                "organization joins mychart.clevelandclinic.org/a/ New Clinic",
                "organization leaves mychart.clevelandclinic.org/a/ Cleveland Clinic",
                "portal becomes known mychart.clevelandclinic.org/b/ Cleveland Clinic",
            ],
            False,
            id="portals on a host that stays",
        ),
        pytest.param(
            operator(
                "clevelandclinic.org",
                portal(
                    "mychart.clevelandclinic.org", "/a/", links={"pay-bill": "https://mychart.clevelandclinic.org/p"}
                ),
            ),
            ["link changes mychart.clevelandclinic.org/a/ pay-bill → https://mychart.clevelandclinic.org/p"],
            False,
            id="a task link",
        ),
        pytest.param(
            operator("clevelandclinic.org", portal("mychart.clevelandclinic.org", "/a/", review_by=date(2030, 1, 1))),
            ["review date changes mychart.clevelandclinic.org/a/ Cleveland Clinic 2027-10-01 → 2030-01-01"],
            False,
            id="a review date",
        ),
        pytest.param(
            operator("clevelandclinic.org", *CLINIC.portals, resembles_ok=("cleveland-clinic.net",)),
            ["RESEMBLANCE ALLOWED clevelandclinic.org Cleveland Clinic to cleveland-clinic.net"],
            True,
            id="a look-alike declared genuine",
        ),
        pytest.param(
            operator("clevelandclinic.org", *CLINIC.portals, shared=True),
            ["SHARING CHANGES clevelandclinic.org Cleveland Clinic its subdomains belong to different customers"],
            False,
            id="a domain marked as shared",
        ),
    ],
)
def test_effects_of_one_file(new: Operator, lines: list[str], gated: bool) -> None:
    # The other operators keep the share of lost hosts below the gate's limit.
    others = [operator(f"o{n}.org", portal(f"portal.o{n}.org", operator=f"O{n}"), name=f"O{n}") for n in range(200)]
    effect = diff(a_list(CLINIC, *others), a_list(new, *others))
    assert [" ".join(str(line).split()) for line in effect.lines] == lines
    assert bool(effect.gate) is gated


def test_a_new_host_that_imitates_a_listed_one_needs_a_second_person() -> None:
    fake = operator("cleve1andclinic.org", portal("mychart.cleve1andclinic.org", operator="Fake"), name="Fake")
    effect = diff(a_list(CLINIC), a_list(CLINIC, fake))
    assert effect.lines[0].note == "imitates mychart.clevelandclinic.org"
    assert effect.gate == ("host becomes verified: mychart.cleve1andclinic.org",)


def test_reviving_or_removing_a_tombstone_needs_a_second_person() -> None:
    tombstone = operator("old.org", portal("old.org", operator="Old", retired=GONE), name="Old")
    back = operator("old.org", portal("old.org", operator="Old"), name="Old")
    assert diff(a_list(CLINIC, tombstone), a_list(CLINIC, back)).lines[0].note == "was retired"
    for new in (a_list(CLINIC, back), a_list(CLINIC)):
        assert diff(a_list(CLINIC, tombstone), new).gate


def test_retiring_one_host_passes_the_gate_and_retiring_many_does_not() -> None:
    def some(count: int, make: Callable[[int], Portal]) -> Allowlist:
        return a_list(*(operator(f"o{n}.org", make(n), name=f"O{n}") for n in range(count)))

    before = some(200, lambda n: portal(f"o{n}.org"))
    one = some(200, lambda n: portal(f"o{n}.org", retired=GONE if n < 1 else None))
    many = some(200, lambda n: portal(f"o{n}.org", retired=GONE if n < 3 else None))
    assert diff(before, one).gate == ()
    assert diff(before, many).gate == ("1.50% of the hosts lost (more than 1%)",)


def test_many_new_hosts_need_a_second_person() -> None:
    new = a_list(CLINIC, *(operator(f"o{n}.org", portal(f"o{n}.org"), name="O") for n in range(MOST_GAINED + 1)))
    assert diff(a_list(CLINIC), new).gate == ("26 hosts gained (more than 25)",)


@pytest.mark.parametrize(
    ("old", "new", "gated"),
    [
        (Policy(Lease(365, 90)), Policy(Lease(365, 900)), True),
        (Policy(Lease(365, 90)), Policy(Lease(365, 30)), False),
        (Policy(platforms=frozenset({"wix.com"})), Policy(), True),
        (Policy(), Policy(platforms=frozenset({"wix.com"})), False),
    ],
)
def test_a_policy_that_warns_less_needs_a_second_person(old: Policy, new: Policy, gated: bool) -> None:
    assert bool(diff(a_list(CLINIC, policy=old), a_list(CLINIC, policy=new)).gate) is gated


def test_the_digest_identifies_exactly_one_effect() -> None:
    other = operator("o.org", portal("o.org", operator="O"), name="O")
    another = operator("p.org", portal("p.org", operator="O"), name="O")
    first = diff(a_list(CLINIC), a_list(CLINIC, other))
    assert first.digest == diff(a_list(CLINIC), a_list(other, CLINIC)).digest
    assert first.digest != diff(a_list(CLINIC), a_list(CLINIC, another)).digest


def test_from_an_empty_list_every_host_is_gained_once(allowlist: Allowlist) -> None:
    effect = diff(a_list(), allowlist)
    gained = [line.where for line in effect.lines]
    assert sorted(gained) == sorted(allowlist.hosts)
    assert (effect.gained, effect.lost, effect.stay) == (len(allowlist.hosts), 0, 0)
