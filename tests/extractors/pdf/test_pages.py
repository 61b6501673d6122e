from __future__ import annotations

from collections.abc import Callable

import pytest

from extractors import pdf

Maker = Callable[..., bytes]
PROSE = b"the quay was dug in the year of the ice and nobody knew"


def at(x: float, y: float, text: bytes, size: float = 10) -> bytes:
    return b"BT /F %g Tf %g %g Td (%s) Tj ET\n" % (size, x, y, text)


def text(data: bytes) -> str:
    found = pdf.extract(data)
    assert found.error is None, found.error
    return found.text


def test_a_line_drawn_from_left_to_right_is_read_from_right_to_left(drawn: Maker) -> None:
    meanings = {0x61: "س", 0x62: "لا", 0x63: "م", 0x64: "ح", 0x65: "ب", 0x66: "ك"}
    data = drawn(at(100, 700, b"fed \\(12\\) cba"), meanings=meanings)
    assert text(data) == "سلام (12) حبك"


def test_a_line_drawn_letter_by_letter_from_the_right_reads_the_same(drawn: Maker) -> None:
    meanings = {0x61: "س", 0x62: "لا", 0x63: "م", 0x64: "ح", 0x65: "ب", 0x66: "ك"}
    page = b"".join(at(300 - 7 * k, 700, b"%c" % letter) for k, letter in enumerate(b"abc def") if letter != 32)
    assert text(drawn(page, meanings=meanings)).replace(" ", "") == "سلامحبك"


def test_presentation_forms_are_letters_and_latin_words_keep_their_order(drawn: Maker) -> None:
    meanings = {0x61: "\ufeb3", 0x67: "\ufefb", 0x63: "\ufee1", 0x64: "ש", 0x65: "ל"}
    assert text(drawn(at(100, 700, b"cga"), meanings=meanings)) == "سلام"
    assert text(drawn(at(100, 700, b"HTML 5 ed eded"), meanings=meanings)) == "שלשל של HTML 5"


def test_columns_of_right_to_left_writing_are_read_from_the_right(drawn: Maker) -> None:
    meanings = {0x61: "א", 0x62: "ב", 0x63: "ג", 0x64: "ד"}
    left = b"".join(at(60, 700 - 14 * k, b"abcd abcd abcd abcd abcd abcd a", 12) for k in range(12))
    right = b"".join(at(320, 700 - 14 * k, b"ddcc ddcc ddcc ddcc ddcc ddcc d", 12) for k in range(12))
    found = text(drawn(left + right, meanings=meanings))
    assert found.index("גגדד") < found.index("דגבא")


def test_an_accent_drawn_apart_goes_to_the_letter_it_stands_over(drawn: Maker) -> None:
    data = drawn(at(100, 700, b"Jorg sailed") + at(106.5, 700, b"x"), meanings={**{k: chr(k) for k in PROSE}, 0x78: "¨",
                 0x4A: "J"})  # fmt: skip
    assert text(data) == "Jörg sailed"


@pytest.mark.parametrize(
    ("base", "raised", "rise", "written"),
    [
        (b"benchmark.", b"12", 4, "benchmark.[12]"),
        (b"harbour", b"3", 4, "harbour[3]"),
        (b"450", b"2", 4, "450^2"),
        (b"x", b"2", 4, "x^2"),
        (b"x", b"i", -2, "x_i"),
        (b"H", b"2", -2, "H2"),
    ],
)
def test_raised_and_lowered_pieces_are_marked(
    drawn: Maker, base: bytes, raised: bytes, rise: int, written: str
) -> None:
    page = b"BT /F 10 Tf 100 700 Td (%s) Tj /F 6 Tf %d Ts (%s) Tj ET" % (base, rise, raised)
    assert text(drawn(page)) == written


def test_the_number_of_a_note_stands_apart_from_its_text(drawn: Maker) -> None:
    page = at(100, 704, b"4", 6) + at(103.6, 700, b"We saw it too.")
    assert text(drawn(page)) == "[4] We saw it too."


def test_what_is_drawn_later_stands_where_its_place_is(drawn: Maker) -> None:
    page = b"BT /F 10 Tf 100 700 Td (where n) Tj 44 0 Td (3 holds for all) Tj ET\n" + at(138, 700, b">")
    assert text(drawn(page)) == "where n >3 holds for all"


def test_halves_of_a_character_beyond_the_first_plane_are_one(drawn: Maker) -> None:
    assert text(drawn(at(100, 700, b"a grin: \x01"), meanings={0x01: "😀"})) == "a grin: 😀"


def test_bullets_of_symbol_fonts_are_bullets_and_other_private_codes_are_counted(drawn: Maker) -> None:
    page = at(100, 700, b"\x01 one thing") + at(100, 686, b"\x01 another thing\x02")
    found = pdf.extract(drawn(page, meanings={0x01: "\uf0b7", 0x02: "\ue123"}))
    assert found.text == "- one thing\n- another thing"
    assert found.metadata["num_unmapped_chars"] == "1"


def test_glyphs_without_unicode_values_are_left_out_and_counted(drawn: Maker) -> None:
    names = b"1 " + b" ".join(b"/g%d" % k for k in range(1, 27))
    few = drawn(at(100, 700, PROSE) + at(100, 600, b"\x01\x02\x03"), names=names)
    found = pdf.extract(few)
    assert (found.text, found.metadata["num_unmapped_chars"]) == (PROSE.decode(), "3")


def test_a_document_whose_fonts_tell_no_unicode_values_fails_as_such(drawn: Maker) -> None:
    names = b"32 " + b" ".join(b"/g%d" % k for k in range(32, 127))
    shifted = bytes(letter - 29 if letter > 64 else letter for letter in PROSE).replace(b"(", b"{").replace(b")", b"}")
    found = pdf.extract(drawn(at(100, 700, shifted.replace(b"\\", b"/")), names=names))
    assert found.error is not None
    assert (found.error.code, found.text) == ("UndecodableInput", "")
    assert "no Unicode value" in str(found.error)


def test_the_share_of_such_glyphs_is_judged_on_both_sides_of_its_limit(drawn: Maker) -> None:
    names = b"1 /g1"
    data = drawn(at(100, 700, b"seventy") + at(100, 600, b"\x01\x01\x01"), names=names)
    assert pdf.extract(data, pdf.Options(max_unmapped_ratio=0.3)).error is None
    found = pdf.extract(data, pdf.Options(max_unmapped_ratio=0.29)).error
    assert found is not None
    assert found.code == "UndecodableInput"


def test_bitmap_fonts_with_tex_codes_are_read_with_their_ligatures(drawn: Maker) -> None:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # dvips names glyphs by their code plus 360 to the base of 36
    names = b"11 " + " ".join(f"/{digits[(k + 360) // 36]}{digits[k % 36]}" for k in range(11, 127)).encode()
    page = at(100, 700, PROSE) + at(100, 686, b"how u\x0bish the \x0cnal e\x0bort was of \\\\the \x0fuents")
    assert text(drawn(page, names=names)).endswith("how uffish the final effort was of “the ffluents")


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_running_heads_go_from_pages_that_are_turned_when_shown(drawn: Maker, rotate: int) -> None:
    turns = {0: b"1 0 0 1 0 0", 90: b"0 1 -1 0 595 0", 180: b"-1 0 0 -1 595 842", 270: b"0 -1 1 0 0 842"}
    width, height = (595, 842) if rotate % 180 == 0 else (842, 595)
    pages = []
    for k in range(4):
        page = at(60, height - 30, b"The tide tables", 9) + at(width / 2, 20, b"%d" % (k + 7), 9)
        page += b"".join(at(60, height - 150 - 14 * n, b"page %d line %d " % (k, n) + PROSE[n:]) for n in range(6))
        pages.append(b"q %s cm %s Q" % (turns[rotate], page))
    found = text(drawn(*pages, rotate=rotate))
    assert "tide tables" not in found
    assert " 7" not in found
    assert [found.index(f"page {k} line 5") for k in range(4)] == sorted(
        found.index(f"page {k} line 5") for k in range(4)
    )


def test_a_stamp_across_the_page_is_left_out_and_counted(drawn: Maker) -> None:
    page = at(60, 700, PROSE) + b"BT /F 60 Tf 0.7 0.7 -0.7 0.7 150 200 Tm (DRAFT) Tj ET"
    found = pdf.extract(drawn(page))
    assert (found.text, found.metadata["num_turned_chars"]) == (PROSE.decode(), "5")


def test_a_page_box_that_begins_elsewhere_moves_the_edges_too(drawn: Maker) -> None:
    head, foot = at(60, 5810, b"The tide tables", 9), at(60, 5040, b"Bound at the quay", 9)
    pages = [
        head + foot + b"".join(at(60, 5600 - 14 * n, b"%d%d " % (k, n) + PROSE) for n in range(6)) for k in range(4)
    ]
    found = text(drawn(*pages, box=b"[0 5000 595 5842]"))
    assert "tide tables" not in found
    assert "Bound" not in found


def test_characters_beyond_the_most_of_a_page_are_said(drawn: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.pdf.glyphs.MAX_PAGE_CHARS", 10)
    found = pdf.extract(drawn(at(60, 700, b"0123456789abcde")))
    assert found.text == "0123456789"
    assert found.error is not None
    assert found.error.code == "InputTooLarge"
    assert found.metadata["num_cut_chars"] == "5"


def code_page(texts: list[bytes]) -> bytes:
    """Prose, then indented lines in the font `/F`."""
    prose = b"".join(b"BT /Plain 10 Tf 60 %d Td (%s) Tj ET\n" % (760 - 14 * k, PROSE) for k in range(5))
    return prose + b"".join(at(60 + 6 * indent, 670 - 12 * k, line) for k, (indent, line) in
                            enumerate(zip((0, 4, 4), texts, strict=True)))  # fmt: skip


def test_lines_in_a_type_of_one_width_among_others_are_code_with_its_indents(drawn: Maker) -> None:
    found = text(
        drawn(code_page([b"def ebb\\(\\):", b"tide = 0", b"return tide"]).replace(b"\\\\", b"\\"), font=b"Courier")
    )
    assert found.endswith("```\ndef ebb():\n    tide = 0\n    return tide\n```")


def test_a_typescript_and_ideographs_of_one_width_are_no_code(drawn: Maker) -> None:
    typed = b"".join(at(60, 700 - 12 * k, PROSE) for k in range(5))
    assert "```" not in text(drawn(typed, font=b"Courier"))
    meanings = {0x61: "潮", 0x62: "岸", 0x63: "船"}
    assert "```" not in text(drawn(code_page([b"abcabc", b"cba", b"bca"]), font=b"Courier", meanings=meanings))


def test_strips_of_one_picture_cover_a_scan_together() -> None:
    from pipelines.sample.books_files import pdf_bytes

    strips = b" ".join(b"q 595 0 0 100 0 %d cm /Im Do Q" % (100 * k) for k in range(8))
    whole = b"q 595 0 0 842 0 0 cm /Im Do Q"
    data = pdf_bytes([[]], pictures=True)
    start, stop = data.index(b"/Length %d" % len(whole)), data.index(whole)
    cut = data[:start] + b"/Length %d" % len(strips) + data[start + len(b"/Length %d" % len(whole)) : stop]
    assert pdf.extract(cut + strips + data[stop + len(whole) :]).kind == pdf.SCANNED
