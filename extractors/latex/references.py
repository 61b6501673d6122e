"""Numbers of sections, theorems, equations and floats; what references and citations read as.

References are written as marks and filled in at the end, when all labels are known. A citation that is part of a
sentence (`\\citet`, or after "by", "in", "see") becomes its authors' names where the bibliography tells them, else
"prior work"; the others go, with the brackets and commas that held them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SECTIONS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")
_NAMES = {"figure": "Figure", "table": "Table", "equation": "Equation", "algorithm": "Algorithm", "item": "item"}
_PREFIXES = {
    "fig": "figure",
    "tab": "table",
    "tbl": "table",
    "eq": "equation",
    "eqn": "equation",
    "sec": "section",
    "subsec": "section",
    "ch": "chapter",
    "chap": "chapter",
    "app": "appendix",
    "thm": "theorem",
    "lem": "lemma",
    "prop": "proposition",
    "cor": "corollary",
    "def": "definition",
    "alg": "algorithm",
    "rem": "remark",
    "ex": "example",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a label stands at."""

    kind: str
    number: str


class Numbers:
    """Counters as LaTeX runs them, as far as references need them."""

    def __init__(self) -> None:
        self.values: dict[str, int] = {}
        self.within: dict[str, str] = {}
        self.uses_chapters = False
        self.in_appendix = False

    def value(self, counter: str) -> int:
        return self.values.get(counter, 0)

    def step(self, counter: str) -> str:
        """The counter's next number, as printed; counters under it begin anew."""
        self.values[counter] = self.values.get(counter, 0) + 1
        self.reset_under(counter)
        return self.printed(counter)

    def reset_under(self, counter: str) -> None:
        for inner in self._under(counter):
            self.values[inner] = 0

    def _under(self, counter: str) -> list[str]:
        found: list[str] = []
        for inner in (*SECTIONS, *self.within):
            outer = self._parent(inner)
            for _ in range(10):
                if outer == counter:
                    found.append(inner)
                    break
                outer = self._parent(outer) if outer else ""
        return found

    def _parent(self, counter: str) -> str:
        if counter in self.within:
            return self.within[counter]
        if counter in SECTIONS:
            place = SECTIONS.index(counter)
            if place > 2 or (place == 2 and self.uses_chapters):
                return SECTIONS[place - 1]
        return ""

    def printed(self, counter: str, depth: int = 0) -> str:
        value = self.values.get(counter, 0)
        first = "chapter" if self.uses_chapters else "section"
        own = _letters(value) if self.in_appendix and counter == first else str(value)
        parent = self._parent(counter)
        if not parent or depth > 8:
            return own
        return f"{self.printed(parent, depth + 1)}.{own}"


def _letters(value: int) -> str:
    return chr(64 + value) if 1 <= value <= 26 else str(value)


class References:
    """Labels and the marks that stand for references and citations."""

    def __init__(self) -> None:
        self.labels: dict[str, Target] = {}
        self.here = Target("section", "")
        self.names: dict[str, str] = {}
        """Citation key → authors and year, from the bibliography."""
        self.marks: list[tuple[str, list[str]]] = []

    def label(self, key: str) -> None:
        if key and len(self.labels) < 100_000:
            self.labels[key] = self.here

    def mark(self, command: str, keys: list[str]) -> str:
        self.marks.append((command, keys))
        return f"\x02{len(self.marks) - 1}\x03"

    def filled(self, text: str) -> str:
        """The text with its marks replaced."""
        if "\x02" not in text:
            return text
        text = _MARK.sub(self._reference, text)
        if "\x02" in text:
            text = _BRACKETS.sub(self._bracket, text)
            text = _CITATIONS.sub(self._citation, text)
        if DROPPED in text:
            text = "\n".join(_tidy(line) if DROPPED in line else line for line in text.split("\n"))
        return text

    def _bracket(self, found: re.Match[str]) -> str:
        """Brackets that hold nothing but citations go with them."""
        if all(self.marks[int(mark)][0] == "citet" for mark in _MARK.findall(found[0])):
            return found[0]
        return DROPPED

    def _reference(self, found: re.Match[str]) -> str:
        command, keys = self.marks[int(found[1])]
        if command.startswith("cite"):
            return found[0]
        targets = [self.labels.get(key) for key in keys]
        if command in ("ref", "eqref"):
            return ", ".join(self._number(target, command) for target in targets)
        parts: list[str] = []
        for target, key in zip(targets, keys, strict=True):
            kind = target.kind if target else _PREFIXES.get(re.split(r"[:._-]", key)[0].lower(), "")
            name = _NAMES.get(kind, kind[:1].upper() + kind[1:])
            number = target.number if target else ""
            if kind == "equation" and number:
                number = f"({number})"
            if command == "cref" and name not in ("", "Figure", "Table", "Equation", "Algorithm"):
                name = kind[:1].upper() + kind[1:]
            part = f"{name} {number}".strip()
            if number or part not in parts:
                parts.append(part)
        return _enumerated(parts) or DROPPED

    def _number(self, target: Target | None, command: str) -> str:
        if target is None or not target.number:
            return DROPPED
        return f"({target.number})" if command == "eqref" else target.number

    def _citation(self, found: re.Match[str]) -> str:
        """A run of citations with what stands before it."""
        text, start = found.string, found.start()
        before = text[max(0, start - 30, text.rfind("\n", max(0, start - 30), start)) : start]
        commands = [self.marks[int(mark)] for mark in _MARK.findall(found[0])]
        in_text = any(command == "citet" for command, _ in commands)
        after = text[found.end() : found.end() + 2]
        starts = (not before.strip() or _SENTENCE_END.search(before)) and after[1:].islower()
        if not (in_text or starts or _OPEN.search(before)):
            return DROPPED
        names = list(dict.fromkeys(self.names[key] for _, keys in commands for key in keys if key in self.names))
        if names:
            return _enumerated(names[:6])
        return DROPPED if after[:1] in ("", "\n", ":") and _DISPLAY_COMES.search(before) else "prior work"


def _enumerated(parts: list[str]) -> str:
    parts = [part for part in parts if part]
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else ""


DROPPED = "\x06"
"""Where a citation was left out, until the text around it is put in order."""
_MARK = re.compile("\x02(\\d+)\x03")
_RUN = "\x02\\d+\x03(?:[ ,;]*(?:and )?\x02\\d+\x03)*"
_CITATIONS = re.compile(_RUN)
_SENTENCE_END = re.compile(r"(?<!\bal)[.:\n]\s*$")
_OPEN = re.compile(
    r"(?:^|[\s(\[“‘—–-])(?:in|by|of|from|after|between|through|within|against|also|including|to|see|and|with|as|for|"
    r"than|on|following|per|via|extend|extends|extending|like|both|or|while|where|that|work|Refs?\.?|refs?\.?|reference|"
    r"references|e\.g\.,?|for example,?|for instance,?|using|In|See|Following|By|From|To|cf\.?|compare|Both|While|the|"
    r"(?<= )[–—=-])[ ]*$"
)
_DISPLAY_COMES = re.compile(r"\b(?:as|that|by|with|where) *$")
"""Words before a citation at a paragraph's end: it is the equation after it that they go on to."""
_FILLER = r"[;,\s~]|[Ss]ee|also|e\.g\.|[Cc]f\.?|i\.e\.|and|for example|for instance|Refs?\.|by"
"""What stands in brackets beside citations and goes with them; no text is matched by two of these in two ways."""
_BRACKETS = re.compile(f" ?[(\\[](?=[^()\\[\\]]*\x02)(?:{_FILLER}|\x02\\d+\x03)*+[)\\]]")


def _tidy(line: str) -> str:
    """What citations leave behind that held them: brackets, commas, blanks."""
    for pattern, replacement in _TIDY:
        line = pattern.sub(replacement, line)
    return line


_TIDY = (
    (re.compile(f"(?:{DROPPED} *[,;] *)+(?=[,;.:)])"), ""),
    (re.compile(f", *{DROPPED}+ *,"), ","),
    (re.compile(f" ?[(\\[](?=[^()\\[\\]]*{DROPPED})(?:{_FILLER}|{DROPPED})*+[)\\]]"), ""),
    (re.compile(f"([(\\[]) *{DROPPED}+[;, ]*"), r"\1"),
    (re.compile(f"(?<![;, ])[;, ]*+{DROPPED}+ *(?=[)\\]])"), ""),
    (re.compile(f"(?<! ) *+{DROPPED}+(?=[,.;:!?])"), ""),
    (re.compile(f"(?<=\n){DROPPED}+ *"), ""),
    (re.compile(f"(?<! ) *+{DROPPED}+"), ""),
)
