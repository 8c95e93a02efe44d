"""Builds the browser extension: ``dist/chromium``, ``dist/firefox`` and a store-ready zip of each.

The list, the order and level of reasons, the guidance and every sentence come from the Python sources, so there is no
second copy to maintain. The same sources give the same bytes, on any machine at any time.

    python -m extension.build [--service https://portalcheck.example] [--out dist]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from checker import __version__
from checker.core.allowlist import Allowlist, Match, Operator
from checker.core.known import SERVICE_LABELS, Vendor
from checker.core.reason import DANGER_CODES, ReasonCode
from checker.core.url import WebUrl, parse
from checker.lists.loader import load_folder
from checker.texts_loader import LANGUAGES, load_texts

__all__ = ["BROWSERS", "build", "export_list", "export_texts"]

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "extension"
BROWSERS = ("chromium", "firefox")
DEFAULT_SERVICE = "http://127.0.0.1:8000"
SHIPPED = ("*.html", "*.css", "*.js", "lib/*.js", "icons/*.png", "_locales/*/messages.json")
SENTENCES = (
    "headlines",
    "reasons",
    "notes",
    "tasks",
    "if_entered",
    "emergency",
    "disclaimer",
    "levels",
    "verdicts",
)
SENTENCES_OF_THE_PAGE = (
    "advice_caution",
    "advice_danger",
    "compare_title",
    "compare_title_plain",
    "displayed_as",
    "exact_host",
    "example",
    "go_official",
    "more_organizations",
    "never_asks",
    "notes_title",
    "open_this",
    "operated_by",
    "organization",
    "organizations",
    "paste_label",
    "reasons_page_lead",
    "reasons_page_title",
    "reasons_title",
    "task_label",
    "theirs",
    "unwrapped_advice",
    "verified_note",
    "what_to_do",
    "why",
    "why_about",
    "yours",
)
ONLY_FOR = {"minimum_chrome_version": "chromium", "browser_specific_settings": "firefox"}
EARLIEST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)

Json = dict[str, object]


def export_list(allowlist: Allowlist) -> Json:
    """The list in the form that the extension needs: for every host, the prepared answers of its mounts."""
    hosts: Json = {}
    for operator in allowlist.operators:
        for host in sorted({portal.host for portal in operator.portals}):
            hosts[host] = _host(allowlist, operator, host)
    return {
        "format": 1,
        "version": allowlist.version,
        "newest_evidence": allowlist.newest_evidence,
        "portals": len(allowlist.portals),
        "review_after_days": allowlist.policy.lease.review_after_days,
        "grace_days": allowlist.policy.lease.grace_days,
        "danger_codes": [code.value for code in ReasonCode if code in DANGER_CODES],
        "hosts": hosts,
        "retired_domains": {o.domain: _retired_domain(allowlist, o) for o in allowlist.operators if o.all_retired},
        "vendors": {vendor.id: _vendor(vendor) for vendor in allowlist.vendors.values()},
        "websites": {name.website: name.name for name in allowlist.names},
        "tenants": dict(_tenants(allowlist)),
        "service_labels": list(SERVICE_LABELS),
        "known": [*_other_domains(allowlist), *_known(allowlist)],
    }


def _host(allowlist: Allowlist, operator: Operator, host: str) -> Json:
    home = allowlist.home_of(host)
    if home is None:
        raise ValueError(f"{host} has portals but no answer")
    mounts = [allowlist.match(_web_url(portal.url)) for portal in operator.portals if portal.host == host]
    entry = _entry(operator, home)
    entry["mounts"] = [{"mount": match.site.mount, **_site(match)} for match in mounts if match is not None]
    if not home.mounted:
        entry["home"] = _site(home)
    return entry


def _retired_domain(allowlist: Allowlist, operator: Operator) -> Json:
    match = allowlist.match_domain(allowlist.split_host(operator.domain))
    if match is None:
        raise ValueError(f"{operator.domain} is retired but has no answer")
    return {**_entry(operator, match), "mounts": [], "home": {"url": match.url, **_site(match)}}


def _entry(operator: Operator, match: Match) -> Json:
    entry: Json = {"operator": operator.name, "domain": operator.domain, "review_by": match.review_by.isoformat()}
    if match.kind == "retired":
        entry["retired"] = True
    return entry


def _site(match: Match) -> Json:
    """A portal as answers show it. Values that follow from others are left out to keep the file small: the only
    organization's name, and the address made of host and mount."""
    portal = match.site
    site: Json = {"organizations": list(portal.organizations)}
    if (match.name,) != portal.organizations:
        site["name"] = match.name
    if match.url != portal.url:
        site["url"] = match.url
    if not match.mounted:
        site["mount"] = portal.mount
    if portal.vendor:
        site["vendor"] = portal.vendor
    if portal.links:
        site["links"] = dict(sorted(portal.links.items()))
    if portal.retired and portal.retired.moved_to:
        site["moved_to"] = portal.retired.moved_to
    return site


def _vendor(vendor: Vendor) -> Json:
    return {
        "routes": {"/".join(route): task for route, task in sorted(vendor.routes.items())},
        "segments": dict(sorted(vendor.segments.items())),
    }


def _tenants(allowlist: Allowlist) -> Iterator[tuple[str, Json]]:
    """The hosts that vendors give out, by the host above them."""
    for vendor in allowlist.vendors.values():
        for tenant in vendor.tenants:
            domain = allowlist.split_host(tenant.parent).registrable_domain
            yield tenant.parent, {"owner": vendor.company, "domain": domain, "shapes": list(tenant.shapes)}


def _other_domains(allowlist: Allowlist) -> Iterator[Json]:
    """Other domains of listed operators. They have no website to fall back on: only the portal is told."""
    for operator in allowlist.operators:
        domains = _unlisted(allowlist, operator.same_owner)
        match = allowlist.match_domain(allowlist.split_host(domains[0])) if domains else None
        if match is not None:
            place = {"name": match.name, "portal": match.url} if match.is_place else {}
            yield {"code": ReasonCode.OPERATOR_SITE.value, "owner": operator.name, **place, "domains": domains}


def _known(allowlist: Allowlist) -> Iterator[Json]:
    """The sites of known organizations, without those on a listed domain or where anyone can make a page."""
    for name in allowlist.names:
        portal = allowlist.portal_of(name)
        entry: Json = {"owner": name.name, "website": name.website}
        if portal is not None:
            entry["portal"] = portal.url
        own: Json = {"code": ReasonCode.KNOWN_SITE.value, **entry, "domains": _unlisted(allowlist, name.domains)}
        host = _web_url(name.website).host
        parts = allowlist.split_host(host)
        anyones = parts.suffix_is_private or allowlist.policy.is_platform(host)
        if allowlist.match_domain(parts) is None and not anyones:
            own["host"], own["domain"] = host, parts.registrable_domain
        yield own
        if others := _unlisted(allowlist, name.same_owner):
            yield {"code": ReasonCode.OPERATOR_SITE.value, **entry, "domains": others}


def _unlisted(allowlist: Allowlist, domains: Iterable[str]) -> list[str]:
    return [domain for domain in domains if allowlist.operator_of(domain) is None]


def _web_url(text: str) -> WebUrl:
    url = parse(text)
    if not isinstance(url, WebUrl):
        raise ValueError(f"{text} is not a web address")
    return url


def export_texts(lang: str) -> Json:
    """The sentences that the extension shows, taken from those of the service. Raises a KeyError that names a missing
    one."""
    texts = load_texts()[lang]
    page = {name: texts.find("page", name) for name in SENTENCES_OF_THE_PAGE}
    return {**{part: texts.find(part) for part in SENTENCES}, "page": page}


def own_words(lang: str) -> Json:
    """The extension's own sentences, without the notes for translators."""
    catalogue = json.loads((SOURCE / "_locales" / lang / "messages.json").read_text(encoding="utf-8"))
    for entry in catalogue.values():
        entry.pop("description", None)
        for placeholder in entry.get("placeholders", {}).values():
            placeholder.pop("example", None)
    return dict(catalogue)


def manifest_for(browser: str) -> Json:
    """The source manifest without the keys that only the other browser knows."""
    manifest: Json = json.loads((SOURCE / "manifest.json").read_text(encoding="utf-8"))
    kept = {key: value for key, value in manifest.items() if ONLY_FOR.get(key, browser) == browser}
    return {**kept, "version": __version__}


def check_service(service: str) -> str:
    """The service's address without a final slash. If it is empty, no service is asked. Raises ValueError for an
    address that could be overheard."""
    parts = urlsplit(service)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    if service and not (local or (parts.scheme == "https" and parts.hostname)):
        raise ValueError("the service must begin with https://, or be http://127.0.0.1 or http://localhost")
    return service.rstrip("/")


def build(out: Path, service: str = DEFAULT_SERVICE, allowlist: Allowlist | None = None) -> list[Path]:
    """Write both extensions and their zips to ``out``; returns the paths of the zips."""
    data: dict[str, Json] = {
        "data/list.json": {
            "service": check_service(service),
            **export_list(allowlist or load_folder(ROOT / "allowlists")),
        },
        **{f"data/{lang}.json": {"texts": export_texts(lang), "words": own_words(lang)} for lang in LANGUAGES},
    }
    return [_build_for(browser, out, data) for browser in BROWSERS]


def _build_for(browser: str, out: Path, data: Mapping[str, Json]) -> Path:
    files = {
        path.relative_to(SOURCE).as_posix(): path.read_bytes() for pattern in SHIPPED for path in SOURCE.glob(pattern)
    }
    files |= {name: _compact(content) for name, content in data.items()}
    manifest = manifest_for(browser)
    files["manifest.json"] = json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"
    folder = out / browser
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    archive = out / f"portalcheck-{manifest['version']}-{browser}.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, EARLIEST_ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            bundle.writestr(info, files[name])
    return archive


def _compact(content: Json) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def main(arguments: list[str] | None = None) -> int:
    """The command line of ``make extension``."""
    parser = argparse.ArgumentParser(description="Build the browser extension.")
    parser.add_argument("--service", default=DEFAULT_SERVICE, help="the service that explains; empty for none")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    options = parser.parse_args(arguments)
    try:
        archives = build(options.out, options.service)
    except ValueError as error:
        parser.error(str(error))
    for browser, archive in zip(BROWSERS, archives, strict=True):
        print(f"{options.out / browser}/  load this folder unpacked;  {archive}  {archive.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
