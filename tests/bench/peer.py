"""datatrove's equivalents of our steps, called directly on the same pages."""

from __future__ import annotations

from collections.abc import Callable
from tempfile import mkdtemp

from extractors import charset
from tests.bench.ours import Page, Step

NAME = "datatrove"


def steps(pages: list[Page], texts: list[str]) -> dict[str, Step]:
    """Its steps under the names of ours. Its filters judge one document in our order; all four look at each."""
    html = [charset.decode(page.html, page.charset).text for page in pages]
    extract, filters, sign = _extractor(), _filters(), _signer()
    n = len(texts)

    def path() -> None:
        for page in html:
            text = extract(page)
            if text:
                filters(text)
                sign(text)

    return {
        "extract": (len(pages), lambda: [extract(page) for page in html]),
        "heuristics (Gopher, C4, FineWeb)": (n, lambda: [filters(text) for text in texts]),
        "signatures": (n, lambda: [sign(text) for text in texts]),
        "WARC → tokens": (len(pages), path),
    }


def _extractor() -> Callable[[str], str | None]:
    from datatrove.pipeline.extractors import Trafilatura

    step = Trafilatura(favour_precision=True)

    def run(page: str) -> str | None:
        try:
            return step.extract(page)
        except Exception:  # noqa: BLE001 - the peer's own failures are not what is measured
            return None

    return run


def _filters() -> Callable[[str], list[object]]:
    from datatrove.data import Document
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
    )

    chain = [
        GopherRepetitionFilter(),
        GopherQualityFilter(),
        C4QualityFilter(filter_no_terminal_punct=False),
        FineWebQualityFilter(),
    ]
    return lambda text: [step.filter(Document(text=text, id="0")) for step in chain]


def _signer() -> Callable[[str], object]:
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupSignature

    step = MinhashDedupSignature(mkdtemp(prefix="gristmill-bench-"), MinhashConfig(num_buckets=14, hashes_per_bucket=8))

    def sign(text: str) -> object:
        shingles = step.get_shingles(text)
        return step.get_signature(shingles) if shingles.size else None

    return sign
