"""What holds for any host and any list: nobody listed is accused, the order of the list is nothing, work is bounded."""

from __future__ import annotations

import random
from collections.abc import Collection
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.core.allowlist import Allowlist
from checker.core.errors import UnreadableAddress
from checker.core.lookalike import Imitation, LookalikeIndex, explain, find
from checker.core.lookalike.postings import Postings
from checker.core.lookalike.query import read
from checker.core.reason import ReasonCode
from checker.core.url import WebUrl, parse

KNOWN_NAMES = yaml.safe_load((Path(__file__).parents[1] / "cases/known_names.yaml").read_text("utf-8"))
USES = [pytest.param(row, id=row["address"]) for row in KNOWN_NAMES["uses"]]
WITHOUT_DEADLINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def index(allowlist: Allowlist) -> LookalikeIndex:
    return LookalikeIndex(allowlist)


@pytest.fixture(scope="module")
def shuffled(allowlist: Allowlist) -> LookalikeIndex:
    operators = list(allowlist.operators)
    random.Random(3).shuffle(operators)  # noqa: S311 - a fixed order, no secret
    return LookalikeIndex(
        Allowlist(
            operators,
            split_host=allowlist.split_host,
            vendors=reversed(allowlist.vendors.values()),
            names=allowlist.names,
            policy=allowlist.policy,
            tables=allowlist.tables,
        )
    )


def web(host: str) -> WebUrl | None:
    try:
        found = parse(f"https://{host}/")
    except UnreadableAddress:
        return None
    return found if isinstance(found, WebUrl) else None


def found(host: str, index: LookalikeIndex) -> Imitation | None:
    url = web(host)
    return find(url, index) if url is not None else None


def test_no_listed_host_is_accused_with_or_without_www(allowlist: Allowlist, index: LookalikeIndex) -> None:
    forms = {form for host in allowlist.hosts for form in (host, f"www.{host}", host.removeprefix("www."))}
    assert [host for host in sorted(forms) if found(host, index) is not None] == []


def test_no_operator_s_own_domain_is_accused(allowlist: Allowlist, index: LookalikeIndex) -> None:
    own = [operator.domain for operator in allowlist.operators]
    assert [domain for domain in own if found(domain, index) or found(f"www.{domain}", index)] == []


LABELS = st.sampled_from(
    "mychart clevelandclinic kaiserpermanente providence health org com login my chart northwell xn--a evil example "
    "c1eve1andc1inic clevelаndclinic kaiserperrnanente medicare aetna pages dev www nhs uk".split()
)
HOSTS = st.lists(LABELS, min_size=1, max_size=6).flatmap(
    lambda words: st.lists(st.sampled_from([".", "-", ""]), min_size=len(words), max_size=len(words)).map(
        lambda marks: "".join(mark + word for mark, word in zip(["", *marks[1:]], words, strict=True)) + ".org"
    )
)


@given(HOSTS | st.text(max_size=60))
@WITHOUT_DEADLINE
def test_any_host_gets_an_answer_that_makes_sense(index: LookalikeIndex, host: str) -> None:
    url = web(host)
    if url is None:
        return
    imitation = find(url, index)
    explain(url, index)
    if imitation is None:
        return
    assert 50 <= imitation.score <= 99
    assert (imitation.host is None) == (imitation.operator is None)
    assert (imitation.kind is ReasonCode.USES_KNOWN_NAME) == (imitation.known is not None)
    assert imitation.host is None or imitation.host in index.allowlist.hosts
    assert all(0 <= place < len(imitation.yours or "") for place in imitation.differs_at)
    if imitation.kind in (ReasonCode.IMITATES_OFFICIAL, ReasonCode.OFFICIAL_NAME_ELSEWHERE):
        assert imitation.host is not None


@given(HOSTS)
@WITHOUT_DEADLINE
def test_the_order_of_the_list_changes_nothing(index: LookalikeIndex, shuffled: LookalikeIndex, host: str) -> None:
    assert found(host, index) == found(host, shuffled)


@given(HOSTS)
@WITHOUT_DEADLINE
def test_letters_and_punycode_get_one_answer(index: LookalikeIndex, host: str) -> None:
    url = web(host)
    if url is not None and not host.isascii():
        assert found(host, index) == found(url.host, index)


def _hostile() -> list[str]:
    """Hosts of up to 253 characters made to be slow: many labels, many tokens, names over and over."""
    pieces = [
        ".".join("ab"[i % 2] for i in range(120)),
        "mychart-clevelandclinic-org." * 8 + "x",
        ".".join(["clevelandclinicmychartesesesesesesesesclevelandclinicmycha"] * 4),
        ".".join(["my-chart-cl-rn-vv-cl-health-my-clinic-cleveland-health-my-rn"] * 4),
        ".".join(["es" * 31] * 3),
        ".".join(["health" * 10] * 4),
        ".".join(["clrnvv" * 10] * 4),
        ".".join(["kaiserpermanente", "clevelandclinic", "providence", "northwell"] * 5),
        ".".join(["а" * 10] * 8),
    ]
    return [piece[:248].rstrip(".-") + ".org" for piece in pieces]


@pytest.mark.parametrize("host", _hostile())
def test_a_host_made_to_be_slow_costs_a_bounded_number_of_look_ups(
    host: str, index: LookalikeIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 0
    get = Postings.get

    def counted(self: Postings, key: str, most: int = 1 << 24) -> Collection[int]:
        nonlocal count
        count += 1
        return get(self, key, most)

    monkeypatch.setattr(Postings, "get", counted)
    url = web(host)
    assert url is not None
    find(url, index)
    assert count < 5_000


@pytest.mark.parametrize("host", _hostile())
def test_of_a_host_made_to_be_slow_only_so_many_pieces_are_read(host: str, index: LookalikeIndex) -> None:
    assert len(read(host, index).tokens) <= 24


@pytest.mark.parametrize("row", USES)
def test_a_name_that_is_imitated_but_not_listed_is_told(row: dict[str, str], index: LookalikeIndex) -> None:
    url = parse(row["address"])
    assert isinstance(url, WebUrl)
    imitation = find(url, index)
    assert imitation is not None, row["why"]
    assert imitation.host or imitation.known, row["why"]


@pytest.mark.parametrize("row", KNOWN_NAMES["innocent"], ids=[row["address"] for row in KNOWN_NAMES["innocent"]])
def test_a_host_that_only_shares_letters_with_a_known_name_is_left_alone(
    row: dict[str, str], index: LookalikeIndex
) -> None:
    url = parse(row["address"])
    assert isinstance(url, WebUrl)
    assert find(url, index) is None, row["why"]
