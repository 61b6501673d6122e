"""A reader of Megatron's `.bin` and `.idx`, from the description of the format alone; it knows nothing of the writer.

`.idx`, little-endian: 9 bytes `MMIDIDX\\0\\0`; uint64 version 1; uint8 code of the ids' type; uint64 number of
sequences S; uint64 number of entries D of the document array; int32[S] tokens of each sequence; int64[S] byte offset of
each in `.bin`; int64[D] document array: the number of the first sequence of each document, and S at the end.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TYPES = {
    1: np.uint8,
    2: np.int8,
    3: np.int16,
    4: np.int32,
    5: np.int64,
    6: np.float64,
    7: np.float32,
    8: np.uint16,
}


@dataclass
class IndexedDataset:
    code: int
    sequences: list[np.ndarray]
    documents: list[int]


def read(prefix: Path) -> IndexedDataset:
    index = Path(f"{prefix}.idx").read_bytes()
    content = Path(f"{prefix}.bin").read_bytes()
    magic, version, code, num_sequences, num_entries = struct.unpack_from("<9sQBQQ", index, 0)
    assert magic == b"MMIDIDX\0\0"
    assert version == 1
    position = 34
    lengths = struct.unpack_from(f"<{num_sequences}i", index, position)
    position += 4 * num_sequences
    offsets = struct.unpack_from(f"<{num_sequences}q", index, position)
    position += 8 * num_sequences
    documents = struct.unpack_from(f"<{num_entries}q", index, position)
    assert position + 8 * num_entries == len(index)
    assert documents[0] == 0
    assert documents[-1] == num_sequences
    kind = np.dtype(TYPES[code]).newbyteorder("<")
    sequences = [
        np.frombuffer(content, kind, count=length, offset=offset)
        for length, offset in zip(lengths, offsets, strict=True)
    ]
    assert sum(sequence.nbytes for sequence in sequences) == len(content)
    return IndexedDataset(code, sequences, list(documents))
