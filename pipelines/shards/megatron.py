"""Megatron-LM's indexed dataset: `.bin` holds the tokens back to back, `.idx` says where each sequence lies.

Layout read from NVIDIA/Megatron-LM, `megatron/core/datasets/indexed_dataset.py`. One sequence is one document here, its
end-of-document token included; training packs documents end to end and adds none.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

MAGIC: Final = b"MMIDIDX\x00\x00"
VERSION: Final = 1
DTYPE_CODES: Final = {"int32": 4, "uint16": 8}
"""The two of its eight codes that token ids are stored in."""

UINT16_VOCABULARY: Final = 65_500
"""Vocabularies below this are stored in 16 bits (`DType.optimal_dtype`)."""

_CHUNK: Final = 1 << 20


def token_dtype(padded_vocabulary: int) -> Literal["uint16", "int32"]:
    """`uint16` or `int32`, as Megatron itself chooses for a vocabulary."""
    return "uint16" if padded_vocabulary < UINT16_VOCABULARY else "int32"


def index_chunks(lengths: Sequence[npt.NDArray[np.int32]], dtype: str) -> Iterator[bytes]:
    """The bytes of the `.idx` for documents of these lengths in tokens, in order: 42 + 20 bytes a document."""
    sizes = np.concatenate(lengths) if lengths else np.empty(0, np.int32)
    item_size = np.dtype(dtype).itemsize
    yield MAGIC + struct.pack("<QBQQ", VERSION, DTYPE_CODES[dtype], len(sizes), len(sizes) + 1)
    yield sizes.astype("<i4", copy=False).tobytes()
    offset = 0
    for start in range(0, len(sizes), _CHUNK):
        ends = offset + np.cumsum(sizes[start : start + _CHUNK].astype(np.int64) * item_size)
        yield np.concatenate(([offset], ends[:-1])).astype("<i8").tobytes()
        offset = int(ends[-1])
    for start in range(0, len(sizes) + 1, _CHUNK):
        yield np.arange(start, min(start + _CHUNK, len(sizes) + 1), dtype="<i8").tobytes()
