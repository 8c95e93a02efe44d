"""The format of the list files, and how to read one file, with a finding for everything that is wrong.

The models below are the only description of the format; the JSON Schema for editors is made from them. They hold
what was written, checked for its shape only (PC101, PC102). Whether it may be *listed* is up to the rules
(``rules.py``, ``lint.py``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from checker.core.reason import ReasonCode
from checker.lists import strict_yaml
from checker.lists.findings import Finding, Severity

__all__ = [
    "MODELS",
    "CanariesFile",
    "CanaryEntry",
    "EvidenceEntry",
    "ListFile",
    "NameEntry",
    "NamesFile",
    "OperatorsFile",
    "PolicyFile",
    "PortalEntry",
    "PortalFile",
    "RetiredEntry",
    "SameOwnerEntry",
    "TenantEntry",
    "VendorFile",
    "read_list_file",
]


def _yes_or_no(value: object) -> object:
    if isinstance(value, bool) or value in ("true", "false"):
        return value in (True, "true")
    raise ValueError("write `true` or `false`")


def _whole_number(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,5}", value):
        return int(value)
    raise ValueError("write a whole number of days")


TaskId = Literal[
    "log-in",
    "forgot-credentials",
    "pay-bill",
    "test-results",
    "request-refill",
    "emergency",
    "appointments",
    "messages",
    "records",
]
"""The published task ids; a test compares them with ``guidance.Task``."""

Kind = Literal["provider", "payer", "government", "pharmacy", "lab", "billing", "vendor-central"]
"""What kind of organization's portal it is; ``vendor-central`` is a vendor's one sign-in for all of its customers."""

Text = Annotated[str, StringConstraints(min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Domain = Annotated[str, StringConstraints(pattern=r"^[^\s/:@?#]+\.[^\s/:@?#]+$", max_length=253)]
Flag = Annotated[bool, BeforeValidator(_yes_or_no)]
Days = Annotated[int, BeforeValidator(_whole_number)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EvidenceEntry(_Entry):
    """How we know that an entry is official."""

    source: Slug = Field(description="What kind of source: `operator-site`, `epic-mychart-directory`, …")
    url: Text = Field(description="The page that says so.")
    seen: Text = Field(description="When the source said so: `2026-10` or `2026-10-05`.")
    age: Literal["unknown"] | None = Field(
        default=None, description="`unknown` if nobody knows when the source was written; `seen` is when it was read."
    )


class SameOwnerEntry(EvidenceEntry):
    """Another domain of the same owner, and how we know that."""

    domain: Domain = Field(description="A registrable domain. It never verifies.")


class RetiredEntry(_Entry):
    """Why and since when a portal is no longer official."""

    on: Text = Field(description="When it was found retired: `2026-10` or `2026-10-05`.")
    reason: Text = Field(description="One sentence.")
    moved_to: Text | None = Field(default=None, description="Address of the active portal that took its place.")


class _SharedFields(_Entry):
    """Fields that can be set on the file for all of its portals, or on a single portal."""

    country: Text | None = Field(default=None, description="ISO 3166-1 code of two letters: `US`.")
    vendor: Slug | None = Field(default=None, description="Id of a file in `vendors/`.")
    kind: Kind | None = Field(default=None, description="What kind of organization's it is, if the source tells.")
    status: Literal["active", "retired"] | None = Field(default=None, description="`active` when left out.")
    retired: RetiredEntry | None = Field(default=None, description="Needed with `status: retired`.")
    review_by: Text | None = Field(default=None, description="A day to confirm the entry by, instead of the policy's.")
    evidence: tuple[EvidenceEntry, ...] = Field(
        default=(), description="Where we know it from; at least one for an active portal."
    )
    links: dict[TaskId, Text] = Field(default={}, description="Address for a task, on an active portal of this file.")


class PortalEntry(_SharedFields):
    """One official sign-in site: a host, with the path that tells whose it is."""

    url: Text = Field(description="`https://host/` or `https://host/mount/`, as a browser shows it.")
    organizations: tuple[Text, ...] = Field(default=(), description="Whose portal it is.")
    home: Flag = Field(
        default=False, description="`true` if people who look for the operator belong here, though its name differs."
    )


class PortalFile(_SharedFields):
    """`portals/<registrable domain>.yaml`: who controls a domain, and the portals on it."""

    domain: Domain = Field(description="The registrable domain; the file has its name.")
    operator: Text = Field(description="Who controls the domain.")
    shared: Flag = Field(default=False, description="`true` where subdomains belong to different customers.")
    resembles_ok: tuple[Domain, ...] = Field(
        default=(), description="Hosts of other operators that look alike and do not imitate."
    )
    same_owner: tuple[SameOwnerEntry, ...] = Field(
        default=(), description="Other domains that belong to the operator, each with the page that says so."
    )
    portals: tuple[PortalEntry, ...] = Field(min_length=1, description="Every official sign-in site on the domain.")


class TenantEntry(_Entry):
    """A host under which only the vendor gives out names, one label for each customer."""

    parent: Domain = Field(description="The host above the tenants': `portal.example.org`.")
    shapes: tuple[Text, ...] = Field(
        min_length=1, description="What a tenant's label looks like: `<digits>`, `<name>`, plain letters."
    )
    evidence: tuple[EvidenceEntry, ...] = Field(
        min_length=1, description="Where the vendor shows that it alone gives out these names."
    )


class VendorFile(_Entry):
    """`vendors/<id>.yaml`: a company that makes portal software, its brand words, and the paths of each task."""

    id: Slug
    name: Text
    company: Text | None = Field(default=None, description="The company's name alone; needed with `tenants`.")
    brand_words: tuple[Slug, ...] = Field(default=(), description="Words of a host that only this vendor uses.")
    tenants: tuple[TenantEntry, ...] = Field(
        default=(), description="Hosts that the vendor gives to its customers. They never verify."
    )
    routes: dict[TaskId, tuple[Text, ...]] = Field(default={}, description="Path prefixes after the mount, by task.")
    segments: dict[TaskId, tuple[Text, ...]] = Field(default={}, description="Single path segments, by task.")


class NameSource(_Entry):
    """Where the facts about a known name come from."""

    name: Text
    url: Text
    seen: Text


class NameEntry(_Entry):
    """An organization that phishing imitates but that is not listed."""

    name: Text
    website: Text
    country: Text | None = None
    words: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")], ...] = Field(
        default=(), description="Words of a host that mean this organization; none where they also mean others."
    )
    domains: tuple[Domain, ...] = Field(
        default=(), description="Its own domains; none where others get host names there too."
    )
    listed_as: Text | None = Field(
        default=None, description="The operator's name in the files of its listed domains, if that is another."
    )
    same_owner: tuple[SameOwnerEntry, ...] = Field(
        default=(), description="Other domains that belong to it, each with the page that says so."
    )
    source: NameSource


class NamesFile(_Entry):
    """`names.yaml`: names that are imitated but not listed; they never verify anything."""

    names: tuple[NameEntry, ...]


class PolicyFile(_Entry):
    """`policy.yaml`: rules for the whole list."""

    review_after_days: Days
    grace_days: Days
    platforms: tuple[Domain, ...] = Field(default=(), description="Hosts where anyone makes pages.")
    never_listed: tuple[Domain, ...] = Field(
        default=(), description="Vendors' hosts where anybody can open a room or a payment page of their own."
    )


class OperatorsFile(_Entry):
    """`operators.yaml`: who controls a domain, decided by a person. Only imports use it, the list does not."""

    operators: dict[Domain, Text]
    shared: tuple[Domain, ...] = Field(
        default=(), description="Domains whose subdomains belong to different customers."
    )


class CanaryEntry(_Entry):
    """One address and the answer it must get."""

    url: Text = Field(description="The address, as a person would paste it.")
    verdict: Literal["verified", "warning"]
    reason: ReasonCode | None = Field(default=None, description="A reason the warning must have.")
    context: Literal["link", "tab"] = Field(default="link", description="`link` when left out: pasted text.")
    why: Text = Field(description="What it stands for, in a few words.")


class CanariesFile(_Entry):
    """`canaries.yaml`: addresses with the verdict they must get; the list is refused if one gets another."""

    canaries: tuple[CanaryEntry, ...] = Field(min_length=1)


MODELS: tuple[type[_Entry], ...] = (
    EvidenceEntry,
    SameOwnerEntry,
    RetiredEntry,
    PortalEntry,
    PortalFile,
    TenantEntry,
    VendorFile,
    NameSource,
    NameEntry,
    NamesFile,
    PolicyFile,
    OperatorsFile,
    CanaryEntry,
    CanariesFile,
)
_KEYS = sorted({key for model in MODELS for key in model.model_fields})

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ListFile(Generic[Model]):
    """One file of the list, with the line of each value. ``path`` begins with the name of the list's folder."""

    path: str
    content: Model
    document: strict_yaml.Document
    data: bytes

    def finding(self, code: str, severity: Severity, message: str, *where: str | int) -> Finding:
        """A finding on the line of the value at ``where``."""
        return Finding(self.path, self.document.line(*where), code, severity, message)


def read_list_file(data: bytes, path: str, model: type[Model]) -> tuple[ListFile[Model] | None, tuple[Finding, ...]]:
    """One file as ``model``, or None, and all findings. A file that could be read may have findings, too."""
    document = strict_yaml.read(data, path)
    if document.value is None:
        return None, document.problems
    try:
        content = model.model_validate(document.value)
    except ValidationError as error:
        return None, (*document.problems, *_shape_findings(error, document, path))
    return ListFile(path, content, document, data), document.problems


def _shape_findings(error: ValidationError, document: strict_yaml.Document, path: str) -> list[Finding]:
    problems = error.errors(include_url=False, include_input=False)
    # A list with broken items is also reported as too short; the findings for its items are clearer.
    parents = {problem["loc"][:-1] for problem in problems} | {problem["loc"][:-2] for problem in problems}
    useful = [problem for problem in problems if problem["type"] != "too_short" or problem["loc"] not in parents]
    return sorted(_finding(problem, document, path) for problem in useful)


def _finding(problem: Mapping[str, Any], document: strict_yaml.Document, path: str) -> Finding:
    where = tuple(part for part in problem["loc"] if part != "[key]")
    line = document.line(*where)
    key = next((part for part in reversed(where) if isinstance(part, str)), "")
    if problem["type"] == "extra_forbidden":
        return Finding(path, line, "PC101", Severity.ERROR, _unknown_key(key))
    sentence = _SENTENCES.get(problem["type"])
    advice = sentence(problem.get("ctx", {})) if sentence else problem["msg"].removeprefix("Value error, ")
    what = f"`{key}`" if key else "this file"
    return Finding(path, line, "PC102", Severity.ERROR, f"{what}: {advice}")


def _unknown_key(key: str) -> str:
    if key in _KEYS:
        return f"`{key}` does not belong here; see allowlists/README.md for where it goes"
    near = difflib.get_close_matches(key.lower(), _KEYS, n=1)
    return f"unknown key `{key}`; " + (f"did you mean `{near[0]}`?" if near else f"the keys are {', '.join(_KEYS)}")


_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is missing; write it",
    "string_type": lambda _: "holds a list or a mapping; write plain text",
    "string_too_short": lambda _: "is empty; write a value or leave the key out",
    "string_too_long": lambda ctx: f"is longer than {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda ctx: (
        "write a host name such as `example.org`"
        if "@" in ctx["pattern"]
        else "write lower-case letters, digits and single hyphens"
    ),
    "tuple_type": lambda _: "is not a list; write `- item` lines or `[item, item]`",
    "too_short": lambda _: "is an empty list; write at least one item",
    "dict_type": lambda _: "is not a mapping; write `key: value` lines",
    "model_type": lambda _: "is not a mapping; write `key: value` lines",
    "literal_error": lambda ctx: f"write {ctx['expected']}",
    "enum": lambda ctx: f"write one of {ctx['expected']}",
}
