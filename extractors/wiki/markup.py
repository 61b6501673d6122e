"""Second pass: HTML elements, language variants and behaviour switches to wikitext or to marks.

HTML tables and lists become wikitext ones, so that one parser of blocks serves both. Elements MediaWiki does not know
are text, as it shows them.
"""

from __future__ import annotations

import re

from extractors.wiki.marks import (
    BREAK,
    CODE_CLOSE,
    CODE_OPEN,
    QUOTE_CLOSE,
    QUOTE_OPEN,
    SUB_CLOSE,
    SUB_OPEN,
    SUP_CLOSE,
    SUP_OPEN,
)
from extractors.wiki.options import Options
from extractors.wiki.tags import poem_lines

_INLINE_NAMES = (
    "b i em strong u small big s del ins strike font span abbr cite dfn bdi bdo mark var time data nobr ruby rb rtc "
    "acronym wbr meta link img a noinclude onlyinclude references ref nowiki poem label"
)
_INLINE = frozenset(_INLINE_NAMES.split())
_BLOCK_NAMES = "div p center section article header footer aside figure figcaption main address"
_BLOCK = frozenset(_BLOCK_NAMES.split())
MAX_LISTS = 12
"""Open HTML lists whose marks an item bears."""
_LISTS = {"ul": "*", "ol": "#", "dl": ""}
_ITEMS = {"li": "", "dt": ";", "dd": ":"}
_MARKS = {
    "sup": (SUP_OPEN, SUP_CLOSE),
    "sub": (SUB_OPEN, SUB_CLOSE),
    "code": (CODE_OPEN, CODE_CLOSE),
    "tt": (CODE_OPEN, CODE_CLOSE),
    "kbd": (CODE_OPEN, CODE_CLOSE),
    "samp": (CODE_OPEN, CODE_CLOSE),
    "blockquote": (f"\n{QUOTE_OPEN}\n", f"\n{QUOTE_CLOSE}\n"),
    "rt": ("(", ")"),
    "q": ("“", "”"),
}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})\b([^<>]{0,2000}?)(/?)>")
_HIDDEN = re.compile(r"<(span|div)\b[^<>]{0,500}display\s*:\s*none[^<>]{0,500}>[^<]*</\1\s*>", re.I)
_POEM = re.compile(r"<poem\b[^<>]{0,500}>", re.I)
_POEM_END = re.compile(r"</poem\s*>", re.I)
_BRACKETS = re.compile(r"<rp>[^<]*</rp>", re.I)
_BEFORE_ITEM = re.compile(r"\s{1,40}(?=</?(?:li|ul|ol|dl|dt|dd)\b)", re.I)
_HEADING_TAG = re.compile(r"h[1-6]")
_SWITCH = re.compile(r"__[^\W\d_]+(?:_[^\W\d_]+)*__")
_VARIANT = re.compile(r"-\{([^{}]*)\}-")
_RULE = re.compile(r"(zh(?:-[a-z]+)*|sr(?:-[a-z]+)*|kk(?:-[a-z]+)*|ku(?:-[a-z]+)*|tg(?:-[a-z]+)*|uz(?:-[a-z]+)*)\s*:")
_TAGGED = re.compile(r"[\w\s;+-]{0,80}\|")
"""Flags, or the codes of the variants that the text is for: it shows in all."""


def to_wikitext(text: str, options: Options) -> str:
    """Expanded wikitext without HTML elements, variants and switches."""
    if "__" in text:
        text = _SWITCH.sub(_switch, text)
    if "-{" in text:
        for _ in range(3):
            text = _VARIANT.sub(lambda found: _variant(found[1], options), text)
    if "<" not in text:
        return text
    if "isplay" in text or "ISPLAY" in text:
        text = _HIDDEN.sub("", text)
    if "<poem" in text or "<Poem" in text:
        text = _with_poems(text)
    if "<rp" in text:
        text = _BRACKETS.sub("", text)
    if "<li" in text or "<d" in text or "<LI" in text:
        text = _BEFORE_ITEM.sub("", text)
    return _TAG.sub(_Elements(), text)


def _with_poems(text: str) -> str:
    """Lines of each `<poem>` kept; one that never ends is none, nor is any after it."""
    out: list[str] = []
    at = 0
    while (opened := _POEM.search(text, at)) and (closed := _POEM_END.search(text, opened.end())):
        out += text[at : opened.start()], poem_lines(text[opened.end() : closed.start()])
        at = closed.end()
    return "".join(out) + text[at:]


def _switch(found: re.Match[str]) -> str:
    """`__TOC__` in any language; a Python `__init__` is text."""
    return "" if found[0] == found[0].upper() else found[0]


def _variant(rule: str, options: Options) -> str:
    """Text of `-{…}-` in the variant preferred, "" of a rule that shows nothing."""
    flags = ""
    if tagged := _TAGGED.match(rule):
        flags, rule = tagged[0][:-1].upper(), rule[tagged.end() :]
    given = {flag.strip() for flag in flags.split(";")}
    if given & {"H", "T", "-"} and "A" not in given:
        return ""
    pieces = _RULE.split(rule)
    if len(pieces) < 3:
        return rule
    forms = {pieces[k]: pieces[k + 1].strip().rstrip(";").strip() for k in range(1, len(pieces) - 1, 2)}
    chosen = next((variant for variant in options.variants if variant in forms), next(iter(forms)))
    return forms[chosen]


class _Elements:
    """Replaces one tag after the other; remembers which lists are open."""

    def __init__(self) -> None:
        self.lists: list[str] = []

    def __call__(self, found: re.Match[str]) -> str:
        name = found[2].lower()
        closing = bool(found[1])
        if name == "br":
            return BREAK
        if name in _INLINE:
            return ""
        if name in _MARKS:
            return _MARKS[name][closing]
        if name in _BLOCK:
            return self._block(found)
        if name in ("table", "tr", "td", "th", "caption", "thead", "tbody", "tfoot"):
            return _table_part(name, closing, found[3].strip())
        if name in _LISTS or name in _ITEMS:
            return self._list_part(name, closing)
        if name == "hr":
            return "\n----\n"
        if _HEADING_TAG.fullmatch(name):
            marks = "=" * int(name[1])
            return f"{marks}\n" if closing else f"\n{marks}"
        return found[0]

    @staticmethod
    def _block(found: re.Match[str]) -> str:
        """The end of a paragraph, but not of a list item or a heading that the element lies in."""
        text, at = found.string, found.start()
        line = text.rfind("\n", max(0, at - 3000), at) + 1
        if text[line : line + 1] in tuple("*#:;=") and line < at:
            return " "
        if text[line:at].lstrip()[:1] in ("|", "!"):
            return " " if found[1] else "\n"
        return "\n\n"

    def _list_part(self, name: str, closing: bool) -> str:
        if name in _LISTS:
            if not closing:
                self.lists.append(_LISTS[name])
                return "" if len(self.lists) > 1 else "\n"
            if self.lists:
                self.lists.pop()
            return "" if self.lists else "\n"
        if closing:
            return ""
        return "\n" + "".join(self.lists[:MAX_LISTS] or ["*"]) + _ITEMS[name] + " "


def _table_part(name: str, closing: bool, attributes: str) -> str:
    attributes = " ".join(attributes.split())
    if name == "table":
        return "\n|}\n" if closing else f"\n{{| {attributes}\n"
    if closing or name in ("thead", "tbody", "tfoot"):
        return "\n"
    opener = {"tr": "\n|- ", "td": "\n| ", "th": "\n! ", "caption": "\n|+ "}[name]
    if name == "tr":
        return f"{opener}{attributes}\n"
    return f"{opener}{attributes} | " if attributes else opener
