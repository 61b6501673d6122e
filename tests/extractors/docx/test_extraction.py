"""Whole documents: headings, lists, tables, notes, and what is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import docx
from extractors.errors import ExtractorBug
from pipelines.sample.books_files import docx_bytes, paragraph, zip_bytes
from tests.extractors.docx.documents import LEVEL, W, cell, numbered, p, run, table, text


@pytest.mark.parametrize(
    ("style", "line"),
    [
        ("Heading1", "# A"),
        ("Own", "# A"),
        ("Deep", "### A"),
        ("Title", "# A"),
        ("Caption", "A"),
        (None, "A"),
        ("Quote", "> A"),
    ],
)
def test_headings_are_told_by_style_and_outline_level(style: str | None, line: str) -> None:
    assert text(paragraph("A", style)) == line


def test_lists_are_numbered_nested_and_restarted() -> None:
    body = (
        numbered("a", 1)
        + numbered("b", 1)
        + numbered("c", 1, 1)
        + numbered("d", 1)
        + numbered("e", 3)
        + numbered("f", 2)
    )
    assert text(body) == "1. a\n2. b\n   1. c\n3. d\n4. e\n- f"


def numbering(*nums: str) -> dict[str, str]:
    level = LEVEL.format(0, "decimal", 1, "%1.")
    return {
        "word/numbering.xml": f'<w:numbering {W}><w:abstractNum w:abstractNumId="0"><w:styleLink w:val="L"/>{level}'
        '</w:abstractNum><w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="L"/></w:abstractNum>'
        + "".join(f'<w:num w:numId="{k}">{inner}</w:num>' for k, inner in enumerate(nums, 1))
        + "</w:numbering>"
    }


def test_numberings_of_one_list_count_on_unless_they_restart() -> None:
    own = '<w:abstractNumId w:val="0"/>'
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    body = numbered("a", 1) + p(run("x")) + numbered("b", 2) + p(run("y")) + numbered("c", 3) + numbered("d", 3)
    found = docx.extract(docx_bytes(body, numbering(own, own, own + restart)))
    assert found.text == "1. a\n\nx\n\n2. b\n\ny\n\n1. c\n2. d"


def test_a_numbering_that_names_a_list_style_has_its_levels() -> None:
    found = docx.extract(docx_bytes(numbered("a", 1) + numbered("b", 1), numbering('<w:abstractNumId w:val="1"/>')))
    assert found.text == "1. a\n2. b"


def test_body_level_takes_the_level_of_a_heading_style_away() -> None:
    assert text(p(run("a"), '<w:pStyle w:val="Heading1"/><w:outlineLvl w:val="9"/>')) == "a"
    assert text(p(run("a"), '<w:pStyle w:val="Heading1"/><w:outlineLvl w:val="8"/>')) == "###### a"


def test_a_level_without_a_mark_goes_on_with_the_item_before() -> None:
    assert text(numbered("a", 2) + numbered("more", 2, 1)) == "- a\n\n  more"


def test_numbering_zero_takes_the_number_away() -> None:
    assert text(numbered("a", 0)) == "a"


def test_spans_of_columns_and_rows_are_resolved() -> None:
    body = table(
        cell("wide", '<w:gridSpan w:val="2"/>') + cell("c"),
        cell("tall", '<w:vMerge w:val="restart"/>') + cell("x") + cell("y"),
        cell("", "<w:vMerge/>") + cell("p") + cell("q"),
    )
    assert text(body) == "| wide |  | c |\n| --- | --- | --- |\n| tall | x | y |\n| tall | p | q |"


def test_columns_left_out_before_a_row_are_empty() -> None:
    before = '<w:trPr><w:gridBefore w:val="1"/></w:trPr>'
    body = table(cell("a") + cell("b") + cell("c"), before + cell("x") + cell("y"))
    assert text(body) == "| a | b | c |\n| --- | --- | --- |\n|  | x | y |"


def test_a_deleted_cell_is_out() -> None:
    body = table(cell("a") + cell("gone", "<w:cellDel/>") + cell("b"), cell("c") + cell("d"))
    assert text(body) == "| a | b |\n| --- | --- |\n| c | d |"


def test_tables_in_tables_keep_their_text_however_deep() -> None:
    body = table(cell("deepest") + cell("beside"))
    for depth in range(12):
        body = table(f"<w:tc>{body}<w:p/></w:tc>" + cell(f"side {depth}"))
    found = text(body)
    assert found.startswith("| deepest | beside |")
    assert all(f"side {depth}" in found for depth in range(12))


def test_a_long_cell_that_covers_many_rows_is_a_typed_failure() -> None:
    rows = [cell("", "<w:vMerge/>") + cell("c")] * 2000
    body = table(cell("w " * 20_000, '<w:vMerge w:val="restart"/>') + cell("b"), *rows)
    found = docx.extract(docx_bytes(paragraph("before") + body))
    assert found.error is not None
    assert (found.error.code, found.text) == ("OutputTooLarge", "before")


def test_a_table_of_one_column_or_with_headings_is_layout() -> None:
    assert text(table(cell("one"), cell("two"))) == "one\n\ntwo"
    headed = f"<w:tc>{paragraph('A', 'Heading1')}</w:tc>" + cell("b")
    assert text(table(headed)) == "# A\n\nb"


def test_a_deleted_row_is_out() -> None:
    body = table(cell("a") + cell("b"), "<w:trPr><w:del/></w:trPr>" + cell("x") + cell("y"), cell("c") + cell("d"))
    assert "x" not in text(body)


def test_notes_stand_in_place_and_separators_are_none() -> None:
    body = p(run("word") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run(", more"))
    assert text(body) == "word (the note), more"


def test_insertions_are_in_and_deletions_and_moves_away_are_out() -> None:
    inner = (
        run("a ") + f"<w:ins>{run('new ')}</w:ins><w:del><w:r><w:delText>old </w:delText></w:r></w:del>"
        f"<w:moveFrom>{run('gone ')}</w:moveFrom><w:moveTo>{run('here')}</w:moveTo>"
    )
    assert text(p(inner)) == "a new here"


def test_hidden_text_comments_and_field_instructions_are_out_and_results_in() -> None:
    fields = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF x </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("Figure 2")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    assert (
        text(p(run("see ") + fields + run("secret", "<w:vanish/>") + '<w:r><w:commentReference w:id="0"/></w:r>'))
        == "see Figure 2"
    )


def test_a_list_of_contents_is_out_by_style_by_field_and_by_control() -> None:
    field = (
        p('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o</w:instrText></w:r>'
          '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("One 1"))
        + p(run("Two 2") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>')
    )  # fmt: skip
    control = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
        f"<w:sdtContent>{paragraph('Three 3')}</w:sdtContent></w:sdt>"
    )
    assert text(paragraph("Zero 0", "TOC1") + field + control + paragraph("text")) == "text"


TOC = (
    '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
)


def test_text_after_the_end_of_a_list_of_contents_in_its_last_paragraph_is_in() -> None:
    end = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    assert text(p(run("before ") + TOC + run("One 1")) + p(run("Two 2") + end + run("after"))) == "before\n\nafter"


def test_a_list_of_contents_that_is_never_ended_ends_at_the_first_heading() -> None:
    assert text(p(TOC + run("One 1")) + p(run("Two 2")) + paragraph("A", "Heading1") + paragraph("b")) == "# A\n\nb"


def test_paragraphs_whose_end_was_deleted_go_on_in_the_next_one() -> None:
    deleted = "<w:rPr><w:del/></w:rPr>"
    assert text(p(run("one "), deleted) + p(run("two"))) == "one two"
    assert text(p(run("one"), deleted) + table(cell("a") + cell("b"), cell("c") + cell("d"))).startswith("one\n\n| a")
    assert text(paragraph("zero") + p(run("one"), deleted)) == "zero\n\none"


def test_runs_of_a_hidden_character_style_are_out_and_shown_again_by_themselves() -> None:
    style = '<w:style w:type="character" w:styleId="H"><w:name w:val="H"/><w:rPr><w:vanish/></w:rPr></w:style>'
    hidden, shown = '<w:rStyle w:val="H"/>', '<w:rStyle w:val="H"/><w:vanish w:val="0"/>'
    body = p(run("a") + run(" no", hidden) + run(" b", shown))
    assert docx.extract(docx_bytes(body, {"word/styles.xml": f"<w:styles {W}>{style}</w:styles>"})).text == "a b"


def test_the_prompt_of_an_empty_form_field_is_out() -> None:
    def control(properties: str) -> str:
        return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{run('Click here.')}</w:sdtContent></w:sdt>"

    assert text(p(run("Name: ") + control("<w:showingPlcHdr/>"))) == "Name:"
    assert text(p(run("Name: ") + control(""))) == "Name: Click here."


@pytest.mark.parametrize("name", ["Source", "Barcode", "Resource"])
def test_styles_that_only_sound_like_code_are_none(name: str) -> None:
    style = f'<w:style w:type="paragraph" w:styleId="S"><w:name w:val="{name}"/></w:style>'
    found = docx.extract(docx_bytes(paragraph("a b", "S"), {"word/styles.xml": f"<w:styles {W}>{style}</w:styles>"}))
    assert found.text == "a b"


@pytest.mark.parametrize("value", ["²", "x", "-1", "", "99999999999999"])
def test_numbers_that_are_none_are_no_bug(value: str) -> None:
    level = f'<w:lvl w:ilvl="{value}"><w:start w:val="{value}"/><w:numFmt w:val="decimal"/></w:lvl>'
    override = f'<w:lvlOverride w:ilvl="{value}"><w:startOverride w:val="{value}"/></w:lvlOverride>'
    lists = (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">{level}</w:abstractNum><w:num w:numId="1">'
        f'<w:abstractNumId w:val="0"/>{override}</w:num></w:numbering>'
    )
    number = f'<w:outlineLvl w:val="{value}"/><w:numPr><w:ilvl w:val="{value}"/><w:numId w:val="1"/></w:numPr>'
    row = f'<w:trPr><w:gridBefore w:val="{value}"/></w:trPr>' + cell("b", f'<w:gridSpan w:val="{value}"/>') + cell("c")
    found = docx.extract(docx_bytes(p(run("a"), number) + table(row, row), {"word/numbering.xml": lists}))
    assert found.error is None
    assert all(word in found.text for word in "ab")


def test_a_document_that_ends_early_is_said_to_be_damaged() -> None:
    main = f"<w:document {W}><w:body>{paragraph('whole')}<w:p><w:r><w:t>cut"
    found = docx.extract(docx_bytes("", {"word/document.xml": main}))
    assert (found.text, found.metadata["num_damaged"]) == ("whole\n\ncut", "1")
    assert "num_damaged" not in docx.extract(docx_bytes(paragraph("whole"))).metadata


def test_a_document_nested_too_deep_is_a_typed_failure_and_no_shorter_document() -> None:
    body = paragraph("before") + "<w:customXml>" * 300 + paragraph("deep") + "</w:customXml>" * 300
    found = docx.extract(docx_bytes(body))
    assert found.error is not None
    assert found.error.code == "NestingTooDeep"


@pytest.mark.parametrize("member", ["word/styles.xml", "word/numbering.xml", "word/footnotes.xml", "docProps/core.xml"])
def test_a_damaged_part_beside_the_text_costs_only_itself(member: str) -> None:
    found = docx.extract(docx_bytes(paragraph("text"), {member: "junk"}))
    assert (found.text, found.error, found.metadata["num_damaged"]) == ("text", None, "1")


def test_a_licence_is_the_address_that_the_rights_state() -> None:
    core = '<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:rights>{}</dc:rights></c>'
    by = "https://creativecommons.org/licenses/by/4.0/"
    found = docx.extract(docx_bytes(paragraph("a"), {"docProps/core.xml": core.format(f"CC BY, {by}.")}))
    assert found.license_url == by
    assert docx.extract(docx_bytes(paragraph("a"), {"docProps/core.xml": core.format("mine")})).license_url is None


def test_signs_of_symbol_fonts_mean_what_their_font_shows() -> None:
    def sign(font: str) -> str:
        return f'<w:r><w:sym w:font="{font}" w:char="F0D8"/></w:r>'

    assert text(p(sign("Symbol") + sign("Wingdings") + sign("Webdings") + run("."))) == "¬➢."
    assert text(p(run("\uf061\uf0ce\uf053", '<w:rFonts w:ascii="Symbol"/>'))) == "α∈Σ"
    assert text(p(run("\uf061", '<w:rFonts w:ascii="Old Runes"/>'))) == "\uf061"


def test_headers_and_footers_are_no_part_of_the_text() -> None:
    data = docx_bytes(paragraph("text"), {"word/header1.xml": f"<w:hdr {W}>{paragraph('head')}</w:hdr>"})
    assert docx.extract(data).text == "text"


def test_an_external_entity_is_not_read() -> None:
    body = f"<w:document {W}><w:body>{paragraph('a &x; b')}</w:body></w:document>"
    main = f'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>{body}'
    assert "root:" not in docx.extract(docx_bytes("", {"word/document.xml": main})).text


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"nothing", "DamagedInput"),
        (zip_bytes({"a": ""}), "DamagedInput"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "DamagedInput"),
    ],
)
def test_what_is_no_document_is_a_typed_failure(data: bytes, code: str) -> None:
    found = docx.extract(data)
    assert found.error is not None
    assert found.error.code == code


NODES = st.recursive(
    st.sampled_from(
        [run("a"), "<w:r><w:br/></w:r>", '<w:r><w:fldChar w:fldCharType="end"/></w:r>', "<m:oMath/>", "<w:tbl/>", TOC]
    ),
    lambda inner: st.one_of(
        st.builds(lambda a, b: f"<w:p>{a}{b}</w:p>", inner, inner),
        st.builds(lambda a, b: f"<w:tbl><w:tr><w:tc>{a}</w:tc></w:tr><w:tr>{b}</w:tr></w:tbl>", inner, inner),
        st.builds(lambda a: f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{a}</w:p>", inner),
        st.builds(
            lambda a, b: (
                f"<w:AlternateContent><w:Choice>{a}</w:Choice><w:Fallback>{b}</w:Fallback></w:AlternateContent>"
            ),
            inner,
            inner,
        ),
        st.builds(lambda a: f"<w:sdt><w:sdtContent>{a}</w:sdtContent></w:sdt>", inner),
        st.builds(lambda a: f"<w:r><w:drawing><w:txbxContent>{a}</w:txbxContent></w:drawing></w:r>", inner),
    ),
    max_leaves=10,
)


@given(NODES)
def test_elements_in_any_order_are_read_without_a_bug(body: str) -> None:
    assert not isinstance(docx.extract(docx_bytes(body)).error, ExtractorBug)
