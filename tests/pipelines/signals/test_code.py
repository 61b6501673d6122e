"""Signals of code, and the rules of phi4 over them on both sides of their limits."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.recipe import load_recipe
from pipelines.rules.arrow import column_kinds, holds
from pipelines.rules.check import check_rules
from pipelines.signals.code import code_signals
from pipelines.signals.schema import CODE, SIGNALS

RULES = {rule.name: rule for rule in check_rules(load_recipe("phi4").rules, column_kinds(SIGNALS))}


def dropped(text: str, category: str = "code", **metadata: Any) -> set[str]:
    """The code rules that hold for a text."""
    row = dict.fromkeys(SIGNALS.names) | {"category": category}
    row |= code_signals(text, json.dumps(metadata)) if category == "code" else {}
    table = pa.Table.from_pylist([row], SIGNALS)
    return {
        name for name, rule in RULES.items() if name.startswith("code.") and holds(rule, table).to_pylist() == [True]
    }


def test_every_column_is_filled_in_and_nothing_else() -> None:
    assert list(code_signals("a = 1\n", None)) == [field.name for field in CODE]


def test_facts_come_from_the_metadata() -> None:
    notes = {"code_language": "Go", "code_kind": "programming", "is_vendored": True, "license_permissive": False}
    found = code_signals("package a\n", json.dumps(notes | {"num_masked": 2, "path": "doc/README.txt"}))
    assert {name: found[name] for name in notes} == notes
    assert (found["num_masked"], found["code_has_kept_text_name"], found["is_generated"]) == (2, True, None)


def test_ready_made_records_may_name_the_language_otherwise() -> None:
    assert code_signals("x", '{"programming_language": "C"}')["code_language"] == "C"


@given(
    st.text(max_size=300), st.none() | st.text(max_size=30) | st.sampled_from(['{"path": 3}', "[]", '{"is_test": 1}'])
)
def test_any_text_and_metadata_fit_the_schema(text: str, metadata: str | None) -> None:
    row = code_signals(text, metadata)
    pa.Table.from_pylist([dict(row)], pa.schema(CODE)).validate(full=True)


LINE = "total = count(words)\n"


@pytest.mark.parametrize(
    ("rule", "over", "under"),
    [
        ("code.line_too_long", "a b" * 333 + "ab\n" + LINE * 50, "a b" * 333 + "a\n" + LINE * 50),
        ("code.mean_line_too_long", "ab cde fg" * 12 + "\n", "a b c d e" * 11 + "f\n"),
        ("code.too_few_letters", "abc" + "+" * 10, "abcd" + "+" * 12),
        ("code.too_few_alphanumerics", "12a" + "+" * 10, "12ab" + "+" * 12),
        ("code.encoded_run", '"' + "aB3/" * 257 + '"\n' + LINE * 100, '"' + "aB3/" * 256 + '"\n' + LINE * 100),
        ("code.xml", '<?xml version="1.0"?>\n<a/>\n', "<a/>\n"),
        ("code.says_generated", "# automatically generated\n" + LINE, "# written by hand\n" + LINE),
    ],
)
def test_measures_drop_beyond_their_limit_only(rule: str, over: str, under: str) -> None:
    assert rule in dropped(over)
    assert rule not in dropped(under)


@pytest.mark.parametrize(
    ("rule", "over", "under"),
    [
        ("code.not_permissive", {"license_permissive": False}, {"license_permissive": True}),
        ("code.not_permissive", {"license_permissive": False}, {}),
        ("code.vendored", {"is_vendored": True}, {"is_vendored": False}),
        ("code.generated", {"is_generated": True}, {"is_generated": False}),
        ("code.minified", {"is_minified": True}, {"is_minified": False}),
        ("code.lockfile", {"is_lockfile": True}, {}),
        (
            "code.unnamed_text",
            {"code_language": "Text", "path": "words.txt"},
            {"code_language": "Text", "path": "todo.txt"},
        ),
        (
            "code.unnamed_text",
            {"code_language": "Text", "path": "a/todo-old.txt"},
            {"code_language": "Text", "path": "a/dev-requirements.txt"},
        ),
    ],
)
def test_facts_drop_where_they_are_known(rule: str, over: dict[str, Any], under: dict[str, Any]) -> None:
    assert rule in dropped(LINE, **over)
    assert rule not in dropped(LINE, **under)


def test_an_xml_declaration_is_xslts_own() -> None:
    text = '<?xml version="1.0"?>\n<xsl:stylesheet>\n'
    assert [dropped(text, code_language=name) & {"code.xml"} for name in ("XSLT", "C")] == [set(), {"code.xml"}]


def test_long_lines_are_spared_in_the_languages_that_have_them() -> None:
    text = "word " * 400 + "\n"
    assert dropped(text, code_language="Markdown") == set()
    assert dropped(text, code_language="Python") >= {"code.line_too_long", "code.mean_line_too_long"}
    assert dropped("word " * 20_001 + "\n", code_language="Markdown") == {"code.line_far_too_long"}


def test_data_may_have_512_lines() -> None:
    assert dropped('"abcd": 1,\n' * 512, code_language="JSON") == set()
    assert dropped('"abcd": 1,\n' * 513, code_language="JSON") == {"code.data_too_long"}
    assert dropped('"abcd": 1,\n' * 513, code_language="Python") == set()


def test_pages_need_text_that_can_be_seen() -> None:
    page = "<p>" + "Some words. " * 20 + "</p>\n"
    assert dropped(page, code_language="HTML") == set()
    assert "code.little_visible_text" in dropped("<div class='a b c d e'></div>" * 60 + page, code_language="HTML")
    assert "code.too_little_visible_text" in dropped("<p>few words</p>", code_language="HTML")


def test_other_categories_are_left_alone() -> None:
    assert dropped("x" * 5000, category="web") == set()
