"""Rows of the bench for pages that the models did not see: `train` writes the probabilities, the rules are this
checkout's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from extractors.html import features, select, serialise, train
from tests.gate import floors


def measure(bench: Path, scores: Path) -> dict[str, float]:
    """Value of each row, block probabilities read from `out_of_fold.json`; pages that are not in it give no text."""
    evaluator = floors.evaluator(bench)
    known: dict[str, list[float]] = json.loads(scores.read_text("utf-8"))
    records = [record for record in evaluator.load(bench / "data") if not record["id"].startswith("huge/")]
    pages = [evaluator.score_page(record, _text(record, known.get(record["id"], [])))[0] for record in records]
    fragile = {name: evaluator.mean(page[name] for page in pages if name in page) for name in evaluator.FRAGILE_KEYS}
    return floors.rows({"text": evaluator.summarise(records, pages), "fragile": fragile})


def _text(record: dict[str, Any], probabilities: list[float]) -> str:
    page = train.page_of(record)
    if page is None or not page.text:
        return ""
    if len(probabilities) != len(page.text):
        raise ValueError(f"{record['id']}: {len(probabilities)} scores for {len(page.text)} blocks: train again")
    matrix, names, layout = features.measure(page, ())
    found = select.Scored(page, np.asarray(probabilities, np.float32), layout, matrix, names)
    return serialise.markdown(page, select.chosen(found, select.threshold(found)))
