"""Rules as Spark SQL columns: the same values as `pipelines.rules.arrow`, computed in the JVM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.rules.check import DECIMALS, Kind, Rule, written
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
)

_COMPARE: Final[dict[str, Callable[[Column, Column], Column]]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
}
_COMPUTE: Final[dict[str, Callable[[Column, Column], Column]]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": F.try_divide,
}


def column_kinds(schema: T.StructType) -> dict[str, Kind]:
    """What each column of a frame is to a rule."""
    return {field.name: _kind(field.dataType) for field in schema.fields}


class RuleColumns:
    """Checked rules as columns of a frame with these kinds of columns."""

    def __init__(self, kinds: dict[str, Kind]) -> None:
        self.kinds = kinds

    def holds(self, rule: Rule) -> Column:
        """Whether the rule drops the row: true, false, or null for unknown."""
        drop = self.value(rule.drop)
        return drop if rule.when is None else drop & self.value(rule.when)

    def measured(self, rule: Rule) -> Column:
        """What the rule looked at, written."""
        return self.text(rule.drop.left)

    def allowed(self, rule: Rule) -> Column:
        """What the rule allows, written."""
        limit = rule.limit
        return F.lit(limit) if isinstance(limit, str) else self.text(limit)

    def value(self, tree: Expression) -> Column:
        match tree:
            case Literal(value):
                return F.lit(value)
            case Name(name):
                column = F.col(f"`{name}`")
                return _without_nan(column.cast("double")) if self.kinds[name] == "number" else column
            case Not(operand):
                return ~self.value(operand)
            case Junction("and", left, right):
                return self.value(left) & self.value(right)
            case Junction(_, left, right):
                return self.value(left) | self.value(right)
            case Negative(operand):
                return -self.value(operand)
            case Arithmetic(op, left, right):
                return _without_nan(_COMPUTE[op](self.value(left), self.value(right)))
            case Comparison(op, left, right):
                return _COMPARE[op](self.value(left), self.value(right))
            case Membership(left, values, negated):
                found = self.value(left).isin(*(choice.value for choice in values))
                return ~found if negated else found
            case NullTest(left, negated):
                return self.value(left).isNotNull() if negated else self.value(left).isNull()

    def text(self, tree: Expression) -> Column:
        """The value of an expression as `pipelines.rules.check.written` writes it."""
        if isinstance(tree, Literal):
            return F.lit(written(tree.value))
        value = self.value(tree)
        kind = self.kinds[tree.name] if isinstance(tree, Name) else None
        if kind == "other":
            return F.when(value.isNull(), "null").otherwise(F.lit("not null"))
        if kind in ("string", "boolean") or isinstance(tree, Comparison | Membership | NullTest | Not | Junction):
            return F.coalesce(value.cast("string"), F.lit("null"))
        return written_number(value)


def written_number(value: Column) -> Column:
    """A column of doubles as `pipelines.rules.check.written` writes it."""
    # Java's formatter rounds the digits that Double.toString gives, half up.
    plain = F.format_string(f"%.{DECIMALS}f", value)
    digits = F.regexp_replace(plain, r"\.?0+$", "")
    return F.when(value.isNull(), "null").when(digits == "-0", "0").otherwise(digits)


def _without_nan(value: Column) -> Column:
    return F.when(~F.isnan(value), value)


def _kind(of: T.DataType) -> Kind:
    if isinstance(of, T.BooleanType):
        return "boolean"
    if isinstance(of, T.NumericType):
        return "number"
    return "string" if isinstance(of, T.StringType) else "other"
