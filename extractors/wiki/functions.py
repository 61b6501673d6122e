"""Parser functions and variables of MediaWiki, as far as a page alone decides them; the rest leave nothing.

Reference: mediawiki.org, Help:Magic words and Help:Extension:ParserFunctions.
"""

from __future__ import annotations

import re
from typing import Protocol

from extractors.wiki import names, tags
from extractors.wiki.marks import DROPPED, Store
from extractors.wiki.options import Options

Parts = list[tuple[str | None, str]]
_SILENT_NAMES = (
    "defaultsort defaultsortkey defaultcategorysort displaytitle ordnungsmatch sortierung seitentitel tri cledetri "
    "titre ordenar clasificar título_mostrar #invoke #related #property #statements #coordinates #babel #language "
    "#seo #assessment #section #lst #lsth #lstx int ns nse localurl fullurl canonicalurl filepath anchorencode "
    "urlencode protectionlevel pagesincategory numberingroup ключ_сортировки сортування"
)
_SILENT = frozenset(_SILENT_NAMES.split())
_NUMERIC = re.compile(r"[-+]?\d+(?:\.\d+)?")
_PRODUCT = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*([-+*/])\s*([-+]?\d+(?:\.\d+)?)")


class Scope(Protocol):
    @property
    def options(self) -> Options: ...
    @property
    def title(self) -> str: ...
    @property
    def store(self) -> Store: ...


def variable(name: str, scope: Scope) -> str | None:
    """Value of `{{PAGENAME}}` and its like, None where it is no variable."""
    if name in ("PAGENAME", "FULLPAGENAME", "BASEPAGENAME", "SUBPAGENAME", "PAGENAMEE", "FULLPAGENAMEE"):
        return scope.title
    if name.startswith(("CURRENT", "LOCAL", "NUMBEROF", "REVISION")) or name in ("NAMESPACE", "SITENAME", "SERVER"):
        return DROPPED
    return None


def call(head: str, rest: str, parts: Parts, scope: Scope) -> str | None:
    """Result of `{{head:rest|…}}`, None where that names no function."""
    name = head.lower().replace(" ", "_")
    if name.startswith("#"):
        return _hash(name, rest.strip(), parts, scope)
    if name in _SILENT or names.normal(head) in ("ordnung", "sortkey"):
        return DROPPED
    if name in ("formatnum", "plural", "grammar", "gender", "nowrap", "padleft", "padright"):
        return rest.strip() if name in ("formatnum", "padleft", "padright") else _joined(parts[:1])
    if name in ("lc", "uc", "lcfirst", "ucfirst"):
        text = rest.strip()
        change = {"lc": text.lower(), "uc": text.upper()}
        return change.get(name) or (text[:1].lower() if name == "lcfirst" else text[:1].upper()) + text[1:]
    if name in ("pagename", "fullpagename", "basepagename", "subpagename"):
        return rest.strip()
    return None


def _hash(name: str, rest: str, parts: Parts, scope: Scope) -> str:
    if name == "#tag":
        content = parts[0][1] if parts else ""
        return _tag(rest.lower(), content, scope)
    if name == "#if":
        return _branch(parts, bool(rest.strip(DROPPED).strip()))
    if name == "#ifeq":
        return _branch(parts[1:], bool(parts) and rest == parts[0][1].strip())
    if name == "#iferror":
        return rest
    if name == "#ifexpr":
        return _branch(parts, _expression(rest) not in ("", "0"))
    if name == "#ifexist":
        return _branch(parts, True)
    if name == "#switch":
        return _switch(rest, parts)
    if name == "#expr":
        return _expression(rest) or DROPPED
    if name in ("#dateformat", "#formatdate"):
        return rest
    return DROPPED


def _tag(name: str, content: str, scope: Scope) -> str:
    if name in tags.HIDING:
        return tags.hidden_text(name, "", content, scope.store)
    return f"<{name}>{content}</{name}>"


def _branch(parts: Parts, holds: bool) -> str:
    taken = parts[:1] if holds else parts[1:2]
    return _joined(taken)


def _joined(parts: Parts) -> str:
    return "".join(value.strip() if name is None else f"{name}={value}" for name, value in parts)


def _switch(value: str, parts: Parts) -> str:
    falls_through = False
    default = ""
    for name, result in parts:
        if name is None:
            falls_through = falls_through or result.strip() == value
            default = result.strip()
        elif falls_through or name == value:
            return result.strip()
        elif name == "#default":
            default = result.strip()
    return default


def _expression(text: str) -> str:
    """A number, or two of them and a sign; other arithmetic is left out."""
    text = " ".join(text.replace("−", "-").split())
    if _NUMERIC.fullmatch(text):
        return text
    found = _PRODUCT.fullmatch(text)
    if found is None or len(text) > 40:
        return ""
    a, b = float(found[1]), float(found[3])
    if found[2] == "/" and b == 0:
        return ""
    result = {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else 0.0}[found[2]]
    return str(int(result)) if result == int(result) else f"{result:.10g}"
