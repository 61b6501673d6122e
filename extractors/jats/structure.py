"""Handlers of sections, paragraphs, lists, quotes, statements, code, figures and boxes."""

from __future__ import annotations

import re

from extractors.html.page import PRE
from extractors.jats.parse import Element, local
from extractors.jats.walk import BREAK, Walk, child

_HEAD = frozenset({"label", "title", "subtitle", "sec-meta"})
_POINTER = re.compile(r"(?:doi|DOI)\s*:\s*(?:https?://\S+|10\.\d{4,9}/\S+)\s*\.?")
_ORDERED = frozenset(
    {"order", "ordered", "arabic", "number", "alpha-lower", "alpha-upper", "roman-lower", "roman-upper"}
)
_NUMBER_LABEL = re.compile(r"\(?(\d{1,4})[.):]?")
_BULLETS = frozenset("•·●○◦▪■□–—-*‣⁃∙")
_ENDS_SENTENCE = re.compile(r"[.:!?…。]$")
_SECTIONS = frozenset({"sec", "boxed-text", "app", "ref-list", "supplementary-material", "fn-group"})


def open_section(walk: Walk, node: Element) -> None:
    """A section: its heading and what is in it; nothing at all where all of that is left out."""
    walk.flush()
    place = len(walk.page.text)
    title = heading_of(walk, node)
    walk.heading(title, walk.level + 1)
    headed = len(walk.page.text)
    walk.level += 1 if title else 0
    walk.children(node, _HEAD)
    walk.level -= 1 if title else 0
    has_parts = any(isinstance(part.tag, str) and local(part.tag) not in _HEAD for part in node)
    if len(walk.page.text) == headed and has_parts:
        forget(walk, place)


def forget(walk: Walk, place: int) -> None:
    """Take back the blocks written since there were `place`."""
    page = walk.page
    for column in (page.text, page.kind, page.level, page.language, page.frame):
        del column[place:]


def heading_of(walk: Walk, node: Element) -> str:
    """Label and title; a title may stand in a caption."""
    holder = child(node, "caption")
    title = child(node, "title")
    if title is None and holder is not None:
        title = child(holder, "title")
    return " ".join(filter(None, (walk.one_line(child(node, "label")), walk.one_line(title))))


def open_block(walk: Walk, node: Element) -> None:
    """An element that breaks the line and says nothing else."""
    walk.flush()
    walk.flow(node)
    walk.flush()


def open_paragraph(walk: Walk, node: Element) -> None:
    if not is_pointer(node):
        walk.paragraph(node)


def is_pointer(node: Element) -> bool:
    """Whether a paragraph is only the address of what it stands in: `DOI: http://…`."""
    first = (node.text or "").lstrip()[:3] or "".join(node.itertext()).lstrip()[:3]
    return first.lower() == "doi" and _POINTER.fullmatch(" ".join("".join(node.itertext()).split())) is not None


def open_title(walk: Walk, node: Element) -> None:
    """A title outside a section: of a list, a glossary, a group of notes."""
    walk.flush()
    text = walk.one_line(node)
    if text:
        walk.add(text)


def open_list(walk: Walk, node: Element) -> None:
    walk.flush()
    for part in node:
        name = local(part.tag)
        if name in ("title", "label"):
            open_title(walk, part)
    is_ordered = (node.get("list-type") or "").lower() in _ORDERED
    outer = walk.frame
    number = 0
    for item in node:
        if local(item.tag) != "list-item":
            continue
        number += 1
        label = walk.one_line(child(item, "label"))
        stated = _NUMBER_LABEL.fullmatch(label)
        if stated:
            marker, label = f"{stated[1]}. ", ""
        else:
            marker = f"{number}. " if is_ordered and not label else "- "
        walk.frame = walk.framed(marker)
        if label and label not in _BULLETS:
            walk.buffer.append(label + " ")
        _item(walk, item)
        walk.frame = outer


def _item(walk: Walk, item: Element) -> None:
    """The parts of an item; its label begins its first paragraph."""
    for part in item:
        name = local(part.tag)
        if name == "label":
            continue
        if name in ("p", "title") and walk.buffer:
            label = "".join(walk.buffer)
            walk.buffer.clear()
            _labelled(walk, part, label)
        else:
            walk.element(part)
    walk.flush()


def _labelled(walk: Walk, node: Element, label: str) -> None:
    """A paragraph with a text in front of its first words."""
    text = (node.text or "").lstrip()
    node.text = (label.rstrip() if text[:1] in tuple(":,;)") else label) + text
    walk.paragraph(node)


def open_definitions(walk: Walk, node: Element) -> None:
    """`<def-list>`: the term, then each definition after a colon."""
    walk.flush()
    for part in node:
        name = local(part.tag)
        if name in ("title", "label"):
            open_title(walk, part)
        elif name == "def-list":
            open_definitions(walk, part)
        elif name == "def-item":
            for term in part:
                text = walk.one_line(term)
                if text:
                    walk.add(": " + text if local(term.tag) == "def" else text)


def open_quote(walk: Walk, node: Element) -> None:
    walk.flush()
    outer, walk.frame = walk.frame, walk.framed("> ")
    walk.flow(node)
    walk.flush()
    walk.frame = outer


def open_verse(walk: Walk, node: Element) -> None:
    """`<verse-group>`: its lines are lines."""
    walk.flush()
    for part in node:
        name = local(part.tag)
        if name == "verse-line":
            if walk.buffer:
                walk.buffer.append(BREAK)
            walk.flow(part)
        else:
            walk.flush()
            walk.element(part)
    walk.flush()


def open_speech(walk: Walk, node: Element) -> None:
    walk.flush()
    speaker = walk.one_line(child(node, "speaker")).rstrip(":")
    paragraphs = [part for part in node if local(part.tag) != "speaker"]
    for k, part in enumerate(paragraphs):
        if k == 0 and speaker and local(part.tag) == "p":
            _labelled(walk, part, f"{speaker}: ")
        else:
            walk.element(part)
    walk.flush()


def open_statement(walk: Walk, node: Element) -> None:
    """A theorem, definition or proof: its label and title begin its first paragraph."""
    walk.flush()
    label, title = walk.one_line(child(node, "label")), walk.one_line(child(node, "title"))
    head = f"{label} ({title.rstrip('.')})" if label and title else label or title
    if head and not _ENDS_SENTENCE.search(head):
        head += "."
    for part in node:
        if local(part.tag) in ("label", "title"):
            continue
        if head and local(part.tag) == "p":
            _labelled(walk, part, head + " ")
            head = ""
        else:
            if head:
                walk.add(head)
                head = ""
            walk.element(part)
    if head:
        walk.add(head)
    walk.flush()


def open_code(walk: Walk, node: Element) -> None:
    """`<code>` and `<preformat>`: fenced; a single line of code inside a sentence in back-quotes."""
    text = walk.inline(node).replace(BREAK, "\n").strip("\n")
    if not text.strip():
        return
    parent = node.getparent()
    has_words = bool((parent.text or "").strip() or (node.tail or "").strip())
    if local(node.tag) == "code" and walk.num_paragraphs and has_words and "\n" not in text and "`" not in text:
        walk.buffer.append(f"`{text.strip()}`")
        return
    walk.flush()
    language = (node.get("language") or "").strip().lower()
    walk.add(_dedented(text), PRE, 0, language if re.fullmatch(r"[\w+#.-]{1,20}", language) else "")


def _dedented(text: str) -> str:
    """Code without the margin and the blank lines around it; a first line indented with the XML is set back."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").expandtabs(4).split("\n")]
    while lines and not lines[0]:
        del lines[0]
    while lines and not lines[-1]:
        del lines[-1]
    margins = [len(line) - len(line.lstrip()) for line in lines if line]
    if len(margins) > 1 and margins[0] > max(margins[1:]):
        lines[0] = " " * min(margins[1:]) + lines[0].lstrip()
        margins[0] = min(margins[1:])
    margin = min(margins, default=0)
    return "\n".join(line[margin:] for line in lines)


def open_box(walk: Walk, node: Element) -> None:
    """`<boxed-text>`: a section of its own."""
    if walk.defer(node):
        return
    title = heading_of(walk, node)
    walk.heading(title, walk.level + 1)
    walk.level += 1 if title else 0
    for part in node:
        name = local(part.tag)
        if name == "caption":
            captioned(walk, part, "")
        elif name not in _HEAD:
            walk.element(part)
    walk.flush()
    walk.level -= 1 if title else 0


def open_figure(walk: Walk, node: Element) -> None:
    """A figure, video or scheme: label and caption, and the text that is in it."""
    if walk.defer(node):
        return
    caption = child(node, "caption")
    if caption is not None:
        captioned(walk, caption, walk.one_line(child(node, "label")), with_title=True)
    for part in node:
        name = local(part.tag)
        is_picture = name in ("graphic", "media") and not len(part)
        if name not in ("label", "caption") and not is_picture and not (name == "alternatives" and _is_picture(part)):
            walk.element(part)
    walk.flush()


def _is_picture(alternatives: Element) -> bool:
    return all(local(part.tag) in ("graphic", "inline-graphic", "media") for part in alternatives)


def captioned(walk: Walk, caption: Element, label: str, *, with_title: bool = False) -> None:
    """Label and title on one line, then the paragraphs; without a title the label begins the first of them."""
    walk.flush()
    head = label
    title = walk.one_line(child(caption, "title")) if with_title else ""
    if title:
        walk.add(f"{_sentence(head)}{title}")
        head = ""
    for part in caption:
        if local(part.tag) == "title" or is_pointer(part):
            continue
        if head and local(part.tag) == "p":
            _labelled(walk, part, _sentence(head))
            head = ""
        else:
            walk.element(part)
    walk.flush()
    if head:
        walk.add(head)


def _sentence(label: str) -> str:
    if not label:
        return ""
    return label + " " if _ENDS_SENTENCE.search(label) else label + ". "


def open_notes(walk: Walk, node: Element) -> None:
    """`<fn-group>`: the notes that do not stand in the text already."""
    walk.flush()
    notes = [part for part in node if local(part.tag) == "fn" and part.get("id") not in walk.placed]
    if not notes:
        return
    title = walk.one_line(child(node, "title"))
    walk.heading(title, walk.level + 1)
    for note in notes:
        note_block(walk, note, frozenset())


def note_block(walk: Walk, note: Element, marks: frozenset[str]) -> None:
    """A note as paragraphs, its mark in front."""
    label = walk.one_line(child(note, "label"))
    head = f"[{label}] " if label in marks else f"{label} " if label else ""
    for part in note:
        if local(part.tag) == "label":
            continue
        if head and local(part.tag) == "p":
            _labelled(walk, part, head)
            head = ""
        else:
            walk.element(part)
    walk.flush()
