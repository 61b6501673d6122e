"""Bytes → the `<article>` element, by lxml with everything outside the bytes switched off.

No DTD is loaded, no entity of the document's own is expanded by the parser, nothing is fetched; libxml2's own limits
on depth (256) and size stay on. Named characters of the JATS DTDs (`&alpha;`) are looked up here instead. Blind spot:
an entity that the document declares with markup in it is left out.
"""

from __future__ import annotations

import html
import html.entities
import re
from functools import lru_cache
from typing import Any

from lxml import etree

from extractors.errors import DamagedInput, ExtractionError, ForeignFormat, NestingTooDeep

Element = Any
MAX_ENTITY_CHARS = 64
"""A declared entity with a longer value is no character, inclusive."""
XLINK = "{http://www.w3.org/1999/xlink}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ISO_NAMES = {"Thetas": "Θ", "thetas": "θ", "epsis": "ϵ", "jnodot": "ȷ", "b.alpha": "𝛂", "b.beta": "𝛃"}
"""Of ISO 8879's sets, what HTML did not take over."""
_MENDED = frozenset({etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE})
"""Faults that cost no text when the parser goes on after them: a prefix that nobody declared."""
_NO_DTD = re.compile(rb"<!DOCTYPE\s+[^\s>\[]+(?=\s*[\[>])")
_PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?")
_PLAIN = re.compile(r"[^<&]*")


_ARTICLE = re.compile(rb"<(?:[\w.-]+:)?article[\s>]")
_WIDE = (b"\xff\xfe", b"\xfe\xff")


@lru_cache(maxsize=4096)
def local(tag: object) -> str:
    """Name of an element without its namespace; "" for comments and the like."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def parse(xml: bytes) -> tuple[Element, str | None]:
    """The article and what was mended to read it; raises DamagedInput, NestingTooDeep or ForeignFormat."""
    root, mended = _tree(xml)
    article = next((node for node in root.iter() if local(node.tag) == "article"), None)
    if article is None:
        raise ForeignFormat(f"the root is <{local(root.tag)}>, and no <article> is in it")
    if all(local(node.tag) not in _PARTS for node in article):
        raise ForeignFormat("an <article> without front, body or back")
    return article, mended


def split(xml: bytes) -> list[bytes]:
    """The articles of a set (`<pmc-articleset>`) one by one; anything else, damaged XML too, as it is.

    Cost: nothing for a single article; a set is parsed once more. An entity that the set declares is lost.
    """
    if len(_ARTICLE.findall(xml)) < 2 and not xml.startswith(_WIDE):
        return [xml]
    try:
        root, _ = _tree(xml)
    except ExtractionError:
        return [xml]
    articles = [node for node in root.iter("{*}article") if next(node.iterancestors("{*}article"), None) is None]
    return [etree.tostring(node, encoding="utf-8", with_tail=False) for node in articles] if articles[1:] else [xml]


_PARTS = frozenset({"front", "body", "back", "front-stub", "bdy", "floats-group", "floats-wrap", "processing-meta"})


def _tree(xml: bytes) -> tuple[Element, str | None]:
    try:
        return etree.fromstring(xml, _parser(recover=False)), None
    except etree.XMLSyntaxError as error:
        first = error
    except ValueError as error:
        raise DamagedInput(f"no XML: {error}") from error
    parser = _parser(recover=True)
    try:
        root = etree.fromstring(_with_outer_dtd(xml), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _failure(first) from error
    faults = [entry for entry in parser.error_log if entry.level >= etree.ErrorLevels.ERROR]
    if root is None or any(entry.type not in _MENDED for entry in faults):
        raise _failure(first)
    return root, str(first)[:200]


def _with_outer_dtd(xml: bytes) -> bytes:
    """The document with a DTD to which its named characters may belong; it is never read.

    Going on after such a name instead, the parser would lose `&amp;` and `&lt;` from there on.
    """
    stub = b' SYSTEM "none"'
    declared = _NO_DTD.search(xml)
    if declared:
        return xml[: declared.end()] + stub + xml[declared.end() :]
    if b"<!DOCTYPE" in xml:
        return xml
    prologue = _PROLOGUE.match(xml)
    at = prologue.end() if prologue else 0
    return xml[:at] + b"<!DOCTYPE article" + stub + b">" + xml[at:]


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )


def _failure(error: etree.XMLSyntaxError) -> ExtractionError:
    message = str(error.msg or error)[:300]
    if "depth" in message.lower():
        return NestingTooDeep(message)
    return DamagedInput(message)


class Entities:
    """Characters behind the named entities of one document."""

    def __init__(self, article: Element) -> None:
        self._own: dict[str, str] = {}
        dtd = article.getroottree().docinfo.internalDTD
        if dtd is not None:
            for entity in dtd.iterentities():
                value = entity.content or ""
                if entity.name and len(value) <= MAX_ENTITY_CHARS and _PLAIN.fullmatch(value):
                    self._own[entity.name] = value

    def text(self, name: str) -> str:
        """The characters of `&name;`; "" where it names none."""
        if name.startswith("#"):
            return html.unescape(f"&{name};")
        return self._own.get(name) or html.entities.html5.get(name + ";") or _ISO_NAMES.get(name, "")
