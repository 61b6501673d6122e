"""Benchmark items from files as their authors publish them: JSON Lines or JSON, gzipped or not.

An item's text is what its benchmark prints to a model: passage, question, options, and for code the tests that the task
names; not the answer, the solution or a reference. Fields are found by the names the field uses (see `_PARTS`); a
layout without a question is an error that names its fields.
"""

from __future__ import annotations

import gzip
import json
import posixpath
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import pyarrow.fs as pafs

from pipelines.errors import BenchmarkError, InputNotFound
from pipelines.storage import Storage

EXTENSIONS: Final = (".jsonl", ".json", ".jsonl.gz", ".json.gz")

_PASSAGE: Final = ("passage", "context", "ctx", "article", "support_passage")
_QUESTION: Final = (
    "question",
    "query",
    "problem",
    "prompt",
    "text",
    "instruction",
    "turns",
    "goal",
    "sentence",
    "stem",
)
_OPTIONS: Final = ("options", "choices", "endings", "candidates")
_NUMBERED: Final = (("option1", "option2"), ("sol1", "sol2"), ("ending0", "ending1", "ending2", "ending3"))
_AFTER: Final = ("input", "test_list")


@dataclass(frozen=True, slots=True)
class BenchmarkItem:
    """One test item."""

    id: str
    """`file_stem/index`, the index counting from 0 in the file."""
    text: str


def load_items(source: Storage) -> list[BenchmarkItem]:
    """The items of a file, or of every benchmark file in a folder and those below it, by path and position.

    Raises InputNotFound when there is none, BenchmarkError for a file that is no such file or of unknown layout, or
    for two files with the same stem.
    """
    names = _files(source)
    if not names:
        raise InputNotFound(f"no benchmark files ({', '.join(EXTENSIONS)}) at {source.uri}")
    items: list[BenchmarkItem] = []
    stems: dict[str, str] = {}
    for name in names:
        stem = _stem(name or posixpath.basename(source.root))
        if stem in stems:
            raise BenchmarkError(f"{name} and {stems[stem]} would give their items the same ids ({stem}/…): rename one")
        stems[stem] = name
        items += read_items(source.read_bytes(name), stem)
    return items


def read_items(content: bytes, stem: str) -> list[BenchmarkItem]:
    """The items of one file's bytes."""
    try:
        text = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8-sig")
        records = list(_records(text))
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BenchmarkError(f"benchmark {stem}: not JSON or JSON Lines: {error}") from error
    return [BenchmarkItem(f"{stem}/{i}", item_text(record, f"{stem}/{i}")) for i, record in enumerate(records)]


def item_text(record: object, item_id: str) -> str:
    """What a benchmark prints of a record. Raises BenchmarkError when its fields are none of those known."""
    if not isinstance(record, Mapping):
        raise BenchmarkError(f"benchmark item {item_id}: a record is an object, not {type(record).__name__}")
    fields = {str(key).lower(): value for key, value in record.items() if value not in (None, "", [])}
    nested = fields.get("question")
    if isinstance(nested, Mapping):  # CommonsenseQA: {"question": {"stem": …, "choices": …}}
        fields = {key: value for key, value in fields.items() if key != "question"} | dict(nested)
    if "context_options" in fields:  # WinoGrande as two beginnings of one sentence
        starts, end = fields["context_options"], str(fields.get("continuation", ""))
        return "\n".join(f"{start} {end}".strip() for start in starts)
    question = _first(fields, _QUESTION)
    if question is None:
        raise BenchmarkError(
            f"benchmark item {item_id}: none of its fields ({', '.join(map(str, record))}) is a question "
            f"({', '.join(_QUESTION)}): rename one"
        )
    parts = [_first(fields, _PASSAGE), question, *_options(fields), *(fields.get(name) for name in _AFTER)]
    return "\n".join(_plain(part) for part in parts if part)


def _files(source: Storage) -> list[str]:
    info = source.fs.get_file_info(source.root)
    if info.type == pafs.FileType.File:
        return [""]
    return [name for name in source.list(recursive=True) if name.lower().endswith(EXTENSIONS)]


def _stem(name: str) -> str:
    base = posixpath.basename(name)
    for extension in sorted(EXTENSIONS, key=len, reverse=True):
        base = base.removesuffix(extension)
    return base


def _records(text: str) -> Iterator[object]:
    """JSON Lines, a JSON list, or an object with one list in it."""
    start = text.lstrip()[:1]
    if start == "[":
        yield from cast(list[object], json.loads(text))
        return
    lines = [line for line in text.split("\n") if line.strip()]
    try:
        first = json.loads(lines[0]) if lines else None
    except json.JSONDecodeError:
        first = None  # an object over several lines
    if first is not None:
        yield first
        yield from map(json.loads, lines[1:])
        return
    if lines:
        whole = json.loads(text)
        lists = [value for value in whole.values() if isinstance(value, list)]
        yield from (lists[0] if len(lists) == 1 else [whole])


def _first(fields: Mapping[str, Any], names: Sequence[str]) -> object:
    return next((fields[name] for name in names if name in fields), None)


def _options(fields: Mapping[str, Any]) -> list[str]:
    given: Any = _first(fields, _OPTIONS)
    if given is None:
        given = next(([fields[n] for n in names] for names in _NUMBERED if all(n in fields for n in names)), [])
    if isinstance(given, str):  # one line with all of them
        return [given]
    if isinstance(given, Mapping) and isinstance(given.get("text"), list):  # {"label": [...], "text": [...]}
        given = dict(zip(given.get("label", string.ascii_uppercase), given["text"], strict=False))
    if isinstance(given, Mapping):
        pairs = [(str(label), _plain(text)) for label, text in given.items()]
    else:
        pairs = [_option(label, option) for label, option in zip(_labels(len(given)), given, strict=True)]
    if all(text == label for label, text in pairs):
        return []  # the query prints them itself, the choices are only A, B, C, D
    return [text if text.startswith(f"({label})") else f"{label}. {text}" for label, text in pairs]


def _option(label: str, option: object) -> tuple[str, str]:
    if isinstance(option, Mapping):  # {"label": "A", "text": …}
        return str(option.get("label", label)), _plain(option.get("text", ""))
    return label, _plain(option)


def _labels(count: int) -> list[str]:
    return list(string.ascii_uppercase[:count]) if count <= 26 else [str(i + 1) for i in range(count)]


def _plain(part: object) -> str:
    return "\n".join(map(str, part)) if isinstance(part, list) else str(part)
