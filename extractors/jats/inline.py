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
_PLAIN_MARK = re.compile(r"[\w]{1,2}")
_NOTHING = frozenset({"aff", "corresp", "author-notes", "contrib", "author-note"})
"""What cross-references of these types point to is not text, and so they are not."""
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
        if target is not None and name in _LABELLED:
            walk.buffer.append(walk.one_line(child(target, "label")))
    else:
        walk.flow(node)


def _cite(walk: Walk, node: Element) -> None:
    raised = child(node, "sup")
    text = citations.marked(" ".join("".join(node.itertext()).split()))
    if raised is None:
        walk.buffer.append(text)
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
    before = "".join(walk.buffer[-3:])[-4:]
    if words in walk.note_marks:
        text = _mark(words)
    elif _NUMERIC.fullmatch(words) and before[-1:].isalnum():
        text = f"[{words}]" if words.isdigit() and len(before) == 4 and before.isalpha() else "^" + words
    elif _NUMERIC.fullmatch(words) and before[-1:] in (")", "]", "}"):
        text = "^" + words
    elif _EXPONENT.fullmatch(words) and (before[-1:].isalnum() or before[-1:] == ")"):
        text = "^" + _braced(words)
    walk.buffer.append(text)


def open_sub(walk: Walk, node: Element) -> None:
    text = walk.inline(node)
    before = walk.buffer[-1][-1:] if walk.buffer else ""
    words = " ".join(text.split())
    is_index = _INDEX.fullmatch(words) is not None and (before.isalpha() or before == ")")
    walk.buffer.append("_" + _braced(words) if is_index else text)


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
