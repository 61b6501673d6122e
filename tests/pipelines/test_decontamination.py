from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.benchmark_index import BenchmarkIndex, GramTable
from pipelines.benchmarks import BenchmarkItem, load_items
from pipelines.decontamination import (
    WordHashes,
    allowed_13grams,
    build_index,
    gram_hashes,
    match,
    num_distinct,
    words_of,
)
from pipelines.errors import BenchmarkError
from pipelines.recipe import DecontaminationConfig
from pipelines.storage import open_storage

TRAIN = (
    "Some crates sit on a scale. The mean mass is raised by 2.5 kg once one of the boxes, which holds 40 kg, is "
    "swapped for a new box that holds 65 kg. How many crates are on the scale in all?"
)
TEST = (
    "The mean mass of 12 crates on a scale is raised by 2.5 kg once one of the boxes, which holds 40 kg is swapped for "
    "a new box. Find the mass of the new box. A. 60 B. 62 C. 65 D. 70 E. 75"
)
ITEMS = (
    BenchmarkItem(
        "boats/0", "A boat goes up the river at five knots and down at nine. How long does the way there take?"
    ),
    BenchmarkItem("crates/0", TEST),
    BenchmarkItem("short/0", "What is the capital of the land of the frogs?"),
)
INDEX = build_index(ITEMS, DecontaminationConfig())


def found(text: str, index: BenchmarkIndex = INDEX) -> tuple[str | None, int, str | None, float, str | None]:
    one = match(text, text.lower(), index, WordHashes())
    return one.item_13gram, one.matches_13gram, one.span_13gram, one.ratio_7gram, one.item_7gram


@pytest.mark.parametrize(("mode", "train", "ratio"), [("phi4", 44, 15 / 38), ("clean", 43, 15 / 37)])
def test_the_example_of_the_report_comes_out_to_the_last_digit(mode: str, train: int, ratio: float) -> None:
    config = DecontaminationConfig.model_validate({"mode": mode})
    words = {name: words_of(text.lower(), config.mode) for name, text in (("train", TRAIN), ("test", TEST))}
    assert (len(words["train"]), len(words["test"])) == (train, 47)
    grams = {name: set(gram_hashes(found, 7, WordHashes()).tolist()) for name, found in words.items()}
    assert (len(grams["train"]), len(grams["test"])) == (train - 6, 41)
    assert len(grams["train"] & grams["test"]) == 15
    one = match(TRAIN, TRAIN.lower(), build_index(ITEMS, config), WordHashes())
    assert one.matches_13gram == 9
    assert one.ratio_7gram == ratio
    assert (one.item_13gram, one.item_7gram) == ("crates/0", "crates/0")
    assert one.span_13gram == ("is raised by 2.5 kg once one of the boxes, which holds 40 kg, is swapped for a new box")


def test_an_unrelated_text_matches_nothing() -> None:
    assert found(
        "The tide turned at four and the boats came home with little in their nets, as they had all week."
    ) == (
        None,
        0,
        None,
        0.0,
        None,
    )


def test_a_quoted_item_is_found_in_a_long_text_with_its_own_spelling() -> None:
    text = "Once more. " * 40 + "A BOAT goes up\nthe river -- at five knots, and down at nine! " + "And so on. " * 40
    item, matches, span, ratio, item_7gram = found(text)
    assert (item, item_7gram) == ("boats/0", "boats/0")
    assert span == "A BOAT goes up\nthe river -- at five knots, and down at nine"
    assert matches == 1
    assert 0 < ratio < 1


def test_a_whole_item_has_ratio_one() -> None:
    assert found(f"Quiz. {ITEMS[0].text} Answer below.")[3] == 14 / 15  # the item ends in an empty word
    assert found(ITEMS[0].text)[3] == 1


def test_thirteen_words_are_found_and_twelve_are_not() -> None:
    words = words_of("mean mass of 12 crates on a scale is raised by 2.5", "clean")
    assert found("x " + " ".join(words))[1] == 1
    assert found("x " + " ".join(words[:12]))[1] == 0
    assert found("x " + " ".join(words[:12]))[3] > 0


def test_items_with_too_few_words_are_not_looked_for() -> None:
    assert "short/0" not in INDEX.item_ids
    assert found(ITEMS[2].text)[3] == 0
    assert build_index(ITEMS, DecontaminationConfig(min_item_words=10)).item_ids[-1] == "short/0"


def test_allowed_13grams_are_no_match(tmp_path: Path) -> None:
    allowed = tmp_path / "allowed.txt"
    words = " ".join(words_of(ITEMS[0].text.lower(), "clean")[:13])
    allowed.write_text(f"# a comment\n{words}\n")
    index = build_index(ITEMS, DecontaminationConfig(allowed_13grams=str(allowed)))
    assert found(words)[1] == 1
    assert found(words, index)[1] == 0
    assert found(words, index)[3] > 0  # 7-grams have no list


@pytest.mark.parametrize(("row", "matches"), [("0 1 2", 0), ("0 1 2 3", 1)])
def test_a_mere_pattern_is_no_match(row: str, matches: int) -> None:
    item = BenchmarkItem("matrix/0", f"Transpose the matrix: {(f'{row} ' * 13)[:25]}")
    assert len(item.text.split()) == 3 + 13
    index = build_index([item], DecontaminationConfig())
    assert found(item.text[-25:], index)[1] == matches
    assert found(item.text[-25:], build_index([item], DecontaminationConfig(min_distinct_words=3)))[1] == 1


@given(st.lists(st.sampled_from("abcde"), max_size=30), st.integers(1, 13))
def test_different_words_are_counted_in_each_run(words: list[str], n: int) -> None:
    runs = [words[i : i + n] for i in range(len(words) - n + 1)]
    assert num_distinct(words, n).tolist() == [len(set(run)) for run in runs]


def test_every_packaged_allowed_gram_has_thirteen_words() -> None:
    grams = allowed_13grams(None)
    assert {len(gram.split(" ")) for gram in grams} == {13}
    assert len(set(grams)) == len(grams)
    assert "b e b a b e c c b d c e d" in grams


@pytest.mark.parametrize("texts", [(ITEMS[0].text, TEST[:80]), (TEST[:80], ITEMS[0].text)])
def test_the_item_with_the_larger_ratio_counts(texts: tuple[str, str]) -> None:
    assert found(" or ".join(texts))[4] == "boats/0"


def test_of_equal_ratios_the_first_item_counts() -> None:
    twice = [BenchmarkItem("a/0", ITEMS[0].text), BenchmarkItem("b/0", ITEMS[0].text)]
    assert found(ITEMS[0].text, build_index(twice, DecontaminationConfig()))[4] == "a/0"
    assert found(ITEMS[0].text, build_index(twice[::-1], DecontaminationConfig()))[4] == "b/0"


@given(st.lists(st.sampled_from([*"abcdefgh", *words_of(TEST.lower(), "clean")]), max_size=80).map(" ".join))
def test_the_fast_scan_is_algorithm_1(text: str) -> None:
    def grams(of: str, n: int) -> set[tuple[str, ...]]:
        words = words_of(of.lower(), "phi4")
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    _, matches, _, ratio, item = found(text)
    assert matches == len(grams(text, 13) & (grams(ITEMS[0].text, 13) | grams(TEST, 13)))
    best, best_item = 0.0, None
    for one in ITEMS[:2]:
        mine, theirs = grams(text, 7), grams(one.text, 7)
        if mine and len(mine & theirs) / min(len(mine), len(theirs)) > best:
            best, best_item = len(mine & theirs) / min(len(mine), len(theirs)), one.id
    assert (ratio, item) == (best, best_item)


@given(st.text())
def test_words_are_those_of_the_regular_expression(text: str) -> None:
    import re

    lower = text.lower()
    assert words_of(lower, "phi4") == re.sub(r"\W+", " ", lower).split(" ")
    assert words_of(lower, "clean") == re.sub(r"\W+", " ", lower).split()


@given(st.text())
def test_any_text_can_be_matched(text: str) -> None:
    one = match(text + TEST, (text + TEST).lower(), INDEX, WordHashes())
    assert one.matches_13gram >= 30


def test_an_index_survives_its_file_and_equal_indexes_are_equal_bytes() -> None:
    files = [io.BytesIO(), io.BytesIO()]
    INDEX.save(files[0])
    build_index(ITEMS, DecontaminationConfig()).save(files[1])
    assert files[0].getvalue() == files[1].getvalue()
    loaded = BenchmarkIndex.load(io.BytesIO(files[0].getvalue()))
    assert loaded.item_ids == INDEX.item_ids
    assert found(TRAIN, loaded) == found(TRAIN)


@pytest.mark.parametrize("content", [b"", b"not an index", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_index_says_so(content: bytes) -> None:
    with pytest.raises(BenchmarkError, match="not a benchmark index"):
        BenchmarkIndex.load(io.BytesIO(content))


def test_an_index_without_items_matches_nothing() -> None:
    assert found(TRAIN, build_index([], DecontaminationConfig())) == (None, 0, None, 0.0, None)


@given(st.lists(st.lists(st.integers(0, 30), max_size=8), max_size=6), st.lists(st.integers(0, 40), max_size=30))
def test_a_table_knows_the_items_of_each_gram(grams: list[list[int]], queries: list[int]) -> None:
    table = GramTable.build([np.unique(np.array(one, np.uint64)) for one in grams])
    places, rows = table.find(np.array(queries, np.uint64))
    assert places.tolist() == [i for i, query in enumerate(queries) if any(query in one for one in grams)]
    items, owners = table.items_of(rows)
    pairs = [(queries[place], i) for place in places.tolist() for i, one in enumerate(grams) if queries[place] in one]
    assert [
        (queries[places[owner]], item) for item, owner in zip(items.tolist(), owners.tolist(), strict=True)
    ] == pairs


@pytest.mark.corpus
def test_planted_items_of_every_real_benchmark_are_found(shared: Path) -> None:
    items = load_items(open_storage(str(shared / "corpus" / "benchmarks")))
    assert len(items) == 43_701
    index = build_index(items, DecontaminationConfig())
    known = set(index.item_ids)
    by_file: dict[str, list[BenchmarkItem]] = {}
    for item in items:
        if item.id in known:
            by_file.setdefault(item.id.split("/")[0], []).append(item)
    hashes = WordHashes()
    missed = []
    for name, of_file in by_file.items():
        for item in of_file[:: max(1, len(of_file) // 20)]:
            text = f"Some words that come before it. {item.text} And some that follow, as on any page."
            one = match(text, text.lower(), index, hashes)
            if one.ratio_7gram < 0.5 and not one.matches_13gram:
                missed.append((name, item.id))
    assert missed == []
    assert len(by_file) == 39
