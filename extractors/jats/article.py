"""The extractor: one article's XML to Markdown and metadata, under the guard.

Order: title, abstracts, body, floats that stand apart, back matter, sub-articles. Out: journal and author matter,
keywords, reference lists and markers, supplementary pointers, graphical abstracts. Cost: some ms an article, twice
to three times its parse. Blind spot: a table that is a picture leaves its caption only, a formula `[formula]`.
"""

from __future__ import annotations

from extractors.errors import InputTooLarge
from extractors.guard import Watch, guard
from extractors.jats import metadata, structure
from extractors.jats.elements import HANDLERS
from extractors.jats.options import Options
from extractors.jats.parse import Element, local, parse
from extractors.jats.walk import Walk, child
from extractors.result import Extraction

_DEFAULT = Options()
_PICTURED = frozenset({"graphical", "graphical-abstract", "video", "video-abstract", "author-video"})
"""Kinds of abstract that are a picture and its legend."""
_ABSTRACT_TITLES = {
    "summary": "Summary",
    "executive-summary": "Summary",
    "author-summary": "Author summary",
    "plain-language-summary": "Plain language summary",
    "editor": "Editor's summary",
    "editors-summary": "Editor's summary",
    "editor-summary": "Editor's summary",
    "key-points": "Key points",
    "highlights": "Highlights",
    "teaser": "Teaser",
    "toc": "In brief",
    "synopsis": "Synopsis",
    "patient": "Patient summary",
    "background": "Background",
}
_APPENDICES = frozenset({"app", "app-group"})


def extract(xml: bytes, *, options: Options = _DEFAULT) -> Extraction:
    """Text and metadata of a JATS article; never raises on input.

    `metadata` has what only an article has; `num_words_body` is "0" where there is no body.
    """
    return guard(lambda watch: _extract(xml, options, watch), options.limits)


def _extract(xml: bytes, options: Options, watch: Watch) -> Extraction:
    if len(xml) > options.limits.input_bytes:
        return Extraction(text="", error=InputTooLarge(f"{len(xml)} bytes, limit {options.limits.input_bytes}"))
    article, mended = parse(xml)
    found = metadata.read(article)
    walk = Walk(article, watch, options, HANDLERS)
    title: list[str] = []

    def result() -> Extraction:
        notes = {**found.notes, **{f"id_{name}": value for name, value in found.ids.items()}}
        notes.update({name: str(number) for name, number in walk.counts.items()})
        if mended:
            notes["xml_mended"] = mended
        return Extraction(
            text=walk.text(),
            title=title[0] if title else None,
            author="; ".join(found.authors) or None,
            date=found.date,
            language=found.language,
            license_url=found.license_url,
            kind=found.notes.get("article_type"),
            metadata=notes,
        )

    watch.partial = result
    title += filter(None, [_head(walk, article, 1)])
    found.notes["content"] = _contents(walk, article)
    return result()


def _contents(walk: Walk, article: Element) -> str:
    """Write everything after the title; says what there was: `body`, `abstract` or `title`."""
    before = len(walk.page.text)
    _abstracts(walk, article)
    abstracted = len(walk.page.text)
    for part in article:
        if local(part.tag) in ("body", "bdy"):
            walk.element(part)
    for part in article:
        if local(part.tag) in ("floats-group", "floats-wrap"):
            walk.element(part)
    content = "body" if len(walk.page.text) > abstracted else "abstract" if abstracted > before else "title"
    _back(walk, article)
    for part in article:
        if local(part.tag) in ("sub-article", "response"):
            _sub_article(walk, part)
    return content


def _head(walk: Walk, article: Element, level: int) -> str:
    """Write the title; returns it with its subtitle."""
    meta = _meta(article)
    group = child(meta, "title-group") if meta is not None else None
    if group is None:
        return ""
    title = walk.one_line(child(group, "article-title"))
    subtitle = walk.one_line(child(group, "subtitle"))
    if subtitle:
        title = f"{title.rstrip(':')}: {subtitle}" if title else subtitle
    walk.heading(title, level)
    return title


def _meta(article: Element) -> Element | None:
    front = child(article, "front")
    front = front if front is not None else child(article, "front-stub")
    if front is None:
        return None
    meta = child(front, "article-meta")
    return meta if meta is not None else front


def _abstracts(walk: Walk, article: Element) -> None:
    meta = _meta(article)
    for part in meta if meta is not None else ():
        if local(part.tag) not in ("abstract", "trans-abstract"):
            continue
        kind = (part.get("abstract-type") or "").lower()
        if kind in _PICTURED:
            continue
        title = walk.one_line(child(part, "title")) or _ABSTRACT_TITLES.get(kind, "Abstract")
        _section(walk, part, title)


def _section(walk: Walk, node: Element, title: str) -> None:
    """A heading and what is in an element; nothing where nothing is."""
    place = len(walk.page.text)
    walk.heading(title, walk.level + 1)
    walk.level += 1
    walk.children(node, frozenset({"title", "label"}))
    walk.level -= 1
    if len(walk.page.text) == place + 1:
        structure.forget(walk, place)


def _back(walk: Walk, article: Element) -> None:
    options = walk.options
    for back in article:
        if local(back.tag) != "back":
            continue
        for part in back:
            name = local(part.tag)
            if name == "ack":
                if options.acknowledgements:
                    _section(walk, part, walk.one_line(child(part, "title")) or "Acknowledgements")
            elif name == "glossary":
                _section(walk, part, walk.one_line(child(part, "title")) or "Glossary")
            elif name not in _APPENDICES or options.appendices:
                walk.element(part)
        walk.flush()


def _sub_article(walk: Walk, node: Element) -> None:
    """A sub-article as a section: its title, abstract, body and back matter, and its own sub-articles."""
    kind = (node.get("article-type") or "").lower()
    wanted = walk.options.translations if kind == "translation" else walk.options.sub_articles
    if not wanted:
        walk.count("num_translations_left_out" if kind == "translation" else "num_sub_articles_left_out")
        return
    title = _head(walk, node, walk.level + 1)
    if not title and kind:
        walk.heading(kind.replace("-", " ").capitalize(), walk.level + 1)
    walk.level += 1
    _contents(walk, node)
    walk.level -= 1
