from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import RecipeError
from pipelines.recipe import RuleConfig, load_recipe, released_recipes
from pipelines.rules.arrow import allowed, column_kinds, evaluate, holds, measured
from pipelines.rules.check import Rule, check_rules, compared_columns, written
from pipelines.rules.expression import parse
from pipelines.signals.schema import SIGNALS

TABLE = pa.table(
    {
        "words": pa.array([49, 50, 51, None], pa.int64()),
        "ratio": pa.array([0.1, 0.2, math.nan, None]),
        "language": pa.array(["en", "de", "it's", None]),
        "listed": pa.array([True, False, None, None]),
        "bands": pa.array([[b"x"], None, [], None], pa.list_(pa.binary())),
    }
)
KINDS = column_kinds(TABLE.schema)


def values(text: str) -> list[Any]:
    return evaluate(parse(text), TABLE).to_pylist()


def rule(drop: str, when: str | None = None) -> Rule:
    return check_rules([RuleConfig(name="test.rule", drop=drop, when=when)], KINDS)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("words < 50", [True, False, False, None]),
        ("words <= 50", [True, True, False, None]),
        ("words > 50", [False, False, True, None]),
        ("words >= 50", [False, True, True, None]),
        ("words == 50", [False, True, False, None]),
        ("words != 50", [True, False, True, None]),
        ("ratio >= 0.1", [True, True, None, None]),
        ("language in ('en', 'de')", [True, True, False, None]),
        ("language not in ('en', 'it''s')", [False, True, False, None]),
        ('language == "it\'s"', [False, False, True, None]),
        ("words in (-1, 5e1)", [False, True, False, None]),
        ("listed", [True, False, None, None]),
        ("listed == false", [False, True, None, None]),
        ("listed is null", [False, False, True, True]),
        ("ratio is not null", [True, True, False, False]),
        ("bands is null", [False, True, False, True]),
        ("not listed", [False, True, None, None]),
        ("listed or words > 0", [True, True, True, None]),
        ("listed and words < 0", [False, False, False, None]),
        ("NOT listed AND words IS NULL", [False, False, False, None]),
        ("words > 40 and words < 60 or 1 > 2", [True, True, True, None]),
    ],
)
def test_conditions_follow_sql(text: str, expected: list[bool | None]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("8 / 4 / 2", 1.0),
        ("5 - 3 - 1", 1.0),
        ("-2 * -(3 - 1)", 4.0),
        ("- words / 2", -24.5),
        (".5 + 1.", 1.5),
        ("1e3 / 1E-1", 10_000.0),
        ("1 / 0", None),
        ("0 / 0", None),
        ("1e308 * 10 - 1e308 * 10", None),
    ],
)
def test_arithmetic_is_on_doubles_and_what_is_no_number_is_null(text: str, expected: float | None) -> None:
    assert values(text)[0] == expected


def test_and_binds_tighter_than_or_and_not_tighter_than_both() -> None:
    assert values("true or true and false")[0] is True
    assert values("not true or true")[0] is True
    assert values("not (true or true)")[0] is False


@pytest.mark.parametrize(
    ("text", "column", "cause"),
    [
        ("words < ", 9, "expected a value"),
        ("words = 3", 7, "equality is =="),
        ("words < 3 < 4", 11, "chained"),
        ("words == null", 10, "is null"),
        ("words < 3)", 10, "unexpected"),
        ("(words < 3", 11, "expected ')'"),
        ("words in ()", 11, "expected a value"),
        ("words in (ratio)", 11, "holds numbers"),
        ("words in (-'x')", 12, "holds numbers"),
        ("words not 3", 11, "expected 'in'"),
        ("words is 3", 10, "expected 'null'"),
        ("language == 'open", 13, "unexpected"),
        ("word < 3", 1, "did you mean words"),
        ("zzz < 3", 1, "unknown column 'zzz'"),
        ("words < 'x'", 9, "expected a number, found a string"),
        ("language in ('en', 3)", 20, "expected a string, found a number"),
        ("language + 1 < 2", 1, "expected a number, found a string"),
        ("listed < 1", 10, "expected a boolean, found a number"),
        ("bands == 'x'", 1, "only be tested for null"),
        ("not words < 3 and ratio", 19, "expected a boolean"),
        ("words + 1", 1, "not a condition"),
    ],
)
def test_a_wrong_expression_is_an_error_that_shows_the_column(text: str, column: int, cause: str) -> None:
    with pytest.raises(RecipeError) as raised:
        rule("words < 1", when=text)
    message = str(raised.value)
    assert message.startswith("rule test.rule: when: ")
    assert cause in message
    assert f"at column {column}:\n  {text}\n  {' ' * (column - 1)}^" in message


@pytest.mark.parametrize("drop", ["words < 1 or words > 2", "listed", "not listed == true"])
def test_what_drops_must_be_one_comparison(drop: str) -> None:
    with pytest.raises(RecipeError, match="one comparison"):
        rule(drop)


@pytest.mark.parametrize("name", ["dedup.exact", "ingest.not_html"])
def test_the_families_of_the_pipeline_are_reserved(name: str) -> None:
    with pytest.raises(RecipeError, match="rename"):
        check_rules([RuleConfig(name=name, drop="words < 1")], KINDS)


def test_unknown_never_drops_and_when_narrows() -> None:
    assert holds(rule("words < 100"), TABLE).to_pylist() == [True, True, True, False]
    assert holds(rule("words < 100", "listed"), TABLE).to_pylist() == [True, False, False, False]
    assert holds(rule("words < 100", "not (listed is null)"), TABLE).to_pylist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("drop", "value", "limit"),
    [
        ("words < 50", "49", "50"),
        ("ratio * 3 > ratio + 0.05", "0.3", "0.15"),
        ("language not in ('de', 'fr')", "en", "de, fr"),
        ("language == 'en'", "en", "en"),
        ("listed == true", "true", "true"),
        ("words / 3 > 1.50", "16.333333333", "1.5"),
        ("bands is not null", "not null", "null"),
        ("(words / 0) is null", "null", "not null"),
    ],
)
def test_value_and_limit_are_the_two_sides(drop: str, value: str, limit: str) -> None:
    assert holds(rule(drop), TABLE).to_pylist()[0]
    assert measured(rule(drop), TABLE).to_pylist()[0] == value
    assert allowed(rule(drop), TABLE).to_pylist()[0] == limit


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (50, "50"),
        (0.1 + 0.2, "0.3"),
        (1e15, "1000000000000000"),
        (1e22, "10000000000000000000000"),
        (5e-10, "0.000000001"),
        (4e-10, "0"),
        (-1e-12, "0"),
        (-0.5, "-0.5"),
        (100.0, "100"),
        (math.inf, "Infinity"),
        (True, "true"),
        ("0.50", "0.50"),
        (None, "null"),
    ],
)
def test_numbers_are_written_as_plain_short_decimals(value: float | str | bool | None, text: str) -> None:
    assert written(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30))
def test_a_written_number_reads_back_to_nine_places(value: float) -> None:
    assert float(written(value)) == pytest.approx(value, rel=1e-12, abs=5.1e-10)
    assert "e" not in written(value).lower()


@pytest.mark.parametrize("name", released_recipes())
def test_the_rules_of_released_recipes_fit_the_signals(name: str) -> None:
    rules = load_recipe(name).rules
    assert len(check_rules(rules, column_kinds(SIGNALS))) == len(rules)


def test_the_columns_that_rules_look_at_are_found_wherever_they_stand() -> None:
    rule = RuleConfig(
        name="a.b", drop="-words / (ratio + 1) < 3", when="not (language in ('de', 'en')) or listed is null"
    )
    assert compared_columns(check_rules([rule], KINDS)) == ["language", "listed", "ratio", "words"]
