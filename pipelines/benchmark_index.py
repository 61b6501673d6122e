"""Which benchmark items hold which n-grams: built once by the driver, loaded by each worker.

Sorted arrays of 64-bit hashes, not strings: 43,701 items take 90 MB, a look-up of a page's grams 0.05 ms.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Final, Literal

import numpy as np
import numpy.typing as npt

from pipelines.errors import BenchmarkError

Hashes = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

FORMAT: Final = 1
_FILTER_SHIFT: Final = np.uint64(40)


@dataclass(frozen=True)
class GramTable:
    """For each gram the items that hold it."""

    grams: Hashes
    """Distinct hashes, ascending."""
    starts: npt.NDArray[np.uint32]
    """Where the items of gram i begin in `items`; one more entry than grams."""
    items: npt.NDArray[np.uint32]
    """Numbers of items, ascending within a gram."""
    _filter: npt.NDArray[np.bool_] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        taken = np.zeros(1 << (64 - int(_FILTER_SHIFT)), np.bool_)
        taken[self.grams >> _FILTER_SHIFT] = True
        object.__setattr__(self, "_filter", taken)

    @staticmethod
    def build(grams_of_items: Sequence[Hashes], without: Hashes | None = None) -> GramTable:
        """The table of items 0, 1, …, each given by its distinct grams; grams in `without` are left out."""
        sizes = np.array([len(grams) for grams in grams_of_items], np.int64)
        keys = np.concatenate([np.empty(0, np.uint64), *grams_of_items])
        items = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)
        if without is not None and len(without):
            kept = ~np.isin(keys, without)
            keys, items = keys[kept], items[kept]
        order = np.argsort(keys, kind="stable")  # stable: items stay ascending within a gram
        grams, starts = np.unique(keys[order], return_index=True)
        return GramTable(grams, np.append(starts, len(keys)).astype(np.uint32), items[order])

    def find(self, grams: Hashes) -> tuple[Ints, Ints]:
        """Which of `grams` are in the table: their places in `grams`, ascending, and their rows here."""
        likely = np.flatnonzero(self._filter[grams >> _FILTER_SHIFT])
        if not len(likely):
            return likely, likely
        rows = np.searchsorted(self.grams, grams[likely])
        rows[rows == len(self.grams)] = 0
        found = self.grams[rows] == grams[likely]
        return likely[found], rows[found]

    def items_of(self, rows: Ints) -> tuple[npt.NDArray[np.uint32], Ints]:
        """The items of several rows end to end, and beside each the place of its row in `rows`."""
        starts = self.starts[rows].astype(np.int64)
        sizes = self.starts[rows + 1].astype(np.int64) - starts
        places = np.repeat(np.arange(len(rows)), sizes)
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.items[starts[places] + within], places

    def first_item(self, row: int) -> int:
        return int(self.items[self.starts[row]])


@dataclass(frozen=True)
class BenchmarkIndex:
    """The 13-grams and 7-grams of all benchmark items."""

    mode: Literal["phi4", "clean"]
    """How their words, and so those of documents, are found (see `decontamination.words_of`)."""
    item_ids: tuple[str, ...]
    long: GramTable
    short: GramTable
    short_sizes: Ints
    """Distinct 7-grams of each item."""

    def save(self, file: IO[bytes]) -> None:
        """Write as `.npz` with names and dates fixed, so that equal indexes are equal bytes."""
        head = {"format": FORMAT, "mode": self.mode, "item_ids": self.item_ids}
        arrays = {
            "head": np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), np.uint8),
            "short_sizes": self.short_sizes,
            **{f"long_{name}": getattr(self.long, name) for name in ("grams", "starts", "items")},
            **{f"short_{name}": getattr(self.short, name) for name in ("grams", "starts", "items")},
        }
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in arrays.items():
                content = io.BytesIO()
                np.lib.format.write_array(content, array, allow_pickle=False)
                archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content.getbuffer())

    @staticmethod
    def load(file: IO[bytes]) -> BenchmarkIndex:
        """Read what `save` wrote. Raises BenchmarkError for anything else."""
        try:
            arrays = np.load(file, allow_pickle=False)
            head = json.loads(arrays["head"].tobytes())
            if head["format"] != FORMAT:
                raise BenchmarkError(f"a benchmark index of format {head['format']}, not {FORMAT}: build it anew")
            tables = (GramTable(*(arrays[f"{n}_{part}"] for part in ("grams", "starts", "items"))) for n in _TABLES)
            long, short = tables
            return BenchmarkIndex(head["mode"], tuple(head["item_ids"]), long, short, arrays["short_sizes"])
        except (ValueError, KeyError, OSError, zipfile.BadZipFile, EOFError) as error:
            if isinstance(error, BenchmarkError):
                raise
            raise BenchmarkError(f"not a benchmark index: {error}") from error


_TABLES: Final = ("long", "short")
