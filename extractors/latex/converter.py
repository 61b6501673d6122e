"""One submission being read: tokens in, Markdown blocks out.

The loop reads a token, expands it if the submission defines it, and else asks the tables of `text.py`,
`environments.py`, `definitions.py` and `conditions.py`. Cost: linear in the tokens after expansion.
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from extractors.errors import NestingTooDeep
from extractors.guard import Watch
from extractors.latex import accents
from extractors.latex.commands import SPECS, STRUCTURAL, SYMBOLS
from extractors.latex.conditions import CONDITIONALS, alias
from extractors.latex.definitions import DEFINITIONS, Environment, Handler, Theorem
from extractors.latex.gullet import Gullet, own_name
from extractors.latex.lengths import read_glue
from extractors.latex.metadata import Metadata
from extractors.latex.options import LatexOptions
from extractors.latex.packages import load_package
from extractors.latex.references import Numbers, References
from extractors.latex.source import Files, between
from extractors.latex.tokens import BUILTIN, END_FILE, NO_VALUE, RAW, Tokenizer
from extractors.latex.writer import Block, Frame, Writer, inline, joined

if TYPE_CHECKING:
    from extractors.latex.math_commands import MathHandler


class Converter:
    """State of one submission; handlers are functions of it."""

    def __init__(self, files: Files, options: LatexOptions, watch: Watch) -> None:
        self.files = files
        self.options = options
        self.tokenizer = Tokenizer()
        self.g = Gullet(options.limits, watch)
        self.w = Writer(options.limits.output_chars)
        self.refs = References()
        self.numbers = Numbers()
        self.meta = Metadata()
        self.environments: dict[str, Environment] = {}
        self.open_environments: list[tuple[str, list[str], int]] = []
        self.theorems: dict[str, Theorem] = {}
        self.switches: dict[str, bool] = {}
        self.registers: set[str] = set()
        self.global_next = False
        self.in_package = ""
        """own or published while a package is read."""
        self.in_math = 0
        self.in_body = False
        self.main: str | None = None
        self.in_plain = False
        """Plain TeX: no document class."""
        self.num_equations = 0
        self.tag = ""
        """The number that the author gave the equation being read, as `\\tag{…}`."""
        self.proof: list[str] = []
        """Premises of the proof tree being built."""
        self.proof_labels: list[str] = []
        """Names of the rule whose line comes next in it."""
        self.folders: list[str] = [""]
        self.uses: dict[str, int] = {}
        self.loaded: set[str] = set()
        self.acronyms: dict[str, tuple[str, str]] = {}
        self.acronyms_seen: set[str] = set()
        self._depth = 0
        self._steps = 0
        self.handlers = _handlers()
        self.math_handlers = _math_handlers()

    # What is known

    def knows(self, name: str) -> bool:
        """Whether LaTeX or a common package defines the command."""
        return name in self.handlers or name in SPECS or name in STRUCTURAL or (name in SYMBOLS and len(name) > 2)

    def knows_environment(self, name: str) -> bool:
        from extractors.latex.environments import ENVIRONMENTS

        return name in ENVIRONMENTS

    def is_defined(self, token: str) -> bool:
        return token[:1] != "\\" or token in self.g.macros or self.knows(token) or token in self.switches

    def take_global(self) -> bool:
        found, self.global_next = self.global_next, False
        return found

    def let(self, target: str, source: str, everywhere: bool) -> None:
        if not target or target[0] != "\\" or target in STRUCTURAL:
            return
        if target.startswith("\\if") and source in ("\\iftrue", "\\iffalse"):
            self.switches[target] = source == "\\iftrue"
            return
        if target.startswith("\\if") and source in self.switches:
            self.switches[target] = self.switches[source]
            return
        if self.in_package and self.knows(target):
            return
        macro = self.g.macros.get(source)
        if macro is None:
            undefined = source in ("\\undefined", "\\@undefined", "\\relax") or source == target
            if source[0] == "\\" and (self.knows(source) or source not in self.g.macros) and not undefined:
                source = BUILTIN + own_name(source)[1:]
            macro = None if undefined and source != "\\relax" else alias(source)
        self.g.define(target, macro, everywhere)

    def csname_token(self) -> str:
        """The control sequence that `\\csname … \\endcsname` makes; reads the first word too where it is there."""
        g = self.g
        if g.buf and g.buf[-1] == "\\csname":
            g.buf.pop()
        out: list[str] = []
        for _ in range(1000):
            if not g.buf:
                break
            token = g.buf.pop()
            macro = g.macros.get(token)
            if token == "\\endcsname":
                break
            if macro is not None:
                g.expand(macro)
            elif token[0] != "\\":
                out.append(token)
        return "\\" + "".join(out)

    # The loop

    def run(self) -> None:
        """Read all tokens that wait."""
        g = self.g
        handlers = self.handlers
        macros = g.macros
        while g.buf:
            token = g.buf.pop()
            macro = macros.get(token)
            if macro is not None:
                g.expand(macro)
                continue
            handler = handlers.get(token)
            if handler is not None:
                self._steps += 1
                if not self._steps & 255:
                    g.watch.check()
                handler(self, token)
            elif token[0] != "\\":
                if token[0] != "#":
                    self.w.frames[-1].pieces.append(token)
            else:
                self.command(token)

    def command(self, token: str) -> None:
        """A command without a handler of its own."""
        symbol = SYMBOLS.get(token)
        if symbol is not None:
            self.write(symbol)
            return
        spec = SPECS.get(token)
        if spec is not None:
            self.arguments(spec)
            return
        mark = token[:2]
        if mark == RAW:
            self.raw(int(token[2:]))
        elif mark == BUILTIN:
            self.builtin("\\" + token[2:])
        elif token == END_FILE:
            if len(self.folders) > 1:
                self.folders.pop()
        elif token == NO_VALUE:
            return
        elif token in self.registers:
            read_glue(self)
        elif token in self.switches:
            CONDITIONALS["\\iftrue"](self, token)
        elif not self._switch(token):
            self.unknown(token)

    def builtin(self, name: str) -> None:
        """A command's own meaning, whatever the submission made of its name."""
        handler = self.handlers.get(name)
        if handler is not None:
            handler(self, name)
        else:
            self.command(name)

    def _switch(self, token: str) -> bool:
        """`\\footrue` and `\\foofalse` of `\\newif\\iffoo`."""
        for ending, value in (("true", True), ("false", False)):
            if token.endswith(ending):
                name = "\\if" + token[1 : -len(ending)]
                if name in self.switches:
                    self.switches[name] = value
                    return True
        return False

    def unknown(self, token: str) -> None:
        """Its name goes, its arguments stay as text, apart from each other; a bracket before them goes too."""
        from extractors.latex.links import CITES, cite

        g = self.g
        if CITES.fullmatch(token):
            cite(self, token)
            return
        if g.buf and g.buf[-1] == "[":
            option = g.opt()
            if option is not None and not (g.buf and g.buf[-1] == "{"):
                g.push(["[", *option, "]"])
        if g.buf and g.buf[-1] == "{":
            first = g.arg()
            g.push(["{", *first, "}", *([" "] if g.buf and g.buf[-1] == "{" else [])])

    def arguments(self, spec: str) -> None:
        g = self.g
        kept: list[str] = []
        for kind in spec:
            if kind == "s":
                g.star()
            elif kind == "o":
                g.opt()
            elif kind == "m":
                if g.next_is("{"):
                    g.arg()
            elif kind == "t":
                kept += ["{", *g.arg(), "}"]
            else:
                read_glue(self)
        if kept:
            g.push(kept)

    # Writing

    def write(self, text: str) -> None:
        self.w.frames[-1].pieces.append(text)

    def raw(self, number: int) -> None:
        """Verbatim text: a listing, `\\verb`, an address."""
        from extractors.latex.listings import write_raw

        write_raw(self, self.tokenizer.raws[number])

    def blocks(self, tokens: list[str], kind: str = "part") -> list[Block]:
        """The tokens as blocks of their own."""
        if self._depth >= self.options.limits.depth:
            raise NestingTooDeep(f"arguments nested deeper than {self.options.limits.depth}")
        g, w = self.g, self.w
        outer_buf, outer_frames, groups = g.buf, w.frames, g.group_depth()
        outer_math, outer_open = self.in_math, self.open_environments
        g.buf, w.frames, self.in_math, self.open_environments = tokens[::-1], [Frame(kind)], 0, []
        self._depth += 1
        try:
            self.run()
            from extractors.latex.frames import close_frame

            while len(w.frames) > 1:
                close_frame(self)
            w.flush()
            return w.frames[0].blocks
        finally:
            self._depth -= 1
            g.close_groups(groups)
            g.buf, w.frames = outer_buf, outer_frames
            self.in_math, self.open_environments = outer_math, outer_open

    def inline(self, tokens: list[str], kind: str = "part") -> str:
        """The tokens as one line of text."""
        if len(tokens) == 1 and tokens[0][0] not in "\\#{}$~&":
            return tokens[0].strip()
        return inline(self.blocks(tokens, kind))

    def text(self, tokens: list[str]) -> str:
        """The tokens as paragraphs."""
        return joined(self.blocks(tokens))

    # Files

    def read_file(self, path: str, folder: str | None = None, part: bool = False) -> None:
        """Put the tokens of a member in place; `part`: only what stands between its `\\begin` and `\\end{document}`."""
        used = self.uses.get(path, 0)
        if used >= self.options.limits.file_uses:
            return
        self.uses[path] = used + 1
        text = self.files.text(path)
        if part or (self.in_body and "\\begin{document}" in text and "\\documentclass" in text):
            text = between(text)
        self.tokenizer.learn(text)
        tokens = self.tokenizer.tokens(text)
        if folder is not None:
            self.folders.append(folder)
            tokens.append(END_FILE)
        self.g.push(tokens)

    def input(self, name: str, folder: str = "", own_folder: bool = False, part: bool = False) -> bool:
        path = self.files.resolve(name, [posixpath.join(self.folders[-1], folder), *self.folders[::-1]])
        if path is None:
            return False
        if posixpath.splitext(path)[1].lower() in (".sty", ".cls", ".clo"):
            load_package(self, path)
            return True
        self.read_file(path, posixpath.dirname(path) if own_folder else None, part)
        return True


_ALL: dict[str, Handler] = {}


def _accent(c: Converter, name: str) -> None:
    base = c.g.arg()
    mark = own_name(name)[1:]
    if len(base) == 1 and base[0] in SYMBOLS:
        c.write(accents.accented(mark, SYMBOLS[base[0]]))
        return
    c.write(accents.accented(mark, c.inline(base)))


def _open(c: Converter, name: str) -> None:
    c.g.open_group()


def _close(c: Converter, name: str) -> None:
    c.g.close_group()


def _par(c: Converter, name: str) -> None:
    c.w.flush()


def _handlers() -> dict[str, Handler]:
    """All handlers by command; built once."""
    if not _ALL:
        from extractors.latex import algorithms, environments, links, names, proofs, structure, tables, text, units

        _ALL.update({"\\" + mark: _accent for mark in accents.COMBINING})
        _ALL.update({"{": _open, "}": _close, "\\par": _par})
        for module in (text, structure, links, names, units, proofs):
            _ALL.update(module.HANDLERS)
        _ALL.update(tables.HANDLERS)
        _ALL.update(algorithms.HANDLERS)
        _ALL.update(environments.HANDLERS)
        _ALL.update(CONDITIONALS)
        _ALL.update(DEFINITIONS)
    return _ALL


_ALL_MATH: dict[str, MathHandler] = {}


def _math_handlers() -> dict[str, MathHandler]:
    if not _ALL_MATH:
        from extractors.latex import equation_numbers, math_commands, proofs

        _ALL_MATH.update(math_commands.HANDLERS)
        _ALL_MATH.update(equation_numbers.HANDLERS)
        _ALL_MATH.update(proofs.MATH_HANDLERS)
    return _ALL_MATH
