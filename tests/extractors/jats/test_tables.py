"""Tables of both models come out as pipe tables, with what belongs to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.jats import extract


def text(inner: str) -> str:
    found = extract(
        f'<article xmlns:oasis="http://docs.oasis-open.org/ns/oasis-exchange/table"><body>{inner}</body></article>'.encode()
    )
    assert found.error is None
    return found.text


def rows(*lines: str) -> str:
    return "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line.split(','))}</tr>" for line in lines)


def test_label_caption_table_and_notes_stand_in_that_order() -> None:
    inner = (
        "<table-wrap><label>Table 1</label><caption><title>Counts</title><p>More.</p></caption>"
        f"<table><thead>{rows('A,B')}</thead><tfoot>{rows('sum,3')}</tfoot><tbody>{rows('x,1', 'y,2')}</tbody></table>"
        "<table-wrap-foot><p>Made up.</p></table-wrap-foot></table-wrap>"
    )
    table = "| A | B |\n| --- | --- |\n| x | 1 |\n| y | 2 |\n| sum | 3 |"
    assert text(inner) == f"Table 1. Counts\n\nMore.\n\n{table}\n\nMade up."


def test_spans_are_resolved() -> None:
    inner = '<table><tr><th rowspan="2">A</th><th colspan="2">B</th></tr><tr><th>c</th><th>d</th></tr></table>'
    assert text(inner) == "| A | B |  |\n| --- | --- | --- |\n| A | c | d |"


@pytest.mark.parametrize("span", ["x", "0", "-2", "²", "9" * 5000])
def test_a_span_that_is_no_number_of_columns_or_rows_counts_one(span: str) -> None:
    inner = f'<table><tr><td colspan="{span}">A</td><td rowspan="{span}">B</td></tr></table>'
    entries = f'<row><entry morerows="{span}">A</entry><entry>B</entry></row>'
    group = f'<table-wrap><table><tgroup cols="2"><tbody>{entries}</tbody></tgroup></table></table-wrap>'
    assert text(inner) == text(group) == "| A | B |\n| --- | --- |"


def test_oasis_tables_are_read_by_their_column_names() -> None:
    inner = (
        '<table-wrap><oasis:table><oasis:tgroup cols="3"><oasis:colspec colname="c1"/><oasis:colspec colname="c2"/>'
        '<oasis:colspec colname="c3"/><oasis:thead><oasis:row><oasis:entry morerows="1">A</oasis:entry>'
        '<oasis:entry namest="c2" nameend="c3">B</oasis:entry></oasis:row><oasis:row><oasis:entry>c</oasis:entry>'
        "<oasis:entry>d</oasis:entry></oasis:row></oasis:thead></oasis:tgroup></oasis:table></table-wrap>"
    )
    assert text(inner) == "| A | B |  |\n| --- | --- | --- |\n| A | c | d |"


def test_marks_of_notes_stay_readable_in_cells_and_notes() -> None:
    inner = (
        '<table-wrap><table><tr><td>5<xref ref-type="table-fn" rid="n">a</xref>'
        "</td><td>7<sup>b</sup></td><td>2<sup>*</sup></td></tr></table>"
        '<table-wrap-foot><fn id="n"><label>a</label><p>Twice.</p></fn><fn><label>b</label><p>Once.</p></fn>'
        "<fn><p>* p &lt; 0.05</p></fn></table-wrap-foot></table-wrap>"
    )
    assert text(inner) == "| 5[a] | 7[b] | 2* |\n| --- | --- | --- |\n\n[a] Twice.\n\n[b] Once.\n\n* p < 0.05"


def test_cells_hold_one_line_and_escape_bars() -> None:
    inner = "<table><tr><td><p>a</p><p>b | c</p></td><td><list><list-item><p>d</p></list-item></list></td></tr></table>"
    assert text(inner) == "| a b \\| c | d |\n| --- | --- |"


def test_a_formula_in_a_cell_has_no_bare_bar() -> None:
    inner = "<table><tr><td><inline-formula><tex-math>|x|</tex-math></inline-formula></td><td>y</td></tr></table>"
    assert text(inner).startswith("| $\\vert x\\vert $ | y |")


def test_of_alternatives_the_table_is_taken_and_of_a_picture_the_caption() -> None:
    table = f"<table>{rows('a,b')}</table>"
    assert (
        text(f"<table-wrap><alternatives><graphic/>{table}</alternatives></table-wrap>") == "| a | b |\n| --- | --- |"
    )
    xml = (
        b"<article><body><table-wrap><label>T1</label><caption>"
        b"<title>Pic</title></caption><graphic/></table-wrap></body></article>"
    )
    found = extract(xml)
    assert (found.text, found.metadata["num_table_images"]) == ("T1. Pic", "1")


def test_several_tables_of_one_wrap_are_several() -> None:
    inner = f"<table-wrap><table>{rows('a,b')}</table><table>{rows('c,d')}</table></table-wrap>"
    assert text(inner) == "| a | b |\n| --- | --- |\n\n| c | d |\n| --- | --- |"


def test_reference_markers_leave_cells() -> None:
    inner = '<table><tr><td>x [<xref ref-type="bibr" rid="r">1</xref>]</td><td>y</td></tr></table>'
    assert text(inner) == "| x | y |\n| --- | --- |"


@given(
    st.lists(st.lists(st.text(alphabet="abc", min_size=1, max_size=3), min_size=2, max_size=4), min_size=1, max_size=5)
)
def test_every_cell_of_a_grid_comes_out_in_its_row(grid: list[list[str]]) -> None:
    lines = text("<table>" + rows(*(",".join(line) for line in grid)) + "</table>").split("\n")
    del lines[1]
    for line, row in zip(lines, grid, strict=True):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[: len(row)] == row
