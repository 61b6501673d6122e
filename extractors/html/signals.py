"""What a page says of its own kind: address, structured data, Open Graph type, generator."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from extractors.html.metadata import Metadata
from extractors.html.page import PRE, Page

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
FORUM = sum(1 << NAMES.index(name) for name in ("url_forum", "type_forum", "generator_forum"))
"""Any sign of a thread."""
_URL = (
    re.compile(
        r"forum|thread|topic|viewtopic|showthread|/t/|/questions?/|discuss|community|answers|bbs\b|board|/comments/|\bask\b|/d/\d"
    ),
    re.compile(
        r"docs?[./]|/documentation|/manual|/reference|/guide|/tutorial|/api/|wiki|/learn|readthedocs|/book/|/help|/support|/kb/|developer"
    ),
    re.compile(
        r"/20\d\d/\d|/20\d\d-\d\d|/blog|/news|/article|/story|/post/|/p/\d|-\d{5,}|/stories/|/magazine|[a-z]+(?:-[a-z0-9]+){4,}"
    ),
    re.compile(r"/products?/|/dp/|/item/|/shop/|/p/[a-z]|/buy|/store/|sku"),
    re.compile(
        r"/categor|/tags?/|/collections?|/archive|/search|/listing|/list|/topics?/?$|/authors?/|[?&]page=|/page/|/browse|/c/|/results|/directory"
    ),
)
_TYPES = (
    (
        6,
        frozenset(
            {
                "Article",
                "NewsArticle",
                "BlogPosting",
                "TechArticle",
                "Report",
                "ScholarlyArticle",
                "OpinionNewsArticle",
                "Recipe",
            }
        ),
    ),
    (7, frozenset({"DiscussionForumPosting", "QAPage", "Question", "Answer"})),
    (8, frozenset({"Product", "ProductGroup", "Offer", "AggregateOffer", "SoftwareApplication"})),
    (9, frozenset({"CollectionPage", "ItemList", "SearchResultsPage", "OfferCatalog"})),
)
_GENERATORS = (
    (
        13,
        re.compile(
            r"discourse|phpbb|vbulletin|xenforo|invision|mybb|smf|"
            r"flarum|nodebb|vanilla|discuz|bbpress|simple machines|question2answer|phpwind",
            re.I,
        ),
    ),
    (
        14,
        re.compile(
            r"sphinx|mkdocs|docusaurus|mdbook|hugo|jekyll|gitbook|doxygen|javadoc|rustdoc|vitepress|docfx|mediawiki|asciidoctor|bookdown|quarto|antora",
            re.I,
        ),
    ),
    (
        15,
        re.compile(r"wordpress|blogger|ghost|drupal|joomla|typepad|movable type|medium|substack|wix|squarespace", re.I),
    ),
)


def of_page(found: Metadata, url: str | None) -> int:
    """Bits of `NAMES` that hold for a page."""
    bits = _of_url(url) if url else 0
    types = set(found.types)
    for place, names in _TYPES:
        if types & names:
            bits |= 1 << place
    kind = found.meta.get("og:type", "").lower()
    for place, name in ((10, "article"), (11, "product"), (12, "website")):
        if name in kind:
            bits |= 1 << place
    generator = found.meta.get("generator", "")
    for place, pattern in _GENERATORS:
        if generator and pattern.search(generator):
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


MIN_CODE = 5
"""Code blocks of a page that is documentation by them alone, inclusive."""


def kind_of(page: Page) -> str:
    """article, forum, documentation, product, listing or page."""
    holds = {name for k, name in enumerate(NAMES) if page.signals >> k & 1}
    if holds & {"type_forum", "generator_forum"} or ("url_forum" in holds and page.num_posts() >= 2):
        return "forum"
    if (
        "generator_docs" in holds
        or ("url_docs" in holds and "type_article" not in holds)
        or page.kind.count(PRE) >= MIN_CODE
    ):
        return "documentation"
    if holds & {"type_product", "og_product"} and not holds & {"type_article", "og_article"}:
        return "product"
    if holds & {"type_article", "og_article", "url_article"}:
        return "article"
    return "listing" if holds & {"type_listing", "url_listing", "url_root"} else "page"
