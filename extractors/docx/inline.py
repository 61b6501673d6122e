"""Runs of a Word paragraph → text: insertions in, deletions out, notes in place, fields by their result.

Lists of what was found aside (text boxes, displayed equations) are left to the caller, in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from extractors.docx.styles import is_on
from extractors.docx.symbols import meaning
from extractors.office import raised
from extractors.omml import omml_to_tex
from extractors.package_file import attribute, local

BREAK = "\x01"
CODE = "\x02"
"""Stands around runs set in a typewriter face."""
_MONOSPACE = re.compile(r"courier|consolas|menlo|monaco|mono|lucida console|typewriter|fixedsys", re.I)
_CODE_STYLE = re.compile(r"verbatim|code|preformatted|typewriter|keyboard", re.I)
_TRANSPARENT = frozenset(
    [
        "ins",
        "moveTo",
        "smartTag",
        "hyperlink",
        "sdt",
        "sdtContent",
        "fldSimple",
        "customXml",
        "dir",
        "bdo",
        "ruby",
        "rubyBase",
        "subDoc",
        "Choice",
    ]
)


@dataclass(slots=True)
class Inline:
    """Text of one paragraph so far, in pieces."""

    pieces: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    """Contents of text boxes anchored here."""
    has_display: bool = False
    """The paragraph holds a displayed equation."""

    def text(self) -> str:
        return "".join(self.pieces)

    def prose(self) -> str:
        """The text with its code in back-quotes."""
        raw = self.text().replace(CODE + CODE, "")
        return _SPAN.sub(_quoted, raw) if CODE in raw else raw

    def code(self) -> str | None:
        """The text where all of it is code, else None."""
        raw = self.text().replace(CODE + CODE, "")
        inner = raw.strip(" \t\xa0" + BREAK)
        whole = len(inner) > 2 and inner.startswith(CODE) and inner.endswith(CODE) and inner.count(CODE) == 2
        return raw.replace(CODE, "") if whole else None


_SPAN = re.compile(f"{CODE}([^{CODE}]*){CODE}")


def _quoted(found: re.Match[str]) -> str:
    words = found[1].strip(" ")
    if not words or "`" in words or BREAK in words:
        return found[1]
    left = " " * (len(found[1]) - len(found[1].lstrip(" ")))
    right = " " * (len(found[1]) - len(found[1].rstrip(" ")))
    return f"{left}`{words}`{right}"


class Reader:
    """Reads runs; `note` gives the text of a foot- or endnote by its kind and id, `is_hidden` is asked of a style."""

    def __init__(self, note: Callable[[str, str], str], is_hidden: Callable[[str], bool]) -> None:
        self._note = note
        self._is_hidden_style = is_hidden
        self._fields: list[list[str | bool]] = []
        """Open complex fields: instruction so far, and whether the result has begun."""

    def paragraph(self, element: Any, joined: Inline | None = None) -> Inline:
        """Text of a paragraph, after that of `joined` before it."""
        inline = joined or Inline()
        self._content(element, inline)
        return inline

    def _content(self, element: Any, inline: Inline) -> None:
        for child in element:
            name = local(child)
            if name == "r":
                self._run(child, inline)
            elif name == "sdt" and child.find("{*}sdtPr/{*}showingPlcHdr") is not None:
                continue  # a form's `Click here to enter text.`
            elif name in _TRANSPARENT:
                self._content(child, inline)
            elif self._is_aside():
                continue
            elif name == "oMath":
                tex = omml_to_tex(child)
                inline.pieces.append(f"${tex}$" if tex else "")
            elif name == "oMathPara":
                self._displayed(child, inline)
            elif name == "AlternateContent":
                self._alternative(child, inline)

    def _displayed(self, element: Any, inline: Inline) -> None:
        for math in element.iter("{*}oMath"):
            tex = omml_to_tex(math)
            if tex:
                inline.has_display = True
                inline.pieces.append(f"{BREAK}$${tex}$${BREAK}")

    def _alternative(self, element: Any, inline: Inline) -> None:
        """The first alternative: the fallback says the same in older words."""
        chosen = next((child for child in element if local(child) == "Choice"), None)
        if chosen is None:
            chosen = next((child for child in element if local(child) == "Fallback"), None)
        if chosen is not None:
            self._content(chosen, inline)
            for child in chosen:
                if local(child) not in ("r", *_TRANSPARENT):
                    self._drawing(child, inline)

    def _drawing(self, element: Any, inline: Inline) -> None:
        """Text boxes of a drawing; those inside a box come with its text, and a fallback repeats what is there."""
        for child in element:
            name = local(child)
            if name == "txbxContent":
                inline.boxes.append(child)
            elif name != "Fallback":
                self._drawing(child, inline)

    def _run(self, run: Any, inline: Inline) -> None:
        properties = run.find("{*}rPr")
        if properties is not None and self._is_hidden(properties):
            self._fields_of(run)
            return
        start = len(inline.pieces)
        for child in run:
            self._piece(child, inline)
        if properties is not None and len(inline.pieces) > start:
            self._raise(properties, inline, start)
            if _is_monospace(properties):
                inline.pieces[start:] = [CODE, *inline.pieces[start:], CODE]

    def _is_hidden(self, properties: Any) -> bool:
        """By its own properties, or by its style where they say nothing."""
        if properties.find("{*}vanish") is not None:
            return is_on(properties, "vanish") and not is_on(properties, "specVanish")
        style = properties.find("{*}rStyle")
        return style is not None and self._is_hidden_style(attribute(style, "val") or "")

    def _fields_of(self, run: Any) -> None:
        """Fields begin and end in hidden runs too."""
        for child in run:
            if local(child) == "fldChar":
                self._field(child)

    def _piece(self, child: Any, inline: Inline) -> None:
        name = local(child)
        if name == "fldChar":
            self._field(child)
        elif name == "instrText":
            if self._fields and not self._fields[-1][1]:
                self._fields[-1][0] = str(self._fields[-1][0]) + (child.text or "")
        elif self._is_aside():
            return
        elif name == "t":
            text = child.text or ""
            inline.pieces.append(text if text.isascii() else meaning(text, _font(child.getparent().find("{*}rPr"))))
        elif name in _MARKS:
            inline.pieces.append(_MARKS[name])
        elif name == "br":
            inline.pieces.append(BREAK if attribute(child, "type") in (None, "textWrapping") else " ")
        elif name == "sym":
            inline.pieces.append(_symbol(child))
        elif name in ("footnoteReference", "endnoteReference"):
            note = self._note(name.removesuffix("Reference"), attribute(child, "id") or "")
            inline.pieces.append(f" ({note})" if note else "")
        elif name == "AlternateContent":
            self._alternative(child, inline)
        elif name in ("drawing", "pict", "object"):
            self._drawing(child, inline)
        elif name == "ruby":
            self._ruby(child, inline)

    def _ruby(self, element: Any, inline: Inline) -> None:
        for child in element:
            if local(child) == "rubyBase":
                self._content(child, inline)
            elif local(child) == "rt":
                reading = self.paragraph(child).text()
                inline.pieces.append(f"({reading})" if reading else "")

    def _field(self, mark: Any) -> None:
        kind = attribute(mark, "fldCharType")
        if kind == "begin":
            self._fields.append(["", False])
        elif kind == "separate" and self._fields:
            self._fields[-1][1] = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _is_aside(self) -> bool:
        """Inside a field's instruction, or inside a list of contents or an index."""
        return any(not has_result or _is_list(str(code)) for code, has_result in self._fields)

    def end_contents(self) -> None:
        """End the lists of contents, and the fields inside them, that are open."""
        first = next((k for k, (code, _) in enumerate(self._fields) if _is_list(str(code))), len(self._fields))
        del self._fields[first:]

    def _raise(self, properties: Any, inline: Inline, start: int) -> None:
        """Exponents and indices as HTML's are written: `x^2`, `x_i`; ordinals and `H2O` stay on the line."""
        found = properties.find("{*}vertAlign")
        kind = attribute(found, "val") if found is not None else None
        if kind in ("superscript", "subscript"):
            before = "".join(inline.pieces[max(0, start - 2) : start])
            inline.pieces[start:] = [raised("".join(inline.pieces[start:]), before, kind == "superscript")]


def _is_list(code: str) -> bool:
    return code.split()[:1] in (["TOC"], ["INDEX"], ["TOA"])


def _is_monospace(properties: Any) -> bool:
    style = properties.find("{*}rStyle")
    if style is not None and _CODE_STYLE.search(attribute(style, "val") or ""):
        return True
    return _MONOSPACE.search(_font(properties)) is not None


_MARKS = {"tab": "\t", "ptab": "\t", "cr": BREAK, "noBreakHyphen": "-", "softHyphen": ""}


def _font(properties: Any | None) -> str:
    fonts = properties.find("{*}rFonts") if properties is not None else None
    return "" if fonts is None else attribute(fonts, "ascii") or attribute(fonts, "hAnsi") or ""


def _symbol(element: Any) -> str:
    code = attribute(element, "char") or ""
    char = chr(int(code, 16)) if re.fullmatch(r"[0-9a-fA-F]{4}", code) else ""
    shown = meaning(char, attribute(element, "font") or "")
    return shown if shown.isprintable() else ""
