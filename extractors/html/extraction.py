"""The extractor: decode, parse, prune, walk, select, serialise, under the guard."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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
    return guard(lambda watch: _extract(html, url, charset, options, watch, serialise.markdown), options.limits)


def _extract(
    html: bytes | str,
    url: str | None,
    header: str | None,
    options: Options,
    watch: Watch,
    write: Callable[[Page, list[int]], str],
    openers: Mapping[str, Opener | None] = OPENERS,
    unknown: Opener = open_unknown,
) -> Extraction:
    """What `write` makes of the page and its kept blocks, with the metadata."""
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
        page = walk.so_far()
        kind = signals.kind_of(page)
        return Extraction(
            text=write(page, _kept(page, options, kind)),
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
    blocks(utf8, tree, found, url, walk, openers, unknown)
    return result()


def _kept(page: Page, options: Options, kind: str) -> list[int]:
    """Indices of the blocks that are the page's text, in order."""
    if not options.select:
        return list(range(len(page.text)))
    kept = select.select(page)
    return comments.without(page, kept, kind) if options.comments == "drop" else kept


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
    walk.again = again = Walk(walk.watch, walk.keep_links, everything=True)
    again.page.signals, again.page.title = page.signals, page.title
    return again.run(plain.body if plain.body is not None else plain.root, openers, unknown)


def _is_enough(page: Page, size: int) -> bool:
    return size >= MIN_PAGE_BYTES or sum(len(text.encode()) for text in page.text) >= MIN_PAGE_BYTES


def explain(
    html: bytes | str, *, url: str | None = None, charset: str | None = None, options: Options = _DEFAULT
) -> list[BlockReport]:
    """Each block of a page with its features, score and fate, and in their places the elements left out unheard.

    Never raises on input: what went wrong is the last report, of the kind `error`.
    """
    recorder = Recorder(OPENERS, open_unknown)
    reports: list[BlockReport] = []

    def write(page: Page, kept: list[int]) -> str:
        reports[:] = _reports(page, set(kept), options)
        for omission in reversed(recorder.omissions):
            left_out = BlockReport(-1, omission.tag, omission.path, omission.text, {}, 0.0, False, omission.reason)
            reports.insert(omission.before, left_out)
        return ""

    def run(watch: Watch) -> Extraction:
        return _extract(html, url, charset, options, watch, write, recorder.openers, recorder.unknown)

    error = guard(run, options.limits).error
    if error is not None:
        reports.append(BlockReport(-1, "error", "", str(error), {}, 0.0, False, error.code))
    return reports


def _reports(page: Page, kept: set[int], options: Options) -> list[BlockReport]:
    if not page.text:
        return []
    if not options.select:
        return [_report(page, i, {}, 0.0, True, "kept: nothing is selected") for i in range(len(page.text))]
    found = select.score(page)
    least = select.threshold(found)
    dropped = set(select.chosen(found, least)) - kept
    reports = []
    for i in range(len(page.text)):
        values = zip(found.names, found.matrix[:, i].tolist(), strict=True)
        features = {name: round(value, 3) for name, value in values if value}
        score = float(found.scores[i])
        reason = "left out: readers' comments" if i in dropped else select.reason(score, least, i in kept)
        reports.append(_report(page, i, features, score, i in kept, reason))
    return reports


def _report(page: Page, i: int, features: dict[str, float], score: float, kept: bool, reason: str) -> BlockReport:
    kind = f"h{page.level[i]}" if page.level[i] else KIND_NAMES[page.kind[i]]
    return BlockReport(i, kind, _path(page, page.container[i]), page.text[i], features, score, kept, reason)


def _path(page: Page, container: int) -> str:
    steps: list[str] = []
    while container >= 0 and len(steps) < MAX_STEPS:
        steps.append(step(page.tag[container], page.name[container]))
        container = page.parent[container]
    return " > ".join(reversed(steps))
