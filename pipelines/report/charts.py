"""The report's plots, as inline SVG.

Horizontal places are percentages and vertical ones pixels, so a plot fills any width while its text keeps its size,
without a script. Colours are classes that the style sheet sets for light, dark and paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from pipelines.report.numbers import NBSP, full, share, short, tick
from pipelines.report.statistics import BINS_PER_DECADE, ZERO_BIN, Histogram

STACK = ("kept", "dropped", "failed")
"""Series of a stacked plot, from the bottom; any other series comes after them in its own order."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel: what leaves there."""

    label: str
    kind: str
    """Class of its colour: skipped, failed, dropped, duplicate, benchmark; `kept` closes the funnel."""
    before: int
    """Records that reach the step."""
    removed: int
    href: str | None = None
    note: str = ""

    @property
    def after(self) -> int:
        return self.before - self.removed


def waterfall(steps: Sequence[Step], whole: int, title: str) -> Markup:
    """A bar of `whole` records for each step: what goes on in grey, what leaves in colour at its end."""
    if not whole:
        return Markup("")
    parts = []
    for number, step in enumerate(steps):
        y = number * 40
        stays = step.removed if step.kind == "kept" else step.after
        sign = "" if step.kind == "kept" else "−"
        amount = f"{sign}{full(step.removed)}{NBSP * 2}{share(step.removed, whole)}"
        parts.append(_text(0, y + 13, step.label))
        parts.append(_text(100, y + 13, amount, anchor="end", of="value"))
        parts.append(_bar(0, y + 19, 100, 12, "track"))
        parts.append(_bar(0, y + 19, 100 * stays / whole, 12, "kept" if step.kind == "kept" else "rest"))
        if step.kind != "kept" and step.removed:
            width = max(100 * step.removed / whole, 0.3)
            parts.append(_bar(min(100 * step.after / whole, 100 - width), y + 19, width, 12, step.kind))
    return _svg(parts, 40 * len(steps) - 6, title)


def bar(count: float, largest: float, kind: str) -> Markup:
    """A bar in a table cell; decoration only, since the number stands beside it."""
    width = 100 * count / largest if largest else 0
    width = max(width, 0.6) if count else 0
    return Markup('<svg class="cell" width="100%" height="10" aria-hidden="true">{}</svg>').format(
        Markup("").join([_bar(0, 0, 100, 10, "track"), _bar(0, 0, width, 10, kind)])
    )


def stacked_bar(counts: Mapping[str, int], largest: float) -> Markup:
    """A bar in a table cell, made of the series of `STACK`."""
    x, parts = 0.0, [_bar(0, 0, 100, 10, "track")]
    for kind in STACK:
        width = 100 * counts.get(kind, 0) / largest if largest else 0
        parts.append(_bar(x, 0, width, 10, kind))
        x += width
    return Markup('<svg class="cell" width="100%" height="10" aria-hidden="true">{}</svg>').format(
        Markup("").join(parts)
    )


def grouped_bars(groups: Sequence[tuple[str, Sequence[tuple[str, str, int]]]], title: str, unit: str) -> Markup:
    """For each group a heading line and one bar for each (label, class, count)."""
    largest = max((count for _, bars in groups for _, _, count in bars), default=0)
    parts, y = [], 0
    for name, bars in groups:
        parts.append(_text(0, y + 14, name, of="head"))
        y += 20
        for label, kind, count in bars:
            width = max(62 * count / largest, 0.2) if count else 0
            parts.append(_bar(0, y, width, 13, kind))
            parts.append(_text(width, y + 11, f"{label} {short(count)}{NBSP}{unit}", dx=6, of="value"))
            y += 16
        y += 12
    return _svg(parts, max(y - 12, 1), title)


def histogram(
    shape: Histogram, title: str, *, category: str | None = None, limits: tuple[float, float] | None = None
) -> Markup:
    """Documents by bin, the verdicts stacked; `limits` (values) widens the axis, so that plots can be compared."""
    series = shape.by_verdict(category)
    names = [*(s for s in STACK if s in series), *(s for s in sorted(series) if s not in STACK)]
    filled = [number for bins in series.values() for number, count in bins.items() if count]
    if not filled:
        return Markup("")
    step = _bins_to_merge(shape, sum(sum(bins.values()) for bins in series.values()))
    first, columns = _axis(shape, filled, step, limits)
    merged = {name: _merged(series[name], first, step) for name in names}
    top = _nice(max(sum(merged[name].get(c, 0) for name in names) for c in range(columns)))
    parts = _gridlines(top)
    for column in range(columns):
        parts.append(_column(shape, names, merged, column, columns, first + column * step, step, top))
    parts += _levels(top)
    parts += _ticks(shape, first, step, columns)
    return _svg(parts, _HEIGHT + 22, title, of="histogram")


_HEIGHT = 132
_PLOT_TOP = 12


def _bins_to_merge(shape: Histogram, documents: int) -> int:
    """Few documents make a comb of fine bins, so they get coarser ones; a decade stays whole columns."""
    if shape.bin_width is None:
        return 1 if documents >= 2000 else 2
    return 1 if documents >= 2000 or (shape.bin_width >= 0.05 and documents >= 100) else 2 if documents >= 200 else 5


def _axis(shape: Histogram, filled: Sequence[int], step: int, limits: tuple[float, float] | None) -> tuple[int, int]:
    """The first bin and the number of columns: whole decades, or whole columns that start at a multiple of `step`."""
    first, end = min(filled), max(filled) + 1
    if limits is not None:
        first, end = min(first, shape.bin_of(limits[0])), max(end, shape.bin_of(limits[1]))
    unit = BINS_PER_DECADE if shape.bin_width is None else step
    if shape.bin_width is None and first == ZERO_BIN:
        first = -step  # the column of the value 0, before the first decade
    else:
        first -= first % unit
    last = end if first < 0 else end - first
    columns = -(-last // unit) * unit // step + (1 if first < 0 else 0)
    return first, columns


def _merged(bins: Mapping[int, int], first: int, step: int) -> dict[int, int]:
    merged: dict[int, int] = {}
    for number, count in bins.items():
        column = (number - first) // step
        merged[column] = merged.get(column, 0) + count
    return merged


def _gridlines(top: int) -> list[Markup]:
    line = Markup('<line class="rule" x1="0" x2="100%" y1="{y}" y2="{y}"/>')
    return [line.format(y=_px(_level(part))) for part in (0.0, *_parts(top))]


def _levels(top: int) -> list[Markup]:
    """What the gridlines stand for, over the columns so that these don't hide it."""
    return [_text(0, _level(part) - 3, tick(top * part), of="tick") for part in _parts(top)]


def _parts(top: int) -> tuple[float, ...]:
    return (1.0,) if top % 2 else (0.5, 1.0)


def _level(part: float) -> float:
    return _HEIGHT - (_HEIGHT - _PLOT_TOP) * part


def _column(
    shape: Histogram,
    names: Sequence[str],
    merged: Mapping[str, Mapping[int, int]],
    column: int,
    columns: int,
    number: int,
    step: int,
    top: int,
) -> Markup:
    y, said = float(_HEIGHT), []
    bars = []
    for name in names:
        count = merged[name].get(column, 0)
        if count:
            height = max((_HEIGHT - _PLOT_TOP) * count / top, 1.0)
            y -= height
            bars.append(_bar(100 * column / columns, y, 92 / columns, height, name))
            said.append(f"{full(count)} {name}")
    if not bars:
        return Markup("")
    low, high = shape.lower_edge(number), shape.lower_edge(number + step)
    span = "0" if shape.bin_width is None and number < 0 else f"{short(low)} to {short(high)}"
    return Markup("<g><title>{}: {}</title>{}</g>").format(span, ", ".join(said), Markup("").join(bars))


def _ticks(shape: Histogram, first: int, step: int, columns: int) -> list[Markup]:
    ticks = []
    for number, value in _tick_bins(shape, first, first + columns * step):
        x = 100 * (number - first) / step / columns
        anchor = "start" if x < 3 else "end" if x > 97 else "middle"
        ticks.append(_text(x, _HEIGHT + 16, tick(value), anchor=anchor, of="tick"))
    return ticks


def _tick_bins(shape: Histogram, first: int, end: int) -> list[tuple[int, float]]:
    """Bins at whose lower edge a tick stands, and its value."""
    if shape.bin_width is None:
        decades = [(n, 10.0 ** (n // BINS_PER_DECADE)) for n in range(0, end + 1, BINS_PER_DECADE) if n >= first]
        return [(first, 0.0), *decades[1:]] if first < 0 else decades  # "0" stands where "1" would
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100) if (end - first) / n <= 6)
    return [(n, n * shape.bin_width) for n in range(first, end + 1) if n % every == 0]


def _nice(count: int) -> int:
    """The least of 1, 2, 4, 6 or 8, or of 10, 12, 16, 20, 30, 40, 60 or 80 times a power of ten, that is not below."""
    if count <= 8:
        return next(level for level in (1, 2, 4, 6, 8) if level >= count)
    scale = 1
    while True:
        for digits in (10, 12, 16, 20, 30, 40, 60, 80):
            if digits * scale >= count:
                return digits * scale
        scale *= 10


def _bar(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    return Markup('<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"/>').format(
        f"s-{kind}", _px(x), _px(y), _px(width), _px(height)
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", dx: int = 0, of: str = "label") -> Markup:
    return Markup('<text class="{}" x="{}%" y="{}" dx="{}" text-anchor="{}">{}</text>').format(
        of, _px(x), _px(y), dx, anchor, text
    )


def _svg(parts: Iterable[Markup], height: float, title: str, of: str = "plot") -> Markup:
    return Markup('<svg class="{}" width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        of, _px(height), escape(title), Markup("").join(parts)
    )


def _px(value: float) -> str:
    """At most three decimals, no exponent, so that the page has the same bytes everywhere."""
    return f"{value:.3f}".rstrip("0").rstrip(".")
