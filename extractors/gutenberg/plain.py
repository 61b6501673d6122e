"""Hard-wrapped plain text → Markdown: lines of prose joined, lines of verse and tables kept, chapter headings marked.

Method: a paragraph is wrapped prose when its lines but the last come near the width the text is set at, it is not
indented, and is no verse: lines that all begin with a capital, set in from the prose or ending where the next word had
room. Blind spot: couplets set flush left, long lines of a script without capitals.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.html.serialise import tidy

MIN_FILL_RATIO = 0.72
"""Share of the text's width that wrapped lines reach on average, inclusive; verse stays below it."""
EARLY_PERCENT = 1
"""Share of the lines of prose that may end although the next word had room."""
MAX_HEADING_CHARS = 80
_CHAPTER = re.compile(
    r"^(?:(?:THE\s+)?(?:CHAPTER|BOOK|PART|VOLUME|CANTO|ACT|SCENE|SECTION|LETTER|STAVE|APPENDIX|CHAPITRE|KAPITEL|CAPITULO"
    r"|CAPÍTULO|CAPITOLO|LIVRE|TEIL|LUKU)\b[ .]*"
    r"(?:[IVXLCDM]+|\d+|[A-Z][a-z]+(?:-[a-z]+)?|[A-Z]+|THE\s+\w+)\b[.:—-]*(?:\s.*)?"
    r"|PREFACE|FOREWORD|INTRODUCTION|PROLOGUE|EPILOGUE|CONTENTS|APPENDIX|INDEX|DEDICATION|CONCLUSION|AFTERWORD|GLOSSARY"
    r"|FOOTNOTES?|NOTES)\s*[.:]?$",
    re.I,
)
_SENTENCE_END = re.compile(r"[.!?,;]['\"”’)]*$")
_ITALIC = re.compile(r"(?<![\w_])_(?=[^\s_])([^_]{1,1500}?)(?<=[^\s_])_(?![\w_])")
_PICTURE = re.compile(r"^\[(?:Illustration|Image|Blank Page|Plate)\b[^\]:]{0,20}:?\]$", re.I)
_PAGE_MARK = re.compile(r"(?<!\S)\[{0}\] |\[{0}\]".replace("{0}", r"(?:Pg|Page)\.? ?(?:\d{1,4}|[ivxlc]{1,8})"))
"""With the blank after it, unless that stands between two words."""
_CONTENTS = re.compile(r"[. ]{4,}\d{1,4}$")
_RULE = re.compile(r"^[\W_]*$")
_TABLE_GAP = re.compile(r"\S {3,}\S")
_LIST = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*•])\s+\S")


def kept(text: str) -> str:
    """Text whose lines were set by hand, as the `<pre>` of an HTML edition: verse by its lines, a table as code."""
    return "\n\n".join(filter(None, (_block(paragraph, False, 0, 0) for paragraph, _ in _paragraphs(text.split("\n")))))


@dataclass(frozen=True, slots=True)
class Setting:
    """How the prose of a text is set."""

    reach: int
    """Columns that a line of it with the first word of the next one goes beyond; a text of verse has no such."""
    indent: int
    """Columns left of most of its paragraphs."""


def markdown(lines: list[str]) -> str:
    """The text as Markdown; `lines` have no line ends."""
    paragraphs = list(_paragraphs(lines))
    width = _width(lines)
    prose = [_is_prose(paragraph, width) for paragraph, _ in paragraphs]
    setting = _setting([paragraph for (paragraph, _), is_prose in zip(paragraphs, prose, strict=True) if is_prose])
    out: list[str] = []
    gaps = [3, *(gap for _, gap in paragraphs)]
    for (paragraph, gap_after), gap_before, is_prose in zip(paragraphs, gaps, prose, strict=False):
        block = _block(paragraph, is_prose and not _is_verse(paragraph, setting), gap_before, gap_after)
        if block:
            out.append(block)
    return tidy(_ITALIC.sub(r"\1", "\n\n".join(out)))


def _paragraphs(lines: list[str]) -> Iterator[tuple[list[str], int]]:
    """Runs of lines between blank ones, and the number of blank lines after each."""
    run: list[str] = []
    num_blank = 0
    for line in lines:
        if not line.strip():
            num_blank += 1
            continue
        if num_blank and run:
            yield run, num_blank
            run = []
        num_blank = 0
        run.append(line.rstrip().expandtabs(8))
    if run:
        yield run, num_blank


def _setting(paragraphs: list[list[str]]) -> Setting:
    prose = [paragraph for paragraph in paragraphs if len(paragraph) > 2 and not _all_capital(paragraph)]
    reaches = sorted(columns for paragraph in prose for columns in _reaches(paragraph))
    reach = reaches[len(reaches) * EARLY_PERCENT // 100] if reaches else sys.maxsize
    indents = Counter(min(map(_indent, paragraph)) for paragraph in prose)
    return Setting(reach, indents.most_common(1)[0][0] if indents else 0)


def _width(lines: list[str]) -> int:
    """Columns the prose is set at: the ninetieth percentile of lines that another line follows."""
    sizes = sorted(
        len(line.rstrip()) for line, following in itertools.pairwise(lines) if line.strip() and following.strip()
    )
    return sizes[len(sizes) * 9 // 10] if sizes else 0


def _block(lines: list[str], is_prose: bool, gap_before: int, gap_after: int) -> str:
    """One run of lines between blank ones as a Markdown block; "" for what is no text."""
    if any("[P" in line for line in lines):
        lines = [line for line in (_PAGE_MARK.sub("", line) for line in lines) if line.strip()]
    joined = " ".join(" ".join(lines).split())
    if _RULE.match(joined):
        return "" if not joined.strip("*-_ .=~") else joined
    if _PICTURE.match(joined):
        return ""
    if _is_heading(lines, joined, gap_before, gap_after):
        return "## " + joined.strip("_*=").strip()
    if is_prose:
        return joined
    return _kept_lines(lines)


def _is_heading(lines: list[str], joined: str, gap_before: int, gap_after: int) -> bool:
    """A line or two apart from the text that number a chapter, or stand in capitals between wide gaps."""
    if len(lines) > 2 or len(joined) > MAX_HEADING_CHARS or gap_before < 2:
        return False
    if (len(lines) == 2 and _CHAPTER.match(lines[1].strip("_*= "))) or _CONTENTS.search(joined):
        return False  # of a list of contents
    if _CHAPTER.match(joined.strip("_*= ")):
        return not joined.endswith((",", ";"))
    letters = [char for char in joined if char.isalpha()]
    capital = len(letters) >= 3 and all(char.isupper() or not char.islower() for char in letters)
    return capital and any(char.isupper() for char in letters) and gap_before >= 3 and gap_after >= 1


def _is_prose(lines: list[str], width: int) -> bool:
    """Whether the lines are one paragraph that was wrapped."""
    if len(lines) == 1:
        return not (lines[0][:4].isspace() and len(lines[0]) < width)
    if any(
        _TABLE_GAP.search(line.strip()) for line in lines[: max(2, len(lines) // 2)] if not _SENTENCE_END.search(line)
    ):
        gaps = sum(_TABLE_GAP.search(line.strip()) is not None for line in lines)
        if 2 * gaps >= len(lines):
            return False
    if sum(_LIST.match(line) is not None for line in lines) >= 2:
        return False
    indents = [_indent(line) for line in lines]
    inner = min(indents[1:])
    fill = [len(line) - inner for line in lines[:-1]]
    room = max(1, width - inner)
    if inner >= 4 and len(set(indents)) > 2:
        return False
    return sum(fill) / len(fill) >= MIN_FILL_RATIO * room and min(indents) < max(8, width // 4)


def _is_verse(lines: list[str], setting: Setting) -> bool:
    """Whether each line begins with a capital, and they are set in, or half of them end before they are full."""
    if len(lines) < 2 or not _all_capital(lines):
        return False
    reaches = _reaches(lines)
    num_early = sum(columns < setting.reach for columns in reaches)
    return min(map(_indent, lines)) > setting.indent or (len(lines) > 2 and 2 * num_early >= len(reaches))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _reaches(lines: list[str]) -> list[int]:
    """Columns of each line but the last with the first word of the next one."""
    return [len(line) + 1 + len(after.split(maxsplit=1)[0]) for line, after in itertools.pairwise(lines)]


def _all_capital(lines: list[str]) -> bool:
    return all(_first_letter(line).isupper() for line in lines)


def _first_letter(line: str) -> str:
    return next((char for char in line if char.isalnum()), "")


def _kept_lines(lines: list[str]) -> str:
    """The lines as they are: a table or drawing as code, verse with a hard break at each line's end."""
    gaps = sum(_TABLE_GAP.search(line.strip()) is not None for line in lines)
    if len(lines) > 1 and 2 * gaps >= len(lines):
        common = min(len(line) - len(line.lstrip()) for line in lines)
        return "```\n" + "\n".join(line[common:] for line in lines) + "\n```"
    return "\n".join(" ".join(line.split()) for line in lines)
