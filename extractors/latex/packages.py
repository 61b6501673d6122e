"""The submission's own packages and classes: their definitions are taken, their layout is not.

Packages of the TeX distribution that travel with papers are not read: what they define is no author's macro.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from extractors.latex.conditions import CONDITIONALS
from extractors.latex.definitions import DEFINITIONS

if TYPE_CHECKING:
    from extractors.latex.converter import Converter

PUBLISHED = re.compile(
    r"(?:revtex|aastex|aasms|apj|emulateapj|mnras|mn2e|aa$|ieee|elsart|elsarticle|svj|svmult|svglov|llncs|acm|sig-|"
    r"amsart|amsbook|lineno|xstring|listofitems|biblatex|blx|natbib|hyperref|algorithm|nips|neurips|icml|iclr|aaai|"
    r"ijcai|acl|emnlp|naacl|coling|cvpr|eccv|jss|lipics|pnas|pasp|pasj|revsymb|subfig|caption|epsf|graphic|psfig|"
    r"amssym|amsmath|amsfonts|mathtools|tikz|pgf|xy|diagrams|cleveref|booktabs|multirow|siunitx|soul|fancyhdr|"
    r"titlesec|wlscirep|osa|spie|jheppub|jcap|iopart|iop|ptptex|ws-|wspc|sn-|jmlr|imsart|siam|gtart|rusthesis|todonotes|"
    r"enumitem|cite|url|dcolumn|longtable|minted|listings|fontawesome|draftwatermark|appendix|authblk|changes|"
    r"textpos|wrapfig|float|framed|mdframed|tcolorbox|showyourwork|accessib|lstomdoc|orcid)",
    re.I,
)
MAX_PUBLISHED_BYTES = 60_000
"""Classes of journals define shorthands too; the long ones (AASTeX, REVTeX) none that a reader needs."""
MAX_PACKAGE_BYTES = 120_000
"""An author's package is shorter."""


def load_package(c: Converter, path: str) -> None:
    """Read the definitions of a package that is a member of the submission."""
    if path in c.loaded or len(c.loaded) > 100:
        return
    c.loaded.add(path)
    name = posixpath.splitext(posixpath.basename(path))[0]
    published = PUBLISHED.match(name) is not None
    if len(c.files.members[path]) > (MAX_PUBLISHED_BYTES if published else MAX_PACKAGE_BYTES):
        return
    c.uses.setdefault(path, 1)
    g = c.g
    text = c.files.text(path)
    c.tokenizer.learn(text)
    outer, g.buf = g.buf, c.tokenizer.tokens(text, is_package=True)[::-1]
    was_package, c.in_package = c.in_package, "published" if published else "own"
    try:
        while g.buf:
            token = g.buf.pop()
            if token[0] != "\\":
                continue
            handler = DEFINITIONS.get(token) or CONDITIONALS.get(token)
            if handler is not None:
                handler(c, token)
            elif token in ("\\RequirePackage", "\\usepackage", "\\LoadClass", "\\input"):
                g.opt()
                use(c, g.text_arg(), (".cls",) if token == "\\LoadClass" else (".sty", ".tex", ""))
            elif token in c.switches or token.startswith("\\if"):
                continue
            elif token.endswith(("true", "false")):
                c.command(token)
    finally:
        g.buf, c.in_package = outer, was_package


def use(c: Converter, names: str, suffixes: tuple[str, ...] = (".sty",)) -> None:
    """`\\usepackage{a,b}`: those that are members of the submission."""
    for name in names.split(",")[:100]:
        path = c.files.resolve(name, c.folders[::-1], suffixes)
        if path is not None:
            load_package(c, path)
