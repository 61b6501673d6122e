"""Numbers as people read them: grouped digits, short forms, shares, sizes and durations."""

from __future__ import annotations

import math

NBSP = "\u00a0"
_SHORT = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def full(count: int) -> str:
    """All digits, in groups of three: 1,234,567."""
    return f"{count:,}"


def short(count: float) -> str:
    """Three significant digits and a letter: 1.23 M, 45.6 k; whole numbers below 10,000 in full."""
    if abs(count) < 10_000:
        return f"{count:,.0f}" if float(count).is_integer() or abs(count) >= 100 else f"{count:.3g}"
    return _scaled(count, _SHORT)


def tick(value: float) -> str:
    """The label of an axis: no more digits than the value needs (10 k, 0.75)."""
    for limit, unit in _SHORT:
        if abs(value) >= limit and (limit > 1e3 or abs(value) >= 10_000):
            return f"{value / limit:.4g}{NBSP}{unit}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.4g}"


def share(part: float, whole: float) -> str:
    """Part of the whole in per cent; a part that is there never reads as 0 %, nor an incomplete one as 100 %."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return f"<{NBSP}0.1{NBSP}%"
    if 99.9 < percent < 100:
        return f">{NBSP}99.9{NBSP}%"
    return f"{percent:.0f}{NBSP}%" if percent in (0, 100) else f"{percent:.1f}{NBSP}%"


def size(count_bytes: int) -> str:
    """Bytes in decimal units: 12.3 MB."""
    return f"{count_bytes}{NBSP}B" if count_bytes < 1000 else _scaled(count_bytes, _SIZES)


def duration(seconds: float) -> str:
    """4.2 s, 3 min 12 s, 2 h 05 min."""
    if seconds < 59.95:
        return f"{seconds:.1f}{NBSP}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{NBSP}min{NBSP}{rest:02d}{NBSP}s"
    return f"{minutes // 60}{NBSP}h{NBSP}{minutes % 60:02d}{NBSP}min"


def measured(value: str | None) -> str:
    """A measured value or limit as it was stored, long decimals cut to four significant digits."""
    if value is None:
        return "–"
    try:
        number = float(value)
    except ValueError:
        return value
    if not math.isfinite(number):
        return value
    if number.is_integer() and abs(number) < 1e15:
        return f"{int(number):,}"
    return f"{number:,.4g}" if abs(number) < 10_000 else f"{number:,.0f}"


def plural(count: int, noun: str) -> str:
    """1 document, 2 documents, 1,234 categories."""
    if count == 1:
        return f"1 {noun}"
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {many}"


def _scaled(count: float, units: tuple[tuple[float, str], ...]) -> str:
    for limit, unit in units:
        if abs(count) >= limit * 0.9995:
            return f"{_three_digits(count / limit)}{NBSP}{unit}"
    return f"{count:,.0f}"


def _three_digits(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 9.995 else f"{value:.1f}" if abs(value) < 99.95 else f"{value:,.0f}"
