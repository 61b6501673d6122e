"""`.gitattributes` of a source tree: what its authors say of generated, vendored and documentation files and languages.

Reference: gitattributes(5) and linguist's `docs/overrides.md`: the last line that matches holds, a deeper file holds
over one above it. Cost: a regular expression per line that names one of linguist's attributes and file. Blind spot:
macros (`[attr]`), and files that are not in the archive (`.git/info/attributes`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from extractors.code.globs import path_pattern
from extractors.code.kinds import Kind
from extractors.code.language import Language, language_named

FILE_NAME = ".gitattributes"
MAX_CHARS = 100 * 1024
"""Characters of one `.gitattributes` that are read, inclusive: git's own limit is a thousand times that."""
MAX_LINES = 1000
"""Lines of a tree that count, inclusive; each is tried on each file."""

_FLAGS = {
    "linguist-generated": "generated",
    "linguist-vendored": "vendored",
    "linguist-documentation": "documentation",
}
_LANGUAGES = ("linguist-language", "gitlab-language")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(?:([0-7]{3})|(.))")


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one file; None: nothing."""

    generated: bool | None = None
    vendored: bool | None = None
    documentation: bool | None = None
    language: str | None = None
    """As written; spaces may be dashes."""

    def __str__(self) -> str:
        """As one would write it: `linguist-generated=true linguist-language=C`."""
        flags = {name: getattr(self, kind) for name, kind in _FLAGS.items()} | {_LANGUAGES[0]: self.language}
        words = {name: str(value).lower() if value in (True, False) else value for name, value in flags.items()}
        return " ".join(f"{name}={value}" for name, value in words.items() if value is not None)

    def applied(self, kind: Kind, language: Language | None) -> tuple[Kind, Language | None]:
        """The detected kind and language where nothing is said of them, else what is said."""
        flags = {name: value for name in _FLAGS.values() if (value := getattr(self, name)) is not None}
        named = language_named(self.language) if self.language else None
        return replace(kind, **flags), named or language


NOTHING = Said()


@dataclass(frozen=True, slots=True)
class _Line:
    folder: str
    """Of the file it stands in, with `/`; "" at the top."""
    pattern: re.Pattern[str]
    said: Mapping[str, bool | str | None]


class Attributes:
    """Answers for the files of one tree."""

    def __init__(self, found: Iterable[tuple[str, str]]) -> None:
        """From paths and texts of the tree's `.gitattributes`."""
        lines: list[_Line] = []
        for path, text in sorted(found, key=lambda entry: (entry[0].count("/"), entry[0])):
            folder = path.removesuffix(FILE_NAME)
            lines += _lines(folder, text[:MAX_CHARS])
        self._lines = lines[:MAX_LINES]

    def of(self, path: str) -> Said:
        """What is said of the file at `path` in its tree."""
        said: dict[str, bool | str | None] = {}
        for line in self._lines:
            if path.startswith(line.folder) and line.pattern.fullmatch(path[len(line.folder) :]):
                said.update(line.said)
        return Said(**said) if said else NOTHING  # type: ignore[arg-type]


def _lines(folder: str, text: str) -> list[_Line]:
    found = []
    for line in text.splitlines():
        pattern, words = _parts(line.strip())
        said = _said(words)
        if pattern and said:
            found.append(_Line(folder, path_pattern(pattern, "git"), said))
    return found


def _parts(line: str) -> tuple[str, list[str]]:
    """The pattern of a line and its attributes; an empty pattern for comments, macros and what git does not allow."""
    quoted = _QUOTED.match(line)
    if quoted is not None:
        pattern, rest = _ESCAPE.sub(_unescaped, quoted[1]), line[quoted.end() :]
    else:
        pattern, _, rest = line.replace("\t", " ").partition(" ")
    # a pattern for folders says nothing of the files in them, a negative one is forbidden
    if pattern.startswith(("#", "[attr]", "!")) or pattern.endswith("/"):
        return "", []
    return pattern, rest.split()


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 8)) if match[1] else match[2]


def _said(words: list[str]) -> dict[str, bool | str | None]:
    said: dict[str, bool | str | None] = {}
    for word in words:
        name, _, value = word.partition("=")
        bare = name.lstrip("-!")
        if bare in _FLAGS:
            is_off = name.startswith("-") or value.lower() in ("false", "0", "no", "off")
            said[_FLAGS[bare]] = None if name.startswith("!") else not is_off
        elif bare in _LANGUAGES:
            said["language"] = value.partition("?")[0] or None
    return said
