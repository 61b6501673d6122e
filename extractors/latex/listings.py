"""Verbatim text: listings as fenced code, `\\verb` as code spans, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.latex.references import Target
from extractors.latex.tokens import Raw
from extractors.latex.writer import Block, fenced

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

_ESCAPED = re.compile(r"\\([{}\\#$%&_])")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?(?=\{)|[{}]")
_CAPTION = re.compile(r"(?<![a-z])caption\s*=\s*+(?:\{(?:\[[^\]]*\])?((?:[^{}]|\{[^{}]*\})*+)\}|([^,\]{}]*))")
_LABEL = re.compile(r"(?<![a-z])label\s*=\s*+\{?([^,{}\]]+)")
_LANGUAGES = {"c++": "cpp", "text": "", "tex": "latex", "none": "", "plaintext": "", "pseudocode": ""}


def code_span(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        return ""
    return f"`` {words} ``" if "`" in words else f"`{words}`"


def write_code(c: Converter, text: str) -> None:
    """A code span; one that touches another goes on in it, for Markdown would read their ticks together."""
    span = code_span(text)
    pieces = c.w.top.pieces
    before = pieces[-1] if pieces else ""
    both_plain = all(len(part) > 2 and part[0] == part[-1] == "`" and "``" not in part for part in (before, span))
    if both_plain:
        pieces[-1] = before[:-1] + span[1:]
    else:
        pieces.append(span)


def write_caption(c: Converter, options: str) -> None:
    """The caption and the label among a listing's options."""
    caption, label = _CAPTION.search(options), _LABEL.search(options)
    if caption is None and label is None:
        return
    number = c.numbers.step("listing")
    c.refs.here = Target("listing", number)
    if label is not None:
        c.refs.label(label[1].strip())
    text = c.inline(c.tokenizer.tokens(caption[1] or caption[2])) if caption is not None else ""
    if text:
        c.w.add(Block("caption", f"Listing {number}: {text}"))


def write_raw(c: Converter, raw: Raw) -> None:
    if raw.kind == "inline":
        if c.w.top.kind == "code":
            c.write(raw.text)
        else:
            write_code(c, raw.text)
    elif raw.kind == "url":
        if raw.command != "href":
            c.write(raw.text)
    else:
        write_caption(c, raw.options)
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
