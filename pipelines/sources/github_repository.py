"""One document for a repository: its files after each other, READMEs first, each after what it imports.

For long context (phi-4's mid-training wants code above 8,000 tokens; arXiv 2412.08905, section 3.3). Each file begins
with a comment line that names its path, as DeepSeek-Coder's do (arXiv 2401.14196). The row of a document stands for
its first file, the others are counted as skipped (`joined`), so that the books balance. Memory: the texts held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from extractors.code.imports import reading_order
from pipelines.source_config import GithubConfig
from pipelines.sources.accounts import Accounts
from pipelines.sources.github_files import SourceFile, comment_line
from pipelines.sources.github_licences import FileLicence, together
from pipelines.sources.github_names import Origin
from pipelines.sources.github_rows import Note, as_json, origin_notes
from pipelines.sources.records import SKIP_JOINED, SKIP_LEFT_OUT, Row


class Joiner:
    """Collects the files of one repository and hands out its documents."""

    def __init__(
        self,
        accounts: Accounts,
        options: GithubConfig,
        origin: Origin,
        num_documents: int = 0,
    ) -> None:
        """`num_documents` of the container came before this repository's."""
        self._accounts = accounts
        self._options = options
        self._origin = origin
        self._files: dict[str, tuple[SourceFile, FileLicence]] = {}
        self._held_chars = 0
        self.num_documents = num_documents

    def add(self, file: SourceFile, licence: FileLicence, row: Row) -> Iterator[Row]:
        """Take a file in; `row` is the blank one that would stand for it. Documents when there is too much held."""
        wanted = set(self._options.leave_out)
        flag = next((flag for flag in file.flags() if flag in wanted), None)
        if flag is not None:
            self._accounts.skip(SKIP_LEFT_OUT, flag)
            return
        if self._files and self._held_chars + len(file.text) > self._options.max_held_chars:
            yield from self.finish()
        path = file.path if file.path not in self._files else f"{file.path} ({row.doc_id[:8]})"
        self._files[path] = (file, licence)
        self._held_chars += len(file.text)

    def finish(self) -> Iterator[Row]:
        """The documents of the files held, which are then forgotten."""
        order = reading_order({path: file.text for path, (file, _) in self._files.items()})
        for paths in self._parts(order):
            yield self._document(paths)
        self._files, self._held_chars = {}, 0

    def _parts(self, order: Iterable[str]) -> Iterator[list[str]]:
        """The order cut between files where a document would grow over its limit."""
        part: list[str] = []
        num_chars = 0
        for path in order:
            size = len(_section(self._files[path][0]))
            if part and num_chars + len(SEPARATOR) + size > self._options.max_document_chars:
                yield part
                part = []
            num_chars = num_chars + len(SEPARATOR) + size if part else size
            part.append(path)
        if part:
            yield part

    def _document(self, paths: list[str]) -> Row:
        files = [self._files[path][0] for path in paths]
        number = self.num_documents
        self.num_documents += 1
        for _ in paths[1:]:
            self._accounts.skip(SKIP_JOINED, "")
        row = self._accounts.row(f"repository\0{number}")
        row.title = self._origin.repository
        row.url = f"https://github.com/{row.title}" if row.title and "/" in row.title else None
        row.date = self._origin.date
        row.media_type = "text/plain"
        row.text = SEPARATOR.join(map(_section, files))
        licence = together(self._files[path][1] for path in paths)
        row.license = licence.spdx
        row.metadata = as_json(self._notes(files, number) | licence.notes())
        return row

    def _notes(self, files: list[SourceFile], number: int) -> dict[str, Note]:
        languages: Counter[tuple[str, str]] = Counter()
        masked = 0
        for file in files:
            if file.language is not None:
                languages[file.language.name, file.language.kind] += len(file.text)
            masked += sum(
                count for name, count in file.notes.items() if name.startswith("num_masked_") and isinstance(count, int)
            )
        notes: dict[str, Note] = {"num_files": len(files), "part": number, "num_masked": masked}
        if languages:
            name, kind = min(languages, key=lambda found: (found[1] != "programming", -languages[found], found))
            notes |= {"code_language": name, "code_kind": kind}
        return notes | origin_notes(self._origin)


SEPARATOR = "\n"
"""Between two files, each of which ends with a newline: a blank line."""


def _section(file: SourceFile) -> str:
    text = file.text.strip("\n")
    return f"{comment_line(file.path, file.path)}\n{text}\n"
