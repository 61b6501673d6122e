"""Runs of text inside a block: links to outside, quote marks of style, raised text, what was dropped, the inserts."""

from __future__ import annotations

import re

from extractors.wiki.marks import (
    BREAK,
    CODE_CLOSE,
    CODE_OPEN,
    DROPPED,
    INSERT,
    INSERT_OPEN,
    SUB_CLOSE,
    SUB_OPEN,
    SUP_CLOSE,
    SUP_OPEN,
    Insert,
    Store,
)
from extractors.wiki.tags import unescape

_LINK = re.compile(
    r"\[(?:(?:https?|ftps?|ircs?|gopher|telnet|nntp|worldwind|svn|git|mms)://|mailto:|news:|//)"
    r"[^\s\]<>\"\[]{0,2000}(?:[^\S\n]+([^\]\n]{0,2000}))?\]",
    re.I,
)
_APOSTROPHES = re.compile("'{2,}")
_STRAY = re.compile(r"\[\[|\]\]|\{\{+|\}\}+|\{\||\|\}")
_CODE = re.compile(f"{CODE_OPEN}([^{CODE_OPEN}{CODE_CLOSE}]*){CODE_CLOSE}")
_SUP = re.compile(f"{SUP_OPEN}([^{SUP_OPEN}-{SUB_CLOSE}]*){SUP_CLOSE}")
_SUB = re.compile(f"{SUB_OPEN}([^{SUP_OPEN}-{SUB_CLOSE}]*){SUB_CLOSE}")
_LEFT_OVER = re.compile(f"[{CODE_OPEN}{CODE_CLOSE}{SUP_OPEN}-{SUB_CLOSE}]")
_NUMERIC = re.compile(r"[+−-]?\d{1,4}")
_EXPONENT = re.compile(r"[A-Z](?<![MRE])|[ijkmnpqx]|\d?[kmn][+−-]\d|\d[kmn]|[+−-][kmnx]")
_INDEX = re.compile(r"[a-z]{1,2}|[a-z]\s?[+−-]\s?\d")

_D = DROPPED
_EMPTY_BRACKETS = re.compile(f"\\s?[(（\\[][\\s,;:،、，；/–—{_D}-]{{0,40}}[)）\\]]")
_AFTER_OPEN = re.compile(f"([(（])([\\s,;:،、，；{_D}]{{1,40}})")
_BEFORE_CLOSE = re.compile(f"([\\s,;،、，；{_D}]{{1,40}})([)）])")
_BETWEEN = re.compile(f"([,;،、，；])([\\s,;،、，；{_D}]{{1,40}})")
_DROPPED_AFTER_OPEN = re.compile(f"[(（\\[][\\s,;:،、，；/–—-]{{0,40}}{_D}")
_DROPPED_BEFORE_CLOSE = re.compile(f"{_D}[\\s,;،、，；{_D}]{{0,40}}[)）]")
"""Where none of these is, the patterns above it change nothing; they look at every character, these do not."""
_BEFORE_STOP = re.compile(f"{_D}[\\s{_D}]{{0,20}}(?=[.,;:!?،、，。；])")
MAX_SPACES = 20
"""White space taken out before a stop."""
_LEADING = re.compile(f"^[\\s,;:،、，；{_D}–-]{{1,40}}")
_LETTER = re.compile(r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\U0010ffff]")
"""Of scripts that write spaces between words."""
_BEFORE_LETTER = re.compile(f"{_D}+(?={_LETTER.pattern})")


def inline(raw: str, store: Store, *, keep_space: bool = False) -> str:
    """Text of one paragraph, item or cell: white space collapsed, `<br>` a newline."""
    text = raw
    if "[" in text:
        text = _LINK.sub(_outside, text)
    if CODE_OPEN in text:
        text = _CODE.sub(lambda found: _code_span(found[1], store), text)
    if "''" in text:
        text = _without_style(text)
    if "[" in text or "]" in text or "{" in text or "}" in text:
        text = _STRAY.sub("", text)
    if _D in text:
        text = _without_dropped(text)
    text = unescape(text)
    if SUP_OPEN in text:
        text = _SUP.sub(_raised, text)
    if SUB_OPEN in text:
        text = _SUB.sub(_lowered, text)
    if (
        CODE_OPEN in text
        or CODE_CLOSE in text
        or SUP_OPEN in text
        or SUP_CLOSE in text
        or SUB_OPEN in text
        or SUB_CLOSE in text
    ):
        text = _LEFT_OVER.sub("", text)
    if not keep_space and BREAK not in text:
        text = " ".join(text.split())
    elif not keep_space:
        lines = [" ".join(line.split()) for line in text.split(BREAK)]
        text = "\n".join(line for line in lines if line)
    if INSERT_OPEN not in text:
        return text
    return INSERT.sub(lambda found: _restored(store.inserts[int(found[1])]), text)


def _outside(found: re.Match[str]) -> str:
    return found[1].strip() if found[1] else DROPPED


def _without_style(text: str) -> str:
    """Without the quote marks of bold and italics; a true apostrophe among them stays."""
    if "'''" not in text:
        return _APOSTROPHES.sub("", text)
    return "\n".join(_unstyled_line(line) for line in text.split("\n"))


def _unstyled_line(line: str) -> str:
    """MediaWiki's rule: where bold and italics are both unbalanced, one bold mark is an apostrophe before italics."""
    runs = list(_APOSTROPHES.finditer(line))
    sizes = [min(len(run[0]), 5) - (len(run[0]) == 4) for run in runs]
    elided = None
    if sum(size >= 3 for size in sizes) % 2 and sum(size in (2, 5) for size in sizes) % 2:
        triples = [run.start() for run, size in zip(runs, sizes, strict=True) if size == 3]
        touching = [at for at in triples if at > 0 and line[at - 1] != " "]
        lone = [at for at in touching if at == 1 or line[at - 2] == " "]
        elided = next(iter(lone or touching), None)
    return _APOSTROPHES.sub(lambda run: "'" if run.start() == elided else _apostrophes(len(run[0])), line)


def _apostrophes(length: int) -> str:
    return "'" if length == 4 else "'" * max(0, length - 5)


def _code_span(text: str, store: Store) -> str:
    text = INSERT.sub(lambda found: store.inserts[int(found[1])].text, text)
    text = " ".join(unescape(_without_style(text)).replace(BREAK, " ").replace(_D, "").split())
    text = _LEFT_OVER.sub("", text)
    return store.put("code", text) if text else ""


def _without_dropped(text: str) -> str:
    """Close the gaps that dropped markup left: empty brackets, doubled commas, spaces before a stop."""
    if _DROPPED_AFTER_OPEN.search(text):
        text = _EMPTY_BRACKETS.sub(lambda found: _D if _D in found[0] else found[0], text)
        text = _AFTER_OPEN.sub(lambda found: found[1] if _D in found[2] else found[0], text)
    if _DROPPED_BEFORE_CLOSE.search(text):
        text = _BEFORE_CLOSE.sub(lambda found: found[2] if _D in found[1] else found[0], text)
    text = _BETWEEN.sub(_one_comma, text)
    leading = _LEADING.match(text)
    if leading and _D in leading[0]:
        text = text[leading.end() :]
    return _BEFORE_LETTER.sub(_between_words, _closed_up(text)).replace(_D, "")


def _closed_up(text: str) -> str:
    """Without what was dropped before a stop, and the white space around it."""
    out: list[str] = []
    at = 0
    for found in _BEFORE_STOP.finditer(text):
        begin, least = found.start(), max(at, found.start() - MAX_SPACES)
        while begin > least and text[begin - 1].isspace():
            begin -= 1
        out.append(text[at:begin])
        at = found.end()
    return "".join(out) + text[at:] if out else text


def _between_words(found: re.Match[str]) -> str:
    start = found.start()
    return " " if start and _LETTER.match(found.string, start - 1) else ""


def _one_comma(found: re.Match[str]) -> str:
    return f"{found[1]} " if _D in found[2] and re.search("[,;،、，；]", found[2]) else found[0]


def _raised(found: re.Match[str]) -> str:
    words = found[1].strip()
    before = found.string[found.start() - 1 : found.start()]
    if not words or not (before.isalnum() or before in (")", "]", "°", "′")):
        return found[1]
    if _NUMERIC.fullmatch(words):
        return "^" + words
    return "^" + _braced(words) if _EXPONENT.fullmatch(words) else found[1]


def _lowered(found: re.Match[str]) -> str:
    """An index in letters: `x_i`; numbers stay on the line, as in `H2O`."""
    before = found.string[found.start() - 1 : found.start()]
    words = found[1].strip()
    if _INDEX.fullmatch(words) and (before.isalpha() or before == ")"):
        return "_" + _braced(words)
    return found[1]


def _braced(words: str) -> str:
    return words if words.isalnum() else f"{{{words}}}"


def span_of_code(code: str) -> str:
    """A code span; the fence is longer than any run of back-quotes inside."""
    ticks = "``" if "`" in code else "`"
    pad = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{ticks}{pad}{code}{pad}{ticks}" if "``" not in code else code


def _restored(insert: Insert) -> str:
    if insert.kind == "math":
        return f"${' '.join(insert.text.split())}$"
    if insert.kind == "display":
        return f"$${' '.join(insert.text.split())}$$"
    if insert.kind in ("pre", "code"):
        return span_of_code(" ".join(insert.text.split()))
    return "" if insert.kind == "caption" else insert.text


def display_math(tex: str, stop: str = "") -> str:
    """A formula on its own; a full stop or comma after it goes inside."""
    lines = [line.strip() for line in tex.strip().split("\n") if line.strip()]
    body = "\n".join(lines) + stop
    return f"$$\n{body}\n$$" if len(lines) > 1 else f"$${body}$$"
