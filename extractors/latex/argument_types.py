"""xparse's argument specifications, such as `s O{x} m`, as types with their tokens."""

from __future__ import annotations


def argument_types(spec: list[str]) -> tuple[tuple[str, list[str]], ...]:
    """At most nine types; what follows `=` or `>` in braces is a processor and left out."""
    chars = [part for token in spec for part in (token if token[0].isalnum() else (token,)) if part not in " \t"]
    types: list[tuple[str, list[str]]] = []
    i = 0
    while i < len(chars) and len(types) < 9:
        kind = chars[i]
        i += 1
        extra: list[str] = []
        if kind in "+!>=":
            if kind in ">=":
                _, i = _braced(chars, i)
            continue
        if kind in "tdDrR":
            count = 1 if kind == "t" else 2
            extra += chars[i : i + count]
            i += count
        if kind in "ODRG":
            default, i = _braced(chars, i)
            extra += default
        elif kind in "eE":
            marks, i = _braced(chars, i)
            extra += marks
            if kind == "E":
                _, i = _braced(chars, i)
        if kind in "mvoOstdDrRgGeE":
            types.append((kind, extra))
    return tuple(types)


def _braced(chars: list[str], i: int) -> tuple[list[str], int]:
    if i >= len(chars) or chars[i] != "{":
        return [], i
    depth = 0
    for k in range(i, len(chars)):
        depth += (chars[k] == "{") - (chars[k] == "}")
        if depth == 0:
            return chars[i + 1 : k], k + 1
    return chars[i + 1 :], len(chars)
