from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.gutenberg.frame import unframed

BODY = "CHAPTER I\n\nIt began to rain, and nobody went home."
MODERN = (
    "The Project Gutenberg eBook of Rain, by Jo Doe\n\nTitle: Rain\n\nAuthor: Jo Doe\n\n"
    "Release Date: June 5, 2008 [eBook #123]\n\nLanguage: French\n\n"
)


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        ("*** START OF THE PROJECT GUTENBERG EBOOK RAIN ***", "*** END OF THE PROJECT GUTENBERG EBOOK RAIN ***"),
        ("*** START OF THIS PROJECT GUTENBERG EBOOK RAIN ***", "End of Project Gutenberg's Rain, by Jo Doe"),
        ("***START OF THE PROJECT GUTENBERG EBOOK, RAIN***", "***END OF THE PROJECT GUTENBERG EBOOK, RAIN***"),
        (
            "*** START OF THE PROJECT GUTENBERG EBOOK\nRAIN, A LONG TITLE ***",
            "End of the Project Gutenberg EBook of Rain",
        ),
        (
            "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
            "End of this Project Gutenberg Etext of Rain",
        ),
        ("*END THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.07.02.92*END*", "***START**THE SMALL PRINT!**FOR PUBLIC"),
        (
            "*** START OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK RAIN ***",
            "*** END OF THE COPYRIGHTED PROJECT GUTENBERG",
        ),
        ("*** START OF THIS PROJECT GUTENBERG EBOOK REGEN ***", "Ende dieses Projekt Gutenberg Etextes Regen"),
        ("*** START OF THIS PROJECT GUTENBERG EBOOK PLUIE ***", "Fin du Projet Gutenberg EBook de Pluie"),
        ("*** START OF THIS PROJECT GUTENBERG EBOOK PIOGGIA ***", "Fine del Progetto Gutenberg EBook"),
        ("*** START OF THIS PROJECT GUTENBERG EBOOK REGEN ***", "Einde van het Project Gutenberg EBook Regen"),
    ],
)
def test_the_frames_of_all_generations_are_taken_off(head: str, tail: str) -> None:
    text = f"{MODERN}{head}\n\n{BODY}\n\n{tail}\n\nSection 1. General Terms of Use\nDonations are welcome.\n"
    framed = unframed(text)
    assert framed.is_framed
    assert "\n".join(framed.lines).strip() == BODY


def test_a_header_without_a_marker_ends_where_its_paragraphs_end() -> None:
    framed = unframed(f"{MODERN}{BODY}\n")
    assert "\n".join(framed.lines).strip() == BODY


def test_the_header_says_title_author_language_date_and_number() -> None:
    framed = unframed(f"{MODERN}*** START OF THE PROJECT GUTENBERG EBOOK RAIN ***\n{BODY}")
    assert (framed.title, framed.author, framed.language, framed.date) == ("Rain", "Jo Doe", "fr", "2008-06-05")
    assert framed.metadata["identifier"] == "gutenberg:123"


@pytest.mark.parametrize(
    ("stated", "date"),
    [
        ("June 5, 2008 [eBook #123]", "2008-06-05"),
        ("5 June 2008", "2008-06-05"),
        ("2008-06-05", "2008-06-05"),
        ("June, 1998", "1998-06"),
        ("1998", "1998"),
        ("soon", None),
    ],
)
def test_dates_in_all_their_forms(stated: str, date: str | None) -> None:
    start = "*** START OF THE PROJECT GUTENBERG EBOOK RAIN ***"
    assert unframed(f"Title: Rain\nRelease Date: {stated}\n\n{start}\n\n{BODY}").date == date


def test_fields_go_over_lines_and_the_first_known_language_counts() -> None:
    head = "Title: Rain\n       A long title\n       of three lines\nAuthor: Jo Doe\n        Al Roe\n"
    head += "Language: Klingon, Serbian\n"
    framed = unframed(f"{head}\n*** START OF THE PROJECT GUTENBERG EBOOK RAIN ***\n\n{BODY}")
    assert (framed.title, framed.author) == ("Rain A long title of three lines", "Jo Doe; Al Roe")
    assert framed.language == "sr"


def test_the_statement_of_rights_is_metadata() -> None:
    terms = "This eBook is for the use of anyone anywhere at no cost. See www.gutenberg.org\n\n"
    framed = unframed(f"{terms}*** START OF THE PROJECT GUTENBERG EBOOK RAIN ***\n{BODY}")
    assert framed.metadata["rights"].startswith("This eBook is for the use of anyone anywhere")


def test_the_credit_line_goes_and_a_transcribers_note_stays() -> None:
    note = "[Transcriber's note: spelling as printed.]"
    start = "*** START OF THE PROJECT GUTENBERG EBOOK RAIN ***"
    lines = unframed(f"{MODERN}{start}\n\nProduced by Jo Doe and\nthe volunteers\n\n{note}\n\n{BODY}").lines
    assert "\n".join(lines).strip() == f"{note}\n\n{BODY}"


def test_a_small_print_at_the_end_of_a_short_text_is_no_header() -> None:
    print_ = "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN***\nWhy?\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN*END*\n"
    start, end = "*** START OF THE PROJECT GUTENBERG EBOOK RAIN ***", "*** END OF THE PROJECT GUTENBERG EBOOK RAIN ***"
    for text in (f"{MODERN}{start}\n\n{BODY}\n\n{end}\n\n{print_}", f"{MODERN}{BODY}\n\n{print_}"):
        assert "\n".join(unframed(text).lines).strip() == BODY


def test_all_notes_on_the_making_before_the_text_go() -> None:
    notes = (
        "E-text prepared by Jo Doe\n\n\nNote: Project Gutenberg also has an HTML version of this\n      file.\n\n"
        "Note: Images of the original pages are available\n"
    )
    start = "*** START OF THE PROJECT GUTENBERG EBOOK RAIN ***"
    assert "\n".join(unframed(f"{MODERN}{start}\n\n{notes}\n{BODY}").lines).strip() == BODY
    note = "Note: Project Gutenberg is mentioned here."
    assert "\n".join(unframed(f"{MODERN}{start}\n\n{note}\n\n{BODY}").lines).strip() == f"{note}\n\n{BODY}"


def test_a_mention_of_the_project_in_the_text_is_text() -> None:
    text = "He read it at Project Gutenberg.\n\nThat was the end of Project Gutenberg for him.\n\n" + BODY
    framed = unframed(text)
    assert not framed.is_framed
    assert "\n".join(framed.lines) == text


START, END = "*** START OF THE PROJECT GUTENBERG EBOOK RAIN ***", "*** END OF THE PROJECT GUTENBERG EBOOK RAIN ***"
LICENCE = "THE FULL PROJECT GUTENBERG LICENSE\n\nSection 1. General Terms of Use"


def test_of_several_books_in_one_text_each_is_without_its_frame() -> None:
    books = [f"{MODERN}{START}\n\nProduced by Jo Doe\n\n{name}\n\n{END}\n\n{LICENCE}" for name in "ABC"]
    assert "\n".join(unframed("\n\n".join(books)).lines).split() == ["A", "B", "C"]
    long = [*books[:2], books[2].replace("C\n", "C\n" + "and on\n" * 2000)]
    assert "\n".join(unframed("\n\n".join(long)).lines).split() == ["A", "B", "C", *["and", "on"] * 2000]


def test_a_sentence_that_begins_like_an_end_is_text() -> None:
    sentence = "End of Project Gutenberg was what he wished for."
    assert "\n".join(unframed(f"{sentence}\n\n{BODY}").lines) == f"{sentence}\n\n{BODY}"
    paragraph = f"{sentence}\n" + "And so it went on.\n" * 50
    assert "\n".join(unframed(f"{paragraph}\n{BODY}").lines) == f"{paragraph}\n{BODY}"
    framed = unframed(f"{MODERN}{START}\n\n{sentence}\n\n{BODY}\n\n{END}\n\n{LICENCE}")
    assert "\n".join(framed.lines).strip() == f"{sentence}\n\n{BODY}"


@pytest.mark.parametrize("tail", ["", "\n\n\n", f"\n\n{END}\n", f"\n{END}\n", f"\n\n{LICENCE}\n\nMore.\n"])
def test_an_end_in_small_letters_has_a_legal_text_or_nothing_after_it(tail: str) -> None:
    text = f"{MODERN}{START}\n\n{BODY}\n\nEnd of Project Gutenberg's Rain, a Book of Songs\nby Jo Doe{tail}"
    assert "\n".join(unframed(text).lines).strip() == BODY


def test_credits_are_text_where_there_is_no_frame() -> None:
    text = f"Produced by Jo Doe, the play had no success.\n\n{BODY}"
    assert "\n".join(unframed(text).lines) == text


@given(st.lists(st.text("ab. \n", max_size=40), max_size=12))
def test_a_text_without_a_frame_comes_back_whole(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    assert "\n".join(unframed(text).lines) == text
