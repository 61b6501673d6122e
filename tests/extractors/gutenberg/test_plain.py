from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractors.gutenberg.plain import markdown

PROSE = """The quick brown fox jumps over the lazy dog and goes on jumping until
the evening, when the dog gets up, stretches itself, looks at the fox for
some time without a word, and walks into the house to have its dinner."""


def text(body: str) -> str:
    return markdown(f"{PROSE}\n\n{PROSE}\n\n{body}\n\n{PROSE}\n\n{PROSE}".split("\n"))


def test_wrapped_lines_become_one_paragraph() -> None:
    assert markdown(PROSE.split("\n")) == " ".join(PROSE.split("\n"))


def test_an_indented_first_line_is_prose_all_the_same() -> None:
    assert " ".join(PROSE.split("\n")) in markdown(
        [f"   {line}" if not k else line for k, line in enumerate(PROSE.split("\n"))]
    )


def test_verse_keeps_its_lines() -> None:
    assert "\n\nA line by the water,\na line by the wall\n\n" in text(
        "    A line by the water,\n      a line by the wall"
    )
    assert "\n\nA line by the water,\na line by the wall,\nthe end of it all\n\n" in text(
        "A line by the water,\na line by the wall,\nthe end of it all"
    )


def test_a_table_is_kept_as_it_is_set() -> None:
    assert "```\nMonday     5.1\nTuesday    5.4\n```" in text("  Monday     5.1\n  Tuesday    5.4")


def test_verse_as_long_as_prose_keeps_its_lines_where_it_is_set_in() -> None:
    stanza = "Will you come along the harbour where the herring boats are tied,\nWill you come and see the water "
    stanza += "going out upon the tide?"
    assert f"\n\n{stanza}\n\n" in text(stanza.replace("Will", " Will"))
    assert f"\n\n{stanza.replace(chr(10), ' ')}\n\n" in text(stanza)


def test_verse_set_flush_left_is_told_by_lines_that_end_early() -> None:
    stanza = (
        "The boats go out before the light is lying on the sea,\nThe nets are wet, the ropes are cold as cold as they "
        "can be,\nAnd nobody is on the quay."
    )
    assert f"\n\n{stanza}\n\n" in text(stanza)
    assert f"\n\n{stanza.replace('The nets', 'the nets').replace(chr(10), ' ')}\n\n" in text(
        stanza.replace("The nets", "the nets")
    )


def test_a_text_of_nothing_but_verse_keeps_its_lines() -> None:
    lines = [f"Line {k} of the long poem of the sea" for k in range(10, 20)]
    assert markdown(lines) == "\n".join(lines)


def test_chapter_headings_are_headings_and_short_sentences_are_not() -> None:
    found = text("\n\nCHAPTER XII. The Tide\n\n")
    assert "\n\n## CHAPTER XII. The Tide\n\n" in found
    assert "## " not in text("\n\nNo, said the dog.\n\n")
    assert "## " not in text(
        "\n\nPart of the way they went on foot, which took a while, and then by sea, as far as that goes\n\n"
    )


def test_entries_of_a_list_of_contents_are_no_headings() -> None:
    entries = "CHAPTER I. Down ............ 1\nCHAPTER II. Out ............ 9"
    assert f"\n\n{entries}\n\n" in text(f"\n\n{entries}\n\n")
    assert "## " not in text("\n\nCHAPTER I. Down ............ 1\n\n")
    assert "\n\n## CHAPTER I. Down and out\n\n" in text("\n\nCHAPTER I. Down\nand out\n\n")


def test_marks_of_the_pages_of_the_printed_book_are_out() -> None:
    found = text("[Pg 12]\n\nOne [Pg 13] word and [Page xiv]another, [Pg missing].")
    assert "\n\nOne word and another, [Pg missing].\n\n" in found
    assert "12" not in found
    assert "\n\nDown to the quay, and\non.\n\n" in text("Down to the[Pg 12] quay, and[Pg 13]\n[Pg 14] on.")


def test_soft_hyphens_and_control_characters_are_out() -> None:
    assert markdown(["co\u00adop\u00aderate\x07 and wait"]) == "cooperate and wait"


def test_capitals_between_wide_gaps_are_a_heading() -> None:
    assert "\n\n## THE HOUSE BY THE SEA\n\n" in text("\n\n\nTHE HOUSE BY THE SEA\n\n\n")


def test_marks_of_emphasis_go_and_names_with_underscores_stay() -> None:
    assert "it was very_long_name that mattered" in text("it _was_ very_long_name _that mattered_")


def test_rules_and_pictures_are_no_text() -> None:
    assert "*" not in text("       *       *       *       *       *")
    assert "Illustration" not in text("[Illustration]")
    assert "[Illustration: A dog on a chair]" in text("[Illustration: A dog on a chair]")


@given(st.lists(st.lists(st.text("abcde .,", max_size=70), min_size=1, max_size=6), max_size=8))
def test_no_word_is_lost_and_none_made_up(paragraphs: list[list[str]]) -> None:
    lines = [line for paragraph in paragraphs for line in [*paragraph, ""]]
    words = [word for line in lines for word in line.split() if word.strip(",. ")]
    found = [word for word in markdown(lines).replace("## ", "").split() if word.strip(",. ") and word != "```"]
    assert found == words
