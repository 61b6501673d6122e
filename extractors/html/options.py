"""What a caller chooses, and what `explain` tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from extractors.guard import Limits


@dataclass(frozen=True, slots=True)
class Options:
    """How one page is extracted."""

    links: bool = False
    """Write `[text](address)` instead of the text alone."""
    select: bool = True
    """False: every block is text, as in the chapters of a book; the model and its rules are not asked."""
    comments: Literal["keep", "drop"] = "keep"
    """`drop`: leave readers' comments under an article out; posts of a forum or Q&A thread always stay. Without
    `select` nothing is left out, comments neither."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class BlockReport:
    """One block of a page, an element left out unheard, or an error: where it is, what was measured, and its fate."""

    index: int
    """Place among the blocks; -1: an element left out, or an error."""
    kind: str
    """p, h1…h6, pre, table, math, dt, dd, caption, line; of an element left out its tag; `error`: the text is what went
    wrong, and if blocks stand before it they are those found until then."""
    path: str
    """Ancestors with class and id, outermost first."""
    text: str
    """Of an element left out the first words."""
    features: dict[str, float]
    """Non-zero features by name."""
    score: float
    """Probability that the block is main text, 0 to 1; 0 where nothing was measured."""
    kept: bool
    reason: str
    """Why: the model's score, or the rule that overruled it; of an error its code."""
