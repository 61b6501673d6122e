"""Our signals and rules against datatrove's filters, and our sketches against datasketch's, on real pages.

Where a verdict differs, datatrove's own filter is run again on the same text as we read it: with our words, without
lines of white space. If it then says what we say, that is the cause; anything left over fails.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pipelines.measure import load_models, measure_batch
from pipelines.minhash import MinHasher, estimate_jaccard
from pipelines.recipe import MeasureConfig, MinHashConfig, load_recipe
from pipelines.rules.arrow import column_kinds, holds
from pipelines.rules.check import check_rules
from pipelines.schemas import DOCUMENTS
from pipelines.signals.c4 import count_sentences
from pipelines.signals.lines import non_blank_lines
from pipelines.signals.schema import SIGNALS
from pipelines.signals.words import Vocabulary, normalize, tokenize

pytest.importorskip("datatrove")

FAMILIES = {
    "repetition": ("gopher.duplicate_", "gopher.top_"),
    "quality": ("gopher.too_", "gopher.words_"),
    "c4": ("c4.",),
    "fineweb": ("fineweb.",),
}
STEP = 3
"""Every third of 877 texts: datatrove's filters do about a dozen a second."""

ALLOWED_SHARE = {"repetition": 0.035, "quality": 0.025, "c4": 0.02, "fineweb": 0.03}
"""Upper bounds on the texts with another verdict, about one and a half times what was found."""

WRITTEN = {
    "prose": "The river rose in the night and by morning it had taken the lower field. We moved the sheep to the hill, "
    "where the grass is thin but dry, and counted them twice. Nobody had slept. My sister made tea for everyone who "
    "came to help, and they stood in the yard with their cups and looked at the water. It had a colour that I had not "
    "seen before. By noon it began to fall.",
    "shouting": "\n".join(["BUY NOW AND SAVE!!!", "Best price, best price, best price"] * 12),
    "bullets": "\n".join(f"- point number {i} of the list that we keep here for you" for i in range(20)),
    "numbers": "\n".join(f"{i} {i * 7} {i * 13} {i * 19} total" for i in range(40)),
    "trailing off": "\n".join(
        f"This is story {i} about the sea and the people that have lived with it…" for i in range(9)
    ),
    "hashes": "#win #lucky #bonus #spin " * 20,
    "code": "function area(r) {\n  return Math.PI * r * r;\n}\nThe javascript above gives the area of a circle.",
    "latin": "Lorem ipsum dolor sit amet, consectetur adipiscing elit. " * 3,
    "short": "Nothing here yet.",
}


@dataclass(frozen=True)
class Difference:
    family: str
    text: str
    theirs: str | None
    ours: tuple[str, ...]


class OurWords:
    """Our tokenizer in the form datatrove takes one."""

    def build(self) -> Any:
        from datatrove.utils.word_tokenizers import WordTokenizer

        class Tokenizer(WordTokenizer):  # type: ignore[misc]
            def word_tokenize(self, text: str) -> list[str]:
                return tokenize(text)

            def sent_tokenize(self, text: str) -> list[str]:
                return [text] * count_sentences(text)

            def span_tokenize(self, text: str) -> list[tuple[int, int]]:
                return [(0, len(text))] * (count_sentences(text) if text.strip() else 0)

        return Tokenizer()


def filters(**options: Any) -> dict[str, Any]:
    from datatrove.pipeline import filters as published

    return {
        "repetition": published.GopherRepetitionFilter(**options),
        "quality": published.GopherQualityFilter(**options),
        "c4": published.C4QualityFilter(filter_no_terminal_punct=False, **options),
        "fineweb": published.FineWebQualityFilter(**options),
    }


def verdict(one: Any, text: str) -> str | None:
    """Why a datatrove filter drops a text; None: it keeps it."""
    from datatrove.data import Document

    try:
        found = one.filter(Document(text=text, id=""))
    except ZeroDivisionError:  # datatrove on a text without words
        return "no words"
    return None if found is True else found[1]


def our_verdicts(texts: list[str]) -> dict[str, list[tuple[str, ...]]]:
    """For each family the names of the rules of `fineweb.yaml` that drop each text, whatever its language."""
    rows = [
        {"doc_id": str(i), "source": "records", "category": "web", "container": "c", "text": text, "num_records": 1}
        for i, text in enumerate(texts)
    ]
    documents = pa.RecordBatch.from_pylist(rows, schema=DOCUMENTS)
    signals = measure_batch(documents, load_models(MeasureConfig()), part="part-0", first_row=0)
    anywhere = [rule.model_copy(update={"when": None}) for rule in load_recipe("fineweb").rules]
    table = pa.Table.from_batches([signals])
    held = {rule.name: holds(rule, table).to_pylist() for rule in check_rules(anywhere, column_kinds(SIGNALS))}
    return {
        family: [tuple(name for name in held if name.startswith(prefixes) and held[name][i]) for i in range(len(texts))]
        for family, prefixes in FAMILIES.items()
    }


def differences(texts: list[str], published: dict[str, Any]) -> list[Difference]:
    ours = our_verdicts(texts)
    found = []
    for i, text in enumerate(texts):
        for family, one in published.items():
            theirs = verdict(one, text)
            if (theirs is None) != (not ours[family][i]):
                found.append(Difference(family, text, theirs, ours[family][i]))
    return found


def cause_of(difference: Difference, with_our_words: dict[str, Any]) -> str:
    text, dropped = difference.text, bool(difference.ours)
    compact = "\n".join(non_blank_lines(text))
    unspaced = sum("\u0e00" <= char <= "\u0eff" or "\u3041" <= char <= "\u9fff" for char in text)
    one = with_our_words[difference.family]
    if (verdict(one, text) is not None) == dropped:
        return "words of scripts without spaces" if unspaced > len(text) / 10 else "words"
    if (verdict(one, compact) is not None) == dropped:
        return "lines of white space"
    return "unexplained"


@pytest.fixture(scope="module")
def real_texts(shared: Path) -> list[str]:
    source = shared / "annotations" / "web.jsonl.gz"
    if not source.is_file():
        pytest.skip("no real texts beside the checkout")
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"].strip() for line in lines]
    return [text for text in dict.fromkeys(texts) if len(text) < 60_000][::STEP]


def test_written_texts_get_the_verdicts_that_datatrove_gives_them() -> None:
    found = differences([text.strip() for text in WRITTEN.values()], filters())
    assert [(d.family, d.theirs, d.ours, d.text[:30]) for d in found] == []


def test_some_written_texts_are_dropped_by_each_family_and_prose_by_none() -> None:
    ours = our_verdicts([text.strip() for text in WRITTEN.values()])
    assert all(any(names) for names in ours.values())
    assert [names[0] for names in ours.values()] == [()] * len(FAMILIES)


@pytest.mark.corpus
def test_verdicts_on_real_pages_differ_from_datatrove_rarely_and_only_for_known_causes(real_texts: list[str]) -> None:
    found = differences(real_texts, filters())
    with_our_words = filters(language=OurWords().build())
    causes = Counter((d.family, cause_of(d, with_our_words)) for d in found)
    print(f"\n{len(real_texts)} texts:", *sorted(causes.items()), sep="\n  ")
    assert {cause for _, cause in causes} <= {"words", "words of scripts without spaces", "lines of white space"}
    for family, share in ALLOWED_SHARE.items():
        assert sum(n for (name, _), n in causes.items() if name == family) <= share * len(real_texts), family


@pytest.mark.corpus
def test_sketches_estimate_jaccard_of_real_near_duplicates_as_datasketch_does(real_texts: list[str]) -> None:
    datasketch = pytest.importorskip("datasketch")
    hasher, errors_ours, errors_theirs = MinHasher(MinHashConfig()), [], []
    chooser = random.Random(3)
    for text in real_texts[::3]:
        words = [normal for token in tokenize(text) if (normal := normalize(token))]
        if len(words) < 60:
            continue
        for rate in (0.005, 0.02, 0.05, 0.1):
            other = _mutated(words, rate, chooser)
            a, b = _shingles(words), _shingles(other)
            true = len(a & b) / len(a | b)
            errors_ours.append(_our_estimate(hasher, words, other) - true)
            errors_theirs.append(_their_estimate(datasketch, a, b) - true)
    ours, theirs = np.array(errors_ours), np.array(errors_theirs)
    rmse_ours, rmse_theirs = np.sqrt((ours**2).mean()), np.sqrt((theirs**2).mean())
    print(
        f"\n{len(ours)} pairs: bias {ours.mean():+.4f} and {theirs.mean():+.4f}, RMSE {rmse_ours:.4f} {rmse_theirs:.4f}"
    )
    assert len(ours) > 200
    assert abs(ours.mean()) < 0.01
    assert rmse_ours < 1.15 * rmse_theirs
    assert rmse_ours < 0.05  # sqrt(J(1-J)/112) is at most 0.047


def _mutated(words: list[str], rate: float, chooser: random.Random) -> list[str]:
    change: list[Callable[[str], list[str]]] = [lambda _: [], lambda w: [w, "inserted"], lambda w: [w[::-1] + "x"]]
    return [new for word in words for new in (chooser.choice(change)(word) if chooser.random() < rate else [word])]


def _shingles(words: list[str]) -> set[str]:
    return {" ".join(words[i : i + 5]) for i in range(len(words) - 4)}


def _our_estimate(hasher: MinHasher, words: list[str], other: list[str]) -> float:
    sketches = []
    for one in (words, other):
        vocabulary = Vocabulary()
        signature = hasher.signature(vocabulary.hashes(vocabulary.numbers(one)))
        assert signature is not None
        sketches.append(signature.sketch)
    return estimate_jaccard(*sketches)


def _their_estimate(datasketch: Any, a: set[str], b: set[str]) -> float:
    sketches = []
    for shingles in (a, b):
        sketch = datasketch.MinHash(num_perm=112, seed=1)
        sketch.update_batch([shingle.encode() for shingle in shingles])
        sketches.append(sketch)
    return float(sketches[0].jaccard(sketches[1]))
