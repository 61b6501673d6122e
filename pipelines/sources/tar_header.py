"""One header of a tar archive, and what the extended headers before it say: pax records, GNU long names.

`tarfile.TarInfo` parses the block. Nothing is believed that could not be: a header with an absurd size is no header.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

BLOCK_BYTES = 512
MAX_MEMBER_BYTES = 2**43
"""Size of a member that is believed, inclusive: 8 TiB, over which every file system can seek."""
MAX_EXTENDED_BYTES = 2**20
"""Longest extended header (long name, pax records) that is believed, inclusive."""
MAX_DIGITS = 20
"""Of a number in a pax record, inclusive; a longer one is above every limit."""
KEYS = frozenset({"path", "linkpath", "size"})
EXTENDED_TYPES = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE)

Kind = Literal["file", "folder", "link", "other"]


def padded(size_bytes: int) -> int:
    """Bytes of the blocks that so many bytes fill."""
    return -(-size_bytes // BLOCK_BYTES) * BLOCK_BYTES


def parse(block: bytes) -> tarfile.TarInfo | str | None:
    """The header that a block is; None for an end mark; a text for why it is neither."""
    if not block.strip(b"\0"):
        return None
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        return f"no tar header: {error}"
    return info if info.size >= 0 else "no tar header: negative size"


@dataclass(slots=True)
class Extended:
    """What the extended headers before a member's own say of it."""

    offset: int | None = None
    """Where the first of them begins, or the member's own header."""
    values: dict[str, str] = field(default_factory=dict)
    """Of KEYS; what else is said is not held, however much it is."""
    is_sparse: bool = False

    def begun(self, offset: int) -> Extended:
        """The same, with the place where it begins if nothing stood before."""
        self.offset = offset if self.offset is None else self.offset
        return self

    def add(self, info: tarfile.TarInfo, data: bytes) -> None:
        """Take in an extended header."""
        if info.type == tarfile.XHDTYPE:
            for key, value in _pax_records(data):
                self.is_sparse |= key.startswith("GNU.sparse.")
                if key in KEYS:
                    self.values[key] = value
        elif info.type != tarfile.XGLTYPE:  # a global header holds a commit's name and the like
            key = "path" if info.type == tarfile.GNUTYPE_LONGNAME else "linkpath"
            self.values[key] = _text(data.rstrip(b"\0"))

    def name(self, info: tarfile.TarInfo) -> str:
        """As stored, without `./` in front and `/` at the end."""
        name = self.values.get("path") or _repaired(info.name)
        while name.startswith("./"):
            name = name[2:].lstrip("/")
        return name.rstrip("/")

    def target(self, info: tarfile.TarInfo) -> str:
        """Of a link; "" of anything else."""
        return (self.values.get("linkpath") or _repaired(info.linkname)) if self.kind(info) == "link" else ""

    def size_bytes(self, info: tarfile.TarInfo) -> int:
        """Bytes of data after the header; one stated with too many digits is above every limit."""
        if not info.isreg() and info.type in tarfile.SUPPORTED_TYPES:
            return 0
        stated = self.values.get("size", "")
        if not (stated.isascii() and stated.isdigit()):
            return info.size
        return int(stated) if len(stated) <= MAX_DIGITS else MAX_MEMBER_BYTES + 1

    def kind(self, info: tarfile.TarInfo) -> Kind:
        """`other`: devices, pipes, and sparse files, whose data is in pieces."""
        if info.isdir():
            return "folder"
        if info.issym() or info.islnk():
            return "link"
        is_sparse = self.is_sparse or info.type == tarfile.GNUTYPE_SPARSE
        return "file" if info.isreg() and not is_sparse else "other"


def read(block: bytes, extended: Extended) -> tarfile.TarInfo | str | None:
    """`parse`, where what was said before and the header's own size are believed; else a text for why not."""
    info = parse(block)
    if not isinstance(info, tarfile.TarInfo):
        return info
    if info.type in EXTENDED_TYPES:
        return info if info.size <= MAX_EXTENDED_BYTES else f"an extended header of {info.size} bytes"
    size = extended.size_bytes(info)
    return info if size <= MAX_MEMBER_BYTES else f"no tar header: a size of {size} bytes"


def _repaired(name: str) -> str:
    return _text(name.encode("utf-8", "surrogateescape"))


def _text(data: bytes) -> str:
    """A name's characters: UTF-8, else Latin-1, which old archives have."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _pax_records(data: bytes) -> Iterator[tuple[str, str]]:
    """The `length key=value` records of a pax header; reading ends at one that is malformed."""
    at = 0
    while at < len(data):
        length, blank, _ = data[at : at + MAX_DIGITS].partition(b" ")
        if not blank or not length.isdigit() or not len(length) < int(length) <= len(data) - at:
            return
        key, _, value = data[at + len(length) + 1 : at + int(length)].removesuffix(b"\n").partition(b"=")
        yield _text(key), _text(value)
        at += int(length)
