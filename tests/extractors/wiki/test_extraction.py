"""Wikitext to Markdown: what a reader of the page sees stays, what is markup goes."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.guard import Limits
from extractors.wiki import Options, extract


def text(wikitext: str, *, title: str = "", **options: object) -> str:
    return extract(wikitext, title=title, options=Options(**options)).text  # type: ignore[arg-type]


INLINE = [
    ("a '''bold''' and ''italic'' word", "a bold and italic word"),
    ("'''''both''''' l'''été''", "both l'été"),
    ("[[Cat]]s and [[Dog|hounds]]", "Cats and hounds"),
    ("see [[Help:Sand (box)|]] and [[:Category:Cats]]", "see Sand and Category:Cats"),
    ("a [http://e.org/x(1) site] and http://e.org", "a site and http://e.org"),
    ("word<ref name=a>note [[x]]</ref>, more<ref name='a' /> text<ref group=n>", "word, more text"),
    ("one <!-- hidden --> two", "one two"),
    ("x<sup>2</sup> y<sub>i</sub> H<sub>2</sub>O 1<sup>er</sup>", "x^2 y_i H2O 1er"),
    ("a<br>b<br />c", "a\nb\nc"),
    ("&lt;b&gt; &amp;nbsp; caf&eacute; 5&nbsp;km AT&T &copy", "<b> &nbsp; café 5 km AT&T &copy"),
    ("<nowiki>'''[[x]]'''</nowiki> y<nowiki />z", "'''[[x]]''' yz"),
    ("use <code>a ''b''</code> or <tt>c`d</tt>", "use `a b` or ``c`d``"),
    ("a <math>x^2 < y</math> b", "a $x^2 < y$ b"),
    ("<chem>H2O</chem>", "$$\\ce{H2O}$$"),
    ("is <chem>H2O</chem> wet", "is $\\ce{H2O}$ wet"),
    ("__NOTOC__ text __init__ __KEIN_INHALTSVERZEICHNIS__ end", "text __init__ end"),
    ("-{zh-hans:软件;zh-hant:軟體}- -{T|zh:x;zh-tw:y}--{raw}-", "软件 raw"),
    ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>字", "漢(kan)字"),
    ("a<span style='display:none'>zz</span>b <span lang=de>c</span>", "ab c"),
    ("x < y and z > w <offtopic>", "x < y and z > w <offtopic>"),
    ("[[Datei:X.jpg|mini|kurz]]text [[de:Seite]][[Kategorie:A]]", "text"),
    ("[[wikt:word|word]] [[w:en:Page]]", "word Page"),
    ("[[File:a.jpg|thumb|see [[x]] and [http://e.org y]]]after", "after"),
    ("[[Mystery:Map of X.svg|thumb|left|kort]]text [[Mystery:Version 1.5|shown]]", "text shown"),
    ("-{zh-tw:x;zh-sg:y}- -{H|zh-cn:a;zh-tw:b}-z -{-|zh-cn:a}-z -{A|zh-hans:a;zh-hant:b}-", "x z z a"),
    ("-{zh;zh-hans;zh-hant|HANGUK}- -{zh-cn:;zh-tw:b}-c -{R|raw: text}- -{T|zh:x}--{D|zh-cn:a;zh-tw:b}-",
     "HANGUK c raw: text a"),
    ("-{Abgeordnetenhaus}- -{sr-ec:лево; sr-el:levo}-", "Abgeordnetenhaus лево"),
    ("stray ]] and }} and [[open", "stray and and open"),
]  # fmt: skip

TEMPLATES = [
    ("{{lang|de|Haus}} {{lang-fr|maison}} {{transl|ar|ALA|bayt}}", "Haus maison bayt"),
    ("{{convert|5|km|mi}} {{convert|3|to|5|ft|m}} {{cvt|2|x|4|in|abbr=on}}", "5 km 3 to 5 ft 2 × 4 in"),
    ("{{nowrap|a b}} {{val|5.1|0.2|u=kg}} {{frac|1|2}} {{frac|3|1|2}}", "a b 5.1±0.2 kg 1/2 3 1/2"),
    ("{{abbr|NASA|agency}} {{small|tiny}} {{mvar|x}} {{IPA|/a/}} {{IPAc-en|ˈ|æ|s|k|i}}", "NASA tiny x /a/ /ˈæski/"),
    ("{{IPA-de|bɛʁ|pron}} {{IPA|de|bɛʁˈliːn}} {{IPA|[a]}}", "[bɛʁ] [bɛʁˈliːn] [a]"),
    ("born {{birth date|1990|1|2}}, {{death date|2000|2|3|df=y}}", "born January 2, 1990, 3 February 2000"),
    ("born {{birth date|1990|1|²}}{{birth date|1990|1|00001" + "0" * 5000 + "}}", "born January 1990January 1990"),
    ("{{nowrap|000001" + "0" * 5000 + "=b}}c", "c"),
    ("{{as of|2019|5}}, {{as of|2020|lc=y}}", "As of May 2019, as of 2020"),
    ("{{ill|Name|de|Name (X)}} {{не переведено|A|B|en|C}}", "Name B"),
    ("a{{snd}}b{{ndash}}c{{'s}} {{circa|1900}}", "a – b–c's c. 1900"),
    ("use {{tlx|cite web|url}} here", "use `{{cite web|url}}` here"),
    ("{{nihongo|Tokyo|東京|Tōkyō}} {{ruby|漢|kan}}", "Tokyo (東京, Tōkyō) 漢(kan)"),
    ("{{chem|H|2|O}} {{sup|2}} {{hlist|a|b}}", "H2O 2 a, b"),
    ("{{flagicon|GER}} {{flag|Germany}} {{USA}}", "Germany USA"),
    ("word{{sfn|Smith|2000}}{{cn|date=May}}.", "word."),
    ("the ({{unknown|x}}, {{other}}; {{dropped}}) end", "the end"),
    ("the ({{unknown|x}}, born 1990) end", "the (born 1990) end"),
    ("one{{unknown}}two 一{{unknown}}二", "one two 一二"),
    ("f(, ) stays {{x}} so", "f(, ) stays so"),
    ("{{#if:|no|yes}} {{#if:x|yes|no}} {{#ifeq:a|a|same|other}} {{#switch:b|a=1|b|c=2|#default=3}}", "yes yes same 2"),
    ("{{#invoke:X|y}}{{DEFAULTSORT:Z}}{{formatnum:1000}} {{lc:ABC}} {{#expr:2 * 3}} {{PAGENAME}}", "1000 abc 6 T"),
    ("{{nowrap|a {{lang|fr|b {{small|c}}}} d}} {{{1|default}}}", "a b c d default"),
    ("{{nowrap|1=x=y}} {{nowrap|[[a|b=c]]}} {{nowrap|<math>a=b</math>}}", "x=y b=c $a=b$"),
    ("{{Infobox person\n| name = A\n| x = {{nested|[[l|m]]}}\n}}Text", "Text"),
    ("before {{unclosed|args\n\nafter", "before\n\nafter"),
    ("5{{e|24}} kg {{nuclide2|lithium|7|link=y}} on {{Track gauge|1435mm}} in B{{music|flat}}",
     "5×10^24 kg lithium-7 on 1435 mm in B♭"),
    ("at {{coord|13|19|N|169|9.5|W|type:event}}, {{coord|1.5|-2|display=inline}} up",
     "at 13°19′N 169°9.5′W, 1.5, -2 up"),
    ("top{{coord|13|19|N|169|9|W|display=title}} top{{coord|1|2|display=inline,title}} top{{coord|1|2|display=it}} end",
     "top top top end"),
    ("{{dts|1777|12|16}} {{bartable|87.5|%|2}} {{native name|ca|Principat}}", "December 16, 1777 87.5% Principat"),
    ("{{anything|width=3|\n* a\n* b\n}}", "- a\n- b"),
    ("{{anything|list=\n* a\n* b\n}}{{anything|* a}}text", "text"),
]  # fmt: skip

BLOCKS = [
    ("== A ==\ntext\n=== B ===\nmore", "## A\n\ntext\n\n### B\n\nmore"),
    ("text\n== Empty ==\n{{reflist}}\n== Links ==\n[[Category:X]]", "text"),
    ("* a\n** b\n*# c\n* d", "- a\n  - b\n  1. c\n- d"),
    ("# a\n#: more\n# b", "1. a\n\n   more\n\n2. b"),
    ("; term\n: meaning\n: second", "term\n\n: meaning\n\n: second"),
    ("; term : meaning", "term\n\n: meaning"),
    (": indented\n:: deeper", "indented\n\ndeeper"),
    ("one\ntwo\n\nthree", "one two\n\nthree"),
    (":<math>a\n+b</math>.", "$$\na\n+b.\n$$"),
    ('<math display="block">a</math>', "$$a$$"),
    ("where <math display=block>a</math> is", "where\n\n$$a$$\n\nis"),
    ("<syntaxhighlight lang=\"python3\">\ndef f():\n    return '''x'''\n</syntaxhighlight>",
     "```python\ndef f():\n    return '''x'''\n```"),
    ("<pre>a &lt; b\n [[x]]</pre>", "```\na < b\n [[x]]\n```"),
    (" code a\n   code b", "```\ncode a\n  code b\n```"),
    ("<blockquote>said\n\nso</blockquote>after", "> said\n>\n> so\n\nafter"),
    ("{{quote|words|Author}}", "> words\n>\n> — Author"),
    ("<poem>\nline one\nline two\n\nthree\n</poem>", "line one\nline two\n\nthree"),
    ("{{div col}}\n* a\n* b\n{{div col end}}", "- a\n- b"),
    ("{{ubl|a|b}}", "- a\n- b"),
    ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c"),
    ("a\n----\nb", "a\n\nb"),
    ("* {{cite web|x}}\n* kept", "- kept"),
    ("<gallery>\nFile:a.jpg|b\n</gallery>text", "text"),
    ("<h2>Old</h2>text", "## Old\n\ntext"),
    (
        "[[File:a.jpg|thumb|left|The old town seen from the river.]]\nThe town is old.\n\nMore.",
        "The town is old.\n\nThe old town seen from the river.\n\nMore.",
    ),
]  # fmt: skip

TABLES = [
    ('{| class="wikitable"\n! A !! B\n|-\n| 1 || 2\n|}', "| A | B |\n| --- | --- |\n| 1 | 2 |"),
    (
        '{| class="wikitable"\n|+ Cap\n! A !! B !! C\n|-\n| rowspan=2 | x || colspan="2" | wide\n|-\n| 1 || a|b\n|}',
        "Cap\n\n| A | B | C |\n| --- | --- | --- |\n| x | wide |  |\n| x | 1 | b |",
    ),
    ("{| class=\"infobox\"\n! a !! b\n|-\n| 1 || 2\n|}text", ""),
    ("{| class=\"infobox\"\n! a !! b\n|-\n| 1 || 2\n|}\ntext", "text"),
    ("{|\n| [[File:a.jpg]] || Running text in a layout.\n|}", "Running text in a layout."),
    ("<table class=wikitable><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>",
     "| A | B |\n| --- | --- |\n| 1 | 2 |"),
    ('{| class="wikitable"\n! A !! B\n|-\n|\n* one\n* two\n| <math>a|b</math>\n|}',
     "| A | B |\n| --- | --- |\n| one; two | $a\\vert b$ |"),
    ("{| class=wikitable\n! A !! B\n|-\n| 1 || 2\n== H ==\nafter",
     "| A | B |\n| --- | --- |\n| 1 | 2 |\n\n## H\n\nafter"),
    ("{{{!}} class=wikitable\n! A !! B\n{{!}}-\n{{!}} 1 {{!!}} 2\n{{!}}}",
     "| A | B |\n| --- | --- |\n| 1 | 2 |"),
    ('{| class=wikitable\n! A !! B\n|-\n! rowspan="2" {{N/A}}\n| style="x:y" width=\'3\' none\n|-\n| b=1\n|}',
     "| A | B |\n| --- | --- |\n| N/A | none |\n| N/A | b=1 |"),
    ('{| class=wikitable\n! A !! B\n|-\n| class = Mammalia || width = 20 mm\n|-\n| style = Modern style || width=50%\n'
     '|-\n| rowspan=2 colspan="1" {{unknown}} || rowspan=22\n|-\n| width="5" colspan="2"\n|}',
     "| A | B |\n| --- | --- |\n| class = Mammalia | width = 20 mm |\n| style = Modern style | width=50% |\n"
     '|  | rowspan=22 |\n|  | width="5" colspan="2" |'),
    ("{|\n| outer\n{| class=wikitable\n! A !! B\n|-\n| 1 || 2\n|}\n|}",
     "outer\n\n| A | B |\n| --- | --- |\n| 1 | 2 |"),
]  # fmt: skip


@pytest.mark.parametrize(("wikitext", "expected"), INLINE)
def test_inline_markup_leaves_its_text(wikitext: str, expected: str) -> None:
    assert text(wikitext) == expected


@pytest.mark.parametrize(("wikitext", "expected"), TEMPLATES)
def test_templates_that_bear_text_leave_it_and_others_no_hole(wikitext: str, expected: str) -> None:
    assert text(wikitext, title="T", title_heading=False) == expected


@pytest.mark.parametrize(("wikitext", "expected"), BLOCKS)
def test_lines_become_blocks(wikitext: str, expected: str) -> None:
    assert text(wikitext) == expected


@pytest.mark.parametrize(("wikitext", "expected"), TABLES)
def test_data_tables_become_pipe_tables_and_layout_goes(wikitext: str, expected: str) -> None:
    assert text(wikitext) == expected


class TestThePage:
    def test_the_title_is_the_first_heading(self) -> None:
        assert text("Body.", title="A_b") == "# A_b\n\nBody."
        assert text("Body.", title="A", title_heading=False) == "Body."
        assert text("{{stub}}", title="A") == ""

    def test_categories_are_metadata(self) -> None:
        found = extract("x [[Category:One|key]] [[Категория:Два]] [[Category:One]]")
        assert found.metadata == {"categories": "One|Два"}

    @pytest.mark.parametrize(
        ("wikitext", "kind"),
        [
            ("#REDIRECT [[Target]]", "redirect"),
            ("#перенаправление [[Цель]]", "redirect"),
            ("#転送 [[行き先]]", "redirect"),
            ("'''X''' may be:\n* a\n{{disambiguation|geo}}", "disambiguation"),
            ("x __DISAMBIG__", "disambiguation"),
            ("{{Begriffsklärung}}", "disambiguation"),
            ("# REDIRECTION is a word", "article"),
            ("plain", "article"),
        ],
    )
    def test_kinds_of_pages_are_told_in_any_language(self, wikitext: str, kind: str) -> None:
        assert extract(wikitext).kind == kind

    def test_namespaces_of_the_wiki_itself_count(self) -> None:
        page = "[[Bestandsnaam:x|a]]y"
        assert text(page) == "ay"
        assert text(page, namespaces=(("bestandsnaam", 6),)) == "y"

    @pytest.mark.parametrize(
        ("language", "wikitext", "expected"),
        [
            ("fr", "un {{incise|dit-il}} et {{incise|enfin|stop}}. {{tmp|2|°C}}", "un – dit-il – et – enfin. 2 °C"),
            ("fr", "* {{Jumelage|Los Angeles|États-Unis|année=1967}}", "- Los Angeles (États-Unis)"),
            ("it", "* {{Gemellaggio|Italia|Trento|1966}}", "- Trento (Italia, 1966)"),
            ("de", "{{Höhe|115|DE-NHN|link=true}} {{Höhe|9|XX}}", "115 m ü. NHN 9 m"),
            ("sk", "zhruba {{km|70|m}} a {{km}}", "zhruba 70 km a km"),
            ("en", "* {{Jumelage|Los Angeles|États-Unis}}", ""),
        ],
    )
    def test_templates_of_one_edition(self, language: str, wikitext: str, expected: str) -> None:
        assert text(wikitext, language=language) == expected

    def test_an_ambiguous_template_means_what_the_edition_means(self) -> None:
        assert text("{{citation|Bonjour}}", language="fr") == "« Bonjour »"
        assert text("x{{citation|title=Bonjour}}", language="en") == "x"

    def test_too_long_a_page_keeps_its_beginning_and_says_so(self) -> None:
        found = extract("word " * 100, options=Options(limits=Limits(input_bytes=50)))
        assert found.error is not None
        assert found.error.code == "InputTooLarge"
        assert found.text == " ".join(["word"] * 10)


@pytest.mark.parametrize(
    "piece",
    ["{{", "[[", "{|\n", "<ref>", "{{a|", "[[a|",
     "'''", "<div>", "[http://a ", "-{", "<math>", "{|\n|\n", "((", "{{{", "* ",
     "<ref name=\"", "|-\n", "{{!}}", ", ,", "<code>", "; a : b\n", "<span style='display:none'>", "}}", "|}\n", "&",
     "<poem>", "<ul><li>", "<ol>"],
)  # fmt: skip
def test_time_grows_with_the_length_only(piece: str) -> None:
    def seconds(count: int) -> float:
        page = piece * count + "}}]]\n|}"
        begin = time.process_time()
        found = extract(page)
        assert found.error is None, found.error
        return time.process_time() - begin

    small = min(seconds(10_000) for _ in range(2))
    assert seconds(40_000) < 12 * small + 0.3


@pytest.mark.parametrize(
    ("opening", "closing"), [("{{nowrap|", "}}"), ("[[a|", "]]"), ("{|\n|", "\n|}"), ("<div>", "</div>")]
)
def test_nesting_without_end_is_bounded(opening: str, closing: str) -> None:
    begin = time.process_time()
    found = extract(opening * 20_000 + "word" + closing * 20_000)
    assert found.error is None, found.error
    assert time.process_time() - begin < 5


MARKUP = st.lists(
    st.sampled_from(
        ["{{", "}}", "[[", "]]", "|", "=", "{|", "|}", "|-", "!", "\n", "'''", "''", "<ref>", "</ref>", "<math>",
         "</math>", "<nowiki>", "</nowiki>", "*", "#", ":", ";", "==", "word", " ", "lang", "<br>", "<pre>",
         "</pre>", "-{", "}-",
         "File:x.jpg", "Category:c", "<!--", "-->", "<table>", "<td>", "</table>", "quote",
         "&amp;", "{{!}}", "\x02", "é", "e\u0301"]
    ),
    max_size=60,
).map("".join)  # fmt: skip


@settings(max_examples=400)
@given(MARKUP)
def test_any_markup_ends_without_a_bug_the_same_each_time_and_without_marks(wikitext: str) -> None:
    first, second = extract(wikitext, title="T"), extract(wikitext, title="T")
    assert first.error is None, first.error
    assert first == second
    assert re.search("[\x00-\x08\x0e-\x1f]", first.text) is None


@settings(max_examples=100)
@given(st.text(alphabet="abc de.é漢", max_size=80))
def test_plain_words_pass_unchanged(words: str) -> None:
    assert text(words).split() == words.split()
