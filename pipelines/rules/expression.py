"""The expressions of a recipe's rules: grammar, tree and parser.

    or    := and ("or" and)*            and     := not ("and" not)*         not  := "not" not | compare
    compare := sum [ OP sum | ["not"] "in" "(" literal, … ")" | "is" ["not"] "null" ]     OP: < <= > >= == !=
    sum   := product (("+"|"-") product)*           product := unary (("*"|"/") unary)*
    unary := "-" unary | number | 'string' | true | false | column | "(" or ")"

Keywords in either case; a quote inside a string is doubled. Logic is SQL's, with three values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from pipelines.errors import RecipeError

COMPARISONS: Final = ("<", "<=", ">", ">=", "==", "!=")

_TOKEN: Final = re.compile(
    r"(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<string>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/<>(),])"
)
_KEYWORDS: Final = frozenset({"and", "or", "not", "in", "is", "null", "true", "false"})


@dataclass(frozen=True, slots=True)
class Literal:
    value: float | str | bool
    position: int


@dataclass(frozen=True, slots=True)
class Name:
    """A stored column."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`+ - * /` on doubles; division by zero and results that are no number are null."""

    op: str
    left: Expression
    right: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Comparison:
    op: str
    left: Expression
    right: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Membership:
    left: Expression
    values: tuple[Literal, ...]
    negated: bool
    position: int


@dataclass(frozen=True, slots=True)
class NullTest:
    left: Expression
    negated: bool
    position: int


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression
    position: int


@dataclass(frozen=True, slots=True)
class Junction:
    """`and` or `or`."""

    op: str
    left: Expression
    right: Expression
    position: int


Test = Comparison | Membership | NullTest
Expression = Literal | Name | Negative | Arithmetic | Test | Not | Junction


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, string, word (a column), or the keyword or sign itself
    text: str
    position: int


def parse(text: str) -> Expression:
    """The tree of an expression; positions in it count characters from 1. Raises RecipeError."""
    parser = _Parser(text, _tokens(text))
    tree = parser.disjunction()
    if parser.token.kind != "end":
        parser.fail(f"unexpected {parser.token.text!r}")
    return tree


def fail(text: str, position: int, cause: str) -> NoReturn:
    """Raise the RecipeError that shows where in the expression the cause lies."""
    raise RecipeError(f"{cause} at column {position}:\n  {text}\n  {' ' * (position - 1)}^")


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        found = _TOKEN.match(text, at)
        if not found:
            hint = ": equality is ==" if text[at] == "=" else ""
            fail(text, at + 1, f"unexpected {text[at]!r}{hint}")
        kind, token = str(found.lastgroup), found.group()
        if kind == "word" and token.lower() in _KEYWORDS:
            kind = token.lower()
        tokens.append(_Token(token if kind == "sign" else kind, token, at + 1))
        at = found.end()
    tokens.append(_Token("end", "the end", len(text) + 1))
    return tokens


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str, tokens: Sequence[_Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.at = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.at]

    def fail(self, cause: str) -> NoReturn:
        fail(self.text, self.token.position, cause)

    def take(self, *kinds: str) -> _Token | None:
        token = self.token
        if token.kind not in kinds:
            return None
        self.at += 1
        return token

    def need(self, kind: str) -> _Token:
        return self.take(kind) or self.fail(f"expected {kind!r}, found {self.token.text!r}")

    def disjunction(self) -> Expression:
        tree = self.conjunction()
        while sign := self.take("or"):
            tree = Junction("or", tree, self.conjunction(), sign.position)
        return tree

    def conjunction(self) -> Expression:
        tree = self.negation()
        while sign := self.take("and"):
            tree = Junction("and", tree, self.negation(), sign.position)
        return tree

    def negation(self) -> Expression:
        if sign := self.take("not"):
            return Not(self.negation(), sign.position)
        return self.comparison()

    def comparison(self) -> Expression:
        left = self.sum()
        token = self.token
        if self.take(*COMPARISONS):
            tree: Expression = Comparison(token.kind, left, self.sum(), token.position)
        elif self.take("is"):
            negated = self.take("not") is not None
            self.need("null")
            tree = NullTest(left, negated, token.position)
        elif self.take("in"):
            tree = Membership(left, self.choices(), False, token.position)
        elif self.take("not"):
            self.need("in")
            tree = Membership(left, self.choices(), True, token.position)
        else:
            return left
        if self.token.kind in (*COMPARISONS, "is", "in", "not"):
            self.fail("comparisons cannot be chained: join two with 'and'")
        return tree

    def choices(self) -> tuple[Literal, ...]:
        self.need("(")
        values = [self.choice()]
        while self.take(","):
            values.append(self.choice())
        self.need(")")
        return tuple(values)

    def choice(self) -> Literal:
        sign = self.take("-")
        token, value = self.token, self.primary()
        if not isinstance(value, Literal) or (sign and not isinstance(value.value, float)):
            fail(self.text, token.position, "a list after 'in' holds numbers, strings, true and false only")
        return Literal(-float(value.value), sign.position) if sign else value

    def sum(self) -> Expression:
        tree = self.product()
        while sign := self.take("+", "-"):
            tree = Arithmetic(sign.kind, tree, self.product(), sign.position)
        return tree

    def product(self) -> Expression:
        tree = self.unary()
        while sign := self.take("*", "/"):
            tree = Arithmetic(sign.kind, tree, self.unary(), sign.position)
        return tree

    def unary(self) -> Expression:
        if sign := self.take("-"):
            return Negative(self.unary(), sign.position)
        return self.primary()

    def primary(self) -> Expression:
        token = self.token
        if self.take("number"):
            return Literal(float(token.text), token.position)
        if self.take("string"):
            quote = token.text[0]
            return Literal(token.text[1:-1].replace(quote * 2, quote), token.position)
        if self.take("true", "false"):
            return Literal(token.kind == "true", token.position)
        if self.take("word"):
            return Name(token.text, token.position)
        if self.take("("):
            tree = self.disjunction()
            self.need(")")
            return tree
        if token.kind == "null":
            self.fail("null cannot be compared: write 'is null' or 'is not null'")
        return self.fail(f"expected a value, found {token.text!r}")
