"""What a caller may ask of the TeX extractor, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field

from extractors.errors import ExtractionError


@dataclass(frozen=True, slots=True)
class LatexLimits:
    """What one submission may cost."""

    time_s: float = 20.0
    """Wall-clock seconds, inclusive."""
    input_bytes: int = 64 * 2**20
    """Bytes of all members together, inclusive; members beyond it are not read, which `error` says."""
    output_chars: int = 32 * 2**20
    """Characters written, inclusive."""
    expansions: int = 2_000_000
    """Macros expanded, inclusive; a paper of 500 pages stays under 200,000."""
    pending_tokens: int = 8_000_000
    """Tokens waiting to be read, inclusive: a macro that doubles itself grows them, a paper has as many as words."""
    depth: int = 60
    """Arguments inside arguments, inclusive: a table in a footnote of a caption is three."""
    file_uses: int = 4
    """Times one file is read in, inclusive."""

    def __post_init__(self) -> None:
        limits = (self.time_s, self.input_bytes, self.output_chars, self.expansions, self.pending_tokens, self.depth)
        if min(*limits, self.file_uses) <= 0:
            raise ValueError("limits must be positive")


@dataclass(frozen=True, slots=True)
class LatexOptions:
    """Which parts of a paper are kept, and the limits."""

    keep_bibliography: bool = False
    keep_acknowledgements: bool = True
    keep_appendices: bool = True
    limits: LatexLimits = field(default_factory=LatexLimits)


@dataclass(frozen=True, slots=True)
class LatexResult:
    """Text and metadata of one submission; `text` is what was extracted up to the limit when `error` is set."""

    text: str
    title: str = ""
    abstract: str = ""
    """Also in `text`, under its heading."""
    authors: tuple[str, ...] = ()
    date: str | None = None
    """As the paper states it, None where it states none or the day of its printing."""
    main_file: str | None = None
    files_used: tuple[str, ...] = ()
    """In the order they were read first."""
    error: ExtractionError | None = None
    section_titles: tuple[str, ...] = ()
    """Titles of the headings in `text` below the paper's own, in order."""
    num_sections: int = 0
    num_display_equations: int = 0
    num_macros_expanded: int = 0
    num_user_macros: int = 0
    """Macros the submission defines."""
    unresolved_macros: tuple[str, ...] = ()
    """Names of user's macros that stand in the text unexpanded, sorted."""
