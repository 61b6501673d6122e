"""datatrove's equivalents of our steps, called directly on the same pages.

Its reader wants libmagic and its language filter a download, so the path reads with warcio, as that reader does, and
has no language filter. Its tokenizer step is Hugging Face's library; it gets the vocabulary that ours has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from tempfile import mkdtemp

from extractors import charset
from pipelines.transport import ContainerRef
from tests.bench.ours import Page, Step

NAME = "datatrove"


def steps(refs: list[ContainerRef], pages: list[Page], texts: list[str]) -> dict[str, Step]:
    """Its steps under the names of ours. Its filters judge one document in our order; all four look at each."""
    html = [charset.decode(page.html, page.charset).text for page in pages]
    extract, filters, sign, encode = _extractor(), _filters(), _signer(), _encoder()
    n = len(texts)

    def path() -> None:
        for page in _read(refs):
            text = extract(page)
            if text:
                filters(text)
                sign(text)
                encode(text)

    return {
        "extract": (len(pages), lambda: [extract(page) for page in html]),
        "heuristics (Gopher, C4, FineWeb)": (n, lambda: [filters(text) for text in texts]),
        "signatures": (n, lambda: [sign(text) for text in texts]),
        "tokens": (n, lambda: [encode(text) for text in texts]),
        "WARC → tokens": (len(pages), path),
    }


def _read(refs: list[ContainerRef]) -> Iterator[str]:
    """HTML of the response records, decoded as its reader does: UTF-8, else what is detected."""
    from warcio.archiveiterator import ArchiveIterator

    for ref in refs:
        with open(ref.uri, "rb") as stream:
            for record in ArchiveIterator(stream):
                headers = record.http_headers if record.rec_type == "response" else None
                if headers is not None and "html" in (headers.get_header("Content-Type") or ""):
                    yield charset.decode(record.content_stream().read(), None).text


def _encoder() -> Callable[[str], object]:
    """cl100k_base as a Hugging Face tokenizer, from the merges that rs_bpe carries."""
    import os

    from rs_bpe.bpe import openai
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    encoder = openai.cl100k_base().bpe()
    tokens = [bytes(encoder.decode_tokens([rank])) for rank in range(100_256)]
    ranks = {token: rank for rank, token in enumerate(tokens)}
    spelled = _byte_spelling()
    merges = [
        tuple("".join(spelled[byte] for byte in part) for part in _halves(token, ranks))
        for token in tokens
        if len(token) > 1
    ]
    vocabulary = {"".join(spelled[byte] for byte in token): rank for token, rank in ranks.items()}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    pattern = (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    )
    split = pre_tokenizers.Split(Regex(pattern), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(False, use_regex=False)])
    return tokenizer.encode


def _halves(token: bytes, ranks: dict[bytes, int]) -> list[bytes]:
    """The two tokens whose merge is this one: what byte pair encoding is left with before its last step."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        pairs = [ranks.get(a + b, len(ranks)) for a, b in pairwise(parts)]
        best = min(range(len(pairs)), key=pairs.__getitem__)
        parts[best : best + 2] = [parts[best] + parts[best + 1]]
    return parts


def _byte_spelling() -> dict[int, str]:
    """GPT-2's printable character for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + n) for n, byte in enumerate(others)}


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
