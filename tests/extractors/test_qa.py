"""Rows of a Q&A dump, bodies, licences and the text of a thread."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from extractors.guard import Limits
from extractors.qa import (
    body_markdown,
    licence_of,
    one_line,
    read_row,
    shifted_headings,
    tags_of,
    thread_licence,
    thread_text,
)

XML_TEXT = st.text(st.characters(min_codepoint=32, blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff"))


class TestRow:
    @given(st.dictionaries(st.sampled_from(["Id", "Body", "Title", "Tags"]), XML_TEXT))
    def test_attributes_are_what_an_xml_parser_reads(self, attributes: dict[str, str]) -> None:
        row = f"<row {' '.join(f'{name}={quoteattr(value)}' for name, value in attributes.items())} />".encode()
        assert read_row(row) == dict(etree.fromstring(row).attrib)

    @pytest.mark.parametrize("rest", ["", "&#65;"])
    def test_references_are_resolved_once(self, rest: str) -> None:
        found = read_row(f'<row Body="&lt;p&gt;&amp;lt;&amp;#xA;&#xA;&quot;&apos;{rest}" />'.encode())
        assert found == {"Body": "<p>&lt;&#xA;\n\"'" + "A" * bool(rest)}

    def test_entities_of_a_dtd_are_not_expanded(self) -> None:
        assert read_row(b'<row Body="&lol9;&xxe;" />') == {"Body": "&lol9;&xxe;"}

    def test_references_to_no_character_become_a_replacement(self) -> None:
        assert read_row(b'<row Body="a&#0;b&#xD800;c&#x110000;" />') == {"Body": "a\ufffdb\ufffdc\ufffd"}

    def test_a_raw_line_end_in_an_attribute_is_a_space(self) -> None:
        assert read_row(b'<row Title="a\r\nb\tc" />') == {"Title": "a b c"}

    def test_single_quotes_and_a_raw_greater_than_are_well_formed(self) -> None:
        assert read_row(b"<row Title='a > \"b\"' Id='1'/>") == {"Title": 'a > "b"', "Id": "1"}

    @pytest.mark.parametrize("row", [b'<row Id="1>', b"<row Id=1 />", b"<rows />", b'<row Id="1" Title />', b""])
    def test_a_row_that_is_not_well_formed_is_none(self, row: bytes) -> None:
        assert read_row(row) is None

    def test_bytes_that_do_not_decode_are_replaced(self) -> None:
        assert read_row(b'<row Title="caf\xe9" />') == {"Title": "caf\ufffd"}
        assert read_row(b'<row Title="caf\xe9" />', "cp1252") == {"Title": "caf\u00e9"}


class TestBody:
    def test_every_block_of_a_body_is_text(self) -> None:
        html = "<p>Thanks!</p><ul><li>See also</li></ul><p>Share this</p>"
        assert body_markdown(html, Limits()).text == "Thanks!\n\n- See also\n\nShare this"

    def test_code_keeps_its_white_space_and_language(self) -> None:
        html = '<p>Run:</p><pre class="lang-py prettyprint-override"><code>if a:\n    b()\n\n    c()\n</code></pre>'
        assert body_markdown(html, Limits()).text == "Run:\n\n```python\nif a:\n    b()\n\n    c()\n```"

    def test_mathematics_of_mathjax_is_kept_as_written(self) -> None:
        html = r"<p>So $a_1 * b_2 &lt; c$ and $$\begin{pmatrix}1 \\ 0\end{pmatrix}$$</p>"
        assert body_markdown(html, Limits()).text == r"So $a_1 * b_2 < c$ and $$\begin{pmatrix}1 \\ 0\end{pmatrix}$$"

    def test_an_empty_body_has_no_text_and_no_error(self) -> None:
        found = body_markdown("", Limits())
        assert (found.text, found.error) == ("", None)


@pytest.mark.parametrize(("stated", "tags"), [("<c++><a-b>", ("c++", "a-b")), ("|c#|a|", ("c#", "a")), ("", ())])
def test_tags_are_read_in_both_spellings(stated: str, tags: tuple[str, ...]) -> None:
    assert tags_of(stated) == tags


def test_a_title_is_one_line() -> None:
    assert one_line("a\x00 \n b\t") == "a b"


class TestThread:
    def test_a_thread_is_title_question_and_answers_under_headings(self) -> None:
        text = thread_text("Why?", "Because # no", [("# So\n\nyes", True), ("no", False)])
        assert text == "# Why?\n\nBecause # no\n\n## Accepted answer\n\n### So\n\nyes\n\n## Answer\n\nno"

    def test_a_question_that_is_its_title_has_no_empty_block(self) -> None:
        assert thread_text("Why?", "", []) == "# Why?"

    def test_headings_move_below_and_stop_at_six(self) -> None:
        assert shifted_headings("# a\n###### b\n#c", 2) == "### a\n###### b\n#c"

    def test_lines_of_code_that_look_like_headings_stay(self) -> None:
        text = "````\n# a\n```\n# b\n````\n# c\n\n- ```sh\n  # d\n  ```\n> ```\n> # e\n> ```"
        assert shifted_headings(text, 1) == text.replace("\n# c", "\n## c")

    @given(
        st.lists(st.sampled_from(["# a", "text", "```", "```py", "> ```", "", "####### no", "#"])), st.integers(0, 5)
    )
    def test_lines_stay_in_their_places_and_only_marks_are_added(self, lines: list[str], by: int) -> None:
        moved = shifted_headings("\n".join(lines), by).split("\n")
        assert [line.lstrip("#") for line in moved] == [line.lstrip("#") for line in "\n".join(lines).split("\n")]
        assert shifted_headings("\n".join(lines), 0) == "\n".join(lines)


class TestLicence:
    def test_what_is_stated_counts(self) -> None:
        assert licence_of("CC BY-SA 4.0", "2010-01-01T00:00:00") == "CC-BY-SA-4.0"
        assert licence_of("MIT", None) == "MIT"

    @pytest.mark.parametrize(
        ("date", "licence"),
        [
            ("2011-04-07T23:59:59", "CC-BY-SA-2.5"),
            ("2011-04-08T00:00:00", "CC-BY-SA-3.0"),
            ("2018-05-01T23:59:59", "CC-BY-SA-3.0"),
            ("2018-05-02T00:00:00", "CC-BY-SA-4.0"),
            (None, None),
        ],
    )
    def test_else_the_day_of_the_post_does(self, date: str | None, licence: str | None) -> None:
        assert licence_of(None, date) == licence

    def test_a_thread_is_under_the_newest_of_its_posts(self) -> None:
        assert thread_licence(["CC-BY-SA-3.0", "CC-BY-SA-2.5"]) == "CC-BY-SA-3.0"
        assert thread_licence(["CC-BY-SA-3.0", "MIT"]) == "CC-BY-SA-3.0 AND MIT"
        assert thread_licence(["CC-BY-SA-3.0", None]) is None
        assert thread_licence([]) is None
