"""The measures by which The Stack, StarCoder and RedPajama drop code files, as columns; recipes hold the limits.

Sources: The Stack v2 (arXiv 2402.19173, 2.1), StarCoder (2305.06161, 3), RedPajama v1's github scripts. Cost: a few
linear scans. Blind spot: "token" in `alpha_per_token_ratio` is a run of word characters or one other character, a
stand-in for a tokenizer's (RedPajama uses GPT-2's).
"""

from __future__ import annotations

import re

from extractors.code.kinds import encoded_share, is_generated_text

KEPT_TEXT_NAMES = re.compile(r"requirement|\A(?:readme|notes|todo|description|cmakelists)(?:\.[^.]*)?\Z", re.IGNORECASE)
"""Names of the only files in "Text" that The Stack v2 keeps."""
XML_DECLARATION_CHARS = 100
"""Characters at whose beginning `<?xml version=` makes a file XML whatever its name (StarCoder)."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_HIDDEN = re.compile(
    r"<(script|style|noscript|template)\b[^<>]*>.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
_SPACE = re.compile(r"\s+")
_LANGUAGES_WITH_TAGS = frozenset(("HTML", "ERB", "EJS", "Vue", "Svelte"))


def signals(text: str, language: str | None = None) -> dict[str, float]:
    """Measures of one file's text; `html_visible_*` only where `language` is a markup of HTML's family."""
    lines = text.split("\n")
    num_lines = len(lines) - (lines[-1] == "")
    size = len(text)
    num_alpha, num_alnum = sum(map(str.isalpha, text)), sum(map(str.isalnum, text))
    encoded_ratio, encoded_chars = encoded_share(text)
    measured: dict[str, float] = {
        "num_lines": num_lines,
        "max_line_chars": max(map(len, lines)),
        "mean_line_chars": (size - text.count("\n")) / num_lines if num_lines else 0.0,
        "alnum_ratio": num_alnum / size if size else 0.0,
        "alpha_ratio": num_alpha / size if size else 0.0,
        "alpha_per_token_ratio": num_alpha / max(1, sum(1 for _ in _TOKEN.finditer(text))),
        "encoded_ratio": encoded_ratio,
        "max_encoded_chars": encoded_chars,
        "has_xml_declaration": float("<?xml version=" in text[:XML_DECLARATION_CHARS]),
        "says_generated": float(is_generated_text("", text)),
    }
    if language in _LANGUAGES_WITH_TAGS:
        visible = num_visible_chars(text)
        measured["html_visible_chars"] = visible
        measured["html_visible_ratio"] = visible / size if size else 0.0
    return measured


def num_visible_chars(markup: str) -> int:
    """Characters of an HTML text outside tags, comments, scripts and styles; white space counts once."""
    return len(_SPACE.sub(" ", _TAG.sub("", _HIDDEN.sub("", markup))).strip())
