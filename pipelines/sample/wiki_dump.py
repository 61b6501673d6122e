"""The demo's wiki dumps: a multistream dump of an English edition, and a German one in UTF-16, both made up.

Laid out as Wikimedia does (`<wiki>-<date>-pages-articles-multistream.xml.bz2`, schema 0.11). Beside the articles
there is one page of each kind that is passed over, and one that is broken. The bytes are the same each time.
"""

from __future__ import annotations

import bz2
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from xml.sax.saxutils import escape

DATE = "20240501"
ENGLISH = ("Tide mill", "Insertion sort", "Lantern fish", "Mercury")
"""Titles whose wikitext lies in `wikipedia/`."""


@dataclass(frozen=True)
class Page:
    """One page of a dump."""

    title: str
    text: str
    namespace: int = 0
    model: str = "wikitext"
    redirect: str | None = None


def build_wikipedia(folder: Path) -> None:
    """Write the dumps into `folder`, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    english = [Page(title, _wikitext(title)) for title in ENGLISH]
    others = [
        Page("Sea mill", "#REDIRECT [[Tide mill]]", redirect="Tide mill"),
        Page("Template:Mills", "{{navbox|list1=[[Tide mill]]}}", namespace=10),
        Page("Talk:Tide mill", "How many are left? ~~~~", namespace=1),
        Page("Ponds.json", '{"ponds": 3}', model="json"),
        Page("Blank", ""),
    ]
    streams = [_head("enwiki", "en"), _pages(english[:2], 10), _pages([*english[2:], *others[:2]], 20)]
    last = _pages(others[2:], 30) + _pages([Page("Broken", "cut")], 40).replace("</title>", "", 1)
    packed = [bz2.compress(stream.encode()) for stream in (*streams, last, "</mediawiki>\n")]
    (folder / f"enwiki-{DATE}-pages-articles-multistream.xml.bz2").write_bytes(b"".join(packed))
    german = _head("dewiki", "de") + _pages([Page("Grenzstein", _wikitext("Grenzstein"))], 50) + "</mediawiki>\n"
    (folder / f"dewiki-{DATE}-pages-articles.xml.bz2").write_bytes(
        bz2.compress(b"\xff\xfe" + german.encode("utf-16-le"))
    )


def _wikitext(title: str) -> str:
    name = title.lower().replace(" ", "_") + ".txt"
    return resources.files("pipelines.sample").joinpath("wikipedia", name).read_text(encoding="utf-8")


def _head(database: str, language: str) -> str:
    file, template = ("Datei", "Vorlage") if language == "de" else ("File", "Template")
    return (
        f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="{language}">\n'
        f"  <siteinfo>\n    <sitename>Wikipedia</sitename>\n    <dbname>{database}</dbname>\n"
        f"    <base>https://{language}.wikipedia.org/wiki/Sample</base>\n    <namespaces>\n"
        '      <namespace key="0" case="first-letter" />\n'
        f'      <namespace key="6" case="first-letter">{file}</namespace>\n'
        f'      <namespace key="10" case="first-letter">{template}</namespace>\n    </namespaces>\n  </siteinfo>\n'
    )


def _pages(pages: list[Page], first_id: int) -> str:
    return "".join(_page(page, number) for number, page in enumerate(pages, first_id))


def _page(page: Page, number: int) -> str:
    redirect = f'    <redirect title="{escape(page.redirect)}" />\n' if page.redirect else ""
    date = f"2024-04-{number % 28 + 1:02}T08:00:00Z"
    return (
        f"  <page>\n    <title>{escape(page.title)}</title>\n    <ns>{page.namespace}</ns>\n    <id>{number}</id>\n"
        f"{redirect}    <revision>\n      <id>{number + 9000}</id>\n      <timestamp>{date}</timestamp>"
        f"\n      <model>{page.model}</model>\n      <format>text/x-wiki</format>\n"
        f'      <text xml:space="preserve">{escape(page.text)}</text>\n    </revision>\n  </page>\n'
    )
