"""What the walk leaves out unheard (`<nav>`, hidden elements, …), for `explain` alone: `extract` pays nothing for it.

The openers are wrapped: an opener that skips an element and took nothing from it left its text out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from extractors.html.naming import class_meaning, is_hidden, naming
from extractors.html.walk import SKIP, Closer, Node, Opener, Walk

MAX_WORDS_CHARS = 200
"""Characters of a left-out element's text that are told."""
MAX_NODES = 500
"""Nodes of a left-out element that are looked at for its first words."""
MAX_STEPS = 12
"""Elements of a path."""
MAX_STEP_CHARS = 60
_NO_TEXT = frozenset({"script", "style", "head", "title", "meta", "link", "template", "svg", "-comment", "rt", "rp"})
"""Elements that hold no text, or (ruby's readings) too little to be missed."""
_TAGS = re.compile(r"<[^>]*>?")


@dataclass(slots=True)
class Omission:
    """One element that was left out."""

    before: int
    """Blocks of the page that stand before it."""
    tag: str
    reason: str
    text: str
    """Its first words."""
    path: str
    """Ancestors with class and id, outermost first."""


class Recorder:
    """Openers that note what they leave out in `omissions`, for the page walked last."""

    def __init__(self, openers: Mapping[str, Opener | None], unknown: Opener) -> None:
        self.omissions: list[Omission] = []
        self.walk: Walk | None = None
        self.openers = {tag: self._noting(opener) for tag, opener in openers.items()}
        self.unknown = self._noting(unknown)

    def _noting(self, opener: Opener | None) -> Opener:
        def noting(walk: Walk, node: Node, tag: str) -> Closer | None:
            return self._open(opener, walk, node, tag)

        return noting

    def _open(self, opener: Opener | None, walk: Walk, node: Node, tag: str) -> Closer | None:
        if walk is not self.walk:
            self.walk = walk
            self.omissions = []
        num_blocks = len(walk.page.text)
        for omission in reversed(self.omissions):  # a table became one block
            if omission.before <= num_blocks:
                break
            omission.before = num_blocks
        before = (num_blocks, walk.generation, len(walk.buffer))
        closer = opener(walk, node, tag) if opener is not None else SKIP
        if (
            closer is SKIP
            and before == (len(walk.page.text), walk.generation, len(walk.buffer))
            and tag not in _NO_TEXT
        ):
            words = first_words(node)
            if words:
                self.omissions.append(Omission(num_blocks, tag, reason(node, tag), words, path(node)))
        return closer


def reason(node: Node, tag: str) -> str:
    """Why an element was left out."""
    css = node.attributes.get("class") or ""
    if is_hidden(node.attributes):
        return f"left out: hidden <{tag}>"
    if css and class_meaning(css)[2]:
        return f"left out: <{tag}> for screen readers only"
    if css and class_meaning(css)[1] is not None:
        return f"left out: <{tag}>, a formula's rendering"
    named = naming(css, node.attributes.get("id"), node.attributes.get("role"))
    return f"left out: <{tag}> named “{named.name}”" if named.is_left_out else f"left out: <{tag}>"


def path(node: Node) -> str:
    """An element and its ancestors with class and id, outermost first."""
    steps: list[str] = []
    at = node
    while at is not None and at.tag != "html" and len(steps) < MAX_STEPS:
        names = f"{at.attributes.get('class') or ''} {at.attributes.get('id') or ''}"
        steps.append(step(at.tag, names))
        at = at.parent
    return " > ".join(reversed(steps))


def step(tag: str, name: str) -> str:
    """One element of a path."""
    words = ".".join(name.split())[:MAX_STEP_CHARS]
    return f"{tag}.{words}" if words else tag


def first_words(node: Node) -> str:
    """The first words below an element, scripts and styles aside."""
    words: list[str] = []
    size = 0
    stack = [node.first_child]
    for _ in range(MAX_NODES):
        while stack and stack[-1] is None:
            stack.pop()
        if not stack or size > MAX_WORDS_CHARS:
            break
        at = stack.pop()
        stack.append(at.next)
        if at.tag == "-text":
            text = " ".join(_TAGS.sub(" ", at.text_content).split())
            words.append(text)
            size += len(text) + bool(text)
        elif at.tag not in _NO_TEXT:
            stack.append(at.first_child)
    return " ".join(word for word in words if word)[:MAX_WORDS_CHARS]
