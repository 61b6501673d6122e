"""TeX source to tokens: comments out, verbatim parts aside, one string per token.

A token is a control sequence with its backslash (`\\alpha`), a run of letters and digits, one other character, a
ligature (` `` `, `--`), `" "` for blanks, `\\par` for an empty line, `#1` for a parameter. Reference: The TeXbook,
chapters 7 and 8. Cost: two regex passes. Blind spot: category codes other than those of `@`, `_`, `:`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.latex.commands import WORDS

RAW = "\\\x01"
"""Prefix of the token that stands for `Raw` number n: no macro has such a name."""
BUILTIN = "\\\x02"
"""Prefix of a command's own meaning, which `\\let` saved from a later definition."""
NO_VALUE = "\\\x05"
"""What an optional argument of `\\NewDocumentCommand` is when it is not there."""
END_ENVIRONMENT = "\\\x06"
"""Closes the group of the environment a submission defines, after what its end stands for."""
SOFT_SPACE = "\\\x0b"
"""After a formula that a macro stands for: a blank where a word follows."""
END_FILE = "\\\x07"
"""End of a file read with its own folder."""

RAW_ENVIRONMENTS = frozenset(WORDS["raw_environments"])
DROPPED_RAW = frozenset({"comment", "filecontents", "filecontents*", "sagesilent", "luacode", "luacode*"})

_WORD = r"A-Za-z0-9\u0080-\U0010ffff"


def _pattern(letters: str) -> re.Pattern[str]:
    return re.compile(
        rf"\\[{letters}]+(?:[ \t]*\n(?![ \t]*\n)[ \t]*|[ \t]+)?|\\[^{letters}]|[{_WORD}]+|[ \t\n]+|#+[1-9]?"
        r"|``|''|---?|[!?]`|.",
        re.S,
    )


_PLAIN = _pattern("A-Za-z")
_AT = _pattern("A-Za-z@")
_EXPL = _pattern("A-Za-z@_:")
_CATCODE = re.compile(
    r"\\(makeatletter|makeatother|ExplSyntaxOn|ExplSyntaxOff)(?![A-Za-z@])"
    r"|\\catcode\s*(?:`\\?@|64)\s*=?\s*(?:(11)|\d+|\\active)(?!\d)\s?"
)
_ZONE = (
    r"(?P<escaped>\\[\\%])"
    r"|(?P<comment>%[^\n]*(?:\n[ \t]*|\Z))"
    r"|\\(?P<verb>verb\*?|lstinline\s*(?:\[[^\]\n]*\])?|mintinline\s*(?:\[[^\]\n]*\])?\s*\{{[^{{}}\n]*\}}|Verb\*?|spverb)"
    r"(?:\{{(?P<braced>[^{{}}\n]*)\}}|(?P<bar>[^A-Za-z\s*{{])(?P<inline>[^\n]*?)(?P=bar))"
    r"|\\begin[ ]*\{{(?P<environment>{names})\}}"
    r"|\\(?P<url>url|path|nolinkurl|href)\s*\{{(?P<address>[^{{}}\s]*%[^{{}}\s]*)\}}"
    r"|(?P<endinput>\\endinput(?![A-Za-z]))"
)
_SHORT_VERB = re.compile(
    r"\\(?:lstMakeShortInline(?:\[[^\]]*\])?|MakeShortVerb\*?|DefineShortVerb(?:\[[^\]]*\])?)\s*\{?\\?(.)"
)
_NEW_RAW = re.compile(
    r"\\(?:lstnewenvironment|DefineVerbatimEnvironment|newverbatim|newtcblisting)\s*\{(?P<name>[A-Za-z*]+)\}"
    r"(?:\s*\{(?P<base>[A-Za-z]+)\})?"
    r"|\\newminted\s*(?:\[(?P<named>[A-Za-z]+)\])?\s*\{(?P<language>[A-Za-z+#]+)\}"
    r"|\\excludecomment\s*\{(?P<excluded>[A-Za-z]+)\}"
)
_OPTIONS = re.compile(r"\s*\[((?:[^\[\]]|\[[^\]]*\])*)\]")
_MANDATORY = re.compile(r"\s*\{([^{}\n]*)\}")
_LANGUAGE = re.compile(r"language\s*=\s*\{?(?:\[[^\]]*\])?\s*([\w+#.-]+)", re.I)
_INPUTMINTED = re.compile(r"mintinline.*\{([^{}]*)\}$", re.S)


@dataclass(frozen=True, slots=True)
class Raw:
    """Text TeX does not read: `\\verb`, a listing, an address."""

    kind: str
    """inline, block or url."""
    text: str
    language: str = ""
    command: str = ""
    options: str = ""
    """What a listing states in brackets: its caption and label among it."""


class Tokenizer:
    """Source text to tokens; knows the verbatim environments and short verbs that the submission defines."""

    def __init__(self) -> None:
        self.raws: list[Raw] = []
        self.environments: dict[str, str] = dict.fromkeys(RAW_ENVIRONMENTS, "")
        self.dropped: set[str] = set(DROPPED_RAW)
        self._short = ""
        self._zone = self._compiled()

    def learn(self, text: str) -> None:
        """Take note of the verbatim environments and short verbs that `text` defines."""
        known = len(self.environments), self._short
        for found in _NEW_RAW.finditer(text):
            if found["excluded"]:
                self.environments[found["excluded"]] = ""
                self.dropped.add(found["excluded"])
            elif found["language"]:
                self.environments[found["named"] or found["language"] + "code"] = found["language"]
            elif found["name"]:
                self.environments[found["name"]] = ""
        if "Short" in text:
            for bar in _SHORT_VERB.findall(text):
                if bar not in self._short and not bar.isalnum() and bar not in "\\{}%":
                    self._short += bar
        if (len(self.environments), self._short) != known:
            self._zone = self._compiled()

    def _compiled(self) -> re.Pattern[str]:
        names = "|".join(sorted(map(re.escape, self.environments), key=len, reverse=True))
        zone = _ZONE.format(names=names)
        if self._short:
            zone += rf"|(?P<short>[{re.escape(self._short)}])(?P<shorttext>[^\n]*?)(?P=short)"
        return re.compile(zone)

    def tokens(self, text: str, is_package: bool = False) -> list[str]:
        """Tokens of one file. In a package `@` is a letter to its end: what changes that stands in its macros."""
        out: list[str] = []
        at_letter = is_package
        for piece in self._pieces(text):
            if isinstance(piece, Raw):
                out.append(RAW + str(len(self.raws)))
                self.raws.append(piece)
            else:
                at_letter = _tokens(piece, at_letter, out, is_package)
        return out

    def _pieces(self, text: str) -> list[str | Raw]:
        """The text without comments, cut where verbatim text stands."""
        pieces: list[str | Raw] = []
        plain: list[str] = []
        done = 0
        position = 0
        search = self._zone.search
        while True:
            found = search(text, position)
            if found is None:
                break
            position = found.end()
            kind = found.lastgroup
            if kind == "escaped":
                continue
            if kind == "comment":
                plain.append(text[done : found.start()])
                if text.startswith("\n", position):
                    plain.append("\n")
                done = position
                continue
            if kind == "endinput":
                plain.append(text[done : found.start()])
                done = len(text)
                break
            raw, after = self._raw(text, found)
            if raw is None:
                position = max(position, after)
                if after > found.end():
                    plain.append(text[done : found.start()])
                    done = after
                continue
            plain.append(text[done : found.start()])
            pieces.append("".join(plain))
            plain.clear()
            pieces.append(raw)
            done = position = after
        plain.append(text[done:])
        pieces.append("".join(plain))
        return pieces

    def _raw(self, text: str, found: re.Match[str]) -> tuple[Raw | None, int]:
        """The verbatim text that begins here and where it ends; None where there is none to keep."""
        end = found.end()
        name = found["environment"]
        if name:
            close = text.find("\\end{" + name + "}", end)
            if close < 0 or text.startswith("}", end) or "\\begin{document}" in text[end:close]:
                return None, end
            after = close + len(name) + 6
            if name in self.dropped:
                return None, after
            language, body, stated = self._options(name, text[end:close])
            return Raw("block", body, language, name, stated), after
        if found["url"]:
            if re.search(r"#[1-9]", found["address"]):
                return None, end
            return Raw("url", found["address"].replace("\\", ""), command=found["url"]), end
        if self._short and found["short"]:
            return Raw("inline", found["shorttext"]), end
        if found["braced"] is not None and found["verb"].startswith("verb"):
            return Raw("inline", found["braced"]), end
        content = found["braced"] if found["inline"] is None else found["inline"]
        return (None, end) if re.search(r"#[1-9]", content) else (Raw("inline", content), end)

    def _options(self, name: str, body: str) -> tuple[str, str, str]:
        """Language of a listing, its lines without the environment's arguments, and what stands in brackets."""
        language = self.environments[name]
        if name in ("alltt", "verbatim", "verbatim*"):
            return "", body, ""
        options = _OPTIONS.match(body)
        if options and name not in ("Sinput", "Soutput"):
            stated = _LANGUAGE.search(options[1])
            language = stated[1] if stated else language
            body = body[options.end() :]
        if name == "minted":
            argument = _MANDATORY.match(body)
            if argument:
                language, body = argument[1].strip(), body[argument.end() :]
        return language.lower(), body, options[1] if options else ""


def _tokens(text: str, at_letter: bool, out: list[str], always: bool = False) -> bool:
    """Append the tokens of `text`; whether `@` is a letter at its end, as it is `always` in a package."""
    pattern = _AT if at_letter else _PLAIN
    position = 0
    for found in _CATCODE.finditer(text):
        _extend(pattern, text[position : found.start()], out)
        position = found.end()
        word = found[1]
        if word == "ExplSyntaxOn":
            pattern = _EXPL
        elif word:
            at_letter = always or word == "makeatletter" or (word == "ExplSyntaxOff" and at_letter)
            pattern = _AT if at_letter else _PLAIN
        else:
            at_letter = always or bool(found[2])
            pattern = _AT if at_letter else _PLAIN
    _extend(pattern, text[position:] if position else text, out)
    return at_letter


def _extend(pattern: re.Pattern[str], text: str, out: list[str]) -> None:
    found = pattern.findall(text)
    meaning = {token: _meaning(token) for token in set(found)}
    out.extend([meaning[token] for token in found])


def _meaning(token: str) -> str:
    first = token[0]
    if first == "\\":
        if len(token) == 1:
            return "\\ "
        if len(token) > 2 or token[1] not in " \t\n":
            return token if len(token) == 2 else token.rstrip(" \t\n")
        return "\\ "
    if first in " \t\n":
        return "\\par" if token.count("\n") > 1 else " "
    return token


def untokenized(tokens: list[str]) -> str:
    """Source text that gives these tokens again."""
    out: list[str] = []
    after_word = False
    for token in tokens:
        if token == SOFT_SPACE:
            continue
        if after_word and token[0].isalnum():
            out.append(" ")
        if token.startswith(BUILTIN):
            token = "\\" + token[2:]
        out.append(token)
        after_word = token[0] == "\\" and token[-1].isalpha()
    return "".join(out)
