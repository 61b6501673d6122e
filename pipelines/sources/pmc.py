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

from pipelines.errors import AccessDenied, InputNotFound, TransportError
from pipelines.sources import pmc_inventory
from pipelines.sources.accounts import Accounts
from pipelines.sources.archives import ArchiveError, DamagedArchive, TarDamage, TarMember, decoded, is_tar, tar_members
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
    NOT_AN_ARCHIVE,
    SKIP_LITTER,
    SKIP_OTHER_FILE,
    TRANSPORT_ERROR,
    TRUNCATED_RECORD,
    UNREADABLE_CONTAINER,
    UNSAFE_MEMBER,
    ReaderConfig,
    Row,
)
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
    that the options name cannot be read.
    """
    if pmc_inventory.is_inventory(ref.uri):
        yield from pmc_inventory.read(ref, config)
        return
    reader = _Reader(ref, config)
    try:
        with open_stream(ref.uri, config.transport) as stream:
            yield from reader.archive(stream) if ARCHIVE.search(ref.uri) else reader.article(stream)
    except ArchiveError as error:
        if not reader.is_cut:
            yield reader.broken(TRUNCATED_RECORD if "end" in str(error) else DAMAGED_MEMBER, error)
    except (InputNotFound, AccessDenied, OSError) as error:
        yield reader.broken(UNREADABLE_CONTAINER, error)
    except TransportError as error:
        yield reader.broken(TRANSPORT_ERROR, error)
    yield from reader.accounts.close(reader.num_seen)


class _Reader:
    """The accounts of one file while it is read."""

    def __init__(self, ref: ContainerRef, config: ReaderConfig) -> None:
        self.accounts = Accounts("pmc", config.source.category, ref.name)
        self.num_seen = 0
        self.is_cut = False
        """The archive ended inside a member, whose row says so."""
        self._ref = ref
        self._config = config
        self._seen: set[str] = set()
        self._num_members = 0

    def broken(self, error: str, cause: Exception) -> Row:
        self.num_seen += 1
        return self.accounts.failed("container", error, str(cause))

    def article(self, stream: BinaryIO) -> Iterator[Row]:
        """A file that is one article."""
        stated = self._beside()
        row = self.accounts.row(locator(stated, PurePosixPath(self._ref.name).name))
        limit = self._config.extraction.max_input_bytes
        plain = decoded(stream, limit + 1)
        xml = plain.read(limit + 1)
        if not xml:
            yield self.broken(EMPTY_CONTAINER, ValueError("no byte"))
            return
        self.num_seen += 1
        row.offset, row.length = 0, self._ref.size_bytes
        if self._fill(xml, stated, row, {}):
            yield row

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
        plain = decoded(stream, MAX_ARCHIVE_BYTES)
        head = plain.peek(512)
        if head and not is_tar(head[:512]) and head[:512].strip(b"\0"):
            self.num_seen += 1
            yield self.accounts.failed("container", NOT_AN_ARCHIVE, "no tar header at its beginning")
            return
        transport = self._config.transport
        rows = filelist_beside(self._ref.uri, self._config.source.pmc.filelist, transport)
        is_packed = self._ref.uri.lower().endswith("gz")
        for found in tar_members(plain):
            if isinstance(found, TarDamage):
                if found.cause != "no_end" or self._num_members:
                    yield self._damage(found)
            elif found.kind != "folder":
                self._num_members += 1
                self.num_seen += 1
                row = self._member(found, rows, is_packed)
                if row is not None:
                    yield row
        if not self.num_seen:
            self.num_seen = 1
            yield self.accounts.failed("container", EMPTY_CONTAINER, "no member and nothing else")

    def _damage(self, damage: TarDamage) -> Row:
        self.num_seen += 1
        error = TRUNCATED_RECORD if damage.cause == "no_end" else MALFORMED_RECORD
        return self.accounts.failed(f"@{damage.offset}", error, damage.detail)

    def _member(self, member: TarMember, rows: Filelist, is_packed: bool) -> Row | None:
        """The row of one member; None when it is skipped and counted."""
        stated = from_filelist(rows, member.name, "/".join(self._ref.uri.split("/")[-4:]))
        own = named(member.name)
        stated.pmcid, stated.version = stated.pmcid or own.pmcid, stated.version or own.version
        row = self.accounts.row(self._once(locator(stated, member.name), member))
        if not is_packed:
            row.offset, row.length = member.data_offset, member.size_bytes
        notes = {"member": member.name, "tar_offset": str(member.offset)}
        try:
            xml = self._read(member)
        except Skip as skip:
            self.accounts.skip(*skip.args)
            return None
        except Failure as failure:
            row.error, row.error_detail = failure.args
            row.metadata = metadata_json(notes)
            return row
        return row if self._fill(xml, stated, row, notes) else None

    def _once(self, place: str, member: TarMember) -> str:
        """The locator; for a second article of that name in one archive with its place."""
        if place in self._seen:
            return f"{place}@{member.offset}"
        self._seen.add(place)
        return place

    def _read(self, member: TarMember) -> bytes:
        """The XML of a member; raises Skip, Failure, and DamagedArchive when the archive ends in it."""
        if member.litter:
            raise Skip(SKIP_LITTER, member.name.rpartition("/")[2])
        if member.unsafe:
            raise Failure(UNSAFE_MEMBER, f"{member.name!r} leads out of the archive")
        if member.kind != "file":
            raise Failure(MALFORMED_RECORD, f"{member.name!r} is a {member.kind}, not a file")
        if not ARTICLE.search(member.name):
            raise Skip(SKIP_OTHER_FILE, PurePosixPath(member.name).suffix.lower() or "none")
        limit = self._config.extraction.max_input_bytes
        if member.size_bytes > limit:
            raise Failure(INPUT_TOO_LARGE, f"{member.size_bytes} bytes, limit {limit}")
        try:
            return member.read(limit)
        except DamagedArchive as error:
            self.is_cut = True
            raise Failure(TRUNCATED_RECORD, str(error)) from error

    def _fill(self, xml: bytes, stated: Stated, row: Row, notes: dict[str, str]) -> bool:
        """Whether the row stands; False when the article is skipped and counted."""
        try:
            judge_stated(stated, self._config)
            fill(xml, stated, row, notes, self._config)
        except Skip as skip:
            self.accounts.skip(*skip.args)
            return False
        except Failure as failure:
            row.error, row.error_detail = failure.args
        row.metadata = metadata_json(notes)
        return True
