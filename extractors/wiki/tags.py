"""Extension tags: their content is no wikitext, or not of the running text."""

from __future__ import annotations

import html
import re

from extractors.wiki.marks import BREAK, DROPPED, Store

_LITERAL = frozenset(("nowiki", "pre", "math", "chem", "ce", "source", "syntaxhighlight"))
_LEFT_OUT_NAMES = (
    "ref references gallery score timeline templatedata graph mapframe maplink imagemap hiero categorytree inputbox "
    "charinsert indicator templatestyles includeonly rss dynamicpagelist phonos"
)
_LEFT_OUT = frozenset(_LEFT_OUT_NAMES.split())
_BARE = frozenset(("noinclude", "onlyinclude", "translate", "tvar", "languages", "section"))
"""Only the tags themselves go."""
HIDING = _LITERAL | _LEFT_OUT | _BARE
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_NOWIKI = re.compile(r"</?nowiki\s*/?>", re.I)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LANGUAGES = {"python3": "python", "py": "python", "js": "javascript", "c++": "cpp", "text": "", "txt": "", "none": ""}


def is_paired(name: str) -> bool:
    """The tag has content that ends with its end tag."""
    return name in _LITERAL or name in _LEFT_OUT


def unescape(text: str) -> str:
    """Character references to characters, only those that end with `;`, as MediaWiki does."""
    if "&" not in text:
        return text
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def hidden_text(name: str, attributes: str, content: str | None, store: Store) -> str:
    """What stands for an extension tag in the text; `content` is None of a tag without an end tag."""
    if content is None or name not in _LITERAL:
        return DROPPED if name in _LEFT_OUT else ""
    if name == "nowiki":
        return store.put("text", unescape(content)) if content else ""
    if name in ("math", "chem", "ce"):
        return _math(name, attributes, content, store)
    code = _NOWIKI.sub("", content) if name == "pre" else content
    return code_insert(unescape(code) if name == "pre" else code, name, attributes, store)


def code_insert(code: str, name: str, attributes: str, store: Store) -> str:
    """The mark of a code block, or of a code span where the tag says `inline`."""
    given = {key.lower(): value.strip("\"'") for key, value in _ATTRIBUTE.findall(attributes)}
    if re.search(r"\binline\b", attributes) or given.get("enclose", "").lower() == "none":
        return store.put("code", " ".join(code.split())) if code.strip() else ""
    language = given.get("lang", "").lower() if name != "pre" else ""
    language = _LANGUAGES.get(language, language)
    lines = [line.rstrip() for line in code.replace("\r\n", "\n").split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return store.put("pre", "\n".join(lines), re.sub(r"[^\w+#.-]", "", language)) if lines else ""


def _math(name: str, attributes: str, content: str, store: Store) -> str:
    tex = unescape(content).strip()
    if not tex:
        return ""
    if name != "math" or "chem" in attributes:
        tex = f"\\ce{{{tex}}}"
    return store.put("display" if re.search(r"display\s*=\s*[\"']?block", attributes) else "math", tex)


def poem_lines(poem: str) -> str:
    """Lines of `<poem>` keep their ends."""
    stanzas = re.split(r"\n\s*\n", poem.strip("\n"))
    return "\n\n" + "\n\n".join(BREAK.join(line.strip() for line in s.split("\n")) for s in stanzas) + "\n\n"
