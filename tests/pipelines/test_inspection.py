"""Look-ups in a run: the right rows, no more than asked for, and what to do when something is missing."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import DocumentNotFound, MissingDataset
from pipelines.inspection import (
    RowKey,
    Selection,
    find_document,
    locate_documents,
    overview,
    read_documents,
    read_signals,
    read_text,
    select_documents,
)
from pipelines.manifests import require_dataset
from pipelines.storage import Storage
from tests.made_run import default_documents, write_run

ROWS = default_documents()
HALF = len(ROWS) // 2


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    return write_run(tmp_path_factory.mktemp("run"))


def key_of(number: int) -> RowKey:
    return RowKey(f"part-{number // HALF:05d}.parquet", number % HALF)


@given(numbers=st.sets(st.integers(0, len(ROWS) - 1)))
def test_rows_are_those_that_were_asked_for(run: Storage, numbers: set[int]) -> None:
    found = read_documents(run, [key_of(number) for number in numbers], ("doc_id", "text"))
    assert found == {
        key_of(number): {"doc_id": ROWS[number]["doc_id"], "text": ROWS[number]["text"]} for number in numbers
    }


@given(numbers=st.sets(st.integers(0, len(ROWS) - 1), max_size=12))
def test_signals_are_those_of_the_documents(run: Storage, numbers: set[int]) -> None:
    found = read_signals(run, [key_of(number) for number in numbers], ("doc_id", "num_chars"))
    texts = {key_of(number): ROWS[number]["text"] for number in numbers}
    assert {key: row["num_chars"] for key, row in found.items()} == {
        key: None if text is None else len(text) for key, text in texts.items()
    }
    assert {row["doc_id"] for row in found.values()} == {ROWS[number]["doc_id"] for number in numbers}


def test_signals_come_without_digests(run: Storage) -> None:
    (signals,) = read_signals(run, [key_of(3)]).values()
    assert "num_words" in signals
    assert not {"exact_digest", "minhash_bands", "minhash_sketch"} & set(signals)


def test_a_row_is_read_from_its_row_group_alone(run: Storage) -> None:
    """The rest of the file is spoilt, so reading any of it fails."""
    dataset = require_dataset(run, "documents")
    path = Path(dataset.part_paths()[0])
    footer = pq.ParquetFile(path).metadata
    group = footer.row_group(1)
    columns = [group.column(index) for index in range(group.num_columns)]
    starts = [column.dictionary_page_offset or column.data_page_offset for column in columns]
    ends = [start + column.total_compressed_size for start, column in zip(starts, columns, strict=True)]
    whole = path.read_bytes()
    first_end = min(starts)
    spoilt = b"PAR1" + bytes(first_end - 4) + whole[first_end : max(ends)]
    last = footer.row_group(footer.num_row_groups - 1)
    data_end = max(
        (last.column(i).dictionary_page_offset or last.column(i).data_page_offset)
        + last.column(i).total_compressed_size
        for i in range(last.num_columns)
    )
    try:
        path.write_bytes(spoilt + bytes(data_end - max(ends)) + whole[data_end:])
        assert read_text(run, key_of(7)) == ROWS[7]["text"]
        with pytest.raises(OSError):  # noqa: PT011 - pyarrow's message differs by codec
            read_text(run, key_of(1))
    finally:
        path.write_bytes(whole)


def test_the_figures_come_from_the_funnel(run: Storage) -> None:
    view = overview(run)
    assert view.is_judged
    assert view.records == {"in": 243, "kept": 49, "dropped": 192, "failed": 2}
    assert view.dropped_by_rule["gopher.too_few_words"] == 17
    assert view.datasets["documents"][0] == len(ROWS)


def test_before_judging_the_figures_are_those_of_the_reader(tmp_path: Path) -> None:
    view = overview(write_run(tmp_path, until="documents"))
    assert not view.is_judged
    assert view.records == {"in": 243, "skipped": 171, "failed": 2}
    assert view.dropped_by_rule == {"ingest.not_html": 140, "ingest.status": 31}


def test_a_rule_lists_what_it_dropped_with_value_and_limit(run: Storage) -> None:
    listed = select_documents(run, Selection("dropped", "gopher.too_few_words"), 100)
    assert len(listed) == 17
    assert {entry.limit for entry in listed} == {"20"}
    assert all(entry.value is not None and float(entry.value) < 20 for entry in listed)
    assert all(entry.url and entry.title for entry in listed)


def test_a_listing_stops_at_its_limit(run: Storage) -> None:
    assert len(select_documents(run, Selection("kept"), 7)) == 7


@pytest.mark.parametrize("until", ["signals", "decisions"])
def test_a_language_is_that_of_the_signals(tmp_path: Path, until: str) -> None:
    run = write_run(tmp_path, until=until)
    listed = select_documents(run, Selection(language="de"), 100)
    german = {row["doc_id"] for row in ROWS if row["text"] and "Flut" in row["text"]}
    assert {entry.doc_id for entry in listed} == german
    assert {entry.language for entry in listed} == {"de"}
    assert {entry.verdict for entry in listed} == {"kept" if until == "decisions" else "undecided"}


def test_questions_are_joined_by_and(run: Storage) -> None:
    listed = select_documents(run, Selection("kept", category="code", language="en"), 100)
    assert {entry.category for entry in listed} == {"code"}
    assert len(listed) == 9
    assert select_documents(run, Selection("failed", category="code"), 100) == []


def test_a_sample_is_the_same_for_a_seed_and_another_for_another(run: Storage) -> None:
    first, again, other = (
        [entry.doc_id for entry in select_documents(run, Selection("kept"), 8, sample_seed=seed)] for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert len(set(first)) == 8


def test_a_sample_does_not_depend_on_how_much_is_asked_for(run: Storage) -> None:
    few, many = (select_documents(run, Selection("kept"), limit, sample_seed=5) for limit in (4, 30))
    assert few == many[:4]


def test_before_judging_failures_can_be_listed_but_kept_documents_cannot(tmp_path: Path) -> None:
    run = write_run(tmp_path, until="documents")
    assert {entry.rule for entry in select_documents(run, Selection("failed"), 9)} == {
        "TimeLimitExceeded",
        "UndecodableInput",
    }
    assert [e.num_records for e in select_documents(run, Selection("dropped", "ingest.not_html"), 9)] == [140]
    with pytest.raises(MissingDataset, match="gristmill judge"):
        select_documents(run, Selection("kept"), 9)
    with pytest.raises(MissingDataset, match="gristmill judge"):
        select_documents(run, Selection("dropped", "gopher.too_few_words"), 9)
    with pytest.raises(MissingDataset, match="gristmill measure"):
        select_documents(run, Selection(language="de"), 9)


def test_closing_rows_of_containers_are_no_records_to_list(tmp_path: Path) -> None:
    run = write_run(tmp_path, until="documents")
    listed = select_documents(run, Selection(), 1000)
    assert len(listed) == len(ROWS) - 2
    assert sum(entry.num_records for entry in listed) == 243


def test_a_document_is_found_by_the_beginning_of_its_id(run: Storage) -> None:
    row = ROWS[58]
    view = find_document(run, row["doc_id"][:10])
    assert view.document["doc_id"] == row["doc_id"]
    assert "text" not in view.document
    assert view.decision is not None
    assert view.decision["rule"] == "benchmark.match_13gram"
    assert view.signals is not None
    assert view.signals["benchmark_13gram_item"] == "buns/3"
    assert read_text(run, view.key) == row["text"]


def test_a_duplicate_names_its_survivor_and_the_survivor_its_copies(run: Storage) -> None:
    copy, survivor = find_document(run, ROWS[60]["doc_id"]), find_document(run, ROWS[1]["doc_id"])
    assert copy.duplicate is not None
    assert copy.duplicate["similarity"] == pytest.approx(0.9107)
    assert copy.survivor == {"doc_id": ROWS[1]["doc_id"], "url": ROWS[1]["url"], "title": "Page 1"}
    assert survivor.survivor is None
    assert [row["doc_id"] for row in survivor.copies] == [ROWS[60]["doc_id"]]


@pytest.mark.parametrize("until", ["documents", "signals", "decisions"])
def test_a_document_is_found_whatever_stages_have_run(tmp_path: Path, until: str) -> None:
    view = find_document(write_run(tmp_path, until=until), ROWS[60]["doc_id"])
    assert view.document["title"] == "Nearly page 1"
    assert (view.decision is not None) == (until == "decisions")
    assert (view.signals is not None) == (until != "documents")


def test_an_id_that_names_nothing_or_several_says_so(run: Storage) -> None:
    with pytest.raises(DocumentNotFound, match="no document 'ffffffffffff'"):
        find_document(run, "f" * 12)
    with pytest.raises(DocumentNotFound, match="give more digits"):
        find_document(run, "")


def test_places_are_found_for_many_ids_at_once(run: Storage) -> None:
    ids = [ROWS[number]["doc_id"] for number in (0, 40, 69)]
    found = locate_documents(run, [*ids, "no such id"])
    assert found == dict(zip(ids, (key_of(0), key_of(40), key_of(69)), strict=True))
    assert locate_documents(run, []) == {}
