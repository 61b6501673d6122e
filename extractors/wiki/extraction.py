"""A page's wikitext to Markdown, in three passes: what nests, what is HTML, what is lines.

Cost: some milliseconds for an article, linear in its length. Blind spot: what only templates of the wiki itself know
(generated tables, numbers from Wikidata) is not in the page and so not in the text.
"""

from __future__ import annotations

from extractors.errors import InputTooLarge
from extractors.guard import Watch, guard
from extractors.html.serialise import tidy
from extractors.result import Extraction
from extractors.wiki import names
from extractors.wiki.blocks import Block, BlockParser, markdown, without_empty_sections
from extractors.wiki.marks import CONTROL, CONTROLS, Store
from extractors.wiki.markup import to_wikitext
from extractors.wiki.options import Options
from extractors.wiki.preprocess import expand

DEFAULT_OPTIONS = Options()
CATEGORY_SEPARATOR = "|"
"""Cannot stand in a title."""


def extract(wikitext: str, *, title: str = "", options: Options = DEFAULT_OPTIONS) -> Extraction:
    """Text of a page. `kind` is article, disambiguation or redirect (then without text); never raises on input.

    `metadata` has `categories` (separated by `|`) and `redirect` (the target), where there are any.
    """
    return guard(lambda watch: _extract(wikitext, title, options, watch), options.limits)


def _extract(wikitext: str, title: str, options: Options, watch: Watch) -> Extraction:
    limit = options.limits.input_bytes
    error = InputTooLarge(f"{len(wikitext)} characters, limit {limit}") if len(wikitext) > limit else None
    target = names.redirect_target(wikitext)
    if target is not None:
        return Extraction(text="", title=title or None, kind="redirect", metadata={"redirect": target})
    store = Store()
    text = wikitext[:limit].replace("\r\n", "\n").replace("\r", "\n")
    if any(character in text for character in CONTROLS):
        text = CONTROL.sub("", text)
    store.is_disambiguation = "__DISAMBIG__" in text or names.is_disambiguation_title(title)
    lines = to_wikitext(expand(text, options, title, store, watch), options).split("\n")
    blocks = without_empty_sections(BlockParser(store, watch).parse(lines))
    if blocks and title and options.title_heading:
        blocks.insert(0, Block(f"# {' '.join(title.split())}", "heading", 1))
    metadata = {"categories": CATEGORY_SEPARATOR.join(store.categories)} if store.categories else {}
    return Extraction(
        text=tidy(markdown(blocks)),
        title=title or None,
        language=options.language,
        kind="disambiguation" if store.is_disambiguation else "article",
        error=error,
        metadata=metadata,
    )
