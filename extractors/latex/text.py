"""Commands of running text that do more than keep or drop their arguments: notes, code, cases, boxes."""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.latex.definitions import Handler
from extractors.latex.displays import bracket_math, dollar, ensure_math, inline_math
from extractors.latex.lengths import read_char_code, read_glue
from extractors.latex.listings import write_code
from extractors.latex.references import SECTIONS
from extractors.latex.tokens import NO_VALUE, SOFT_SPACE

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

_WITHOUT_SPACE = """footnote footnotemark space label index xspace fi else or par egroup endgroup relax unskip end
nobreakspace null ldots dots bgroup"""
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
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


_NO_SPACE = frozenset("\\" + word for word in _WITHOUT_SPACE.split())
"""Commands before which `\\xspace` writes no blank."""


def ligature(c: Converter, name: str) -> None:
    c.write(_LIGATURES[name])


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


def teletype(c: Converter, name: str) -> None:
    """`\\texttt{x}` is code where it is no address and no sentence."""
    text = c.inline(c.g.arg())
    plain = (
        text and "$" not in text and "\x02" not in text and "`" not in text and "@" not in text and "://" not in text
    )
    if plain and c.w.top.kind not in ("code", "line") and len(text) < 200:
        write_code(c, text)
    else:
        c.write(text)


def superscript(c: Converter, name: str) -> None:
    text = c.inline(c.g.arg())
    c.write(text if not text.isdigit() else f"^{text}")


def xspace(c: Converter, name: str) -> None:
    """A blank, unless what follows is a mark or a command that wants none."""
    buf = c.g.buf
    if not buf:
        return
    token = buf[-1]
    opens = token[0].isalnum() or token in ("$", "(", "[", "\\(", "``", "`")
    if opens or (token[1:2].isalpha() and token not in _NO_SPACE):
        c.write(" ")


def csname(c: Converter, name: str) -> None:
    c.g.buf.append(c.csname_token())


def expand_after(c: Converter, name: str) -> None:
    """The token after the next is expanded first; a chain of them skips one token each."""
    g = c.g
    skipped: list[str] = []
    following = name
    while following == name and len(g.buf) > 1:
        skipped.append(g.buf.pop())
        following = g.buf.pop()
    if following == "\\csname":
        g.buf.append(c.csname_token())
    elif following in g.macros:
        g.expand(g.macros[following])
    elif following != name:
        g.buf.append(following)
    g.push(skipped)


def name_use(c: Converter, name: str) -> None:
    c.g.buf.append("\\" + c.g.text_arg())


def string(c: Converter, name: str) -> None:
    if c.g.buf:
        token = c.g.buf.pop()
        c.write(token)


def the(c: Converter, name: str) -> None:
    if c.g.buf and c.g.buf[-1][0] == "\\":
        token = c.g.buf.pop()
        if token == "\\value":
            c.g.arg()


def counter_text(c: Converter, name: str) -> None:
    """`\\arabic{section}`: the counter's value."""
    value = c.numbers.value(c.g.text_arg())
    if name in ("\\alph", "\\Alph"):
        letter = chr(64 + value) if 1 <= value <= 26 else str(value)
        c.write(letter if name == "\\Alph" else letter.lower())
    else:
        c.write(str(value) if name == "\\arabic" else _cased(roman(value), name == "\\Roman"))


def _cased(text: str, upper_case: bool) -> str:
    return text.upper() if upper_case else text


def roman(value: int) -> str:
    """Small roman numerals; digits where there are none."""
    if not 0 < value < 4000:
        return str(value)
    out = ""
    for number, letters in _ROMAN:
        out += letters * (value // number)
        value %= number
    return out


def roman_number(c: Converter, name: str) -> None:
    """`\\RN{2}`, `\\romannumeral2`, `\\romannumeral\\value{section}`; a counter that is not counted here has none."""
    g = c.g
    if g.next_is("\\value"):
        g.buf.pop()
        text = str(c.numbers.value(g.text_arg()) or "")
    elif g.next_is("{"):
        text = g.text_arg()
    else:
        text = g.buf.pop() if g.buf and g.buf[-1].isalnum() else ""
    small = roman(int(text)) if text.isdecimal() and len(text) < 5 else text
    c.write(_cased(small, name == "\\RN"))


def ordinal(c: Converter, name: str) -> None:
    """`\\nth{2}`: 2nd."""
    text = c.g.text_arg()
    last = "" if text[-2:-1] == "1" else text[-1:]
    c.write(text + {"1": "st", "2": "nd", "3": "rd"}.get(last, "th"))


def ion(c: Converter, name: str) -> None:
    """`\\ion{H}{2}`, `\\ion{H}{ii}`: H II."""
    element, stage = c.inline(c.g.arg()), c.g.text_arg()
    numeral = roman(int(stage)) if stage.isdecimal() and len(stage) < 3 else stage
    c.write(f"{element} {numeral.upper()}")


def edit(c: Converter, name: str) -> None:
    """AASTeX's `\\edit1{x}`: which revision the text is from goes."""
    if c.g.buf and c.g.buf[-1].isdecimal():
        c.g.buf.pop()


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
    read_char_code(c)


def box(c: Converter, name: str) -> None:
    """`\\hbox to 3cm{x}`: the text of the box."""
    g = c.g
    if g.next_is("to") or g.next_is("spread"):
        g.buf.pop()
        read_glue(c)
    if g.next_is("{"):
        g.push(["{", *g.arg(), "}"])


def dingbat(c: Converter, name: str) -> None:
    number = c.g.text_arg()
    c.write(chr(0x2700 + int(number) - 32) if number.isdecimal() and 33 <= int(number) <= 126 else "")


def at_begin(c: Converter, name: str) -> None:
    """`\\AtBeginDocument{…}`: what it defines holds from here on."""
    c.g.push(c.g.arg())


def two_column(c: Converter, name: str) -> None:
    tokens = c.g.opt()
    if tokens:
        c.g.push(tokens)


def soft_space(c: Converter, name: str) -> None:
    """A letter can follow a macro's name only after a blank, which TeX took as the name's end."""
    buf = c.g.buf
    if buf and buf[-1][0].isalpha() and buf[-1] not in ("s", "st", "nd", "rd", "th"):
        c.write(" ")


def no_value(c: Converter, name: str) -> None:
    """An optional argument that is not there."""


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(_LIGATURES, ligature),
    "\\[": bracket_math,
    "\\(": inline_math,
    "$": dollar,
    "\\ensuremath": ensure_math,
    **dict.fromkeys(("\\footnotetext", "\\blfootnote", "\\tablenotetext", "\\endnote", "\\sidenote"), footnote),
    "\\footnote": vfootnote,
    **dict.fromkeys(("\\texttt", "\\code", "\\fct", "\\inlinecode"), teletype),
    "\\textsuperscript": superscript,
    "\\textsubscript": superscript,
    "\\xspace": xspace,
    "\\csname": csname,
    "\\expandafter": expand_after,
    "\\@nameuse": name_use,
    "\\string": string,
    **dict.fromkeys(("\\the", "\\number", "\\showthe"), the),
    **dict.fromkeys(("\\arabic", "\\roman", "\\Roman", "\\alph", "\\Alph"), counter_text),
    **dict.fromkeys(("\\RN", "\\Rn", "\\romannumeral"), roman_number),
    "\\nth": ordinal,
    "\\ion": ion,
    "\\edit": edit,
    **dict.fromkeys(("\\numberwithin", "\\counterwithin", "\\@addtoreset"), number_within),
    **dict.fromkeys(("\\MakeUppercase", "\\uppercase", "\\MakeTextUppercase"), upper),
    **dict.fromkeys(("\\bye", "\\enddocument"), rest_of_text),
    **dict.fromkeys(("\\lettrine", "\\IEEEPARstart"), initial),
    "\\twocolumn": two_column,
    "\\AtBeginDocument": at_begin,
    "\\ding": dingbat,
    **dict.fromkeys(("\\hbox", "\\vbox", "\\vtop"), box),
    **dict.fromkeys(("\\lccode", "\\uccode", "\\mathcode", "\\catcode", "\\sfcode", "\\delcode"), char_code),
    NO_VALUE: no_value,
    SOFT_SPACE: soft_space,
}
