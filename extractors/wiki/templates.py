"""What a template leaves in the text: by the family its name belongs to, nothing where it belongs to none.

No template page is read, so a family is a guess by name that holds in the editions that share it; `templates.json`
lists them. Most templates are navigation, tables of facts or maintenance and leave nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from extractors.wiki import families, functions, names
from extractors.wiki.arguments import Arguments
from extractors.wiki.marks import DROPPED, Store
from extractors.wiki.options import Options

_SUBST = re.compile(r"^\s*(?:safesubst|subst|msgnw|msg|raw)\s*:\s*", re.I)
_LANG_PREFIX = re.compile(r"(?:lang|ipa|język|јез|lang-)[- ][a-z]{2,3}(?:-[a-z]{2,8}){0,2}")
_ROMAN_CENTURY = re.compile(r"[ivxlcdm]+e siècle|[ivxlcdm]+e? siècles?")
_ITEM = re.compile(r"(?:^|\n)[*#][^\n]*\w")
MIN_ITEMS = 2
_ORDINAL = re.compile(r"\d{1,4}(?:er|re|e|ème|º|ª)")


@dataclass(frozen=True, slots=True)
class Scope:
    """The page a template stands on."""

    options: Options
    title: str
    store: Store


@cache
def _by_name(language: str) -> dict[str, str]:
    """Family of each template name in one edition."""
    known = _known()
    found = {name: family for family, members in known["families"].items() for name in members}
    for family, members in known["by_language"].get(language, {}).items():
        found.update(dict.fromkeys(members, family))
    return found


@cache
def _countries() -> frozenset[str]:
    return frozenset(_known()["countries"])


@cache
def _known() -> dict[str, Any]:
    text = resources.files("extractors.wiki").joinpath("templates.json").read_text(encoding="utf-8")
    known: dict[str, Any] = json.loads(text)
    return known


def expand(parts: list[tuple[str | None, str]], scope: Scope) -> str:
    """Wikitext in the place of a template with these parts, its name first."""
    raw = _SUBST.sub("", parts[0][1].lstrip())
    head, colon, rest = raw.partition(":")
    if colon:
        done = functions.call(head.strip(), rest, parts[1:], scope)
        if done is not None:
            return done
        if names.normal(head) in names.namespaces() or not head.strip():
            raw = rest
    name = names.normal(raw)
    if raw.strip() in _countries():
        return raw.strip()  # its flag and name, in any edition's language
    if not parts[1:] and (word := functions.variable(raw.strip(), scope)) is not None:
        return word
    text = _text(name, parts[1:], scope)
    if text is None:
        text = _laid_out(parts[1:])
    if text is None:
        scope.store.num_dropped += 1
        if name in names.disambiguation_templates():
            scope.store.is_disambiguation = True
        return DROPPED
    return text if text.strip() else text + DROPPED


def _laid_out(parts: list[tuple[str | None, str]]) -> str | None:
    """Lists in an argument without a name: the template sets them in columns, whatever it is called."""
    lists = [value.strip() for name, value in parts if name is None and len(_ITEM.findall(value)) >= MIN_ITEMS]
    return "\n" + "\n\n".join(lists) + "\n" if lists else None


def _text(name: str, parts: list[tuple[str | None, str]], scope: Scope) -> str | None:
    """Text of a template that bears some, None of one that bears none."""
    language = scope.options.language
    fixed = _known()["fixed"].get(name)
    if isinstance(fixed, str) and not (parts and name in _by_name(language)):
        return fixed
    family = _by_name(language).get(name)
    if family is None and " " not in name and "-" not in name and not name[:1].isdecimal():
        return None
    arguments = Arguments.of(parts)
    if family is None:
        if _LANG_PREFIX.fullmatch(name):
            return (families.ipa_text if name.startswith("ipa") else families.first)(arguments, scope)
        if _ROMAN_CENTURY.fullmatch(name) or _ORDINAL.fullmatch(name):
            return name.upper().replace("E SIÈCLE", "e siècle") if "siècle" in name else name
        return None
    if family == "ship":
        return families.ship(name.upper(), arguments)
    if family == "money":
        return families.money(parts_name(name), arguments)
    make: Callable[[Arguments, Scope], str] = getattr(families, family)
    return make(arguments, scope)


def parts_name(name: str) -> str:
    """A currency as it is written before a sum."""
    return {"euro": "€", "eur": "€", "gbp": "£", "usd": "US$", "jpy": "¥", "inr": "₹"}.get(name, name.upper())
