"""What a caller says of a page and chooses for its text."""

from __future__ import annotations

from dataclasses import dataclass, field

from extractors.guard import Limits


@dataclass(frozen=True, slots=True)
class Options:
    """How one page of a wiki is extracted."""

    language: str = "en"
    """Code of the wiki's language edition: decides what a template of an ambiguous name means."""
    namespaces: tuple[tuple[str, int], ...] = ()
    """Names of the wiki's own namespaces with their numbers, lower case, beside those all wikis know."""
    variants: tuple[str, ...] = ("zh-cn", "zh-hans", "zh", "sr-ec", "sr-el")
    """Language variants in order of preference, for `-{zh-hans:…; zh-hant:…}-`."""
    captions: bool = True
    """Keep captions of pictures that are sentences, each as a paragraph after the one it belongs to."""
    title_heading: bool = True
    """Begin the text with the title as its first heading."""
    limits: Limits = field(default_factory=Limits)
