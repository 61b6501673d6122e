"""What a caller chooses of an article."""

from __future__ import annotations

from dataclasses import dataclass, field

from extractors.guard import Limits


@dataclass(frozen=True, slots=True)
class Options:
    """Which parts of an article are text."""

    acknowledgements: bool = True
    appendices: bool = True
    sub_articles: bool = True
    """Decision letters, referees' reports and replies, as further sections after the article."""
    translations: bool = False
    """Sub-articles that say the article again in another language."""
    limits: Limits = field(default_factory=Limits)
