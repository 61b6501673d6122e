"""What a paper's source says must be in its text, found by means other than the extractor's own.

Regular expressions over the flattened source. Blind spots, all against us: a definition that is never reached, a title
or an equation in a branch of a conditional that is not taken, are counted as wanted.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand|DeclareMathOperator|(?:New|Renew|Provide|Declare)"
    r"DocumentCommand)\*?\s*\{?\s*\\([A-Za-z@]+)|\\(?:[egx]?def|let)\s*\\([A-Za-z@]+)"
)
COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%.*")
VERBATIM = re.compile(r"\\begin\{(verbatim|lstlisting|minted|Verbatim|comment|alltt)\*?\}.*?\\end\{\1\*?\}", re.DOTALL)
UNREAD = re.compile(r"\\iffalse\b.*?\\fi\b", re.DOTALL)
CODE = re.compile(r"^(```+|~~~+).*?^\1|`+[^`\n]*`+", re.DOTALL | re.MULTILINE)
SECTION = re.compile(r"\\(?:chapter|(?:sub){0,2}section)\s*\*?\s*(?:\[[^\]]*\])?\s*\{")
HEADING = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)
NOT_KEPT = re.compile(r"^(references?|bibliography|literature( cited)?|works cited|contents)$", re.IGNORECASE)
DISPLAY = re.compile(
    r"\\begin\{(?P<name>equation|align|alignat|flalign|gather|multline|eqnarray|displaymath|dmath|IEEEeqnarray)(?P<star>\*?)\}"
    r"(?P<body>.*?)\\end\{(?P=name)(?P=star)\}|(?<!\\)\\\[(?P<bracket>.*?)(?<!\\)\\\]",
    re.DOTALL,
)
TEXT_DISPLAY = re.compile(r"^[ >]*(?:[-*] |\d+[.)] )?[ ]*\$\$(.*?)(?<!\\)\$\$[ \t]*$", re.DOTALL | re.MULTILINE)
"""On lines of their own, as our dialect has them: a pair of dollars inside a line is then not mistaken for one."""
ANY_DISPLAY = re.compile(r"(?<!\\)\$\$(.*?)(?<!\\)\$\$", re.DOTALL)
"""pandoc leaves displays inside their paragraph."""
DOLLARS = re.compile(r"\\.|\$\$|\$|\n\n", re.DOTALL)
NO_PART = re.compile(r"\\(?:label|tag|intertext|ref|eqref|vspace|hspace)\*?\s*\{[^{}]*\}|\\(?:begin|end)\s*\{[a-z*]+\}")
TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-z]|\d+")
_NAMES = """nonumber notag left right big Big bigg Bigg bigl bigr Bigl Bigr quad qquad displaystyle rm bf it mathrm
mathbf mathit text mbox limits nolimits hfill hskip vskip noindent label par"""
NO_TOKEN = frozenset(f"\\{name}" for name in _NAMES.split())
"""Commands of an equation that say nothing of its content."""
ARGUMENT = re.compile(r"\\(?:label|[a-zA-Z]*ref|cite[a-z]*|footnote|thanks|vspace|hspace)\*?\s*(\[[^\]]*\])?\{[^{}]*\}")
WORD = re.compile(r"[^\W\d_]{2,}")
MIN_SHARE = 0.8
"""Share of an equation's tokens (of a title's words) from which it counts as the one that is looked for, inclusive."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many of the wanted were found, and those that were not."""

    wanted: int
    missing: tuple[str, ...]

    @property
    def found(self) -> int:
        return self.wanted - len(self.missing)


def cleaned(source: str) -> str:
    """The source without comments, verbatim text and what `\\iffalse` hides."""
    return UNREAD.sub("", VERBATIM.sub("", COMMENT.sub(r"\1", source)))


def defined_names(sources: Iterable[str], standard: frozenset[str]) -> set[str]:
    """Names of the macros that a paper's files define, those of TeX's own left out."""
    found = (match for source in sources for match in DEFINITION.finditer(COMMENT.sub(r"\1", source)))
    names = {match[1] or match[2] for match in found}
    return {name for name in names if "@" not in name and name not in standard}


def names_left(text: str, names: set[str]) -> Counter[str]:
    """User's macro names in the text outside code."""
    outside = CODE.sub("", text)
    return Counter(name for name in re.findall(r"\\([A-Za-z]+)", outside) if name in names)


def titles(source: str) -> list[str]:
    """Titles of the sectioning commands, in order, as they are written."""
    found = []
    for match in SECTION.finditer(source):
        title = braced(source, match.end() - 1)
        if title is not None and not NOT_KEPT.fullmatch(" ".join(words(title))):
            found.append(title)
    return found


def braced(source: str, begin: int) -> str | None:
    """What stands in the group that begins here; None where it does not end."""
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(source, begin):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return source[begin + 1 : match.start()]
    return None


def words(tex: str) -> list[str]:
    """Words of a short piece of TeX or Markdown: accents, commands, references and formulas taken out."""
    while (found := tex.find("\\texorpdfstring{")) >= 0:  # one of two is printed, and it need not be the plain one
        first = braced(tex, tex.index("{", found)) or ""
        after = found + len("\\texorpdfstring{}") + len(first)
        second = braced(tex, after) if tex[after : after + 1] == "{" else None
        tex = f"{tex[:found]} {tex[after + (len(second) + 2 if second is not None else 0) :]}"
    tex = ARGUMENT.sub(" ", tex)
    tex = re.sub(r"\$[^$]*\$|\\\(.*?\\\)", " ", tex)
    tex = re.sub(r"\\[A-Za-z]+\*?", " ", tex)
    return [word.lower() for word in WORD.findall(tex)]


def titles_found(source: str, text: str, names: set[str]) -> Found:
    """Which titles stand as headings in the text, in the order of the source."""
    headings = [Counter(words(heading)) for heading in HEADING.findall(text)]
    wanted = [title for title in titles(source) if words(title)]
    missing, at = [], 0
    for title in wanted:
        looked_for = Counter(word for word in words(title) if word not in names)
        hit = next((n for n in range(at, len(headings)) if share(looked_for, headings[n]) >= MIN_SHARE), None)
        if hit is None:
            missing.append(title)
        else:
            at = hit + 1
    return Found(len(wanted), tuple(missing))


def share(wanted: Counter[str], found: Counter[str]) -> float:
    """Share of the wanted that was found, each as often as it is wanted."""
    return (wanted & found).total() / wanted.total() if wanted else 1.0


def likeness(wanted: Counter[str], found: Counter[str]) -> tuple[float, int]:
    """By the share of the wanted, then the one that has least beside it."""
    return share(wanted, found), -found.total()


def equations(source: str) -> list[str]:
    """Display equations of the source."""
    named = (match["body"] or match["bracket"] or "" for match in DISPLAY.finditer(source))
    found = (*named, *between_dollars(source))
    return [body for body in found if body.strip() and "\\verb" not in body]


def between_dollars(source: str) -> Iterator[str]:
    """What stands between two pairs of dollars, those that end one inline formula and begin the next left out."""
    is_open, begin, at = "", 0, 0
    while (match := DOLLARS.search(source, at)) is not None:
        at = match.end()
        if match[0] == "$$" and is_open == "$":
            at -= 1
            is_open = ""
        elif match[0] in ("$", "$$") and not is_open:
            is_open, begin = match[0], match.end()
        elif match[0] == is_open:
            if is_open == "$$":
                yield source[begin : match.start()]
            is_open = ""
        elif match[0] == "\n\n":  # no formula goes on in the next paragraph
            is_open = ""


def tokens(equation: str, names: set[str]) -> Counter[str]:
    """Tokens of an equation that outlast the expansion of macros."""
    kept = (token for token in TOKEN.findall(NO_PART.sub(" ", equation)) if token not in NO_TOKEN)
    return Counter(token for token in kept if token[0] != "\\" or token[1:] not in names)


def equations_found(source: str, text: str, names: set[str], display: re.Pattern[str] = TEXT_DISPLAY) -> Found:
    """Which display equations are displays in the text, in any order, with balanced delimiters."""
    displays = [tokens(body, set()) for body in display.findall(text) if is_balanced(body)]
    wanted = equations(source)
    missing = []
    for equation in wanted:
        looked_for = tokens(equation, names)
        best = max(range(len(displays)), key=lambda n: likeness(looked_for, displays[n]), default=None)
        if best is None or share(looked_for, displays[best]) < MIN_SHARE:
            missing.append(equation)
        elif displays[best].total() <= 2 * looked_for.total():
            del displays[best]  # one that is no part of a longer one is found once
    return Found(len(wanted), tuple(missing))


def is_balanced(body: str) -> bool:
    """Whether braces, `\\left` and `\\right`, and environments close in order."""
    open_parts: list[str] = []
    closing = {"}": "{", "right": "left"}
    for match in re.finditer(r"\\(begin|end)\s*\{([^{}]*)\}|\\(left|right)(?![A-Za-z])|\\.|([{}])", body, re.DOTALL):
        part = match[3] or match[4] or ""
        if match[1] == "begin":
            open_parts.append(f"begin {match[2]}")
        elif part in ("{", "left"):
            open_parts.append(part)
        elif match[1] == "end" or part:
            expected = f"begin {match[2]}" if match[1] else closing[part]
            if not open_parts or open_parts.pop() != expected:
                return False
    return not open_parts


def words_recalled(theirs: str, text: str) -> tuple[int, int, Counter[str]]:
    """(Words of another tool's text that are in ours, how many it has, those that are not)."""
    prose = re.sub(r"\[?@[\w:.+/-]+(?:[;,]\s*@?[\w:.+/-]+)*\]?|\$\$.*?\$\$|\$[^$\n]+\$", " ", theirs, flags=re.DOTALL)
    wanted = Counter(word.lower() for word in WORD.findall(prose) if is_prose(word))
    found = Counter(word.lower() for word in WORD.findall(text))
    return (wanted & found).total(), wanted.total(), wanted - found


def is_prose(word: str) -> bool:
    """Not a formula that another tool wrote with the letters Unicode has for formulas."""
    return word.isalpha() and unicodedata.is_normalized("NFKC", word)


def sources_of(files: Mapping[str, bytes]) -> list[str]:
    """The files that may define macros, as text; bytes that are no UTF-8 do not matter here."""
    suffixes = (".tex", ".sty", ".cls", ".ltx", ".def", ".inc")
    return [data.decode("latin-1") for name, data in files.items() if name.lower().endswith(suffixes)]
