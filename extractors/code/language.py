"""Programming, markup, data and prose languages of files: by name, extension, `#!` line, modeline and content.

Method: GitHub linguist's order of strategies without its Bayesian classifier; the tables are `languages.tsv`, the rules
for ambiguous extensions `language_content.py`. Cost: a dictionary look-up, or a few regular expressions over the first
50,000 characters. Blind spot: an extension without a rule takes its default language whatever the text says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, cast

from extractors.code.language_content import by_content, by_shape

Kind = Literal["programming", "markup", "data", "prose"]

READ_CHARS = 50_000
"""Characters of a text that the rules look at, as in linguist."""

_SHEBANG = re.compile(r"#![ \t]*(\S+)(?:[ \t]+([^\r\n]*))?")
_EMACS = re.compile(
    r"-\*-[ \t]*(?:[^\n]{0,200}?\bmode[ \t]*:[ \t]*)?([\w.+#-]+)[ \t]*(?:;[^\n]{0,200})?-\*-", re.IGNORECASE
)
_VIM = re.compile(r"(?:^|\s)(?:vi|vim|ex):[^\n]{0,200}?\b(?:ft|filetype|syntax)[ \t]*=[ \t]*([\w+#-]+)")
_EXEC = re.compile(r"\n[ \t]*exec[ \t]+\W{0,3}(?:\S{0,80}/)?(tclsh|wish|perl|python|guile|node|scala|ruby)\b")
"""A shell that hands its own file over to another interpreter."""
_TEMPLATE_SUFFIX = re.compile(r"\.(?:in|tmpl|template|dist|orig|example|sample|bak)\Z")
_VERSION = re.compile(r"[\d.]+$")
_MODES = {
    "c++": "C++", "cpp": "C++", "objc": "Objective-C", "objective-c": "Objective-C", "sh": "Shell", "bash": "Shell",
    "shell-script": "Shell", "elisp": "Emacs Lisp", "emacs-lisp": "Emacs Lisp", "lisp-interaction": "Emacs Lisp",
    "lisp": "Common Lisp", "cperl": "Perl", "makefile": "Makefile", "make": "Makefile", "js": "JavaScript",
    "rst": "reStructuredText", "vim": "Vim Script", "tex": "TeX", "latex": "TeX", "nroff": "Roff", "csharp": "C#",
    "asm": "Assembly", "docker": "Dockerfile", "conf": "INI", "dosini": "INI", "f90": "Fortran", "caml": "OCaml",
    "tuareg": "OCaml", "sml": "Standard ML", "eruby": "ERB", "yaml": "YAML", "xml": "XML", "html": "HTML",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """A language under the name that linguist gives it."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Tables:
    languages: dict[str, Language]
    extensions: dict[str, tuple[Language, ...]]
    """The default first."""
    file_names: dict[str, Language]
    interpreters: dict[str, Language]
    modes: dict[str, Language]


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    tables = _Tables({}, {}, {}, {}, {})
    lines = files("extractors.code").joinpath("languages.tsv").read_text("utf-8").splitlines()
    for line in lines:
        if line.startswith("#"):
            continue
        name, kind, extensions, file_names, interpreters = line.split("\t")
        language = Language(name, cast(Kind, kind))
        tables.languages[name] = language
        tables.modes[name.lower()] = language
        for entry in extensions.split():
            extension, is_default = entry.rstrip("*"), entry.endswith("*")
            others = tables.extensions.get(extension, ())
            tables.extensions[extension] = (language, *others) if is_default else (*others, language)
        tables.file_names.update(dict.fromkeys(file_names.split(), language))
        tables.interpreters.update(dict.fromkeys(interpreters.split(), language))
    tables.modes.update({mode: tables.languages[name] for mode, name in _MODES.items()})
    return tables


def languages() -> dict[str, Language]:
    """Every language that can be recognised, by its name."""
    return dict(_tables().languages)


def language_named(name: str) -> Language | None:
    """The language of a name as people write it: any case, dashes for spaces; None for one that is not known."""
    modes = _tables().modes
    return modes.get(name.lower()) or modes.get(name.lower().replace("-", " "))


def language_of(path: str, text: str | None) -> Language | None:
    """The language of the file `path` with the content `text` (None: not at hand), or None where nothing tells.

    The name alone decides where it can; a text settles ambiguous extensions and files without one.
    """
    tables = _tables()
    name = path.rpartition("/")[2]
    named = tables.file_names.get(name)
    if named is not None:
        return named
    candidates = _by_extension(tables, name)
    if len(candidates) == 1 and not candidates[0][1]:
        return candidates[0][0]
    head = (text or "")[:READ_CHARS]
    found = [language for language, _ in candidates]
    return _by_text(tables, name, found, head) or (found[0] if found else None)


def _by_extension(tables: _Tables, name: str) -> list[tuple[Language, bool]]:
    """Languages of the longest known extension, each with whether the text may still overrule it."""
    bare = _TEMPLATE_SUFFIX.sub("", name)
    position = bare.find(".", 1)
    while position != -1:
        extension = bare[position:]
        languages = tables.extensions.get(extension) or tables.extensions.get(extension.lower())
        if languages:
            return [(language, extension.lower() in _OVERRULED) for language in languages]
        position = bare.find(".", position + 1)
    return [(tables.languages["Dockerfile"], False)] if name.startswith("Dockerfile.") else []


_OVERRULED = frozenset((".txt", ".cgi", ".fcgi", ".tool", ".command", ".in", ".md", ".n", ".x", ".p", ".json", ".cfg"))
"""Extensions of one language that are often used for others."""


def _by_text(tables: _Tables, name: str, candidates: list[Language], head: str) -> Language | None:
    if not head:
        return None
    extension = name[name.rfind(".") :].lower() if "." in name[1:] else ""
    fixed = extension not in (".txt", ".md", ".json")
    for found in (_by_modeline(tables, head), _by_shebang(tables, head)) if fixed else ():
        if found is not None and (not candidates or found in candidates or extension == ".in"):
            return found
    ruled = by_content(extension, head)
    if ruled is not None:
        return tables.languages[ruled]
    if not candidates:
        shaped = by_shape(name, head)
        return tables.languages[shaped] if shaped else None
    return None


def _by_shebang(tables: _Tables, head: str) -> Language | None:
    match = _SHEBANG.match(head)
    if match is None:
        return None
    interpreter = match[1].rpartition("/")[2]
    words = (match[2] or "").split()
    if interpreter == "env":
        # `env -S VAR=x prog`: the first word that is neither an option nor an assignment
        interpreter = next((word for word in words if not word.startswith("-") and "=" not in word), "")
        interpreter = interpreter.rpartition("/")[2]
    if interpreter in ("sh", "bash") and (handed_over := _EXEC.search(head, 0, 600)):
        interpreter = handed_over[1]
    known = tables.interpreters
    return known.get(interpreter) or known.get(_VERSION.sub("", interpreter).rstrip("-"))


def _by_modeline(tables: _Tables, head: str) -> Language | None:
    beginning = "\n".join(head[:2000].split("\n", 5)[:5])
    match = _EMACS.search(beginning) or _VIM.search(beginning) or _VIM.search(head[-1000:])
    if match is None:
        return None
    mode = match[1].lower()
    return tables.modes.get(mode) or tables.modes.get(mode.removesuffix("-mode"))
