"""PubMed Central's articles to rows of `documents`: every article is a document, a counted skip or a failure.

Layouts (recipe-facts 7.3): an inventory of the S3 bucket (`….csv.gz`, or its `manifest.json`), whose metadata JSON
lead to one XML per article version; such an XML by itself; legacy tar.gz archives (oa_bulk, oa_package) with a file
list beside them. Cost: the extractor's, some ms an article. Blind spot: an inventory part is read from its beginning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from pipelines.errors import AccessDenied, InputNotFound
from pipelines.sources import pmc_inventory
from pipelines.sources.accounts import Accounts
from pipelines.sources.archives import GZIP_MAGIC, DamagedArchive, TarMember, TruncatedArchive, decoded
from pipelines.sources.pmc_article import Failure, Skip, fill, judge_stated, locator, metadata_json
from pipelines.sources.pmc_listing import (
    Filelist,
    MalformedMetadata,
    Stated,
    filelist_beside,
    from_filelist,
    from_json,
    named,
)
from pipelines.sources.records import (
    DAMAGED_MEMBER,
    EMPTY_CONTAINER,
    MALFORMED_RECORD,
    SKIP_LITTER,
    SKIP_OTHER_FILE,
    TRUNCATED_RECORD,
    UNSAFE_MEMBER,
    ReaderConfig,
    Row,
)
from pipelines.sources.tar_rows import ContainerRows
from pipelines.transport import ContainerRef, open_stream

PMC_FILE = re.compile(r"\.(?:tar|tar\.gz|tgz|nxml|xml)(?:\.gz)?$", re.IGNORECASE)
ARCHIVE = re.compile(r"\.(?:tar|tar\.gz|tgz)$", re.IGNORECASE)
ARTICLE = re.compile(r"\.n?xml$", re.IGNORECASE)
INPUT_TOO_LARGE = "InputTooLarge"
MAX_ARCHIVE_BYTES = 2**40
"""Decoded bytes of one archive; PMC's largest has less than a tenth of it."""
MAX_METADATA_BYTES = 2**20


def is_pmc_file(name: str) -> bool:
    """A file of a folder that this source reads: an archive or an article; an inventory must be named itself."""
    return PMC_FILE.search(name) is not None


def split_pmc(ref: ContainerRef, config: ReaderConfig) -> list[ContainerRef]:
    """The parts of an inventory, whose `start` and `end` are rows; every other file as it is."""
    return pmc_inventory.parts(ref, config) if pmc_inventory.is_inventory(ref.uri) else [ref]


def read_pmc(ref: ContainerRef, config: ReaderConfig) -> Iterator[Row]:
    """The rows of one file: documents and failures in file order, then skips by cause, then the closing row.

    Never raises for what is wrong with the file or the network: that is a row. Raises RecipeError when the file list
    that the options name cannot be read, or the one beside an archive is damaged.
    """
    if pmc_inventory.is_inventory(ref.uri):
        yield from pmc_inventory.read(ref, config)
        return
    reader = _Reader(ref, config)
    rows = reader.archive if ARCHIVE.search(ref.name) else reader.file
    yield from reader.books.read(ref, config.transport, rows)


class _Reader:
    """One file while it is read."""

    def __init__(self, ref: ContainerRef, config: ReaderConfig) -> None:
        self.books = ContainerRows(Accounts("pmc", config.source.category, ref.name))
        self._ref = ref
        self._config = config

    def file(self, stream: BinaryIO) -> Iterator[Row]:
        """A file that is one article, or a set of them."""
        limit = self._config.extraction.max_input_bytes
        xml = decoded(stream, limit + 1).read(limit + 1)
        if not xml:
            yield self.books.failed(EMPTY_CONTAINER, "no byte")
            return
        stated = self._beside()
        place = locator(stated, PurePosixPath(self._ref.name).name)
        yield from self.books.seen(self._articles(xml, stated, place, {}, (0, self._ref.size_bytes)))

    def _articles(
        self, xml: bytes, stated: Stated, place: str, notes: dict[str, str], where: tuple[int | None, int | None]
    ) -> Iterator[Row | None]:
        """The row of the article, or of each of a set; None for one that is skipped and counted.

        What is stated of the file is said of no article of a set.
        """
        from extractors.jats import split

        articles = split(xml)
        for number, article in enumerate(articles, 1):
            is_set = len(articles) > 1
            row = self.books.accounts.row(f"{place}#{number}" if is_set else place)
            row.offset, row.length = where
            own = notes | ({"article_of_set": str(number)} if is_set else {})
            yield row if self._fill(article, Stated() if is_set else stated, row, own) else None

    def _beside(self) -> Stated:
        """The JSON beside an article of the S3 layout, or in its `metadata/` folder, where there is one."""
        stated = named(self._ref.uri)
        if stated.pmcid is None or stated.version is None:
            return stated
        stem = re.sub(r"\.n?xml(?:\.gz)?$", "", self._ref.uri, flags=re.IGNORECASE)
        folder, _, name = stem.rpartition("/")
        for address in (f"{stem}.json", f"{folder.rpartition('/')[0]}/metadata/{name}.json"):
            try:
                with open_stream(address, self._config.transport) as stream:
                    found = from_json(stream.read(MAX_METADATA_BYTES))
            except (InputNotFound, AccessDenied):
                continue
            except MalformedMetadata as error:
                stated.notes["metadata_json"] = str(error)
                return stated
            found.pmcid, found.version = found.pmcid or stated.pmcid, found.version or stated.version
            return found
        return stated

    def archive(self, stream: BinaryIO) -> Iterator[Row]:
        """The members of a tar archive."""
        is_packed = stream.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        stream.seek(0)
        filelist = filelist_beside(self._ref.uri, self._config.source.pmc.filelist, self._config.transport)
        yield from self.books.members(
            decoded(stream, MAX_ARCHIVE_BYTES), lambda member: self._member(member, filelist, is_packed)
        )

    def _member(self, member: TarMember, rows: Filelist, is_packed: bool) -> Iterator[Row | None]:
        """The rows of one member; None for an article that is skipped and counted."""
        stated = from_filelist(rows, member.name, "/".join(self._ref.uri.split("/")[-4:]))
        own = named(member.name)
        stated.pmcid, stated.version = stated.pmcid or own.pmcid, stated.version or own.version
        place = self.books.locator(locator(stated, member.name), member)
        where = (None, None) if is_packed else (member.data_offset, member.size_bytes)
        notes = {"member": member.name, "tar_offset": str(member.offset)}
        try:
            xml = self._read(member)
        except Skip as skip:
            self.books.accounts.skip(*skip.args)
            yield None
        except Failure as failure:
            row = self.books.accounts.failed(place, *failure.args)
            row.offset, row.length = where
            row.metadata = metadata_json(notes)
            yield row
        else:
            yield from self._articles(xml, stated, place, notes, where)

    def _read(self, member: TarMember) -> bytes:
        """The XML of a member; raises Skip, Failure, and whatever the stream raises."""
        if member.litter:
            raise Skip(SKIP_LITTER, member.name.rpartition("/")[2])
        if member.unsafe:
            raise Failure(UNSAFE_MEMBER, f"{member.name!r} leads out of the archive")
        if member.kind != "file":
            raise Failure(MALFORMED_RECORD, f"{member.name!r} is no file ({member.kind})")
        if not ARTICLE.search(member.name):
            raise Skip(SKIP_OTHER_FILE, PurePosixPath(member.name).suffix.lower() or "none")
        limit = self._config.extraction.max_input_bytes
        if member.size_bytes > limit:
            raise Failure(INPUT_TOO_LARGE, f"{member.size_bytes} bytes, limit {limit}")
        try:
            return member.read(limit)
        except TruncatedArchive as error:
            raise Failure(TRUNCATED_RECORD, str(error)) from error
        except DamagedArchive as error:
            raise Failure(DAMAGED_MEMBER, str(error)) from error

    def _fill(self, xml: bytes, stated: Stated, row: Row, notes: dict[str, str]) -> bool:
        """Whether the row stands; False when the article is skipped and counted."""
        try:
            judge_stated(stated, self._config)
            fill(xml, stated, row, notes, self._config)
        except Skip as skip:
            self.books.accounts.skip(*skip.args)
            return False
        except Failure as failure:
            row.error, row.error_detail = failure.args
        row.metadata = metadata_json(notes)
        return True
