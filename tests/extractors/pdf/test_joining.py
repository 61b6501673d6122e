from __future__ import annotations

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


def test_a_long_paragraph_costs_time_in_proportion_to_its_length() -> None:
    lines = ["-".join(["ab"] * 25) + " " + "x" * 20] * 20_000
    assert len(joined(lines, vocabulary(lines[:1]))) == sum(map(len, lines)) + len(lines) - 1
