"""The JSON Schema of portal files, for editors that complete and check as you type."""

from __future__ import annotations

import json
from typing import Any

from checker.lists.format import PortalFile

__all__ = ["portal_schema"]


def portal_schema() -> str:
    """The text of ``allowlists/schema/portal.schema.json``, made from the same types that read the files."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **PortalFile.model_json_schema()}
    return json.dumps(_without_null(schema), indent=2, ensure_ascii=False) + "\n"


def _without_null(schema: Any) -> Any:
    """The schema without ``null``: a key is left out or has a value, and an editor should flag an empty one."""
    if isinstance(schema, list):
        return [_without_null(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    clean = {key: _without_null(value) for key, value in schema.items() if (key, value) != ("default", None)}
    choices = [choice for choice in clean.pop("anyOf", ()) if choice != {"type": "null"}]
    return {**clean, **choices[0]} if len(choices) == 1 else clean
