"""Books and office files of the sample, built from the sources in `books/`: the same bytes each time.

An EPUB, a Gutenberg-framed text, a Word document with a table and an equation, an OpenDocument text, a PDF in two
columns; and what a reader must refuse: an enciphered EPUB and a scanned PDF.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

_TIME = (2021, 3, 3, 12, 0, 0)
_CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/package.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
_ENCRYPTION = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:e="http://www.w3.org/2001/04/xmlenc#">'
    '<e:EncryptedData><e:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"/><e:CipherData>'
    '<e:CipherReference URI="OPS/chapter-1.xhtml"/></e:CipherData></e:EncryptedData></encryption>'
)
_CHAPTERS = ("1-the-round.html", "2-the-sum.html", "3-the-ice.html")
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_REPORT = (
    ("The ice year in figures", "Heading1"),
    (
        "The gasworks kept no record of its own from before the pipes; what follows is from the lamplighter's book.",
        None,
    ),
)
_ROWS = (("Winter", "Lamps out", "Oil, litres"), ("Before the ice", "212", "9,480"), ("Of the ice", "37", "8,115"))


def build_books(folder: Path) -> None:
    """Write the books into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    source = resources.files("pipelines.sample").joinpath("books")
    chapters = [source.joinpath("lamplighters", name).read_text("utf-8") for name in _CHAPTERS]
    files = {
        "the-lamplighters-book.epub": epub_bytes("The Lamplighter's Book", "Tamsin Orrey", chapters),
        "locked.epub": epub_bytes("Locked", "Nobody", chapters[:1], {"META-INF/encryption.xml": _ENCRYPTION}),
        "tide-tables.txt": source.joinpath("tide-tables.txt").read_bytes(),
        "ice-year.docx": _report(),
        "ice-year.odt": _open_report(),
        "trenches.pdf": pdf_bytes(_columns(source.joinpath("trenches.txt").read_text("utf-8"))),
        "scanned-map.pdf": pdf_bytes([[], []], pictures=True),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)


def zip_bytes(members: Mapping[str, str | bytes]) -> bytes:
    """A zip archive with these members in this order, all of one date; the first is stored, as `mimetype` must be."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for k, (name, data) in enumerate(members.items()):
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type = zipfile.ZIP_STORED if k == 0 else zipfile.ZIP_DEFLATED
            info.create_system = 3
            archive.writestr(info, data)
    return buffer.getvalue()


def epub_bytes(title: str, author: str, chapters: Sequence[str], more: Mapping[str, str] | None = None) -> bytes:
    """An EPUB 3 with a cover page, a navigation document and these bodies as chapters, in order."""
    numbers = range(1, len(chapters) + 1)
    items = "".join(f'<item id="c{k}" href="chapter-{k}.xhtml" media-type="application/xhtml+xml"/>' for k in numbers)
    spine = "".join(f'<itemref idref="c{k}"/>' for k in numbers)
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:sample:{title.replace(" ", "-").lower()}</dc:identifier>'
        f"<dc:title>{title}</dc:title>"
        f"<dc:creator>{author}</dc:creator><dc:language>en</dc:language><dc:date>2021-03-03</dc:date>"
        "<dc:rights>https://creativecommons.org/publicdomain/zero/1.0/</dc:rights></metadata><manifest>"
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        f'<item id="cover" href="cover.xhtml" media-type="application/xhtml+xml"/>{items}</manifest>'
        f'<spine><itemref idref="cover"/><itemref idref="nav"/>{spine}</spine></package>'
    )
    links = "".join(f'<li><a href="chapter-{k}.xhtml">Chapter {k}</a></li>' for k in numbers)
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "OPS/package.opf": package,
        "OPS/cover.xhtml": xhtml(f"<p>{title}</p>", 'epub:type="cover"'),
        "OPS/nav.xhtml": xhtml(f'<nav epub:type="toc"><h1>Contents</h1><ol>{links}</ol></nav>'),
        **{f"OPS/chapter-{k}.xhtml": xhtml(body) for k, body in enumerate(chapters, 1)},
        **(more or {}),
    }
    return zip_bytes(members)


def xhtml(body: str, attributes: str = "") -> str:
    """A content document of an EPUB."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head><body {attributes}>{body}</body></html>'
    )


def docx_bytes(body: str, more: Mapping[str, str] | None = None) -> bytes:
    """A Word document with this content of `w:body`; `more` adds or replaces members."""
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = "".join(
        f'<Relationship Id="r{k}" Type="{office}/{name}" Target="{name}.xml"/>'
        for k, name in enumerate(("styles", "numbering", "footnotes", "endnotes"))
    )
    members = {
        "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="xml" ContentType="text/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r" Type="{office}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{relations}">{parts}</Relationships>',
        "word/styles.xml": f'<w:styles xmlns:w="{_W}"><w:style w:type="paragraph" w:styleId="Heading1"><w:name '
        'w:val="heading 1"/></w:style></w:styles>',
        "word/document.xml": f'<w:document xmlns:w="{_W}" xmlns:m="{_M}"><w:body>{body}</w:body></w:document>',
        **(more or {}),
    }
    return zip_bytes(members)


def paragraph(text: str, style: str | None = None) -> str:
    """A Word paragraph with one run."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def _report() -> bytes:
    rows = "".join("<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in _ROWS)
    equation = (
        "<w:p><m:oMathPara><m:oMath><m:r><m:t>r=</m:t></m:r><m:f><m:num><m:r><m:t>9480−8115</m:t></m:r></m:num>"
        "<m:den><m:r><m:t>9480</m:t></m:r></m:den></m:f></m:oMath></m:oMathPara></w:p>"
    )
    texts = "".join(paragraph(text, style) for text, style in _REPORT)
    return docx_bytes(f"{texts}<w:tbl>{rows}</w:tbl>{paragraph('The saving on oil, as a share, was')}{equation}")


def odt_bytes(body: str, automatic: str = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """An OpenDocument text with this content of `office:text`."""
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    names = "".join(f' xmlns:{name}="{urn}:{name}:1.0"' for name in ("office", "text", "table", "style"))
    drawing = f' xmlns:draw="{urn}:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
    content = (
        f"<office:document-content{names}{drawing}><office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return zip_bytes({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **(more or {})})


def _open_report() -> bytes:
    heading, text = _REPORT[0][0], _REPORT[1][0]
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in _ROWS
    )
    note = "<text:note><text:note-body><text:p>In a second hand.</text:p></text:note-body></text:note>"
    headed = f'<text:h text:outline-level="1">{heading}</text:h><text:p>{text}{note}</text:p>'
    return odt_bytes(f"{headed}<table:table>{rows}</table:table>")


Placed = tuple[float, float, float, str]
"""Left end, baseline and size in points, and the text."""


def pdf_bytes(pages: Sequence[Sequence[Placed]], *, pictures: bool = False) -> bytes:
    """A PDF 1.4 with Helvetica and these texts on A4 pages; with `pictures` a grey picture covers each page."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    picture = zlib.compress(bytes(range(64)), 9)
    objects.append(_stream(b"/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray "
                           b"/BitsPerComponent 8 /Filter /FlateDecode", picture))  # fmt: skip
    kids = []
    for texts in pages:
        drawn = [b"q 595 0 0 842 0 0 cm /Im Do Q"] if pictures else []
        drawn += [
            f"BT /F {size:g} Tf {x:g} {y:g} Td ({_escaped(text)}) Tj ET".encode("cp1252") for x, y, size, text in texts
        ]
        objects.append(_stream(b"", b"\n".join(drawn)))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F 3 0 R >> /XObject << /Im 4 0 R >> >> >>" % len(objects)
        )
    names = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (names, len(kids))
    return assembled(objects)


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def assembled(objects: list[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1, the first being its catalog."""
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


COLUMN_LINES = 24


def _columns(text: str) -> list[list[Placed]]:
    """Pages in two columns with a running head and page numbers; `~` is where a word may be parted."""
    lines: list[tuple[bool, str]] = []
    for part in text.split("\n\n"):
        lines += [(k == 0, line) for k, line in enumerate(_wrapped(part))]
    pages: list[list[Placed]] = []
    for start in range(0, len(lines), 2 * COLUMN_LINES):
        number = len(pages) + 1
        page: list[Placed] = [(72, 800, 9, "Trenches of the ice year"), (290, 40, 9, str(number))]
        if number == 1:
            page.append((72, 760, 18, "How the quay was dug"))
        for k, (is_first, line) in enumerate(lines[start : start + 2 * COLUMN_LINES]):
            column, row = divmod(k, COLUMN_LINES)
            page.append(((72, 310)[column] + 12 * is_first, 690 - 14 * row, 10, line))
        pages.append(page)
    return pages


def _wrapped(text: str, width: int = 42) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word.replace("~", "")) >= width:
            head, _, tail = word.partition("~")
            if tail and len(lines[-1]) + len(head) + 1 < width:
                lines[-1] += f" {head}-"
                word = tail
            lines.append("")
        lines[-1] = f"{lines[-1]} {word.replace('~', '')}".strip()
    return lines
