"""Inference rules as fractions: mathpartir's `\\inferrule` and `mathpar`, bussproofs' `\\AxiomC` … `\\BinaryInfC`.

Reference: the packages' manuals. A rule's name stands beside its line; a tree that nothing displays, at the end. Blind
spots, both of bussproofs: `\\Axiom$…\\fCenter…$`, and trees in an equation, `\\[\\AxiomC…\\]` (commands stay).
"""

# ruff: noqa: ARG001 (handlers share a signature)
from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.latex.definitions import Handler
from extractors.latex.displays import write_display
from extractors.latex.math import Reading, of_tokens, skip_environment
from extractors.latex.math_commands import MathHandler, text_inside

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

MAX_TREE_CHARS = 100_000
"""A proof tree that grows longer is written out and goes on from its last conclusion."""
_PREMISES = {
    "\\UnaryInfC": 1,
    "\\BinaryInfC": 2,
    "\\TrinaryInfC": 3,
    "\\QuaternaryInfC": 4,
    "\\QuinaryInfC": 5,
    "\\UIC": 1,
    "\\BIC": 2,
    "\\TIC": 3,
}
_OPENERS = ("{", "\\begin")
_CLOSERS = ("}", "\\end")
_SEPARATORS = ("\\and", "\\And", "\\par", "\\\\")


def _rule(c: Converter) -> list[str]:
    """`\\inferrule*[Right=name]{a \\\\ b}{c}`, the name read, as tokens of a fraction."""
    g = c.g
    g.star()
    option = g.opt()
    name = c.inline(option).rpartition("=")[2].strip() if option else ""
    premises, conclusion = (_spread(c, g.arg()) for _ in range(2))
    label = ["\\text", "{", name, "}", "\\;"] if name else []
    return [*label, "\\frac", "{", *premises, "}", "{", *conclusion, "}"]


def _spread(c: Converter, tokens: list[str]) -> list[str]:
    """What stands in rows, side by side."""
    out: list[str] = []
    depth = 0
    for token in tokens:
        depth = _depth(c, depth, token)
        out.append("\\quad" if token == "\\\\" and depth == 0 else token)
    return out


def _depth(c: Converter, depth: int, token: str) -> int:
    """Groups and environments open after `token`, with those that a macro of the author's opens or closes."""
    macro = c.g.macros.get(token)
    tokens = macro.body if macro is not None else [token]
    return max(0, depth + sum((each in _OPENERS) - (each in _CLOSERS) for each in tokens))


def rule_in_math(c: Converter, r: Reading, token: str, stop: str) -> bool:
    c.g.push(_rule(c))
    return False


def rule_in_text(c: Converter, name: str) -> None:
    c.g.push(["$", *_rule(c), "$"])


def open_mathpar(c: Converter, name: str) -> None:
    """The formulas of a `mathpar`, each a display."""
    part: list[str] = []
    depth = 0
    for token in skip_environment(c, name):
        depth = _depth(c, depth, token)
        if depth or token not in _SEPARATORS:
            part.append(token)
            continue
        write_display(c, of_tokens(c, part))
        part = []
    write_display(c, of_tokens(c, part))
    c.g.close_group()


def axiom(c: Converter, name: str) -> None:
    c.proof.append(text_inside(c, "\\text", c.g.arg()))


def proof_label(c: Converter, name: str) -> None:
    label = text_inside(c, "\\text", c.g.arg())
    if label:
        c.proof_labels.append(label)


def inference(c: Converter, name: str) -> None:
    conclusion = text_inside(c, "\\text", c.g.arg())
    first = max(0, len(c.proof) - _PREMISES[name])
    premises = " \\quad ".join(c.proof[first:])
    del c.proof[first:]
    tree = "\\;".join((f"\\frac{{{premises}}}{{{conclusion}}}", *c.proof_labels))
    c.proof_labels = []
    if len(tree) > MAX_TREE_CHARS:
        write_display(c, tree)
        tree = conclusion
    c.proof.append(tree)


def end_proof(c: Converter, name: str = "") -> None:
    """Write the trees that are built."""
    trees, c.proof, c.proof_labels = c.proof, [], []
    for tree in trees:
        write_display(c, tree)


HANDLERS: dict[str, Handler] = {
    "\\inferrule": rule_in_text,
    **dict.fromkeys(("\\AxiomC", "\\AXC"), axiom),
    **dict.fromkeys(("\\RightLabel", "\\LeftLabel", "\\RL", "\\LL"), proof_label),
    **dict.fromkeys(_PREMISES, inference),
    **dict.fromkeys(("\\DisplayProof", "\\DP"), end_proof),
}
MATH_HANDLERS: dict[str, MathHandler] = {"\\inferrule": rule_in_math}
