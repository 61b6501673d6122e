"""What an EPUB says of itself: the package document, its metadata, the spine, and what is encrypted.

Reference: EPUB 3.3 (W3C, 2023), OPF 2.0.1, OCF 3.3. Faults that leave the spine readable are mended: no or a broken
container.xml, a wrong path in it, a spine that names what the manifest lacks. What a spine names in another form than
markup is read by its fallback, or counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from extractors.errors import DamagedInput, ExtractionError
from extractors.office import license_url
from extractors.package_file import Package, attribute, local, resolve

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
FONT_OBFUSCATION = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
MARKUP = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/x-dtbook+xml"})
PACKAGE_TYPE = "application/oebps-package+xml"
MAX_FALLBACKS = 10
"""Fallbacks of fallbacks that are followed."""
MAX_SPINE = 20_000
"""Spine entries that are read."""
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
    num_foreign: int = 0
    """Spine entries that are no markup, and have no fallback that is: drawings, pictures, PDF."""


def read(package: Package) -> Book:
    """The book's spine and metadata. Raises DamagedInput where there is no package document to be found."""
    name = _package_document(package)
    root = package.tree(name)
    if root is None or not any(local(child) == "manifest" for child in root.iter()):
        raise DamagedInput(f"{name}: no package document")
    manifest: dict[str, Any] = {}
    for item in root.iter("{*}item"):
        manifest.setdefault(item.get("id") or "", item)
    book = Book([])
    _spine(root, name, package, manifest, book)
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
    """Member that holds the package document: what container.xml names, else the first `.opf` there is."""
    for rootfile in _rootfiles(package):
        path = rootfile.get("full-path") or ""
        kind = rootfile.get("media-type") or PACKAGE_TYPE
        if path and kind == PACKAGE_TYPE and package.find(path) is not None:
            return path
    found = sorted((name for name in package.names if name.lower().endswith(".opf")), key=lambda n: (n.count("/"), n))
    if not found:
        raise DamagedInput("container.xml names no package document, and no member is one")
    return found[0]


def _rootfiles(package: Package) -> list[Any]:
    """Renditions that container.xml names; none where it cannot be read."""
    try:
        root = package.tree(CONTAINER)
    except ExtractionError:
        return []
    return [] if root is None else list(root.iter("{*}rootfile"))


def _spine(root: Any, base: str, package: Package, manifest: dict[str, Any], book: Book) -> None:
    """Fill the book's chapters, and count what the spine names besides."""
    guide: dict[str, str] = {}
    for reference in root.iter("{*}reference"):
        href = reference.get("href") or ""
        target = resolve(base, href) if "#" not in href else None  # a place in a file is not all of it
        if target:
            guide.setdefault(package.find(target) or target, (reference.get("type") or "").lower())
    seen = set()
    for itemref in list(root.iter("{*}itemref"))[:MAX_SPINE]:
        found = _readable(manifest.get(itemref.get("idref") or ""), base, package, manifest)
        if found is None:
            book.num_missing += 1
            continue
        item, member = found
        if not _is_markup(item, member):
            book.num_foreign += 1
        elif member not in seen:
            seen.add(member)
            book.chapters.append(Chapter(member, f" {item.get('properties') or ''} {guide.get(member, '')} ".lower()))


def _readable(item: Any | None, base: str, package: Package, manifest: dict[str, Any]) -> tuple[Any, str] | None:
    """The item, or the first of its fallbacks that is markup, and its member; None where no member is there."""
    first: tuple[Any, str] | None = None
    for _ in range(MAX_FALLBACKS):
        if item is None:
            break
        target = resolve(base, item.get("href") or "")
        member = package.find(target) if target else None
        if member is not None:
            first = first or (item, member)
            if _is_markup(item, member):
                return item, member
        item = manifest.get(item.get("fallback") or "")
    return first


def _is_markup(item: Any, member: str) -> bool:
    kind = (item.get("media-type") or "").lower().partition(";")[0].strip()
    return kind in MARKUP or (not kind.startswith(("image/", "audio/", "video/")) and member.lower().endswith("html"))


def _metadata(root: Any, book: Book) -> None:
    stated: dict[str, list[str]] = {}
    roles, kinds = _refinements(root, "role"), _refinements(root, "title-type")
    unique = root.get("unique-identifier")
    for element in root.iter(f"{_DC}*"):
        name, value = local(element), " ".join("".join(element.itertext()).split())
        if not value:
            continue
        if name == "creator" and (attribute(element, "role") or roles.get(element.get("id") or "") or "") in _AUTHORS:
            book.creators.append(value)
        if name == "title" and kinds.get(element.get("id") or "") == "main":
            name = "main-title"
        if name == "identifier" and element.get("id") == unique:
            book.identifier = value
        if name == "date" and (attribute(element, "event") or "publication") != "publication":
            name = "other-date"
        stated.setdefault(name, []).append(value)
    book.creators = book.creators or stated.get("creator", [])[:1]
    book.title = _first(stated, "main-title") or _first(stated, "title")
    book.language = _first(stated, "language")
    book.identifier = book.identifier or _first(stated, "identifier")
    book.publisher, book.rights = _first(stated, "publisher"), "\n".join(stated.get("rights", [])) or None
    book.date = _iso_date(_first(stated, "date"))
    book.subjects = stated.get("subject", [])
    book.license_url = _license(root, book.rights or "")


def _refinements(root: Any, name: str) -> dict[str, str]:
    """Values of a property by the element that each refines."""
    return {
        (meta.get("refines") or "").lstrip("#"): (meta.text or "").strip()
        for meta in root.iter("{*}meta")
        if meta.get("property") == name
    }


def _license(root: Any, rights: str) -> str | None:
    for link in root.iter("{*}link"):
        rel = (link.get("rel") or "").lower().rpartition(":")[2]
        if rel == "license" and not link.get("refines") and link.get("href"):
            return str(link.get("href"))
    return license_url(rights)


def _iso_date(value: str | None) -> str | None:
    """The date to the precision stated, where it is written as ISO 8601."""
    found = re.match(r"\d{4}(?:-\d{2}(?:-\d{2})?)?(?=$|T)", value or "")
    return found[0] if found and not found[0].startswith("0000") else None


def _first(stated: dict[str, list[str]], name: str) -> str | None:
    values = stated.get(name)
    return values[0] if values else None
