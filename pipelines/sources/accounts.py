"""The accounts of one container: what was read, skipped and failed, so that the sum is the records there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pipelines.schemas import CONTAINER_END
from pipelines.sources.records import MAX_VALUE_CHARS, Row, document_id


class Accounts:
    """Makes the rows of one container, or of one part of it, that are not documents."""

    def __init__(self, source: str, category: str, container: str, start: int = 0) -> None:
        """`start` is where the part of the container begins that is read, for one that tasks share."""
        self.source = source
        self._part = f"\0{start}" if start else ""
        self.category = category
        self.container = container
        self._skipped: Counter[tuple[str, str]] = Counter()

    def row(self, locator: str | int) -> Row:
        """A blank row that stands for one record."""
        doc_id = document_id(self.source, self.container, locator)
        return Row(doc_id, self.source, self.category, container=self.container)

    def skip(self, reason: str, value: str) -> None:
        """Count a record that is not wanted; it gets its row when the container is closed."""
        self._skipped[reason, value[:MAX_VALUE_CHARS]] += 1

    def failed(self, locator: str | int, error: str, detail: str) -> Row:
        row = self.row(locator)
        row.error, row.error_detail = error, detail
        return row

    def close(self, num_seen: int) -> Iterator[Row]:
        """One row for each (reason, value), sorted, then the closing row.

        `num_seen` is the number of records that framing found, counted there and not here.
        """
        for (reason, value), count in sorted(self._skipped.items()):
            row = self.row(f"{reason}\0{value}{self._part}")
            row.skip_reason, row.skip_value, row.num_records = reason, value, count
            yield row
        row = self.row(CONTAINER_END + self._part)
        row.skip_reason, row.skip_value, row.num_records = CONTAINER_END, str(num_seen), 0
        yield row
