"""Code blocks: exact whitespace, no gutters or copy buttons, the language where the page says it."""

from __future__ import annotations

import re
from typing import Any

Node = Any

_LANGUAGE_CLASS = re.compile(
    r"(?:^|\s)(?:language|lang|highlight-source|highlight-text|highlight|sourceCode|brush|src|code|syntax|wp-block-code|hljs)[-:\s]+\s*([A-Za-z][\w+#.-]{0,20})",
    re.I,
)
_NOT_LANGUAGE = frozenset(
    [
        "none",
        "plain",
        "plaintext",
        "text",
        "txt",
        "default",
        "highlight",
        "highlighter",
        "code",
        "block",
        "wrapper",
        "box",
        "container",
        "copy",
        "line",
        "lines",
        "source",
        "table",
        "body",
        "content",
        "view",
        "editor",
        "nohighlight",
        "notranslate",
        "python-source",
        "toolbar",
        "area",
        "header",
        "snippet",
        "example",
        "inline",
        "output",
        "hljs",
        "pre",
        "auto",
        "raw",
        "data",
        "prettyprint",
        "linenums",
        "language",
        "undefined",
        "unknown",
    ]
)
_NAMES = {
    "py": "python",
    "python3": "python",
    "ipython3": "python",
    "ipython": "python",
    "js": "javascript",
    "ts": "typescript",
    "sh": "bash",
    "shell-session": "console",
    "c++": "cpp",
    "golang": "go",
    "rb": "ruby",
    "yml": "yaml",
    "cs": "csharp",
    "c#": "csharp",
    "objc": "objective-c",
    "pycon": "python",
    "default": "",
}
_KNOWN_NAMES = (
    "ada apache arduino asm awk bash c clojure cmake cobol coffeescript console cpp crystal csharp css csv cuda "
    "cython d dart delphi diff dockerfile elixir elm erlang fortran fsharp gherkin glsl go graphql groovy haskell "
    "hcl html ini java javascript json json5 jsonc jsx julia kotlin latex lisp lua makefile markdown mathematica "
    "matlab mdx mermaid nginx nim nix objective-c ocaml octave pascal perl php postgresql powershell prolog "
    "protobuf puppet python r racket regex ruby rust sass scala scheme scss shell solidity sql swift tcl "
    "terraform tex toml tsx typescript vb vba verilog vhdl vim vue wasm xml yaml zig zsh"
)
_KNOWN = frozenset(_KNOWN_NAMES.split())
"""Languages that a bare class (`<pre class="rust">`) or a label above the block may name."""
_DROP_CLASS = re.compile(
    r"(?:^|\s)(?:line-?numbers?(?:-rows)?|lineno[s]?|linenodiv|linenum(?:ber)?s?|gutter|rouge-gutter|hljs-ln-numbers|hljs-ln-n|blob-num|ln-num|lnt|ln|code-line-number"
    r"|copy(?:-?(?:btn|button|code))?|copybtn|btn-copy|clipboard|btn-clipboard|copy-to-clipboard(?:-button)?|toolbar|code-toolbar-item|crayon-nums?|headerlink|anchorjs-link|language-(?:id|name|label)|code-(?:lang|language|label)|playground-link|error-behind|sr-only|visually-hidden|CodeMirror-linenumber|CodeMirror-gutter\S*)(?=\s|$)",
    re.I,
)
_LINE_CLASS = re.compile(
    r"(?:^|\s)(?:line|code-line|cl|crayon-line|view-line|CodeMirror-line|cm-line|token-line|hljs-ln-line|blob-code\S*|react-code-line\S*|highlight-line|ec-line)(?=\s|$)"
)
_BLOCK = frozenset(["div", "p", "li", "tr", "ol", "ul", "table", "tbody", "thead", "section", "dl", "dd", "dt"])
_SKIP = frozenset(
    ["script", "style", "button", "svg", "select", "input", "textarea", "template", "noscript", "clipboard-copy"]
)


def language_of(node: Node) -> str:
    """Language named by the node, its code child or its nearest wrappers, "" where none is."""
    around = [node]
    child = node.css_first("code[class]") or node.css_first("code")
    if child is not None:
        around.insert(0, child)
    parent = node.parent
    for _ in range(3):
        if parent is None or parent.tag in ("body", "article", "main", "-document"):
            break
        around.append(parent)
        parent = parent.parent
    for place in around:
        found = _language(place.attributes, place is node or place is child)
        if found:
            return found
    return ""


def _language(attributes: dict[str, str | None], own: bool) -> str:
    for name in (
        "data-lang",
        "data-language",
        "data-code-language",
        "lang" if own else "data-lang",
        "data-enlighter-language",
    ):
        value = (attributes.get(name) or "").strip().lower()
        if (
            value
            and len(value) <= 20
            and value not in _NOT_LANGUAGE
            and " " not in value
            and (name != "lang" or len(value) > 3)
        ):
            return _NAMES.get(value, value)
    for found in _LANGUAGE_CLASS.finditer(attributes.get("class") or ""):
        name = found[1].lower().rstrip(";,.")
        for prefix in ("source-", "text-", "lang-", "language-", "hl-"):
            name = name.removeprefix(prefix)
        if name and name not in _NOT_LANGUAGE and not name.isdigit():
            return _NAMES.get(name, name)
    if own:
        for word in (attributes.get("class") or "").lower().split()[:8]:
            if len(word) > 1 and named(word):
                return named(word)
    return ""


def named(text: str) -> str:
    """The language whose name or usual abbreviation `text` is, "" where it is none."""
    name = text.strip().lower()
    name = _NAMES.get(name, name)
    return name if name in _KNOWN else ""


def code_text(node: Node) -> str:
    """Text below a code element with its whitespace: lines from newlines, `<br>` and line blocks; no gutters or
    buttons."""
    out: list[str] = []
    is_table = node.tag == "table"
    stack: list[tuple[Node, bool]] = []
    child = node.first_child
    while True:
        while child is None:
            if not stack:
                return _trim("".join(out))
            parent, block = stack.pop()
            if block and out and not _ends_line(out):
                out.append("\n")
            child = parent.next
        tag = child.tag
        if tag == "-text":
            text = child.text_content or ""
            if not (is_table and text.isspace() and _between_lines(child)):
                out.append(text)
            child = child.next
            continue
        if tag == "br":
            out.append("\n")
            child = child.next
            continue
        if tag.startswith("-") or tag in _SKIP:
            child = child.next
            continue
        attributes = child.attributes
        name = attributes.get("class") or ""
        if (name and _DROP_CLASS.search(name) and not _LINE_CLASS.search(name)) or (
            "data-line-number" in attributes and tag == "td"
        ):
            child = child.next
            continue
        block = tag in _BLOCK
        if block and out and not _ends_line(out):
            out.append("\n")
        inner = child.first_child
        if inner is None:
            if block and tag in ("div", "li", "p"):
                out.append("\n")
            child = child.next
            continue
        stack.append((child, block))
        child = inner


def _between_lines(text: Node) -> bool:
    """White space of the page's own source between the line blocks of a code table; inside `<pre>` it is code."""
    parent = text.parent
    if parent is None or parent.tag == "pre":
        return False
    return any(beside is not None and beside.tag == "div" for beside in (text.prev, text.next))


def _ends_line(out: list[str]) -> bool:
    for piece in reversed(out):
        if piece:
            return piece[-1] == "\n"
    return True


def _trim(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").replace("\u200b", "")
    lines = text.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(line.rstrip() for line in lines)


_CODE_TABLE = re.compile(
    r"(?:^|\s)(?:js-file-line-container|highlighttable|hljs-ln|code-?table|blob-code-table|crayon-table|rouge-table|lntable|diff-table)(?=\s|$)"
)


def is_code_table(css: str, node: Node) -> bool:
    """A table whose cells are gutter and lines of one code block."""
    if _CODE_TABLE.search(css):
        return True
    if "highlight" in css and node.css_first("td.gutter, td.linenos, td.rouge-gutter") is not None:
        return True
    first, *others = _first_row(node) or ("",)  # SyntaxHighlighter's table has no class of its own
    if "gutter" in first.split():
        return any("code" in other.split() for other in others)
    return not others and "code" in first.split() and node.css_first("div.line") is not None  # its gutter is off


def _first_row(table: Node) -> list[str]:
    """Classes of the cells of a table's own first row."""
    row = table.first_child
    while row is not None and row.tag != "tr":
        row = row.first_child if row.tag in ("tbody", "thead") else row.next
    cells = []
    cell = row.first_child if row is not None else None
    while cell is not None:
        if cell.tag in ("td", "th"):
            cells.append(cell.attributes.get("class") or "")
        cell = cell.next
    return cells
