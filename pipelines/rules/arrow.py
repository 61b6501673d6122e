"""Rules evaluated on Arrow tables: the definition that the Spark expressions are tested against."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.rules.check import Kind, Rule, written
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

_COMPARE = {
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
    "==": pc.equal,
    "!=": pc.not_equal,
}
_COMPUTE = {"+": pc.add, "-": pc.subtract, "*": pc.multiply, "/": pc.divide}


def column_kinds(schema: pa.Schema) -> dict[str, Kind]:
    """What each column of a schema is to a rule."""
    return {field.name: _kind(field.type) for field in schema}


def holds(rule: Rule, table: pa.Table) -> pa.Array:
    """Whether the rule drops each row; null (unknown) never drops."""
    condition = evaluate(rule.drop, table)
    if rule.when is not None:
        condition = pc.and_kleene(condition, evaluate(rule.when, table))
    return pc.fill_null(condition, False)


def measured(rule: Rule, table: pa.Table) -> pa.Array:
    """What the rule looked at, written, for each row."""
    return _texts(rule.drop.left, table)


def allowed(rule: Rule, table: pa.Table) -> pa.Array:
    """What the rule allows, written, for each row."""
    limit = rule.limit
    if isinstance(limit, str):
        return pa.array([limit] * table.num_rows, pa.string())
    return _texts(limit, table)


def evaluate(tree: Expression, table: pa.Table) -> pa.Array:
    """The value of a checked expression for each row of the table."""
    value = _evaluate(tree, table)
    if isinstance(value, pa.Scalar):
        return pa.repeat(value, table.num_rows)
    return value.combine_chunks() if isinstance(value, pa.ChunkedArray) else value


def _evaluate(tree: Expression, table: pa.Table) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    match tree:
        case Literal(value):
            return pa.scalar(value)
        case Name(name):
            return _column(table[name])
        case Not(operand):
            return pc.invert(_evaluate(operand, table))
        case Junction(op, left, right):
            join = pc.and_kleene if op == "and" else pc.or_kleene
            return join(_evaluate(left, table), _evaluate(right, table))
        case Negative(operand):
            return pc.negate(_evaluate(operand, table))
        case Arithmetic(op, left, right):
            return _arithmetic(op, _evaluate(left, table), _evaluate(right, table))
        case Comparison(op, left, right):
            return _COMPARE[op](_evaluate(left, table), _evaluate(right, table))
        case Membership(left, values, negated):
            return _membership(evaluate(left, table), values, negated)
        case NullTest(left, negated):
            return (pc.is_valid if negated else pc.is_null)(evaluate(left, table))


def _column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = _kind(column.type)
    if kind == "number":
        return _without_nan(column.cast(pa.float64(), safe=False))
    return column.cast(pa.string()) if kind == "string" else column


def _arithmetic(op: str, left: pa.ChunkedArray, right: pa.ChunkedArray) -> pa.ChunkedArray:
    if op == "/":
        right = pc.if_else(pc.equal(right, 0.0), pa.scalar(None, pa.float64()), right)
    return _without_nan(_COMPUTE[op](left, right))


def _without_nan(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)


def _membership(values: pa.Array, choices: tuple[Literal, ...], negated: bool) -> pa.Array:
    found = pc.is_in(values, value_set=pa.array([choice.value for choice in choices], values.type))
    known = pc.if_else(pc.is_null(values), pa.scalar(None, pa.bool_()), found)
    return pc.invert(known) if negated else known


def _texts(tree: Expression, table: pa.Table) -> pa.Array:
    if isinstance(tree, Literal):
        return pa.repeat(pa.scalar(written(tree.value)), table.num_rows)
    values = evaluate(tree, table)
    if _kind(values.type) == "other":
        return pc.if_else(values.is_valid(), "not null", "null")
    distinct = pc.dictionary_encode(values, null_encoding="encode")
    return pa.array([written(value) for value in distinct.dictionary.to_pylist()], pa.string()).take(distinct.indices)


def _kind(of: pa.DataType) -> Kind:
    if pa.types.is_boolean(of):
        return "boolean"
    if pa.types.is_integer(of) or pa.types.is_floating(of) or pa.types.is_decimal(of):
        return "number"
    if pa.types.is_string(of) or pa.types.is_large_string(of) or pa.types.is_dictionary(of):
        return "string"
    return "other"
