"""Dumps with a file a row, JSON lines or Parquet, to rows of `documents`: BigQuery's, The Stack's, github-code's.

What the columns are called is the recipe's (`GithubConfig`), the defaults fit these three. The licence is the column's;
a header in the file that says otherwise is a conflict in the metadata. Blind spot: rows of one repository are joined
(`documents: repository`) only where they follow each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from extractors.guard import Limits
from pipelines.sources.accounts import Accounts
from pipelines.sources.github_files import FileFailure, SkipFile, SourceFile, ending, guarded, text_file
from pipelines.sources.github_licences import FileLicence, RepositoryLicences, stated_licence
from pipelines.sources.github_names import Origin
from pipelines.sources.github_repository import Joiner
from pipelines.sources.github_rows import fill_row
from pipelines.sources.jsonl import Record, rows_of_records
from pipelines.sources.records import MALFORMED_LINE, SKIP_BINARY, SKIP_FILE_SIZE, ReaderConfig, Row
from pipelines.transport import ContainerRef

_COUNTS = ("max_stars_count", "stars", "star_events_count")


def read_table(ref: ContainerRef, config: ReaderConfig) -> Iterator[Row]:
    """The rows of one dump file, then the closing row; never raises for what is wrong with it."""
    accounts = Accounts("github", config.source.category, ref.name)
    table = _Table(config, accounts)
    fields = config.source.github.content_fields
    yield from rows_of_records(ref, config, accounts, fields, table.rows_of, table.finish)


class _Table:
    def __init__(self, config: ReaderConfig, accounts: Accounts) -> None:
        self._options = config.source.github
        self._limits = Limits(time_s=config.extraction.time_limit_s, input_bytes=self._options.max_file_bytes)
        self._accounts = accounts
        self._joiner: Joiner | None = None
        self._repository: str | None = None

    def rows_of(self, record: Record) -> Iterable[Row]:
        row = self._accounts.row(f"#{record.number}")
        row.offset, row.length = record.offset, record.length
        if record.fields is None:
            row.error, row.error_detail = record.error, record.detail
            return [row]
        fields = record.fields
        origin = self._origin(fields)
        path = _text(fields, self._options.path_fields) or f"#{record.number}"
        try:
            file, licence = guarded(lambda: self._file(fields, path, origin), self._limits)
        except SkipFile as skip:
            self._accounts.skip(*skip.args)
            return []
        except FileFailure as failure:
            row.error, row.error_detail = failure.args
            row.url = origin.url(path)
            return [row]
        if self._options.documents == "repository":
            return list(self._join(file, licence, row, origin))
        fill_row(row, file, origin, licence, self._options)
        return [row]

    def finish(self) -> Iterator[Row]:
        if self._joiner is not None:
            yield from self._joiner.finish()
            self._joiner = None

    def _join(self, file: SourceFile, licence: FileLicence, row: Row, origin: Origin) -> Iterator[Row]:
        if self._joiner is None or origin.repository != self._repository:
            before = self._joiner
            yield from self.finish()
            first = 0 if before is None else before.num_documents
            self._joiner = Joiner(self._accounts, self._options, origin, first)
            self._repository = origin.repository
        yield from self._joiner.add(file, licence, row)

    def _file(self, fields: Mapping[str, Any], path: str, origin: Origin) -> tuple[SourceFile, FileLicence]:
        """Raises SkipFile and FileFailure."""
        name = next((name for name in self._options.content_fields if name in fields), None)
        content = fields[name] if name is not None else None
        if content is None and (name is not None or fields.get("binary") is True):
            raise SkipFile(SKIP_BINARY, ending(path))  # BigQuery has no content of binary files
        if not isinstance(content, str):
            wanted = " or ".join(self._options.content_fields)
            raise FileFailure(MALFORMED_LINE, f"field {wanted} holds {type(content).__name__}, not text")
        if len(content.encode("utf-8", "replace")) > self._options.max_file_bytes:
            raise SkipFile(SKIP_FILE_SIZE, ending(path))
        file = text_file(path, content, self._options, self._limits, origin.repository or "")
        return file, RepositoryLicences((), (), origin.license).of(path, file.text)

    def _origin(self, fields: Mapping[str, Any]) -> Origin:
        options = self._options
        origin = Origin(_text(fields, options.repository_fields), commit=_text(fields, options.commit_fields))
        origin.date = _text(fields, options.date_fields)
        stated = next((fields[name] for name in options.license_fields if fields.get(name)), None)
        origin.license = stated_licence(stated)
        stars = next((fields[name] for name in _COUNTS if isinstance(fields.get(name), int | float)), None)
        if stars is not None:
            origin.facts["stars"] = int(stars)
        return origin


def _text(fields: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, date):  # datetime is one
            return value.isoformat()
    return None
