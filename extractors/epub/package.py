"""What an EPUB says of itself: the package document, its metadata, the spine, and what is encrypted.

Reference: EPUB 3.3 (W3C, 2023), OPF 2.0.1, OCF 3.3. Faults that leave the spine readable are mended: no or a broken
container.xml, a wrong path in it, a spine that names what the manifest lacks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from extractors.errors import DamagedInput
from extractors.package_file import Package, attribute, local, resolve

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
FONT_OBFUSCATION = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
MARKUP = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/x-dtbook+xml"})
MAX_SPINE = 20_000
"""Spine entries that are read."""
LICENSE_URL = re.compile(r"https?://(?:www\.)?(?:creativecommons\.org|gnu\.org|opensource\.org)/[^\s\"'<>)]+")
_DC = "{http://purl.org/dc/elements/1.1/}"
_AUTHORS = frozenset({"", "aut"})


@dataclass(frozen=True, slots=True)
class Chapter:
    """One entry of the spine."""

    member: str
    properties: str
    """Manifest properties and the guide's type for it, lower case, between spaces."""


@dataclass(slots=True)
class Book:
    """The package document as far as text needs it."""

    chapters: list[Chapter]
    title: str | None = None
    creators: list[str] = field(default_factory=list)
    language: str | None = None
    date: str | None = None
    identifier: str | None = None
    publisher: str | None = None
    rights: str | None = None
    license_url: str | None = None
    subjects: list[str] = field(default_factory=list)
    num_missing: int = 0
    """Spine entries that name no member."""


def read(package: Package) -> Book:
    """The book's spine and metadata. Raises DamagedInput where there is no package document to be found."""
    name = _package_document(package)
    root = package.tree(name)
    if root is None or not any(local(child) == "manifest" for child in root.iter()):
        raise DamagedInput(f"{name}: no package document")
    manifest: dict[str, Any] = {}
    for item in root.iter("{*}item"):
        manifest.setdefault(item.get("id") or "", item)
    chapters, num_missing = _spine(root, name, package, manifest)
    book = Book(chapters, num_missing=num_missing)
    _metadata(root, book)
    return book


def encrypted(package: Package) -> frozenset[str]:
    """Members that are enciphered; obfuscated fonts are none."""
    root = package.tree(ENCRYPTION)
    if root is None:
        return frozenset()
    names = set()
    for block in root.iter("{*}EncryptedData"):
        method = next((m.get("Algorithm") or "" for m in block.iter("{*}EncryptionMethod")), "")
        if method not in FONT_OBFUSCATION:
            names |= {unquote(ref.get("URI") or "") for ref in block.iter("{*}CipherReference")}
    return frozenset(names)


def _package_document(package: Package) -> str:
    """Member that holds the package document: what container.xml names, else the only `.opf` there is."""
    root = package.tree(CONTAINER)
    if root is not None:
        for rootfile in root.iter("{*}rootfile"):
            path = rootfile.get("full-path") or ""
            if path and package.find(path) is not None:
                return path
    found = sorted((name for name in package.names if name.lower().endswith(".opf")), key=lambda n: (n.count("/"), n))
    if not found:
        raise DamagedInput("container.xml names no package document, and no member is one")
    return found[0]


def _spine(root: Any, base: str, package: Package, manifest: dict[str, Any]) -> tuple[list[Chapter], int]:
    guide: dict[str, str] = {}
    for reference in root.iter("{*}reference"):
        target = resolve(base, reference.get("href") or "")
        if target:
            guide.setdefault(package.find(target) or target, (reference.get("type") or "").lower())
    chapters: list[Chapter] = []
    seen = set()
    num_missing = 0
    for itemref in list(root.iter("{*}itemref"))[:MAX_SPINE]:
        item = manifest.get(itemref.get("idref") or "")
        target = resolve(base, item.get("href") or "") if item is not None else None
        member = package.find(target) if target else None
        if member is None or item is None:
            num_missing += 1
        elif member not in seen and _is_markup(item, member):
            seen.add(member)
            chapters.append(Chapter(member, f" {item.get('properties') or ''} {guide.get(member, '')} ".lower()))
    return chapters, num_missing


def _is_markup(item: Any, member: str) -> bool:
    kind = (item.get("media-type") or "").lower().partition(";")[0].strip()
    return kind in MARKUP or (not kind.startswith(("image/", "audio/", "video/")) and member.lower().endswith("html"))


def _metadata(root: Any, book: Book) -> None:
    stated: dict[str, list[str]] = {}
    roles = {
        (meta.get("refines") or "").lstrip("#"): (meta.text or "").strip()
        for meta in root.iter("{*}meta")
        if meta.get("property") == "role"
    }
    unique = root.get("unique-identifier")
    for element in root.iter(f"{_DC}*"):
        name, value = local(element), " ".join("".join(element.itertext()).split())
        if not value:
            continue
        if name == "creator" and (attribute(element, "role") or roles.get(element.get("id") or "") or "") in _AUTHORS:
            book.creators.append(value)
        if name == "identifier" and element.get("id") == unique:
            book.identifier = value
        if name == "date" and (attribute(element, "event") or "publication") != "publication":
            name = "other-date"
        stated.setdefault(name, []).append(value)
    book.creators = book.creators or stated.get("creator", [])[:1]
    book.title, book.language = _first(stated, "title"), _first(stated, "language")
    book.identifier = book.identifier or _first(stated, "identifier")
    book.publisher, book.rights = _first(stated, "publisher"), "\n".join(stated.get("rights", [])) or None
    book.date = _iso_date(_first(stated, "date"))
    book.subjects = stated.get("subject", [])
    book.license_url = _license(root, book.rights or "")


def _license(root: Any, rights: str) -> str | None:
    for link in root.iter("{*}link"):
        rel = (link.get("rel") or "").lower().rpartition(":")[2]
        if rel == "license" and not link.get("refines") and link.get("href"):
            return str(link.get("href"))
    found = LICENSE_URL.search(rights)
    return found[0].rstrip(".,;") if found else None


def _iso_date(value: str | None) -> str | None:
    """The date to the precision stated, where it is written as ISO 8601."""
    found = re.match(r"\d{4}(?:-\d{2}(?:-\d{2})?)?(?=$|T)", value or "")
    return found[0] if found and not found[0].startswith("0000") else None


def _first(stated: dict[str, list[str]], name: str) -> str | None:
    values = stated.get(name)
    return values[0] if values else None
