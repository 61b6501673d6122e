"""Each element of an article comes out in the dialect, or is left out with all that is in it."""

from __future__ import annotations

import pytest

from extractors.jats import Options, extract

PLAIN = Options()


def text(body: str = "", front: str = "", back: str = "", options: Options = PLAIN, rest: str = "") -> str:
    xml = (
        '<article xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML">'
        f"<front><article-meta>{front}</article-meta></front><body>{body}</body><back>{back}</back>{rest}</article>"
    )
    found = extract(xml.encode(), options=options)
    assert found.error is None
    return found.text


def test_sections_nest_as_headings_down_to_the_sixth_level() -> None:
    body = "".join(f"<sec><title>{k}</title>" for k in "abcdefg") + "<p>x</p>" + "</sec>" * 7
    assert text(body).split("\n\n") == ["## a", "### b", "#### c", "##### d", "###### e", "###### f", "###### g", "x"]


def test_the_label_of_a_section_stands_before_its_title() -> None:
    assert text("<sec><label>2.1</label><title>Site</title><p>x</p></sec>") == "## 2.1 Site\n\nx"


def test_a_section_without_a_title_adds_no_level() -> None:
    assert text("<sec><sec><title>A</title><p>x</p></sec></sec>") == "## A\n\nx"


def test_a_section_of_supplements_alone_is_left_out_with_its_title() -> None:
    body = (
        "<sec><title>Supporting</title><supplementary-material>"
        "<caption><p>S1</p></caption></supplementary-material></sec>"
    )
    assert text("<p>x</p>" + body) == "x"


def test_title_subtitle_and_abstracts_come_first() -> None:
    front = (
        "<title-group><article-title>Big</article-title><subtitle>small</subtitle></title-group>"
        "<abstract><sec><title>Aim</title><p>a</p></sec></abstract>"
        '<abstract abstract-type="graphical"><p>picture</p></abstract>'
        '<abstract abstract-type="summary"><p>s</p></abstract>'
        '<trans-abstract xml:lang="fr"><title>Résumé</title><p>r</p></trans-abstract>'
    )
    assert (
        text("<p>x</p>", front)
        == "# Big: small\n\n## Abstract\n\n### Aim\n\na\n\n## Summary\n\ns\n\n## Résumé\n\nr\n\nx"
    )


def test_lists_keep_their_numbers_labels_and_nesting() -> None:
    body = (
        '<list list-type="order"><list-item><p>one</p><list '
        'list-type="bullet"><list-item><p>in</p></list-item></list></list-item>'
        "<list-item><p>two</p><p>more</p></list-item></list>"
    )
    assert text(body) == "1. one\n   - in\n2. two\n\n   more"
    labelled = (
        "<list><list-item><label>(a)</label><p>x</p></list-item><list-item><label>4.</label>"
        "<p>y</p></list-item><list-item><label>•</label><p>z</p></list-item></list>"
    )
    assert text(labelled) == "- (a) x\n4. y\n- z"


def test_definitions_quotes_verse_and_speech() -> None:
    assert (
        text("<def-list><title>Short</title><def-item><term>A</term><def><p>b</p></def></def-item></def-list>")
        == "Short\n\nA\n\n: b"
    )
    assert text("<disp-quote><p>q</p><attrib>Who</attrib></disp-quote>") == "> q\n>\n> Who"
    assert text("<verse-group><verse-line>one</verse-line><verse-line>two</verse-line></verse-group>") == "one\ntwo"
    assert text("<speech><speaker>A:</speaker><p>hello</p><p>again</p></speech>") == "A: hello\n\nagain"


def test_statements_begin_with_their_label_and_title() -> None:
    body = "<statement><label>Theorem 1</label><title>Small</title><p>x</p><p>y</p></statement>"
    assert text(body) == "Theorem 1 (Small). x\n\ny"


def test_a_box_is_a_section_and_code_is_fenced() -> None:
    assert text("<boxed-text><caption><title>Box</title></caption><p>x</p></boxed-text>") == "## Box\n\nx"
    assert text('<code language="R">\n    a\n      b\n</code>') == "```r\na\n  b\n```"
    assert text("<p>run <code>make</code> now</p>") == "run `make` now"
    assert text("<p>the <monospace>ls</monospace> tool</p>") == "the `ls` tool"


def test_floats_inside_a_paragraph_wait_for_its_end() -> None:
    body = "<p>one <fig><label>Fig. 1</label><caption><p>cap</p></caption></fig>two</p><p>three</p>"
    assert text(body) == "one two\n\nFig. 1. cap\n\nthree"


def test_a_figure_is_its_label_and_caption_without_addresses() -> None:
    body = "<fig><label>Figure 1</label><caption><title>T.</title><p>c</p><p>DOI: http://dx.doi.org/10.7554/x.1</p></caption><graphic/></fig>"
    assert text(body) == "Figure 1. T.\n\nc"


def test_floats_that_stand_apart_come_after_the_body() -> None:
    rest = "<floats-group><fig><label>F1</label><caption><p>c</p></caption></fig></floats-group>"
    assert text("<p>x</p>", back="<ack><p>thanks</p></ack>", rest=rest) == "x\n\nF1. c\n\n## Acknowledgements\n\nthanks"


def test_a_footnote_stands_in_its_place_once_and_the_others_in_their_group() -> None:
    body = '<p>word<xref ref-type="fn" rid="n1">1</xref> and<xref ref-type="fn" rid="n1">1</xref> more</p>'
    back = (
        '<fn-group><title>Notes</title><fn id="n1"><label>1</label>'
        '<p>Said so.</p></fn><fn id="n2"><p>Other.</p></fn></fn-group>'
    )
    assert text(body, back=back) == "word (Said so) and more\n\n## Notes\n\nOther."
    assert text("<p>word<fn><p>inside</p></fn> on</p>") == "word (inside) on"


def test_references_authors_and_pointers_are_out() -> None:
    front = (
        "<title-group><article-title>T</article-title></title-group><contrib-group><contrib><name><surname>S</surname></name></contrib></contrib-group>"
        "<aff>Place</aff><author-notes><corresp>mail</corresp><fn><p>equal</p></fn></author-notes><kwd-group><kwd>key</kwd></kwd-group>"
    )
    back = (
        "<ref-list><title>References</title><ref><mixed-citation>R</mixed-citation></ref></ref-list><bio><p>B</p></bio>"
    )
    assert text("<p>x</p>", front, back) == "# T\n\nx"


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("cm<sup>2</sup>", "cm^2"),
        ("10<sup>−5</sup>", "10^−5"),
        ("10<sup>−5.5</sup>", "10^−5.5"),
        ("Ca<sup>2+</sup>", "Ca^{2+}"),
        ("<sup>14</sup>C", "14C"),
        ("21<sup>st</sup>", "21st"),
        ("H<sub>2</sub>O", "H2O"),
        ("x<sub>i</sub>", "x_i"),
        ("x<sub>i-1</sub>", "x_{i-1}"),
        ("a<break/>b", "a\nb"),
        ("a<italic>b</italic><bold>c</bold>", "abc"),
        ('<ext-link xlink:href="http://a.b/c">site</ext-link>', "site"),
        ('<ext-link xlink:href="http://a.b/c"/>', "http://a.b/c"),
        ('see <xref ref-type="fig" rid="f">Figure 1</xref>', "see Figure 1"),
        ('by us<xref ref-type="aff" rid="a">1</xref>', "by us"),
        (
            'known<sup><xref ref-type="bibr" rid="r">1</xref>,<xref ref-type="bibr" rid="r">2</xref></sup>, so',
            "known, so",
        ),
        ('known <xref ref-type="bibr" rid="r"><sup>1</sup></xref>. So', "known. So"),
        ('known<sup>1–<xref ref-type="bibr" rid="r">3</xref></sup>', "known"),
    ],
)
def test_inline_elements(inner: str, expected: str) -> None:
    assert text(f"<p>{inner}</p>") == expected


def test_a_cross_reference_without_words_takes_its_targets_label() -> None:
    body = '<p>see <xref ref-type="fig" rid="f"/></p><fig id="f"><label>Fig. 2</label><caption><p>c</p></caption></fig>'
    assert text(body).startswith("see Fig. 2")


def test_parts_can_be_left_out() -> None:
    back = "<ack><p>thanks</p></ack><app-group><app><title>A</title><p>more</p></app></app-group>"
    assert text("<p>x</p>", back=back) == "x\n\n## Acknowledgements\n\nthanks\n\n## A\n\nmore"
    assert text("<p>x</p>", back=back, options=Options(acknowledgements=False, appendices=False)) == "x"


def test_sub_articles_are_sections_and_translations_are_left_out() -> None:
    rest = (
        '<sub-article article-type="reply"><front-stub><title-group>'
        "<article-title>Reply</article-title></title-group></front-stub>"
        "<body><sec><title>One</title><p>r</p></sec></body></sub-article>"
        '<sub-article article-type="translation"><body><p>autre</p></body></sub-article>'
    )
    assert text("<p>x</p>", rest=rest) == "x\n\n## Reply\n\n### One\n\nr"
    assert text("<p>x</p>", rest=rest, options=Options(sub_articles=False)) == "x"
    assert text("<p>x</p>", rest=rest, options=Options(translations=True)).endswith("## Translation\n\nautre")
