"""A zip package (EPUB, OOXML, ODF) in memory: members read one at a time, none past its limits, nothing on disk.

Reference: APPNOTE 6.3.9. Sizes that the directory states are not believed: what is unpacked is counted. Cost: one scan
of the bytes for the number of members. Blind spot: packages whose central directory is lost are not rebuilt.
"""

from __future__ import annotations

import errno
import io
import lzma
import posixpath
import re
import unicodedata
import zipfile
import zlib
from typing import Any
from urllib.parse import unquote

from lxml import etree

from extractors.errors import DamagedInput, DecompressionBomb, EncryptedInput, NestingTooDeep

MAX_MEMBERS = 50_000
"""Members of a package; the largest real books have a few thousand files."""
XML_DEPTH = 256
"""Nesting of elements at which libxml2 stops, inclusive."""
MAX_MEMBER_BYTES = 32 * 2**20
"""Unpacked bytes of one member; as an XML tree they are some ten times as much."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Compound file: what Word writes around an encrypted document, and its format before 2007."""
UNZIP_ERRORS = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError, ValueError)
"""What zipfile and its decompressors raise on damaged members."""
_DIRECTORY_ENTRY = b"PK\x01\x02"
_UTF8_NAME = 0x800


def is_of_the_disk(error: Exception) -> bool:
    """Not of bzip2's data, and not of a place before the file's beginning, which zipfile raises as OSError too."""
    return isinstance(error, OSError) and error.errno not in (None, errno.EINVAL)


class Package:
    """The members of a zip file by name; `read` raises the errors of `extractors.errors` only."""

    def __init__(self, data: bytes, max_unpacked_bytes: int) -> None:
        if data.startswith(OLE):
            if "EncryptedPackage".encode("utf-16-le") in data[: 2**20] + data[-(2**20) :]:
                raise EncryptedInput("a compound file around an encrypted package")
            raise DamagedInput("a compound file (an office document from before 2007), not a zip package")
        if data.count(_DIRECTORY_ENTRY) > MAX_MEMBERS:
            raise DecompressionBomb(f"more than {MAX_MEMBERS} members")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            self.names = [info.filename for info in self._zip.infolist()]
        except UNZIP_ERRORS as error:
            raise DamagedInput(f"not a zip package: {error}") from error
        self.num_damaged = 0
        """XML members that were damaged: read as far as the parser mends them, or left out."""
        self._left = max_unpacked_bytes
        self._folded = {_folded(_stated(info)): info.filename for info in reversed(self._zip.infolist())}
        self._known = frozenset(self.names)

    def find(self, name: str) -> str | None:
        """The member of this name, of the same name percent-decoded, in other case, with backslashes or composed
        otherwise; None where there is none."""
        for wanted in (name, unquote(name)):
            if wanted in self._known:
                return wanted
        return self._folded.get(_folded(unquote(name)))

    def read(self, name: str, limit: int = MAX_MEMBER_BYTES) -> bytes:
        """Unpacked bytes of a member. Raises DamagedInput, EncryptedInput and DecompressionBomb."""
        found = self.find(name)
        if found is None:
            raise DamagedInput(f"no member {name[:200]!r}")
        limit = min(limit, self._left)
        try:
            with self._zip.open(found) as member:
                data = member.read(limit + 1)
        except RuntimeError as error:  # zipfile's word for a password
            raise EncryptedInput(str(error)[:200]) from error
        except UNZIP_ERRORS as error:
            raise DamagedInput(f"member {found[:200]!r}: {error}") from error
        if len(data) > limit:
            raise DecompressionBomb(f"member {found[:200]!r} unpacks to more than {limit} bytes")
        self._left -= len(data)
        return data

    def tree(self, name: str) -> Any | None:
        """Root element of an XML member, None where the package has no such member. Raises as `read` does."""
        if self.find(name) is None:
            return None
        root, is_mended = parse_xml(self.read(name), name)
        self.num_damaged += is_mended
        return root

    def part(self, name: str | None) -> Any | None:
        """As `tree`, for a member without which the text can be read: a damaged one is counted, and None."""
        try:
            return self.tree(name) if name else None
        except (DamagedInput, NestingTooDeep):
            self.num_damaged += 1
            return None


def _stated(info: zipfile.ZipInfo) -> str:
    """The member's name; of a writer that stores UTF-8 without the flag for it, the one that was meant."""
    if info.flag_bits & _UTF8_NAME or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/")).casefold()


def resolve(base: str, href: str) -> str | None:
    """Member that a reference in the member `base` names; None where it leads out of the package."""
    path = href.partition("#")[0].partition("?")[0]
    if not path or re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", path):
        return None
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(base), path)) if path[0] != "/" else path.lstrip("/")
    return None if joined.startswith("../") or joined in ("..", ".") else joined


def parse_xml(data: bytes, name: str = "") -> tuple[Any, bool]:
    """Root element, and whether damage was mended: what libxml2 could not read is missing from the tree.

    Entities are not resolved, nothing is fetched. Raises DamagedInput and NestingTooDeep.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DamagedInput(f"{name}: not XML: {error}"[:300]) from error
    if root is None:
        raise DamagedInput(f"{name}: not XML")
    faults = parser.error_log.filter_from_fatals()
    if any("depth" in fault.message.lower() for fault in faults):
        raise NestingTooDeep(f"{name}: elements nested deeper than {XML_DEPTH}")
    return root, len(faults) > 0


def local(element: Any) -> str:
    """Name of an element without its namespace; "" for entities and such."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, name: str) -> str | None:
    """Value of the attribute with this local name, whatever its namespace."""
    value = element.get(name)
    if value is not None:
        return str(value)
    suffix = "}" + name
    return next((str(value) for key, value in element.attrib.items() if key.endswith(suffix)), None)


def whole_number(element: Any, name: str, most: int) -> int | None:
    """Value of an attribute that is a whole number, at most `most`; None where it is none."""
    value = (attribute(element, name) or "").strip()
    return min(int(value[:9]), most) if value.isascii() and value.isdigit() else None
