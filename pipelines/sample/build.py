"""Writes the bundled sample: a small made-up web as Common Crawl would hold it, benchmarks, other categories.

About a second; the same bytes each time. What each page is to become is in `expected.jsonl`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from pipelines.sample import faults, warc
from pipelines.sample.dumps import build_dumps
from pipelines.sample.render import Rendered, render_page
from pipelines.sample.source import Page, Site, files_of, load_sites, read_documents, root
from pipelines.sample.warc import CRAWL, Response

NUM_WARCS = 4
"""The last one also holds the records that are broken."""
_SEGMENT = f"crawl-data/{CRAWL}/segments/1731240000000.07"
_STAMP = f"{CRAWL}-20241110120000-20241110150000"
CATEGORIES = ("synthetic", "web_rewrites", "code", "acquired")
"""Folders of ready-made documents, by their category."""


@dataclass(frozen=True)
class SampleFiles:
    """Where `build_sample` put everything."""

    folder: Path
    warcs: tuple[Path, ...]
    listing: Path
    """`warc.paths.gz`: the WARC files' paths relative to `folder`."""
    wet: Path
    wet_listing: Path
    benchmarks: Path
    """Folder of JSONL files."""
    records: dict[str, Path]
    """Category → folder of JSONL files."""
    dumps: dict[str, Path]
    """Id of a source → its dump."""
    expected: Path
    """JSONL: url, expect, and what the page is."""


def build_sample(folder: Path) -> SampleFiles:
    """Write the sample under `folder`, which is made where it is not there; files there of the same name are replaced.

    Raises ValueError that names the source file where a source is wrong.
    """
    pages = rendered_pages()
    shares = _shares(pages)
    warcs = tuple(_write_warc(folder, number, share) for number, share in enumerate(shares))
    listing = _write(
        folder / f"crawl-data/{CRAWL}/warc.paths.gz", _gzip_lines(str(p.relative_to(folder)) for p in warcs)
    )
    wet = _write_wet(folder, shares[0])
    wet_listing = _write(folder / f"crawl-data/{CRAWL}/wet.paths.gz", _gzip_lines([str(wet.relative_to(folder))]))
    for file in files_of(root() / "benchmarks", ".jsonl"):
        _write(folder / "benchmarks" / file.name, file.read_bytes())
    records = {category: _write_records(folder, category) for category in CATEGORIES}
    expected = _write(folder / "expected.jsonl", "".join(_json_line(row) for row in _expected(pages)).encode())
    dumps = build_dumps(folder / "dumps")
    return SampleFiles(folder, warcs, listing, wet, wet_listing, folder / "benchmarks", records, dumps, expected)


def rendered_pages() -> list[Rendered]:
    """All pages of the made-up web, in the order of their sources."""
    sites = load_sites()
    by_host = {site.host: site for site, _ in sites}
    pages = [(site, host, page) for site, found in sites for host, page in found]
    siblings: dict[str, list[Page]] = {}
    for _, host, page in pages:
        siblings.setdefault(host, []).append(page)
    return [_rendered(by_host.get(host, site), host, page, siblings) for site, host, page in pages]


def _rendered(site: Site, host: str, page: Page, siblings: dict[str, list[Page]]) -> Rendered:
    return render_page(site, host, page, siblings.get(site.host, []))


def documents_of(category: str) -> Iterator[dict[str, Any]]:
    """The ready-made documents of a category: id, text, title, url, date, license, language, and what else they say."""
    for file in files_of(root() / category, ".md", ".txt"):
        for fields, text in read_documents(file.read_text(encoding="utf-8")):
            row = {
                "id": None,
                "text": text,
                "title": None,
                "url": None,
                "date": None,
                "license": "CC0-1.0",
                "language": "en",
            }
            row |= fields
            row["date"] = str(row["date"]) if row["date"] else None
            if not row["id"]:
                raise ValueError(f"{category}/{file.name}: a document without id: {text[:60]!r}")
            yield row


def _shares(pages: list[Rendered]) -> list[list[Rendered]]:
    """Pages by WARC file: mixed by a digest of the URL, as a crawl mixes its hosts."""
    ordered = sorted(pages, key=lambda page: hashlib.sha1(page.url.encode()).digest())
    return [ordered[number::NUM_WARCS] for number in range(NUM_WARCS)]


def _write_warc(folder: Path, number: int, pages: list[Rendered]) -> Path:
    name = f"{_STAMP}-{number:05}.warc.gz"
    members = [warc.member(warc.warcinfo(name))]
    members += [
        warc.capture(Response(page.url, page.body, page.content_type), name, page.charset, page.language)
        for page in pages
    ]
    if number == NUM_WARCS - 1:
        members = _with_faults(members, name)
    return _write(folder / _SEGMENT / "warc" / name, b"".join(members))


def _with_faults(members: list[bytes], name: str) -> list[bytes]:
    """The faults strewn in over the second half, the cut-off record at the end."""
    found = [fault.data for fault in faults.faults(name)]
    start = len(members) // 2
    out = members[:start]
    for at, data in enumerate(members[start:]):
        out += [data, *found[at :: len(members) - start]]
    return [*out, faults.broken_tail(name).data]


def _write_wet(folder: Path, pages: list[Rendered]) -> Path:
    name = f"{_STAMP}-00000.warc.wet.gz"
    members = [warc.member(warc.warcinfo(name, "text"))]
    for page in pages:
        text = plain_text(page.body.decode(page.charset))
        members.append(warc.member(warc.conversion_record(page.url, text, name, page.language)))
    return _write(folder / _SEGMENT / "wet" / name, b"".join(members))


def _write_records(folder: Path, category: str) -> Path:
    data = "".join(_json_line(row) for row in documents_of(category)).encode()
    return _write(folder / category / f"{category}-00000.jsonl.gz", gzip.compress(data, mtime=0)).parent


def _expected(pages: list[Rendered]) -> Iterator[dict[str, Any]]:
    for rendered in pages:
        page = rendered.page
        yield {
            "url": rendered.url,
            "expect": page.expect,
            "duplicate_of": page.duplicate_of or None,
            "title": page.title,
            "language": rendered.language,
            "charset": rendered.charset,
        }
    for fault in [*faults.faults(""), faults.broken_tail("")]:
        yield {"url": fault.url, "expect": fault.expect, "fault": fault.name}


class _Text(HTMLParser):
    """Visible text of a page, roughly as in Common Crawl's WET files: a line for each block."""

    _HIDDEN = frozenset({"script", "style", "noscript", "head", "template"})
    _INLINE = ("a", "span", "b", "i", "em", "strong", "code", "sup", "sub", "font", "img", "small", "time", "input")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as called
        self._hidden += tag in self._HIDDEN
        if tag not in self._INLINE:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self._HIDDEN
        if tag not in self._INLINE:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def plain_text(html: str) -> str:
    """All visible text, furniture included, one line a block."""
    parser = _Text()
    parser.feed(html)
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line) + "\n"


def _json_line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _gzip_lines(lines: Iterable[str]) -> bytes:
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
