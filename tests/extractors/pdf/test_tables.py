from __future__ import annotations

from collections.abc import Callable

from extractors import pdf

Maker = Callable[..., bytes]
COLUMNS = (100, 200, 260, 330)
ROWS = (b"Quay", b"Brig", b"Sloop", b"Ketch")


def at(x: float, y: float, text: bytes, size: float = 10) -> bytes:
    return b"BT /F %g Tf %g %g Td (%s) Tj ET\n" % (size, x, y, text)


def rule(x0: float, y0: float, x1: float, y1: float) -> bytes:
    return b"%g %g m %g %g l S\n" % (x0, y0, x1, y1)


def grid(xs: tuple[float, ...], ys: tuple[float, ...]) -> bytes:
    level = b"".join(rule(xs[0], y, xs[-1], y) for y in ys)
    return level + b"".join(rule(x, ys[0], x, ys[-1]) for x in xs)


def text(data: bytes) -> str:
    found = pdf.extract(data)
    assert found.error is None
    return found.text


def test_a_grid_of_lines_is_a_table_and_the_text_around_it_stays(drawn: Maker) -> None:
    page = grid((100, 200, 300), (700, 680, 660, 640)) + at(100, 720, b"What was seen") + at(100, 600, b"And then")
    page += b"".join(at(105 + 100 * c, 687 - 20 * r, b"r%dc%d" % (r, c)) for r in range(3) for c in range(2))
    table = "| r0c0 | r0c1 |\n| --- | --- |\n| r1c0 | r1c1 |\n| r2c0 | r2c1 |"
    assert text(drawn(page)) == f"What was seen\n\n{table}\n\nAnd then"


def test_a_cell_over_columns_and_rows_spans_and_wrapped_lines_are_one_cell(drawn: Maker) -> None:
    page = rule(100, 700, 400, 700) + rule(200, 680, 400, 680) + rule(100, 640, 400, 640)
    page += b"".join(rule(x, 700, x, 640) for x in (100, 200, 400)) + rule(300, 680, 300, 640)
    page += at(105, 667, b"tall") + at(205, 687, b"wide") + at(205, 667, b"one two") + at(205, 655, b"three")
    page += at(305, 667, b"last")
    assert text(drawn(page)) == "| tall | wide |  |\n| --- | --- | --- |\n| tall | one two three | last |"


def test_level_lines_of_one_width_and_free_strips_are_a_table(drawn: Maker) -> None:
    assert text(drawn(ruled())) == (
        "|  | Year | Men | Tons |\n| --- | --- | --- | --- |\n"
        "| Quay | 1700 | 20 | 1.5 |\n| Brig | 1701 | 21 | 2.5 |\n"
        "| Sloop | 1702 | 22 | 3.5 |\n| Ketch | 1703 | 23 | 4.5 |"
    )


def ruled(last: bytes = b"") -> bytes:
    page = b"".join(rule(100, y, 360, y) for y in (720, 700, 605))
    page += at(200, 706, b"Year") + at(260, 706, b"Men") + at(330, 706, b"Tons")
    for k, name in enumerate(ROWS):
        y = 688 - 18 * k
        page += at(100, y, name) + at(200, y, b"170%d" % k) + at(260, y, b"2%d" % k) + at(330, y, b"%d.5" % (k + 1))
    return page + last


def test_prose_between_level_lines_is_no_table(drawn: Maker) -> None:
    page = b"".join(rule(100, y, 460, y) for y in (720, 700, 620)) + at(100, 706, b"A box with a head")
    words = b"the tide came in over the long flat sand and nobody on the quay had seen it come so fast before that day"
    page += b"".join(at(100, 688 - 14 * k, words[7 * k :][:60]) for k in range(4))
    assert "|" not in text(drawn(page))


def test_a_cell_that_sticks_out_of_the_frame_makes_it_no_table(drawn: Maker) -> None:
    row = at(100, 612, b"Total") + at(200, 612, b"1704") + at(260, 612, b"24")
    assert "| Total | 1704 | 24 | 5.5 |" in text(drawn(ruled(row + at(330, 612, b"5.5"))))
    found = text(drawn(ruled(row + at(330, 612, b"5.5 and a note that leaves it"))))
    assert "|" not in found
    assert "a note that leaves it" in found


def test_columns_that_are_mostly_empty_are_no_table(drawn: Maker) -> None:
    page = b"".join(rule(100, y, 360, y) for y in (720, 700, 620)) + at(100, 706, b"Year") + at(260, 706, b"What was")
    page += b"".join(at(100, 688 - 18 * k, name) for k, name in enumerate(ROWS)) + at(260, 688, b"seen")
    assert "|" not in text(drawn(page))


def test_boxes_of_a_diagram_are_no_table(drawn: Maker) -> None:
    page = b"".join(b"%d %d 80 40 re S\n" % (100 + 120 * k, 600) for k in range(3))
    page += b"".join(at(110 + 120 * k, 615, b"step %d" % k) for k in range(3))
    page += b"".join(rule(180 + 120 * k, 620, 220 + 120 * k, 620) for k in range(2))
    found = text(drawn(page))
    assert "|" not in found
    assert "step 2" in found


def test_a_plot_with_grid_lines_is_no_table(drawn: Maker) -> None:
    xs, ys = tuple(range(100, 401, 30)), tuple(range(700, 399, -30))
    page = grid(xs, ys) + b"".join(at(x - 4, 390, b"%d" % x) for x in xs) + at(150, 650, b"all") + at(250, 550, b"none")
    assert "|" not in text(drawn(page))


def test_numbers_that_stand_near_each_other_are_two_cells(drawn: Maker) -> None:
    page = (
        b"".join(rule(100, y, 300, y) for y in (720, 700, 620))
        + at(100, 706, b"Name")
        + at(200, 706, b"A")
        + at(222, 706, b"B")
    )
    for k, name in enumerate(ROWS):
        page += at(100, 688 - 18 * k, name) + at(200, 688 - 18 * k, b"36.%d" % k) + at(222, 688 - 18 * k, b"76.%d" % k)
    assert "| Sloop | 36.2 | 76.2 |" in text(drawn(page))


def test_rows_without_lines_between_them_are_not_one_cell(drawn: Maker) -> None:
    page = grid((100, 200, 300), (700, 680, 600))
    page += at(105, 687, b"Ship") + at(205, 687, b"Men")
    page += b"".join(at(105, 667 - 14 * k, name) + at(205, 667 - 14 * k, b"2%d" % k) for k, name in enumerate(ROWS))
    found = text(drawn(page))
    assert "Quay Brig" not in found
    assert "Ketch" in found


def test_two_tables_are_two_and_what_stands_between_them_stays_there(drawn: Maker) -> None:
    one = grid((100, 200, 300), (700, 680, 660)) + at(105, 687, b"a") + at(205, 687, b"b") + at(105, 667, b"c")
    one += at(205, 667, b"d")
    two = grid((100, 200, 300), (600, 580, 560)) + at(105, 587, b"e") + at(205, 587, b"f") + at(105, 567, b"g")
    two += at(205, 567, b"h") + at(100, 630, b"between them")
    found = text(drawn(two + one))
    assert found == "| a | b |\n| --- | --- |\n| c | d |\n\nbetween them\n\n| e | f |\n| --- | --- |\n| g | h |"


def test_a_page_of_very_many_lines_has_no_table_and_is_read(drawn: Maker) -> None:
    page = b"".join(rule(50, 100 + k / 10, 500, 100 + k / 10) for k in range(5000)) + at(100, 760, b"A drawing")
    assert text(drawn(page)) == "A drawing"


def test_lines_over_some_columns_of_a_table_make_no_second_one(drawn: Maker) -> None:
    inner = b"".join(rule(200, y, 360, y) for y in (682, 664, 628))
    assert text(drawn(ruled(inner))) == text(drawn(ruled()))


def test_a_grid_in_a_cell_of_another_is_words_of_the_cell(drawn: Maker) -> None:
    page = grid((100, 200, 400), (700, 680, 600)) + grid((220, 280, 340), (660, 640, 620))
    page += at(105, 687, b"one") + at(205, 687, b"two") + at(105, 667, b"three") + at(205, 667, b"four")
    page += at(225, 647, b"in1") + at(285, 647, b"in2") + at(225, 627, b"in3") + at(285, 627, b"in4")
    assert text(drawn(page)) == "| one | two |\n| --- | --- |\n| three | four in1 in2 in3 in4 |"


def test_what_touches_a_table_s_edge_is_in_it_or_beside_it(drawn: Maker) -> None:
    whole = text(drawn(ruled()))
    assert text(drawn(ruled(at(100, 601.5, b"Source: the harbour book")))) == f"{whole}\n\nSource: the harbour book"
    assert text(drawn(ruled(at(100, 717.5, b"Table 1")))) == f"Table 1\n\n{whole}"
    assert text(drawn(ruled(at(96, 656, b"*")))) == f"{whole}\n\n*"
    frame = grid((100, 200, 300), (700, 680, 660)) + at(105, 687, b"a") + at(205, 687, b"b") + at(105, 667, b"c")
    found = text(drawn(frame + at(205, 667, b"d") + at(130, 697, b"LEGEND")))
    assert found == "LEGEND\n\n| a | b |\n| --- | --- |\n| c | d |"


def test_words_without_places_in_a_frame_stay(drawn: Maker) -> None:
    meanings = {**{k: chr(k) for k in range(32, 127)}, 0x80: "ש", 0x81: "ל"}
    page = ruled(at(100, 612, b"\x80\x81\x80") + at(200, 612, b"1704") + at(260, 612, b"24") + at(330, 612, b"5.5"))
    assert "שלש" in text(drawn(page, meanings=meanings))


def test_words_between_two_tables_are_in_one_of_them(drawn: Maker) -> None:
    page = b"".join(rule(100, y, 200, y) + rule(204.5, y, 330, y) for y in (720, 700, 620))
    for k, name in enumerate((b"Ship", *ROWS)):
        page += at(100, 706 - 18 * k, name) + at(194, 706 - 18 * k, b"40%d" % k) + at(300, 706 - 18 * k, b"7%d" % k)
    found = text(drawn(page))
    assert "|" in found
    assert [found.count(f"40{k}") for k in range(5)] == [1] * 5


def test_running_heads_and_page_numbers_go_from_pages_of_tables(drawn: Maker) -> None:
    pages = [ruled(at(100, 810, b"The tide tables of the harbour") + at(290, 40, b"%d" % (k + 7))) for k in range(4)]
    assert text(drawn(*pages)) == "\n\n".join([text(drawn(ruled()))] * 4)
