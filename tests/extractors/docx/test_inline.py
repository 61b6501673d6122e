"""What stands in a line: breaks, code, exponents, equations, and boxes anchored in it."""

from __future__ import annotations

from pipelines.sample.books_files import paragraph
from tests.extractors.docx.documents import cell, p, run, table, text


def test_links_controls_breaks_and_symbols_keep_their_text() -> None:
    inner = (
        f"<w:hyperlink>{run('link')}</w:hyperlink><w:sdt><w:sdtContent>{run(' field')}</w:sdtContent></w:sdt>"
        '<w:r><w:br/><w:t>next</w:t><w:noBreakHyphen/><w:t>line</w:t><w:sym w:font="Symbol" w:char="F0B3"/></w:r>'
    )
    assert text(p(inner)) == "link field\nnext-line≥"


def test_raised_numbers_are_exponents_and_ordinals_are_not() -> None:
    def raised(words: str, kind: str) -> str:
        return run(words, f'<w:vertAlign w:val="{kind}script"/>')

    assert text(p(run("x") + raised("2", "super"))) == "x^2"
    assert text(p(run("21") + raised("st", "super") + run(" H") + raised("2", "sub") + run("O"))) == "21st H2O"
    assert text(p(run("a") + raised("i", "sub"))) == "a_i"
    assert text(p(run("x") + raised("2 ", "super") + run("is"))) == "x^2 is"
    assert text(p(run("x") + raised(" 2", "super") + run(" is"))) == "x ^2 is"


def test_code_is_told_by_style_and_by_typeface() -> None:
    mono = '<w:rFonts w:ascii="Courier New"/>'
    assert text(paragraph("x = 1", "Code") + paragraph("  y = 2", "Code")) == "```\nx = 1\n  y = 2\n```"
    assert text(p(run("x = 1", mono))) == "```\nx = 1\n```"
    assert text(p(run("the ") + run("x ", mono) + run("flag"))) == "the `x` flag"


def test_equations_stand_inline_and_displayed() -> None:
    math = "<m:oMath><m:r><m:t>a+b</m:t></m:r></m:oMath>"
    assert text(p(run("so ") + math)) == "so $a + b$"
    assert text(p(run("so ") + f"<m:oMathPara>{math}</m:oMathPara>")) == "so\n\n$$a + b$$"


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = f"<w:drawing><w:txbxContent>{paragraph('boxed')}</w:txbxContent></w:drawing>"
    both = (
        '<mc:AlternateContent xmlns:mc="m"><mc:Choice>' + box + "</mc:Choice><mc:Fallback><w:pict><w:txbxContent>"
        f"{paragraph('boxed')}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    assert text(p(run("before") + f"<w:r>{both}</w:r>") + paragraph("after")) == "before\n\nboxed\n\nafter"


def test_a_text_box_of_a_paragraph_whose_end_was_deleted_is_read_once() -> None:
    box = f"<w:r><w:drawing><w:txbxContent>{paragraph('boxed')}</w:txbxContent></w:drawing></w:r>"
    one = p(run("one") + box, "<w:rPr><w:del/></w:rPr>")
    assert text(one) == "one\n\nboxed"
    assert text(one + table(cell("a") + cell("b"), cell("c") + cell("d"))).startswith("one\n\nboxed\n\n| a")
    assert text(one + p(run(" two"))) == "one two\n\nboxed"


def test_boxes_in_boxes_and_in_paragraphs_alternatives_are_read_once() -> None:
    def either(inner: str) -> str:
        return (
            f'<mc:AlternateContent xmlns:mc="m"><mc:Choice>{inner}</mc:Choice><mc:Fallback>{inner}</mc:Fallback>'
            "</mc:AlternateContent>"
        )

    box = f"<w:drawing><w:txbxContent>{paragraph('boxed')}</w:txbxContent></w:drawing>"
    outer = f"<w:drawing><w:txbxContent>{p(run('outer') + f'<w:r>{either(box)}</w:r>')}</w:txbxContent></w:drawing>"
    assert text(p(run("before") + f"<w:r>{outer}</w:r>")) == "before\n\nouter\n\nboxed"
    assert text(p(run("before") + either(f"<w:r>{box}</w:r>"))) == "before\n\nboxed"
