"""Links by mail gateways and redirects: what is taken off, what stays hidden, what is left alone."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.core.url import WebUrl, parse
from checker.core.wrapper import MAX_LAYERS, Hides, Unwrapped
from checker.lists.tables import load_tables

WRAPPERS = load_tables().wrappers
CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "wrappers.yaml").read_text(encoding="utf-8"))


def web(text: str) -> WebUrl:
    url = parse(text)
    assert isinstance(url, WebUrl)
    return url


def unwrapped(text: str) -> Unwrapped:
    return WRAPPERS.unwrap(web(text))


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_each_link_leads_where_the_table_says(case: dict[str, object]) -> None:
    found = unwrapped(str(case["url"]))
    assert found.url.origin + found.url.path == case["leads_to"], case["why"]
    assert list(found.services) == case.get("services", []), case["why"]
    assert (found.hidden and found.hidden.service) == case.get("hidden_by"), case["why"]
    assert (found.hidden and found.hidden.how) == _how(case), case["why"]


def _how(case: dict[str, object]) -> Hides | None:
    """What the table says or leaves out: a code that only the service knows is the usual way to hide."""
    if case.get("hidden_by") in WRAPPERS.shorteners:
        return Hides.SHORTENER
    return Hides(str(case.get("how", Hides.SERVICE))) if "hidden_by" in case else None


TABLE = yaml.safe_load((files("checker") / "data" / "wrappers.yaml").read_text("utf-8"))["services"]


@pytest.mark.parametrize("row", TABLE, ids=[f"{number}: {row['id']}" for number, row in enumerate(TABLE, 1)])
def test_each_row_of_the_table_can_be_carried_out(row: dict[str, str]) -> None:
    assert row["source"], "it says where the form is from"
    assert set(row) <= {"id", "hosts", "path", "parameters", "target", "form", "hides", "source"}
    assert re.compile(row["path"]).groups == (row.get("target", "").startswith("path")), "one group, and only there"
    assert "target" not in row or "parameters" not in row, "the target stands in one place"
    assert "form" not in row or "target" in row or "parameters" in row, "what can be read stands somewhere"
    if row["hosts"] == "*":
        assert re.fullmatch(r"[a-z/]+", row["path"]), "for any host the path is literal"
        assert "form" not in row, "a parameter on any other host is never read"


def test_every_service_has_a_row_where_it_acts() -> None:
    seen = {name for case in CASES for name in [*case.get("services", []), case.get("hidden_by")]}
    assert WRAPPERS.ids - WRAPPERS.shorteners <= seen


# Genuine links that carry a readable target, one layer deep, and what a forger would change about them.
GENUINE = [str(case["url"]) for case in CASES if len(case.get("services", [])) == 1 and case.get("how") != "session"]


@pytest.mark.parametrize("link", GENUINE)
@pytest.mark.parametrize(
    ("why", "forged"),
    [
        ("a suffix behind the host", lambda host, rest: f"https://{host}.evil.example{rest}"),
        ("letters before the host's domain", lambda host, rest: f"https://evil{host.replace('.', '-')}.example{rest}"),
        ("another port", lambda host, rest: f"https://{host}:8443{rest}"),
        ("no https", lambda host, rest: f"http://{host}{rest}"),
        ("a user name", lambda host, rest: f"https://user@{host}{rest}"),
        ("the host as a user name", lambda host, rest: f"https://{host}@evil.example{rest}"),
        ("an encoded dot in the host", lambda host, rest: f"https://{host.replace('.', '%2e', 1)}{rest}"),
    ],
)
def test_a_forged_wrapper_gives_away_no_target(why: str, forged: Callable[[str, str], str], link: str) -> None:
    host, slash, rest = link.removeprefix("https://").partition("/")
    found = unwrapped(forged(host, slash + rest))
    assert found.services == (), why


# Those that carry it in a parameter: without the query nothing is left to read.
IN_PARAMETER = [
    link for link in GENUINE if "?" in link and "__http" not in link and not unwrapped(link.partition("?")[0]).services
]


@pytest.mark.parametrize("link", IN_PARAMETER)
def test_a_parameter_that_stands_there_twice_gives_away_no_target(link: str) -> None:
    before, _, query = link.partition("?")
    assert unwrapped(f"{before}?{query}&{query}").services == ()


@pytest.mark.parametrize("link", IN_PARAMETER)
def test_a_fragment_holds_no_target(link: str) -> None:
    assert unwrapped(link.replace("?", "#")).services == ()


def test_a_link_left_alone_is_unchanged() -> None:
    url = web("https://portal.example.org/MyChart/?url=https%3A%2F%2Fevil.example%2F")
    assert WRAPPERS.unwrap(url) == Unwrapped(url)


def test_the_wrappers_own_data_is_gone() -> None:
    link = "https://nam12.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2F&data=05%7Cpat%40mail.example"
    assert "mail.example" not in repr(unwrapped(link))


def test_odd_characters_inside_a_wrapper_are_still_noticed() -> None:
    found = unwrapped("https://www.google.com/url?q=" + quote("https://portal。example.org/"))
    assert (found.url.host, found.url.typed_host) == ("portal.example.org", "portal。example.org")


# --- our own encoders: whatever is wrapped comes back ------------------------------------------


def _encoded(before: str, after: str = "") -> Callable[[str], str]:
    return lambda target: before + quote(target, safe="") + after


def _base64(before: str, after: str = "") -> Callable[[str], str]:
    return lambda target: before + base64.urlsafe_b64encode(target.encode()).decode().rstrip("=") + after


def _plain(byte: int, marks: str) -> bool:
    return chr(byte) in marks or (chr(byte).isascii() and chr(byte).isalnum())


def _proofpoint_v1(target: str) -> str:
    return "https://urldefense.proofpoint.com/v1/url?u=" + quote(target.replace("&", "&amp;"), safe="") + "&k=x"


def _proofpoint_v2(target: str) -> str:
    escaped = target.replace("&", "&amp;").encode()
    written = "".join("_" if byte == 0x2F else chr(byte) if _plain(byte, ".") else f"-{byte:02X}" for byte in escaped)
    return f"https://urldefense.proofpoint.com/v2/url?u={written}&d=x"


RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _proofpoint_v3(target: str) -> str:
    """Everything but letters, digits and ``:/.`` is cut out: alone as ``*``, in runs as ``**A``."""
    written, removed, run = "", b"", b""

    def close() -> str:
        return "" if not run else "*" if len(run) == 1 else "**" + RUNS[len(run) - 2]

    for byte in target.encode():
        if _plain(byte, ":/."):
            written += close() + chr(byte)
            run = b""
        else:
            removed += bytes([byte])
            run += bytes([byte])
            if len(run) == 65:
                written += close()
                run = b""
    written += close()
    return f"https://urldefense.com/v3/__{written}__;{base64.urlsafe_b64encode(removed).decode().rstrip('=')}!!a!b$"


WRITERS: dict[str, Callable[[str], str]] = {
    "safelinks": _encoded("https://nam12.safelinks.protection.outlook.com/?url=", "&data=05"),
    "proofpoint-v1": _proofpoint_v1,
    "proofpoint-v2": _proofpoint_v2,
    "proofpoint-v3": _proofpoint_v3,
    "barracuda": _encoded("https://linkprotect.cudasvc.com/url?a=", "&c=E"),
    "cisco": _encoded("https://secure-web.cisco.com/1token/"),
    "symantec": _encoded("https://clicktime.symantec.com/3token?u="),
    "trellix": _encoded("https://protect2.fireeye.com/v1/url?k=1&u="),
    "sophos": _base64("https://eu-west-1.protection.sophos.com/?d=shown.example&u=", "&i=x"),
    "trend-micro": _encoded("https://ctp.trendmicro.com/wis/clicktime/v2/clickthrough?url="),
    "google": _encoded("https://www.google.de/url?q=", "&sa=D"),
    "bing": _base64("https://www.bing.com/ck/a?!&&p=x&u=a1", "&ntb=1"),
    "facebook": _encoded("https://l.facebook.com/l.php?u=", "&h=x"),
    "whatsapp": _encoded("https://l.wl.co/l?u="),
    "slack": _encoded("https://slack-redir.net/link?url="),
    "linkedin": _encoded("https://www.linkedin.com/safety/go?url="),
    "youtube": _encoded("https://www.youtube.com/redirect?q="),
    "duckduckgo": _encoded("https://duckduckgo.com/l/?uddg=", "&rut=x"),
    "govdelivery": _encoded("https://links-2.govdelivery.com/CL0/", "/1/0100/sig=1"),
    "titanhq": _encoded("https://linklock.titanhq.com/analyse?url=", "&data=eJx"),
    "exclaimer": _encoded("https://us.content.exclaimer.net/?url=", "&tenantid=A"),
    "yahoo": _encoded("https://r.search.yahoo.com/_ylt=A;_ylu=B/RV=2/RU=", "/RK=2/RS=A-"),
    "ses": _encoded("https://abc.r.us-east-1.awstrack.me/L0/", "/1/0100/sig=1"),
}

targets = st.builds(
    "{}://{}{}/{}?{}".format,
    st.sampled_from(["https", "http"]),
    st.sampled_from(["portal.example.org", "xn--bcher-kva.example", "evil.example", "192.0.2.7", "[2001:db8::1]"]),
    st.sampled_from(["", ":8443"]),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="?#;&"), max_size=40),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="#;&"), max_size=40),
)


@settings(deadline=None)
@given(target=targets, service=st.sampled_from(sorted(WRITERS)))
def test_whatever_is_wrapped_comes_back(target: str, service: str) -> None:
    expected = web(target)
    found = unwrapped(WRITERS[service](target))
    assert (found.url, found.services, found.hidden) == (expected, (service,), None)


@settings(deadline=None)
@given(target=targets, layers=st.lists(st.sampled_from(sorted(WRITERS)), max_size=6))
def test_at_most_four_layers_come_off(target: str, layers: list[str]) -> None:
    text = target
    for service in reversed(layers):
        text = WRITERS[service](text)
    found = unwrapped(text)
    assert found.services == tuple(layers[:MAX_LAYERS])
    if len(layers) <= MAX_LAYERS:
        assert (found.url, found.hidden) == (web(target), None)
    else:
        assert found.hidden is not None
        assert found.hidden.service == layers[MAX_LAYERS]


SHAPES = sorted({str(case["url"]).partition("%3A")[0] for case in CASES} | {str(case["url"]) for case in CASES})


@settings(deadline=None)
@given(shape=st.sampled_from(SHAPES), more=st.text(max_size=60))
def test_no_link_makes_it_fail(shape: str, more: str) -> None:
    url = parse(shape.partition("#")[0] + quote(more, safe="%&=;*_-!/?.:@$"))
    assert isinstance(url, WebUrl)
    found = WRAPPERS.unwrap(url)
    assert len(found.services) <= MAX_LAYERS
    assert found.hidden is None or found.hidden.service in WRAPPERS.ids
