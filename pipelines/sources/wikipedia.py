"""Wikipedia's `pages-articles` dumps (XML; plain, gzip, bz2, multistream) to rows of `documents`, one a page.

Layout: Wikimedia's XML dumps, any edition; what the edition calls things is in the dump's `<siteinfo>`. A bz2 dump
splits at fixed places, whatever streams lie there: a task reads the streams, and in them the pages, that begin in its
part. Cost: the extractor's, some 5 ms an article, and bz2's. Blind spot: a dump that is one bz2 stream does not
split, nor does one in gzip or plain XML; 7z dumps are not read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO
from urllib.parse import quote, urlsplit

from extractors.guard import Limits
from extractors.wiki import Options, extract
from extractors.wiki.extraction import CATEGORY_SEPARATOR
from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.sources.accounts import Accounts
from pipelines.sources.records import (
    DAMAGED_MEMBER,
    EMPTY_CONTAINER,
    MALFORMED_RECORD,
    NOT_AN_ARCHIVE,
    SKIP_CONTENT_MODEL,
    SKIP_DISAMBIGUATION,
    SKIP_EMPTY_PAYLOAD,
    SKIP_NAMESPACE,
    SKIP_NO_TEXT,
    SKIP_REDIRECT,
    TRANSPORT_ERROR,
    TRUNCATED_RECORD,
    UNREADABLE_CONTAINER,
    ReaderConfig,
    Row,
)
from pipelines.sources.wiki_pages import HEAD_BYTES, DumpPage, PageSplitter, RawPage, Site, parse_page, parse_site
from pipelines.sources.wiki_streams import Damage, Piece, as_utf8, find_stream, is_bz2, pieces, utf16_codec
from pipelines.transport import ContainerRef, open_stream

DUMP_FILE = re.compile(r"\.xml(-p\d+p\d+[\w-]*)?(\.(bz2|gz))?$", re.IGNORECASE)
OTHER_DUMP = re.compile(
    r"(^|-)(stub|abstract|pages-logging|pages-meta-history|siteinfo|langlinks|index)", re.IGNORECASE
)
DATABASE = re.compile(r"^([a-z][a-z_]{1,20})wiki(?=-|$)")
MEDIA_TYPE = "text/x-wiki"
INPUT_TOO_LARGE = "InputTooLarge"
XML_ALLOWANCE_BYTES = 2**20
_LANGUAGES = {"simple": "en", "no": "nb", "be_x_old": "be-tarask", "als": "gsw", "bat_smg": "sgs", "fiu_vro": "vro"}
"""Languages of editions whose code is not theirs."""


@dataclass(frozen=True, slots=True)
class Wiki:
    """The edition a dump is of."""

    database: str
    language: str
    address: str
    """What a title comes after in the URL of its page."""
    namespaces: tuple[tuple[str, int], ...]


def is_wikipedia_file(name: str) -> bool:
    """A file of a folder that may be a dump of pages with their text."""
    return DUMP_FILE.search(name) is not None and OTHER_DUMP.search(name) is None


def split_wikipedia(ref: ContainerRef, config: ReaderConfig) -> list[ContainerRef]:
    """Parts of a bz2 dump of fixed size; any other file, and one whose size is not known, is one part."""
    step = config.source.wikipedia.split_bytes
    size = ref.size_bytes
    if not ref.name.lower().endswith(".bz2") or size is None or size <= step:
        return [ref]
    return [replace(ref, start=start, end=min(start + step, size)) for start in range(0, size, step)]


def read_wikipedia(ref: ContainerRef, config: ReaderConfig) -> Iterator[Row]:
    """The rows of one dump or of its part: documents and failures in file order, skips by cause, the closing row.

    Never raises for what is wrong with the file or the network: that is a row.
    """
    reader = _Reader(ref, config)
    try:
        with open_stream(ref.uri, config.transport) as stream:
            yield from reader.rows(stream)
    except TransportError as error:
        code = UNREADABLE_CONTAINER if isinstance(error, AccessDenied) else TRANSPORT_ERROR
        yield reader.container_failure(code, str(error))
    except (InputNotFound, OSError) as error:
        yield reader.container_failure(UNREADABLE_CONTAINER, str(error))
    yield from reader.accounts.close(reader.num_seen)


class _Reader:
    """The state of reading one part of one dump."""

    def __init__(self, ref: ContainerRef, config: ReaderConfig) -> None:
        self.ref = ref
        self.config = config
        self.accounts = Accounts("wikipedia", config.source.category, ref.name, ref.start)
        self.num_seen = 0
        self.wiki = wiki_of(ref.name, Site())
        self._stream, self._last_id = -1, -1

    def container_failure(self, code: str, detail: str) -> Row:
        self.num_seen += 1
        return self.accounts.failed(f"container@{self.ref.start}" if self.ref.start else "container", code, detail)

    def rows(self, stream: BinaryIO) -> Iterator[Row]:
        start, end = self.ref.start, self.ref.end
        if start and (not is_bz2(stream.read(4)) or find_stream(stream, start, end) is None):
            return  # nothing begins here; what there is, is another part's
        head, is_whole = _head(stream)
        codec = utf16_codec(head)
        if codec and start:
            return  # read as one, by the first part
        self.wiki = wiki_of(self.ref.name, parse_site(head.decode(codec or "utf-8", "replace")))
        events = pieces(stream, start, None if codec else end)
        splitter = PageSplitter(self.config.extraction.max_input_bytes + XML_ALLOWANCE_BYTES)
        for found in splitter.split(as_utf8(events, codec) if codec else events):
            self.num_seen += 1
            row = self._damage(found) if isinstance(found, Damage) else self._page(found)
            if row is not None:
                yield row
        yield from self._end(head.replace(b"\0", b""), is_whole, splitter)

    def _end(self, head: bytes, is_whole: bool, splitter: PageSplitter) -> Iterator[Row]:
        """What is wrong with the file as a whole, by its head: the same whatever part is read."""
        if self.ref.start == 0 and is_whole and not head.strip():
            yield self.container_failure(EMPTY_CONTAINER, "no byte but padding")
        elif self.ref.start == 0 and is_whole and b"mediawiki" not in head and b"<page" not in head:
            yield self.container_failure(NOT_AN_ARCHIVE, "neither <mediawiki> nor <page> in it")
        elif splitter.is_cut_off and b"<mediawiki" in head:
            self.num_seen += 1
            yield self.accounts.failed("end", TRUNCATED_RECORD, "the dump ends without </mediawiki>: pages are missing")

    def _damage(self, damage: Damage) -> Row:
        row = self.accounts.failed(f"stream {damage.stream}", DAMAGED_MEMBER, damage.detail)
        row.offset = damage.stream
        return row

    def _page(self, raw: RawPage) -> Row | None:
        """The row of a page; None when it is skipped and counted."""
        if raw.problem and raw.problem != "long":
            return self._failed(raw, TRUNCATED_RECORD, raw.problem)
        if raw.problem:
            return self._failed(raw, INPUT_TOO_LARGE, f"a page of {raw.length} bytes")
        try:
            page = parse_page(raw.data)
        except ValueError as error:
            return self._failed(raw, MALFORMED_RECORD, str(error))
        skip = self._reason_to_skip(page)
        if skip is not None:
            self.accounts.skip(*skip)
            self._locator(raw, page)
            return None
        return self._document(raw, page)

    def _failed(self, raw: RawPage, code: str, detail: str) -> Row:
        row = self.accounts.failed(f"{raw.stream}+{raw.offset}", code, detail)
        row.offset = raw.stream or raw.offset
        title = re.search(rb"<title>([^<]{1,300})</title>", raw.data[:4096])
        row.title = title[1].decode("utf-8", "replace") if title else None
        row.metadata = _notes({"page_offset": raw.offset, "wiki": self.wiki.database})
        return row

    def _reason_to_skip(self, page: DumpPage) -> tuple[str, str] | None:
        options = self.config.source.wikipedia
        namespace = page.namespace if page.namespace is not None else self._namespace(page.title)
        if namespace not in options.namespaces:
            return SKIP_NAMESPACE, str(namespace)
        if page.model != "wikitext":
            return SKIP_CONTENT_MODEL, page.model
        if page.redirect is not None:
            return SKIP_REDIRECT, ""
        if not page.text.strip():
            return SKIP_EMPTY_PAYLOAD, page.model
        return None

    def _namespace(self, title: str) -> int:
        """Of dumps before schema 0.6, which do not state it."""
        prefix, colon, _ = title.partition(":")
        return dict(self.wiki.namespaces).get(prefix.lower(), 0) if colon else 0

    def _locator(self, raw: RawPage, page: DumpPage) -> str:
        """Wiki and page id, and the stream where a file has several: each task sees only its own, and the page may be
        in another one too. In a stream whose ids do not rise, the page's place as well: its id may have come before.
        """
        assert page.page_id is not None
        if raw.stream != self._stream:
            self._stream, self._last_id = raw.stream, -1
        is_new = page.page_id > self._last_id
        self._last_id = max(self._last_id, page.page_id)
        place = "" if is_new else f"+{raw.offset}"
        return f"{self.wiki.database}:{page.page_id}" + (f"@{raw.stream}{place}" if raw.stream or place else "")

    def _document(self, raw: RawPage, page: DumpPage) -> Row | None:
        options = self.config.source.wikipedia
        found = extract(page.text, title=page.title, options=self._options())
        locator = self._locator(raw, page)
        if found.kind == "redirect":
            self.accounts.skip(SKIP_REDIRECT, "")
            return None
        if found.kind == "disambiguation" and not options.keep_disambiguation:
            self.accounts.skip(SKIP_DISAMBIGUATION, "")
            return None
        row = self.accounts.row(locator)
        self._describe(row, raw, page, found.metadata.get("categories", ""), found.kind == "disambiguation")
        if found.error is not None:
            row.error, row.error_detail = found.error.code, str(found.error)
        elif found.text:
            row.text = found.text
        else:
            row.skip_reason, row.skip_value = SKIP_NO_TEXT, found.kind
        return row

    def _options(self) -> Options:
        extraction = self.config.extraction
        return Options(
            language=self.wiki.language,
            namespaces=self.wiki.namespaces,
            captions=self.config.source.wikipedia.captions,
            limits=Limits(time_s=extraction.time_limit_s, input_bytes=extraction.max_input_bytes),
        )

    def _describe(self, row: Row, raw: RawPage, page: DumpPage, categories: str, is_disambiguation: bool) -> None:
        row.url = self.wiki.address + quote(page.title.replace(" ", "_"), safe="/:@!$()*,;~-._'")
        row.title, row.date, row.media_type = page.title, page.timestamp, MEDIA_TYPE
        row.license = self.config.source.wikipedia.license
        row.offset = raw.stream
        row.metadata = _notes(
            {
                "page_id": page.page_id,
                "revision_id": page.revision_id,
                "page_offset": raw.offset,
                "page_length": raw.length,
                "wiki": self.wiki.database,
                "language": self.wiki.language,
                "categories": categories.split(CATEGORY_SEPARATOR) if categories else [],
                "is_disambiguation": is_disambiguation,
            }
        )


def _notes(notes: dict[str, object]) -> str:
    return json.dumps(notes, ensure_ascii=False, sort_keys=True)


def _head(stream: BinaryIO) -> tuple[bytes, bool]:
    """The first decoded bytes of the file, up to its first page, and whether they are undamaged."""
    head = b""
    for event in pieces(stream):
        if not isinstance(event, Piece):
            return head[:HEAD_BYTES], False
        head += event.data
        if len(head) >= HEAD_BYTES or b"<page>" in head:
            break
    return head[:HEAD_BYTES], True


def wiki_of(name: str, site: Site) -> Wiki:
    """The edition: as the file's name says where that names another Wikipedia than `<siteinfo>`, else as that says."""
    base = name.rpartition("/")[2]
    named = DATABASE.match(base)
    stated = DATABASE.fullmatch(site.database or "")
    trusted = not (named and stated and named[0] != stated[0])
    database = site.database if trusted and site.database else named[0] if named else "wiki"
    code = DATABASE.fullmatch(database)
    edition = code[1] if code else None
    if trusted and site.base_url:
        address = site.base_url.rpartition("/")[0] + "/"
    else:
        address = f"https://{(edition or 'www').replace('_', '-')}.wikipedia.org/wiki/"
    language = site.language if trusted and site.language else None
    if language is None and edition:
        language = _LANGUAGES.get(edition, edition.replace("_", "-"))
    if urlsplit(address).scheme not in ("http", "https"):
        address = f"https:{address}" if address.startswith("//") else address
    return Wiki(database, language or "en", address, tuple(site.namespaces.items()) if trusted else ())
