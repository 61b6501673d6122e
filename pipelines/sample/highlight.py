"""Source code → the markup that highlighters leave on web pages: Pygments, Rouge, Prism, highlight.js.

One rough lexer for all languages: comments, strings, numbers, keywords, calls, operators. Enough for a page to look
as it would; not a highlighter.
"""

from __future__ import annotations

import re
from html import escape

_KEYWORDS = (
    " and as async await break case class const continue def default defer do elif else end enum except export extends "
    "fi finally fn for from func function go goto if impl import in interface is lambda let loop match mod mut new not "
    "or package pass pub raise return select self static struct switch then throw trait try type typedef use var void "
    "while with yield begin create table insert into values where group order by join on left update set delete "
)
_TYPES = " int str bool float char double long u8 u32 u64 i32 i64 usize string size_t String Vec byte "
_HASH_COMMENTS = " python py bash sh shell console ruby rb yaml toml ini r make "
_TOKEN = re.compile(
    r"(?P<c1>//[^\n]*|/\*.*?\*/)|(?P<ch>\#[^\n]*)|(?P<cs>--[^\n]*)"
    r"|(?P<s>\"\"\".*?\"\"\"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`[^`\n]*`)"
    r"|(?P<m>\b\d[\w.]*)|(?P<n>[A-Za-z_]\w*)|(?P<o>[-+*/%=<>!&|^~?]+)|(?P<p>[()\[\]{},.;:])",
    re.DOTALL,
)
_PYGMENTS = {"comment": "c1", "string": "s2", "number": "mi", "keyword": "k", "type": "nb", "function": "nf",
             "name": "n", "operator": "o", "punctuation": "p"}  # fmt: skip
_PRISM = ("comment", "string", "number", "keyword", "function", "operator", "punctuation")
_HLJS = {"comment": "hljs-comment", "string": "hljs-string", "number": "hljs-number", "keyword": "hljs-keyword",
         "type": "hljs-type", "function": "hljs-title function_"}  # fmt: skip


def highlight(source: str, language: str, style: str) -> str:
    """HTML of a code block in the manner of `style` (see `Site.highlighter`); `language` may be ""."""
    language, source = language or "text", source.rstrip("\n") + "\n"
    if style == "plain" or (language == "text" and style != "pygments-table"):
        return f'<pre><code class="language-{language}">{escape(source, quote=False)}</code></pre>'
    spans = _spans(source, language, style)
    lines = source.count("\n")
    numbers = range(1, lines + 1)
    match style:
        case "pygments":
            return (
                f'<div class="highlight-{language} notranslate"><div class="highlight"><pre><span></span>{spans}'
                "</pre></div>\n</div>"
            )
        case "pygments-table":
            gutter = "\n".join(f'<span class="normal">{n:>{len(str(lines))}}</span>' for n in numbers)
            return (
                '<div class="highlight"><table class="highlighttable"><tbody><tr><td class="linenos"><div '
                f'class="linenodiv"><pre><span></span>{gutter}</pre></div></td><td class="code"><div><pre><span></span>'
                f"<code>{spans}</code></pre></div></td></tr></tbody></table></div>"
            )
        case "rouge":
            return (
                f'<div class="language-{language} highlighter-rouge"><div class="highlight"><pre class="highlight">'
                f"<code>{spans}</code></pre></div></div>"
            )
        case "rouge-table":
            gutter = "\n".join(str(n) for n in numbers)
            return (
                f'<figure class="highlight"><pre><code class="language-{language}" data-lang="{language}"><table '
                f'class="rouge-table"><tbody><tr><td class="gutter gl"><pre class="lineno">{gutter}\n</pre></td>'
                f'<td class="code"><pre>{spans}</pre></td></tr></tbody></table></code></pre></figure>'
            )
        case "prism":
            rows = "<span></span>" * lines
            return (
                f'<div class="code-toolbar"><pre class="language-{language} line-numbers" tabindex="0"><code '
                f'class="language-{language}">{spans}<span aria-hidden="true" class="line-numbers-rows">{rows}</span>'
                '</code></pre><div class="toolbar"><div class="toolbar-item"><button class="copy-to-clipboard-button" '
                'type="button"><span>Copy</span></button></div></div></div>'
            )
        case "hljs":
            return f'<pre><code class="hljs language-{language}">{spans}</code></pre>'
        case _:
            raise ValueError(f"no highlighter {style!r}")


def _spans(source: str, language: str, style: str) -> str:
    out, at = [], 0
    for match in _TOKEN.finditer(source):
        if match.start() < at:
            continue
        kind = _kind(match, language, source)
        text = match[0]
        if kind == "skip":  # a comment sign of another language
            text, kind = match[0][0], "operator"
        end = match.start() + len(text)
        css = _css(kind, style)
        shown = escape(text, quote=False)
        out += [
            escape(source[at : match.start()], quote=False),
            f'<span class="{css}">{shown}</span>' if css else shown,
        ]
        at = end
    return "".join(out) + escape(source[at:], quote=False)


def _kind(match: re.Match[str], language: str, source: str) -> str:
    hashes = _listed(language, _HASH_COMMENTS)
    match match.lastgroup:
        case "c1":
            return "skip" if hashes or language == "sql" else "comment"
        case "ch":
            return "comment" if hashes else "skip"
        case "cs":
            return "comment" if language in ("sql", "lua", "haskell") else "skip"
        case "s":
            return "string"
        case "m":
            return "number"
        case "o":
            return "operator"
        case "p":
            return "punctuation"
    word = match[0]
    if _listed(word.lower() if language == "sql" else word, _KEYWORDS):
        return "keyword"
    if _listed(word, _TYPES):
        return "type"
    return "function" if source[match.end() : match.end() + 1] == "(" else "name"


def _listed(word: str, words: str) -> bool:
    return f" {word} " in words


def _css(kind: str, style: str) -> str:
    if style.startswith(("pygments", "rouge")):
        return _PYGMENTS[kind]
    if style == "prism":
        return f"token {kind}" if kind in _PRISM else ""
    return _HLJS.get(kind, "")
