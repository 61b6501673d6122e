"""Small DOCX documents for the tests: the parts every one has, and writers of their elements."""

from __future__ import annotations

from extractors import docx
from pipelines.sample.books_files import docx_bytes, paragraph

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>{more}</w:style>'
    for key, name, more in (
        ("Heading1", "heading 1", ""),
        ("Own", "Section Head", '<w:basedOn w:val="Heading1"/>'),
        ("Deep", "Deep", '<w:pPr><w:outlineLvl w:val="2"/></w:pPr>'),
        ("Title", "Title", ""),
        ("TOC1", "toc 1", ""),
        ("Quote", "Quote", ""),
        ("Code", "Source Code", ""),
        ("Caption", "caption", ""),
    )
)
LEVEL = '<w:lvl w:ilvl="{0}"><w:start w:val="{2}"/><w:numFmt w:val="{1}"/><w:lvlText w:val="{3}"/></w:lvl>'
NUMBERING = (
    f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">{LEVEL.format(0, "decimal", 1, "%1.")}'
    f'{LEVEL.format(1, "lowerLetter", 1, "%2)")}</w:abstractNum><w:abstractNum w:abstractNumId="1">'
    f"{LEVEL.format(0, 'bullet', 1, '•')}{LEVEL.format(1, 'bullet', 1, ' ')}</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/>'
    "</w:lvlOverride></w:num></w:numbering>"
)
NOTES = f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0">{paragraph("rule")}</w:footnote>' + (
    f'<w:footnote w:id="2">{paragraph("the note")}</w:footnote></w:footnotes>'
)


def text(body: str) -> str:
    more = {"word/styles.xml": f"<w:styles {W}>{STYLES}</w:styles>", "word/numbering.xml": NUMBERING}
    found = docx.extract(docx_bytes(body, {**more, "word/footnotes.xml": NOTES}))
    assert found.error is None
    return found.text


def p(inner: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def run(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def numbered(words: str, number: int, level: int = 0) -> str:
    return p(run(words), f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def cell(words: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(words)}</w:tc>"
