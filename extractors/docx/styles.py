"""Paragraph styles and numbering of a Word document: what a paragraph is, whatever it looks like."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from extractors.blocks import BULLET
from extractors.package_file import Package, attribute, local

_HEADING = re.compile(
    r"^(?:heading|überschrift|titre|título|titolo|kop|rubrik|заголовок|nagłówek|otsikko)\s*([1-9])$", re.I
)
_TITLE = re.compile(r"^(?:title|titel|titre)$", re.I)
_CONTENTS = re.compile(r"^(?:toc|table of figures|index|verzeichnis)\s*(?:\d|heading)?$", re.I)
_CODE = re.compile(r"code|preformatted|source|verbatim|listing|plain text|macro text|shell", re.I)
_QUOTE = re.compile(r"quote|quotation|zitat|block text", re.I)
MAX_BASES = 12
"""Styles that build on each other are followed so far."""
MAX_LEVEL = 8


@dataclass(slots=True)
class Style:
    """One paragraph style with what it inherits."""

    name: str
    level: int | None = None
    """Outline level, 0 to 8."""
    number: tuple[str, int] | None = None
    """Numbering and its level."""
    is_hidden: bool = False


@dataclass(slots=True)
class Numbering:
    """Formats of the levels of each numbering, and the counters while the document is read."""

    formats: dict[str, dict[int, tuple[str, int]]] = field(default_factory=dict)
    """Numbering id → level → (format, first number)."""
    shared: dict[str, str] = field(default_factory=dict)
    """Numbering id → abstract numbering, whose count instances share."""
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def marker(self, number: str, level: int) -> str | None:
        """Markdown marker of the next item; None where the numbering writes nothing: the item before goes on."""
        kind, first = self.formats.get(number, {}).get(level, ("bullet", 1))
        if kind == "none":
            return None
        if kind == "bullet":
            return BULLET
        counts = self.counts.setdefault(number, {})
        counts[level] = counts.get(level, first - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        return f"{max(0, counts[level])}. "


class Styles:
    """Style by id."""

    def __init__(self, package: Package, member: str | None) -> None:
        root = package.tree(member) if member else None
        self._elements: dict[str, Any] = {}
        self.default = ""
        if root is not None:
            for element in root.iter("{*}style"):
                style_id = attribute(element, "styleId") or ""
                if attribute(element, "type") == "paragraph" and attribute(element, "default") in ("1", "true"):
                    self.default = style_id
                self._elements.setdefault(style_id, element)
        self._read: dict[str, Style] = {}

    def get(self, style_id: str | None) -> Style:
        key = style_id if style_id is not None else self.default
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = self._inherited(key)
        return found

    def _inherited(self, style_id: str) -> Style:
        element = self._elements.get(style_id)
        style = Style(_name(element) if element is not None else style_id)
        for _ in range(MAX_BASES):
            if element is None:
                break
            properties = element.find("{*}pPr")
            if properties is not None:
                if style.level is None:
                    style.level = outline_level(properties)
                if style.number is None:
                    style.number = number_of(properties)
            heading = _HEADING.match(_name(element))
            if heading and style.level is None:
                style.level = int(heading[1]) - 1
            runs = element.find("{*}rPr")
            style.is_hidden = style.is_hidden or (runs is not None and is_on(runs, "vanish"))
            based = element.find("{*}basedOn")
            element = self._elements.get(attribute(based, "val") or "") if based is not None else None
        return style


def is_title(style: Style) -> bool:
    return _TITLE.match(style.name) is not None


def is_contents(style: Style) -> bool:
    """An entry of a list of contents or figures."""
    return _CONTENTS.match(style.name) is not None


def is_code(style: Style) -> bool:
    return _CODE.search(style.name) is not None


def is_quote(style: Style) -> bool:
    return _QUOTE.search(style.name) is not None


def outline_level(properties: Any) -> int | None:
    found = properties.find("{*}outlineLvl")
    value = attribute(found, "val") if found is not None else None
    return int(value) if value is not None and value.isdigit() and int(value) <= MAX_LEVEL else None


def number_of(properties: Any) -> tuple[str, int] | None:
    """Numbering and level of a paragraph; numbering `0` takes an inherited one away."""
    found = properties.find("{*}numPr")
    if found is None:
        return None
    number, level = found.find("{*}numId"), found.find("{*}ilvl")
    value = attribute(level, "val") if level is not None else None
    depth = int(value) if value is not None and value.isdigit() else 0
    name = attribute(number, "val") if number is not None else None
    return (name, min(depth, MAX_LEVEL)) if name is not None else None


def is_on(properties: Any, name: str) -> bool:
    found = properties.find("{*}" + name)
    return found is not None and (attribute(found, "val") or "1").lower() not in ("0", "false", "off", "none")


def read_numbering(package: Package, member: str | None) -> Numbering:
    numbering = Numbering()
    root = package.tree(member) if member else None
    if root is None:
        return numbering
    abstract: dict[str, dict[int, tuple[str, int]]] = {}
    for element in root:
        if local(element) == "abstractNum":
            abstract[attribute(element, "abstractNumId") or ""] = _levels(element)
    for element in root:
        if local(element) == "num":
            base = element.find("{*}abstractNumId")
            levels = dict(abstract.get(attribute(base, "val") or "" if base is not None else "", {}))
            for override in element.iter("{*}lvlOverride"):
                levels.update(_levels(override))
                _restart(override, levels)
            numbering.formats[attribute(element, "numId") or ""] = levels
    return numbering


def _restart(override: Any, levels: dict[int, tuple[str, int]]) -> None:
    start = override.find("{*}startOverride")
    level = attribute(override, "ilvl") or ""
    value = attribute(start, "val") if start is not None else None
    if value is not None and value.isdigit() and level.isdigit() and int(level) in levels:
        levels[int(level)] = (levels[int(level)][0], int(value))


def _levels(element: Any) -> dict[int, tuple[str, int]]:
    levels = {}
    for level in element.iter("{*}lvl"):
        index = attribute(level, "ilvl") or ""
        kind, start = level.find("{*}numFmt"), level.find("{*}start")
        first = attribute(start, "val") if start is not None else None
        if index.isdigit():
            name = (attribute(kind, "val") if kind is not None else None) or "decimal"
            text = level.find("{*}lvlText")
            if text is not None and not (attribute(text, "val") or "").strip():
                name = "none"
            levels[int(index)] = (name, int(first) if first is not None and first.isdigit() else 1)
    return levels


def _name(element: Any) -> str:
    found = element.find("{*}name")
    return (attribute(found, "val") or "") if found is not None else ""
