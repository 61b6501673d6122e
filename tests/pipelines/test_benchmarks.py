from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from pipelines.benchmarks import item_text, load_items, read_items
from pipelines.errors import BenchmarkError, InputNotFound
from pipelines.storage import open_storage


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ({"question": "Why?", "answer": "Because."}, "Why?"),
        ({"problem": "Solve.", "solution": "x = 1", "level": "3"}, "Solve."),
        ({"query": "Q", "choices": ["one", "two"], "gold": 1}, "Q\nA. one\nB. two"),
        ({"query": "Q\nA. one\nB. two\nAnswer:", "choices": ["A", "B"], "gold": 0}, "Q\nA. one\nB. two\nAnswer:"),
        ({"query": "Which blood group?", "choices": ["A", "0"], "gold": 1}, "Which blood group?\nA. A\nB. 0"),
        ({"passage": "P", "question": "Q", "options": ["(A)1", "(B)2"], "label": "A"}, "P\nQ\n(A)1\n(B)2"),
        ({"passage": None, "question": "Q", "options": None, "answer": "2"}, "Q"),
        ({"question": "Q", "options": {"A": "x", "B": "y"}, "answer_idx": "B"}, "Q\nA. x\nB. y"),
        (
            {"question": {"stem": "S", "choices": [{"label": "A", "text": "a"}, {"label": "B", "text": "b"}]}},
            "S\nA. a\nB. b",
        ),
        ({"question": "Q", "choices": {"text": ["x", "y"], "label": ["1", "2"]}}, "Q\n1. x\n2. y"),
        ({"context_options": ["Ann saw Bo so Ann", "Ann saw Bo so Bo"], "continuation": "ran."},
         "Ann saw Bo so Ann ran.\nAnn saw Bo so Bo ran."),
        ({"sentence": "The _ is red.", "option1": "cup", "option2": "sea"}, "The _ is red.\nA. cup\nB. sea"),
        ({"instruction": "Do it.", "input": "", "output": "done"}, "Do it."),
        ({"prompt": "def f():\n", "canonical_solution": "pass", "test": "assert f()"}, "def f():\n"),
        ({"text": "Write f.", "code": "…", "test_list": ["assert f(1)", "assert f(2)"]},
         "Write f.\nassert f(1)\nassert f(2)"),
        ({"turns": ["First.", "Second."], "reference": ["x"]}, "First.\nSecond."),
        ({"Question": "Q", "Options": "a) 1 b) 2"}, "Q\na) 1 b) 2"),
    ],
)  # fmt: skip
def test_an_item_is_what_its_benchmark_prints_without_the_answer(record: dict[str, object], text: str) -> None:
    assert item_text(record, "x/0") == text


@pytest.mark.parametrize("record", [{"id": 1, "label": "A"}, {}, {"question": ""}])
def test_an_unknown_layout_is_an_error_that_names_its_fields(record: dict[str, object]) -> None:
    with pytest.raises(BenchmarkError, match=rf"x/7: none of its fields \({', '.join(record)}\) is a question"):
        item_text(record, "x/7")


@pytest.mark.parametrize(
    "content",
    [
        b'{"question": "a"}\n\n{"question": "b"}\n',
        b'[{"question": "a"}, {"question": "b"}]',
        b'{\n "name": "x",\n "examples": [{"question": "a"}, {"question": "b"}]\n}',
        gzip.compress(b'\xef\xbb\xbf{"question": "a"}\n{"question": "b"}'),
    ],
)
def test_items_are_read_from_lines_lists_and_objects_gzipped_or_not(content: bytes) -> None:
    assert [(item.id, item.text) for item in read_items(content, "quiz")] == [("quiz/0", "a"), ("quiz/1", "b")]


@pytest.mark.parametrize(
    "content", [b"question: a", b'{"question": "a"}\n{broken', b"\x1f\x8bxx", b"\xff\xfe", b'"a"\n']
)
def test_a_file_of_another_kind_is_an_error(content: bytes) -> None:
    with pytest.raises(BenchmarkError, match="quiz"):
        read_items(content, "quiz")


def test_a_folder_is_read_by_path_and_a_file_by_itself(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "z.jsonl").write_text(json.dumps({"question": "z"}))
    (tmp_path / "b" / "y.json").write_text(json.dumps([{"question": "y"}]))
    (tmp_path / "README.md").write_text("no benchmark")
    assert [item.id for item in load_items(open_storage(str(tmp_path)))] == ["y/0", "z/0"]
    assert [item.id for item in load_items(open_storage(str(tmp_path / "z.jsonl")))] == ["z/0"]


def test_no_files_and_two_files_of_one_name_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound):
        load_items(open_storage(str(tmp_path / "missing")))
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "quiz.jsonl").write_text('{"question": "q"}')
    with pytest.raises(BenchmarkError, match="same ids"):
        load_items(open_storage(str(tmp_path)))
