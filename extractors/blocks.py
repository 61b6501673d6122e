"""Blocks of a document that has no HTML, written in the dialect by the HTML extractor's own serialiser."""

from __future__ import annotations

from extractors.html.page import HEADING, MATH, PRE, TABLE, Frame, P, Page
from extractors.html.serialise import markdown

QUOTE = "> "
BULLET = "- "
MAX_CELL_BLOCKS = 12
"""Blocks of a table's cell that is a value, inclusive."""


class Blocks:
    """Blocks in document order; list items and quotes are frames around them."""

    def __init__(self) -> None:
        self._page = Page()

    def __len__(self) -> int:
        return len(self._page.text)

    def add(self, text: str, kind: int, level: int = 0, frame: Frame | None = None) -> None:
        """Append a block that is not empty; `text` is clean of outer space."""
        if not text:
            return
        page = self._page
        page.text.append(text)
        page.kind.append(kind)
        page.level.append(level)
        page.language.append("")
        page.frame.append(frame)

    def paragraph(self, text: str, frame: Frame | None = None) -> None:
        self.add(text.strip(), P, 0, frame)

    def heading(self, text: str, level: int) -> None:
        self.add(" ".join(text.split()), HEADING, max(1, min(level, 6)))

    def code(self, text: str, frame: Frame | None = None) -> None:
        self.add(text.strip("\n"), PRE, 0, frame)

    def code_line(self, text: str, frame: Frame | None = None) -> None:
        """A line of code; lines after each other are one block."""
        page = self._page
        if page.kind and page.kind[-1] == PRE and page.frame[-1] is frame:
            page.text[-1] += "\n" + text
        elif text.strip():
            self.add(text, PRE, 0, frame)

    def table(self, text: str, frame: Frame | None = None) -> None:
        self.add(text, TABLE, 0, frame)

    def math(self, tex: str, frame: Frame | None = None) -> None:
        if tex:
            self.add(f"$${tex}$$" if "\n" not in tex else f"$$\n{tex}\n$$", MATH, 0, frame)

    def extend(self, other: Blocks) -> None:
        """Append the blocks of another document."""
        page, more = self._page, other._page
        for mine, theirs in (
            (page.text, more.text),
            (page.kind, more.kind),
            (page.level, more.level),
            (page.language, more.language),
            (page.frame, more.frame),
        ):
            mine += theirs  # type: ignore[operator]

    def kinds(self) -> list[int]:
        return list(self._page.kind)

    def first_heading(self) -> str | None:
        return next((t for t, kind in zip(self._page.text, self._page.kind, strict=True) if kind == HEADING), None)

    def text(self) -> str:
        """All blocks as Markdown."""
        return markdown(self._page, range(len(self._page.text)))

    def plain(self) -> str:
        """Text of all blocks on one line, as a table cell or a note holds it."""
        return " ".join(" ".join(text.split()) for text in self._page.text)


__all__ = ["BULLET", "QUOTE", "Blocks", "Frame"]


def is_layout(rows: list[list[Blocks]]) -> bool:
    """A table that only places text on the page: one column, one cell with text, or cells that hold headings, code,
    tables or many blocks."""
    filled = [cell for row in rows for cell in row if len(cell)]
    if len(filled) == 1 or max(map(len, rows), default=0) == 1:
        return True
    kinds = [cell.kinds() for cell in filled]
    return any(len(of) > MAX_CELL_BLOCKS or not {HEADING, TABLE, PRE}.isdisjoint(of) for of in kinds)
