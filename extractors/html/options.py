"""What a caller chooses, and what `explain` tells."""

from __future__ import annotations

from dataclasses import dataclass, field

from extractors.guard import Limits


@dataclass(frozen=True, slots=True)
class Options:
    """How one page is extracted."""

    links: bool = False
    """Write `[text](address)` instead of the text alone."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class BlockReport:
    """One block of a page: where it is, what was measured, and its fate."""

    index: int
    kind: str
    """p, h1…h6, li, pre, table, math, dt, dd, caption."""
    path: str
    """Ancestors with class and id, outermost first."""
    text: str
    features: dict[str, float]
    """Non-zero features by name."""
    score: float
    """Probability that the block is main text, 0 to 1."""
    kept: bool
    reason: str
    """Why: the model's score, or the rule that overruled it."""
