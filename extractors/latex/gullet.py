"""Macros and their arguments: the part of TeX that turns tokens into other tokens.

Reference: The TeXbook, chapter 20; LaTeX's `\\newcommand`; xparse's argument types. Tokens wait on one reversed list,
so that reading and pushing back are constant time. Cost: linear in the tokens expanded, bounded by `Limits`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from extractors.errors import ExpansionLimitExceeded
from extractors.guard import Watch
from extractors.latex.options import LatexLimits
from extractors.latex.tokens import BUILTIN, NO_VALUE, Raw, untokenized

MAX_ARGUMENT_TOKENS = 2_000_000
"""An argument is no longer than a book."""
MAX_OPTION_TOKENS = 20_000
"""A bracket that is not closed after so many tokens is no argument's."""


@dataclass(slots=True)
class Macro:
    """What a submission defines a name to be."""

    body: list[str]
    style: str = "plain"
    """plain (no arguments), latex (`\\newcommand`), tex (`\\def`) or xparse."""
    num_args: int = 0
    default: list[str] | None = None
    """Of the first argument, where that is optional."""
    pattern: tuple[str, ...] = ()
    """Parameter text of `\\def`."""
    types: tuple[tuple[str, list[str]], ...] = ()
    """xparse's argument types with their tokens."""
    reversed_body: list[str] | None = None
    counts: bool = True
    """Whether this is a macro of the author's, not an alias of a command."""

    def __post_init__(self) -> None:
        if self.style == "plain" and not any(token[0] == "#" for token in self.body):
            self.reversed_body = self.body[::-1]


_CLOSERS: Final = {"(": ")", "[": "]", "<": ">", "{": "}", "|": "|"}


class Gullet:
    """Tokens to come, the macros in force, the groups that bound them."""

    def __init__(self, limits: LatexLimits, watch: Watch) -> None:
        self.limits = limits
        self.watch = watch
        self.buf: list[str] = []
        self.macros: dict[str, Macro] = {}
        self.raws: list[Raw] = []
        self.num_expansions = 0
        self.defined: set[str] = set()
        self._log: list[tuple[str, Macro | None]] = []
        self._marks: list[int] = []

    def open_group(self) -> None:
        self._marks.append(len(self._log))

    def close_group(self) -> None:
        if not self._marks:
            return
        mark = self._marks.pop()
        while len(self._log) > mark:
            name, before = self._log.pop()
            if before is None:
                self.macros.pop(name, None)
            else:
                self.macros[name] = before

    def group_depth(self) -> int:
        return len(self._marks)

    def close_groups(self, depth: int) -> None:
        while len(self._marks) > depth:
            self.close_group()

    def define(self, name: str, macro: Macro | None, everywhere: bool = False) -> None:
        if not everywhere and self._marks:
            self._log.append((name, self.macros.get(name)))
        if macro is None:
            self.macros.pop(name, None)
            return
        self.macros[name] = macro
        if macro.counts:
            self.defined.add(name)

    def push(self, tokens: list[str]) -> None:
        self.buf.extend(tokens[::-1])

    def skip_spaces(self) -> None:
        buf = self.buf
        while buf and (buf[-1] == " " or buf[-1] == "\\par"):
            buf.pop()

    def skip_blanks(self) -> None:
        buf = self.buf
        while buf and buf[-1] == " ":
            buf.pop()

    def next_is(self, token: str) -> bool:
        """Whether `token` comes after blanks; the blanks are skipped only if it does."""
        buf = self.buf
        i = len(buf) - 1
        while i >= 0 and buf[i] == " ":
            i -= 1
        if i >= 0 and buf[i] == token:
            del buf[i + 1 :]
            return True
        return False

    def star(self) -> bool:
        if self.next_is("*"):
            self.buf.pop()
            return True
        return False

    def arg(self) -> list[str]:
        """One argument: a group without its braces, or one token."""
        self.skip_spaces()
        buf = self.buf
        if not buf:
            return []
        token = buf.pop()
        if token == "{":
            return self.group()
        if token == "}":
            buf.append(token)
            return []
        if len(token) > 1 and token[0] not in "\\#":
            buf.append(token[1:])
            token = token[0]
        return [token]

    def group(self) -> list[str]:
        """The rest of a group whose brace has been read."""
        buf = self.buf
        depth = 1
        for i in range(len(buf) - 1, -1, -1):
            token = buf[i]
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
                if depth == 0:
                    found = buf[i + 1 :]
                    del buf[i:]
                    found.reverse()
                    return found
        found = buf[::-1]
        buf.clear()
        return found

    def opt(self, opener: str = "[", closer: str = "]") -> list[str] | None:
        """An optional argument, None where there is none."""
        if not self.next_is(opener):
            return None
        buf = self.buf
        depth = 0
        nested = 0
        for i in range(len(buf) - 2, max(-1, len(buf) - MAX_OPTION_TOKENS), -1):
            token = buf[i]
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
                if depth < 0:
                    return None
            elif depth:
                continue
            elif token == closer and not nested:
                found = buf[i + 1 : -1]
                del buf[i:]
                found.reverse()
                return found
            elif token == opener:
                nested += 1
            elif token == closer:
                nested -= 1
            elif token == "\\par" and opener == "[" and len(buf) - i > 400:
                return None
        return None

    def text_arg(self) -> str:
        """Text of an argument that names something: macros in it expanded, blanks at its ends off."""
        return self.text_of(self.arg())

    def text_of(self, tokens: list[str]) -> str:
        if len(tokens) == 1 and tokens[0][0] != "\\":
            return tokens[0].strip()
        if any(token in self.macros for token in tokens):
            tokens = self.expanded(tokens)
        return untokenized([token for token in tokens if token != "\\par"]).strip()

    def expanded(self, tokens: list[str]) -> list[str]:
        """The tokens with all macros expanded."""
        outer, self.buf = self.buf, tokens[::-1]
        out: list[str] = []
        try:
            while self.buf:
                token = self.buf.pop()
                macro = self.macros.get(token)
                if macro is None:
                    out.append(token)
                else:
                    self.expand(macro)
        finally:
            self.buf = outer
        return out

    def until(self, stop: str) -> list[str]:
        """Tokens up to `stop` outside of groups, which is read too."""
        buf = self.buf
        depth = 0
        for i in range(len(buf) - 1, -1, -1):
            token = buf[i]
            if token == stop and depth <= 0:
                found = buf[i + 1 :]
                del buf[i:]
                found.reverse()
                return found
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
        found = buf[::-1]
        buf.clear()
        return found

    def expand(self, macro: Macro) -> None:
        self.num_expansions += 1
        if not self.num_expansions & 255:
            self.watch.check()
            if self.num_expansions > self.limits.expansions:
                raise ExpansionLimitExceeded(f"more than {self.limits.expansions} macros expanded")
            if len(self.buf) > self.limits.pending_tokens:
                raise ExpansionLimitExceeded(f"more than {self.limits.pending_tokens} tokens waiting")
        if macro.reversed_body is not None:
            self.buf.extend(macro.reversed_body)
            return
        self.push(self.replaced(macro.body, self.arguments(macro)))

    def replaced(self, body: list[str], args: list[list[str]]) -> list[str]:
        """`body` with its parameters filled in."""
        out: list[str] = []
        for token in body:
            if token[0] != "#" or token == "#":
                out.append(token)
            elif token[1] != "#":
                k = int(token[1:]) - 1
                if k < len(args):
                    out.extend(args[k])
                if len(out) > self.limits.pending_tokens:
                    raise ExpansionLimitExceeded("an expansion is too long")
            else:
                out.append(token[1:])
        return out

    def arguments(self, macro: Macro) -> list[list[str]]:
        if macro.style == "latex":
            args: list[list[str]] = []
            if macro.default is not None:
                given = self.opt()
                args.append(macro.default if given is None else given)
            while len(args) < macro.num_args:
                args.append(self.arg())
            return args
        if macro.style == "tex":
            return self._delimited(macro.pattern)
        if macro.style == "xparse":
            return self._xparse(macro)
        return []

    def _delimited(self, pattern: tuple[str, ...]) -> list[list[str]]:
        args: list[list[str]] = []
        i = 0
        while i < len(pattern) and pattern[i][0] != "#":
            self._match(pattern[i])
            i += 1
        while i < len(pattern):
            i += 1
            start = i
            while i < len(pattern) and pattern[i][0] != "#":
                i += 1
            args.append(self._up_to(pattern[start:i]) if i > start else self.arg())
        return args

    def _match(self, token: str) -> None:
        buf = self.buf
        if token != " ":
            self.skip_blanks()
        if buf and buf[-1] == token:
            buf.pop()
        elif buf and token[0] != "\\" and buf[-1].startswith(token):
            buf[-1] = buf[-1][len(token) :]

    def _up_to(self, stops: tuple[str, ...]) -> list[str]:
        """Tokens up to the sequence `stops`, whose words are compared letter by letter."""
        stops = tuple(char for token in stops for char in (token if token[0].isalnum() else (token,)))
        in_letters = any(stop.isalnum() for stop in stops)
        buf = self.buf
        out: list[str] = []
        depth = 0
        while buf and len(out) < MAX_ARGUMENT_TOKENS:
            token = buf.pop()
            if in_letters and len(token) > 1 and token[0].isalnum() and depth == 0:
                buf.extend(token[:0:-1])
                token = token[0]
            if depth == 0 and token == stops[0] and self._follows(stops[1:]):
                break
            if token == "\\par" and stops[0] != "\\par" and len(out) > 20_000:
                buf.append(token)
                break
            if token == "{":
                depth += 1
            elif token == "}":
                depth -= 1
                if depth < 0:
                    buf.append(token)
                    break
            out.append(token)
        return _unwrapped(out)

    def _follows(self, stops: tuple[str, ...]) -> bool:
        if not stops:
            return True
        buf = self.buf
        taken: list[str] = []
        for stop in stops:
            token = buf.pop() if buf else ""
            if stop.isalnum() and len(token) > 1 and token[0].isalnum():
                buf.extend(token[:0:-1])
                token = token[0]
            if token:
                taken.append(token)
            if token != stop:
                buf.extend(reversed(taken))
                return False
        return True

    def _xparse(self, macro: Macro) -> list[list[str]]:
        args: list[list[str]] = []
        for kind, extra in macro.types:
            value: list[str] | None = None
            if kind in "mv":
                value = self.arg()
            elif kind in "oO":
                value = self.opt()
            elif kind == "s":
                value = ["\\BooleanTrue" if self.star() else "\\BooleanFalse"]
            elif kind == "t":
                seen = bool(extra) and self.next_is(extra[0])
                if seen:
                    self.buf.pop()
                value = ["\\BooleanTrue" if seen else "\\BooleanFalse"]
            elif kind in "dDrR" and extra:
                value = self.opt(extra[0], extra[1] if len(extra) > 1 else _CLOSERS.get(extra[0], extra[0]))
            elif kind in "gG":
                value = self.arg() if self.next_is("{") else None
            elif kind in "eE" and extra:
                args.extend(self._embellishments(extra))
                continue
            if value is None:
                default = extra[2:] if kind in "DR" else extra
                value = default if kind in "ODRG" else [NO_VALUE]
            args.append(value)
        return args

    def _embellishments(self, marks: list[str]) -> list[list[str]]:
        found: dict[str, list[str]] = {}
        while self.buf and self.buf[-1] in marks and self.buf[-1] not in found:
            mark = self.buf.pop()
            found[mark] = self.arg()
        return [found.get(mark, [NO_VALUE]) for mark in marks]


def _unwrapped(tokens: list[str]) -> list[str]:
    """An argument that is one group, without its braces."""
    if len(tokens) < 2 or tokens[0] != "{" or tokens[-1] != "}":
        return tokens
    depth = 0
    for i, token in enumerate(tokens):
        depth += (token == "{") - (token == "}")
        if depth == 0 and i < len(tokens) - 1:
            return tokens
    return tokens[1:-1]


def own_name(token: str) -> str:
    """The command's name in a token that may be saved by `\\let`."""
    return "\\" + token[2:] if token.startswith(BUILTIN) else token
