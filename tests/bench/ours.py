"""Our web path in steps, each over all pages, as the Spark tasks run them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import pyarrow as pa

from classifiers.langid import load_identifier
from extractors.html import extract
from pipelines.decontamination import WordHashes, build_index, match
from pipelines.measure import Models, WordFacts, load_models, measure_batch
from pipelines.minhash import MinHasher
from pipelines.recipe import MeasureConfig, MinHashConfig, TokenizerConfig
from pipelines.schemas import DOCUMENTS
from pipelines.signals.heuristics import heuristic_signals
from pipelines.signals.words import Vocabulary, tokenize
from pipelines.source_config import SourceConfig
from pipelines.sources.commoncrawl import read_container
from pipelines.sources.records import ReaderConfig, rows_to_batches
from pipelines.tokenizers import encode_documents, load_tokenizer
from pipelines.transport import ContainerRef
from tests.bench.pages import benchmark_items

CONFIG = ReaderConfig(source=SourceConfig(id="web", format="commoncrawl", category="web"))
MEASURE = MeasureConfig()
TOKENIZER = TokenizerConfig()

Step = tuple[int, Callable[[], object]]
"""Documents it handles, and what to time."""


@dataclass(frozen=True)
class Page:
    """What the reader gives the extractor."""

    html: bytes
    url: str | None
    charset: str | None


def read_pages(refs: list[ContainerRef]) -> list[Page]:
    """The HTML pages of WARC files, as the reader hands them to the extractor."""
    from extractors.result import Extraction

    pages: list[Page] = []

    def note(html: bytes, url: str | None, charset: str | None) -> Extraction:
        pages.append(Page(html, url, charset))
        return Extraction(text="")

    for ref in refs:
        for _ in read_container(ref, CONFIG, note):
            pass
    return pages


def extract_text(page: Page) -> str:
    return extract(page.html, url=page.url, charset=page.charset).text


def steps(refs: list[ContainerRef], pages: list[Page], texts: list[str]) -> dict[str, Step]:
    """Step → what to time; names that the peer has too are its counterparts."""
    models, batches = _models(), _batches(texts)
    vocabulary, hashes = Vocabulary(), WordHashes()
    words = [vocabulary.numbers(tokenize(text)) for text in texts]
    minhasher = MinHasher(MinHashConfig())
    identifier = load_identifier()
    n = len(texts)
    return {
        "read WARC": (len(pages), lambda: read_pages(refs)),
        "extract": (len(pages), lambda: [extract_text(page) for page in pages]),
        "words": (n, lambda: [Vocabulary().numbers(tokenize(text)) for text in texts]),
        "language": (n, lambda: [identifier.identify(text) for text in texts]),
        "heuristics (Gopher, C4, FineWeb)": (
            n,
            lambda: [heuristic_signals(t, t.lower(), vocabulary.numbers(tokenize(t)), vocabulary) for t in texts],
        ),
        "signatures": (n, lambda: [minhasher.signature(vocabulary.hashes(w)) for w in words]),
        "benchmark matches": (n, lambda: [match(t, t.lower(), _index(), hashes) for t in texts]),
        "measure: all of it": (n, lambda: _measure(batches, models)),
        "tokens": (n, lambda: encode_documents(load_tokenizer(TOKENIZER), texts)),
        "WARC → tokens": (len(pages), lambda: _whole_path(refs, models)),
    }


def _fresh(models: Models) -> Models:
    """As a worker starts: with no word known, so that a repetition gains nothing from the one before."""
    return replace(models, words=WordFacts())


def _measure(batches: list[pa.RecordBatch], models: Models) -> None:
    models = _fresh(models)
    for batch in batches:
        measure_batch(batch, models, part="p", first_row=0)


def _whole_path(refs: list[ContainerRef], models: Models) -> None:
    models = _fresh(models)
    tokenizer = load_tokenizer(TOKENIZER)
    for ref in refs:
        for batch in rows_to_batches(read_container(ref, CONFIG)):
            measure_batch(batch, models, part="p", first_row=0)
            encode_documents(tokenizer, [text for text in batch.column("text").to_pylist() if text])


@cache
def _index():  # type: ignore[no-untyped-def]
    return build_index(benchmark_items(), MEASURE.decontamination)


def _models() -> Models:
    loaded = load_models(MEASURE)
    return Models(loaded.language, loaded.minhasher, _index())


def _batches(texts: list[str]) -> list[pa.RecordBatch]:
    columns = {
        "doc_id": [f"{i:032x}" for i in range(len(texts))],
        "source": ["commoncrawl"] * len(texts),
        "category": ["web"] * len(texts),
        "container": ["c"] * len(texts),
        "num_records": [1] * len(texts),
        "text": texts,
    }
    arrays = [pa.array(columns.get(f.name, [None] * len(texts)), f.type) for f in DOCUMENTS]
    table = pa.Table.from_arrays(arrays, schema=DOCUMENTS)
    return table.to_batches(max_chunksize=256)
