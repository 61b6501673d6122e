"""Facts from the `metadata` of a document, as the types of their columns; records may bring anything under a name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

_MAX_INT64 = 2**63 - 1


def read_notes(metadata: str | None) -> Mapping[str, Any]:
    """The object that `metadata` (JSON) is; without entries where it is none."""
    try:
        notes = json.loads(metadata) if metadata else {}
    except (ValueError, RecursionError):
        return {}
    return notes if isinstance(notes, dict) else {}


def fact(notes: Mapping[str, Any], name: str, column: pa.Field) -> Any:
    """What stands under `name`, None where it has not the type of `column` (string, bool or int64)."""
    value = notes.get(name)
    if pa.types.is_boolean(column.type):
        return value if isinstance(value, bool) else None
    if pa.types.is_integer(column.type):
        return value if type(value) is int and -_MAX_INT64 <= value <= _MAX_INT64 else None
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None
