"""The three files of one shard, written as its documents come: never more than a batch of tokens in memory."""

from __future__ import annotations

import hashlib
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.errors import BooksDoNotBalance
from pipelines.shards.index import FileFacts, ShardFacts, TokenizerFacts
from pipelines.shards.lineage import LineageWriter
from pipelines.shards.megatron import index_chunks, token_dtype
from pipelines.storage import Storage


class DigestedStream:
    """A file being written whose size and sha256 are known when it is closed."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._sha256 = hashlib.sha256()
        self._bytes = 0

    @property
    def closed(self) -> bool:
        return self._stream.closed

    def write(self, content: bytes | memoryview | pa.Buffer) -> int:
        view = memoryview(content)
        self._stream.write(view)
        self._sha256.update(view)
        self._bytes += view.nbytes
        return view.nbytes

    def tell(self) -> int:
        return self._bytes

    def flush(self) -> None:
        """Nothing to do: only closed files are read."""

    def close(self) -> None:
        self._stream.close()

    def facts(self) -> FileFacts:
        return FileFacts(bytes=self._bytes, sha256=self._sha256.hexdigest())


class ShardFiles:
    """One shard in the making: inside `with`, `append` its documents in order, then `close`."""

    def __init__(self, folder: Storage, name: str, tokenizer: TokenizerFacts) -> None:
        self._folder = folder
        self._name = name
        self._tokenizer = tokenizer
        self._dtype = token_dtype(tokenizer.padded_vocabulary)
        self._bin = DigestedStream(folder.open_output(f"{name}.bin"))
        self._parquet = DigestedStream(folder.open_output(f"{name}.parquet"))
        self._lineage = LineageWriter(self._parquet)  # type: ignore[arg-type]  # as much of a file as Parquet needs
        self._lengths: list[npt.NDArray[np.int32]] = []
        self._num_tokens = 0
        self._num_documents = 0

    def __enter__(self) -> ShardFiles:
        return self

    def __exit__(self, *_failure: object) -> None:
        if not self._bin.closed:
            self._close_streams()

    def append(self, documents: pa.RecordBatch) -> None:
        """Write documents given as `doc_id`, `epoch`, `num_tokens` and `tokens` (see TOKENS).

        Raises BooksDoNotBalance for tokens that are not as many as stated, not all of the vocabulary, or not ended by
        the end-of-document token, each document by one.
        """
        num_tokens = documents.column("num_tokens").to_numpy()
        stream = _stream(documents.column("tokens"))
        self._check(stream, num_tokens)
        self._bin.write(pa.py_buffer(stream.astype(np.dtype(self._dtype).newbyteorder("<"), copy=False)))
        self._lengths.append(num_tokens.astype(np.int32))
        epochs = documents.column("epoch").cast(pa.int32())
        self._lineage.append(documents.column("doc_id"), epochs, num_tokens)
        self._num_tokens += len(stream)
        self._num_documents += documents.num_rows

    def close(self) -> ShardFacts:
        """Write the index and close the files."""
        self._close_streams()
        idx = DigestedStream(self._folder.open_output(f"{self._name}.idx"))
        for chunk in index_chunks(self._lengths, self._dtype):
            idx.write(chunk)
        idx.close()
        return ShardFacts(
            name=self._name,
            tokens=self._num_tokens,
            documents=self._num_documents,
            bin=self._bin.facts(),
            idx=idx.facts(),
            parquet=self._parquet.facts(),
        )

    def _close_streams(self) -> None:
        self._lineage.close()
        self._parquet.close()
        self._bin.close()

    def _check(self, stream: npt.NDArray[np.int32], num_tokens: npt.NDArray[np.int64]) -> None:
        if len(stream) != num_tokens.sum() or len(stream) == 0:
            raise BooksDoNotBalance(f"{self._name}: {num_tokens.sum():,} tokens stated, {len(stream):,} there")
        if stream.min() < 0 or stream.max() >= self._tokenizer.padded_vocabulary:
            raise BooksDoNotBalance(
                f"{self._name}: token ids {stream.min():,} to {stream.max():,} do not fit a vocabulary of "
                f"{self._tokenizer.padded_vocabulary:,}"
            )
        ends = np.flatnonzero(stream == self._tokenizer.end_of_document) + 1
        if not np.array_equal(ends, np.cumsum(num_tokens)):
            raise BooksDoNotBalance(
                f"{self._name}: {len(num_tokens):,} documents, but the end-of-document token "
                f"{self._tokenizer.end_of_document} does not end each of them once; tokenize again with this recipe"
            )


def _stream(tokens: pa.Array) -> npt.NDArray[np.int32]:
    """The tokens of consecutive documents, as they lie in the column's buffer."""
    wide = tokens.cast(pa.large_binary())
    _validity, offsets, values = wide.buffers()
    bounds = np.frombuffer(offsets, np.int64)[wide.offset : wide.offset + len(wide) + 1]
    content: npt.NDArray[np.int32] = np.frombuffer(values, np.uint8)[bounds[0] : bounds[-1]].view("<i4")
    return content
