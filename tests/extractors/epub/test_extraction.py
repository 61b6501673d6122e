from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors import epub
from extractors.epub import Options
from extractors.errors import ExtractorBug
from extractors.guard import Limits
from pipelines.sample.books_files import epub_bytes, xhtml, zip_bytes

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="p.opf"/>'
    "</rootfiles></container>"
)


def package(manifest: str, spine: str, more: str = "", version: str = "3.0") -> str:
    return (
        f'<package xmlns="http://www.idpf.org/2007/opf" version="{version}" unique-identifier="i"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title></metadata><manifest>{manifest}</manifest>'
        f"<spine>{spine}</spine>{more}</package>"
    )


def item(name: str, member: str, extra: str = "") -> str:
    return f'<item id="{name}" href="{member}" media-type="application/xhtml+xml" {extra}/>'


def book(members: dict[str, str | bytes]) -> bytes:
    return zip_bytes({"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER, **members})


def simple(body: str) -> str:
    return epub.extract(epub_bytes("T", "A", [body])).text


def test_chapters_come_in_spine_order_whatever_their_names_and_places() -> None:
    data = book(
        {
            "z.xhtml": xhtml("<p>first</p>"),
            "a.xhtml": xhtml("<p>second</p>"),
            "p.opf": package(item("a", "a.xhtml") + item("z", "z.xhtml"), '<itemref idref="z"/><itemref idref="a"/>'),
        }
    )
    assert epub.extract(data).text == "first\n\nsecond"


def test_metadata_is_what_the_package_states() -> None:
    found = epub.extract(epub_bytes("A Title", "Jo Doe", ["<p>text</p>"]))
    assert (found.title, found.author, found.language, found.date) == ("A Title", "Jo Doe", "en", "2021-03-03")
    assert found.license_url == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert found.metadata["identifier"] == "urn:sample:a-title"


def test_a_right_without_an_address_is_metadata_and_no_licence() -> None:
    opf = package(item("c", "c.xhtml"), '<itemref idref="c"/>').replace(
        "</metadata>", "<dc:rights>Public domain in the USA.</dc:rights></metadata>"
    )
    found = epub.extract(book({"p.opf": opf, "c.xhtml": xhtml("<p>x</p>")}))
    assert found.license_url is None
    assert found.metadata["rights"] == "Public domain in the USA."


def test_covers_navigation_and_imprints_are_left_out_and_kept_on_demand() -> None:
    manifest = item("nav", "nav.xhtml", 'properties="nav"') + item("i", "imprint.xhtml") + item("c", "c.xhtml")
    spine = '<itemref idref="nav"/><itemref idref="i"/><itemref idref="c"/>'
    data = book(
        {
            "p.opf": package(manifest, spine),
            "nav.xhtml": xhtml('<h1>Contents</h1><nav epub:type="toc"><ol><li>One</li></ol></nav>'),
            "imprint.xhtml": xhtml("<p>All rights</p>", 'epub:type="copyright-page"'),
            "c.xhtml": xhtml("<p>text</p>"),
        }
    )
    assert epub.extract(data).text == "text"
    assert "All rights" in epub.extract(data, Options(apparatus="keep")).text


def test_the_guide_of_epub_2_names_its_contents_page() -> None:
    guide = '<guide><reference type="toc" href="t.xhtml"/></guide>'
    manifest, spine = item("t", "t.xhtml") + item("c", "c.xhtml"), '<itemref idref="t"/><itemref idref="c"/>'
    opf = package(manifest, spine, guide, "2.0")
    data = book({"p.opf": opf, "t.xhtml": xhtml("<p>One 1</p>"), "c.xhtml": xhtml("<p>text</p>")})
    assert epub.extract(data).text == "text"


@pytest.mark.parametrize(("reference", "num_words"), [("t.xhtml#toc", 100), ("t.xhtml", 10_000)])
def test_a_book_whose_guide_calls_a_place_in_it_or_all_of_it_its_contents_stays(reference: str, num_words: int) -> None:
    opf = package(
        item("t", "t.xhtml"),
        '<itemref idref="t"/>',
        f'<guide><reference type="toc" href="{reference}"/></guide>',
        "2.0",
    )
    found = epub.extract(book({"p.opf": opf, "t.xhtml": xhtml("<p>word</p>" * num_words)}))
    assert found.text.count("word") == num_words


def test_of_several_titles_the_main_one_is_the_books() -> None:
    titles = '<dc:title>Series</dc:title><dc:title id="m">Main</dc:title>'
    titles += '<meta refines="#m" property="title-type">main</meta>'
    opf = package(item("c", "c.xhtml"), '<itemref idref="c"/>')
    members: dict[str, str | bytes] = {"c.xhtml": xhtml("<p>x</p>")}
    assert epub.extract(book({**members, "p.opf": opf.replace("<dc:title>T</dc:title>", titles)})).title == "Main"
    untyped = titles.replace(">main<", ">short<")
    assert epub.extract(book({**members, "p.opf": opf.replace("<dc:title>T</dc:title>", untyped)})).title == "Series"


def test_a_navigation_document_that_is_also_a_title_page_keeps_its_words() -> None:
    manifest, spine = item("n", "n.xhtml", 'properties="nav"'), '<itemref idref="n"/>'
    body = "<h1>T</h1><p>A preface.</p><nav><ol><li>One</li></ol></nav>"
    data = book({"p.opf": package(manifest, spine), "n.xhtml": xhtml(body)})
    assert epub.extract(data).text == "# T\n\nA preface."


def test_a_book_in_one_file_with_an_inner_title_page_stays() -> None:
    body = '<section epub:type="titlepage"><p>T</p></section>' + "<p>word word</p>" * 2000
    assert simple(body).count("word word") == 2000


def test_empty_xml_elements_do_not_swallow_the_text_after_them() -> None:
    assert simple('<p>one <a id="x"/>two<span class="y"/> three</p><div/><p>four</p>') == "one two three\n\nfour"


def test_prefixed_mathml_and_cdata_are_read() -> None:
    body = '<p>so <m:math xmlns:m="x"><m:mfrac><m:mi>a</m:mi><m:mi>b</m:mi></m:mfrac></m:math> <![CDATA[a < b]]></p>'
    assert simple(body) == "so $\\frac{a}{b}$ a < b"


def test_page_marks_and_line_numbers_of_the_printed_book_are_left_out() -> None:
    body = '<p>one <span epub:type="pagebreak" id="p1">12</span>two<span class="lnum">10</span></p>'
    assert simple(body) == "one two"


def test_a_note_mark_does_not_end_a_word() -> None:
    assert simple('<p>river<a epub:type="noteref" href="#n"><sup>1</sup></a> ran</p>') == "river[1] ran"


@pytest.mark.parametrize(
    "body",
    [
        '<div class="stanza"><div>one line</div><div>two line</div></div>',
        '<p class="verse">one line</p><p class="verse">two line</p>',
        '<p><span class="line">one line</span><span class="line">two line</span></p>',
    ],
)
def test_lines_of_verse_stay_lines(body: str) -> None:
    assert simple(body) == "one line\ntwo line"


def test_stanzas_stay_apart_and_a_quotation_inside_one_does_not_end_it() -> None:
    def group(*lines: str) -> str:
        return f'<div class="linegroup">{"".join(f"<div>{line}</div>" for line in lines)}</div>'

    assert simple(f'<div class="lg">{group("a", "b")}{group("c", "d")}</div>') == "a\nb\n\nc\nd"
    quoted = f"<div>a</div><div>b</div><blockquote>{group('q', 'r')}</blockquote><div>c</div><div>d</div>"
    assert simple(f'<div class="linegroup">{quoted}</div>') == "a\nb\n\n> q\n> r\n\nc\nd"


def test_the_frame_of_project_gutenberg_is_taken_off_a_book() -> None:
    head = "<section id='pg-header'><h2>The Project Gutenberg eBook of Rain</h2><p>Title: Rain</p>"
    head += "<div>*** START OF THE PROJECT GUTENBERG EBOOK RAIN ***</div></section><h1>RAIN</h1><p>It rained.</p>"
    tail = "<p>It stopped.</p><div>*** END OF THE PROJECT GUTENBERG EBOOK RAIN ***</div><p>Licence.</p>"
    found = epub.extract(epub_bytes("T", "A", [head, tail]))
    assert (found.text, found.metadata["frame"]) == ("# RAIN\n\nIt rained.\n\nIt stopped.", "project-gutenberg")
    mention = epub.extract(epub_bytes("T", "A", ["<p>He read it at Project Gutenberg.</p>"]))
    assert (mention.text, "frame" in mention.metadata) == ("He read it at Project Gutenberg.", False)


def test_a_book_of_two_books_of_project_gutenberg_keeps_both() -> None:
    chapters = [
        f"<p>*** START OF THE PROJECT GUTENBERG EBOOK {name} ***</p><p>The tale of {name}.</p>"
        f"<p>*** END OF THE PROJECT GUTENBERG EBOOK {name} ***</p><p>The full Project Gutenberg License.</p>"
        for name in ("ALPHA", "BETA")
    ]
    assert epub.extract(epub_bytes("T", "A", chapters)).text == "The tale of ALPHA.\n\nThe tale of BETA."


def test_a_spine_that_names_missing_files_keeps_the_others_and_says_so() -> None:
    manifest = item("a", "a.xhtml") + item("b", "../../outside.xhtml")
    spine = '<itemref idref="a"/><itemref idref="b"/><itemref idref="nowhere"/>'
    found = epub.extract(book({"p.opf": package(manifest, spine), "a.xhtml": xhtml("<p>text</p>")}))
    assert found.text == "text"
    assert found.metadata["num_missing"] == "2"
    assert found.error is None


def test_a_container_document_that_names_nothing_falls_back_to_the_package_there_is() -> None:
    members: dict[str, str | bytes] = {
        "p.opf": package(item("a", "a.xhtml"), '<itemref idref="a"/>'),
        "a.xhtml": xhtml("<p>text</p>"),
    }
    for container in ("<container/>", "not xml <", CONTAINER.replace("p.opf", "gone.opf")):
        data = zip_bytes({"mimetype": "application/epub+zip", "META-INF/container.xml": container, **members})
        found = epub.extract(data)
        assert (found.text, found.error) == ("text", None)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"GIF89a not a zip", "DamagedInput"),
        (b"", "DamagedInput"),
        (zip_bytes({"mimetype": "application/epub+zip"}), "DamagedInput"),
        (book({"p.opf": package("", "")}), "DamagedInput"),
        (book({"p.opf": "<package"}), "DamagedInput"),
        (book({"p.opf": package(item("a", "../a.xhtml"), '<itemref idref="a"/>')}), "DamagedInput"),
        (epub_bytes("T", "A", ["<p>x</p>"])[:-40], "DamagedInput"),
    ],
)
def test_what_holds_no_book_is_a_typed_failure(data: bytes, code: str) -> None:
    found = epub.extract(data)
    assert found.text == ""
    assert found.error is not None
    assert found.error.code == code


def encryption(algorithm: str, member: str) -> dict[str, str]:
    return {
        "META-INF/encryption.xml": '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData>'
        f'<e:EncryptionMethod Algorithm="{algorithm}"/><e:CipherData><e:CipherReference URI="{member}"/>'
        "</e:CipherData></e:EncryptedData></encryption>"
    }


def test_an_enciphered_chapter_is_a_typed_failure_and_an_obfuscated_font_is_none() -> None:
    aes = encryption("http://www.w3.org/2001/04/xmlenc#aes256-cbc", "OPS/chapter-1.xhtml")
    found = epub.extract(epub_bytes("T", "A", ["<p>x</p>"], aes))
    assert found.error is not None
    assert found.error.code == "EncryptedInput"
    fonts = encryption("http://www.idpf.org/2008/embedding", "OPS/chapter-1.xhtml")
    assert epub.extract(epub_bytes("T", "A", ["<p>x</p>"], fonts)).text == "x"


def test_a_bomb_is_a_typed_failure_and_what_came_before_it_is_there() -> None:
    found = epub.extract(
        epub_bytes("T", "A", ["<p>before</p>", "<p>x</p>" * 400_000]), Options(max_unpacked_bytes=2**20)
    )
    assert found.error is not None
    assert found.error.code == "DecompressionBomb"
    assert found.text == "before"


def test_a_chapter_that_goes_on_for_ever_ends_at_the_time_limit() -> None:
    chapters = ["<div>" * 500 + "<p>x</p>" * 50_000] * 20
    found = epub.extract(epub_bytes("T", "A", chapters), Options(limits=Limits(time_s=0.05)))
    assert found.error is not None
    assert found.error.code == "TimeLimitExceeded"


def test_a_container_that_names_other_renditions_first_is_read_by_its_package() -> None:
    first = '<rootfile media-type="application/pdf" full-path="b.pdf"/><rootfile full-path'
    members: dict[str, str | bytes] = {
        "META-INF/container.xml": CONTAINER.replace("<rootfile full-path", first),
        "b.pdf": b"%PDF",
        "p.opf": package(item("a", "a.xhtml"), '<itemref idref="a"/>'),
        "a.xhtml": xhtml("<p>text</p>"),
    }
    assert epub.extract(zip_bytes({"mimetype": "application/epub+zip", **members})).text == "text"


def test_what_is_no_markup_is_read_by_its_fallback_or_counted() -> None:
    manifest = (
        '<item id="f" href="f.pdf" media-type="application/pdf" fallback="g"/>'
        '<item id="g" href="g.svg" media-type="image/svg+xml" fallback="a"/>'
        '<item id="s" href="g.svg" media-type="image/svg+xml"/>'
    )
    spine = '<itemref idref="s"/><itemref idref="f"/>'
    members: dict[str, str | bytes] = {"f.pdf": b"%PDF", "g.svg": b"<svg/>", "a.xhtml": xhtml("<p>text</p>")}
    found = epub.extract(book({**members, "p.opf": package(manifest + item("a", "a.xhtml"), spine)}))
    assert (found.text, found.metadata["num_foreign"], found.error) == ("text", "1", None)
    alone = epub.extract(book({**members, "p.opf": package(manifest, '<itemref idref="s"/>')}))
    assert alone.error is not None
    assert (alone.error.code, "1 that are no markup" in str(alone.error)) == ("DamagedInput", True)


def test_fallbacks_that_go_in_a_circle_end() -> None:
    manifest = '<item id="s" href="g.svg" media-type="image/svg+xml" fallback="s"/>' + item("a", "a.xhtml")
    spine = '<itemref idref="s"/><itemref idref="a"/>'
    opf = package(manifest, spine)
    assert epub.extract(book({"p.opf": opf, "g.svg": "<svg/>", "a.xhtml": xhtml("<p>text</p>")})).text == "text"


def test_a_package_document_that_ends_early_is_said_to_be_damaged() -> None:
    whole = package(item("a", "a.xhtml"), '<itemref idref="a"/>')
    cut = whole[: whole.index("</spine>")]
    found = epub.extract(book({"p.opf": cut, "a.xhtml": xhtml("<p>text</p>")}))
    assert (found.text, found.metadata["num_damaged"]) == ("text", "1")
    assert "num_damaged" not in epub.extract(book({"p.opf": whole, "a.xhtml": xhtml("<p>text</p>")})).metadata


def test_of_a_switch_one_alternative_is_read() -> None:
    def switch(namespace: str) -> str:
        math = "<math><mi>x</mi></math>"
        return (
            f'<p>so <epub:switch><epub:case required-namespace="{namespace}">{math}</epub:case>'
            "<epub:default>ex</epub:default></epub:switch> it is</p>"
        )

    assert simple(switch("http://www.w3.org/1998/Math/MathML")) == "so $x$ it is"
    assert simple(switch("http://www.xml-cml.org/schema")) == "so ex it is"


NOTEREF = '<a epub:type="noteref" href="#n1">1</a>'


def test_a_footnote_stands_at_its_first_mark_without_its_back_link() -> None:
    note = '<aside epub:type="footnote" id="n1"><p><a href="#r1">1.</a> The <i>note</i>.</p></aside>'
    found = simple(f"<p>river{NOTEREF} ran, river{NOTEREF} stood.</p>{note}<p>More.</p>")
    assert found == "river (The note.) ran, river[1] stood.\n\nMore."


@pytest.mark.parametrize(
    ("note", "after"),
    [
        ('<aside epub:type="footnote" id="n2"><p>Another.</p></aside>', "Another."),
        ('<aside epub:type="rearnote" id="n1"><p>At the end.</p></aside>', "At the end."),
        ('<aside epub:type="footnote" id="n1"><p>See:</p><blockquote><p>q</p></blockquote></aside>', "See:\n\n> q"),
    ],
)
def test_notes_of_another_kind_stay_where_they_are(note: str, after: str) -> None:
    assert simple(f"<p>river{NOTEREF} ran.</p>{note}") == f"river[1] ran.\n\n{after}"


def test_a_footnote_that_only_another_footnote_refers_to_stays_where_it_is() -> None:
    first = f'<aside epub:type="footnote" id="n1"><p>First, but see{NOTEREF.replace("1", "2")} too.</p></aside>'
    second = '<aside epub:type="footnote" id="n2"><p>Second note.</p></aside>'
    assert simple(f"<p>One{NOTEREF}.</p>{first}{second}") == "One (First, but see[2] too.).\n\nSecond note."
    tabled = first.replace("too.</p>", "too.</p><pre>x</pre>")
    assert simple(f"<p>One{NOTEREF}.</p>{tabled}{second}") == (
        "One[1].\n\nFirst, but see[2] too.\n\n```\nx\n```\n\nSecond note."
    )
    later = f"<p>Two{NOTEREF.replace('1', '2')}.</p>"
    assert simple(f"<p>One{NOTEREF}.</p>{first}{second}{later}") == (
        "One (First, but see[2] too.).\n\nTwo (Second note.)."
    )


def test_of_footnotes_with_one_id_the_first_stands_at_the_mark_and_the_others_stay() -> None:
    notes = "".join(f'<aside epub:type="footnote" id="n1"><p>{words}</p></aside>' for words in ("One.", "Two."))
    assert simple(f"<p>river{NOTEREF} ran.</p>{notes}") == "river (One.) ran.\n\nTwo."


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=40))
def test_damaged_books_end_as_text_or_as_a_typed_failure(at: int, noise: bytes) -> None:
    data = epub_bytes("T", "A", ["<h1>One</h1><p>text</p>", "<p>more</p>"])
    found = epub.extract(data[:at] + noise + data[at + len(noise) :])
    assert not isinstance(found.error, ExtractorBug), found.error


def test_the_container_faults_of_epubcheck_end_as_documents_or_typed_failures(shared: Path) -> None:
    folder = shared / "corpus/books/epub-faults"
    outcomes = {path.name: epub.extract(path.read_bytes()) for path in sorted(folder.glob("*.epub"))}
    failed = {name for name, found in outcomes.items() if found.error is not None}
    assert len(outcomes) == 15
    assert failed == {
        "04-ocf--ocf-zip-unreadable-image-with-epub-extension-fatal.epub",
        "04-ocf--ocf-zip-unreadable-no-end-header-fatal.epub",
    }
    assert all(found.text for name, found in outcomes.items() if name not in failed)
