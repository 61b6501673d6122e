"""Jupyter notebooks to text: a script with the Markdown cells as comments, or Markdown with the code in fences.

Form of the script: jupytext's light one, as StarCoder's jupyter-scripts have it (arXiv 2305.06161, section 3.2): cells
apart by a blank line, magics commented out, so that what is left parses. Outputs and images are left out. Formats:
nbformat 2 to 4. Cost: json's. Blind spot: a notebook whose JSON is cut off has no text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from extractors import charset
from extractors.errors import DamagedInput
from extractors.guard import Limits, Watch, guard
from extractors.result import Extraction

COMMENT_MARKS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("python", "r", "julia", "ruby", "bash", "sh", "perl", "powershell", "elixir", "gnuplot"), "#"),
    **dict.fromkeys(("c", "c++", "c#", "csharp", "f#", "fsharp", "java", "javascript", "typescript", "kotlin"), "//"),
    **dict.fromkeys(("scala", "go", "rust", "swift", "groovy", "php", "dart", "zig", "stata"), "//"),
    **dict.fromkeys(("sql", "haskell", "lua", "ada"), "--"),
    **dict.fromkeys(("matlab", "octave", "prolog", "erlang", "tex", "latex"), "%"),
    **dict.fromkeys(("clojure", "common lisp", "scheme", "racket", "lisp"), ";;"),
}
"""How a line becomes a comment, by the kernel's language in lower case; `#` in others."""
LANGUAGE_NAMES: Final[Mapping[str, str]] = {
    "c": "C",
    "c++": "C++",
    "c#": "C#",
    "csharp": "C#",
    "fsharp": "F#",
    "r": "R",
    "bash": "Shell",
    "sh": "Shell",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "sql": "SQL",
    "matlab": "MATLAB",
    "php": "PHP",
}
"""Linguist's names where they are not the kernel's with a capital letter."""
FENCE_NAMES: Final[Mapping[str, str]] = {"c++": "cpp", "c#": "csharp", "f#": "fsharp", "common lisp": "lisp"}

_LINE_MAGIC: Final = re.compile(
    r"[ \t]*(?:%{1,2}[A-Za-z_]|!|\?{1,2}[\w.]+[ \t]*$|[\w.]+\?{1,2}[ \t]*$"
    r"|[A-Za-z_][\w, \t.]{0,200}=[ \t]*(?:![ \t]*[\w./]|%[A-Za-z_]))"
)
"""IPython's: `%run`, `!ls`, `?name`, `files = !ls`."""
_LONG_STRING: Final = re.compile(
    r"(?P<mark>\"{3}|'{3})(?:\\.|(?!(?P=mark)).)*+(?:(?P=mark)|\Z)"
    r"|#[^\n]*+|\"(?:\\.|[^\"\\\n])*+\"|'(?:\\.|[^'\\\n])*+'",
    re.DOTALL,
)
"""Python's strings over several lines, and what may hold their marks."""
_FOREIGN_CELL: Final = re.compile(
    r"%%(?:bash|sh|script|cmd|powershell|pwsh|system|sx|!|html|HTML|css|svg|SVG|javascript|js|typescript|ts|latex|tikz"
    r"|markdown|mermaid|dot|ai|perl|ruby|R|julia|octave|matlab|stata|sql|bigquery|cypher|sparql|gremlin|writefile|file"
    r"|cython|pybind11|cpp|cuda|cu|cu\+\+|fortran|rust|go|scala|yaml|json)(?![\w-])"
)
"""Cell magics under which the rest of the cell is not in the notebook's language."""
_DATA: Final = r"data:[\w.+-]{1,80}/[\w.+-]{1,80};base64,[A-Za-z0-9+/=%]*+"
_EMBEDDED: Final = re.compile(
    rf"!\[[^\]\n]{{0,300}}\]\((?:{_DATA}|attachment:[^)\n]{{0,300}})[^)\n]{{0,300}}\)"
    rf"|<img\b[^<>]{{0,300}}?\bsrc=[\"']?(?:{_DATA}|attachment:)[^<>]{{0,500}}>|{_DATA}"
)
"""Images that are in the notebook itself."""
_HEADING: Final = re.compile(r"^#{1,3}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_VERSION: Final = re.compile(r"(?<=[a-z+#])[ -]?\d[\d.]*+$")
_PYTHON_KERNELS: Final = ("python", "ipython", "pyspark", "conda", "sagemath", "sos")
_BACKTICKS: Final = re.compile(r"`{3,}")


@dataclass(frozen=True, slots=True)
class Options:
    form: Literal["script", "markdown"] = "script"
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Cell:
    kind: str
    """code, markdown, raw or heading."""
    source: str


def extract(data: bytes | str, options: Options | None = None) -> Extraction:
    """The text of a notebook; `metadata` has `language` (Linguist's name) and numbers of cells and of images left out.

    Never raises: what is no notebook has DamagedInput in `error`.
    """
    options = options or Options()
    return guard(lambda watch: _extract(data, options, watch), options.limits)


def _extract(data: bytes | str, options: Options, watch: Watch) -> Extraction:
    if len(data) > options.limits.input_bytes:
        raise DamagedInput(f"a notebook of {len(data)} bytes is longer than the limit; half of its JSON says nothing")
    text = data if isinstance(data, str) else charset.decode(data).text
    try:
        notebook = json.loads(text.removeprefix("\ufeff"))
    except ValueError as error:
        raise DamagedInput(f"not JSON: {error}") from error
    watch.check()
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells", notebook.get("worksheets")), list):
        raise DamagedInput("JSON, but no cells")
    language = _language(notebook)
    num_images = 0
    cells: list[Cell] = []
    for cell in _cells(notebook):
        source, count = _EMBEDDED.subn("", cell.source) if cell.kind != "code" else (cell.source, 0)
        num_images += count
        source = source.replace("\r\n", "\n").replace("\r", "\n").strip("\n").rstrip()
        if source.strip():
            cells.append(Cell(cell.kind, source))
    write = _as_script if options.form == "script" else _as_markdown
    parts = [write(cell, language) for cell in cells]
    counts = {kind: sum(cell.kind == kind for cell in cells) for kind in ("code", "markdown")}
    heading = next(
        (found[1] for cell in cells if cell.kind == "markdown" and (found := _HEADING.search(cell.source))), None
    )
    metadata = {"language": LANGUAGE_NAMES.get(language, language.capitalize())}
    metadata |= {f"num_{kind}_cells": str(count) for kind, count in counts.items()}
    if num_images:
        metadata["num_embedded_images"] = str(num_images)
    return Extraction("\n\n".join(parts) + "\n" if parts else "", title=heading, metadata=metadata)


def _language(notebook: Mapping[str, Any]) -> str:
    """The kernel's language in lower case; Python where nothing says."""
    metadata = _mapping(notebook.get("metadata"))
    kernel, info = _mapping(metadata.get("kernelspec")), _mapping(metadata.get("language_info"))
    worksheets = notebook.get("worksheets")
    old = [cell.get("language") for cell in _raw_cells(worksheets) if cell.get("cell_type") == "code"][:1]
    for stated in (info.get("name"), kernel.get("language"), kernel.get("name"), *old):
        if isinstance(stated, str) and stated.strip():
            name = stated.strip().lower()
            name = _VERSION.sub("", stated.strip().lower())
            return "python" if name.startswith(_PYTHON_KERNELS) else {"ir": "r"}.get(name, name)
    return "python"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _raw_cells(worksheets: object) -> Iterator[Mapping[str, Any]]:
    """The cells of nbformat 2 and 3, which are on sheets."""
    for sheet in worksheets if isinstance(worksheets, list) else ():
        cells = _mapping(sheet).get("cells")
        yield from (_mapping(cell) for cell in (cells if isinstance(cells, list) else ()))


def _cells(notebook: Mapping[str, Any]) -> Iterator[Cell]:
    cells = notebook.get("cells")
    found = map(_mapping, cells) if isinstance(cells, list) else _raw_cells(notebook.get("worksheets"))
    for cell in found:
        source = cell.get("source", cell.get("input", ""))
        text = "".join(filter(lambda line: isinstance(line, str), source)) if isinstance(source, list) else source
        if not isinstance(text, str):
            continue
        kind = str(cell.get("cell_type"))
        if kind == "heading":  # nbformat 3
            level = cell.get("level", 1)
            text, kind = f"{'#' * (level if level in range(1, 7) else 1)} {text}", "markdown"
        yield Cell(kind if kind in ("code", "markdown") else "raw", text)


def _as_script(cell: Cell, language: str) -> str:
    mark = COMMENT_MARKS.get(language, "#")
    lines = cell.source.split("\n")
    if cell.kind != "code" or _FOREIGN_CELL.match(cell.source):
        return "\n".join(_commented(line, mark) for line in lines)
    if language != "python":  # other kernels have no magics of IPython's: `!done || return` is Julia
        return cell.source
    in_string = _lines_in_strings(cell.source)
    return "\n".join(
        _commented(line, mark)
        if _LINE_MAGIC.match(line) and number not in in_string and not (number and _continues(lines[number - 1]))
        else line
        for number, line in enumerate(lines)
    )


def _lines_in_strings(source: str) -> frozenset[int]:
    """Numbers, from 0, of the lines that begin inside a string."""
    if '"""' not in source and "'''" not in source:
        return frozenset()
    found: set[int] = set()
    line, position = 0, 0
    for match in _LONG_STRING.finditer(source):
        line, position = line + source.count("\n", position, match.start()), match.start()
        found.update(range(line + 1, line + 1 + match[0].count("\n")))
    return frozenset(found)


def _continues(line: str) -> bool:
    """Whether the next line may begin with `%` as an operator."""
    return line.rstrip().endswith(("\\", "(", ",", "[", "{"))


def _commented(line: str, mark: str) -> str:
    return f"{mark} {line}" if line.strip() else mark


def _as_markdown(cell: Cell, language: str) -> str:
    if cell.kind == "markdown":
        return cell.source
    fence = max([2, *map(len, _BACKTICKS.findall(cell.source))]) + 1
    name = FENCE_NAMES.get(language, language) if cell.kind == "code" else ""
    return f"{'`' * fence}{name}\n{cell.source}\n{'`' * fence}"
