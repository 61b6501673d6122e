"""The sample's small Markdown → HTML, so that its pages can be written as prose.

Paragraphs, headings, lists (one level), quotes, fences, pipe tables, raw HTML blocks; emphasis, code, links, images,
math. No nesting of blocks; a block that starts with `<` goes through untouched. Not for anybody else's Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape

Code = Callable[[str, str], str]
"""Source text and language of a fence → HTML."""
Math = Callable[[str, bool], str]
"""TeX and whether it is displayed → HTML."""

_INLINE = re.compile(
    r"(?P<code>`[^`\n]+`)"
    r"|\$\$(?P<display>.+?)\$\$"
    r"|(?<![\w$\\])\$(?P<math>[^\s$](?:[^$]*[^\s$])?)\$(?![\w$])"
    r"|!\[(?P<alt>[^\]]*)\]\((?P<src>[^)\s]+)\)"
    r"|\[(?P<text>[^\]]+)\]\((?P<href>[^)\s]+)\)"
    r"|\*\*(?P<strong>.+?)\*\*"
    r"|(?<!\w)\*(?P<em>[^*\s](?:[^*]*[^*\s])?)\*(?!\w)"
    r"|(?P<tag></?[a-zA-Z][^<>]*>)"
    r"|(?P<entity>&#?\w+;)"
    r"|\\(?P<escaped>[$*`\[<])",
    re.DOTALL,
)


def to_html(text: str, code: Code, math: Math) -> str:
    """HTML of a page's Markdown; `code` and `math` write fences and formulas in the site's manner."""

    return "\n".join(
        code("\n".join(lines[1:]), lines[0][3:].strip())
        if lines[0].startswith("```")
        else _block("\n".join(lines), lambda span: inline(span, math))
        for lines in _blocks(text)
    )


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines of each block: a fence without its end, or what stands between blank lines."""
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        fenced = bool(block) and block[0].startswith("```")
        if fenced and line != "```":
            block.append(line)
        elif fenced or not line.strip() or line.startswith("```"):
            if block:
                yield block
            block = [line] if line.startswith("```") and not fenced else []
        else:
            block.append(line)
    if block:
        raise ValueError(f"a fence is not closed: {block[0]}")


def inline(text: str, math: Math) -> str:
    """HTML of one span of text."""

    def replace(match: re.Match[str]) -> str:
        kind, found = match.lastgroup, match.group(match.lastgroup or 0)
        match kind:
            case "code":
                return f"<code>{escape(found[1:-1], quote=False)}</code>"
            case "display" | "math":
                return math(found, kind == "display")
            case "src":
                return f'<img src="{found}" alt="{escape(match["alt"])}" loading="lazy">'
            case "href":
                return f'<a href="{found}">{inline(match["text"], math)}</a>'
            case "strong" | "em":
                return f"<{kind}>{inline(found, math)}</{kind}>"
            case "escaped":
                return escape(found, quote=False)
            case _:
                return found

    out, at = [], 0
    for match in _INLINE.finditer(text):
        out += [escape(text[at : match.start()], quote=False), replace(match)]
        at = match.end()
    return "".join(out) + escape(text[at:], quote=False)


def _block(text: str, span: Callable[[str], str]) -> str:
    lines = text.split("\n")
    if text.startswith("<"):
        return text
    if heading := re.match(r"(#{1,6}) ", text):
        level = len(heading[1])
        first = f"<h{level}>{span(lines[0][level + 1 :])}</h{level}>"
        return "\n".join([first, *([_block("\n".join(lines[1:]), span)] if lines[1:] else [])])
    if re.fullmatch(r"-{3,}|\*{3,}", text):
        return "<hr>"
    if all(line.startswith(">") for line in lines):
        quoted = re.split(r"\n\s*\n", "\n".join(line[1:].removeprefix(" ") for line in lines))
        return "<blockquote>" + "".join(f"<p>{span(part)}</p>" for part in quoted) + "</blockquote>"
    if len(lines) > 2 and lines[0].startswith("|") and re.fullmatch(r"[|:\- ]+", lines[1]):
        return _table(lines, span)
    for tag, marker in (("ul", r"[-*] "), ("ol", r"\d+[.)] ")):
        if re.match(marker, text):
            items = re.split(rf"\n(?={marker})", text)
            inner = "\n".join(f"<li>{span(re.sub(marker, '', item, count=1))}</li>" for item in items)
            number = re.match(r"\d*", text)
            start = f' start="{number[0]}"' if number and number[0] not in ("", "1") else ""
            return f"<{tag}{start}>\n{inner}\n</{tag}>"
    return f"<p>{span(text)}</p>"


def _table(lines: list[str], span: Callable[[str], str]) -> str:
    def cells(line: str, tag: str) -> str:
        return "".join(
            f"<{tag}>{span(cell.strip())}</{tag}>" for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))
        )

    body = "\n".join(f"<tr>{cells(line, 'td')}</tr>" for line in lines[2:])
    return f"<table>\n<thead>\n<tr>{cells(lines[0], 'th')}</tr>\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
