"""Floors of the extraction bench, one per row, pinned with the digest of the pages they were measured on."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

BENCH = Path(__file__).parents[2] / "../shared/extraction-bench"
FLOORS = Path(__file__).with_name("floors.json")
SLACK = 0.003
"""How far below the measured value a floor is set; the bench's README calls the last percent noise."""
TEXT_ROWS = (
    ("wcxb", "shingle_f1"),
    ("wcxb", "lcs_f1"),
    ("wcxb", "snip_f1"),
    ("wcxb:article", "shingle_f1"),
    ("wcxb:forum", "shingle_f1"),
    ("wcxb:documentation", "shingle_f1"),
    ("aeb", "shingle_f1"),
    ("techdocs", "shingle_f1"),
    ("mathrender", "shingle_f1"),
    ("magic_article", "shingle_f1"),
    ("magic_forum", "shingle_f1"),
    ("moz", "shingle_f1"),
    ("defuddle", "shingle_f1"),
    ("traf", "snip_f1"),
)


def load() -> dict[str, Any]:
    """The pinned floors: `corpus_digest`, and `floors` by row."""
    pinned: dict[str, Any] = json.loads(FLOORS.read_text("utf-8"))
    return pinned


def digest(bench: Path) -> str:
    """sha256 over the bench's data files, names and bytes."""
    total = hashlib.sha256()
    for path in sorted((bench / "data").glob("*.jsonl.xz")):
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def evaluator(bench: Path) -> ModuleType:
    """The bench's own evaluator."""
    spec = importlib.util.spec_from_file_location("extraction_bench", bench / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(bench: Path) -> dict[str, float]:
    """Value of each row for the extractor of this checkout."""
    result = evaluator(bench).evaluate("tests.gate.adapter:extract_text", bench / "data", None, True)
    return rows(result)


def rows(result: dict[str, Any]) -> dict[str, float]:
    """The rows of an evaluation."""
    text = {f"{group} {name}": float(result["text"][group][name]) for group, name in TEXT_ROWS}
    return text | {name: float(value) for name, value in result["fragile"].items()}


def below(floors: dict[str, float], measured: dict[str, float]) -> list[str]:
    """Rows under their floor; a row that is no longer measured is under it."""
    return sorted(row for row, floor in floors.items() if measured.get(row, -1.0) < floor)


def store(found: str, old: dict[str, float], measured: dict[str, float], lower: bool) -> None:
    """Write new floors; without `lower` no floor falls, and none goes that is no longer measured."""
    new = {row: round(value - SLACK, 3) for row, value in measured.items()}
    kept = new if lower else old | {row: max(value, old.get(row, 0.0)) for row, value in new.items()}
    FLOORS.write_text(json.dumps({"corpus_digest": found, "floors": dict(sorted(kept.items()))}, indent=1) + "\n")
