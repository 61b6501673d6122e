"""Commands of running text that do more than keep or drop their arguments: sections, notes, references, files."""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.latex import names, packages, units
from extractors.latex.definitions import Handler
from extractors.latex.listings import code_span, write_block
from extractors.latex.math import bracket_math, ensure_math
from extractors.latex.metadata import AUTHOR_MARK
from extractors.latex.references import SECTIONS, Target
from extractors.latex.tokens import NO_VALUE, RAW, untokenized
from extractors.latex.writer import Block, heading

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

_LIGATURES = {
    "``": "“",
    "''": "”",
    "---": "—",
    "--": "–",
    "`": "‘",
    "'": "’",
    "!`": "¡",
    "?`": "¿",
    "~": " ",
}
_GLYPHS = re.compile(r"\\([%#&_{}$~^])")
_ACKNOWLEDGEMENTS = re.compile(r"\W*acknowledge?ments?\b", re.I)


def ligature(c: Converter, name: str) -> None:
    c.write(_LIGATURES[name])


def section(c: Converter, name: str) -> None:
    starred = c.g.star()
    c.g.opt()
    if not starred:
        number_section(c, name[1:])
    write_section(c, name[1:], c.inline(c.g.arg()))


def number_section(c: Converter, kind: str) -> None:
    """Count the section; done before its title is read, in which its label may stand."""
    if kind == "chapter":
        c.numbers.uses_chapters = True
    number = c.numbers.step(kind)
    at_top = kind in ("section", "chapter") and c.numbers.in_appendix
    c.refs.here = Target("appendix" if at_top else "section" if kind != "chapter" else "chapter", number)


def write_section(c: Converter, kind: str, title: str) -> None:
    if c.w.top.kind == "line":
        c.write(title)
        return
    if not title:
        c.w.flush()
        return
    place = SECTIONS.index(kind) if kind in SECTIONS else 2
    level = max(2, place) if not c.numbers.uses_chapters else max(2, place + 1)
    c.w.add(Block("heading", heading(level, title), level))


def appendix(c: Converter, name: str) -> None:
    c.numbers.in_appendix = True
    c.numbers.values["chapter" if c.numbers.uses_chapters else "section"] = 0
    c.w.add(Block("mark", "", 1))


def acknowledgements(c: Converter, name: str) -> None:
    """A heading; AASTeX and REVTeX 3 give the text as the argument or after the command."""
    write_section(c, "section", "Acknowledgements")


def footnote(c: Converter, name: str) -> None:
    g = c.g
    g.opt()
    if name == "\\footnote" and g.buf and g.buf[-1] == '"':
        g.buf.pop()
        g.until('"')
    text = c.inline(g.arg())
    if text and c.w.top.kind != "line":
        c.write(f" ({text})")


def vfootnote(c: Converter, name: str) -> None:
    """Plain TeX's `\\footnote{mark}{text}`."""
    if c.in_plain and c.g.next_is("{"):
        c.g.arg()
    if c.in_plain and not c.g.next_is("{"):
        c.g.skip_blanks()
    footnote(c, name)


def label(c: Converter, name: str) -> None:
    c.refs.label(c.g.text_arg())


def reference(c: Converter, name: str) -> None:
    c.g.star()
    argument = c.g.text_arg()
    several = name in ("\\cref", "\\Cref", "\\labelcref")
    keys = [key.strip() for key in argument.split(",")] if several else [argument]
    kind = name[1:].lower() if name[1:] in ("eqref", "cref", "Cref", "autoref", "vref", "labelcref") else "ref"
    c.write(c.refs.mark("cref" if kind in ("autoref", "vref") else kind, keys))


def page_reference(c: Converter, name: str) -> None:
    c.g.star()
    c.g.arg()


def cite(c: Converter, name: str) -> None:
    c.g.star()
    before = c.g.opt()
    after = c.g.opt()
    keys = [key.strip() for key in c.g.text_arg().split(",")]
    word = name[1:].lower()
    textual = word in ("citet", "textcite", "citeauthor", "citeasnoun", "shortcite", "newcite", "citefullauthor")
    note = c.inline(before) if before and after else ""
    c.write(c.refs.mark("citet" if textual else "cite", keys))
    if note and len(note.split()) > 3:
        c.write(f" ({note})")


def href(c: Converter, name: str) -> None:
    g = c.g
    g.opt()
    g.skip_blanks()
    if g.buf and g.buf[-1].startswith(RAW):
        g.buf.pop()
    else:
        g.arg()
    g.push(["{", *g.arg(), "}"])


def url(c: Converter, name: str) -> None:
    """An address as it is written."""
    g = c.g
    g.skip_blanks()
    if g.buf and g.buf[-1] not in ("{", "}") and len(g.buf[-1]) == 1:
        tokens = g.until(g.buf.pop())
    else:
        tokens = g.arg()
    if any(token in g.macros for token in tokens):
        tokens = g.expanded(tokens)
    c.write(_GLYPHS.sub(r"\1", untokenized([t for t in tokens if t not in (" ", "{", "}")])))


def teletype(c: Converter, name: str) -> None:
    """`\\texttt{x}` is code where it is no address and no sentence."""
    text = c.inline(c.g.arg())
    plain = text and "$" not in text and "\x02" not in text and "`" not in text and "@" not in text and "://" not in text
    c.write(code_span(text) if plain and c.w.top.kind not in ("code", "line") and len(text) < 200 else text)


def superscript(c: Converter, name: str) -> None:
    text = c.inline(c.g.arg())
    c.write(text if not text.isdigit() else f"^{text}")


def input_file(c: Converter, name: str) -> None:
    g = c.g
    g.skip_blanks()
    if g.buf and g.buf[-1] == "{":
        target = g.text_arg()
    else:
        taken: list[str] = []
        while g.buf and g.buf[-1] not in (" ", "\\par", "{", "}") and (g.buf[-1][0] != "\\" or g.buf[-1] in g.macros):
            token = g.buf.pop()
            if token in g.macros:
                g.expand(g.macros[token])
            else:
                taken.append(token)
        target = "".join(taken)
    found = c.input(target, part=name in ("\\subfile", "\\subfileinclude"), own_folder=name.startswith("\\subfile"))
    if name == "\\InputIfFileExists":
        yes, no = g.arg(), g.arg()
        g.push(yes if found else no)
    if name == "\\include":
        c.w.flush()


def import_file(c: Converter, name: str) -> None:
    c.g.star()
    folder, target = c.g.text_arg(), c.g.text_arg()
    c.input(target, folder, own_folder=True)


def if_file(c: Converter, name: str) -> None:
    target = c.g.text_arg()
    yes, no = c.g.arg(), c.g.arg()
    c.g.push(yes if c.files.resolve(target, c.folders[::-1]) else no)


def use_package(c: Converter, name: str) -> None:
    options = c.g.opt()
    wanted = c.g.text_arg()
    c.g.opt()
    suffixes = (".cls", ".sty") if name in ("\\documentclass", "\\documentstyle") else (".sty",)
    packages.use(c, wanted, suffixes)
    if name == "\\documentstyle" and options:
        packages.use(c, c.g.text_of(options))


def listing_file(c: Converter, name: str) -> None:
    """`\\lstinputlisting{file}`, `\\inputminted{language}{file}`, `\\verbatiminput{file}`."""
    options = c.g.text_of(c.g.opt() or [])
    language = c.g.text_arg() if name == "\\inputminted" else ""
    found = re.search(r"language\s*=\s*\{?\s*([\w+#]+)", options)
    path = c.files.resolve(c.g.text_arg(), c.folders[::-1], ("",))
    if path is not None:
        write_block(c, c.files.text(path), (found[1] if found else language).lower())


def title(c: Converter, name: str) -> None:
    g = c.g
    g.star()
    g.opt()
    g.skip_spaces()
    tokens = g.arg() if g.buf and g.buf[-1] == "{" else g.until("\\end" + name[1:])
    text = c.inline([token for token in tokens if token != "\\par"], "line")
    if name == "\\subtitle":
        c.meta.title = f"{c.meta.title}: {text}" if c.meta.title and text else c.meta.title
    elif text and (not c.meta.title or not c.in_body):
        c.meta.title = text


def author(c: Converter, name: str) -> None:
    g = c.g
    g.opt()
    g.skip_spaces()
    tokens = g.arg() if g.buf and g.buf[-1] == "{" else g.until("\\end" + name[1:])
    text = names.author_text(c, tokens)
    c.meta.add_authors(text)


def author_separator(c: Converter, name: str) -> None:
    if c.w.top.kind == "line":
        c.write(AUTHOR_MARK)


def date(c: Converter, name: str) -> None:
    c.meta.date = c.inline(c.g.arg())


def abstract(c: Converter, name: str) -> None:
    g = c.g
    g.opt()
    g.skip_spaces()
    if g.buf and g.buf[-1] == "{":
        c.meta.abstract.append(c.text(g.arg()))
    elif "\\endabstract" in g.buf:
        c.meta.abstract.append(c.text(g.until("\\endabstract")))


def drop_argument(c: Converter, name: str) -> None:
    """`\\thanks{…}`, `\\affil{…}`: notes of the title page."""
    c.g.star()
    c.g.opt()
    if c.g.next_is("{"):
        c.g.arg()
    c.g.opt()


def keywords(c: Converter, name: str) -> None:
    if not c.g.next_is("{"):
        return
    text = c.inline(c.g.arg()).strip()
    if text and c.in_body:
        c.w.add(Block("p", f"Keywords: {text}"))


def caption(c: Converter, name: str) -> None:
    g = c.g
    kind = g.text_arg() if name == "\\captionof" else ""
    starred = g.star()
    g.opt()
    floating = next((f.kind for f in reversed(c.w.frames) if f.kind in ("figure", "table", "algorithm")), "figure")
    if name == "\\tablecaption" or name == "\\tabcaption":
        floating = "table"
    floating = {"figure": "figure", "table": "table", "algorithm": "algorithm"}.get(kind, floating)
    if not starred:
        c.refs.here = Target(floating, c.numbers.step(floating))
    text = c.inline(g.arg())
    head = floating.capitalize() + ("" if starred else f" {c.numbers.printed(floating)}")
    if text:
        c.w.add_outside(Block("caption", f"{head}: {text}"))


def subcaption(c: Converter, name: str) -> None:
    """`\\subfigure[caption]{picture}`, `\\subcaption{caption}`."""
    g = c.g
    if name == "\\subcaption":
        text = c.inline(g.arg())
        if text:
            c.w.add(Block("caption", text))
        return
    given = g.opt()
    second = g.opt()
    text = c.inline(second or given or [])
    g.push(["{", *g.arg(), "}"])
    if text:
        c.w.add(Block("caption", text))


def item(c: Converter, name: str) -> None:
    from extractors.latex.environments import close_to_list

    frame = close_to_list(c)
    tokens = c.g.opt()
    shown = c.inline(tokens) if tokens is not None else ""
    if frame is None:
        c.w.flush()
        c.write(f"{shown} " if shown else "")
        return
    if frame.environment == "enumerate":
        depth = sum(f.environment == "enumerate" for f in c.w.frames)
        counter = f"enum{min(depth, 4)}"
        number = len(frame.items) + (frame.label is not None) + 1
        c.numbers.values[counter] = number
        c.refs.here = Target("item", shown.strip("().") if shown else str(number))
    c.w.item(shown if shown else "")
    if tokens is not None and not shown:
        c.w.top.label = ""


def plain_item(c: Converter, name: str) -> None:
    """Plain TeX's `\\item{a)}`."""
    if c.in_plain and c.g.buf and c.g.buf[-1] == "{":
        c.w.flush()
        c.write(f"{c.inline(c.g.arg())} ")
        return
    item(c, name)


def proclaim(c: Converter, name: str) -> None:
    """Plain TeX's `\\proclaim Theorem 1. text`, AMS-TeX's `\\proclaim{Theorem 1}`."""
    g = c.g
    c.w.flush()
    head = g.arg() if g.next_is("{") else g.until(".")
    text = c.inline(head).rstrip(".")
    if text:
        c.write(f"**{text}.** ")


def plain_section(c: Converter, name: str) -> None:
    """`\\beginsection title\\par`, AMS-TeX's `\\head title\\endhead`."""
    stop = "\\par" if name == "\\beginsection" else "\\end" + name[1:]
    if stop != "\\par" and stop not in c.g.buf:
        return
    kind = {"\\subhead": "subsection", "\\subsubhead": "subsubsection", "\\specialhead": "section"}.get(name, "section")
    write_section(c, kind, c.inline(c.g.until(stop)))


def xspace(c: Converter, name: str) -> None:
    buf = c.g.buf
    if buf and (buf[-1][0].isalnum() or buf[-1] in ("$", "(", "\\(", "``")):
        c.write(" ")


def csname(c: Converter, name: str) -> None:
    c.g.buf.append(c.csname_token())


def expand_after(c: Converter, name: str) -> None:
    g = c.g
    if len(g.buf) < 2:
        return
    first, second = g.buf.pop(), g.buf.pop()
    if second == "\\csname":
        g.buf.append(c.csname_token())
    elif second == "\\expandafter":
        expand_after(c, name)
    elif second in g.macros:
        g.expand(g.macros[second])
    else:
        g.buf.append(second)
    g.buf.append(first)


def name_use(c: Converter, name: str) -> None:
    c.g.buf.append("\\" + c.g.text_arg())


def string(c: Converter, name: str) -> None:
    if c.g.buf:
        token = c.g.buf.pop()
        c.write(token if token[0] != "\\" or token.startswith("\\\x01") else token)


def the(c: Converter, name: str) -> None:
    if c.g.buf and c.g.buf[-1][0] == "\\":
        token = c.g.buf.pop()
        if token == "\\value":
            c.g.arg()


def counter_text(c: Converter, name: str) -> None:
    """`\\arabic{section}`: the counter's value."""
    c.write(str(c.numbers.value(c.g.text_arg())))


def number_within(c: Converter, name: str) -> None:
    c.g.star()
    c.g.opt()
    inner, outer = c.g.text_arg(), c.g.text_arg()
    if inner and outer and inner != outer and inner not in SECTIONS:
        c.numbers.within[inner] = outer


def upper(c: Converter, name: str) -> None:
    tokens = c.g.arg()
    macros = c.g.macros
    if any(token in macros for token in tokens):
        tokens = c.g.expanded(tokens)
    depth = 0
    out: list[str] = []
    for token in tokens:
        depth += token == "$"
        out.append(token.upper() if token[0] != "\\" and depth % 2 == 0 else token)
    c.g.push(["{", *out, "}"])


def rest_of_text(c: Converter, name: str) -> None:
    """`\\end{document}`, `\\bye`: nothing after it is read."""
    c.g.buf.clear()


def initial(c: Converter, name: str) -> None:
    """`\\lettrine{T}{he}`: one word."""
    c.g.opt()
    first, rest = c.g.arg(), c.g.arg()
    c.g.push(["{", *first, *rest, "}"])


def char_code(c: Converter, name: str) -> None:
    c.read_char_code()


def hyper_reference(c: Converter, name: str) -> None:
    """`\\hyperref[label]{text}`, `\\hyperref{url}{category}{name}{text}`."""
    if c.g.opt() is None:
        for _ in range(3):
            c.g.arg()
    c.g.push(["{", *c.g.arg(), "}"])


def box(c: Converter, name: str) -> None:
    """`\\hbox to 3cm{x}`: the text of the box."""
    g = c.g
    if g.next_is("to") or g.next_is("spread"):
        g.buf.pop()
        c.read_glue()
    if g.next_is("{"):
        g.push(["{", *g.arg(), "}"])


def dingbat(c: Converter, name: str) -> None:
    number = c.g.text_arg()
    c.write(chr(0x2700 + int(number) - 32) if number.isdigit() and 33 <= int(number) <= 126 else "")


def two_column(c: Converter, name: str) -> None:
    tokens = c.g.opt()
    if tokens:
        c.g.push(tokens)


def matter(c: Converter, name: str) -> None:
    if c.g.next_is("{"):
        c.g.push(["{", *c.g.arg(), "}"])


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(_LIGATURES, ligature),
    **{"\\" + kind: section for kind in SECTIONS},
    "\\[": bracket_math,
    "\\ensuremath": ensure_math,
    "\\appendix": appendix,
    **dict.fromkeys(
        ("\\acknowledgments", "\\acknowledgements", "\\acknowledgement", "\\acknowledgment", "\\ack", "\\acks"),
        acknowledgements,
    ),
    **dict.fromkeys(("\\footnotetext", "\\blfootnote", "\\tablenotetext", "\\endnote", "\\sidenote"), footnote),
    "\\footnote": vfootnote,
    "\\label": label,
    **dict.fromkeys(
        ("\\ref", "\\eqref", "\\cref", "\\Cref", "\\autoref", "\\vref", "\\labelcref", "\\nameref", "\\subref"), reference
    ),
    **dict.fromkeys(("\\pageref", "\\vpageref", "\\cpageref"), page_reference),
    **{
        "\\" + word: cite
        for word in (
            "cite citep citet citealp citealt citeauthor citeyear citeyearpar citetext textcite parencite autocite "
            "footcite fullcite Citet Citep Citealt Citealp Citeauthor citeasnoun shortcite newcite onlinecite citen "
            "supercite smartcite nocitex parencites textcites autocites cites citefullauthor citenum"
        ).split()
    },
    "\\href": href,
    **dict.fromkeys(("\\url", "\\path", "\\nolinkurl", "\\burl"), url),
    **dict.fromkeys(("\\texttt", "\\code", "\\fct", "\\pkg@", "\\inlinecode"), teletype),
    "\\textsuperscript": superscript,
    "\\textsubscript": superscript,
    **dict.fromkeys(
        ("\\input", "\\include", "\\subfile", "\\subfileinclude", "\\@input", "\\InputIfFileExists"), input_file
    ),
    **dict.fromkeys(("\\import", "\\subimport", "\\inputfrom", "\\subinputfrom", "\\includefrom"), import_file),
    "\\IfFileExists": if_file,
    **dict.fromkeys(("\\usepackage", "\\RequirePackage", "\\documentclass", "\\documentstyle"), use_package),
    **dict.fromkeys(("\\lstinputlisting", "\\inputminted", "\\verbatiminput", "\\VerbatimInput"), listing_file),
    **dict.fromkeys(("\\title", "\\icmltitle", "\\mrltitle@", "\\Title"), title),
    "\\subtitle": title,
    **dict.fromkeys(("\\author", "\\authors", "\\Author", "\\icmlauthor"), author),
    **dict.fromkeys(("\\and", "\\And", "\\AND"), author_separator),
    "\\date": date,
    "\\abstract": abstract,
    **dict.fromkeys(
        (
            "\\thanks \\affil \\affiliation \\altaffiliation \\altaffilmark \\altaffiltext \\address \\email \\institute \\inst "
            "\\IEEEmembership \\IEEEcompsocitemizethanks \\IEEEcompsocthanksitem \\authornote \\orgdiv \\corauth "
            "\\corref \\cortext \\fnref \\fntext \\tnoteref \\tnotetext \\ead \\authornotemark \\additionalaffiliation "
            "\\institution \\city \\country \\state \\streetaddress \\postcode \\affils \\authorblockA \\subjclass "
            "\\correspondingauthor \\collaboration \\collaborator \\cellcolor \\rowcolor \\columncolor \\titlenote "
            "\\tablecomments@ \\tnote \\acmSubmissionID \\authoraddr \\authoremail \\address@ \\affiliations \\thanksref"
        ).split(),
        drop_argument,
    ),
    **dict.fromkeys(("\\keywords", "\\Keywords", "\\keyword@", "\\IEEEkeywords@"), keywords),
    **dict.fromkeys(("\\caption", "\\captionof", "\\tablecaption", "\\figcaption", "\\tabcaption", "\\topcaption"), caption),
    **dict.fromkeys(("\\subfigure", "\\subfloat", "\\subcaption", "\\subcaptionbox@", "\\subtable"), subcaption),
    "\\item": plain_item,
    "\\itemitem": plain_item,
    "\\proclaim": proclaim,
    **dict.fromkeys(("\\beginsection", "\\head", "\\subhead", "\\subsubhead", "\\specialhead"), plain_section),
    "\\xspace": xspace,
    "\\csname": csname,
    "\\expandafter": expand_after,
    "\\@nameuse": name_use,
    **dict.fromkeys(("\\string", "\\detokenize@"), string),
    **dict.fromkeys(("\\the", "\\number", "\\showthe"), the),
    **dict.fromkeys(("\\arabic", "\\roman", "\\Roman", "\\alph", "\\Alph"), counter_text),
    **dict.fromkeys(("\\numberwithin", "\\counterwithin", "\\@addtoreset"), number_within),
    **dict.fromkeys(("\\MakeUppercase", "\\uppercase", "\\MakeTextUppercase"), upper),
    **dict.fromkeys(("\\bye", "\\enddocument"), rest_of_text),
    **dict.fromkeys(("\\lettrine", "\\IEEEPARstart", "\\dropcap@", "\\firstword@"), initial),
    "\\twocolumn": two_column,
    "\\ding": dingbat,
    **dict.fromkeys(("\\hbox", "\\vbox", "\\vtop"), box),
    "\\hyperref": hyper_reference,
    **dict.fromkeys(("\\lccode", "\\uccode", "\\mathcode", "\\catcode", "\\sfcode", "\\delcode"), char_code),
    **names.HANDLERS,
    **units.HANDLERS,
    NO_VALUE: lambda c, name: None,
}

__all__ = ["HANDLERS", "write_section"]
