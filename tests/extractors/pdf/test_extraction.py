from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import pdf
from extractors.errors import ExtractorBug
from extractors.guard import Limits
from extractors.pdf import Options
from pipelines.sample.books_files import Placed, pdf_bytes

WORDS = "the tide came in over the long flat sand and nobody on the quay had seen it come so fast before that day "


def lines(left: float, top: float, texts: list[str], size: float = 10) -> list[Placed]:
    return [(left, top - 14 * k, size, line) for k, line in enumerate(texts)]


def prose(name: str, num_lines: int = 12) -> list[str]:
    """Lines of about one width that end inside their sentence, each with its own number."""
    return [f"{name}{k} {WORDS[k % 9 :][:34].strip()} x" for k in range(num_lines)]


def text(*pages: list[Placed]) -> str:
    found = pdf.extract(pdf_bytes(pages))
    assert found.error is None
    return found.text


def test_two_columns_are_read_one_after_the_other() -> None:
    page = lines(60, 700, prose("left")) + lines(320, 700, prose("right"))
    words = text(sorted(page, key=lambda placed: -placed[1])).split()
    places = [words.index(f"left{k}") for k in range(12)] + [words.index(f"right{k}") for k in range(12)]
    assert places == sorted(places)


def test_a_line_across_the_columns_parts_them() -> None:
    page = lines(60, 700, prose("a")) + lines(320, 700, prose("b"))
    page += [(60, 500, 10, "A caption that runs across both of the columns from the one side to the other")]
    page += lines(60, 460, prose("c")) + lines(320, 460, prose("d"))
    words = text(page).split()
    order = [words.index(word) for word in ("a0", "b0", "caption", "c0", "d0")]
    assert order == sorted(order)


def test_a_table_is_not_taken_for_columns() -> None:
    page = [(x, 700 - 20 * k, 10, f"{name}{k}") for k in range(10) for x, name in ((60, "a"), (200, "b"), (400, "c"))]
    found = text(page)
    assert "| a0 | b0 | c0 |" in found
    assert "| a9 | b9 | c9 |" in found


def test_rows_of_a_figure_are_no_table() -> None:
    rows = [("(<)", "(=)", "(>)"), ("a", "b", "c"), ("d", "e", "f"), ("g", "h", "i")]
    page = [
        (x, 700 - 20 * k, 10, cell) for k, row in enumerate(rows) for x, cell in zip((60, 200, 400), row, strict=True)
    ]
    assert "|" not in text(page)


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("was fro-", "zen over", "was frozen over"),
        ("the well-", "known man, a well-known one", "the well-known man, a well-known one"),
        ("the token-", "and word-level", "the token- and word-level"),
        ("the SCI-", "DOCS set, SCIDOCS that is", "the SCIDOCS set, SCIDOCS that is"),
        ("in 1990-", "1995 it was", "in 1990-1995 it was"),
    ],
)
def test_words_parted_at_the_end_of_a_line_are_joined(first: str, second: str, joined: str) -> None:
    assert text(lines(60, 700, [first, second])) == joined


def test_running_heads_and_page_numbers_are_out_and_the_text_goes_on_over_pages() -> None:
    pages = [
        [(60, 810, 9, f"The tide tables {k + 1}"), (290, 40, 9, str(k + 7)), *lines(60, 700, prose(f"p{k}x", 8))]
        for k in range(4)
    ]
    found = text(*pages)
    assert "tide tables" not in found
    assert " 7" not in found
    assert "\n\n" not in found


def test_a_line_that_is_alike_on_two_of_many_pages_is_text() -> None:
    pages = [[(60, 700, 10, f"page {k} says"), *lines(60, 600, prose(f"q{k}x", 5))] for k in range(6)]
    pages[0].append((60, 800, 10, "Only here and there"))
    pages[1].append((60, 800, 10, "Only here and there"))
    assert text(*pages).count("Only here and there") == 2


def test_headings_are_told_by_size_and_ranked() -> None:
    page = [(60, 780, 20, "The Title"), (60, 740, 14, "A section"), *lines(60, 715, prose("a", 8))]
    page += [(60, 580, 14, "Another"), *lines(60, 555, prose("b", 8))]
    found = text(page)
    assert found.startswith("# The Title\n\n## A section\n\na0")
    assert "\n\n## Another\n\nb0" in found


def test_paragraphs_are_told_by_gaps_indents_and_short_ends() -> None:
    page = lines(60, 700, prose("a", 5)) + lines(60, 700 - 5 * 14 - 12, prose("b", 5))
    page += [(72, 700 - 10 * 14 - 12, 10, prose("c", 1)[0]), *lines(60, 700 - 11 * 14 - 12, prose("d", 4))]
    assert [part.split()[0] for part in text(page).split("\n\n")] == ["a0", "b0", "c0"]


def test_notes_at_the_foot_follow_the_paragraph_they_interrupt() -> None:
    first = [*lines(60, 300, prose("a", 8)), (60, 120, 8, "1 A note in small type")]
    found = text(first, lines(60, 700, prose("b", 8)))
    assert found.index("a7") < found.index("b0") < found.index("A note")
    assert "\n\nb0" not in found


def test_entries_that_count_up_are_paragraphs_of_their_own() -> None:
    entries = ["[1] A. Lee, Of coins and of what they weigh when they are not true",
               "[2] B. Moe, Of quays and of the harbours and all of the boats on",
               "ice on them [7] and more", "[3] C. Noe, Of tides"]  # fmt: skip
    parts = text(lines(60, 700, entries)).split("\n\n")
    assert [part[:3] for part in parts] == ["[1]", "[2]", "[3]"]


def test_centred_lines_are_apart_and_a_wrapped_paragraph_is_whole() -> None:
    page = [(148, 760, 10, "Abstract"), *lines(60, 746, prose("The", 6))]
    assert [part.split()[0] for part in text(page).split("\n\n")] == ["Abstract", "The0"]


def test_a_word_parted_over_pages_is_joined_though_the_page_has_a_foot() -> None:
    first = lines(60, 700, prose("left")) + lines(320, 700, [*prose("right", 11), "and nobody saw the har-"])
    first.append(
        (60, 60, 7, "Proceedings of the harbour society, where this was read, volume of the year in all parts")
    )
    found = text(first, lines(60, 700, ["bour of it", *prose("next", 11)]) + lines(320, 700, prose("end")))
    assert "nobody saw the harbour of it" in found
    assert "\n\nProceedings of the harbour" in found


def test_formulas_in_larger_type_are_no_headings() -> None:
    page = [(60, 760, 14, "x < y = z"), *lines(60, 700, prose("a", 8))]
    assert "#" not in text(page)


def test_bold_is_not_needed_where_roman_numbers_are_large() -> None:
    page = [(60, 760, 14, "IV. Of the ice"), *lines(60, 700, prose("a", 8))]
    assert text(page).startswith("# IV. Of the ice")


def test_pages_of_one_short_line_are_paragraphs_of_their_own() -> None:
    assert text(*[[(60, 760, 10, f"Plate of ship {name}")] for name in ("Ann", "Bea", "Cid")]).count("\n\n") == 2


def test_a_label_beside_its_field_does_not_run_into_the_next() -> None:
    assert text(lines(60, 700, ["Name", "Check", "Submit"])) == "Name\n\nCheck\n\nSubmit"


def test_list_items_have_their_mark() -> None:
    assert text(lines(60, 700, ["• one thing", "• another thing"])) == "- one thing\n- another thing"


def test_pictures_without_text_are_a_scan_and_an_empty_page_is_none() -> None:
    scan = pdf.extract(pdf_bytes([[(60, 30, 9, "7")], []], pictures=True))
    assert (scan.kind, scan.text, scan.metadata["num_pages"]) == (pdf.SCANNED, "", "2")
    assert pdf.extract(pdf_bytes([[]])).kind != pdf.SCANNED


def test_a_scan_with_a_text_layer_of_the_least_size_is_read() -> None:
    data = pdf_bytes([[(60, 700, 9, "a" * 50)]], pictures=True)
    assert pdf.extract(data, Options(min_page_chars=50)).kind != pdf.SCANNED
    assert pdf.extract(data, Options(min_page_chars=51)).kind == pdf.SCANNED


def test_a_document_of_the_most_pages_is_whole_and_a_longer_one_says_so() -> None:
    data = pdf_bytes([[(60, 700, 10, "one")], [(60, 600, 10, "two")]])
    assert pdf.extract(data, Options(max_pages=2)).error is None
    found = pdf.extract(data, Options(max_pages=1))
    assert found.text == "one"
    assert found.error is not None
    assert found.error.code == "InputTooLarge"


def test_the_time_limit_keeps_what_was_read() -> None:
    data = pdf_bytes([lines(60, 800, prose("a", 50))] * 3000)  # far more than a second's work
    found = pdf.extract(data, Options(limits=Limits(time_s=1.0)))
    assert found.error is not None
    assert found.error.code == "TimeLimitExceeded"
    assert "tide came in over" in found.text
    assert found.metadata["num_pages"] == "3000"


@pytest.mark.parametrize("data", [b"", b"not a pdf", b"%PDF-1.4\njunk", pdf_bytes([[(9, 9, 9, "x")]])[:100]])
def test_what_cannot_be_opened_is_a_typed_failure(data: bytes) -> None:
    found = pdf.extract(data)
    assert found.error is not None
    assert found.error.code == "DamagedInput"


PLACED = st.tuples(
    st.floats(0, 500), st.floats(0, 800), st.floats(4, 30), st.text("abc de-.•1", min_size=1, max_size=30)
)


@settings(max_examples=60)
@given(st.lists(st.lists(PLACED, max_size=25), min_size=1, max_size=3))
def test_texts_anywhere_are_read_without_a_bug_and_the_same_each_time(pages: list[list[Placed]]) -> None:
    data = pdf_bytes(pages)
    found = pdf.extract(data)
    assert not isinstance(found.error, ExtractorBug), found.error
    assert found.text == pdf.extract(data).text


def test_the_real_samples_have_these_outcomes(shared: Path) -> None:
    found = {path.name[:3]: pdf.extract(path.read_bytes()) for path in (shared / "corpus/books/pdf").glob("*.pdf")}
    assert found["005"].error is not None
    assert found["005"].error.code == "EncryptedInput"
    assert found["007"].kind == pdf.SCANNED
    paper = found["202"].text
    assert "PubMed Central" not in paper
    assert "2275" not in paper
    assert "\n\n## 6 Analysis\n\n" in paper
    assert "several design decisions in SPECTER" in paper
