"""A file of a repository as a row of `documents`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pipelines.source_config import GithubConfig
from pipelines.sources.github_files import SourceFile, comment_line
from pipelines.sources.github_licences import FileLicence
from pipelines.sources.github_names import Origin
from pipelines.sources.records import Row

Note = str | int | float | bool


def fill_row(row: Row, file: SourceFile, origin: Origin, licence: FileLicence, options: GithubConfig) -> None:
    """Make a document of a file."""
    row.url = origin.url(file.path)
    row.date = origin.date
    row.license = licence.spdx
    row.title = file.title
    row.media_type = file.media_type
    row.text = file.text
    if options.header:
        words = f"{origin.repository}: {file.path}" if origin.repository else file.path
        row.text = f"{comment_line(file.path, words)}\n{file.text}"
    if file.is_prose:
        row.category = options.docs_category
    notes = {"path": file.path} | origin_notes(origin) | file_notes(file) | licence.notes()
    row.metadata = as_json(notes)


def origin_notes(origin: Origin) -> dict[str, Note]:
    stated = {"repository": origin.repository, "ref": origin.ref, "commit": origin.commit}
    return {name: value for name, value in stated.items() if value} | origin.facts


def file_notes(file: SourceFile) -> dict[str, Note]:
    """What rules may ask of a file; the columns of `pipelines.signals.code` are read from here."""
    kind = file.kind
    notes: dict[str, Note] = dict(file.notes)
    if file.language is not None:
        notes |= {"code_language": file.language.name, "code_kind": file.language.kind}
    notes |= {
        "is_generated": kind.generated,
        "is_vendored": kind.vendored,
        "is_minified": kind.minified,
        "is_lockfile": kind.lockfile,
        "is_test": kind.test,
        "is_documentation": kind.documentation,
    }
    masked = sum(value for name, value in notes.items() if name.startswith("num_masked_") and isinstance(value, int))
    return notes | {"num_masked": masked}


def as_json(notes: Mapping[str, Note]) -> str:
    return json.dumps(dict(notes), ensure_ascii=False, sort_keys=True)
