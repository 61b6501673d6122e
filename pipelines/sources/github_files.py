"""One file of a repository: its text, or why it has none, and all that is known of it.

A file's text is the file itself: newlines become `\n`, a byte order mark goes, secrets are masked; it is not brought to
NFC, since a program may mean the difference. Notebooks are the exception. Cost: 1 ms a file, most of it for masking and
licence headers. Blind spot: a file in several character sets is read in one.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from extractors import charset, notebook
from extractors.code.attributes import NOTHING, Said
from extractors.code.kinds import Kind, is_binary, kind_of
from extractors.code.language import Language, language_of
from extractors.code.licences.names import is_licence_file
from extractors.code.secrets import is_only_masks, mask
from extractors.guard import Limits, Watch, guard
from extractors.result import Extraction
from pipelines.source_config import FileFlag, GithubConfig
from pipelines.sources.records import SKIP_BINARY, SKIP_EMPTY_FILE, SKIP_POINTER

MAX_REPLACED_RATIO: Final = 0.01
"""Characters without meaning in the charset that fits best, above which a file is no text, exclusive."""
NOTEBOOK_LANGUAGE: Final = "Jupyter Notebook"
_NOT_RENAMED: Final = frozenset((NOTEBOOK_LANGUAGE, "HTML"))
"""Languages of files that people name otherwise only for GitHub's statistics, by `linguist-language`."""

_DECLARED: Final = re.compile(rb"\A(?:[^\n]*\n)?[^\n]{0,200}coding[:=][ \t]*([-\w.]{1,40})")
"""PEP 263, as editors too read it."""
_LFS: Final = b"version https://git-lfs.github.com/spec/"

_SLASHES: Final = (
    *(".c", ".h", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".cs", ".java", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx"),
    *(".go", ".rs", ".swift", ".kt", ".scala", ".php", ".dart", ".m", ".mm", ".groovy", ".zig", ".proto", ".cu"),
)
_LINE_COMMENTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(_SLASHES, "// {}"),
    **dict.fromkeys((".sql", ".hs", ".lua", ".adb", ".ads", ".elm"), "-- {}"),
    **dict.fromkeys((".lisp", ".el", ".clj", ".scm", ".rkt", ".asm", ".ini"), "; {}"),
    **dict.fromkeys((".tex", ".erl", ".sty", ".bib"), "% {}"),
    **dict.fromkeys((".md", ".markdown", ".html", ".htm", ".xml", ".vue", ".svelte", ".svg"), "<!-- {} -->"),
    **dict.fromkeys((".css", ".scss", ".less"), "/* {} */"),
    **dict.fromkeys((".rst",), ".. {}"),
    **dict.fromkeys((".vim",), '" {}'),
}
"""How a line becomes a comment, by the ending of the file's name; `#` in others."""


T = TypeVar("T")


class SkipFile(Exception):
    """The file has no text; reason and value."""


class FileFailure(Exception):
    """The file should have a text and cannot be read; code and detail."""


@dataclass(slots=True)
class SourceFile:
    """A file with its text."""

    path: str
    """In its repository."""
    text: str
    kind: Kind
    language: Language | None = None
    media_type: str = "text/plain"
    title: str | None = None
    notes: dict[str, str | int | float | bool] = field(default_factory=dict)

    @property
    def is_prose(self) -> bool:
        return self.language is not None and self.language.kind == "prose"

    def note_said(self, said: Said) -> None:
        """Take what `.gitattributes` says of the file over what its name and text tell, but for `_NOT_RENAMED`."""
        if self.language is not None and self.language.name in _NOT_RENAMED:
            said = replace(said, language=None)
        if said == NOTHING:
            return
        detected = self.kind, self.language
        self.kind, self.language = said.applied(*detected)
        if (self.kind, self.language) != detected:
            self.notes["says_gitattributes"] = str(said)

    def flags(self) -> tuple[FileFlag, ...]:
        """What it is besides source code."""
        found: list[FileFlag] = ["license_text"] if is_licence_file(self.path) else []
        found += [name for name in _FLAGS if getattr(self.kind, name)]
        if self.language is not None and self.language.kind == "data":
            found.append("data")
        return tuple(found)


_FLAGS: Final[tuple[FileFlag, ...]] = ("lockfile", "minified", "generated", "vendored", "encoded_data")


def guarded(make: Callable[[], T], limits: Limits) -> T:
    """What `make` gives, under the limits and the guard of all extractors. Raises SkipFile and FileFailure."""
    found: list[T | SkipFile | FileFailure] = []

    def run(_watch: Watch) -> Extraction:
        try:
            found.append(make())
        except (SkipFile, FileFailure) as outcome:
            found.append(outcome)
        return Extraction("")

    if (error := guard(run, limits).error) is not None:
        raise FileFailure(error.code, str(error))
    if isinstance(found[0], SkipFile | FileFailure):
        raise found[0]
    return found[0]


def ending(path: str) -> str:
    """The ending of a file's name in lower case, or all of the name: what a file is counted under."""
    name = posixpath.basename(path)
    stem, dot, end = name.rpartition(".")
    return f".{end.lower()}" if dot and stem else name


def read_file(path: str, data: bytes, config: GithubConfig, limits: Limits, repository: str = "") -> SourceFile:
    """The file `path` of a repository with the bytes `data`. Raises SkipFile and FileFailure."""
    if data.startswith(_LFS) and len(data) < 1024:
        raise SkipFile(SKIP_POINTER, "git-lfs")
    if is_binary(data):
        raise SkipFile(SKIP_BINARY, ending(path))
    text, encoding = _decoded(path, data)
    file = text_file(path, text, config, limits, repository)
    if encoding != "utf-8":
        file.notes["charset"] = encoding
    return file


def text_file(path: str, text: str, config: GithubConfig, limits: Limits, repository: str = "") -> SourceFile:
    """The file `path` with a text that is decoded already. Raises SkipFile and FileFailure."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if not text.strip():
        raise SkipFile(SKIP_EMPTY_FILE, ending(path))
    kind = kind_of(path, text, repository)
    file = SourceFile(path, text, kind, language_of(path, text), title=posixpath.basename(path))
    if path.lower().endswith(".ipynb"):
        _read_notebook(file, config, limits)
    elif file.is_prose and file.language is not None and file.language.name == "Markdown":
        file.media_type = "text/markdown"
    if config.mask:
        file.text, counts = mask(file.text)
        if is_only_masks(file.text):
            raise SkipFile(SKIP_EMPTY_FILE, ending(path))
        file.notes |= {f"num_masked_{name.lower()}": count for name, count in sorted(counts.items()) if count}
    return file


def _read_notebook(file: SourceFile, config: GithubConfig, limits: Limits) -> None:
    found = notebook.extract(file.text, notebook.Options(form=config.notebooks, limits=limits))
    if found.error is not None:
        raise FileFailure(found.error.code, str(found.error))
    if not found.text:
        raise SkipFile(SKIP_EMPTY_FILE, ending(file.path))
    notes = dict(found.metadata)
    file.notes |= {"notebook_language": notes.pop("language"), **{name: int(count) for name, count in notes.items()}}
    file.text, file.media_type = found.text, "application/x-ipynb+json"
    file.language = Language(NOTEBOOK_LANGUAGE, "markup")
    file.title = found.title or file.title
    file.kind = kind_of(file.path.removesuffix(".ipynb") + ".notebook", found.text)


def _decoded(path: str, data: bytes) -> tuple[str, str]:
    """The characters and the charset's name."""
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        declared = _DECLARED.match(data)
    label = declared[1].decode("ascii") if declared else None
    found = charset.decode(data, label)
    if found.num_replaced > MAX_REPLACED_RATIO * len(found.text) or charset.undecodable(found.text):
        raise SkipFile(SKIP_BINARY, ending(path))
    return found.text, found.charset


def comment_line(path: str, words: str) -> str:
    """A line that says `words`, a comment in the language of the file `path`."""
    return _LINE_COMMENTS.get(posixpath.splitext(path)[1].lower(), "# {}").format(words)
