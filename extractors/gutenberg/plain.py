"""Hard-wrapped plain text → Markdown: lines of prose joined, lines of verse and tables kept, chapter headings marked.

Method: a paragraph is wrapped prose when its lines but the last come near the width the text is set at and it is not
indented. Blind spot: verse set flush left in long lines reads as prose.
"""

from __future__ import annotations

import itertools
import re
import unicodedata

MIN_FILL_RATIO = 0.72
"""Share of the text's width that wrapped lines reach on average, inclusive; verse stays below it."""
MAX_HEADING_CHARS = 80
MAX_WORDS_JOINED = 12
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
_PICTURE = re.compile(r"^\[(?:Illustration|Image|Blank Page|Plate)\b[^\]:]{0,20}\]$", re.I)
_RULE = re.compile(r"^\W*$")
_TABLE_GAP = re.compile(r"\S {3,}\S")
_LIST = re.compile(r"^\s*(?:\d{1,3}[.)]|[-*•])\s+\S")


def markdown(lines: list[str]) -> str:
    """The text as Markdown; `lines` have no line ends."""
    width = _width(lines)
    out: list[str] = []
    gap_before = 3
    i = 0
    while i < len(lines):
        if not lines[i].strip():
            gap_before += 1
            i += 1
            continue
        end = i
        while end < len(lines) and lines[end].strip():
            end += 1
        num_blank = 0
        while end + num_blank < len(lines) and not lines[end + num_blank].strip():
            num_blank += 1
        block = _block([line.rstrip().expandtabs(8) for line in lines[i:end]], width, gap_before, num_blank)
        if block:
            out.append(block)
        i, gap_before = end, 0
    text = _ITALIC.sub(r"\1", "\n\n".join(out))
    return unicodedata.normalize("NFC", text).strip("\n")


def _width(lines: list[str]) -> int:
    """Columns the prose is set at: the ninetieth percentile of lines that another line follows."""
    sizes = sorted(
        len(line.rstrip()) for line, following in itertools.pairwise(lines) if line.strip() and following.strip()
    )
    return sizes[len(sizes) * 9 // 10] if sizes else 0


def _block(lines: list[str], width: int, gap_before: int, gap_after: int) -> str:
    """One run of lines between blank ones as a Markdown block; "" for what is no text."""
    joined = " ".join(" ".join(lines).split())
    if _RULE.match(joined):
        return "" if not joined.strip("*-_ .=~") else joined
    if _PICTURE.match(joined):
        return ""
    if _is_heading(lines, joined, gap_before, gap_after):
        return "## " + joined.strip("_*=").strip()
    if _is_prose(lines, width):
        return joined
    return _kept_lines(lines)


def _is_heading(lines: list[str], joined: str, gap_before: int, gap_after: int) -> bool:
    """A line or two apart from the text that number a chapter, or stand in capitals between wide gaps."""
    if len(lines) > 2 or len(joined) > MAX_HEADING_CHARS or gap_before < 2:
        return False
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
    indents = [len(line) - len(line.lstrip()) for line in lines]
    inner = min(indents[1:])
    fill = [len(line) - inner for line in lines[:-1]]
    room = max(1, width - inner)
    if inner >= 4 and len(set(indents)) > 2:
        return False
    return sum(fill) / len(fill) >= MIN_FILL_RATIO * room and min(indents) < max(8, width // 4)


def _kept_lines(lines: list[str]) -> str:
    """The lines as they are: a table or drawing as code, verse with a hard break at each line's end."""
    gaps = sum(_TABLE_GAP.search(line.strip()) is not None for line in lines)
    if len(lines) > 1 and 2 * gaps >= len(lines):
        common = min(len(line) - len(line.lstrip()) for line in lines)
        return "```\n" + "\n".join(line[common:] for line in lines) + "\n```"
    return "\n".join(" ".join(line.split()) for line in lines)
