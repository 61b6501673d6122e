"""Paragraph styles and numbering of a Word document: what a paragraph is, whatever it looks like."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from extractors.blocks import BULLET
from extractors.office import CODE_STYLE
from extractors.package_file import Package, attribute, local, whole_number

_HEADING = re.compile(
    r"^(?:heading|überschrift|titre|título|titolo|kop|rubrik|заголовок|nagłówek|otsikko)\s*([1-9])$", re.I
)
_TITLE = re.compile(r"^(?:title|titel|titre)$", re.I)
_CONTENTS = re.compile(r"^(?:toc|table of figures|index|verzeichnis)\s*(?:\d|heading)?$", re.I)
_QUOTE = re.compile(r"quote|quotation|zitat|block text", re.I)
MAX_BASES = 12
"""Styles that build on each other are followed so far."""
MAX_LEVEL = 8
BODY = 9
"""Outline level of body text: it takes an inherited one away."""
MAX_NUMBER = 999_999_999


@dataclass(slots=True)
class Style:
    """One paragraph style with what it inherits."""

    name: str
    level: int | None = None
    """Outline level, 0 to 8; `BODY` for text that a style says is none; None where nothing says."""
    number: tuple[str, int] | None = None
    """Numbering and its level."""
    is_hidden: bool = False


@dataclass(slots=True)
class Numbering:
    """Formats of the levels of each numbering, and the counters while the document is read."""

    formats: dict[str, dict[int, tuple[str, int]]] = field(default_factory=dict)
    """Numbering id → level → (format, first number)."""
    shared: dict[str, str] = field(default_factory=dict)
    """Numbering id → abstract numbering, whose count its instances share."""
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    """Numbering id → level → number that its first item has, whatever the count; taken out when used."""
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    """Abstract numbering → level → number of its last item."""

    def marker(self, number: str, level: int) -> str | None:
        """Markdown marker of the next item; None where the numbering writes nothing: the item before goes on."""
        kind, first = self.formats.get(number, {}).get(level, ("bullet", 1))
        if kind == "none":
            return None
        if kind == "bullet":
            return BULLET
        counts = self.counts.setdefault(self.shared.get(number, number), {})
        start = self.restarts.get(number, {}).pop(level, None)
        counts[level] = counts.get(level, first - 1) + 1 if start is None else start
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        return f"{max(0, counts[level])}. "


class Styles:
    """Style by id."""

    def __init__(self, package: Package, member: str | None) -> None:
        root = package.part(member)
        self._elements: dict[str, Any] = {}
        self.default = ""
        if root is not None:
            for element in root.iter("{*}style"):
                style_id = attribute(element, "styleId") or ""
                if attribute(element, "type") == "paragraph" and attribute(element, "default") in ("1", "true"):
                    self.default = style_id
                self._elements.setdefault(style_id, element)
        self._read: dict[str, Style] = {}

    def is_hidden(self, style_id: str) -> bool:
        """Whether a style sets text that is not shown."""
        return self.get(style_id).is_hidden

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
    return CODE_STYLE.search(style.name) is not None


def is_quote(style: Style) -> bool:
    return _QUOTE.search(style.name) is not None


def outline_level(properties: Any) -> int | None:
    """Level that is stated: 0 to 8, or `BODY`; None where none is."""
    found = properties.find("{*}outlineLvl")
    return None if found is None else whole_number(found, "val", BODY)


def number_of(properties: Any) -> tuple[str, int] | None:
    """Numbering and level of a paragraph; numbering `0` takes an inherited one away."""
    found = properties.find("{*}numPr")
    if found is None:
        return None
    number, level = found.find("{*}numId"), found.find("{*}ilvl")
    depth = whole_number(level, "val", MAX_LEVEL) if level is not None else None
    name = attribute(number, "val") if number is not None else None
    return (name, depth or 0) if name is not None else None


def is_on(properties: Any, name: str) -> bool:
    found = properties.find("{*}" + name)
    return found is not None and (attribute(found, "val") or "1").lower() not in ("0", "false", "off", "none")


def read_numbering(package: Package, member: str | None) -> Numbering:
    numbering = Numbering()
    root = package.part(member)
    if root is None:
        return numbering
    abstract = {attribute(e, "abstractNumId") or "": e for e in root if local(e) == "abstractNum"}
    named = {_value(e, "styleLink"): key for key, e in abstract.items() if _value(e, "styleLink")}
    for element in root:
        if local(element) != "num":
            continue
        number, base = attribute(element, "numId") or "", _value(element, "abstractNumId")
        if base in abstract:
            base = named.get(_value(abstract[base], "numStyleLink"), base)
        levels = dict(_levels(abstract[base])) if base in abstract else {}
        for override in element.iter("{*}lvlOverride"):
            levels.update(_levels(override))
            _restart(override, numbering.restarts.setdefault(number, {}))
        numbering.formats[number], numbering.shared[number] = levels, base
    return numbering


def _restart(override: Any, restarts: dict[int, int]) -> None:
    start, level = override.find("{*}startOverride"), whole_number(override, "ilvl", MAX_NUMBER)
    value = whole_number(start, "val", MAX_NUMBER) if start is not None else None
    if value is not None and level is not None:
        restarts[level] = value


def _levels(element: Any) -> dict[int, tuple[str, int]]:
    levels = {}
    for level in element.iter("{*}lvl"):
        index = whole_number(level, "ilvl", MAX_NUMBER)
        start = level.find("{*}start")
        first = whole_number(start, "val", MAX_NUMBER) if start is not None else None
        if index is not None:
            name = _value(level, "numFmt") or "decimal"
            has_mark = level.find("{*}lvlText") is None or _value(level, "lvlText").strip()
            is_picture = level.find("{*}lvlPicBulletId") is not None
            levels[index] = (name if has_mark or is_picture else "none", 1 if first is None else first)
    return levels


def _value(element: Any, name: str) -> str:
    """Value of a property; "" where it is not set."""
    found = element.find("{*}" + name)
    return (attribute(found, "val") or "") if found is not None else ""


def _name(element: Any) -> str:
    return _value(element, "name")
