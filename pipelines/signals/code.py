"""Signals of code: The Stack v2's, StarCoder's and RedPajama's measures, and what the reader knows of the file.

The measures come from the text (`extractors.code.signals`), the rest from `metadata`, so that a rule can ask for it.
All are null outside category `code`, the rest also where the source does not say. Cost: 1 ms per 10 kB of code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from extractors.code.signals import KEPT_TEXT_NAMES, signals
from pipelines.signals.notes import fact, read_notes
from pipelines.signals.schema import CODE

_LANGUAGE_KEYS: Final = ("code_language", "programming_language")
"""Ours, and what ready-made records often have."""
_COLUMNS: Final = {column.name: column for column in CODE}
_FACTS: Final = (
    *("code_kind", "is_generated", "is_vendored", "is_minified", "is_lockfile", "is_test", "license_permissive"),
    "num_masked",
)


def code_signals(text: str, metadata: str | None) -> Mapping[str, Any]:
    """The columns of `pipelines.signals.schema.CODE` for a document of category `code` with this `metadata` (JSON)."""
    notes = read_notes(metadata)
    languages = (fact(notes, key, _COLUMNS["code_language"]) for key in _LANGUAGE_KEYS)
    language = next((name for name in languages if name is not None), None)
    path = notes.get("path")
    measured = signals(text, language)
    return {
        "code_language": language,
        **{name: fact(notes, name, _COLUMNS[name]) for name in _FACTS},
        "code_has_kept_text_name": (
            KEPT_TEXT_NAMES.search(path.rpartition("/")[2]) is not None if isinstance(path, str) else None
        ),
        "code_num_lines": int(measured["num_lines"]),
        "code_max_line_chars": int(measured["max_line_chars"]),
        "code_mean_line_chars": measured["mean_line_chars"],
        "code_alnum_char_ratio": measured["alnum_ratio"],
        "code_alpha_char_ratio": measured["alpha_ratio"],
        "code_alpha_chars_per_token": measured["alpha_per_token_ratio"],
        "code_encoded_char_ratio": measured["encoded_ratio"],
        "code_max_encoded_chars": int(measured["max_encoded_chars"]),
        "code_has_xml_declaration": bool(measured["has_xml_declaration"]),
        "code_says_generated": bool(measured["says_generated"]),
        "code_visible_chars": int(measured["html_visible_chars"]) if "html_visible_chars" in measured else None,
        "code_visible_char_ratio": measured.get("html_visible_ratio"),
    }
