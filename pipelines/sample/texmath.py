"""TeX formulas → what sites show: MathJax's raw TeX, KaTeX's two-fold markup, MathML, MediaWiki's hidden MathML.

A subset of TeX: letters, numbers, operators, sub- and superscripts, \\frac, \\sqrt, \\text, \\left \\right, Greek, big
operators and accents. An unknown command becomes an identifier of its name. Enough for the sample's own formulas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[{}^_&]|\d+(?:\.\d+)?|\S")
_LETTERS = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta lambda mu nu xi pi rho sigma tau phi varphi chi psi "
    "omega Gamma Delta Theta Lambda Sigma Phi Psi Omega infty partial nabla ell hbar"
)
_SYMBOLS = dict(zip(_LETTERS.split(), "αβγδϵεζηθλμνξπρστϕφχψωΓΔΘΛΣΦΨΩ∞∂∇ℓℏ", strict=True))
_SIGNS = (
    "cdot times div pm le leq ge geq ne neq approx equiv sim to rightarrow Rightarrow mapsto in notin subset cup "
    "cap sum prod int ldots cdots dots mid circ propto forall exists ll gg quad colon"
)
_OPERATORS = dict(zip(_SIGNS.split(), "⋅×÷±≤≤≥≥≠≠≈≡∼→→⇒↦∈∉⊂∪∩∑∏∫…⋯…∣∘∝∀∃≪≫\u2003:", strict=True)) | {
    "%": "%", ",": "\u2009", ";": "\u2005", "!": "", "{": "{", "}": "}", "|": "‖", "langle": "⟨", "rangle": "⟩"
}  # fmt: skip
_ACCENTS = {"hat": "^", "bar": "¯", "vec": "→", "tilde": "~", "dot": "˙"}
_SPACING = ("left", "right", "displaystyle", "big", "Big", "limits")


@dataclass(frozen=True)
class Node:
    """`tag` is the MathML element; a leaf has `text`, the others have `parts`."""

    tag: str
    text: str = ""
    parts: tuple[Node, ...] = ()


def render(tex: str, display: bool, style: str) -> str:
    """HTML of a formula in the manner of `style` (see `Site.math`)."""
    shown = escape(tex, quote=False)
    match style:
        case "mathjax":
            return f"\\[{shown}\\]" if display else f"\\({shown}\\)"
        case "mathjax-dollar":
            return f"$${shown}$$" if display else f"${shown}$"
        case "mathjax2":
            mode = "; mode=display" if display else ""
            return f'<span class="MathJax_Preview"></span><script type="math/tex{mode}">{tex}</script>'
        case "katex":
            return _katex(tex, display)
        case "mathml":
            attribute = ' display="block"' if display else ""
            return f'<math xmlns="http://www.w3.org/1998/Math/MathML"{attribute}>{_mathml(parse(tex))}</math>'
        case "mediawiki":
            return _mediawiki(tex, display)
        case _:
            return f"<i>{shown}</i>"


def parse(tex: str) -> Node:
    """The tree of a formula; raises ValueError on unbalanced braces."""
    tokens = _TOKEN.findall(re.sub(r"\\text\{([^}]*)\}", lambda m: "\\text{" + m[1].replace(" ", "\u00a0") + "}", tex))
    row, rest = _row(tokens)
    if rest:
        raise ValueError(f"unbalanced braces in {tex!r}")
    return row


def _row(tokens: list[str]) -> tuple[Node, list[str]]:
    """Nodes up to a closing brace, and what follows it."""
    parts: list[Node] = []
    while tokens and tokens[0] != "}":
        if tokens[0] in "^_" and parts:
            sign, (script, tokens) = tokens[0], _argument(tokens[1:])
            parts.append(_scripted(parts.pop(), sign, script))
            continue
        node, tokens = _atom(tokens)
        if node is not None:
            parts.append(node)
    return Node("mrow", parts=tuple(parts)), tokens


def _scripted(base: Node, sign: str, script: Node) -> Node:
    limits = base.text in ("∑", "∏", "lim", "max", "min")
    below, above, both = ("munder", "mover", "munderover") if limits else ("msub", "msup", "msubsup")
    if base.tag == below and sign == "^":
        return Node(both, parts=(*base.parts, script))
    if base.tag in ("msub", "munder") and sign == "^":
        return Node({"msub": "msubsup", "munder": "munderover"}[base.tag], parts=(*base.parts, script))
    return Node(below if sign == "_" else above, parts=(base, script))


def _argument(tokens: list[str]) -> tuple[Node, list[str]]:
    """The next group or token as one node."""
    if tokens[:1] == ["{"]:
        row, rest = _row(tokens[1:])
        return (row.parts[0] if len(row.parts) == 1 else row), rest[1:]
    node, rest = _atom(tokens)
    return node or Node("mrow"), rest


def _atom(tokens: list[str]) -> tuple[Node | None, list[str]]:
    token, rest = tokens[0], tokens[1:]
    if token == "{":
        return _argument(tokens)
    if not token.startswith("\\"):
        tag = "mn" if token[0].isdigit() else "mi" if token.isalpha() else "mo"
        return Node(tag, {"-": "−", "*": "∗"}.get(token, token)), rest
    name = token[1:]
    if name == "frac":
        over, rest = _argument(rest)
        under, rest = _argument(rest)
        return Node("mfrac", parts=(over, under)), rest
    if name == "sqrt":
        inner, rest = _argument(rest)
        return Node("msqrt", parts=(inner,)), rest
    if name in ("text", "mathrm", "mathbf", "operatorname"):
        inner, rest = _argument(rest)
        return Node("mtext" if name == "text" else "mi", _plain(inner)), rest
    if name in _ACCENTS:
        inner, rest = _argument(rest)
        return Node("mover", parts=(inner, Node("mo", _ACCENTS[name]))), rest
    if name in _SPACING:
        return None, rest
    if name in _OPERATORS:
        return Node("mo", _OPERATORS[name]), rest
    return Node("mi", _SYMBOLS.get(name, name)), rest


def _plain(node: Node) -> str:
    return node.text + "".join(_plain(part) for part in node.parts)


def _mathml(node: Node) -> str:
    inner = escape(node.text, quote=False) + "".join(_mathml(part) for part in node.parts)
    return f"<{node.tag}>{inner}</{node.tag}>"


def _katex(tex: str, display: bool) -> str:
    tree = parse(tex)
    attribute = ' display="block"' if display else ""
    hidden = (
        f'<span class="katex-mathml"><math xmlns="http://www.w3.org/1998/Math/MathML"{attribute}><semantics>'
        f'{_mathml(tree)}<annotation encoding="application/x-tex">{escape(tex, quote=False)}</annotation></semantics>'
        "</math></span>"
    )
    strut = '<span class="strut" style="height:1em;vertical-align:-0.25em;"></span>'
    shown = f'<span class="katex-html" aria-hidden="true"><span class="base">{strut}{_spans(tree)}</span></span>'
    whole = f'<span class="katex">{hidden}{shown}</span>'
    return f'<span class="katex-display">{whole}</span>' if display else whole


_KATEX_CLASS = {"mi": "mord mathnormal", "mn": "mord", "mtext": "mord text"}


def _spans(node: Node) -> str:
    """KaTeX's visible half, without its exact measures."""
    if node.text or not node.parts:
        css = _KATEX_CLASS.get(node.tag, "mrel" if node.text in "=≤≥≠≈≡→∈" else "mbin")
        return f'<span class="{css}">{escape(node.text, quote=False)}</span>'
    inner = [_spans(part) for part in node.parts]
    lists = "".join(
        f'<span style="top:-{3 - i}.063em;"><span class="pstrut"></span>{s}</span>' for i, s in enumerate(inner[1:])
    )
    vlist = f'<span class="vlist-t vlist-t2"><span class="vlist-r"><span class="vlist">{lists}</span></span></span>'
    match node.tag:
        case "mfrac":
            return (
                f'<span class="mord"><span class="mfrac">{vlist}<span class="frac-line"></span>{inner[0]}</span></span>'
            )
        case "msqrt":
            return f'<span class="mord sqrt"><span class="svg-align">{inner[0]}</span></span>'
        case "mrow":
            return "".join(inner)
        case _:
            return f'<span class="mord">{inner[0]}<span class="msupsub">{vlist}</span></span>'


def _mediawiki(tex: str, display: bool) -> str:
    source, mode = escape("{\\displaystyle " + tex + "}"), "display" if display else "inline"
    return (
        f'<span class="mwe-math-element"><span class="mwe-math-mathml-{mode} mwe-math-mathml-a11y" '
        'style="display: none;">'
        f'<math xmlns="http://www.w3.org/1998/Math/MathML" alttext="{source}"><semantics><mrow class="MJX-TeXAtom-ORD">'
        f'<mstyle displaystyle="true" scriptlevel="0">{_mathml(parse(tex))}</mstyle></mrow><annotation '
        f'encoding="application/x-tex">{source}</annotation></semantics></math></span><img src="/media/math/render/svg/'
        f'{hash_of(tex):x}" class="mwe-math-fallback-image-{mode}" aria-hidden="true" style="vertical-align: '
        f'-0.838ex;" alt="{source}"></span>'
    )


def hash_of(text: str) -> int:
    """A number for a made-up file name, the same in every process."""
    value = 0
    for character in text:
        value = (value * 131 + ord(character)) % (1 << 48)
    return value
