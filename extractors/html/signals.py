"""What a page says of its own kind: address, structured data, Open Graph type, generator, body class."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

NAMES = (
    "url_forum",
    "url_docs",
    "url_article",
    "url_product",
    "url_listing",
    "url_root",
    "type_article",
    "type_forum",
    "type_product",
    "type_listing",
    "og_article",
    "og_product",
    "og_website",
    "generator_forum",
    "generator_docs",
    "generator_blog",
)
_URL = (
    re.compile(r"forum|thread|topic|viewtopic|showthread|/t/|/questions?/|discuss|community|answers|bbs\b|board|/comments/|\bask\b|/d/\d"),
    re.compile(r"docs?[./]|/documentation|/manual|/reference|/guide|/tutorial|/api/|wiki|/learn|readthedocs|/book/|/help|/support|/kb/|developer"),
    re.compile(r"/20\d\d/\d|/20\d\d-\d\d|/blog|/news|/article|/story|/post/|/p/\d|-\d{5,}|/stories/|/magazine|[a-z]+(?:-[a-z0-9]+){4,}"),
    re.compile(r"/products?/|/dp/|/item/|/shop/|/p/[a-z]|/buy|/store/|sku"),
    re.compile(r"/categor|/tags?/|/collections?|/archive|/search|/listing|/list|/topics?/?$|/authors?/|[?&]page=|/page/|/browse|/c/|/results|/directory"),
)
_TYPE = re.compile(r'"@type"\s*:\s*\[?\s*"([A-Za-z]+)"')
_TYPES = (
    (6, frozenset({"Article", "NewsArticle", "BlogPosting", "TechArticle", "Report", "ScholarlyArticle", "OpinionNewsArticle", "Recipe"})),
    (7, frozenset({"DiscussionForumPosting", "QAPage", "Question", "Answer"})),
    (8, frozenset({"Product", "ProductGroup", "Offer", "AggregateOffer", "SoftwareApplication"})),
    (9, frozenset({"CollectionPage", "ItemList", "SearchResultsPage", "OfferCatalog"})),
)
_FORUM = re.compile(r"discourse|phpbb|vbulletin|xenforo|invision|mybb|smf|flarum|nodebb|vanilla|discuz|bbpress|simple machines|question2answer|phpwind", re.I)
_DOCS = re.compile(r"sphinx|mkdocs|docusaurus|mdbook|hugo|jekyll|gitbook|doxygen|javadoc|rustdoc|vitepress|docfx|mediawiki|asciidoctor|bookdown|quarto|antora", re.I)
_BLOG = re.compile(r"wordpress|blogger|ghost|drupal|joomla|typepad|movable type|medium|substack|wix|squarespace", re.I)


def of_page(tree: Any, url: str | None) -> int:
    """Bits of `NAMES` that hold for a page."""
    bits = 0
    if url:
        bits |= _of_url(url)
    for script in tree.css('script[type="application/ld+json"]'):
        for name in _TYPE.findall(script.text(deep=True)[:20_000]):
            for place, names in _TYPES:
                if name in names:
                    bits |= 1 << place
    for item in tree.css("html[itemtype], body[itemtype], article[itemtype], main[itemtype], div[itemtype]")[:20]:
        name = (item.attributes.get("itemtype") or "").rsplit("/", 1)[-1]
        for place, names in _TYPES:
            if name in names:
                bits |= 1 << place
    kind = tree.css_first('meta[property="og:type"]')
    if kind is not None:
        value = (kind.attributes.get("content") or "").lower()
        bits |= (1 << 10) if "article" in value else (1 << 11) if "product" in value else (1 << 12) if "website" in value else 0
    generator = tree.css_first('meta[name="generator" i]')
    if generator is not None:
        value = generator.attributes.get("content") or ""
        for place, pattern in ((13, _FORUM), (14, _DOCS), (15, _BLOG)):
            if pattern.search(value):
                bits |= 1 << place
    return bits


def _of_url(url: str) -> int:
    try:
        parts = urlsplit(url.lower())
    except ValueError:
        return 0
    address = f"{parts.netloc}{parts.path}?{parts.query}"[:500]
    bits = sum(1 << k for k, pattern in enumerate(_URL) if pattern.search(address))
    return bits | (1 << 5 if parts.path in ("", "/") else 0)
