"""Title page, sections, lists, theorems, floats, tables, algorithms, notes, references."""

from __future__ import annotations

import pytest

from extractors.latex import LatexOptions, LatexResult, extract


def paper(source: str, options: LatexOptions | None = None, **files: str) -> LatexResult:
    members = {name.replace("_dot_", "."): text.encode() for name, text in files.items()}
    main = f"\\documentclass{{article}}\\begin{{document}}{source}\\end{{document}}"
    return extract({"main.tex": main.encode(), **members}, options or LatexOptions())


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\section{A}\subsection*{B}\subsubsection[s]{C}\paragraph{D} d", "## A\n\n### B\n\n#### C\n\n##### D\n\nd"),
        (r"\begin{itemize}\item a \begin{enumerate}\item b\item c\end{enumerate}\item d\end{itemize}",
         "- a\n  1. b\n  2. c\n- d"),
        (r"\begin{description}\item[Term] What it is.\end{description}", "Term\n\n: What it is."),
        (r"\begin{quote}Said.\end{quote}", "> Said."),
        (r"\newtheorem{thm}{Theorem}[section]\section{S}\begin{thm}[Main]True.\end{thm}\begin{proof}So.\end{proof}",
         "## S\n\n**Theorem 1.1 (Main).** True.\n\n**Proof.** So."),
        (r"\newtheorem{a}{Fact}\newtheorem{b}[a]{Hint}\begin{a}x\end{a}\begin{b}y\end{b}",
         "**Fact 1.** x\n\n**Hint 2.** y"),
        (r"Text\footnote{A note.} goes on.", "Text (A note.) goes on."),
        (r"Text\footnote{With $$a=b\eqno(3)$$ in it.} goes on.", "Text (With $a=b$ in it.) goes on."),
        (r"\begin{figure}\includegraphics[width=3cm]{a.png}\caption{A \emph{cap}.}\end{figure}", "Figure 1: A cap."),
        (r"\begin{tabular}{ll}\shortstack{a\\b} & \makecell[l]{c \\ d}\\\parbox{2cm}{e\\f} & "
         r"\begin{minipage}{2cm}g\\h\end{minipage}\\i & j\end{tabular}",
         "| a b | c d |\n| --- | --- |\n| e f | g h |\n| i | j |"),
        (r"\parbox[t]{3cm}{a\\b}\begin{minipage}[t]{3cm}c\\d\end{minipage}\vglue -1.5cm e", "a\nb\n\nc\nd\n\ne"),
        (r"\begin{longtable}{ll}\caption{Mills.}\label{t}\\ a & b\end{longtable}Table~\ref{t}",
         "Table 1: Mills.\n\n| a | b |\n| --- | --- |\n\nTable 1"),
        (r"\begin{listing}\caption{Code.}\end{listing}\begin{figure}\caption{F.}\end{figure}",
         "Listing 1: Code.\n\nFigure 1: F."),
        ("\\begin{lstlisting}[caption={A \\emph{mill}, in short.}, label=l]\nx\n\\end{lstlisting}Listing \\ref{l}.",
         "Listing 1: A mill, in short.\n\n```\nx\n```\n\nListing 1."),
        (r"\texttt{is\_}\texttt{\textit{name}} \verb|a|\verb|b| \texttt{c} \texttt{d}", "`is_name` `ab` `c` `d`"),
        (r"\begin{tikzpicture}\draw (0,0);\end{tikzpicture}After", "After"),
        (r"\begin{tabular}{|l|c|}\hline A & \multicolumn{2}{c}{B}\\[1ex]"
         r"\multirow{2}{*}{x} & $|y|$ & 1\\ & 2 & a|b\end{tabular}",
         "| A | B |  |\n| --- | --- | --- |\n| x | $\\vert y\\vert$ | 1 |\n| x | 2 | a\\|b |"),
        ("\\begin{lstlisting}[language=Python]\n  x % y\n\\end{lstlisting}", "```python\nx % y\n```"),
        (r"\begin{verbatim}\section{no}\end{verbatim}", "```\n\\section{no}\n```"),
        (r"\verb|a%b| and \texttt{code}", "`a%b` and `code`"),
        (r"\begin{algorithmic}\State $x=1$\If{$x>0$}\State go\Else\State stop\EndIf\end{algorithmic}",
         "```\n$x=1$\nif $x>0$ then\n  go\nelse\n  stop\n```"),
        (r"\begin{algorithm}\KwIn{$n$}\While{$n>1$}{\eIf{even}{halve\;}{stop\;}}\end{algorithm}",
         "```\nInput: $n$\nwhile $n>1$ do\n  if even then\n    halve\n  else\n    stop\n```"),
        (r"\"Uber \'{e} na\"{\i}ve \c{c} \v S \ss{} \o{} \aa", "Über é naïve ç Š ß ø å"),
        ("``a $b$\" and \"c\", ``d'' \"e\"", "“a $b$” and \"c\", “d” \"e\""),
        (r"``a'' -- b---c~d\ldots\ 5\% \& \S3", "“a” – b—c d… 5% & §3"),
        (r"\href{http://x.org/a%20b}{here} \url{http://x.org/a_b%20c}", "here http://x.org/a_b%20c"),
        (r"\vspace*{1cm}\noindent\centering{\large Big} \hskip 3pt plus 1fil x\label{l}", "Big x"),
        ("one % comment\n% whole line\ntwo\\%three", "one two%three"),
        (r"\begin{comment}gone\end{comment}kept", "kept"),
        (r"\rowcolors{2}{white}{gray}\numberofauthors{1}\newcolumntype{L}{>{\x}X}Text", "Text"),
        (r"\edit1{The} \edit2{mill} \nth{1} \nth{12} \ion{H}{2} \RN{4}", "The mill 1st 12th H II IV"),
        (r"\section{A}\Roman{section}\alph{section}", "## A\n\nIa"),
        (r"\unknown{GP}{Gaussian process} \unknown{a}, b", "GP Gaussian process a, b"),
        (r"A\fxwarning*{check}{ this}.\fxnote[a]{b} C", "A this. C"),
        (r"\matmethods{\subsection{Data}Text}\acknow{Thanks.}",
         "## Materials and Methods\n\n### Data\n\nText\n\n## Acknowledgements\n\nThanks."),
        (r"\newcommand{\s}{SI\xspace}\s \emph{x}, \s. \s \ref{n}, \s\footnote{n}", "SI x, SI. SI, SI (n)"),
        (r"\newcommand{\H}{$H_0$}\H is, \H, \H th, {\H}x", "$H_0$ is, $H_0$, $H_0$th, $H_0$x"),
        (r"\newcommand{\H}{\ensuremath{H_{0}}}\H is $\H x$", "$H_{0}$ is $H_{0}x$"),
        (r"\newacronym{gp}{GP}{Gaussian process}\gls{gp} and \gls{gp}", "Gaussian process (GP) and GP"),
    ],
)  # fmt: skip
def test_markdown_of(source: str, text: str) -> None:
    assert paper(source).text == text


def test_title_abstract_authors_and_date_come_from_their_commands() -> None:
    found = paper(
        r"\title{On \textbf{mills}\thanks{A grant.}}\author{Ada Orrin\thanks{x} \and Bo Reed\\Mill University}"
        r"\date{May 1999}\maketitle\begin{abstract}We grind.\end{abstract}\section{One}Text."
    )
    assert (found.title, found.abstract, found.date) == ("On mills", "We grind.", "May 1999")
    assert found.authors == ("Ada Orrin", "Bo Reed")
    assert found.text == "# On mills\n\n## Abstract\n\nWe grind.\n\n## One\n\nText."
    assert found.section_titles == ("One",)


def test_references_become_the_numbers_that_latex_prints() -> None:
    found = paper(
        r"See \ref{s}, Fig.~\ref{f}, \cref{t} and \autoref{e}.\section{S}\subsection{U\label{s}}"
        r"\begin{figure}\caption{C}\label{f}\end{figure}\newtheorem{thm}{Theorem}\begin{thm}\label{t}x\end{thm}"
        r"\begin{equation}\label{e}y\end{equation}"
    )
    assert found.text.startswith("See 1.1, Fig. 1, Theorem 1 and Equation (1).")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"It is known \cite{a}.", "It is known."),
        (r"It is known~(see \cite{a,b}; \cite{c}), we say.", "It is known, we say."),
        (r"Known [\cite{a}] and \citep[e.g.][p. 3]{b}.", "Known and prior work."),
        (r"As \citet{k} showed \cite{a}, it is.", "As Orrin et al. (1999) showed, it is."),
        (r"We extend \cite{k}.", "We extend Orrin et al. (1999)."),
        (r"Shown in \cite{a}.", "Shown in prior work."),
        (
            r"Said by Orrin et al.\cite{a} in full, see for example \cite{a}.",
            "Said by Orrin et al. in full, see for example prior work.",
        ),
        (
            r"Ours (solid line), theirs (dashed - \cite{a}; dotted -- \cite{k})",
            "Ours (solid line), theirs (dashed - prior work; dotted – Orrin et al. (1999))",
        ),
        (r"Known (See \cite{a}, and also e.g., \cite{b}).", "Known."),
        (r"In \citetitle{k} \textcite{k} we see \parencites{a}.", "In Orrin et al. (1999) we see prior work."),
        (r"It can be written as \cite{a}\[x\]", "It can be written as\n\n$$x$$"),
        (r"Not so (see \cref{n}), in \cref{tab:n,tab:m}.", "Not so, in Table."),
        (r"f() and g( ) stay (as \cite{a})", "f() and g( ) stay (as prior work)"),
    ],
)
def test_citations_leave_readable_text(source: str, text: str) -> None:
    bibliography = "@article{k, author = {Orrin, Ada and Reed, Bo and Lee, C.}, year = {1999}}"
    assert paper(source, refs_dot_bib=bibliography).text == text


def test_the_bibliography_goes_and_stays_when_asked() -> None:
    source = r"Text.\begin{thebibliography}{9}\bibitem{a} A. Orrin, Mills.\end{thebibliography}"
    assert paper(source).text == "Text."
    assert paper(source, LatexOptions(keep_bibliography=True)).text == "Text.\n\n## References\n\n- A. Orrin, Mills."


def test_acknowledgements_and_appendices_stay_and_go_when_asked() -> None:
    source = r"\section{A}a\section*{Acknowledgments}thanks\appendix\section{B}b"
    assert paper(source).text == "## A\n\na\n\n## Acknowledgments\n\nthanks\n\n## B\n\nb"
    without = LatexOptions(keep_acknowledgements=False, keep_appendices=False)
    assert paper(source, without).text == "## A\n\na"
