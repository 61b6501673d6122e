from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import gutenberg
from extractors.errors import ExtractorBug

START, END = "*** START OF THE PROJECT GUTENBERG EBOOK X ***", "*** END OF THE PROJECT GUTENBERG EBOOK X ***"


def test_latin_and_utf8_texts_with_a_mark_are_decoded() -> None:
    for data in ("Café à la mode\n".encode("latin-1"), "\ufeffCafé à la mode\r\n".encode()):
        assert gutenberg.extract(data).text == "Café à la mode"


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("ISO-8859-2", "Kůň úpěl, łódź płynęła"),
        ("ISO-8859-15", "À cœur vaillant rien d'impossible"),
        ("CP850", "Größe über Äpfel"),
        ("ISO-8859-1", "Größe über Äpfel"),
        ("UTF-8", "“À cœur” — łódź"),
    ],
)
def test_the_charset_that_the_header_states_is_believed(label: str, words: str) -> None:
    text = f"Title: Rain\r\nCharacter set encoding: {label}\r\n\r\n{START}\r\n\r\n{words}\r\n\r\n{END}"
    assert gutenberg.extract(text.encode(label)).text == words


def test_a_header_that_states_ascii_says_nothing_of_what_goes_beyond_it() -> None:
    text = f"Character set encoding: ASCII\n\n{START}\n\nСтрана моя родная, много в ней лесов и полей\n\n{END}"
    assert gutenberg.extract(text.encode("koi8-r")).text.startswith("Страна моя")


def test_binary_junk_is_a_typed_failure() -> None:
    found = gutenberg.extract(bytes(range(256)) * 40)
    assert found.error is not None
    assert found.error.code == "UndecodableInput"


def test_an_html_edition_loses_its_frame_and_keeps_every_block() -> None:
    body = "<h2>CHAPTER I</h2><p>Text.</p><nav>kept</nav><div class='poem'><p>one<br/>two</p></div>"
    head = f"<html><body><pre>The Project Gutenberg EBook of X\n\n{START}\n</pre>"
    found = gutenberg.extract_html(f"{head}{body}<pre>{END}\nlicence</pre></body></html>".encode())
    assert found.text == "## CHAPTER I\n\nText.\n\nkept\n\none\ntwo"


@pytest.mark.parametrize("title", ["The Project Gutenberg eBook of Rain", "Rain | Project Gutenberg", "Rain"])
def test_the_title_of_an_html_edition_is_the_books(title: str) -> None:
    page = f"<html><head><title>{title}</title></head><body><p>x</p></body></html>"
    assert gutenberg.extract_html(page.encode()).title == "Rain"


def test_verse_that_an_old_html_edition_sets_in_pre_is_verse_and_a_table_is_code() -> None:
    verse, table = (
        "  A line by the water,\n    a line by the wall.\n\n  *   *   *\n\n  The end.",
        "Mon     5.1\nTue     5.4",
    )
    body = f"<p>Text.</p><pre>\n{verse}\n</pre><p>More.</p><pre>\n{table}\n</pre>"
    framed = gutenberg.extract_html(f"<body><pre>{START}</pre>{body}<pre>{END}</pre></body>".encode()).text
    assert framed == (f"Text.\n\nA line by the water,\na line by the wall.\n\nThe end.\n\nMore.\n\n```\n{table}\n```")
    other = gutenberg.extract_html(f"<body>{body}</body>".encode()).text
    assert other.count("```") == 4


def test_a_code_block_that_runs_into_the_frame_is_closed() -> None:
    page = f"<body><p>Text.</p><pre>  THE END\n\n{END}\nlicence</pre></body>"
    found = gutenberg.extract_html(page.encode()).text
    assert found == "Text.\n\nTHE END"


def test_the_novel_in_two_editions_is_nearly_one_text(shared: Path) -> None:
    folder = shared / "corpus/books/gutenberg"
    texts = [
        gutenberg.extract(gzip.decompress(path.read_bytes())).text for path in sorted(folder.glob("Pride*.txt.gz"))
    ]
    words = [set(text.split()) for text in texts]
    assert len(texts) == 2
    assert len(words[0] & words[1]) > 0.8 * len(words[0] | words[1])
    for text in texts:
        assert "Gutenberg" not in text
        assert text.count("\n\n## Chapter ") == 61


@given(st.binary(max_size=400))
def test_any_bytes_end_as_text_or_as_a_typed_failure(data: bytes) -> None:
    for extract in (gutenberg.extract, gutenberg.extract_html):
        assert not isinstance(extract(data).error, ExtractorBug)
