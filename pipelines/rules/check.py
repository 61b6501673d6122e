"""Rules of a recipe, checked against the columns that are there.

Everything that can be wrong with a rule is found here, before a run begins; what passes evaluates without errors on any
row. Numbers are doubles throughout (whole numbers beyond 2^53 lose digits) and NaN is null.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Final
from typing import Literal as OneOf

from pipelines.errors import RecipeError
from pipelines.recipe import RuleConfig
from pipelines.rules.expression import (
    Arithmetic,
    Comparison,
    Expression,
    Junction,
    Literal,
    Membership,
    Name,
    Negative,
    Not,
    NullTest,
    Test,
    fail,
    parse,
)

Kind = OneOf["number", "string", "boolean", "other"]

INGEST_FAMILY: Final = "ingest"
EXACT_RULE: Final = "dedup.exact"
NEAR_RULE: Final = "dedup.near"
DECIMALS: Final = 9
"""Decimal places to which a measured value is written: the digits beyond differ between Java releases."""

_RESERVED: Final = (f"{INGEST_FAMILY}.", "dedup.")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule whose columns exist and whose types fit."""

    name: str
    drop: Test
    when: Expression | None

    @property
    def limit(self) -> Expression | str:
        """What the rule allows: an expression to evaluate, or the text that says it."""
        if isinstance(self.drop, Comparison):
            return self.drop.right
        if isinstance(self.drop, Membership):
            return ", ".join(written(literal.value) for literal in self.drop.values)
        return "null" if self.drop.negated else "not null"


def check_rules(rules: Sequence[RuleConfig], columns: Mapping[str, Kind]) -> tuple[Rule, ...]:
    """The rules in their order, each checked against the kinds of the columns.

    Raises RecipeError that names the rule, the field, the column position and the cause.
    """
    return tuple(_check_rule(rule, columns) for rule in rules)


def compared_columns(rules: Sequence[Rule]) -> list[str]:
    """The columns that rules look at, each once, sorted."""
    trees = [tree for rule in rules for tree in (rule.drop, rule.when) if tree is not None]
    return sorted({name for tree in trees for name in _names(tree)})


def _names(tree: Expression) -> Iterator[str]:
    match tree:
        case Name(name):
            yield name
        case Not(operand) | Negative(operand):
            yield from _names(operand)
        case Arithmetic(_, left, right) | Comparison(_, left, right) | Junction(_, left, right):
            yield from _names(left)
            yield from _names(right)
        case Membership(left, _, _) | NullTest(left, _):
            yield from _names(left)
        case Literal():
            return


def written(value: float | str | bool | None) -> str:
    """How a value or a limit is written: numbers as plain decimals of at most `DECIMALS` places, no final zeros."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    digits = f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


def _check_rule(rule: RuleConfig, columns: Mapping[str, Kind]) -> Rule:
    if rule.name.startswith(_RESERVED):
        raise RecipeError(f"rule {rule.name}: the families 'ingest' and 'dedup' are the pipeline's own; rename it")
    drop = _parse(rule.name, "drop", rule.drop, columns)
    if not isinstance(drop, Comparison | Membership | NullTest):
        raise RecipeError(
            f"rule {rule.name}: drop must be one comparison, as in 'num_words < 50', not {rule.drop!r}; "
            "put conditions that only narrow it into 'when'"
        )
    when = None if rule.when is None else _parse(rule.name, "when", rule.when, columns)
    return Rule(rule.name, drop, when)


def _parse(rule: str, field: str, text: str, columns: Mapping[str, Kind]) -> Expression:
    try:
        tree = parse(text)
        if kind_of(tree, text, columns) != "boolean":
            fail(text, 1, "this is a value, not a condition")
    except RecipeError as error:
        raise RecipeError(f"rule {rule}: {field}: {error}") from error
    return tree


def kind_of(tree: Expression, text: str, columns: Mapping[str, Kind]) -> Kind:
    """The kind of value that the expression `text`, parsed to `tree`, has. Raises RecipeError where kinds clash."""
    match tree:
        case Literal(value):
            return _kind_of_value(value)
        case Name(name, position):
            if name not in columns:
                close = difflib.get_close_matches(name, columns, n=3)
                hint = f"; did you mean {' or '.join(close)}?" if close else ""
                fail(text, position, f"unknown column {name!r}{hint}")
            return columns[name]
        case Not(operand):
            _need(operand, "boolean", text, columns)
            return "boolean"
        case Junction(_, left, right):
            _need(left, "boolean", text, columns)
            _need(right, "boolean", text, columns)
            return "boolean"
        case Negative(operand):
            _need(operand, "number", text, columns)
            return "number"
        case Arithmetic(_, left, right):
            _need(left, "number", text, columns)
            _need(right, "number", text, columns)
            return "number"
        case NullTest(left):
            kind_of(left, text, columns)
            return "boolean"
        case Comparison(_, left, right):
            kind = _comparable(left, text, columns)
            _need(right, kind, text, columns)
            return "boolean"
        case Membership(left, values):
            kind = _comparable(left, text, columns)
            for choice in values:
                _need(choice, kind, text, columns)
            return "boolean"


def _kind_of_value(value: float | str | bool) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"


def _comparable(tree: Expression, text: str, columns: Mapping[str, Kind]) -> Kind:
    kind = kind_of(tree, text, columns)
    if kind == "other":
        fail(text, tree.position, "a list or binary column can only be tested for null")
    return kind


def _need(tree: Expression, kind: Kind, text: str, columns: Mapping[str, Kind]) -> None:
    found = kind_of(tree, text, columns)
    if found != kind:
        fail(text, tree.position, f"expected a {kind}, found a {found}")
