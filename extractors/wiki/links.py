"""`[[…]]` to the text a reader sees; what its prefix says beside (pictures, categories, other languages)."""

from __future__ import annotations

import re
from typing import Protocol

from extractors.wiki import names
from extractors.wiki.marks import DROPPED, Store
from extractors.wiki.markup import to_wikitext
from extractors.wiki.options import Options

MIN_CAPTION_WORDS = 6
"""Shorter captions name a picture that is not there; longer ones say something (ours)."""
_PICTURE_OPTION = re.compile(
    r"\s*(?:(?:thumb|thumbnail|frame|framed|frameless|border|right|left|center|centre|none|baseline|middle|sub|super"
    r"|top|text-top|bottom|text-bottom|upright|mini|miniatur|hochkant|rechts|links|rand|zentriert|vignette|droite"
    r"|gauche|centré|cadre|sans_cadre|redresse|miniatura|miniaturadeimagen|derecha|izquierda|centro|no|destra"
    r"|sinistra|direita|esquerda|commandes|мини|миниатюра|справа|слева|центр|безрамки|ліворуч|праворуч|міні"
    r"|ramka|prawo|lewo|centruj|mały|duim|gecentreerd|náhled|vpravo|vlevo|bélyegkép|jobbra|balra|küçükresim"
    r"|sağ|sol|küçük|nhỏ|phải|trái|miniatyr|höger|vänster|pienoiskuva|oikea|vasen|تصغير|مصغر|يمين|يسار|بندانگشتی"
    r"|راست|چپ|ממוזער|ימין|שמאל|サムネイル|右|左|中央|缩略图|縮圖|有框|无框|섬네일|왼쪽|오른쪽|अंगूठाकार|पाठ|अंगूठा)"
    r"|[0-9x\s]+(?:px|пкс|пикс|ピクセル|像素)?|(?:link|alt|lang|page|class|upright|thumb|thumbtime|start|end|loop"
    r"|hochkant|alternativtext|verweis|lien|мини|альт)\s*=.*)\s*",
    re.I | re.S,
)
_MEDIA_FILE = re.compile(r"\.(?:jpe?g|png|svg|gif|tiff?|webp|xcf|og[gav]|opus|flac|wav|mp3|midi?|webm|djvu|stl)", re.I)
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"\w+://\S+|<[^<>]*>")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")


class Scope(Protocol):
    """What resolving a link needs to know of the page."""

    @property
    def options(self) -> Options: ...
    @property
    def store(self) -> Store: ...


def resolve(parts: list[str], scope: Scope) -> str:
    """Text of a link with these parts: target, then text or, of a picture, options and caption."""
    target = " ".join(parts[0].replace("_", " ").split())
    shown = "|".join(parts[1:]) if len(parts) > 1 else None
    if "\n\n" in parts[0] or len(target) > 2000:
        return parts[0] if shown is None else f"{parts[0]} {shown}"
    prefix, colon, rest = target.partition(":")
    if colon and prefix:
        found = _prefixed(names.normal(prefix), rest, parts, scope)
        if found is not None:
            return found
    if target.startswith(":"):
        target = target[1:].strip()
    if shown is None:
        return target
    return shown if shown.strip() else _piped(target)


def _prefixed(prefix: str, rest: str, parts: list[str], scope: Scope) -> str | None:
    """What a link into a namespace or another wiki leaves, None where it shows as any link does."""
    number = names.namespaces().get(prefix) or dict(scope.options.namespaces).get(prefix)
    if number == names.FILE:
        return _picture(parts[1:], scope)
    if number == names.CATEGORY:
        name = " ".join(rest.split())
        if name and name not in scope.store.categories:
            scope.store.categories.append(name)
        return DROPPED
    if prefix in names.language_codes() and rest:
        return DROPPED
    if _MEDIA_FILE.fullmatch(rest[rest.rfind(".") :] if "." in rest else ""):  # a namespace that no list has
        return _picture(parts[1:], scope)
    if prefix in names.sister_prefixes():
        return parts[-1] if len(parts) > 1 and parts[-1].strip() else rest.rpartition(":")[2].strip()
    return None


def _piped(target: str) -> str:
    """`[[Help:Template (wiki)|]]` shows `Template`."""
    target = target.rpartition(":")[2].strip()
    return re.sub(r"\s*\([^()]*\)$|,.*$", "", target)


def _picture(parts: list[str], scope: Scope) -> str:
    if not scope.options.captions:
        return DROPPED
    for part in reversed(parts):
        if _PICTURE_OPTION.fullmatch(part[:300]):
            continue
        caption = part.strip()
        enough = len(_WORD.findall(_ADDRESS.sub("", caption))) >= MIN_CAPTION_WORDS or (
            _CJK.search(caption) and len(caption) >= 15
        )
        return scope.store.put("caption", to_wikitext(caption, scope.options)) if enough else DROPPED
    return DROPPED
