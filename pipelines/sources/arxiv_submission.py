"""One submission of arXiv as its source entry holds it: the text files that TeX may read, and what the others are.

An entry is a tar.gz or one file, gzip or not; only content tells (a `.gz` may hold a PDF, a file without suffix TeX).
Figures are read over. Blind spot: TeX in UTF-16 without its mark.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from pipelines.sources.archives import ArchiveTooLarge, TarDamage, TarMember, decoded, is_tar, tar_members
from pipelines.sources.sniffing import SNIFFED_BYTES, binary_type, is_html, looks_like_text

POSTSCRIPT = "application/postscript"
EMPTY = "application/x-empty"
"""libmagic's name for a file without a byte."""
POSTSCRIPT_STARTS = (b"%!PS", b"\x04%!PS", b"\xc5\xd0\xd3\xc6")
"""Plain, after a control-D of a printer's spool, and with a preview for DOS (EPS). `%!TEX` is a TeX comment."""
MAX_DECODED_BYTES = 2**29
"""Bytes of one entry, figures and all, inclusive; arXiv takes submissions of up to 50 MB packed."""
MAX_MEMBERS = 20_000
MAX_DATA_BYTES = 2**20
"""Length of a text file that is not TeX by its name, inclusive: code and tables that TeX reads, no measurements."""
TEX_SUFFIXES = (".tex", ".ltx", ".latex", ".sty", ".cls", ".bbl", ".clo", ".def", ".txt", ".inp", ".inc")
MAX_NOTE_BYTES = 8192
"""Length of a note on a withdrawal, inclusive."""

WITHDRAWN = re.compile(rb"\b(withdrawn|withdrew|retracted)\b", re.IGNORECASE)
AUTO_IGNORE = re.compile(rb"\s*%\s*auto-ignore", re.IGNORECASE)
STRUCTURE = re.compile(
    rb"^[^%\n]*\\(section|chapter|begin\s*\{(equation|figure|thebibliography|table)\})", re.MULTILINE
)
INCLUDES_PAGES = re.compile(rb"^[^%\n]*\\includepdf", re.MULTILINE)


@dataclass(slots=True)
class Submission:
    """What an entry holds."""

    files: dict[str, bytes] = field(default_factory=dict)
    """Text files by name, HTML pages not among them."""
    pages: dict[str, bytes] = field(default_factory=dict)
    """HTML pages by name."""
    num_by_type: Counter[str] = field(default_factory=Counter)
    """Files that are neither, by media type."""
    num_members: int = 0
    """Members that could be read, litter left out."""
    num_unsafe: int = 0
    num_left_out: int = 0
    """Text files that were too long to be kept."""
    damage: str = ""
    """What is wrong with the archive behind its last member."""

    def notes(self) -> dict[str, str]:
        """What is worth saying of a submission beside its text."""
        numbers = {"unsafe_members": self.num_unsafe, "members_left_out": self.num_left_out}
        noted = {name: str(number) for name, number in numbers.items() if number}
        return noted | ({"archive_damage": self.damage} if self.damage else {})

    def page(self) -> str | None:
        """The HTML page that is the paper: the one named so, else the longest."""
        named = [name for name in self.pages if re.search(r"(^|/)index\.x?html?$", name, re.IGNORECASE)]
        among = named or list(self.pages)
        return max(among, key=lambda name: (len(self.pages[name]), name), default=None)

    def includes_pages(self) -> bool:
        """Whether TeX puts pages of a PDF in."""
        return any(INCLUDES_PAGES.search(data) for data in self.files.values())


def read_submission(member: TarMember, max_text_bytes: int) -> Submission:
    """The submission that an entry of a source tar holds. Raises ArchiveTooLarge and DamagedArchive.

    `max_text_bytes` bounds the text files together: TeX and HTML beyond it is ArchiveTooLarge, other text is left out.
    """
    stream = decoded(member.stream, MAX_DECODED_BYTES)
    head = stream.peek(SNIFFED_BYTES)[:SNIFFED_BYTES]
    reader = _SubmissionReader(max_text_bytes)
    if is_tar(head):
        reader.unpack(stream)
    else:
        stem = member.name.rpartition("/")[2].removesuffix(".gz")
        reader.add(f"{stem}.tex", head, stream)
    return reader.submission


def is_withdrawn(files: Mapping[str, bytes]) -> bool:
    """Whether the text of a submission is a note that it was withdrawn: short, says so, and has no paper's parts."""
    if len(files) != 1:
        return False
    (data,) = files.values()
    if len(data) > MAX_NOTE_BYTES or not WITHDRAWN.search(data):
        return False
    return AUTO_IGNORE.match(data) is not None or not STRUCTURE.search(data)


class _SubmissionReader:
    def __init__(self, max_text_bytes: int) -> None:
        self.submission = Submission()
        self._left = max_text_bytes

    def unpack(self, stream: BinaryIO) -> None:
        found = self.submission
        for member in tar_members(stream):
            if isinstance(member, TarDamage):
                found.damage = member.detail if member.cause != "no_end" else found.damage
            elif member.kind != "file" or member.litter:
                continue
            elif member.unsafe:
                found.num_unsafe += 1
            else:
                self._count_member()
                head = member.stream.read(SNIFFED_BYTES)
                self.add(member.name, head, member.stream, head)

    def _count_member(self) -> None:
        self.submission.num_members += 1
        if self.submission.num_members > MAX_MEMBERS:
            raise ArchiveTooLarge(f"more than {MAX_MEMBERS} members")

    def add(self, name: str, head: bytes, stream: BinaryIO, read: bytes = b"") -> None:
        """Keep or count one file: what it begins with, its stream, and what was read from that already."""
        media_type = _media_type(name, head)
        if media_type not in ("text/plain", "text/html"):
            self.submission.num_by_type[media_type] += 1
            return
        is_data = media_type == "text/plain" and not name.lower().endswith(TEX_SUFFIXES)
        allowed = min(self._left, MAX_DATA_BYTES) if is_data else self._left
        data = read + stream.read(max(0, allowed + 1 - len(read)))
        if len(data) > allowed:
            if not is_data:
                raise ArchiveTooLarge(f"more text than the limit allows, at {name!r}")
            self.submission.num_left_out += 1
            return
        self._left -= len(data)
        (self.submission.files if media_type == "text/plain" else self.submission.pages)[name] = data


def _media_type(name: str, head: bytes) -> str:
    if not head:
        return EMPTY
    if head.startswith(POSTSCRIPT_STARTS):
        return POSTSCRIPT
    if binary := binary_type(head):
        return binary
    if is_html(head):
        return "text/html"
    if looks_like_text(head) or name.lower().endswith((".tex", ".ltx")):
        return "text/plain"
    return "application/octet-stream"
