"""Rows of the bench for pages that the models did not see: `train` writes the probabilities, the rules are this
checkout's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from extractors.html import features, select, serialise, train
from tests.gate import floors

MAX_STALE_RATIO = 0.01
"""Pages without scores of their blocks, inclusive: a change of the walk that cuts few pages otherwise needs no training
to be measured."""


def measure(bench: Path, scores: Path) -> tuple[dict[str, float], list[str]]:
    """Value of each row, block probabilities read from `out_of_fold.json`, and the pages left out of them.

    Left out is a page that the file does not have, or has with another number of blocks: it was made before the walk
    changed. Raises ValueError where these are more than `MAX_STALE_RATIO` of the pages.
    """
    evaluator = floors.evaluator(bench)
    known: dict[str, list[float]] = json.loads(scores.read_text("utf-8"))
    records, pages, stale = [], [], []
    for record in evaluator.load(bench / "data"):
        if record["id"].startswith("huge/"):
            continue
        text = text_of(record, known.get(record["id"]))
        if text is None:
            stale.append(record["id"])
        else:
            records.append(record)
            pages.append(evaluator.score_page(record, text)[0])
    if len(stale) > MAX_STALE_RATIO * (len(records) + len(stale)):
        raise ValueError(f"{scores}: scores for other blocks than those of {len(stale)} pages: train again")
    fragile = {name: evaluator.mean(page[name] for page in pages if name in page) for name in evaluator.FRAGILE_KEYS}
    return floors.rows({"text": evaluator.summarise(records, pages), "fragile": fragile}), stale


def text_of(record: dict[str, Any], probabilities: list[float] | None) -> str | None:
    """The page's text by these probabilities of its blocks; None where they are of other blocks."""
    page = train.page_of(record)
    if page is None or not page.text:
        return ""
    if probabilities is None or len(probabilities) != len(page.text):
        return None
    matrix, names, layout = features.measure(page, ())
    found = select.Scored(page, np.asarray(probabilities, np.float32), layout, matrix, names)
    return serialise.markdown(page, select.chosen(found, select.threshold(found)))
