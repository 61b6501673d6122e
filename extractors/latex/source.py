"""Files of a submission: decoding them, finding the one TeX starts from, following names from file to file.

Reference: arXiv's AutoTeX picks the main file by `\\documentclass`; kpathsea's lookup adds `.tex`. Beyond them: case
is ignored where nothing else matches. Cost: one regex pass per file. Blind spot: names made by macros are resolved by
the engine only, not by `flatten`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from extractors import charset as charsets

TEX_SUFFIXES = (".tex", ".ltx", ".latex")
TEXT_SUFFIXES = (*TEX_SUFFIXES, ".txt", ".bbl", ".sty", ".cls", ".clo", ".def", ".inc", ".cfg", ".pdf_tex", ".pstex_t")
_OTHER_SUFFIXES = (".sty", ".cls", ".clo", ".def", ".bbl", ".bib", ".bst", ".cfg", ".fd", ".eps", ".ps", ".pdf")
MAX_HEAD_CHARS = 200_000
"""Characters of a file in which its document class is looked for."""
MAX_SIZE = 100_000
SIZE_PER_POINT = 10_000
"""Bytes of a file, and of those it reads, that weigh as one point; more than `MAX_SIZE` say nothing more."""
MAX_FLATTEN_CHARS = 64 * 2**20

_INPUTENC = re.compile(rb"^[^%\n]*\\(?:usepackage|RequirePackage)\s*\[([\w-]+)\]\s*\{(?:inputenc|inputenx)\}", re.M)
_INPUTENC_CODECS = {
    "latin1": "cp1252",
    "latin2": "iso8859_2",
    "latin3": "iso8859_3",
    "latin4": "iso8859_4",
    "latin5": "iso8859_9",
    "latin9": "iso8859_15",
    "latin10": "iso8859_16",
    "ansinew": "cp1252",
    "applemac": "mac_roman",
    "macce": "mac_latin2",
    "koi8-r": "koi8_r",
    "koi8-u": "koi8_u",
    "iso88595": "iso8859_5",
    "iso88597": "iso8859_7",
    "utf8": "utf-8",
    "utf8x": "utf-8",
}
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
"""Characters that no paper prints; some are marks of this package's own."""
_CLASS = re.compile(r"^[^%\n]*\\document(?:class|style)\b", re.M)
_BEGIN = re.compile(r"^[^%\n]*\\begin\s*\{document\}", re.M)
_END = re.compile(r"\\end\s*\{document\}")
_PLAIN_END = re.compile(r"(?m)^[^%\n]*\\(?:bye|end|enddocument|endinput)\b")
_STANDALONE = re.compile(r"\\documentclass\s*+(?:\[[^\]]*\]\s*+)?\{(?:standalone|subfiles|letter|ctexbeamer|beamer)\}")
_TEX_COMMAND = re.compile(r"\\(?:input|section|def|begin|magnification|font|centerline|title|chapter|topmatter)\b")
_TITLE = re.compile(r"^[^%\n]*\\(?:title|maketitle|titlerunning)\b", re.M)
_ABSTRACT = re.compile(r"\\begin\s*\{abstract\}|\\abstract\b")
_LIKELY_NAMES = ("main", "ms", "paper", "article", "arxiv", "manuscript", "draft", "root")
_UNLIKELY_NAMES = re.compile(r"suppl|response|cover|reply|rebuttal|referee|template|sample|example|appendi|diff|readme")
_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*")
_INCLUDE = re.compile(
    r"\\(?P<verb>verb\*?(?P<bar>[^a-zA-Z\s*]).*?(?P=bar))"
    r"|\\begin\s*\{(?P<raw>verbatim\*?|lstlisting|minted|Verbatim|comment|alltt)\}"
    r"|\\(?P<two>import|subimport|inputfrom|subinputfrom|includefrom)\*?\s*\{(?P<folder>[^{}]*)\}\s*\{(?P<from>[^{}]+)\}"
    r"|\\(?P<one>input|include|subfile|subfileinclude|@input|InputIfFileExists)"
    r"(?:\s*\{\s*\"?(?P<braced>[^{}\"]+)\"?\s*\}|[ \t]+\"?(?P<bare>[^\s{}\\%\"]+)\"?)"
)


def decode(data: bytes, declared: str | None = None) -> str:
    """Text of a TeX file: by BOM, as UTF-8 where it is valid, as declared by `inputenc`, else as detected."""
    if data.isascii():
        text = data.decode("ascii")
    elif declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode(declared, "replace")
    else:
        text = charsets.decode(data).text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text)


def declared_charset(data: bytes) -> str | None:
    """Codec of the file's `inputenc` option, None where there is none that is known."""
    found = _INPUTENC.search(data)
    if not found:
        return None
    name = found[1].decode("ascii").lower()
    return _INPUTENC_CODECS.get(name) or charsets.codec_name(name)


def is_hidden(path: str) -> bool:
    """AppleDouble and resource-fork members, and those outside the submission's own folder."""
    parts = path.split("/")
    return parts[-1].startswith("._") or "__MACOSX" in parts or ".." in parts or path.startswith("/")


class Files:
    """Members of one submission by path, decoded when first asked for."""

    def __init__(self, members: Mapping[str, bytes], input_bytes: int | None = None) -> None:
        self.members: dict[str, bytes] = {}
        self.num_left_out = 0
        left = input_bytes if input_bytes is not None else -1
        for path, data in members.items():
            clean = posixpath.normpath(path.replace("\\", "/"))
            if is_hidden(clean):
                continue
            if left >= 0:
                if len(data) > left:
                    self.num_left_out += 1
                    continue
                left -= len(data)
            self.members[clean] = data
        self.declared: str | None = None
        self._texts: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        for path in self.members:
            self._folded.setdefault(path.lower(), path)

    def text(self, path: str) -> str:
        found = self._texts.get(path)
        if found is None:
            found = self._texts[path] = decode(self.members[path], self.declared)
        return found

    def forget(self, declared: str | None) -> None:
        """Decode anew, with the charset the main file declares."""
        self.declared = declared
        self._texts.clear()

    def resolve(self, name: str, folders: Iterable[str] = ("",), suffixes: Iterable[str] = (".tex", "")) -> str | None:
        """Path of the member that `name` means, looked for from each of `folders`, None where there is none."""
        name = name.strip().strip('"').replace("\\", "/")
        if not name or len(name) > 400:
            return None
        folders = list(dict.fromkeys((*folders, "")))
        suffixes = list(suffixes)
        for folder in folders:
            for suffix in suffixes:
                path = posixpath.normpath(posixpath.join(folder, name + suffix))
                found = path if path in self.members else self._folded.get(path.lower())
                if found is not None:
                    return found
        return None


@dataclass(frozen=True, slots=True)
class _Look:
    """What one file looks like from outside."""

    has_class: bool
    has_begin: bool
    has_title: bool
    has_abstract: bool
    is_tex: bool
    is_standalone: bool
    uses: tuple[str, ...]
    """Members that it reads."""


def find_main(files: Files) -> str | None:
    """The file TeX starts from: the likeliest of those with a document class, else of those that are plain TeX."""
    looks = {path: _look(files, path) for path in sorted(files.members) if _may_be_tex(files, path)}
    used = {target for path, look in looks.items() for target in look.uses if target != path}
    best: tuple[float, str] | None = None
    for path, look in looks.items():
        if not look.is_tex:
            continue
        score = _score(files, path, looks) - 30 * (path in used)
        if best is None or score > best[0]:
            best = (score, path)
    return best[1] if best else None


def _may_be_tex(files: Files, path: str) -> bool:
    suffix = posixpath.splitext(path)[1].lower()
    data = files.members[path]
    if suffix in _OTHER_SUFFIXES or b"\\" not in data or data[:5] in (b"%PDF-", b"%!PS-"):
        return False
    return suffix in (*TEX_SUFFIXES, "", ".txt") or b"\\documentclass" in data[:20_000]


def _look(files: Files, path: str) -> _Look:
    text = files.text(path)[:MAX_HEAD_CHARS]
    folder = posixpath.dirname(path)
    names = (found["braced"] or found["bare"] or found["from"] for found in _INCLUDE.finditer(text))
    uses = dict.fromkeys(files.resolve(name, (folder,)) for name in names if name)
    has_class, has_begin = bool(_CLASS.search(text)), bool(_BEGIN.search(text))
    return _Look(
        has_class,
        has_begin,
        bool(_TITLE.search(text)),
        bool(_ABSTRACT.search(text)),
        has_class or has_begin or bool(_TEX_COMMAND.search(text) or _PLAIN_END.search(text)),
        bool(_STANDALONE.search(text)),
        tuple(target for target in uses if target and target != path),
    )


def _score(files: Files, path: str, looks: Mapping[str, _Look]) -> float:
    """How likely TeX starts here; what the files it reads hold counts as its own."""
    look = looks[path]
    parts = [look, *(looks[target] for target in look.uses if target in looks)]
    size = sum(len(files.members[target]) for target in (path, *look.uses))
    name = posixpath.splitext(posixpath.basename(path))[0].lower()
    score = 40.0 * look.has_class + 20.0 * any(part.has_begin for part in parts)
    score += 10.0 * any(part.has_title for part in parts) + 5.0 * any(part.has_abstract for part in parts)
    score += 4.0 * (name in _LIKELY_NAMES) - 12.0 * bool(_UNLIKELY_NAMES.search(name)) - 3.0 * path.count("/")
    score -= 35.0 * look.is_standalone + 15.0 * (path.lower().endswith(".txt") and not look.has_class)
    return score + min(size, MAX_SIZE) / SIZE_PER_POINT


def flatten(files: Mapping[str, bytes], main: str | None = None) -> str:
    """Source text of `main` (found where None) with the files it reads put in place; "" where there is no main file."""
    members = Files(files)
    if main is None:
        main = find_main(members)
    if main is None or main not in members.members:
        return ""
    members.forget(declared_charset(members.members[main]))
    pieces: list[str] = []
    budget = [MAX_FLATTEN_CHARS]
    _flatten(members, main, (posixpath.dirname(main),), pieces, {}, budget)
    return "".join(pieces)


def _flatten(
    files: Files, path: str, folders: tuple[str, ...], out: list[str], uses: dict[str, int], budget: list[int]
) -> None:
    uses[path] = uses.get(path, 0) + 1
    text = files.text(path)
    if len(uses) > 1 and _BEGIN.search(text):
        text = between(text)
    done = 0
    budget[0] -= len(text)
    for found in _INCLUDE.finditer(text):
        if found.start() < done or budget[0] < 0:
            continue
        if found["raw"]:
            end = text.find("\\end{" + found["raw"], found.end())
            if end > 0:
                out.append(text[done:end])
                done = end
            continue
        target = found["braced"] or found["bare"] or found["from"]
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if not target or _COMMENT.search(line):
            continue
        here = folders if found["folder"] is None else (posixpath.join(folders[0], found["folder"]), *folders)
        resolved = files.resolve(target, here)
        if resolved is None or uses.get(resolved, 0) >= 4 or len(uses) > 2000:
            continue
        out.append(text[done : found.start()])
        done = found.end()
        _flatten(files, resolved, here, out, uses, budget)
    out.append(text[done:])


def between(text: str) -> str:
    """What stands between `\\begin{document}` and its end."""
    begin = _BEGIN.search(text)
    first = begin.end() if begin else 0
    for end in _END.finditer(text, first):
        if not _COMMENT.search(text[max(first, text.rfind("\n", 0, end.start()) + 1) : end.start()]):
            return text[first : end.start()]
    return text[first:]
