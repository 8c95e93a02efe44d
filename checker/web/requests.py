"""The API's request bodies, as pydantic models, and the strict reader for them."""

from __future__ import annotations

import json
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from checker.core.guidance import Task
from checker.core.message import MAX_HTML, MAX_LINKS, MAX_TEXT
from checker.core.text import Context
from checker.reports.report import MAX_NOTE, MAX_NOTE_TYPED, ReportKind
from checker.web.problems import ApiProblem

__all__ = [
    "MAX_BATCH",
    "BatchRequest",
    "CheckRequest",
    "Lang",
    "LinkGiven",
    "MessageRequest",
    "ReportRequest",
    "read_request",
]

MAX_BATCH = 100

Lang = Literal["en", "es"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _InWords(_Body):
    task: Annotated[
        Task | None, Field(description="What the person wants to do; inferred from the path if omitted.")
    ] = None
    lang: Annotated[Lang, Field(description="The language of the sentences.")] = "en"


class _Request(_InWords):
    context: Annotated[
        Context,
        Field(description='"link": text that a person pasted. "tab": the address of a browser tab, taken as it is.'),
    ] = Context.LINK


class CheckRequest(_Request):
    """One address to check."""

    url: Annotated[
        str, Field(description="The address, or a text that holds one link; at most 8,192 characters are read.")
    ]


class BatchRequest(_Request):
    """Up to 100 addresses to check, each on its own."""

    urls: Annotated[list[str], Field(max_length=MAX_BATCH, description="The addresses, each as for a single check.")]


class LinkGiven(_Body):
    """A link of a message."""

    url: Annotated[str, Field(description="Where it leads: the whole address, with its scheme.")]
    shown: Annotated[str | None, Field(description="Its words, or the address in them.")] = None


class MessageRequest(_InWords):
    """A message to check: exactly one of ``links``, ``text`` and ``html``."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": [name], "properties": {name: {"type": kind}}}
                for name, kind in (("links", "array"), ("text", "string"), ("html", "string"))
            ]
        }
    )

    links: Annotated[
        list[LinkGiven] | None, Field(max_length=MAX_LINKS, description=f"Its links, at most {MAX_LINKS}.")
    ] = None
    text: Annotated[
        str | None, Field(description=f"Its text, of at most {MAX_TEXT // 1024} KiB; addresses in it are found.")
    ] = None
    html: Annotated[
        str | None, Field(description=f"Its HTML, of at most {MAX_HTML // 1024} KiB; read as a browser does.")
    ] = None

    @model_validator(mode="after")
    def _is_one_message(self) -> MessageRequest:
        if sum(body is not None for body in (self.links, self.text, self.html)) != 1:
            raise ValueError("not exactly one body")
        return self


class ReportRequest(_Body):
    """A person's report about an address."""

    kind: Annotated[ReportKind, Field(description="What is wrong.")]
    address: Annotated[str, Field(description="The address, as for a check. Only its host is kept.")]
    note: Annotated[
        str | None,
        Field(
            max_length=MAX_NOTE_TYPED,
            description=f"In the person's own words. Links, e-mail addresses and long numbers are masked; then at most"
            f" {MAX_NOTE} characters are kept.",
        ),
    ] = None
    verdict: Annotated[Literal["verified", "warning"] | None, Field(description="The verdict that was shown.")] = None
    list_version: Annotated[
        str | None, Field(pattern="^[0-9a-f]{8,64}$", description="The version of the list that answered.")
    ] = None


RequestModel = TypeVar("RequestModel", bound=_Body)

_EXPECTED = {
    "url": "“url” is required, and must be the address as a string.",
    "urls": f"“urls” is required, and must be a list of at most {MAX_BATCH} strings.",
    "links": "“links” must be a list of objects, each with “url” and, if its words show an address, “shown”: strings.",
    "text": "“text” must be a string.",
    "html": "“html” must be a string.",
    "lang": "“lang” must be “en” or “es”.",
    "context": "“context” must be “link” or “tab”.",
    "kind": f"“kind” is required, and must be one of {', '.join(ReportKind)}.",
    "address": "“address” is required, and must be the address as a string.",
    "note": f"“note” must be a string of at most {MAX_NOTE_TYPED:,} characters.",
    "verdict": "“verdict” must be “verified” or “warning”.",
    "list_version": "“list_version” must be a version from an answer.",
}


def read_request(raw: bytes, model: type[RequestModel]) -> RequestModel:
    """Read a JSON body strictly: UTF-8, no repeated or unknown names, no NaN. Raises ApiProblem."""
    try:
        text = raw.decode("utf-8").strip(_WHITESPACE)
        value, end = _DECODER.raw_decode(text)
        if end != len(text):
            raise ApiProblem("malformed-request")
    except (ValueError, RecursionError):
        raise ApiProblem("malformed-request") from None
    if not isinstance(value, dict) or not value.keys() <= model.model_fields.keys():
        # pydantic would write an error for each of perhaps 100,000 unknown names.
        raise _only_names_of(model)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _problem(error, model) from None


def _only_names_of(model: type[_Body]) -> ApiProblem:
    names = ", ".join(sorted(model.model_fields))
    return ApiProblem("malformed-request", f"The body must be one JSON object with no names other than {names}.")


def _problem(error: ValidationError, model: type[_Body]) -> ApiProblem:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    if field == "task":
        return ApiProblem("unknown-task")
    if first["type"] == "too_long":
        return ApiProblem("batch-too-large")
    if first["type"] == "value_error":
        return ApiProblem("malformed-request", "Send exactly one of “links”, “text” and “html”.")
    return ApiProblem("malformed-request", _EXPECTED[field]) if field in _EXPECTED else _only_names_of(model)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(pairs) > _MOST_NAMES:
        raise ValueError("too many names")  # before a megabyte of them takes up more memory
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a repeated name")  # parsers differ in which one they take
    return fields


def _no_constant(_: str) -> object:
    raise ValueError("NaN and Infinity are not JSON")


_MOST_NAMES = 100
"""No object of any body has nearly as many names."""

_WHITESPACE = " \t\n\r"
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant)
