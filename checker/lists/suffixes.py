"""Cuts hosts along the Public Suffix List (https://publicsuffix.org/), private suffixes included.

The list is the file that the installed ``publicsuffixlist`` package carries (raising the lock raises
the list); tldextract's own copy is older, and its defaults would fetch from the network.
"""

from __future__ import annotations

from importlib.resources import as_file, files

import ada_url
import requests
from requests_file import FileAdapter
from tldextract import TLDExtract

from checker.core.reference import HostParts, SplitHost

__all__ = ["suffix_splitter", "top_level_labels"]

_LIST = files("publicsuffixlist") / "public_suffix_list.dat"


def suffix_splitter() -> SplitHost:
    """A function from a parsed host to its parts; about 3 µs a host, nothing is remembered."""
    with as_file(_LIST) as path:
        extract = TLDExtract(
            suffix_list_urls=(path.as_uri(),),
            cache_dir=None,
            fallback_to_snapshot=False,
            include_psl_private_domains=True,
        )
        # Reads the list now, so that a missing file is an error at start; tldextract asks through
        # requests, and a session that knows files only can never reach the network.
        with requests.Session() as session:
            session.adapters.clear()
            session.mount("file://", FileAdapter())
            session.hooks["response"] = [_read_and_close]
            extract("example.org", session=session)

    def split(host: str) -> HostParts:
        found = extract.extract_str(host)
        subdomain, domain, suffix = found.subdomain, found.domain, found.suffix
        if not suffix and subdomain:
            # No rule matches, so the list's implicit rule `*` does: the last label is the suffix.
            subdomain, _, middle = subdomain.rpartition(".")
            domain, suffix = middle, domain
        elif not suffix and "." in domain and not _is_ip(domain):
            domain, _, suffix = domain.rpartition(".")
        return HostParts(subdomain, domain, suffix, found.is_private)

    return split


def top_level_labels() -> frozenset[str]:
    """The last labels of all suffixes on the list, lower-case, in Unicode and as A-labels."""
    lines = (line.strip() for line in _LIST.read_text("utf-8").splitlines())
    labels = {line.rpartition(".")[2].lstrip("!*").lower() for line in lines if line and not line.startswith("//")}
    return frozenset(labels | {ada_url.idna_to_ascii(label).decode() for label in labels if not label.isascii()})


def _read_and_close(response: requests.Response, *_args: object, **_more: object) -> None:
    """FileAdapter leaves its file open until the garbage collector finds it."""
    _ = response.content
    response.close()


def _is_ip(host: str) -> bool:
    return host.startswith("[") or host.rpartition(".")[2].isdigit()
