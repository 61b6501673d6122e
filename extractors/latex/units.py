"""siunitx and mhchem in text: `\\SI{3}{\\kilo\\metre}` reads `3 km`, `\\ce{H2O}` reads `H2O`."""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.latex.commands import UNIT_PREFIXES, UNITS
from extractors.latex.definitions import Handler
from extractors.latex.tokens import SOFT_SPACE

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

_POWERS = {"\\squared": "^2", "\\cubed": "^3", "\\per": "/", "\\of": " "}


def _unit(c: Converter, tokens: list[str]) -> str:
    out: list[str] = []
    power = ""
    for token in tokens:
        name = token[1:]
        if token in ("\\square", "\\cubic"):
            power = "^2" if token == "\\square" else "^3"
        elif token in _POWERS:
            out.append(_POWERS[token])
        elif token[0] == "\\" and name in UNIT_PREFIXES and name != "m":
            out.append((" " if out and out[-1][-1:].isalnum() else "") + UNIT_PREFIXES[name] + "\x0f")
        elif token[0] == "\\" and name in UNITS:
            joins = out and (out[-1].endswith("\x0f") or out[-1] == "/")
            out.append(("" if joins or not out else " ") + UNITS[name] + power)
            power = ""
        elif token in (".", "~", "\\,"):
            out.append(" ")
        elif token not in ("{", "}", "$", " ") and token not in ("\\tothe", "\\raiseto"):
            out.append(SYMBOL.get(token, token) if token[0] != "\\" or token in SYMBOL else "")
        elif token == "\\tothe":
            out.append("^")
    return "".join(out).replace("\x0f", "").strip()


SYMBOL = {"\\mu": "µ", "\\Omega": "Ω", "\\%": "%", "\\circ": "°", "\\micro": "µ", "\\AA": "Å"}


def _digits(tokens: list[str]) -> str:
    text = "".join(token for token in tokens if token not in ("{", "}", "$", " ", SOFT_SPACE)).replace("\\pm", "±")
    mantissa, mark, exponent = text.partition("e")
    if mark and mantissa[-1:].isdigit() and exponent.lstrip("+-").isdigit():
        return f"{mantissa}×10^{exponent.lstrip('+')}"
    if mark and not mantissa and exponent.lstrip("+-").isdigit():
        return f"10^{exponent.lstrip('+')}"
    return text.replace("+-", " ± ").replace("\\times", "×").replace(";", ", ")


def quantity(c: Converter, name: str) -> None:
    """`\\SI{number}{unit}`; physics' `\\qty(x)` has no second argument and keeps its brackets."""
    g = c.g
    g.opt()
    if not g.next_is("{"):
        return
    number = g.arg()
    g.opt()
    if not g.next_is("{"):
        g.push(["{", *number, "}"])
        return
    unit = _unit(c, g.expanded(g.arg()))
    value = _digits(g.expanded(number))
    c.write(f"{value}{'' if unit in ('°', '%', '′', '″') else ' '}{unit}".strip())


def quantity_range(c: Converter, name: str) -> None:
    g = c.g
    g.opt()
    first, last = _digits(g.arg()), _digits(g.arg())
    unit = _unit(c, g.expanded(g.arg())) if name in ("\\SIrange", "\\qtyrange") else ""
    c.write(f"{first} to {last} {unit}".strip())


def number(c: Converter, name: str) -> None:
    c.g.opt()
    text = _digits(c.g.expanded(c.g.arg()))
    c.write(text + ("°" if name == "\\ang" else ""))


def unit(c: Converter, name: str) -> None:
    c.g.opt()
    c.write(_unit(c, c.g.expanded(c.g.arg())))


def formula(c: Converter, name: str) -> None:
    """mhchem's formula as it is typed, arrows as arrows."""
    text = c.inline(c.g.arg())
    for arrow, sign in (("<=>", "⇌"), ("<->", "↔"), ("->", "→"), ("<-", "←")):
        text = text.replace(arrow, sign)
    c.write(text)


HANDLERS: dict[str, Handler] = {
    "\\SI": quantity,
    "\\qty": quantity,
    **dict.fromkeys(("\\SIrange", "\\numrange", "\\qtyrange"), quantity_range),
    "\\num": number,
    "\\ang": number,
    "\\si": unit,
    "\\unit": unit,
    "\\ce": formula,
    "\\cf@": formula,
}
