from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from pipelines.sample.books_files import assembled

Maker = Callable[..., bytes]


@pytest.fixture
def drawn() -> Maker:
    """Makes a PDF of pages given as drawing operators, with the font `/F` and, for text beside it, `/Plain`."""
    return _drawn


def _drawn(
    *pages: bytes,
    meanings: Mapping[int, str] | None = None,
    names: bytes = b"",
    box: bytes = b"[0 0 595 842]",
    rotate: int = 0,
    font: bytes = b"Helvetica",
) -> bytes:
    """`meanings` becomes the font's table of Unicode values, `names` the differences of its encoding."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b""]
    entries = b"/Encoding /WinAnsiEncoding"
    if names:
        entries = b"/Encoding << /Type /Encoding /Differences [%s] >>" % names
    if meanings is not None:
        objects.append(_stream(_table(meanings)))
        entries += b" /ToUnicode %d 0 R" % len(objects)
    objects[2] = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s %s >>" % (font, entries)
    kids: list[int] = []
    for page in pages:
        objects.append(_stream(page))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Rotate %d /Contents %d 0 R "
            b"/Resources << /Font << /F 3 0 R /Plain << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
            % (box, rotate, len(objects))
        )
        kids.append(len(objects))
    refs = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (refs, len(kids))
    return assembled(objects)


def _stream(data: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def _table(meanings: Mapping[int, str]) -> bytes:
    lines = b"\n".join(b"<%02x> <%s>" % (k, v.encode("utf-16-be").hex().encode()) for k, v in meanings.items())
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Made def /CMapType 2 def "
        b"1 begincodespacerange <00> <ff> endcodespacerange %d beginbfchar\n%s\nendbfchar endcmap end end"
        % (len(meanings), lines)
    )
