"""The rules that every list must follow to be loaded: pure functions over the files as written.

Each rule is one function and one row of ``LOAD_RULES``; ``lint.py`` adds the rules that only maintainers need. A
rule checks everything and yields all of its findings; it never repairs anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

import ada_url
import validators

from checker.core.known import MAX_ROUTE_SEGMENTS
from checker.core.reference import HostParts
from checker.lists.draft import Check, Draft, Rule, Written, sections_of, texts_of
from checker.lists.evidence import day_of, one_date, review_in_time
from checker.lists.findings import Finding, Severity
from checker.lists.owners import evidence_of, one_owner, owners_alone, vendors_alone, websites_alone

__all__ = ["COUNTRIES", "LOAD_RULES", "is_web_page", "name_problem"]

# --- the address of a portal -----------------------------------------------------------------


def _addresses(draft: Draft, *codes: str) -> Iterator[Finding]:
    for portal in draft.written:
        if portal.problem is not None and portal.problem[0] in codes:
            yield portal.error(*portal.problem, "url")


def _scheme(draft: Draft) -> Iterator[Finding]:
    return _addresses(draft, "PC201")


def _canonical(draft: Draft) -> Iterator[Finding]:
    return _addresses(draft, "PC202")


def _bare(draft: Draft) -> Iterator[Finding]:
    return _addresses(draft, "PC203")


def _public_host(draft: Draft) -> Iterator[Finding]:
    return _addresses(draft, "PC204")


def _plain_host(draft: Draft) -> Iterator[Finding]:
    return _addresses(draft, "PC207")


def _mount(draft: Draft) -> Iterator[Finding]:
    return _addresses(draft, "PC208")


# --- the file and its domain -----------------------------------------------------------------


def _file_name(draft: Draft) -> Iterator[Finding]:
    for file in draft.portals:
        if not file.path.endswith(f"/{file.content.domain}.yaml"):
            message = f"the file holds `{file.content.domain}`; name it `{file.content.domain}.yaml`"
            yield file.finding("PC103", Severity.ERROR, message, "domain")
    for vendor in draft.vendors:
        if not vendor.path.endswith(f"/{vendor.content.id}.yaml"):
            message = f"the file holds `{vendor.content.id}`; name it `{vendor.content.id}.yaml`"
            yield vendor.finding("PC103", Severity.ERROR, message, "id")


def _registrable(draft: Draft) -> Iterator[Finding]:
    for file in draft.portals:
        domain = file.content.domain
        parts = draft.split_host(domain) if domain.isascii() else HostParts("", "", "", False)
        if parts.suffix_is_private:
            message = "anyone can get a name below this suffix, so it is no organization's own domain"
        elif parts.registrable_domain is None:
            message = "a public suffix or not a host name; write the registrable domain, such as `example.org`"
        elif parts.registrable_domain != domain:
            message = f"not a registrable domain; write `{parts.registrable_domain}` and name the file so"
        elif not validators.domain(domain) or domain != domain.lower():
            message = "not a valid host name in lower case; check its spelling"
        else:
            continue
        yield file.finding("PC205", Severity.ERROR, message, "domain")


def _on_domain(draft: Draft) -> Iterator[Finding]:
    for portal in draft.written:
        domain = portal.file.content.domain
        if portal.problem is not None or portal.host == domain:
            continue
        if not portal.host.endswith("." + domain) or draft.split_host(portal.host).registrable_domain != domain:
            yield portal.error("PC301", f"the host is not on `{domain}`; each domain has its own file", "url")


def _once(draft: Draft) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Written] = {}
    for portal in draft.written:
        first = seen.setdefault((portal.host, portal.mount.casefold()), portal)
        if first != portal:
            line = first.file.document.line("portals", first.index, "url")
            message = f"the same portal is on line {line} of {first.file.path}; write it once, with all organizations"
            yield portal.error("PC302", message, "url")
    domains: dict[str, str] = {}
    for file in draft.portals:
        first_path = domains.setdefault(file.content.domain, file.path)
        if first_path != file.path:
            yield file.finding("PC302", Severity.ERROR, f"{first_path} already holds this domain", "domain")


def _active_or_retired(draft: Draft) -> Iterator[Finding]:
    active = {portal.host for portal in draft.written if not portal.retired}
    for portal in draft.written:
        if portal.retired and portal.host in active:
            message = "the host also has an active portal; remove this mount, or retire every portal of the host"
            yield portal.error("PC303", message, "url")


# --- names, dates, countries -----------------------------------------------------------------

_MARKUP = re.compile(r"[<>]|&[a-z]+;|&#|\]\(|https?:|www\.", re.IGNORECASE)


def _clean_names(draft: Draft) -> Iterator[Finding]:
    for section, text, where in texts_of(draft):
        message = name_problem(text)
        if message is not None:
            yield section.error("PC105", message, *where)


def name_problem(text: str) -> str | None:
    """What is wrong with a name that people are shown, and what to write; None if nothing is."""
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if text != clean:
        return f"write `{clean}`: composed letters (NFC), single spaces, none at either end"
    if _MARKUP.search(text):
        return "markup or an address inside a name; write the plain name"
    if text.startswith(("=", "+", "-", "@")):
        return "it begins as a spreadsheet's formula does; write the name that people know"
    if len(text) > 200:
        return "longer than 200 characters; write the name that people know"
    return None


def _dates(draft: Draft) -> Iterator[Finding]:
    for section in sections_of(draft):
        content = section.content
        for index, evidence in enumerate(content.evidence):
            message = _wrong_day(evidence.seen, draft.today)
            if message is not None:
                yield section.error("PC106", message, "evidence", index, "seen")
        if content.review_by is not None and day_of(content.review_by, month_allowed=False) is None:
            yield section.error("PC106", "no such day; write `2026-10-05`", "review_by")
        if content.retired is not None and day_of(content.retired.on, month_allowed=True) is None:
            message = "no such month or day; write `2026-10` or `2026-10-05`"
            yield section.error("PC106", message, "retired", "on")
    for file, evidence, where in evidence_of(draft):
        message = _wrong_day(evidence.seen, draft.today)
        if message is not None:
            yield file.finding("PC106", Severity.ERROR, message, *where, "seen")


def _wrong_day(seen: str, today: date | None) -> str | None:
    day = day_of(seen, month_allowed=True)
    if day is None:
        return "no such month or day; write `2026-10` or `2026-10-05`"
    return "a day in the future; write when it was seen" if today is not None and day > today else None


COUNTRIES = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA"
    " CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR"
    " GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM"
    " JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP"
    " MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY"
    " QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN"
    " TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW".split()
)
"""The officially assigned codes of ISO 3166-1 alpha-2."""


def _country_codes(draft: Draft) -> Iterator[Finding]:
    for section in sections_of(draft):
        if section.content.country is not None and section.content.country not in COUNTRIES:
            message = "no ISO 3166-1 country code; write two capital letters such as `US` (the United Kingdom is `GB`)"
            yield section.error("PC107", message, "country")


# --- evidence, retirement, links -------------------------------------------------------------


_NO_WEB_PAGE = "not a web address; write the page where it can be seen"
_ROUTE = re.compile(r"(?:/[a-z0-9._\-]+)+\Z")


def is_web_page(url: str) -> bool:
    """True for a well-formed http or https address."""
    # The reader caps the length (MAX_VALUE is 2,048 characters): validators would need half a second for 100 kB.
    return url.startswith(("https://", "http://")) and bool(validators.url(url))


def _well_formed(draft: Draft) -> Iterator[Finding]:
    """PC102: missing or broken fields, including what their shape alone does not tell."""
    yield from (finding for finding in draft.unread if finding.code == "PC102")
    checked: dict[str, bool] = {}
    yield from _well_formed_sections(draft, checked)
    yield from _well_formed_portals(draft)
    yield from _well_formed_vendors(draft)
    for file, evidence, where in evidence_of(draft):
        if not _is_page(evidence.url, checked):
            yield file.finding("PC102", Severity.ERROR, _NO_WEB_PAGE, *where, "url")


def _is_page(url: str, checked: dict[str, bool]) -> bool:
    """Thousands of entries name the same few pages, so each is looked at once."""
    if url not in checked:
        checked[url] = is_web_page(url)
    return checked[url]


def _well_formed_sections(draft: Draft, checked: dict[str, bool]) -> Iterator[Finding]:
    vendors = {vendor.content.id for vendor in draft.vendors}
    for section in sections_of(draft):
        for index, evidence in enumerate(section.content.evidence):
            if not _is_page(evidence.url, checked):
                yield section.error("PC102", _NO_WEB_PAGE, "evidence", index, "url")
        vendor = section.content.vendor
        if vendor is not None and vendor not in vendors:
            message = f"there is no vendors/{vendor}.yaml; add it, or write one of {', '.join(sorted(vendors))}"
            yield section.error("PC102", message, "vendor")


def _well_formed_portals(draft: Draft) -> Iterator[Finding]:
    for portal in draft.written:
        if not portal.entry.organizations and not portal.retired:
            yield portal.error("PC102", "whose portal is it? write `organizations: [name]`")
        if len(set(portal.entry.organizations)) < len(portal.entry.organizations):
            yield portal.error("PC102", "an organization appears twice; write each once", "organizations")
    for file in draft.portals:
        for index, host in enumerate(file.content.resembles_ok):
            if host == file.content.domain or host.endswith("." + file.content.domain):
                message = "this is the file's own domain; write the other operator's"
                yield file.finding("PC102", Severity.ERROR, message, "resembles_ok", index)


def _well_formed_vendors(draft: Draft) -> Iterator[Finding]:
    for vendor in draft.vendors:
        for task, paths in vendor.content.routes.items():
            for index, path in enumerate(paths):
                if _ROUTE.match(path) is None or path.count("/") > MAX_ROUTE_SEGMENTS:
                    message = (
                        f"a route is `/one` to {MAX_ROUTE_SEGMENTS} segments, in lower case, without a final slash"
                    )
                    yield vendor.finding("PC102", Severity.ERROR, message, "routes", task, index)
        for task, segments in vendor.content.segments.items():
            for index, segment in enumerate(segments):
                if _ROUTE.match("/" + segment) is None or "/" in segment:
                    message = "a segment is one piece of a path, in lower case, without slashes"
                    yield vendor.finding("PC102", Severity.ERROR, message, "segments", task, index)


def _evidence(draft: Draft) -> Iterator[Finding]:
    for portal in draft.written:
        if not portal.retired and not portal.evidence:
            yield portal.error("PC501", "no evidence; write where one can see that this portal is official")


def _retirement(draft: Draft) -> Iterator[Finding]:
    active = {p.entry.url for p in draft.written if not p.retired}
    for portal in draft.written:
        retirement = portal.retirement
        if portal.retired and retirement is None:
            yield portal.error("PC503", "retired without saying when and why; write `retired: {on: …, reason: …}`")
        elif not portal.retired and retirement is not None:
            yield portal.error("PC503", "`retired` without `status: retired`; add the status or remove `retired`")
        elif retirement is not None and retirement.moved_to is not None and retirement.moved_to not in active:
            message = "`moved_to` is not an active portal of the list; add that portal first, or leave it out"
            yield portal.error("PC503", message, "retired", "moved_to")


def _links(draft: Draft) -> Iterator[Finding]:
    hosts = {(p.file.path, p.host) for p in draft.written if not p.retired}
    for section in sections_of(draft):
        for task, url in section.content.links.items():
            try:
                parsed = ada_url.URL(url)
            except ValueError:
                fine = False
            else:
                fine = parsed.protocol == "https:" and parsed.href == url
                fine = fine and not parsed.username and not parsed.password
                fine = fine and (section.file.path, parsed.host) in hosts
            if not fine:
                message = "not an https address on an active portal of this file, as a browser shows it"
                yield section.error("PC601", message, "links", task)


def _unread(code: str) -> Check:
    """A check that yields the reader's own findings with this code."""
    return lambda draft: (finding for finding in draft.unread if finding.code == code)


LOAD_RULES: tuple[Rule, ...] = (
    Rule("PC001", "files are YAML and hold something", "What cannot be read cannot be checked.", _unread("PC001")),
    Rule(
        "PC002",
        "files are at most 256 KiB",
        "One domain needs far less.",
        _unread("PC002"),
    ),
    Rule(
        "PC003",
        "files are plain UTF-8 text",
        "Tabs and carriage returns hide differences.",
        _unread("PC003"),
    ),
    Rule("PC004", "files are flat", "No fact needs a deep or huge structure.", _unread("PC004")),
    Rule("PC005", "no anchors, aliases or merge keys", "Each fact is written where it is read.", _unread("PC005")),
    Rule("PC006", "no tags", "Every value is text; tags make other tools read something else.", _unread("PC006")),
    Rule("PC007", "values have at most 2,048 characters", "No fact is longer.", _unread("PC007")),
    Rule(
        "PC008",
        "no invisible or direction-changing characters",
        "A reviewer must see what the program sees.",
        _unread("PC008"),
    ),
    Rule("PC009", "keys are plain text", "Anything else is an indentation mistake.", _unread("PC009")),
    Rule("PC010", "no duplicate keys", "Other tools silently keep one of them.", _unread("PC010")),
    Rule("PC011", "one document per file", "A second one would be overlooked.", _unread("PC011")),
    Rule("PC101", "no unknown keys", "A misspelt key would silently have no effect.", _unread("PC101")),
    Rule("PC102", "fields are well formed", "A fact that cannot be read cannot be checked.", _well_formed),
    Rule("PC103", "files are named after their domain", "A reviewer sees the trust decision in the name.", _file_name),
    Rule("PC105", "names are plain text", "Names are shown to people, next to the verdict.", _clean_names),
    Rule("PC106", "dates exist", "Leases are counted from them.", _dates),
    Rule("PC107", "countries are ISO codes", "They are compared, not read.", _country_codes),
    Rule("PC201", "the scheme is https", "Anything else can be read and changed on the way.", _scheme),
    Rule("PC202", "addresses are canonical", "A browser must open exactly what is written.", _canonical),
    Rule("PC203", "no user name, port, query or fragment", "Only host and mount identify a portal.", _bare),
    Rule("PC204", "hosts are public names", "Other names lead different people to different machines.", _public_host),
    Rule("PC205", "the domain is registrable", "Below a suffix or a platform, anyone can get a name.", _registrable),
    Rule(
        "PC207", "hosts are written in plain ASCII", "Letters that look alike hide which domain is meant.", _plain_host
    ),
    Rule("PC208", "mounts are short and end with a slash", "They are matched by whole segments.", _mount),
    Rule(
        "PC209",
        "known domains are their owner's alone",
        "Every host on them is said to be the owner's.",
        owners_alone,
    ),
    Rule("PC210", "websites are their organization's own", "People are sent there.", websites_alone),
    Rule("PC301", "hosts are on the file's domain", "One file is one trust decision.", _on_domain),
    Rule("PC302", "portals are listed once", "Two entries for one portal will sooner or later disagree.", _once),
    Rule("PC303", "a host is active or retired", "One host cannot be both official and not.", _active_or_retired),
    Rule(
        "PC306", "a domain has one owner", "Two owners would be named for one site; a pair is stated twice.", one_owner
    ),
    Rule(
        "PC307",
        "tenants are one vendor's",
        "The vendor is named as the one who gave out the host.",
        vendors_alone,
    ),
    Rule("PC501", "active portals have evidence", "An entry nobody can check is an opinion.", _evidence),
    Rule("PC503", "retired portals say when and why", "Someone else may own the name by now.", _retirement),
    Rule("PC504", "a page has one date", "A page of unknown age would otherwise look fresh.", one_date),
    Rule(
        "PC505", "reviews are put off by the days of grace at most", "No entry lives on old evidence.", review_in_time
    ),
    Rule("PC601", "task links stay on the portal", "A link is followed by people who trust the list.", _links),
)
