"""The extractor as a whole: files, encodings, limits, plain and AMS-TeX, and that nothing makes it raise."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.errors import InputTooLarge, NestingTooDeep, NoMainFile, OutputTooLarge
from extractors.latex import LatexLimits, LatexOptions, extract, flatten

GOLDEN = Path(__file__).parent / "golden"
DOCUMENT = b"\\documentclass{article}\\begin{document}%s\\end{document}"


def test_the_golden_paper_reads_as_it_should() -> None:
    paths = (path for path in GOLDEN.rglob("*") if path.is_file() and path.suffix != ".md")
    files = {path.relative_to(GOLDEN).as_posix(): path.read_bytes() for path in paths}
    assert extract(files).text + "\n" == (GOLDEN / "paper.md").read_text("utf-8")


def test_files_are_followed_in_place_whatever_their_case_and_suffix() -> None:
    files = {
        "main.tex": DOCUMENT % rb"A \input{Sub/One} \import{sub/}{two} D",
        "sub/one.tex": b"B % \\input{never}\n",
        "sub/two.tex": b"C \\input three",
        "sub/three.tex": b"c",
        "never.tex": b"NO",
    }
    found = extract(files)
    assert found.text == "A B C c D"
    assert found.files_used == ("main.tex", "sub/one.tex", "sub/two.tex", "sub/three.tex")
    assert "NO" not in flatten(files)
    assert "C c" in flatten(files)


def test_a_file_that_reads_itself_is_cut() -> None:
    found = extract({"main.tex": DOCUMENT % rb"x \input{main}"})
    assert found.error is None
    assert 1 <= found.text.count("x") <= 4


def test_a_subfile_gives_what_stands_between_its_own_begin_and_end() -> None:
    part = b"\\documentclass[main]{subfiles}\\begin{document}part\\end{document}junk"
    assert extract({"main.tex": DOCUMENT % rb"\subfile{part} rest", "part.tex": part}).text == "part rest"


def test_the_main_file_is_the_one_with_a_class_that_others_do_not_read() -> None:
    files = {
        "supplement.tex": DOCUMENT % b"supplement",
        "a.tex": b"\\documentclass{article}\\input{text}",
        "text.tex": b"\\title{T}\\begin{document}body\\end{document}",
        "fig.tex": b"\\documentclass{standalone}\\begin{document}x\\end{document}",
    }
    assert extract(files).main_file == "a.tex"


def test_hidden_members_and_those_outside_the_folder_are_not_read() -> None:
    files = {"._main.tex": DOCUMENT % b"no", "../../x.tex": DOCUMENT % b"no", "__MACOSX/m.tex": DOCUMENT % b"no"}
    assert isinstance(extract(files).error, NoMainFile)
    assert extract({**files, "main.tex": DOCUMENT % b"yes"}).text == "yes"


def test_a_wrapped_pdf_has_no_text_and_no_error() -> None:
    found = extract({"main.tex": DOCUMENT % rb"\includepdf[pages=1-last]{paper.pdf}"})
    assert (found.text, found.error) == ("", None)


@pytest.mark.parametrize(
    ("head", "data"),
    [
        (b"\\usepackage[latin1]{inputenc}", "Gödel à Zürich".encode("latin-1")),
        (b"\\usepackage[utf8]{inputenc}", "Gödel à Zürich".encode()),
        (b"", "Gödel à Zürich".encode("latin-1")),
    ],
)
def test_the_declared_encoding_or_what_the_bytes_say_decodes(head: bytes, data: bytes) -> None:
    source = b"\\documentclass{article}" + head + b"\\begin{document}" + data + b"\\end{document}"
    assert extract({"m.tex": source}).text == "Gödel à Zürich"


def test_plain_tex_has_sections_statements_and_items() -> None:
    source = rb"""\magnification=1200 \hsize=6in \parindent 0pt
\beginsection Mills\par
\proclaim Theorem 1. All mills turn.\par
\item{a)} one
\item{b)} two
\bye nothing"""
    assert extract({"p.tex": source}).text == "## Mills\n\n**Theorem 1.** All mills turn.\n\na) one\n\nb) two"


def test_ams_tex_has_its_top_matter() -> None:
    source = rb"""\input amstex \documentstyle{amsppt}
\topmatter \title On mills\endtitle \author A. Orrin\endauthor \abstract We grind.\endabstract\endtopmatter
\document \head Start\endhead Text. \Refs \ref\no 1 \by X\endref\endRefs \enddocument"""
    found = extract({"p.tex": source})
    assert found.text == "# On mills\n\n## Abstract\n\nWe grind.\n\n## Start\n\nText."
    assert found.authors == ("A. Orrin",)


def test_limits_give_typed_errors() -> None:
    deep = DOCUMENT % (b"\\footnote{" * 300 + b"x" + b"}" * 300)
    assert isinstance(extract({"m.tex": deep}).error, NestingTooDeep)
    small = LatexOptions(limits=LatexLimits(output_chars=10))
    assert isinstance(extract({"m.tex": DOCUMENT % b"one paragraph\n\nand another"}, small).error, OutputTooLarge)
    files = {"m.tex": DOCUMENT % b"text", "big.tex": b"x" * 1000}
    cut = extract(files, LatexOptions(limits=LatexLimits(input_bytes=500)))
    assert isinstance(cut.error, InputTooLarge)
    assert cut.text == "text"


def test_limits_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        LatexLimits(expansions=0)
    with pytest.raises(ValueError, match="positive"):
        LatexLimits(pending_tokens=0)


def test_control_characters_are_no_marks_of_the_extractor() -> None:
    source = DOCUMENT % b"one\x04two\x06 .\x05 \x07\x021\x03\x0b three"
    assert extract({"m.tex": source}).text == "onetwo . 1 three"


TOKENS = st.sampled_from(
    [
        "\\begin{itemize}",
        "\\end{itemize}",
        "\\item",
        "\\section{",
        "}",
        "{",
        "$",
        "$$",
        "\\[",
        "\\]",
        "&",
        "\\\\",
        "\\begin{tabular}{ll}",
        "\\end{tabular}",
        "%",
        "\n",
        "\n\n",
        "\\newcommand{\\a}[1]{",
        "#1",
        "\\a",
        "\\def\\b#1.{",
        "\\b",
        "\\if",
        "\\else",
        "\\fi",
        "\\ifx",
        "\\csname",
        "\\endcsname",
        "\\expandafter",
        "\\verb",
        "\\let",
        "\\begin{equation}",
        "\\end{equation}",
        "\\cite{k}",
        "\\ref{",
        "\\footnote{",
        "\\caption{",
        "\\begin{figure}",
        "\\end{figure}",
        "a",
        "b",
        "[",
        "]",
        "é",
        "\\begin{algorithmic}",
        "\\end{algorithmic}",
        "\\If{",
        "\\State",
        "\\begin{theorem}",
        "\\end{theorem}",
        "\\input{m}",
        "\\title{",
        "\\item[",
        "\\multicolumn{2}{c}{",
        "\\text{",
        "\\left(",
        "\\right)",
        "\\hskip 3",
        "\\SI{",
        "\\'",
        "\\begin",
        "\\end",
        "~",
        "^",
        "_",
        "\\begin{document}",
        "\\end{document}",
    ]
)


@settings(max_examples=300)
@given(st.lists(TOKENS, max_size=40))
def test_no_input_makes_it_raise_and_the_same_input_gives_the_same_text(tokens: list[str]) -> None:
    source = ("\\documentclass{article}\\begin{document}" + " ".join(tokens)).encode()
    limits = LatexOptions(limits=LatexLimits(expansions=5_000, pending_tokens=50_000))
    found = extract({"m.tex": source}, limits)
    assert found.error is None or found.error.code != "ExtractorBug", found.error
    assert found.text == extract({"m.tex": source}, limits).text
    assert unicodedata.is_normalized("NFC", found.text)
    assert not any(mark in found.text for mark in "\x01\x02\x03\x04\x05\x06\x07")


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    found = extract({"m.tex": b"\\documentclass{article}" + data, "n": data, "../o.tex": data})
    assert found.error is None or found.error.code != "ExtractorBug", found.error
    flatten({"m.tex": data})
