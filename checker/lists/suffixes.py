"""Splits hosts by the Public Suffix List (https://publicsuffix.org/), private suffixes included.

The list is the file in the installed ``publicsuffixlist`` package, so updating the lock file updates the list.
tldextract's own copy is older, and by default it would download one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import as_file, files

import ada_url
import requests
from requests_file import FileAdapter
from tldextract import TLDExtract

from checker.core.reference import HostParts, SplitHost

__all__ = ["has_private_suffix_below", "is_ip", "suffix_splitter", "top_level_labels"]

_LIST = files("publicsuffixlist") / "public_suffix_list.dat"


def suffix_splitter() -> SplitHost:
    """A function from a parsed host to its parts. It takes about 3 µs a host and remembers nothing."""
    with as_file(_LIST) as path:
        extract = TLDExtract(
            suffix_list_urls=(path.as_uri(),),
            cache_dir=None,
            fallback_to_snapshot=False,
            include_psl_private_domains=True,
        )
        # Read the list now, so that a missing file is an error at start-up. tldextract uses requests; a session
        # that can only open files never reaches the network.
        with requests.Session() as session:
            session.adapters.clear()
            session.mount("file://", FileAdapter())
            session.hooks["response"] = [_read_and_close]
            extract("example.org", session=session)

    def split(host: str) -> HostParts:
        extracted = extract.extract_str(host)
        subdomain, domain, suffix = extracted.subdomain, extracted.domain, extracted.suffix
        if not suffix and subdomain:
            # No rule matches, so the list's implicit rule `*` applies: the last label is the suffix.
            subdomain, _, middle = subdomain.rpartition(".")
            domain, suffix = middle, domain
        elif not suffix and "." in domain and not is_ip(domain):
            domain, _, suffix = domain.rpartition(".")
        return HostParts(subdomain, domain, suffix, extracted.is_private)

    return split


def top_level_labels() -> frozenset[str]:
    """The last labels of all suffixes on the list, in lower case, both in Unicode and as A-labels."""
    lines = (line.strip() for line in _LIST.read_text("utf-8").splitlines())
    labels = {line.rpartition(".")[2].lstrip("!*").lower() for line in lines if line and not line.startswith("//")}
    return frozenset(labels | {ada_url.idna_to_ascii(label).decode() for label in labels if not label.isascii()})


def has_private_suffix_below(domain: str) -> bool:
    """True if the list's private section has a suffix below ``domain``: anyone can get a host name there."""
    return domain in _above_private_suffixes()


@cache
def _above_private_suffixes() -> frozenset[str]:
    _, _, private = _LIST.read_text("utf-8").partition("===BEGIN PRIVATE DOMAINS===")
    above: set[str] = set()
    for line in private.splitlines():
        suffix = line.strip().removeprefix("*.").lstrip("!")
        if suffix and not suffix.startswith("//"):
            above.update(_parents("*." + suffix if line.startswith("*.") else suffix))
    return frozenset(above)


def _parents(host: str) -> Iterator[str]:
    while host := host.partition(".")[2]:
        yield host


def _read_and_close(response: requests.Response, *_args: object, **_more: object) -> None:
    """Close the file now; FileAdapter leaves it open until the garbage collector runs."""
    _ = response.content
    response.close()


def is_ip(host: str) -> bool:
    """True for an IP address, given a host that a browser accepts: a name never ends in a number
    (https://url.spec.whatwg.org/#ends-in-a-number-checker)."""
    return host.startswith("[") or host.rpartition(".")[2].isdigit()
