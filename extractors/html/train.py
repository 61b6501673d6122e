"""`python -m extractors.html.train BENCH`: train the two block models on the extraction bench's pages.

Labels: a block is main text when most of its words lie in the reference text, by longest common subsequence, and by
4-word shingles for longer blocks; pages with snippets only label the blocks that hold them. Weights: words of the
block over words of the reference, so that the loss is near the bench's F1, more for what is short and structured. The
second model learns from out-of-fold probabilities of the first, folds split by site; the same way `out_of_fold.json`
is made, which `python -m tests.gate --scores` reads. Needs scikit-learn, some minutes and 2 GB.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from extractors.guard import Watch
from extractors.html import context, extraction, features, metadata, model, select
from extractors.html.features import Layout
from extractors.html.page import PRE, TABLE, Frame, P, Page
from extractors.html.walk import Walk

FOLDS = 3
MAX_ROWS = 250
"""Blocks of one page that train the models: long pages of one template teach no more."""
MIN_PART_WORDS = 3
"""Words of a block that is looked for in the posts and listings of a page without a reference text."""
RATE, CONTEXT_RATE = 0.15, 0.1
"""Learning rates. 100 context trees at 0.13 fit the bench better and unseen sites worse (wcxb 0.872, not 0.874)."""
BOOST = 1.3
"""Weight of headings below the first level and of list items that are main text: they have few words for what their
loss does to a page. Not in threads, where they are names and dates, and whether a reference has these is chance."""
CODE_BOOST = 1.5
"""The same for code and tables, everywhere."""
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(f"[{_CJK}]|[^\\W{_CJK}]+")


@dataclass(slots=True)
class Sample:
    """One page: features × blocks, labels 0 to 1 (-1: unknown) and weights per block."""

    page_id: str
    site: str
    page: Page
    matrix: NDArray[np.float32]
    layout: Layout
    label: NDArray[np.float32]
    weight: NDArray[np.float32]


def tokens(text: str) -> list[str]:
    """Words as the bench counts them: case-folded, one per CJK character."""
    return _TOKEN.findall(text.lower())


def matched(reference: list[str], words: list[str]) -> bytearray:
    """Which words lie on a longest common subsequence with the reference (Hyyrö's bit-parallel rows, walked back)."""
    where: dict[str, int] = {}
    for i, word in enumerate(reference):
        where[word] = where.get(word, 0) | (1 << i)
    full = (1 << len(reference)) - 1
    row, rows = full, [full]
    for word in words:
        u = row & where.get(word, 0)
        row = ((row + u) | (row - u)) & full
        rows.append(row)
    hit = bytearray(len(words))
    i, j = len(reference), len(words)
    while i > 0 and j > 0:
        if rows[j] >> (i - 1) & 1:
            i -= 1
        elif not rows[j - 1] >> (i - 1) & 1:
            j -= 1
        else:
            hit[j - 1] = 1
            i, j = i - 1, j - 1
    return hit


def label_by_text(texts: list[str], reference: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Label and weight of each block of a page with a reference text."""
    wanted = tokens(reference)[:20_000]
    blocks = [tokens(text) for text in texts]
    hit = matched(wanted, [word for block in blocks for word in block][:60_000])
    shingles = {tuple(wanted[i : i + 4]) for i in range(len(wanted) - 3)}
    label, weight = np.zeros(len(texts), np.float32), np.zeros(len(texts), np.float32)
    at = 0
    seen: set[tuple[str, ...]] = set()
    for k, block in enumerate(blocks):
        size = len(block)
        if not size:
            label[k] = -1
            continue
        share = sum(hit[at : at + size]) / size
        at += size
        label[k] = share
        weight[k] = min((size + 6) / (len(wanted) + 60), 0.5)
        if size >= 8:
            known = sum(tuple(block[i : i + 4]) in shingles for i in range(size - 3)) / (size - 3)
            label[k] = known if share > 0.4 or tuple(block) not in seen else 0
            seen.add(tuple(block))
    return label, weight * min(1.0, 4 / max(float(weight.sum()), 1e-9))


def label_by_snippets(texts: list[str], record: dict[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Label and weight of the blocks that hold a required or forbidden snippet."""
    label, weight = np.full(len(texts), -1, np.float32), np.zeros(len(texts), np.float32)
    padded = [f" {' '.join(tokens(text))} " for text in texts]
    for value, name in ((1.0, "with"), (0.0, "without")):
        for snippet in record.get(name, []):
            words = f" {' '.join(tokens(snippet))} "
            for k, text in enumerate(padded):
                if words in text:
                    label[k], weight[k] = value, 0.05
    return label, weight


def label_by_parts(texts: list[str], record: dict[str, Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Label and weight of the blocks that lie in a post or a listing which must survive; of others nothing is known."""
    label, weight = np.full(len(texts), -1, np.float32), np.zeros(len(texts), np.float32)
    fragile = record.get("fragile") or {}
    parts = [f" {' '.join(tokens(part))} " for name in ("posts", "code") for part in fragile.get(name, [])]
    for k, text in enumerate(texts):
        words = tokens(text)
        padded = f" {' '.join(words)} "
        if len(words) >= MIN_PART_WORDS and any(padded in part for part in parts):
            label[k], weight[k] = 1.0, min((len(words) + 6) / 1000, 0.1)
    return label, weight


def site_of(record: dict[str, Any]) -> str:
    """Registered-domain-like end of the host, or the dataset where there is no address."""
    host = urlsplit(record.get("url") or "").netloc.split(":")[0].split(".")
    return ".".join(host[-2:]) if host[0] else str(record["id"]).split("/", maxsplit=1)[0]


def fold_of(site: str) -> int:
    """Fold of a site, by digest."""
    return int(hashlib.sha1(site.encode()).hexdigest(), 16) % FOLDS


def load(bench: Path) -> tuple[list[Sample], list[str]]:
    """All labelled pages of the bench and the names of their features."""
    samples: list[Sample] = []
    names: list[str] = []
    for path in sorted((bench / "data").glob("*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8", errors="surrogatepass") as lines:
            for line in lines:
                record = json.loads(line)
                sample, found = _sample(record)
                if sample is not None:
                    samples.append(sample)
                    names = found
    return samples, names


def page_of(record: dict[str, Any]) -> Page | None:
    """Blocks of a page of the bench."""
    html = record["html"].encode("utf-8", "replace")
    tree = extraction.parse(html)
    if tree is None:
        return None
    url = record.get("url")
    return extraction.blocks(html, tree, metadata.read(tree, url), url, Walk(Watch(60)))


def _sample(record: dict[str, Any]) -> tuple[Sample | None, list[str]]:
    if not any(record.get(name) for name in ("text", "with", "without", "fragile")):
        return None, []
    page = page_of(record)
    if page is None or not page.text:
        return None, []
    matrix, names, layout = features.measure(page)
    if record.get("text"):
        label, weight = label_by_text(page.text, record["text"])
    elif record.get("with") or record.get("without"):
        label, weight = label_by_snippets(page.text, record)
    else:
        label, weight = label_by_parts(page.text, record)
    weight[label > 0.5] *= boosts(page, select.is_thread(page, matrix))[label > 0.5]
    return Sample(record["id"], site_of(record), page, matrix, layout, label, weight), names


def boosts(page: Page, in_thread: bool) -> NDArray[np.float32]:
    """By what the weight of each block is multiplied where it is main text."""

    def of(kind: int, level: int, frame: Frame | None) -> float:
        if kind in (PRE, TABLE):
            return CODE_BOOST
        is_item = kind == P and frame is not None and frame.marker != "> "
        return BOOST if not in_thread and (level > 1 or is_item) else 1.0

    return np.asarray(list(map(of, page.kind, page.level, page.frame)), np.float32)


def rows(
    samples: list[Sample], matrices: list[NDArray[np.float32]]
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.float32]]:
    """Training rows of pages: features, whether main text, weight (less where the label is between)."""
    x, y, w = [], [], []
    for sample, matrix in zip(samples, matrices, strict=True):
        use = np.flatnonzero((sample.weight > 0) & (sample.label >= 0))
        if len(use) > MAX_ROWS:
            seed = int(hashlib.sha1(sample.page_id.encode()).hexdigest()[:8], 16)
            picked = np.random.default_rng(seed).choice(use, MAX_ROWS, replace=False)
            scale = len(use) / MAX_ROWS
        else:
            picked, scale = use, 1.0
        x.append(matrix[:, picked].T)
        y.append(sample.label[picked] > 0.5)
        w.append(sample.weight[picked] * np.abs(2 * sample.label[picked] - 1) * scale)
    return np.concatenate(x), np.concatenate(y), np.concatenate(w)


def fit(samples: list[Sample], matrices: list[NDArray[np.float32]], num_trees: int, rate: float = RATE) -> Any:
    """A boosted ensemble of at most `model.LEAVES` leaves a tree."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, y, w = rows(samples, matrices)
    booster = HistGradientBoostingClassifier(
        max_iter=num_trees,
        max_leaf_nodes=model.LEAVES,
        learning_rate=rate,
        l2_regularization=2.0,
        min_samples_leaf=40,
        max_bins=63,
        max_features=0.4,
        random_state=0,
        early_stopping=False,
    )
    return booster.fit(x, y, sample_weight=w)


def predict(booster: Any, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probability per block."""
    result: NDArray[np.float32] = booster.predict_proba(matrix.T)[:, 1].astype(np.float32)
    return result


def important(booster: Any, names: list[str], count: int) -> list[int]:
    """Places of the features with the greatest gain."""
    gain = np.zeros(len(names))
    for (tree,) in booster._predictors:
        inner = tree.nodes[tree.nodes["is_leaf"] == 0]
        np.add.at(gain, inner["feature_idx"], inner["gain"])
    return sorted(int(k) for k in np.argsort(-gain)[:count] if gain[k] > 0)


def export(booster: Any, names: list[str], path: Path) -> None:
    """Write an ensemble as `model.load` reads it."""
    used = sorted(
        {int(k) for (tree,) in booster._predictors for k in tree.nodes["feature_idx"][tree.nodes["is_leaf"] == 0]}
    )
    place = {feature: k for k, feature in enumerate(used)}
    nodes = [_tree(tree.nodes, place) for (tree,) in booster._predictors]
    base = round(float(np.ravel(booster._baseline_prediction)[0]), 5)
    source = {
        "origin": "python -m extractors.html.train",
        "features": [names[k] for k in used],
        "base": base,
        "nodes": nodes,
    }
    path.write_text(json.dumps(source, separators=(",", ":")) + "\n")


def _tree(nodes: Any, place: dict[int, int]) -> dict[str, list[float]]:
    tree: dict[str, list[float]] = {"f": [], "t": [], "m": [], "v": []}

    def visit(at: int) -> list[int]:
        node = nodes[at]
        if node["is_leaf"]:
            tree["v"].append(round(float(node["value"]), 3))
            return [len(tree["v"]) - 1]
        k = len(tree["f"])
        tree["f"].append(place[int(node["feature_idx"])])
        tree["t"].append(float(f"{float(node['num_threshold']):.5g}"))
        tree["m"].append(0)
        left = visit(int(node["left"]))
        tree["m"][k] = (1 << model.LEAVES) - 1 & ~sum(1 << leaf for leaf in left)
        return left + visit(int(node["right"]))

    visit(0)
    return tree


BLOCK_FEATURES = 130
PROBE_TREES = 80
"""Trees that choose the features; 30 of eight leaves have too few nodes to name 130."""
CONTEXT_FEATURES = (
    "log_chars",
    "link_density",
    "kind_h",
    "heading_level",
    "from_h1",
    "until_good",
    "since_good",
    "position",
    "copies",
    "page_good",
    "num_blocks",
    "in_li",
    "hidden",
    "ends_sentence",
    "page_link_density",
    "main50_within",
    "main80_depth_below",
    "all_comment",
    "type_forum",
    "url_forum",
    "url_listing",
    "type_product",
    "is_title",
    "kind_caption",
    "up0_repeats",
    "up1_link_density",
)


def stacked(
    samples: list[Sample], names: list[str], first: list[NDArray[np.float32]]
) -> tuple[list[NDArray[np.float32]], list[str]]:
    """Matrices of the second model for first probabilities."""
    picked = [names.index(name) for name in CONTEXT_FEATURES]
    matrices = [
        np.concatenate([context.measure(p, s.layout), s.matrix[picked]]) for s, p in zip(samples, first, strict=True)
    ]
    return matrices, [*context.NAMES, *CONTEXT_FEATURES]


def out_of_fold(
    samples: list[Sample], matrices: list[NDArray[np.float32]], num_trees: int, rate: float = RATE
) -> list[NDArray[np.float32]]:
    """Probabilities of each page from models that saw no page of its site."""
    result: list[NDArray[np.float32]] = [np.zeros(0, np.float32)] * len(samples)
    for fold in range(FOLDS):
        seen = [k for k, s in enumerate(samples) if fold_of(s.site) != fold]
        booster = fit([samples[k] for k in seen], [matrices[k] for k in seen], num_trees, rate)
        left = [k for k, s in enumerate(samples) if fold_of(s.site) == fold]
        sizes = np.cumsum([matrices[k].shape[1] for k in left])
        found = np.split(predict(booster, np.concatenate([matrices[k] for k in left], axis=1)), sizes[:-1])
        for k, values in zip(left, found, strict=True):
            result[k] = values
        print(f"fold {fold} of {FOLDS}", file=sys.stderr)
    return result


def main(arguments: list[str] | None = None) -> None:
    """Train, and write `blocks.json` and `context.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=Path, help="folder with data/*.jsonl.xz")
    parser.add_argument("--output", type=Path, required=True, help="folder to write blocks.json and context.json to")
    parser.add_argument("--trees", type=int, default=270)
    parser.add_argument("--context-trees", type=int, default=50)
    chosen = parser.parse_args(arguments)
    samples, names = load(chosen.bench)
    whole = [s.matrix for s in samples]
    keep = important(fit(samples, whole, PROBE_TREES), names, BLOCK_FEATURES)
    lean = [matrix[keep] for matrix in whole]
    kept_names = [names[k] for k in keep]
    first = out_of_fold(samples, lean, chosen.trees)
    export(fit(samples, lean, chosen.trees), kept_names, chosen.output / "blocks.json")
    matrices, stacked_names = stacked(samples, names, first)
    export(fit(samples, matrices, chosen.context_trees, CONTEXT_RATE), stacked_names, chosen.output / "context.json")
    second = out_of_fold(samples, matrices, chosen.context_trees, CONTEXT_RATE)
    report = {s.page_id: [round(float(p), 4) for p in ps] for s, ps in zip(samples, second, strict=True)}
    (chosen.output / "out_of_fold.json").write_text(json.dumps(report))


if __name__ == "__main__":
    main()
