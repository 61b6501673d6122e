"""`gristmill peek`, through click: data on stdout, talk on stderr, and the next command in every error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jobs.commands.peek import peek
from pipelines.errors import DocumentNotFound, GristmillError, MissingDataset, RecipeError
from tests.made_run import HOSTILE, default_documents, document, write_run

ROWS = default_documents()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_run(tmp_path_factory.mktemp("run")).uri


def call(*arguments: str) -> Result:
    result = CliRunner().invoke(peek, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit | GristmillError):
        raise result.exception
    return result


def lines_of(*arguments: str) -> list[dict]:
    result = call(*arguments, "--nl")
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_overview_has_every_figure(run: str) -> None:
    result = call(run)
    words = " ".join(result.stdout.split())
    assert "243 records 49 kept (20.2 %) 192 dropped (79.0 %) 2 failed (0.8 %)" in words
    assert "gopher.too_few_words 17 7.0 %" in words
    assert "UndecodableInput 1 0.4 %" in words
    assert result.stderr == ""


def test_the_records_of_the_overview_add_up_to_the_input(run: str) -> None:
    outcomes = lines_of(run)
    assert sum(line["records"] for line in outcomes) == 243
    assert {"outcome": "dropped", "name": "dedup.near", "records": 1} in outcomes


def test_a_rule_lists_its_documents(run: str) -> None:
    result = call(run, "--rule", "gopher.too_few_words", "--limit", "4")
    lines = result.stdout.splitlines()
    assert lines[0] == "dropped: gopher.too_few_words"
    assert lines[1].split() == ["Id", "Value", "Limit", "Lang", "Words", "Title", "Address"]
    assert len(lines) == 7
    assert "https://harbour.example/page/4" in lines[3]
    assert "4 shown" in result.stderr
    assert f"gristmill peek {run} {lines[3].split()[0]}" in result.stderr


def test_a_listing_as_json_has_the_place_of_each_document(run: str) -> None:
    (line,) = lines_of(run, "--error", "TimeLimitExceeded")
    assert (line["verdict"], line["rule"], line["value"]) == ("failed", "TimeLimitExceeded", "10 s")
    assert line["part"].startswith("part-")
    assert line["doc_id"] == ROWS[71]["doc_id"]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (["--kept"], 49),
        (["--dropped", "--category", "web"], 23),
        (["--failed"], 2),
        (["--kept", "--category", "code"], 9),
        (["--language", "de"], 10),
        (["--kept", "--language", "ar"], 9),
        (["--sample", "3"], 74),
    ],
)
def test_options_choose_what_is_listed(run: str, flags: list[str], expected: int) -> None:
    assert len(lines_of(run, *flags, "--limit", "500")) == expected


def test_a_sample_is_repeatable(run: str) -> None:
    first, again, other = (call(run, "--kept", "--sample", seed, "--limit", "5").stdout for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


def test_one_document_has_its_source_decision_signals_and_text(run: str) -> None:
    out = call(run, ROWS[58]["doc_id"][:9].upper()).stdout
    words = " ".join(out.split())
    assert words.startswith("Puzzle page id " + ROWS[58]["doc_id"])
    assert "record CC-MADE-0001.warc.gz, offset 58,000, 900 B" in words.replace("\u00a0", " ")
    assert "verdict dropped by benchmark.match_13gram" in words
    assert "13-gram match buns/3: 5 13-grams in common" in words
    assert "num_words 490" in words
    assert "⟦A BAKER SELLS 12 TRAYS OF BUNS; EACH TRAY HOLDS 15, AND 7 BUNS ARE LEFT OVER⟧" in words


def test_a_duplicate_shows_its_survivor_and_similarity(run: str) -> None:
    out = " ".join(call(run, ROWS[60]["doc_id"]).stdout.split())
    assert "dropped by dedup.near: measured 0.9107, limit 0.75" in out
    assert f"survivor {ROWS[1]['doc_id']} https://harbour.example/page/1 Page 1" in out
    assert f"stands for {ROWS[60]['doc_id']} near 0.91" in " ".join(call(run, ROWS[1]["doc_id"]).stdout.split())


def test_all_failing_rules_are_named(run: str) -> None:
    out = " ".join(call(run, ROWS[50]["doc_id"]).stdout.split())
    assert "dropped by gopher.too_few_words: measured 2, limit 20" in out
    assert "also true language.unsure" in out


def test_a_failed_record_shows_its_error(run: str) -> None:
    out = " ".join(call(run, ROWS[70]["doc_id"]).stdout.split())
    assert "verdict failed: UndecodableInput: no charset of 3 tried <fits>" in out
    assert "(no text)" in out


def test_only_the_text_comes_out_as_it_is_stored(run: str) -> None:
    result = call(run, ROWS[56]["doc_id"], "--text")
    assert result.stdout == HOSTILE * 8 + "\n"


def test_one_document_as_json_has_everything(run: str) -> None:
    (line,) = lines_of(run, ROWS[60]["doc_id"])
    assert line["text"] == ROWS[60]["text"]
    assert line["decision"]["rule"] == "dedup.near"
    assert line["survivor"]["title"] == "Page 1"
    assert line["signals"]["language"] == "en"


def test_nothing_in_a_document_reaches_the_terminal_as_a_command(run: str) -> None:
    for arguments in ([run, "--sample", "1", "--limit", "100"], [run, ROWS[56]["doc_id"]], [run, "--kept", "--nl"]):
        out = call(*arguments).stdout
        assert "\x1b" not in out
        assert "\u202e" not in out


def test_controls_in_json_are_escaped_and_come_back(tmp_path: Path) -> None:
    text = "word " * 30 + "\x9b31m \u202e end"
    run = write_run(tmp_path, [document(0, text)], until="decisions")
    result = call(run.uri, document(0, text)["doc_id"], "--nl")
    assert "\x9b" not in result.stdout
    assert json.loads(result.stdout)["text"] == text


def test_documents_can_be_looked_at_before_anything_else_ran(tmp_path: Path) -> None:
    run = write_run(tmp_path, until="documents").uri
    overview = call(run)
    assert "243 records" in overview.stdout
    assert f"next: gristmill judge --output {run}" in overview.stderr
    assert "verdict not judged yet" in " ".join(call(run, ROWS[3]["doc_id"]).stdout.split())
    assert len(lines_of(run, "--failed")) == 2


def test_a_rule_that_is_not_there_is_answered_with_the_nearest(run: str) -> None:
    result = call(run, "--rule", "gopher.few_words")
    assert isinstance(result.exception, RecipeError)
    assert str(result.exception).endswith(f"try: gristmill peek {run} --rule gopher.too_few_words")
    assert "--error TimeLimitExceeded" in str(call(run, "--error", "TimeLimit").exception)


def test_a_rule_that_dropped_nothing_is_no_error(run: str) -> None:
    result = call(run, "--rule", "c4.lorem_ipsum")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no record matches" in result.stderr


def test_an_unknown_document_or_run_says_what_to_try(run: str, tmp_path: Path) -> None:
    unknown = call(run, "fff")
    assert isinstance(unknown.exception, DocumentNotFound)
    assert f"gristmill peek {run} --limit 20" in str(unknown.exception)
    missing = call(str(tmp_path / "nothing"))
    assert isinstance(missing.exception, MissingDataset)
    assert "gristmill ingest" in str(missing.exception)


@pytest.mark.parametrize(
    "arguments", [["--kept", "--failed"], ["--rule", "x", "--kept"], ["--text"], ["abc", "--kept"], ["--limit", "0"]]
)
def test_questions_that_contradict_themselves_are_usage_errors(run: str, arguments: list[str]) -> None:
    assert call(run, *arguments).exit_code == 2
