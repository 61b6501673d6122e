"""Verbatim text: listings as fenced code, `\\verb` as code spans, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.latex.tokens import Raw
from extractors.latex.writer import Block, fenced

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

_ESCAPED = re.compile(r"\\([{}\\#$%&_])")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?(?=\{)|[{}]")
_LANGUAGES = {"c++": "cpp", "text": "", "tex": "latex", "none": "", "plaintext": "", "pseudocode": ""}


def code_span(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        return ""
    return f"`` {words} ``" if "`" in words else f"`{words}`"


def write_raw(c: Converter, raw: Raw) -> None:
    if raw.kind == "inline":
        c.write(raw.text if c.w.top.kind == "code" else code_span(raw.text))
    elif raw.kind == "url":
        if raw.command != "href":
            c.write(raw.text)
    else:
        write_block(c, raw.text, raw.language, raw.command)


def write_block(c: Converter, text: str, language: str = "", environment: str = "") -> None:
    if environment in ("alltt", "semiverbatim"):
        text = _ESCAPED.sub(r"\1", _COMMAND.sub("", text))
    lines = [line.rstrip() for line in text.expandtabs(4).split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return
    margin = min(len(line) - len(line.lstrip()) for line in lines if line)
    body = "\n".join(line[margin:] for line in lines)
    if c.w.top.kind == "cell":
        c.write(code_span(body))
        return
    c.w.add(Block("code", fenced(body, _LANGUAGES.get(language, language))))
