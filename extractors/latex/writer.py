"""Where text goes: paragraphs, headings, lists, tables and equations, nested in frames, to Markdown.

The dialect is the HTML serialiser's: blocks apart by an empty line, items of a list close together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from extractors.errors import OutputTooLarge

BREAK = "\x04"
"""A line's end the author asked for."""
_BLANKS = re.compile(r"[ \t\n]+")
_BREAKS = re.compile(r" *(?:\x04 *)+")
_NUMBER = re.compile(r" \\tag\*?\{[^{}]*\}$")
"""A display's, which a formula in a line cannot have."""
_HALF_QUOTED = re.compile('“([^“”"`]*+)"')
"""TeX prints `"` as the closing mark."""
_FENCE = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of the text that stands apart."""

    kind: str
    """p, heading, math, code, table, list, caption, quote or mark (no text: where a part begins)."""
    text: str
    level: int = 0


@dataclass(slots=True)
class Frame:
    """What is being written inside one environment."""

    kind: str
    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    items: list[tuple[str, list[Block]]] = field(default_factory=list)
    """Of a list: label and blocks of the items before the last."""
    label: str | None = None
    """Of a list: the last item's label; None before the first."""
    number: int = 0
    lead: str = ""
    """Put before the first paragraph: a theorem's head."""
    rows: list[list[tuple[str, int, int]]] = field(default_factory=list)
    """Of a table: cells with their columns and rows."""
    columns: int = 1
    spans: int = 1
    indent: int = 0
    """Of an algorithm: depth of the line."""
    environment: str = ""


class Writer:
    """Frames from the outermost to the one being written."""

    def __init__(self, output_chars: int) -> None:
        self.frames: list[Frame] = [Frame("doc")]
        self.num_chars = 0
        self.output_chars = output_chars

    @property
    def top(self) -> Frame:
        return self.frames[-1]

    def flush(self) -> None:
        """End the paragraph."""
        frame = self.frames[-1]
        if not frame.pieces:
            return
        text = paragraph("".join(frame.pieces))
        frame.pieces.clear()
        if text:
            if frame.lead:
                text, frame.lead = f"{frame.lead} {text}", ""
            self._add(Block("p", text))

    def add(self, block: Block) -> None:
        self.flush()
        frame = self.frames[-1]
        if frame.lead and block.kind != "mark":
            self._add(Block("p", frame.lead))
            frame.lead = ""
        self._add(block)

    def add_outside(self, block: Block) -> None:
        """Put a caption before the table or the algorithm it stands in."""
        for i in range(len(self.frames) - 1, 0, -1):
            if self.frames[i].kind in ("tabular", "code"):
                outer = self.frames[i - 1]
                if outer.kind != "cell":
                    self.num_chars += len(block.text)
                    outer.blocks.append(block)
                    return
        self.add(block)

    def _add(self, block: Block) -> None:
        self.num_chars += len(block.text)
        if self.num_chars > self.output_chars:
            raise OutputTooLarge(f"more than {self.output_chars} characters")
        self.frames[-1].blocks.append(block)

    def open(self, frame: Frame) -> Frame:
        self.frames.append(frame)
        return frame

    def close(self) -> Frame:
        """End the innermost frame; what it holds is its caller's."""
        self.flush()
        frame = self.frames[-1]
        if frame.lead:
            self._add(Block("p", frame.lead))
            frame.lead = ""
        return self.frames.pop() if len(self.frames) > 1 else frame

    def item(self, label: str) -> None:
        """Begin an item of the innermost list."""
        self.flush()
        frame = self.frames[-1]
        if frame.label is not None or frame.blocks:
            frame.items.append((frame.label or "", frame.blocks))
            frame.blocks = []
        frame.label = label


def paragraph(text: str) -> str:
    """Blanks of a paragraph made one each; the breaks the author asked for become newlines."""
    text = _BLANKS.sub(" ", text)
    if "“" in text:
        text = _HALF_QUOTED.sub(r"“\1”", text)
    if BREAK in text:
        text = _BREAKS.sub("\n", text)
    return text.strip()


def inline(blocks: list[Block]) -> str:
    """The blocks as one line: a cell, a title, a note; displays become formulas of the line."""
    return " ".join(_one_line(block) for block in blocks if block.text)


def _one_line(block: Block) -> str:
    text = block.text.replace("\n", " ")
    return f"${_NUMBER.sub('', text[2:-2]).strip()}$" if block.kind == "math" else text


def joined(blocks: list[Block]) -> str:
    return "\n\n".join(block.text for block in blocks if block.text)


def heading(level: int, text: str) -> str:
    return "#" * min(level, 6) + " " + text.replace("\n", " ")


def fenced(text: str, language: str = "") -> str:
    ticks = "`" * (max((len(run) for run in _FENCE.findall(text)), default=2) + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def quoted(blocks: list[Block]) -> str:
    return "\n".join("> " + line if line else ">" for line in joined(blocks).split("\n"))


def listed(frame: Frame) -> str:
    """A list's items under their markers; a description's terms stand above them."""
    items = [*frame.items, (frame.label or "", frame.blocks)]
    out: list[str] = []
    number = frame.number
    for label, blocks in items:
        if not label and not blocks:
            continue
        if frame.environment == "description" and label:
            body = _indented(blocks, "  ")
            out.append(f"{label}\n\n: {body}" if body else label)
            continue
        if frame.environment == "enumerate" and not label:
            number += 1
            marker = f"{number}. "
        else:
            marker = "- "
        if label:
            first = blocks[0] if blocks else Block("p", "")
            if first.kind == "p":
                blocks = [Block("p", f"{label} {first.text}".strip()), *blocks[1:]]
            else:
                blocks = [Block("p", label), *blocks]
        out.append(marker + _indented(blocks, " " * len(marker)))
    return ("\n\n" if frame.environment == "description" else "\n").join(out)


def _indented(blocks: list[Block], margin: str) -> str:
    text = ""
    for block in blocks:
        if block.text:
            tight = block.kind == "list"
            text += (("\n" if tight else "\n\n") if text else "") + block.text
    lines = text.split("\n")
    return "\n".join([lines[0], *(margin + line if line else "" for line in lines[1:])])
