"""The report's plots, as inline SVG.

Horizontal places are percentages and vertical ones pixels, so a plot fills any width while its text keeps its size,
without a script. Colours are classes that the style sheet sets for light, dark and paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from pipelines.report.numbers import NBSP, full, share, short
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


def waterfall(steps: Sequence[Step], title: str) -> Markup:
    """A bar for each step: what goes on in grey, what leaves in colour at its end."""
    if not steps or not steps[0].before:
        return Markup("")
    whole, parts = steps[0].before, []
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
            width = 62 * count / largest if largest else 0
            parts.append(_bar(0, y, max(width, 0.2), 13, kind))
            parts.append(_text(width, y + 11, f"{label} {short(count)}{NBSP}{unit}", dx=6, of="value"))
            y += 16
        y += 12
    return _svg(parts, max(y - 12, 1), title)


def histogram(
    shape: Histogram, title: str, *, category: str | None = None, limits: tuple[float, float] | None = None
) -> Markup:
    """Documents by bin, the verdicts stacked; `limits` fixes the ends of the axis so that plots can be compared."""
    series = shape.by_verdict(category)
    names = [*(s for s in STACK if s in series), *(s for s in sorted(series) if s not in STACK)]
    filled = [number for bins in series.values() for number, count in bins.items() if count]
    if not filled:
        return Markup("")
    step = _bins_to_merge(shape, sum(sum(bins.values()) for bins in series.values()))
    first, last = _axis(shape, filled, step, limits)
    columns = (last - first) // step + 1
    merged = {name: _merged(series[name], first, step) for name in names}
    top = _nice(max(sum(merged[name].get(c, 0) for name in names) for c in range(columns)))
    parts = _rules(top)
    for column in range(columns):
        parts.append(_column(shape, names, merged, column, columns, first + column * step, step, top))
    parts += _ticks(shape, first, step, columns)
    return _svg(parts, _HEIGHT + 22, title, of="histogram")


_HEIGHT = 132
_PLOT_TOP = 12


def _bins_to_merge(shape: Histogram, documents: int) -> int:
    """Few documents make a comb of fine bins, so they get coarser ones."""
    if shape.bin_width is None:
        return 1 if documents >= 2000 else 2
    return 1 if documents >= 500 or shape.bin_width >= 0.05 else 2


def _axis(shape: Histogram, filled: Sequence[int], step: int, limits: tuple[float, float] | None) -> tuple[int, int]:
    first, last = min(filled), max(filled)
    if limits is not None and shape.bin_width is not None:
        first = min(first, round(limits[0] / shape.bin_width))
        last = max(last, round(limits[1] / shape.bin_width) - 1)
    if shape.bin_width is None and first != ZERO_BIN:
        first -= first % step
    if shape.bin_width is None and first == ZERO_BIN:
        first = -step  # the zero bin keeps its own column, and decades stay on a column's edge
    return first, last


def _merged(bins: Mapping[int, int], first: int, step: int) -> dict[int, int]:
    merged: dict[int, int] = {}
    for number, count in bins.items():
        column = (number - first) // step
        merged[column] = merged.get(column, 0) + count
    return merged


def _rules(top: int) -> list[Markup]:
    rules = []
    for part in (0.0, 0.5, 1.0):
        y = _HEIGHT - (_HEIGHT - _PLOT_TOP) * part
        rules.append(Markup('<line class="rule" x1="0" x2="100%" y1="{y}" y2="{y}"/>').format(y=_px(y)))
        if part and (top * part).is_integer():
            rules.append(_text(0, y - 2, short(top * part), of="tick"))
    return rules


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
    for number in _tick_bins(shape, first, first + columns * step):
        x = 100 * (number - first) / step / columns
        anchor = "start" if x < 3 else "end" if x > 97 else "middle"
        value = 0.0 if shape.bin_width is None and number < 0 else shape.lower_edge(number)
        ticks.append(_text(x, _HEIGHT + 16, short(value), anchor=anchor, of="tick"))
    return ticks


def _tick_bins(shape: Histogram, first: int, end: int) -> Iterable[int]:
    if shape.bin_width is not None:
        return range(first, end + 1, max(1, -(-(end - first) // 5)))
    decades = [n for n in range(0, end + 1, BINS_PER_DECADE) if n >= first]
    if first < 0:
        return [first, *decades[1:]]  # "0" stands where "1" would be
    return decades if len(decades) > 1 else [first, end]


def _nice(count: int) -> int:
    """The least 1, 2, 4 or 6 times a power of ten that is not below: halves of it are whole, but for 1."""
    scale = 1
    while True:
        for digit in (1, 2, 4, 6):
            if digit * scale >= count:
                return digit * scale
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
