"""The submission's own macros, conditionals and environments read as what they stand for."""

from __future__ import annotations

import pytest

from extractors.errors import ExpansionLimitExceeded
from extractors.latex import LatexLimits, LatexOptions, extract


def body(source: str, **files: str) -> str:
    """Text of a paper with this body."""
    members = {name.replace("__", "/").replace("_dot_", "."): text.encode() for name, text in files.items()}
    main = "\\documentclass{article}\\begin{document}" + source + "\\end{document}"
    found = extract({"main.tex": main.encode(), **members})
    assert found.error is None
    return found.text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\newcommand{\foo}{bar}\foo.", "bar."),
        (r"\newcommand{\foo}[2]{#2 before #1}\foo{a}{b}", "b before a"),
        (r"\newcommand{\foo}[2][x]{#1-#2}\foo{a} \foo[q]{b}", "x-a q-b"),
        (r"\newcommand*\foo[1]{<#1>}\foo ab", "<a>b"),
        (r"\providecommand{\foo}{new}\providecommand{\foo}{newer}\foo", "new"),
        (r"\newcommand{\foo}{old}\renewcommand{\foo}{new}\foo", "new"),
        (r"\def\pair#1,#2;{(#2 #1)}\pair a,b;", "(b a)"),
        (r"\def\from#1to#2.{#2 from #1}\from here to there.", "there from here"),
        (r"\def\outer{\def\inner##1{<##1>}}\outer\inner{x}", "<x>"),
        (r"{\def\foo{inside}\foo} \providecommand{\foo}{outside}\foo", "inside outside"),
        (r"{\gdef\foo{everywhere}}\foo", "everywhere"),
        (r"\let\old\emph\renewcommand{\emph}[1]{\old{#1}!}\emph{hi}", "hi!"),
        (r"\expandafter\def\csname a b\endcsname{named}\csname a b\endcsname", "named"),
        (r"\NewDocumentCommand{\x}{s m O{def} o}{\IfBooleanTF{#1}{S}{N}#2#3\IfNoValueTF{#4}{-}{#4}}\x{a} \x*{b}[c][d]",
         "Nadef- Sbcd"),
        (r"\newenvironment{hint}[1]{Hint #1: }{ (end)}\begin{hint}{7}think\end{hint}", "Hint 7: think (end)"),
        (r"\AtBeginDocument{\def\foo{later}}\foo", "later"),
        (r"\newif\ifdraft\drafttrue\ifdraft yes\else no\fi", "yes"),
        (r"\newif\ifdraft\ifdraft yes\ifx a b\else c\fi\else no\fi", "no"),
        (r"\iffalse gone \iftrue too\fi\fi kept", "kept"),
        (r"\def\a{x}\def\b{x}\ifx\a\b same\else other\fi", "same"),
        (r"\ifnum 3<2 less\else more\fi", "more"),
        (r"\ifcase 1 zero\or one\else two\fi", "one"),
        (r"\makeatletter\@ifundefined{nope}{undefined}{defined}\makeatother", "undefined"),
        (r"\makeatletter\def\q{\@ifnextchar[{\qa}{\qb}}\def\qa[#1]{A#1}\def\qb#1{B#1}\makeatother\q[x] \q{y}", "Ax By"),
        (r"\usepackage{ifthen}\ifthenelse{\equal{a}{b}}{same}{other}", "other"),
        (r"\newcommand{\code}{\textsc{Gadget}\xspace}We use \code here, and \code.", "We use Gadget here, and Gadget."),
    ],
)  # fmt: skip
def test_a_macro_reads_as_what_it_stands_for(source: str, text: str) -> None:
    assert body(source) == text


def test_macros_are_expanded_in_equations_with_braces_where_they_are_fields() -> None:
    preamble = r"\newcommand{\R}{\mathbb{R}}\newcommand{\ab}{ab}\DeclareMathOperator*{\amax}{arg\,max}"
    source = preamble + r"$x\in y^\R \frac\ab c, \amax y$"
    assert body(source) == r"$x\in y^{\mathbb{R}}\frac{ab}c, \operatorname*{arg\,max}y$"


def test_paired_delimiters_take_stars_and_sizes() -> None:
    source = r"\DeclarePairedDelimiter{\abs}{\lvert}{\rvert}$\abs{x} \abs*{x} \abs[\big]{x}$"
    assert body(source) == r"$\lvert x\rvert \left\lvert x\right\rvert \big\lvert x\big\rvert$"


def test_macros_of_the_submissions_own_package_count_and_its_layout_does_not() -> None:
    package = r"\newcommand{\R}{\mathbb{R}}\newcommand{\section}[1]{\vskip 3pt #1}\def\boxed@x{\hbox to 3pt{}}"
    text = body(r"\usepackage{mine}\section{One}$\R$", mine_dot_sty=package)
    assert text == "## One\n\n$\\mathbb{R}$"


def test_in_a_package_at_stays_a_letter_whatever_its_macros_do_in_the_paper() -> None:
    package = r"\def\setup{\makeatother\catcode`\@=12}\def\top@size{x}\newcommand{\R}{\mathbb{R}}"
    assert body(r"\usepackage{mine}\top{One} $\R$ a@b", mine_dot_sty=package) == r"One $\mathbb{R}$ a@b"


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        (r"\romannumeral12 a \romannumeral 4 b \RN{4} \RN 5", "xii a iv b IV V"),
        (r"\section{A}\section{B}\romannumeral\value{section} c", "## A\n\n## B\n\nii c"),
        (r"\romannumeral\value{page} x", "x"),
        (r"\romannumeral\thesection y", "y"),
        (r"\newcommand{\year}{7}\romannumeral\year, z", "7, z"),
        (r"{\bf\romannumeral} \RN", ""),
    ],
)
def test_a_roman_numeral_is_made_of_digits_or_a_counter(source: str, markdown: str) -> None:
    assert body(source) == markdown


def test_an_unknown_command_keeps_its_arguments_as_text() -> None:
    assert body(r"\nobodyknows[x]{this} \norme{that}") == "this that"


def test_a_macro_that_calls_itself_ends_with_an_error_beside_the_text_so_far() -> None:
    source = rb"\documentclass{article}\begin{document}Before. \def\a{\a\a}\a After.\end{document}"
    found = extract({"m.tex": source}, LatexOptions(limits=LatexLimits(expansions=10_000)))
    assert isinstance(found.error, ExpansionLimitExceeded)
    assert found.text == "Before."


def test_a_macro_that_doubles_itself_is_stopped_by_its_size() -> None:
    source = rb"\def\a#1{\a{#1#1}}\begin{document}\a{xx}\end{document}"
    found = extract({"m.tex": source}, LatexOptions(limits=LatexLimits(pending_tokens=100_000)))
    assert isinstance(found.error, ExpansionLimitExceeded)


def test_names_left_over_are_reported() -> None:
    found = extract({"m.tex": rb"\documentclass{article}\begin{document}\def\foo{x}$\text{\verb|\foo|}$\end{document}"})
    assert found.num_user_macros == 1
    assert extract({"m.tex": rb"\begin{document}\def\foo{x}\foo\end{document}"}).unresolved_macros == ()
