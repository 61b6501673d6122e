"""What rules need of Spark's types, and numbers written as rules write them."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from pipelines.rules.check import DECIMALS, Kind


def column_kinds(schema: T.StructType) -> dict[str, Kind]:
    """What each column of a frame is to a rule."""
    return {field.name: _kind(field.dataType) for field in schema.fields}


def written_number(value: Column) -> Column:
    """A column of doubles as `pipelines.rules.check.written` writes it."""
    # Java's formatter rounds the digits that Double.toString gives, half up.
    plain = F.format_string(f"%.{DECIMALS}f", value)
    digits = F.regexp_replace(plain, r"\.?0+$", "")
    return F.when(value.isNull(), "null").when(digits == "-0", "0").otherwise(digits)


def _kind(of: T.DataType) -> Kind:
    if isinstance(of, T.BooleanType):
        return "boolean"
    if isinstance(of, T.NumericType):
        return "number"
    return "string" if isinstance(of, T.StringType) else "other"
