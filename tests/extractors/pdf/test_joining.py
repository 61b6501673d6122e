from __future__ import annotations

import time

import pytest

from extractors.pdf.joining import joined, vocabulary


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (
            ["an off-the-", "shelf one; the shelf, the quay, a shelf"],
            "an off-the-shelf one; the shelf, the quay, a shelf",
        ),
        (["the state-", "of-the-art of a state"], "the state-of-the-art of a state"),
        (["an inter-docu-", "ment link of a document"], "an inter-document link of a document"),
        (["see https://example.org/a/", "path/b for it"], "see https://example.org/a/path/b for it"),
        (["see https://example.org/a-", "path for it"], "see https://example.org/a-path for it"),
        (["see https://example.org.", "Then go on"], "see https://example.org. Then go on"),
        (["see https://example.", "org then"], "see https://example.org then"),
        (["a word-", "Then"], "a word-Then"),
    ],
)
def test_parted_words_and_addresses_are_joined(lines: list[str], text: str) -> None:
    assert joined(lines, vocabulary(lines)) == text


@pytest.mark.parametrize(
    ("line", "num"),
    [
        ("-".join(["ab"] * 25) + " " + "x" * 20, 20_000),
        ("ab1-", 4_000),
        ("www.ab-", 4_000),
        ("ab-", 4_000),
        ("ab" * 50 + "-", 10_000),
    ],
)
def test_a_long_paragraph_costs_time_in_proportion_to_its_length(line: str, num: int) -> None:
    lines = [line] * num
    words = vocabulary(lines[:1])
    start = time.process_time()
    found = joined(lines, words)
    assert time.process_time() - start < 2
    assert found.replace(" ", "").replace("-", "") == line.replace(" ", "").replace("-", "") * num


def test_a_word_of_more_characters_than_a_line_is_joined_all_the_same() -> None:
    assert joined(["a" * 150 + "-", "ment"], vocabulary([])) == "a" * 150 + "ment"
