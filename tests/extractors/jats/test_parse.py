"""The parser reads nothing but the bytes it is given, and expands nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import DamagedInput, ForeignFormat, InputTooLarge, NestingTooDeep
from extractors.guard import Limits
from extractors.jats import Options, extract


def article(body: str, head: str = "") -> bytes:
    return f"{head}<article><body>{body}</body></article>".encode()


def bomb(levels: int = 12, where: str = "<p>x &a{0}; y</p>") -> bytes:
    entities = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{k + 1} "{f"&a{k};" * 10}">' for k in range(levels))
    return article(where.format(levels), f"<!DOCTYPE article [{entities}]>")


@pytest.mark.parametrize("where", ["<p>x &a{0}; y</p>", '<p id="&a{0};">x</p>'])
def test_a_billion_laughs_fail_at_once(where: str) -> None:
    began = time.process_time()
    found = extract(bomb(where=where))
    assert isinstance(found.error, DamagedInput)
    assert time.process_time() - began < 2
    assert len(found.text) < 100


def test_a_quadratic_bomb_leaves_no_text(tmp_path: Path) -> None:
    del tmp_path
    head = f'<!DOCTYPE article [<!ENTITY a "{"x" * 50_000}">]>'
    found = extract(article("<p>before " + "&a;" * 2_000 + " after</p>", head))
    assert len(found.text) < 100


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the password")
    head = f'<!DOCTYPE article [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;]>'
    found = extract(article("<p>before &x; after</p>", head))
    assert "password" not in found.text
    assert found.text in ("before after", "")


def test_an_external_dtd_is_not_read(tmp_path: Path) -> None:
    dtd = tmp_path / "article.dtd"
    dtd.write_text('<!ENTITY x "from the DTD">')
    found = extract(article("<p>before &x; after</p>", f'<!DOCTYPE article SYSTEM "{dtd.as_uri()}">'))
    assert found.text == "before after"


@pytest.mark.parametrize("head", ["", '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS" "http://127.0.0.1:9/x.dtd">'])
def test_named_characters_of_the_dtds_come_out_as_characters(head: str) -> None:
    text = "<p>&alpha; &plusmn; &lsqb;1&rsqb; &percnt; &Thetas; &#946; &amp; &lt;</p>"
    assert extract(article(text, head)).text == "α ± [1] % Θ β & <"


def test_a_character_that_the_document_declares_is_one() -> None:
    assert extract(article("<p>a &deg; &own;</p>", '<!DOCTYPE article [<!ENTITY own "Ω">]>')).text == "a ° Ω"


def test_a_prefix_that_nobody_declared_costs_no_text() -> None:
    found = extract(article("<p>before <ali:free_to_read/> &amp; after &lt; &alpha;</p><p>&amp;</p>"))
    assert (found.error, found.text) == (None, "before & after < α\n\n&")
    assert "ali" in found.metadata["xml_mended"]


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"\0\1\2",
        b"no XML at all",
        b"<article><body><p>cut off",
        b"<article><body><p>a</q></body></article>",
        b"\xff\xfe<",
    ],
)
def test_broken_xml_is_damaged_input(xml: bytes) -> None:
    assert isinstance(extract(xml).error, DamagedInput)


@pytest.mark.parametrize(
    "xml",
    [
        b"<html><body/></html>",
        b'<full-text-retrieval-response xmlns="http://www.elsevier.com/x"/>',
        b"<article><p/></article>",
    ],
)
def test_other_xml_is_a_foreign_format(xml: bytes) -> None:
    assert isinstance(extract(xml).error, ForeignFormat)


@pytest.mark.parametrize(
    "wrapped",
    [
        "<pmc-articleset>{}</pmc-articleset>",
        '<item xmlns="http://libero.pub" xmlns:jats="http://jats.nlm.nih.gov"><meta/>{}</item>',
    ],
)
def test_an_article_inside_another_root_is_found(wrapped: str) -> None:
    xml = wrapped.format("<article><body><p>inside</p></body></article>")
    assert extract(xml.encode()).text == "inside"


def test_a_namespace_of_all_elements_makes_no_difference() -> None:
    xml = b'<j:article xmlns:j="http://jats.nlm.nih.gov"><j:body><j:sec><j:title>T</j:title><j:p>a<j:sup>2</j:sup></j:p></j:sec></j:body></j:article>'
    assert extract(xml).text == "## T\n\na^2"


def test_depth_and_size_are_bounded() -> None:
    assert isinstance(extract(article("<sec>" * 5000 + "</sec>" * 5000)).error, NestingTooDeep)
    assert isinstance(extract(article("<p>x</p>"), options=Options(limits=Limits(input_bytes=10))).error, InputTooLarge)


def test_the_deepest_that_the_parser_lets_through_is_walked() -> None:
    found = extract(article("<list><list-item>" * 120 + "<p>deep</p>" + "</list-item></list>" * 120))
    assert found.error is None
    assert "deep" in found.text


def test_bytes_in_a_declared_charset_are_read() -> None:
    xml = '<?xml version="1.0" encoding="ISO-8859-1"?><article><body><p>é</p></body></article>'
    assert extract(xml.encode("latin-1")).text == "é"
    assert (
        extract('<?xml version="1.0" encoding="UTF-16"?><article><body><p>é</p></body></article>'.encode("utf-16")).text
        == "é"
    )


def test_text_is_nfc() -> None:
    assert extract(article("<p>e\u0301</p>")).text == "é"


@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    extract(data)


TAGS = [
    "sec",
    "title",
    "p",
    "list",
    "list-item",
    "sup",
    "xref",
    "table-wrap",
    "table",
    "tr",
    "td",
    "fig",
    "caption",
    "fn",
    "disp-formula",
    "label",
    "def-list",
    "def-item",
    "term",
    "def",
    "boxed-text",
    "statement",
    "code",
    "abstract",
    "speech",
]
TREES = st.recursive(
    st.text(alphabet="ab 1[]()", max_size=6),
    lambda inner: st.tuples(st.sampled_from(TAGS), st.lists(inner, max_size=4)).map(
        lambda found: f"<{found[0]}>{''.join(found[1])}</{found[0]}>"
    ),
    max_leaves=25,
)


@given(TREES)
def test_no_arrangement_of_elements_is_a_bug_and_the_same_comes_out_twice(tree: str) -> None:
    found = extract(article(tree))
    assert found.error is None
    assert found == extract(article(tree))
