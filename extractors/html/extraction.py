"""The extractor: decode, parse, prune, walk, select, serialise, under the guard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from extractors import charset as charsets
from extractors.errors import ExtractionError, InputTooLarge, NestingTooDeep, UndecodableInput
from extractors.guard import Watch, guard
from extractors.html import comments, metadata, nesting, select, serialise, signals
from extractors.html.elements import OPENERS, open_unknown
from extractors.html.omissions import MAX_STEPS, Recorder, step
from extractors.html.options import BlockReport, Options
from extractors.html.page import KIND_NAMES, Page
from extractors.html.walk import Opener, Walk
from extractors.result import Extraction

_SURROGATES = re.compile("[\ud800-\udfff]")
_DEFAULT = Options()


def extract(
    html: bytes | str, *, url: str | None = None, charset: str | None = None, options: Options = _DEFAULT
) -> Extraction:
    """Main text and metadata of an HTML page; never raises on input.

    `charset` is the HTTP header's, where there is one. What went wrong stands in `Extraction.error`, beside the text
    that is there.
    """
    return guard(lambda watch: _extract(html, url, charset, options, watch), options.limits)


def _extract(html: bytes | str, url: str | None, header: str | None, options: Options, watch: Watch) -> Extraction:
    utf8, name, error = _decoded(html, header, options)
    if isinstance(error, UndecodableInput):
        return Extraction(text="", charset=name, error=error)
    utf8, flattened = nesting.flatten(utf8, options.limits.depth)
    if flattened and error is None:
        error = NestingTooDeep(f"deeper than {options.limits.depth} elements")
    tree = parse(utf8)
    if tree is None:
        return Extraction(text="", charset=name, error=error)
    found = metadata.read(tree, url)
    walk = Walk(watch, options.links, everything=not options.select)

    def result() -> Extraction:
        page = walk.page
        kind = signals.kind_of(page)
        kept = select.select(page) if options.select else list(range(len(page.text)))
        if options.comments == "drop" and options.select:
            kept = comments.without(page, kept, kind)
        body = serialise.markdown(page, kept)
        return Extraction(
            text=body,
            title=found.title,
            author=found.author,
            date=found.date,
            language=found.language,
            canonical_url=found.canonical_url,
            license_url=found.license_url,
            robots=found.robots,
            kind=kind,
            charset=name,
            error=error,
        )

    watch.partial = result
    blocks(utf8, tree, found, url, walk)
    return result()


def _decoded(
    html: bytes | str, header: str | None, options: Options
) -> tuple[bytes, str | None, ExtractionError | None]:
    """The page in UTF-8, the charset it came in (None: it was text already), and what is wrong with it."""
    error: ExtractionError | None = None
    limit = options.limits.input_bytes
    if len(html) > limit:
        error = InputTooLarge(f"{len(html)} bytes, limit {limit}")
        html = html[:limit]
    if isinstance(html, str):
        return _encoded(html), None, error
    decoded = charsets.decode(html, header)
    utf8 = decoded.utf8 if decoded.utf8 is not None else _encoded(decoded.text)
    return utf8, decoded.charset, error or charsets.undecodable(decoded.text)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # lone surrogates
        return _SURROGATES.sub("\ufffd", text).encode()


def parse(utf8: bytes, scripting: bool = True) -> Any:
    """The parsed page, None where nothing can be parsed. With `scripting`, `<noscript>` is left out."""
    from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

    # Without events: mirroring `<selectedcontent>` is quadratic in the options of a page.
    tree = LexborHTMLParser(utf8, scripting=scripting, options=LexborDocumentOptions.WO_EVENTS)
    return tree if tree.root is not None else None


NOSCRIPT_CHARS = 600
NOSCRIPT_RATIO = 4
"""`<noscript>` with this many characters, and this many times the visible text, is the page (forums that render in
the browser).
"""
MIN_PAGE_BYTES = 200
"""A page with less text, in UTF-8, outside its `<nav>` and `<footer>` may keep its text there."""


def blocks(
    utf8: bytes,
    tree: Any,
    found: metadata.Metadata,
    url: str | None,
    walk: Walk,
    openers: Mapping[str, Opener | None] = OPENERS,
    unknown: Opener = open_unknown,
) -> Page:
    """Walk a parsed page; where that leaves next to nothing, again with `<noscript>`, `<nav>`, `<footer>`."""
    page = walk.page
    page.signals = signals.of_page(found, url)
    page.title = found.stated_title or ""
    walk.run(tree.body if tree.body is not None else tree.root, openers, unknown)
    size = sum(map(len, page.text))
    in_noscript = walk.noscript_chars >= max(NOSCRIPT_CHARS, NOSCRIPT_RATIO * size)
    if not in_noscript and (not walk.num_pruned or _is_enough(page, size)):
        return page
    plain = parse(utf8, scripting=not in_noscript)
    again = Walk(walk.watch, walk.keep_links, everything=True)
    again.page.signals, again.page.title = page.signals, page.title
    again.run(plain.body if plain.body is not None else plain.root, openers, unknown)
    walk.page = again.page
    return again.page


def _is_enough(page: Page, size: int) -> bool:
    return size >= MIN_PAGE_BYTES or sum(len(text.encode()) for text in page.text) >= MIN_PAGE_BYTES


def explain(
    html: bytes | str, *, url: str | None = None, charset: str | None = None, options: Options = _DEFAULT
) -> list[BlockReport]:
    """Each block of a page with its features, score and fate, and in their places the elements left out unheard."""
    utf8, _, _ = _decoded(html, charset, options)
    utf8, _ = nesting.flatten(utf8, options.limits.depth)
    tree = parse(utf8)
    if tree is None:
        return []
    recorder = Recorder(OPENERS, open_unknown)
    walk = Walk(Watch(options.limits.time_s), options.links)
    page = blocks(utf8, tree, metadata.read(tree, url), url, walk, recorder.openers, recorder.unknown)
    reports = _report(page, options)
    for omission in reversed(recorder.omissions):
        left_out = BlockReport(-1, omission.tag, omission.path, omission.text, {}, 0.0, False, omission.reason)
        reports.insert(omission.before, left_out)
    return reports


def _report(page: Page, options: Options) -> list[BlockReport]:
    if not page.text:
        return []
    found = select.score(page)
    scores, matrix, names = found.scores, found.matrix, found.names
    least = select.threshold(found)
    chosen = select.chosen(found, least)
    kept = set(chosen)
    if options.comments == "drop":
        kind = signals.kind_of(page)
        kept = set(comments.without(page, chosen, kind))
    dropped = set(chosen) - kept
    reports = []
    for i, text in enumerate(page.text):
        values = {name: round(float(value), 3) for name, value in zip(names, matrix[:, i], strict=True) if value}
        kind = f"h{page.level[i]}" if page.level[i] else KIND_NAMES[page.kind[i]]
        reason = "left out: readers' comments" if i in dropped else select.reason(float(scores[i]), least, i in kept)
        reports.append(
            BlockReport(i, kind, _path(page, page.container[i]), text, values, float(scores[i]), i in kept, reason)
        )
    return reports


def _path(page: Page, container: int) -> str:
    steps: list[str] = []
    while container >= 0 and len(steps) < MAX_STEPS:
        steps.append(step(page.tag[container], page.name[container]))
        container = page.parent[container]
    return " > ".join(reversed(steps))
