"""What a look at a licence found: an SPDX expression and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LicenceMatch:
    """Licences of one text as one SPDX expression.

    `confidence` (0 to 1) is the likeness to SPDX's text, of several the least; a tag or an unmistakable notice has 1.
    `coverage` (0 to 1) is the share of the text's words that belong to a recognised licence.
    """

    expression: str
    confidence: float
    coverage: float
    version_open: bool = False
    """A GNU licence's own text, which says nothing about later versions: `-only` stands for "this version"."""
    primary: str | None = None
    """The licence whose text stands first, where a file has several without a choice: the others are for parts of the
    work. None where the whole expression holds for all."""
    is_reference: bool = False
    """Named by a sentence, not given in full."""
    is_open_choice: bool = False
    """One side of a choice; the other has a name of the tree's own, and a file there gives it."""

    @property
    def principal(self) -> str:
        """What holds for files of which nothing else is said."""
        return self.primary or self.expression

    @property
    def spdx_id(self) -> str | None:
        """The licence where it is one, None for an expression of several."""
        return self.expression if " " not in self.expression else None
