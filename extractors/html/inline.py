"""Openers and closers of inline elements: links, code, raised text, ruby, buttons, line breaks."""

# ruff: noqa: ARG001 (openers and closers share a signature)
from __future__ import annotations

import re

from extractors.html import code
from extractors.html.flow import BREAK, EDGE
from extractors.html.formulas import open_math_host
from extractors.html.naming import class_meaning, is_hidden
from extractors.html.page import BITS, DT, PRE, P
from extractors.html.walk import SKIP, Closer, Node, Opener, Walk

_NUMERIC = re.compile(r"[\[(]?[+−-]?\d{1,4}[\])]?")
_EXPONENT = re.compile(r"[A-Z](?<![MRE])|[ijkmnpqx]|\d?[kmn][+−-]\d|\d[kmn]|[+−-][kmnx]")
"""Raised letters that are powers and indices; ordinals and marks (`1er`, `TM`, `No`) are others."""
_ENDS = frozenset(".,;:!?\"'”’»。，")
"""After these a raised number is a note's."""
_INDEX = re.compile(r"[a-z]{1,2}|[a-z]\s?[+−-]\s?\d")
_JUMP_MARKS = frozenset({"", "¶", "#", "§", "🔗", "↩", "↩︎", "↑", "^", "⏎", "∞", "⇧", "↵", "\uf0c1", "⚓"})
_INSIDE_LINES = frozenset({"ruby", "rb", "rtc", "span", "a", "b", "strong", "em", "i", "font", "u", "small", "mark"})
MIN_READINGS = 20
"""Fewer readings of ruby on a page never drown its text."""
MAX_READINGS = 400
"""Readings that are looked at."""
MIN_READINGS_PER_LINE = 3
"""Readings in an element with readings, on average: a glossary's entries have one."""
MAX_CHARS_PER_READING = 20
"""Characters, readings included, for each reading: 8 to 12 where every word has one, over 50 in a novel that
explains rare names."""
_LABELS = frozenset(("span", "time", "i"))
"""Elements that with attributes are labels as often as parts of a text."""
MAX_BUTTON_CHARS = 24
"""Shorter buttons act; longer ones are headings of folded sections."""


def open_break(walk: Walk, node: Node, tag: str) -> Closer | None:
    walk.buffer.append(BREAK)
    return SKIP


def open_inline(walk: Walk, node: Node, tag: str) -> Closer | None:
    attributes = node.attributes
    if not attributes:
        return None
    css = attributes.get("class")
    if css:
        bits, shown, unseen = class_meaning(css)
        if shown is not None:
            return open_math_host(walk, node, shown)
        if unseen:
            return SKIP
        walk.inner_bits |= bits
        if "classifier" in css and walk.kind == DT:
            walk.buffer.append(" : ")  # what docutils leaves to its style sheet
    if is_hidden(attributes):
        return SKIP
    if tag in _LABELS and walk.buffer and walk.buffer[-1][-1:].isalnum():
        walk.buffer.append(EDGE if tag != "i" or node.first_child is not None else EDGE + EDGE)
    return None


def open_link(walk: Walk, node: Node, tag: str) -> Closer | None:
    if open_inline(walk, node, tag) is SKIP:
        return SKIP
    if walk.buffer and walk.buffer[-1][-1:].isalnum():
        walk.buffer.append(EDGE)
    walk.link_depth += 1
    walk.num_links += 1
    if walk.keep_links:
        walk.mark()
    elif (node.attributes.get("href") or "").startswith("#"):
        walk.mark()
        return close_jump
    return close_link


def close_jump(walk: Walk, node: Node) -> None:
    """A link inside the page: marks beside headings and footnotes are not text."""
    walk.link_depth -= 1
    text = walk.marked()
    if text and (len(text) > 3 or text.strip() not in _JUMP_MARKS):
        walk.buffer.append(text)


def close_link(walk: Walk, node: Node) -> None:
    walk.link_depth -= 1
    if walk.keep_links:
        text = walk.marked()
        address = (node.attributes.get("href") or "").strip()
        if text is not None:
            words = " ".join(text.split())
            walk.buffer.append(f"[{words}]({address.replace(' ', '%20')})" if words and address else text)


def close_code(walk: Walk, node: Node) -> None:
    text = walk.marked()
    if text is None:
        return
    words = " ".join(text.replace(BREAK, "\n").split())
    if not words:
        walk.buffer.append(text)
        return
    lines = text.replace(BREAK, "\n").strip("\n")
    if "\n" in lines.strip() and walk.kind == P and _indented(lines) and not any(map(str.strip, walk.buffer)):
        walk.buffer.clear()
        walk.generation += 1
        walk.add(code.code_text(node), PRE, 0, code.language_of(node))
        return
    if walk.buffer and walk.buffer[-1].endswith("`"):
        walk.buffer.append(" ")  # two runs of back-quotes would be one delimiter
    ticks = "``" if "`" in words else "`"
    walk.buffer.append(f"{ticks}{words}{ticks}" if ticks not in words or ticks == "`" else words)


def open_cite(walk: Walk, node: Node, tag: str) -> Closer | None:
    closer = open_inline(walk, node, tag)
    return closer if closer is SKIP or node.parent.tag != "blockquote" else close_cite


def close_cite(walk: Walk, node: Node) -> None:
    """Who is quoted stands on a line of its own."""
    walk.buffer.append(BREAK)


def close_super(walk: Walk, node: Node) -> None:
    text = walk.marked()
    if text is None:
        return
    before = "".join(walk.buffer[-2:]).rstrip(EDGE)[-4:]
    words, after = text.strip(), _blank_after(text)
    linked = node.first_child is not None and (node.parent.tag == "a" or node.css_first("a") is not None)
    if _NUMERIC.fullmatch(words):
        if linked or words[0] == "[":
            text = words if words[0] in "[(" else f"[{words}]"
        elif before[-1:].isalnum():
            text = f"[{words}]" if words.isdigit() and len(before) == 4 and before.isalpha() else "^" + words
        elif before[-1:] in _ENDS and words.isdigit():
            text = f"[{words}]"
        elif before[-1:] in (")", "]"):
            text = "^" + words
    elif _EXPONENT.fullmatch(words) and not linked and (before[-1:].isalnum() or before[-1:] == ")"):
        text = "^" + _braced(words)
    walk.buffer.append(text + after)


def close_sub(walk: Walk, node: Node) -> None:
    """An index in letters: `x_i`; numbers stay on the line, as in `H2O`."""
    text = walk.marked()
    if text is None:
        return
    before = walk.buffer[-1][-1:] if walk.buffer else ""
    words = text.strip()
    index = _INDEX.fullmatch(words) is not None and (before.isalpha() or before == ")")
    walk.buffer.append("_" + _braced(words) + _blank_after(text) if index else text)


def _blank_after(text: str) -> str:
    """What parts a mark from the next word where the page has the blank inside the mark."""
    return " " if text[-1:].isspace() else ""


def _braced(words: str) -> str:
    return words if words.isalnum() else f"{{{words}}}"


def _marking(closer: Closer) -> Opener:
    """The opener of an inline element whose text `closer` rewrites."""

    def opener(walk: Walk, node: Node, tag: str) -> Closer | None:
        if open_inline(walk, node, tag) is SKIP:
            return SKIP
        walk.mark()
        return closer

    return opener


open_code, open_super, open_sub = map(_marking, (close_code, close_super, close_sub))


def open_ruby_text(walk: Walk, node: Node, tag: str) -> Closer | None:
    """The reading in brackets after its base; left out where the page gives one to nearly every word."""
    if walk.drops_readings is None:
        walk.drops_readings = _are_everywhere(node)
    if walk.drops_readings:
        return SKIP
    walk.buffer.append("(")
    return close_ruby_text


def _are_everywhere(reading: Node) -> bool:
    """Readings fill the running text, which brackets would drown; a glossary's stand alone on their lines."""
    top = reading
    while top.tag != "body" and top.parent is not None:
        top = top.parent
    readings = top.css("rt")[:MAX_READINGS]
    if len(readings) < MIN_READINGS:
        return False
    lines: dict[int, int] = {}
    for node in readings:
        line = node.parent
        while line.tag in _INSIDE_LINES and line.parent is not None:
            line = line.parent
        if line.mem_id not in lines:
            lines[line.mem_id] = len("".join(line.text(deep=True).split()))
    dense = sum(lines.values()) <= MAX_CHARS_PER_READING * len(readings)
    return dense and len(readings) >= MIN_READINGS_PER_LINE * len(lines)


def close_ruby_text(walk: Walk, node: Node) -> None:
    walk.buffer.append(")")


def open_button(walk: Walk, node: Node, tag: str) -> Closer | None:
    walk.enter(tag, node.attributes)
    walk.opened[walk.container][BITS] |= walk.button_bit
    walk.link_depth += 1
    return close_button


def close_button(walk: Walk, node: Node) -> None:
    if len("".join(walk.buffer).strip()) <= MAX_BUTTON_CHARS:
        walk.buffer.clear()
        walk.generation += 1
    walk.leave()
    walk.link_depth -= 1


def _indented(text: str) -> bool:
    lines = text.split("\n")
    return len(lines) >= 3 or any(line.startswith((" ", "\t")) for line in lines[1:]) or len(lines) == 2
