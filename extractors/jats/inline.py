"""Handlers of inline elements: cross-references, raised and lowered text, code, line breaks.

Raised and lowered text is written as `extractors.html` does it: `x^2`, `10^-5`, `x_i`; other numbers stay on the
line, as in `H2O`.
"""

from __future__ import annotations

import re

from extractors.jats import citations
from extractors.jats.parse import XLINK, Element, local
from extractors.jats.walk import BREAK, Walk, child

_NUMERIC = re.compile(r"[\[(]?[+−–-]?\d{1,4}(?:\.\d+)?[\])]?")
_EXPONENT = re.compile(r"[A-Z](?<![MRE])|[ijkmnpqx]|\d?[kmn][+−-]\d|\d[kmn]|[+−-][kmnx]|[+−–-]\d{1,4}/\d|\d?[+−–-]")
"""Raised letters that are powers and indices, and charges; ordinals and marks (`th`, `TM`) are others."""
_INDEX = re.compile(r"[a-z]{1,2}|[a-z]\s?[+−-]\s?\d")
_NUMBERS = re.compile(r"\d{1,3}(?:\s*[,–-]\s*\d{1,3})+")
"""Raised numbers that are untagged references, as `27-31`."""
_PLAIN_MARK = re.compile(r"[\w]{1,2}")
_NOTHING = frozenset({"aff", "corresp", "author-notes", "contrib", "author-note"})
"""What cross-references of these types point to is not text, and so they are not."""
_NAME_START = re.compile(r"[A-Z][a-z]{2}")
_NAME_END = re.compile(r"[a-z]{5}$")
_NEXT_NAME = re.compile(r"[A-Z][A-Za-z0-9]")
_NO_SPACE = re.compile(r"(?:\b[a-z]{2,}|[,;]|(?:^|[\s(])[A-Z])$")
"""Before a name in italics that no blank parts from it: a word, a comma, the letter of a picture's part."""
_NO_SPACE_REFERENCE = re.compile(r"(?:[A-Za-z]{2}|[,;]|\b(?:Figs?|Tables?|Eqs?)\.)$")
_POINTERS = frozenset({"fig", "table", "sec", "boxed-text", "app", "disp-formula", "supplementary-material", "scheme"})
_SQUARED = re.compile(r"[+−–-]?[123]")
_UNIT = re.compile(r"\b(?:[a-zµμ]|[cdkmnµμ][glms]|ha)$")
"""A symbol, a unit of two letters; other words of two letters (`in`, `by`, `or`) take no power."""
_MAX_INDEX_CHARS = 2
"""Of lowered text, inclusive, that is moved up to its symbol over layout; words keep their distance."""
_LABELLED = ("fig", "table-wrap", "disp-formula", "sec", "boxed-text", "app", "statement", "list-item", "media")


def open_break(walk: Walk, node: Element) -> None:  # noqa: ARG001
    walk.buffer.append(BREAK)


def open_nothing(walk: Walk, node: Element) -> None:
    """An element that is left out with all that is in it."""


def open_xref(walk: Walk, node: Element) -> None:
    kind = node.get("ref-type") or ""
    target = walk.target(node)
    name = local(target.tag) if target is not None else ""
    if kind == "bibr" or name in ("ref", "element-citation", "mixed-citation", "citation", "nlm-citation"):
        _cite(walk, node)
    elif kind in _NOTHING:
        return
    elif kind in ("fn", "table-fn") or name == "fn":
        _note(walk, node, target)
    elif not "".join(node.itertext()).strip() and len(node) == 0:
        is_anchor = _before(walk, 1).strip(" \u00a0\n\t([") != ""  # nothing is said where a word ends
        if target is not None and name in _LABELLED and not is_anchor:
            walk.buffer.append(walk.one_line(child(target, "label")))
    else:
        if kind in _POINTERS and _touches(walk) and _NO_SPACE_REFERENCE.search(_before(walk)):
            text = walk.inline(node)
            walk.buffer.append(" " + text if text[:1].isalnum() else text)
        else:
            walk.flow(node)


def _touches(walk: Walk) -> bool:
    """Whether something is gathered that does not end in a blank or a bracket."""
    return bool(walk.buffer) and walk.buffer[-1][-1:] not in (" ", "\n", "(", "[", "\u00a0")


def _before(walk: Walk, num_chars: int = 12) -> str:
    """The end of the gathered text."""
    return "".join(walk.buffer[-6:])[-num_chars:]


def _before_layout(walk: Walk) -> str:
    """The end of the gathered text but for the blanks it ends with, which may be a line's whole indentation."""
    return "".join(walk.buffer[-6:]).rstrip()[-12:]


def open_italic(walk: Walk, node: Element) -> None:
    """Its text; with the blank that is missing where a name follows a word or is followed by one."""
    before = _before(walk) if _touches(walk) else ""
    place = len(walk.buffer)
    walk.flow(node)
    if before and _NAME_START.match("".join(walk.buffer[place:])) and _NO_SPACE.search(before):
        walk.buffer.insert(place, " ")
    if node.tail and _NEXT_NAME.match(node.tail) and _NAME_END.search("".join(walk.buffer[place:])):
        walk.buffer.append(" ")


def _cite(walk: Walk, node: Element) -> None:
    raised = child(node, "sup")
    text = citations.marked(" ".join("".join(node.itertext()).split()))
    if raised is None:
        is_glued = _touches(walk) and text[len(citations.OPEN) :][:1].isalpha() and _NO_SPACE.search(_before(walk))
        walk.buffer.append(" " + text if is_glued else text)
    elif walk.buffer and walk.buffer[-1] and walk.buffer[-1].strip(" ,–-") == "":
        walk.buffer[-1] = ""  # what parts two raised numbers
    else:
        walk.buffer.append(citations.NOTHING)


def _note(walk: Walk, node: Element, target: Element | None) -> None:
    """A table's note keeps its mark, `[a]`; any other note stands in its place in brackets, once."""
    mark = " ".join(walk.inline(node).split())
    in_table = target is None or local(target.getparent().tag) not in ("fn-group", "p", "back", "sec", "author-notes")
    if in_table:
        walk.buffer.append(_mark(mark))
        return
    assert target is not None
    name = target.get("id")
    if local(target.getparent().tag) != "author-notes" and name not in walk.placed:
        walk.placed.add(name)
        _place(walk, target)


def open_note(walk: Walk, node: Element) -> None:
    """A footnote that stands in the running text itself."""
    if walk.num_paragraphs and node.get("id") not in walk.placed:
        if node.get("id"):
            walk.placed.add(node.get("id"))
        _place(walk, node)


def _place(walk: Walk, note: Element) -> None:
    label = child(note, "label")
    own = walk.one_line(note)
    text = own.removeprefix(walk.one_line(label)).strip() if label is not None else own
    if text:
        space = "" if not walk.buffer or walk.buffer[-1][-1:].isspace() else " "
        walk.buffer.append(f"{space}({text.removesuffix('.')})")


def _mark(mark: str) -> str:
    return f"[{mark}]" if _PLAIN_MARK.fullmatch(mark) else mark


def open_sup(walk: Walk, node: Element) -> None:
    text = walk.inline(node)
    if citations.is_raised_group(text):
        walk.buffer.append(citations.NOTHING)
        return
    if citations.OPEN in text:
        walk.buffer.append(text)
        return
    words = " ".join(text.split())
    if _SQUARED.fullmatch(words) and _UNIT.search(_before_layout(walk)) and not (node.tail or "")[:1].isalnum():
        _close_up(walk)
    before = _before(walk, 4)
    if words in walk.note_marks:
        text = _mark(words)
    elif _NUMERIC.fullmatch(words) and before[-1:].isalnum():
        text = f"[{words}]" if words.isdigit() and len(before) == 4 and before.isalpha() else "^" + words
    elif _NUMBERS.fullmatch(words) and len(before) == 4 and before.isalpha():
        text = f"[{words}]"
    elif _NUMERIC.fullmatch(words) and before[-1:] in (")", "]", "}"):
        text = "^" + words
    elif _EXPONENT.fullmatch(words) and (before[-1:].isalnum() or before[-1:] in (")", "]")):
        text = "^" + _braced(words)
    walk.buffer.append(text)


def open_sub(walk: Walk, node: Element) -> None:
    text = walk.inline(node)
    words = " ".join(text.split())
    if not _touches(walk) and 0 < len(words) <= _MAX_INDEX_CHARS:
        is_before_word = (node.tail or "")[:1].isalnum() and not words.isdigit()
        if " " not in words and not is_before_word:
            _close_up(walk)
    before = _before(walk, 1)
    is_index = _INDEX.fullmatch(words) is not None and (before.isalpha() or before == ")")
    walk.buffer.append("_" + _braced(words) if is_index else text)


def _close_up(walk: Walk) -> None:
    """Take back the layout between a symbol and what is lowered or raised beside it."""
    if _before_layout(walk)[-1:].isalnum():
        while walk.buffer and not walk.buffer[-1].strip():
            walk.buffer.pop()
        walk.buffer[-1] = walk.buffer[-1].rstrip()


def _braced(words: str) -> str:
    return words if words.isalnum() or words in "+-−–" else f"{{{words}}}"


def open_monospace(walk: Walk, node: Element) -> None:
    text = walk.inline(node)
    words = " ".join(text.replace(BREAK, " ").split())
    if not words or "`" in words or citations.OPEN in words or "$" in words:
        walk.buffer.append(text)
        return
    if walk.buffer and walk.buffer[-1].endswith("`"):
        walk.buffer.append(" ")  # two runs of back-quotes would be one delimiter
    edges = (" " if text[:1].isspace() else "", " " if text[-1:].isspace() else "")
    walk.buffer.append(f"{edges[0]}`{words}`{edges[1]}")


def open_link(walk: Walk, node: Element) -> None:
    """The link's text; its address where it has none."""
    text = walk.inline(node)
    walk.buffer.append(text if text.strip() else node.get(XLINK + "href") or "")


def open_quoted(walk: Walk, node: Element) -> None:
    walk.buffer.append("“")
    walk.flow(node)
    walk.buffer.append("”")


def open_name(walk: Walk, node: Element) -> None:
    """A person's name: the schema leaves what parts its pieces to a style sheet."""
    pieces = [walk.inline(part).strip() for part in node]
    walk.buffer.append(" ".join(filter(None, pieces)))
