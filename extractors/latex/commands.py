"""What commands take and give, from `commands.json`; the table behind everything that has no handler of its own."""

from __future__ import annotations

import json
from importlib.resources import files

_TABLE = json.loads(files("extractors.latex").joinpath("commands.json").read_text("utf-8"))


def _specs(table: dict[str, str]) -> dict[str, str]:
    return {"\\" + name: spec for spec, names in table.items() for name in names.split()}


def _names(words: str) -> frozenset[str]:
    return frozenset("\\" + name for name in words.split())


SPECS: dict[str, str] = {**_specs(_TABLE["drop"]), **_specs(_TABLE["text"])}
"""Command → its arguments: `s` star, `o` optional, `m` left out, `t` kept as text, `g` a length or number."""
SYMBOLS: dict[str, str] = {"\\" + name: text for name, text in _TABLE["symbols"].items()}
"""Command → the characters it prints in text."""
LAYOUT = _names(_TABLE["layout"])
"""Primitives that place boxes; a class's macro that uses them is no shorthand of the author's."""
STRUCTURAL = _names(_TABLE["structural"])
"""Commands whose meaning a submission cannot change: the text's structure hangs on them."""
PROTECTED = _names(_TABLE["protected"])
"""Commands an author may redefine by a short macro only."""
WORDS: dict[str, tuple[str, ...]] = {key: tuple(words.split()) for key, words in _TABLE["words"].items()}
"""Lists of names by what is done with them."""
UNITS: dict[str, str] = _TABLE["units"]
UNIT_PREFIXES: dict[str, str] = _TABLE["unit_prefixes"]
"""siunitx's names and what they print."""
