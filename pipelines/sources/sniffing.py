"""What a payload is, from its first bytes; after the WHATWG's MIME sniffing, as far as telling HTML apart needs it."""

from __future__ import annotations

import re

SNIFFED_BYTES = 1024

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"RIFF", "application/x-riff"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"Rar!\x1a\x07", "application/x-rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"OggS\x00", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)

PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?(?:\s+|<!--.*?-->|<\?xml[^>]*\?>)*", re.DOTALL)
HTML_ROOT = re.compile(rb"(?:<!doctype\s+html|<html)(?=[\s>])", re.IGNORECASE)
HTML_TAG = re.compile(
    rb"<(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|meta|link)(?=[\s>/])",
    re.IGNORECASE,
)
CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\f\r\x1b"))


def binary_type(data: bytes) -> str | None:
    """Media type of a binary format known by its signature; None for anything else."""
    head = data[:16]
    return next((media_type for signature, media_type in SIGNATURES if head.startswith(signature)), None)


def is_html(data: bytes, *, whole_document: bool = False) -> bool:
    """Whether the payload begins as HTML does: with a tag of it, or (`whole_document`) with its doctype or root."""
    head = data[:SNIFFED_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\0", b"")
    prologue = PROLOGUE.match(head)
    begin = prologue.end() if prologue else 0
    return (HTML_ROOT if whole_document else HTML_TAG).match(head, begin) is not None


def looks_like_text(data: bytes) -> bool:
    """Whether the first bytes hold no control characters, as no compressed stream does for long."""
    head = data[:SNIFFED_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return binary_type(data) is None
    return binary_type(data) is None and not head.translate(None, bytes(set(range(256)) - set(CONTROLS)))
