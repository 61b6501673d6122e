"""`algorithmic`, `algpseudocode` and `algorithm2e` to lines of fenced code, indented by their blocks.

Reference: the packages' manuals. What a line says stays as written, equations with their dollars.
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.latex.definitions import Handler
from extractors.latex.gullet import Macro
from extractors.latex.writer import Block, Frame, fenced, inline

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

MAX_INDENT = 30
ALGORITHMICS = ("algorithmic", "algorithmic*", "pseudocode", "codebox")
ALGORITHM2E = ("algorithm2e", "algorithm", "algorithm*", "algorithm2e*", "procedure", "function")
_OPENERS = {
    "if": ("if", "then"),
    "elsif": ("else if", "then"),
    "elseif": ("else if", "then"),
    "else": ("else", ""),
    "for": ("for", "do"),
    "forall": ("for all", "do"),
    "foreach": ("for each", "do"),
    "while": ("while", "do"),
    "repeat": ("repeat", ""),
    "loop": ("loop", ""),
    "procedure": ("procedure", ""),
    "function": ("function", ""),
}
_LINES = {
    "state": "",
    "statex": "",
    "require": "Require: ",
    "ensure": "Ensure: ",
    "input": "Input: ",
    "output": "Output: ",
    "return": "return ",
    "print": "print ",
}
_KEYWORDS = {
    "\\KwIn": "Input: ",
    "\\KwOut": "Output: ",
    "\\KwData": "Data: ",
    "\\KwResult": "Result: ",
    "\\KwInput": "Input: ",
    "\\KwOutput": "Output: ",
    "\\KwRet": "return ",
}
_BLOCKS = {
    "\\If": ("if", "then"),
    "\\uIf": ("if", "then"),
    "\\lIf": ("if", "then"),
    "\\ElseIf": ("else if", "then"),
    "\\uElseIf": ("else if", "then"),
    "\\lElseIf": ("else if", "then"),
    "\\For": ("for", "do"),
    "\\lFor": ("for", "do"),
    "\\ForEach": ("foreach", "do"),
    "\\lForEach": ("foreach", "do"),
    "\\ForAll": ("forall", "do"),
    "\\lForAll": ("forall", "do"),
    "\\While": ("while", "do"),
    "\\lWhile": ("while", "do"),
    "\\Switch": ("switch", "do"),
    "\\Case": ("case", ""),
    "\\uCase": ("case", ""),
    "\\lCase": ("case", ""),
}
_ONE_BODY = {"\\Begin": "begin", "\\Other": "otherwise", "\\uOther": "otherwise", "\\lOther": "otherwise"}
ALGORITHM2E_ONLY = frozenset(
    {"\\;", "\\eIf", "\\SetAlgoLined", "\\DontPrintSemicolon", "\\ForEach", *_KEYWORDS, *_ONE_BODY}
)
"""Commands that say, where no `algorithmic` has begun, that the lines are algorithm2e's."""
MAYBE_ALGORITHM2E = frozenset(_BLOCKS)
"""Commands that say so where nothing up to the float's end says otherwise."""
INDENT, DEDENT, NEWLINE = "\\\x10indent", "\\\x10dedent", "\\\x10newline"


def is_keyword(macro: Macro | None) -> bool:
    """Whether one of algorithm2e's `\\SetKw…` made the macro."""
    return macro is not None and macro.body[:1] in ([NEWLINE], ["\\tcp"])


def _block(head: list[str], body: list[str]) -> list[str]:
    """A line and what stands deeper under it."""
    return [NEWLINE, *head, NEWLINE, INDENT, "{", *body, "}", NEWLINE, DEDENT]


def algorithm_frame(c: Converter) -> Frame | None:
    """The algorithm being written."""
    for frame in reversed(c.w.frames):
        if frame.kind == "code":
            return frame
        if frame.kind in ("doc", "cell"):
            return None
    return None


def open_algorithm(c: Converter, two_e: bool) -> None:
    c.w.open(Frame("code", environment="2e" if two_e else "algorithmic"))


def new_line(c: Converter, frame: Frame) -> None:
    """End the line that is being written."""
    blocks, frame.blocks = frame.blocks, []
    text = "".join(frame.pieces)
    frame.pieces.clear()
    lines = [" ".join(line.split()) for line in text.replace("\x04", "\n").split("\n\n")] if text.strip() else []
    margin = "  " * min(frame.indent, MAX_INDENT)
    for line in [*(block.text for block in blocks), *lines]:
        for part in line.split("\n"):
            if part.strip():
                frame.items.append((margin + part.strip(), []))


def close_algorithm(c: Converter) -> None:
    frame = c.w.top
    new_line(c, frame)
    c.w.frames.pop()
    text = "\n".join(label for label, _ in frame.items)
    if text:
        c.w.add(Block("code", fenced(text)))


def _text(c: Converter, tokens: list[str]) -> str:
    return inline(c.blocks(tokens))


def begin_block(c: Converter, name: str) -> None:
    """`\\If{x}`, `\\FOR{x}`, `\\While{x}{…}`: a line, and deeper lines after it."""
    frame = algorithm_frame(c)
    if frame is None:
        return
    g = c.g
    if frame.environment == "2e" and name in _BLOCKS:
        word, after = _BLOCKS[name]
        remark = g.opt("(", ")") or []
        head = [word, " ", *g.arg(), " ", *([after, " "] if after else []), *remark]
        g.push(_block(head, g.arg()))
        return
    key = name[1:].lower()
    if key not in _OPENERS:
        return
    word, after = _OPENERS[key]
    new_line(c, frame)
    if frame.environment == "2e" and key == "else":
        g.push(_block([word], g.arg()))
        return
    if key in ("else", "elsif", "elseif"):
        frame.indent = max(0, frame.indent - 1)
    g.opt()
    parts = [word]
    if key not in ("else", "repeat", "loop"):
        parts.append(_text(c, g.arg()))
    if key in ("procedure", "function") and g.next_is("{"):
        parts[-1] += f"({_text(c, g.arg())})"
    c.write(" ".join([*parts, after]).strip())
    new_line(c, frame)
    frame.indent += 1


def end_block(c: Converter, name: str) -> None:
    frame = algorithm_frame(c)
    if frame is None:
        return
    new_line(c, frame)
    frame.indent = max(0, frame.indent - 1)
    if name.lower() == "\\until":
        c.write(f"until {_text(c, c.g.arg())}")
        new_line(c, frame)


def line(c: Converter, name: str) -> None:
    """`\\State`, `\\Require`, …: a line begins."""
    frame = algorithm_frame(c)
    if frame is None:
        return
    key = name[1:].lower()
    word = _LINES[key]
    if key in ("return", "print") and frame.pieces and not "".join(frame.pieces).strip().endswith("\x04"):
        c.write(word)
        return
    new_line(c, frame)
    c.g.opt()
    c.write(word)


def comment(c: Converter, name: str) -> None:
    """In algorithm2e it ends its line; algorithmic's stands before the next `\\State`."""
    c.g.star()
    c.g.opt()
    tokens = c.g.arg()
    frame = algorithm_frame(c)
    if frame is None:
        return
    c.write(f" // {_text(c, tokens)}")
    if frame.environment == "2e":
        new_line(c, frame)


def call(c: Converter, name: str) -> None:
    """`\\Call{Name}{x}`."""
    called = _text(c, c.g.arg())
    c.write(f"{called}({_text(c, c.g.arg())})")


def keyword(c: Converter, name: str) -> None:
    """algorithm2e's `\\KwIn{x}` and its like."""
    frame = algorithm_frame(c)
    word = _KEYWORDS[name]
    if frame is None:
        return
    if word == "return ":
        c.write(word)
        return
    new_line(c, frame)
    c.write(word + _text(c, c.g.arg()))
    new_line(c, frame)


def if_else(c: Converter, name: str) -> None:
    """algorithm2e's `\\eIf{x}{…}{…}`."""
    g = c.g
    condition, yes, no = g.arg(), g.arg(), g.arg()
    g.push([*_block(["if", " ", *condition, " ", "then"], yes), *_block(["else"], no)])


def repeat_until(c: Converter, frame: Frame) -> None:
    g = c.g
    condition, body = g.arg(), g.arg()
    g.push([*_block(["repeat"], body), "until", " ", *condition, NEWLINE])


def repeat(c: Converter, name: str) -> None:
    frame = algorithm_frame(c)
    if frame is not None and frame.environment == "2e":
        repeat_until(c, frame)
    else:
        begin_block(c, name)


def other_branch(c: Converter, name: str) -> None:
    begin_block(c, "\\Else")


def new_keyword(c: Converter, name: str) -> None:
    """`\\SetKwInOut{Input}{Input}`, `\\SetKwFunction{F}{f}`: names whose text follows."""
    names, text = c.g.text_arg().split(","), c.g.arg()
    for target in names:
        if name in ("\\SetKwFunction", "\\SetKwData", "\\SetKwArray"):
            body = [*text, "\\IfNoValueF", "{", "#1", "}", "{", "(", "#1", ")", "}"]
            macro = Macro(body, "xparse", types=(("g", []),))
        elif name == "\\SetKw":
            macro = Macro([*text, " "])
        elif name == "\\SetKwComment":
            macro = Macro(["\\tcp"])
        else:
            macro = Macro([NEWLINE, *text, ":", " ", "#1", NEWLINE], "latex", 1)
        c.g.define("\\" + target.strip(), macro, True)
    if name == "\\SetKwComment":
        c.g.arg()


def new_block(c: Converter, name: str) -> None:
    """`\\SetKwProg{Fn}{Function}{:}{end}`, `\\SetKwFor`, `\\SetKwRepeat`, `\\SetKwBlock`: names of blocks."""
    g = c.g
    target, first, last = g.text_arg(), g.arg(), g.arg()
    if name == "\\SetKwBlock":
        macro = Macro(_block(first, ["#1"]), "latex", 1)
    elif name == "\\SetKwRepeat":
        macro = Macro([*_block(first, ["#2"]), *last, " ", "#1", NEWLINE], "latex", 2)
    else:
        g.arg()
        joined = last if name == "\\SetKwProg" else [" ", *last]
        macro = Macro(_block([*first, " ", "#1", *joined], ["#2"]), "latex", 2)
    for prefix in ("", "l"):
        g.define(f"\\{prefix}{target}", macro, True)


def new_branches(c: Converter, name: str) -> None:
    """`\\SetKwIF{If}{ElseIf}{Else}{if}{then}{else if}{else}{end}`."""
    g = c.g
    names = [g.text_arg() for _ in range(3)]
    first, then, second, other = (g.arg() for _ in range(4))
    g.arg()
    condition = [" ", "#1", " "]
    macros = [
        Macro(_block([*first, *condition, *then], ["#2"]), "latex", 2),
        Macro(_block([*second, *condition, *then], ["#2"]), "latex", 2),
        Macro(_block(other, ["#1"]), "latex", 1),
    ]
    for target, macro in zip(names, macros, strict=True):
        for prefix in ("", "u", "l"):
            g.define(f"\\{prefix}{target}", macro, True)
    both = [*_block([*first, *condition, *then], ["#2"]), *_block(other, ["#3"])]
    g.define(f"\\e{names[0]}", Macro(both, "latex", 3), True)


def block_without_condition(c: Converter, name: str) -> None:
    """algorithm2e's `\\Begin{…}`, `\\Other{…}`."""
    c.g.opt("(", ")")
    c.g.push(_block([_ONE_BODY[name]], c.g.arg()))


def control(c: Converter, name: str) -> None:
    frame = algorithm_frame(c)
    if frame is None:
        return
    if name == INDENT:
        frame.indent += 1
    else:
        new_line(c, frame)
        if name == DEDENT:
            frame.indent = max(0, frame.indent - 1)


def semicolon(c: Converter, name: str) -> None:
    """`\\;` ends a line of algorithm2e, and is a blank elsewhere."""
    frame = algorithm_frame(c)
    if frame is not None and frame.environment == "2e":
        new_line(c, frame)
    else:
        c.write(" ")


def caption_name(c: Converter, name: str) -> None:
    """`\\algorithmicrequire` and its like: words of the package."""
    word = name[len("\\algorithmic") :]
    c.write({"require": "Require:", "ensure": "Ensure:", "comment": "//", "endif": ""}.get(word, word))


HANDLERS: dict[str, Handler] = {
    **{"\\" + word: begin_block for word in ("If", "ElsIf", "ElseIf", "Else", "For", "ForAll", "While", "Loop")},
    **{"\\" + word: begin_block for word in ("IF", "ELSIF", "ELSEIF", "ELSE", "FOR", "FORALL", "WHILE", "LOOP")},
    **{"\\" + word: begin_block for word in ("Procedure", "Function", "PROCEDURE", "FUNCTION", "REPEAT")},
    **dict.fromkeys(_BLOCKS, begin_block),
    "\\Repeat": repeat,
    **{"\\End" + word: end_block for word in ("If", "For", "While", "Loop", "Procedure", "Function", "ForAll")},
    **{"\\END" + word: end_block for word in ("IF", "FOR", "WHILE", "LOOP", "PROCEDURE", "FUNCTION", "FORALL")},
    "\\Until": end_block,
    "\\UNTIL": end_block,
    **{"\\" + word: line for word in ("State", "Statex", "Require", "Ensure", "Input", "Output", "Return", "Print")},
    **{"\\" + word: line for word in ("STATE", "STATEX", "REQUIRE", "ENSURE", "INPUT", "OUTPUT", "RETURN", "PRINT")},
    **dict.fromkeys(("\\Comment", "\\COMMENT", "\\tcp", "\\tcc", "\\LComment", "\\tcpp"), comment),
    "\\Call": call,
    **dict.fromkeys(_KEYWORDS, keyword),
    **dict.fromkeys(("\\eIf", "\\leIf"), if_else),
    **dict.fromkeys(
        ("\\SetKwInOut", "\\SetKwInput", "\\SetKwFunction", "\\SetKw", "\\SetKwData", "\\SetKwArray", "\\SetKwComment"),
        new_keyword,
    ),
    **dict.fromkeys(("\\SetKwProg", "\\SetKwFor", "\\SetKwRepeat", "\\SetKwBlock"), new_block),
    "\\SetKwIF": new_branches,
    **dict.fromkeys(_ONE_BODY, block_without_condition),
    **dict.fromkeys((INDENT, DEDENT, NEWLINE), control),
    "\\;": semicolon,
    **{f"\\algorithmic{word}": caption_name for word in ("require", "ensure", "comment", "return", "if", "for", "do")},
    **dict.fromkeys(("\\uElse", "\\lElse"), other_branch),
}
