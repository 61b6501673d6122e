"""Open tags beyond a depth are taken out before parsing: HTML tree construction is quadratic in the nesting."""

from __future__ import annotations

import re

import numpy as np

_TAG = re.compile(rb"<(/?)([a-zA-Z][^\s/>]*)[^>]*>")
_FLAT_NAMES = (  # empty elements, and those that the next of their kind closes
    "area base br col embed hr img input link meta param source track wbr p li dt dd option optgroup tr td th thead "
    "tbody tfoot html head body"
)
_FLAT = frozenset(_FLAT_NAMES.encode().split())
_OPENS = ord("<")
FEW_TAGS = 8
"""A page with at most this many times as many tags as the depth limit is cheap however it nests: left as it is."""


def flatten(html: bytes, depth: int) -> tuple[bytes, bool]:
    """`html` (UTF-8) with at most `depth` open elements at once, and whether any tag was taken out."""
    tags = int(np.count_nonzero(np.frombuffer(html, np.uint8) == _OPENS))
    if tags <= FEW_TAGS * depth or tags - 2 * html.count(b"</") <= depth:
        return html, False
    out: list[bytes] = []
    at = level = 0
    cut = False
    for found in _TAG.finditer(html):
        if found[2].lower() in _FLAT:
            continue
        if found[1]:
            level = max(0, level - 1)
        elif level >= depth:
            out.append(html[at : found.start()])
            at = found.end()
            cut = True
        else:
            level += 1
    out.append(html[at:])
    return b"".join(out), cut
