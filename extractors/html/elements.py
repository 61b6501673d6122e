"""Which opener each HTML element has; None: left out whatever is in it."""

from __future__ import annotations

from extractors.html.formulas import open_drawing, open_image, open_math, open_math_host, open_raw_math, open_script
from extractors.html.inline import (
    open_break,
    open_button,
    open_cite,
    open_code,
    open_inline,
    open_link,
    open_ruby_text,
    open_sub,
    open_super,
)
from extractors.html.structure import (
    open_caption,
    open_cell,
    open_container,
    open_dd,
    open_dt,
    open_heading,
    open_input,
    open_item,
    open_list,
    open_navigation,
    open_noscript,
    open_pre,
    open_quote,
    open_row,
    open_rule,
    open_table,
)
from extractors.html.walk import SKIP, Closer, Node, Opener, Walk

_PHRASING = frozenset(
    ("a", "abbr", "b", "cite", "code", "em", "i", "mark", "q", "small", "strong", "sub", "sup", "time")
)


def open_unknown(walk: Walk, node: Node, tag: str | None) -> Closer | None:
    tag = tag or "unknown"  # Lexbor gives some made-up elements no name
    if tag.startswith("-"):
        return SKIP
    if tag.startswith("mjx-"):
        return open_math_host(walk, node, "mjx-chtml")
    if "-" in tag and not _in_a_line(node, tag):
        return open_container(walk, node, tag)
    return open_inline(walk, node, tag)


def _in_a_line(node: Node, tag: str) -> bool:
    """A custom element beside text is part of it, as browsers show it; a footnote is not."""
    if "fn" in tag or "footnote" in tag:
        return False
    for beside in (node.prev, node.next):
        if beside is not None and (
            beside.tag in _PHRASING or (beside.tag == "-text" and not beside.text_content.isspace())
        ):
            return True
    return False


def _openers() -> dict[str, Opener | None]:
    table: dict[str, Opener | None] = {}
    groups: list[tuple[str, Opener | None]] = [
        ("a", open_link),
        (
            "abbr acronym b bdi bdo big data del dfn em font i ins label mark nobr q s small span strike "
            "strong time tt u var blink ruby rb picture output slot",
            open_inline,
        ),
        ("code samp kbd", open_code),
        ("sup", open_super),
        ("sub", open_sub),
        ("cite", open_cite),
        ("rt", open_ruby_text),
        ("br", open_break),
        ("hr", open_rule),
        ("h1 h2 h3 h4 h5 h6", open_heading),
        ("ul ol menu dir", open_list),
        ("li", open_item),
        ("dt", open_dt),
        ("dd", open_dd),
        ("caption figcaption", open_caption),
        ("blockquote", open_quote),
        ("pre listing xmp plaintext", open_pre),
        ("table", open_table),
        ("tr", open_row),
        ("td th", open_cell),
        ("button", open_button),
        ("math", open_math),
        ("script", open_script),
        ("noscript", open_noscript),
        ("nav footer", open_navigation),
        ("d-math dt-math tex-math", open_raw_math),
        ("img", open_image),
        ("svg", open_drawing),
        ("input select textarea", open_input),
        (
            "style template iframe object embed audio video canvas map area datalist progress meter rp "
            "param source track link meta title frame wbr base head optgroup option -comment",
            None,
        ),
        (
            "address article aside body center dd details dialog div dl fieldset figure form header hgroup "
            "html legend main p search section summary tbody tfoot thead colgroup frameset",
            open_container,
        ),
    ]
    for tags, opener in groups:
        for tag in tags.split():
            table.setdefault(tag, opener)
    return table


OPENERS = _openers()
