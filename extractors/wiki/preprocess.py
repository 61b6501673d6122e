"""First pass: comments, extension tags, templates and links, nested as they are, in one walk over the text.

Follows MediaWiki's preprocessor (runs of braces matched from the inside, tags that hide their content). Every
construct becomes text when it closes, so each character moves once a level; levels are bounded. What is never closed
is text without its brackets. Blind spot: no template is fetched, so what only a template's page knows is lost.
"""

from __future__ import annotations

import re
from operator import itemgetter

from extractors.guard import Watch
from extractors.wiki import links, templates
from extractors.wiki.marks import DROPPED, Store
from extractors.wiki.options import Options
from extractors.wiki.tags import HIDING, hidden_text, is_paired

MAX_DEPTH = 60
"""Templates and links inside each other; MediaWiki allows 40 of templates."""
STEPS_PER_CHECK = 2000
ADDRESS_PIECES, ADDRESS_CHARS = 20, 1000
"""Looked back for a `[`."""
_HIDING = "|".join(sorted(HIDING, key=len, reverse=True))
_PLAIN_LINK = r"\[\[[^\[\]{}<|\n]{1,300}(?:\|[^\[\]{}<|\n]{0,300})?\]\]"
"""With nothing nested: most links, taken in one step."""
_PLAIN_TEMPLATE = r"\{\{(?!\{)[^{}\[\]<]{1,2000}\}\}(?!\})"
_PLAIN_NOTE = r"<ref(?=[\s/>])[^<>]{0,1900}(?:(?<=/)>|(?<!/)>[^<]*</ref\s*>)"
_PLAIN = f"{_PLAIN_LINK}|{_PLAIN_TEMPLATE}|{_PLAIN_NOTE}"
_OUTER = re.compile(rf"{_PLAIN}|\{{\{{+|\[\[|<(?:!--|/?(?:{_HIDING})\b)", re.I)
_INNER = re.compile(rf"{_PLAIN}|\{{\{{+|\}}\}}+|\[\[|\]\]|\||<(?:!--|/?(?:{_HIDING})\b)", re.I)
_WORD_LINK = re.compile(r"\[\[(?:[^\[\]{}<|\n:]{1,300}\|)?([^\[\]{}<|\n:=_]{1,300})\]\]")
"""Links that show words and lead to an article: taken out at once where no tag hides what looks like one."""
_LITERAL_TAG = re.compile(r"<(?:nowiki|pre|math|chem|ce|source|syntaxhighlight|score|timeline|graph)\b", re.I)
_HEADING = re.compile(r"\n\s*\n|\n==")


class Expanded(str):
    """What a closed construct became: its `=` and `|` separate no arguments."""

    __slots__ = ()


_DROPPED_NOTE = Expanded(DROPPED)


class Frame:
    """An open `{{` or `[[`."""

    __slots__ = ("count", "parts")

    def __init__(self, count: int) -> None:
        self.count = count
        """Open braces; 0: a link."""
        self.parts: list[list[str]] = [[]]

    def literal(self) -> str:
        """Of a construct that never closes. A template loses what looks like its arguments."""
        text = "|".join("".join(part) for part in self.parts)
        if not self.count:
            return text
        end = _HEADING.search(text)
        return DROPPED + (text[end.start() :] if end else "")


def expand(text: str, options: Options, title: str, store: Store, watch: Watch) -> str:
    """Wikitext without templates, links and extension tags; their text is in it or in the store."""
    if _LITERAL_TAG.search(text) is None:
        text = _WORD_LINK.sub(itemgetter(1), text)
    return _Walk(text, options, title, store, watch).run()


class _Walk:
    def __init__(self, text: str, options: Options, title: str, store: Store, watch: Watch) -> None:
        self.text = text
        self.store = store
        self.watch = watch
        self.scope = templates.Scope(options, title, store)
        self.out: list[str] = []
        self.stack: list[Frame] = []
        self.sink = self.out
        """Where text goes: the end of the innermost part."""
        self.unclosed: set[str] = set()
        """Tags of which no end is ahead."""
        self.lower = ""

    def run(self) -> str:
        text, at, steps = self.text, 0, 0
        stack, outer, inner = self.stack, _OUTER.search, _INNER.search
        while found := (inner if stack else outer)(text, at):
            start, end = found.span()
            if start > at:
                self.sink.append(text[at:start])
            if text[start] == "|":
                self.sink = []
                stack[-1].parts.append(self.sink)
                at = end
            else:
                at = self._step(found)
            steps += 1
            if steps % STEPS_PER_CHECK == 0:
                self.watch.check()
        self.sink.append(text[at:])
        while self.stack:
            frame = self.stack.pop()
            self._resink()
            self.sink.append(Expanded(frame.literal()))
        return "".join(self.out)

    def _step(self, found: re.Match[str]) -> int:
        """Deal with one token; the place to go on from."""
        token = found[0]
        first = token[0]
        if token[-1] == ">":
            self.sink.append(_DROPPED_NOTE)
            return found.end()
        if first == "<":
            return self._comment(found.start()) if token == "<!--" else self._tag(found)
        if first == "{" and token[-1] == "}":
            parts = [_argument(part) for part in token[2:-2].split("|")]
            parts[0] = None, token[2:-2].partition("|")[0]
            self.sink.append(Expanded(templates.expand(parts, self.scope)))
            return found.end()
        if first == "{":
            return self._open_braces(token, found.end())
        if first == "}":
            self._close_braces(len(token))
        elif len(token) > 2:
            self.sink.append(Expanded(links.resolve(token[2:-2].split("|", 1), self.scope)))
        elif first == "[":
            self._push(Frame(0), token)
        else:
            return self._close_link(found.start())
        return found.end()

    def _resink(self) -> None:
        self.sink = self.stack[-1].parts[-1] if self.stack else self.out

    def _push(self, frame: Frame, token: str) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self.sink.append(Expanded(token))
            return
        self.stack.append(frame)
        self._resink()

    def _open_braces(self, token: str, at: int) -> int:
        self._push(Frame(len(token)), token)
        return at

    def _close_braces(self, count: int) -> None:
        while count >= 2:
            depth = self._braces_below()
            if depth is None:
                return  # closes nothing
            for _ in range(depth):
                self._give_up()
            frame = self.stack.pop()
            matched = min(3, count, frame.count)
            frame.count -= matched
            count -= matched
            result = self._parameter(frame) if matched == 3 else templates.expand(_arguments(frame), self.scope)
            self._resink()
            if frame.count >= 2:
                outer = Frame(frame.count)
                self.stack.append(outer)
                self._resink()
            elif frame.count == 1:
                self.sink.append("{")
            self.sink.append(Expanded(result))
        if count:
            self.sink.append("}")

    def _braces_below(self) -> int | None:
        """How many open links lie above the innermost open template, None where there is none near."""
        for depth in range(min(len(self.stack), 3)):
            if self.stack[-1 - depth].count:
                return depth
        return None

    def _give_up(self) -> None:
        """The innermost link is none: its bars may separate arguments of the template around it."""
        frame = self.stack.pop()
        self._resink()
        for k, part in enumerate(frame.parts):
            if k and self.stack:
                self.stack[-1].parts.append([])
                self._resink()
            self.sink.extend(part)

    @staticmethod
    def _parameter(frame: Frame) -> str:
        """`{{{name|default}}}` outside a template is its default."""
        return "".join(frame.parts[1]) if len(frame.parts) > 1 else ""

    def _close_link(self, at: int) -> int:
        if not self.stack or self.stack[-1].count:
            return at + 2  # closes nothing
        frame = self.stack[-1]
        if self.text.startswith("]]]", at):  # the first may end an address inside the link
            last = "".join(frame.parts[-1][-ADDRESS_PIECES:])[-ADDRESS_CHARS:]
            if last.count("[") > last.count("]"):
                self.sink.append("]")
                return at + 1
        self.stack.pop()
        self._resink()
        parts = ["".join(part) for part in frame.parts]
        self.sink.append(Expanded(links.resolve(parts, self.scope)))
        return at + 2

    def _comment(self, at: int) -> int:
        """A comment alone on its line goes with the line."""
        text = self.text
        end = text.find("-->", at)
        end = len(text) if end < 0 else end + 3
        before = text.rfind("\n", max(0, at - 80), at)
        if before >= 0 and not text[before:at].strip():
            after = end
            while after < len(text) and text[after] in " \t":
                after += 1
            if text.startswith("\n", after):
                return after
        return end

    def _tag(self, found: re.Match[str]) -> int:
        text, at = self.text, found.start()
        close = text.find(">", at, at + 2000)
        if close < 0:
            self.sink.append("<")
            return at + 1
        name = found[0].strip("</").lower()
        attributes = text[found.end() : close]
        if found[0].startswith("</") or attributes.endswith("/") or not is_paired(name):
            self.sink.append(Expanded(hidden_text(name, attributes.rstrip("/"), None, self.store)))
            return close + 1
        end = self._end_of(name, close + 1)
        if end is None:
            return self._unclosed_tag(name, close + 1)
        content = text[close + 1 : end[0]]
        self.sink.append(Expanded(hidden_text(name, attributes, content, self.store)))
        return end[1]

    def _end_of(self, name: str, at: int) -> tuple[int, int] | None:
        if name in self.unclosed:
            return None
        found = _end_tag(name).search(self.text, at)
        if found is None:
            self.unclosed.add(name)
            return None
        return found.span()

    def _unclosed_tag(self, name: str, at: int) -> int:
        """A note that never ends is taken to end with its line; of others only the tag goes."""
        if name != "ref":
            return at
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end


def _end_tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}\s*>", re.I)  # cached by re


def _argument(part: str) -> tuple[str | None, str]:
    name, equals, value = part.partition("=")
    return (name.strip(), value.strip()) if equals else (None, part)


def _arguments(frame: Frame) -> list[tuple[str | None, str]]:
    """(name or None, value) of each part, the template's own name first."""
    arguments: list[tuple[str | None, str]] = [(None, "".join(frame.parts[0]))]
    for part in frame.parts[1:]:
        for k, piece in enumerate(part):
            at = -1 if type(piece) is Expanded else piece.find("=")
            if at >= 0:
                name = "".join(part[:k]) + piece[:at]
                arguments.append((name.strip(), (piece[at + 1 :] + "".join(part[k + 1 :])).strip()))
                break
        else:
            arguments.append((None, "".join(part)))
    return arguments
