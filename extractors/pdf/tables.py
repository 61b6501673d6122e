"""Tables that ruling lines make plain → pipe tables in the place of their words.

Method: a grid of level and upright lines gives cells and spans; three or more level lines of one width (as books set
tables) give columns where a strip stays free in every row. What does not fit stays running lines: a wrong table is
worse than none. Blind spot: tables without lines, on turned pages, and in right-to-left writing; a table in a table's
cell is words of the cell.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from extractors.pdf.rules import Rule, Rules
from extractors.pdf.segments import Segment, Word
from extractors.pipe_table import Cell, render

MAX_COLUMNS = 30
MAX_ROWS = 300
MAX_RULES = 800
"""Lines of a page beyond which they are a drawing's, exclusive."""
MIN_FILLED_RATIO = 0.5
"""Share of a table's places that its cells with text cover, inclusive; diagrams stay below it."""
MIN_STRIP = 0.36
"""Font sizes of a strip between columns that is free in four or more rows, inclusive; a space has some 0.28."""
MIN_STRIP_FEW = 0.8
"""The same in fewer rows."""
MIN_NUMBER_STRIP = 0.15
"""The same where a number stands after it in each of four or more rows."""
_NUMBER = re.compile(r"[+−–-]?[\d.,]*\d[%*†‡]?")
TOUCH = 3.0
"""Points by which lines may miss each other and still meet."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A region of the page and its Markdown."""

    x0: float
    x1: float
    low: float
    high: float
    markdown: str
    segments: list[Segment]
    """What it is made of; one at least."""

    @property
    def area(self) -> float:
        return (self.x1 - self.x0) * (self.high - self.low)

    def overlaps(self, other: _Table) -> bool:
        """They lie over each other, or one segment is in both."""
        if self.low < other.high and other.low < self.high and self.x0 < other.x1 and other.x0 < self.x1:
            return True
        return not set(map(id, self.segments)).isdisjoint(map(id, other.segments))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A word and the segment it stands in."""

    word: Word
    segment: Segment

    @property
    def y(self) -> float:
        return self.segment.y

    @property
    def size(self) -> float:
        return self.segment.size

    @property
    def x(self) -> float:
        return (self.word.x0 + self.word.x1) / 2

    @property
    def height(self) -> float:
        """Middle of its small letters."""
        return self.y + 0.3 * self.size


def with_tables(segments: list[Segment], rules: Rules) -> list[Segment]:
    """The segments, those of a table in one."""
    found: list[_Table] = []
    if len(rules.level) >= 3:
        found = _apart_from([], _grids(segments, rules))
        found = _apart_from(found, _ruled(segments, rules))
    gone = {id(segment) for table in found for segment in table.segments}
    rest = [segment for segment in segments if id(segment) not in gone]
    return rest + [_whole(table) for table in found]


def _apart_from(found: list[_Table], more: list[_Table]) -> list[_Table]:
    """The tables found and of those after them, the largest first, what overlaps none before it."""
    out = [*found]
    for table in sorted(more, key=lambda table: -table.area):
        if not any(table.overlaps(other) for other in out):
            out.append(table)
    return out


def _whole(table: _Table) -> Segment:
    top = max(table.segments, key=lambda segment: segment.y)
    return Segment("", table.x0, table.x1, top.y, top.size, table=table.markdown)


def _placed(segments: Sequence[Segment], x0: float, x1: float, low: float, high: float) -> list[_Placed] | None:
    """Words of a region; None where one sticks out at its sides or a segment's words have no places."""
    found: list[_Placed] = []
    for segment in segments:
        if not low < segment.y + 0.3 * segment.size < high or segment.x1 < x0 or segment.x0 > x1:
            continue
        words = [word for word in segment.words if x0 - TOUCH <= (word.x0 + word.x1) / 2 < x1 + TOUCH]
        if not words or len(words) < len(segment.words):
            return None
        found += [_Placed(word, segment) for word in words]
    return found


def _read(words: list[_Placed]) -> list[Segment]:
    """The segments of the words, each once."""
    return list({id(word.segment): word.segment for word in words}.values())


# ---- grids of level and upright lines


def _grids(segments: list[Segment], rules: Rules) -> list[_Table]:
    found = []
    for level, upright in _joined(rules):
        x0, x1 = min(rule.start for rule in level), max(rule.end for rule in level)
        xs = _distinct([rule.at for rule in upright] + [x0, x1])
        ys = _distinct([rule.at for rule in level] + [y for rule in upright for y in (rule.start, rule.end)])[::-1]
        if not (3 <= len(xs) <= MAX_COLUMNS + 1 and 3 <= len(ys) <= MAX_ROWS):
            continue
        words = _placed(segments, xs[0], xs[-1], ys[-1], ys[0])
        markdown = _grid(words, xs, ys, level, upright) if words else ""
        if words and markdown:
            found.append(_Table(xs[0], xs[-1], ys[-1], ys[0], markdown, _read(words)))
    return found


def _joined(rules: Rules) -> list[tuple[list[Rule], list[Rule]]]:
    """Lines that meet, as the level and the upright ones of each figure."""
    if len(rules.level) + len(rules.upright) > MAX_RULES:
        return []
    groups: list[tuple[set[Rule], set[Rule]]] = []
    for line in rules.upright:
        whole = ({rule for rule in rules.level if _meet(rule, line)}, {line})
        near = [group for group in groups if group[0] & whole[0]]
        for group in near:
            whole = (whole[0] | group[0], whole[1] | group[1])
        groups = [group for group in groups if group not in near] + [whole]
    order = [(sorted(level, key=_place), sorted(upright, key=_place)) for level, upright in groups]
    return [group for group in order if len(group[0]) >= 3]


def _place(rule: Rule) -> tuple[float, float, float]:
    return (rule.at, rule.start, rule.end)


def _meet(level: Rule, upright: Rule) -> bool:
    return (
        level.start - TOUCH <= upright.at <= level.end + TOUCH
        and upright.start - TOUCH <= level.at <= upright.end + TOUCH
    )


def _distinct(values: list[float]) -> list[float]:
    """The values, those nearer to each other than `TOUCH` once."""
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > TOUCH:
            out.append(value)
    return out


def _grid(words: list[_Placed], xs: list[float], ys: list[float], level: list[Rule], upright: list[Rule]) -> str:
    """The table of a grid; "" where it is none."""
    taken: set[tuple[int, int]] = set()
    rows: list[list[Cell]] = []
    num_placed = num_filled = 0
    for r in range(len(ys) - 1):
        row: list[Cell] = []
        for c in range(len(xs) - 1):
            if (r, c) in taken:
                continue
            right = _end(c, len(xs) - 1, lambda k: not _crossed(upright, xs[k], (ys[r] + ys[r + 1]) / 2))  # noqa: B023
            low = _end(r, len(ys) - 1, lambda k: not _covered(level, ys[k], xs[c], xs[right]))  # noqa: B023
            taken |= set(itertools.product(range(r, low), range(c, right)))
            inside = [w for w in words if xs[c] <= w.x < xs[right] and ys[low] <= w.height < ys[r]]
            num_placed += len(inside)
            num_filled += (right - c) * (low - r) * bool(inside)
            row.append(Cell(_text(inside), right - c, low - r))
        rows.append(row)
    filled = [sum(bool(cell.text) for cell in row) for row in rows]
    places = (len(xs) - 1) * (len(ys) - 1)
    whole = num_placed == len(words) and num_filled >= MIN_FILLED_RATIO * places
    return render(rows) if whole and sum(num >= 2 for num in filled) >= 2 and not _stacked(words, xs, ys) else ""


def _end(start: int, stop: int, is_open: object) -> int:
    """The border after `start` that is drawn, or the last."""
    assert callable(is_open)
    return next((k for k in range(start + 1, stop) if not is_open(k)), stop)


def _crossed(upright: list[Rule], x: float, y: float) -> bool:
    return any(abs(rule.at - x) <= TOUCH and rule.start <= y <= rule.end for rule in upright)


def _covered(level: list[Rule], y: float, x0: float, x1: float) -> bool:
    middle = (x0 + x1) / 2
    return any(abs(rule.at - y) <= TOUCH and rule.start <= middle <= rule.end for rule in level)


def _stacked(words: list[_Placed], xs: list[float], ys: list[float]) -> bool:
    """Rows of text without lines between them: what stands in one field of the grid is many rows."""
    for high, low in itertools.pairwise(ys):
        columns = []
        for left, right in itertools.pairwise(xs):
            lines = {round(w.y) for w in words if left <= w.x < right and low <= w.height < high}
            columns.append(lines)
        filled = [lines for lines in columns if lines]
        if len(filled) >= 2 and len(filled[0]) >= 3 and all(len(lines) == len(filled[0]) for lines in filled):
            return True
    return False


def _text(words: list[_Placed]) -> str:
    """Words of a cell, line after line."""
    return " ".join(word.word.text for row in _rows(words) for word in row)


def _rows(words: list[_Placed]) -> list[list[_Placed]]:
    """Words on one baseline together, from the top; each row from the left."""
    rows: list[list[_Placed]] = []
    for word in sorted(words, key=lambda w: (-w.y, w.word.x0)):
        if rows and rows[-1][0].y - word.y < 0.45 * max(word.size, rows[-1][0].size):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda w: w.word.x0) for row in rows]


# ---- level lines alone


def _ruled(segments: list[Segment], rules: Rules) -> list[_Table]:
    """Tables between level lines of one width."""
    found: list[_Table] = []
    widths: dict[tuple[int, int], list[Rule]] = {}
    for rule in sorted(rules.level, key=lambda rule: -rule.at):
        key = next((k for k in widths if abs(k[0] - rule.start) <= TOUCH and abs(k[1] - rule.end) <= TOUCH), None)
        widths.setdefault(key or (round(rule.start), round(rule.end)), []).append(rule)
    for lines in widths.values():
        first = 0
        while first + 2 < len(lines):
            table, last = None, first + 1
            for stop in range(first + 2, len(lines)):
                longer = _between(segments, lines[first : stop + 1], rules)
                if longer is None:
                    break
                table, last = longer, stop
            if table is not None:
                found.append(table)
            first = last
    return found


def _between(segments: list[Segment], lines: list[Rule], rules: Rules) -> _Table | None:
    """The table whose head stands between the first two lines and whose body below them."""
    x0, x1, high, low = lines[0].start, lines[0].end, lines[0].at, lines[-1].at
    words = _placed(segments, x0, x1, low, high)
    if not words or any(rule.at > x0 + TOUCH and rule.at < x1 - TOUCH and low < rule.start < high
                        for rule in rules.upright):  # fmt: skip
        return None
    head = _rows([word for word in words if word.height > lines[1].at])
    body = _rows([word for word in words if word.height <= lines[1].at])
    if not head or not 2 <= len(body) <= MAX_ROWS or len(head) > 6:
        return None
    borders = _borders(body, x0, x1)
    if not 1 <= len(borders) < MAX_COLUMNS:
        return None
    edges = [x0 - TOUCH, *borders, x1 + TOUCH]
    rows = [_body_row(row, edges) for row in body]
    num_filled = sum(bool(cell.text) for row in rows for cell in row)
    first = sum(bool(row[0].text) for row in rows)
    if num_filled < 0.7 * len(rows) * (len(edges) - 1) or first < 0.7 * len(rows):
        return None
    return _Table(x0, x1, low, high, render([*_head_rows(head, edges, rules.level), *rows]), _read(words))


def _borders(body: list[list[_Placed]], x0: float, x1: float) -> list[float]:
    """Middles of the strips that no word of the body stands in."""
    size = median(word.size for row in body for word in row)
    least = (MIN_STRIP if len(body) >= 4 else MIN_STRIP_FEW) * size
    out: list[float] = []
    end = None
    for word in sorted((word.word for row in body for word in row), key=lambda word: word.x0):
        if end is not None and word.x0 > end:
            middle = (end + word.x0) / 2
            wide = word.x0 - end >= least
            if wide or (word.x0 - end >= MIN_NUMBER_STRIP * size and len(body) >= 4 and _numbers_follow(body, middle)):
                out.append(middle)
        end = word.x1 if end is None else max(end, word.x1)
    return [x for x in out if x0 < x < x1]


def _numbers_follow(body: list[list[_Placed]], x: float) -> bool:
    """In every row the word after `x` is a number: two of them are two cells however near they stand."""
    following = [next((w.word.text for w in row if w.x > x), "") for row in body]
    return all(_NUMBER.fullmatch(text) for text in following)


def _body_row(row: list[_Placed], edges: list[float]) -> list[Cell]:
    return [
        Cell(" ".join(word.word.text for word in row if left <= word.x < right))
        for left, right in itertools.pairwise(edges)
    ]


def _head_rows(head: list[list[_Placed]], edges: list[float], level: list[Rule]) -> list[list[Cell]]:
    """Rows of the head; words set between two of them belong to the one above where it has room."""
    rows: list[list[tuple[int, int, str]]] = []
    before = 0.0
    for line in head:
        cells = _head_cells(line, edges, level)
        near = bool(rows) and before - line[0].y < 0.9 * line[0].size
        free = rows and not any(a < d and c < b for a, b, _ in rows[-1] for c, d, _ in cells)
        if near and free:
            rows[-1] += cells
        else:
            rows.append(cells)
            before = line[0].y
    out = []
    for spans in rows:
        row, column = [], 0
        for start, stop, text in sorted(spans):
            row += [Cell("")] * (start - column)
            row.append(Cell(text, stop - start))
            column = stop
        out.append(row + [Cell("")] * (len(edges) - 1 - column))
    return out


def _head_cells(line: list[_Placed], edges: list[float], level: list[Rule]) -> list[tuple[int, int, str]]:
    """First column, the one after the last, and the text of each phrase of a row of the head."""
    phrases: list[list[_Placed]] = []
    for word in line:
        if phrases and word.word.x0 - phrases[-1][-1].word.x1 < 0.5 * word.size:
            phrases[-1].append(word)
        else:
            phrases.append([word])
    cells: list[tuple[int, int, str]] = []
    for phrase in phrases:
        under = [
            rule for rule in level
            if 0 < phrase[0].y - rule.at < 0.8 * phrase[0].size and rule.start - TOUCH <= phrase[0].word.x0
            and phrase[-1].word.x1 <= rule.end + TOUCH and rule.end - rule.start < 0.9 * (edges[-1] - edges[0])
        ]  # fmt: skip
        single = [_column(word.x, edges) for word in phrase]
        if not under and len(set(single)) == len(phrase):
            cells += [(c, c + 1, word.word.text) for c, word in zip(single, phrase, strict=True)]
            continue
        start, stop = (under[0].start, under[0].end) if under else (phrase[0].word.x0, phrase[-1].word.x1)
        text = " ".join(word.word.text for word in phrase)
        cells.append((_column(start + 1, edges), _column(stop - 1, edges) + 1, text))
    return _apart(cells)


def _apart(cells: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The cells, those that would stand in one column joined."""
    out: list[tuple[int, int, str]] = []
    for start, stop, text in sorted(cells):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(stop, out[-1][1]), f"{out[-1][2]} {text}")
        else:
            out.append((start, stop, text))
    return out


def _column(x: float, edges: list[float]) -> int:
    return next((c for c in range(len(edges) - 2) if x < edges[c + 1]), len(edges) - 2)
