from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import odt
from extractors.errors import ExtractorBug
from pipelines.sample.books_files import odt_bytes, zip_bytes

STYLES = (
    '<style:style style:name="P1" style:parent-style-name="Preformatted_20_Text"/>'
    '<style:style style:name="Q" style:parent-style-name="Quotations"/>'
    '<style:style style:name="UP"><style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="HID"><style:text-properties text:display="none"/></style:style>'
    '<text:list-style style:name="N"><text:list-level-style-number text:level="1" style:num-format="1"/>'
    '<text:list-level-style-bullet text:level="2"/></text:list-style>'
)


def text(body: str, more: dict[str, str | bytes] | None = None) -> str:
    found = odt.extract(odt_bytes(body, STYLES, more))
    assert found.error is None
    return found.text


def p(inner: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{inner}</text:p>'


def row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def cell(words: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}>{p(words)}</table:table-cell>"


def test_headings_have_their_outline_level() -> None:
    assert text('<text:h text:outline-level="2">A</text:h>' + p("b")) == "## A\n\nb"


def test_lists_are_numbered_or_not_by_the_style_of_their_level() -> None:
    inner = f"<text:list><text:list-item>{p('b')}</text:list-item></text:list>"
    first = f"<text:list-item>{p('a')}{inner}</text:list-item><text:list-item>{p('c')}</text:list-item>"
    assert text(f'<text:list text:style-name="N">{first}</text:list>') == "1. a\n   - b\n2. c"


def test_a_continued_list_counts_on() -> None:
    one = f'<text:list text:style-name="N"><text:list-item>{p("a")}</text:list-item></text:list>'
    two = one.replace("<text:list ", '<text:list text:continue-numbering="true" ', 1).replace(">a<", ">b<")
    assert text(one + p("x") + two) == "1. a\n\nx\n\n2. b"


def test_spans_are_resolved_and_repeated_cells_written() -> None:
    covered = "<table:covered-table-cell/>"
    body = (
        row(cell("wide", 'table:number-columns-spanned="2"'), covered, cell("c"))
        + row(cell("tall", 'table:number-rows-spanned="2"'), cell("x", 'table:number-columns-repeated="2"'))
        + row(covered, cell("p"), cell("q"))
    )
    assert text(f"<table:table>{body}</table:table>") == (
        "| wide |  | c |\n| --- | --- | --- |\n| tall | x | x |\n| tall | p | q |"
    )


def test_a_cell_repeated_without_end_is_bounded() -> None:
    body = row(cell("a"), cell("b", 'table:number-columns-repeated="99999999"'))
    assert text(f"<table:table>{body}</table:table>").count("b") == 64


def test_notes_spaces_breaks_and_spans_stand_in_place() -> None:
    note = (
        f"<text:note><text:note-citation>1</text:note-citation><text:note-body>{p('note')}</text:note-body></text:note>"
    )
    assert text(p(f"a{note} b<text:line-break/>c<text:tab/>d<text:span>e</text:span>")) == "a (note) b\nc de"
    assert text(p('x<text:span text:style-name="UP">2</text:span>')) == "x^2"


def test_deletions_annotations_contents_and_hidden_text_are_out() -> None:
    body = (
        f"<text:tracked-changes><text:changed-region><text:deletion>{p('old')}</text:deletion></text:changed-region>"
        f"</text:tracked-changes><text:table-of-content>{p('One 1')}</text:table-of-content>"
        + p(f'kept<office:annotation>{p("remark")}</office:annotation><text:span text:style-name="HID">no</text:span>')
    )
    assert text(body) == "kept"


def test_code_and_quotes_are_told_by_the_style_they_build_on() -> None:
    assert text(p("x<text:s text:c='2'/>= 1", "P1") + p("y", "P1")).replace("\u00a0", " ") == "```\nx  = 1\ny\n```"
    assert text(p("so it is", "Q")) == "> so it is"
    assert text(p("a", "Q") + p("b", "Q") + p("c") + p("d", "Q")) == "> a\n>\n> b\n\nc\n\n> d"
    assert text(p("a", "Q") + "<text:h>b</text:h>" + p("c", "Q")) == "> a\n\n# b\n\n> c"


@pytest.mark.parametrize("style", ["Source_20_Text", "Source_Text", "Teletype"])
def test_runs_of_a_style_for_program_text_are_code(style: str) -> None:
    assert text(p(f'the <text:span text:style-name="{style}">x = 1</text:span> line')) == "the `x = 1` line"


def test_a_numbered_list_begins_with_the_number_that_its_style_states() -> None:
    style = (
        '<text:list-style style:name="M"><text:list-level-style-number text:level="1" style:num-format="1" '
        'text:start-value="5"/></text:list-style>'
    )
    items = f"<text:list-item>{p('a')}</text:list-item><text:list-item>{p('b')}</text:list-item>"
    found = odt.extract(odt_bytes(f'<text:list text:style-name="M">{items}</text:list>', style))
    assert found.text == "5. a\n6. b"


def test_paragraphs_sections_and_spans_of_a_hidden_style_are_out() -> None:
    style = f'{STYLES}<style:style style:name="T1" style:parent-style-name="HID"/>'
    body = (
        p("no", "HID") + f'<text:section text:display="none">{p("no")}</text:section>'
        f'<text:section text:display="condition" text:is-hidden="true">{p("no")}</text:section>'
        f'<text:section text:display="condition">{p("yes")}</text:section>'
        + p('so<text:span text:style-name="T1">no</text:span>')
    )
    assert odt.extract(odt_bytes(body, style)).text == "yes\n\nso"


def test_a_style_named_source_sets_no_code() -> None:
    style = '<style:style style:name="S" style:parent-style-name="Source"/>'
    assert odt.extract(odt_bytes(p("Source: the harbour office", "S"), style)).text == "Source: the harbour office"


def test_the_text_of_a_shape_follows_its_paragraph() -> None:
    shape = f"<draw:g><draw:custom-shape>{p('inside')}</draw:custom-shape></draw:g>"
    assert text(p(f"before {shape}and on") + p("after")) == "before and on\n\ninside\n\nafter"


def test_tables_in_tables_keep_their_text_however_deep() -> None:
    body = f"<table:table>{row(cell('deepest'), cell('beside'))}</table:table>"
    for depth in range(12):
        inner = f"<table:table-cell>{body}</table:table-cell>"
        body = f"<table:table>{row(inner, cell(f'side {depth}'))}</table:table>"
    found = text(body)
    assert found.startswith("| deepest | beside |")
    assert all(f"side {depth}" in found for depth in range(12))


@pytest.mark.parametrize("value", ["²", "x", "-1", "", "99999999999999"])
def test_numbers_that_are_none_are_no_bug(value: str) -> None:
    styles = f'<text:list-style style:name="N"><text:list-level-style-number text:level="{value}" style:num-format="1" '
    styles += f'text:start-value="{value}"/></text:list-style>'
    spanned = f'table:number-columns-spanned="{value}"'
    body = (
        f'<text:h text:outline-level="{value}">A</text:h><text:list text:style-name="N"><text:list-item '
        f'text:start-value="{value}">{p("b")}</text:list-item></text:list>'
        f"<table:table>{row(cell('c', spanned), cell('d'))}</table:table>"
    )
    found = odt.extract(odt_bytes(body, styles))
    assert found.error is None
    assert all(word in found.text for word in "Abcd")


def test_a_table_that_repeats_long_cells_is_a_typed_failure() -> None:
    cells = cell("w " * 3000, 'table:number-columns-repeated="64"')
    rows = f'<table:table-row table:number-rows-repeated="64">{cells}</table:table-row>'
    found = odt.extract(odt_bytes(f"{p('before')}<table:table>{rows}</table:table>", STYLES))
    assert found.error is not None
    assert (found.error.code, found.text) == ("OutputTooLarge", "before")


@pytest.mark.parametrize("cells", [cell("", 'table:number-columns-repeated="64"') * 40, ""])
def test_copies_of_cells_and_rows_are_cells_of_the_document(cells: str) -> None:
    rows = f'<table:table-row table:number-rows-repeated="64">{cells}</table:table-row>'
    body = f"{p('before')}<table:table>{rows * (1 if cells else 1600)}</table:table>{p('after')}"
    found = odt.extract(odt_bytes(body, STYLES))
    assert found.error is not None
    assert (found.error.code, found.text) == ("InputTooLarge", "before")


FORMULA = (
    '<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mfrac><mi>a</mi><mi>b</mi></mfrac>'
    '<annotation encoding="StarMath 5.0">a over b</annotation></semantics></math>'
)


def test_a_formula_object_is_tex_inline_and_displayed_when_alone() -> None:
    frame = '<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'
    more: dict[str, str | bytes] = {"Object 1/content.xml": FORMULA}
    assert text(p(f"so {frame} it is"), more) == "so $\\frac{a}{b}$ it is"
    assert text(p(frame), more) == "$$\\frac{a}{b}$$"


def test_a_missing_or_damaged_object_costs_only_itself() -> None:
    frame = '<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'
    assert text(p(f"so {frame}it is")) == "so it is"
    assert text(p(f"so {frame}it is"), {"Object 1/content.xml": "junk"}) == "so it is"


@pytest.mark.parametrize("member", ["styles.xml", "meta.xml"])
def test_a_damaged_part_beside_the_text_costs_only_itself(member: str) -> None:
    found = odt.extract(odt_bytes(p("text"), STYLES, {member: "junk"}))
    assert (found.text, found.error, found.metadata["num_damaged"]) == ("text", None, "1")


def test_a_text_box_follows_its_paragraph() -> None:
    box = f"<draw:frame><draw:text-box>{p('boxed')}</draw:text-box></draw:frame>"
    assert text(p(f"before{box}") + p("after")) == "before\n\nboxed\n\nafter"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"nothing", "DamagedInput"),
        (zip_bytes({"mimetype": ""}), "DamagedInput"),
        (odt_bytes("", more={"META-INF/manifest.xml": "<m><e><encryption-data/></e></m>"}), "EncryptedInput"),
    ],
)
def test_what_cannot_be_read_is_a_typed_failure(data: bytes, code: str) -> None:
    found = odt.extract(data)
    assert found.error is not None
    assert found.error.code == code


NODES = st.recursive(
    st.sampled_from(["a", "<text:s/>", "<text:h>b</text:h>", "<table:table/>", "<text:list/>"]),
    lambda inner: st.one_of(
        st.builds(lambda a, b: f"<text:p>{a}{b}</text:p>", inner, inner),
        st.builds(lambda a: f"<text:list><text:list-item>{a}</text:list-item></text:list>", inner),
        st.builds(lambda a, b: f"<table:table>{row(cell(a), cell(b))}</table:table>", inner, inner),
        st.builds(
            lambda a: f'<text:p text:style-name="Q">{a}<draw:custom-shape>{a}</draw:custom-shape></text:p>', inner
        ),
        st.builds(lambda a: f"<text:p><text:note><text:note-body>{a}</text:note-body></text:note></text:p>", inner),
    ),
    max_leaves=10,
)


@given(NODES)
def test_elements_in_any_order_are_read_without_a_bug(body: str) -> None:
    assert not isinstance(odt.extract(odt_bytes(body, STYLES)).error, ExtractorBug)
