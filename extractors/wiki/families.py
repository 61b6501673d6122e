"""One function for each family of text-bearing templates: what its arguments say, as wikitext.

Named as in `templates.json`; each takes the arguments and the page.
"""

# ruff: noqa: ARG001 (the functions share a signature)
from __future__ import annotations

import re
from typing import Protocol

from extractors.wiki.arguments import Arguments
from extractors.wiki.marks import Store
from extractors.wiki.options import Options

_MONTHS = "January February March April May June July August September October November December"
MONTHS = _MONTHS.split()
_NUMBER = re.compile(r"[-+−±]?[\d.,\s/⁄]*\d[\d.,/⁄]*(?:e[-+]?\d+)?")
_RANGE_WORDS = {
    "to": "to", "-": "–", "–": "–", "and": "and", "or": "or", "x": "×", "by": "by", "×": "×", "+/-": "±", "±": "±",
    "to(-)": "to", "to about": "to about", "xx": "×", "*": "×", "&": "and", ",": ",",
}  # fmt: skip
_UNITS = {
    "sqmi": "sq mi", "sqkm": "km²", "km2": "km²", "m2": "m²", "mi2": "sq mi", "cm2": "cm²", "ft2": "sq ft",
    "sqft": "sq ft", "m3": "m³", "cm3": "cm³", "km3": "km³", "c": "°C", "f": "°F", "°c": "°C", "°f": "°F",
    "km/h": "km/h", "kph": "km/h", "um": "μm", "in": "in", "acre": "acres", "foot": "ft", "mm2": "mm²", "ha": "ha",
}  # fmt: skip
_MONTH_NUMBER = re.compile(r"0?[1-9]|1[0-2]")
_DAY_NUMBER = re.compile(r"[0-9]{1,2}")
_DEGREES = re.compile(r"[-+]?\d{1,3}(?:\.\d{1,12})?")
_LABEL_WORDS = "lang pron us uk audio local also ipa en-us en-uk icon lang- ukalso usalso small"
_LABELS = frozenset(_LABEL_WORDS.split())


class Scope(Protocol):
    @property
    def options(self) -> Options: ...
    @property
    def store(self) -> Store: ...


def first(arguments: Arguments, scope: Scope) -> str:
    return arguments.get(1, "text", "text1", "name", "texte", "content") or next(iter(arguments.values()), "")


def second(arguments: Arguments, scope: Scope) -> str:
    return arguments.get(2, "text", "texte", "contenu", "content") or arguments.get(1)


def last(arguments: Arguments, scope: Scope) -> str:
    return next(reversed(arguments.values()), "")


def display_link(arguments: Arguments, scope: Scope) -> str:
    """Link to a page that another edition has: the text it shows, else its name."""
    return arguments.get("lt", "texte", "text", "display", "текст", "d", 2, "trad", "fr", 1)


def tsl(arguments: Arguments, scope: Scope) -> str:
    """zh: code of the other edition, its title, the title here, the text."""
    return arguments.get(4, 3, 2)


def quote(arguments: Arguments, scope: Scope) -> str:
    body = arguments.get("text", "quote", "texte", "cita", "texto", "testo", "цитата", "content", "quotetext", 1)
    names = ("author", "sign", "auteur", "autor", "автор", "person", "by")
    author = arguments.get(*names) or (arguments.get(2) if len(arguments.get(2)) < 200 else "")
    if not body:
        return ""
    signed = f"\n\n— {author}" if author else ""
    return f"\n<blockquote>\n{body}{signed}\n</blockquote>\n"


def guillemets(arguments: Arguments, scope: Scope) -> str:
    """A quotation in the line, in the edition's marks."""
    marks = {"fr": "« {} »", "de": "„{}“", "it": "«{}»", "pl": "„{}”", "ru": "«{}»", "es": "«{}»"}
    body = arguments.get(1, "text", "texte")
    return marks.get(scope.options.language, "“{}”").format(body) if body else ""


def convert(arguments: Arguments, scope: Scope) -> str:
    """The measure as stated; what it is in other units is arithmetic."""
    values = arguments.values()
    out: list[str] = []
    for value in values[:12]:
        word = _RANGE_WORDS.get(value.lower())
        if _NUMBER.fullmatch(value):
            out.append(_mixed_number(value))
        elif word is not None and out:
            out.append(word)
        else:
            out.append(_UNITS.get(value.lower(), value))
            break
    text = " ".join(out).replace(" – ", "–").replace(" ,", ",")
    if arguments.get("adj") == "on" and len(out) == 2:
        return text.replace(" ", "-")
    return text


def _mixed_number(value: str) -> str:
    return value.replace("+", " ") if "/" in value else value


def number_unit(arguments: Arguments, scope: Scope) -> str:
    """{{val|5|u=km}}, {{unité|5|km}}."""
    values = arguments.values()
    if not values:
        return ""
    unit = arguments.get("u", "ul", "up")
    text = values[0]
    power = arguments.get("e")
    if power:
        text += f"×10<sup>{power}</sup>"
    rest = [value for value in values[1:] if value != "-"]
    if unit and rest and _NUMBER.fullmatch(rest[0]):
        text += f"±{rest[0]}"
        rest = rest[1:]
    if not unit:
        unit = " ".join(rest[:3])
    return f"{text} {unit}".strip()


def fraction(arguments: Arguments, scope: Scope) -> str:
    values = arguments.values()[:3]
    if len(values) == 1:
        return f"1/{values[0]}"
    return f"{values[0]} {values[1]}/{values[2]}" if len(values) == 3 else "/".join(values)


def date(arguments: Arguments, scope: Scope) -> str:
    """{{birth date|1990|1|2}}: `January 2, 1990`, or `2 January 1990` with `df=y`."""
    values = arguments.values()
    if not values or not values[0].lstrip("-").isdigit():
        return values[0] if values else ""
    year, *rest = values
    if not rest or not _MONTH_NUMBER.fullmatch(rest[0]):
        return year
    month = MONTHS[int(rest[0]) - 1]
    if len(rest) < 2 or not _DAY_NUMBER.fullmatch(rest[1]) or int(rest[1]) > 31:
        return f"{month} {year}"
    day = int(rest[1])
    return f"{day} {month} {year}" if arguments.is_set("df", "dayfirst") else f"{month} {day}, {year}"


def words(arguments: Arguments, scope: Scope) -> str:
    return " ".join(arguments.values())


def joined(arguments: Arguments, scope: Scope) -> str:
    """Symbols and numbers of a chemical formula."""
    return "".join(arguments.values())


def comma_list(arguments: Arguments, scope: Scope) -> str:
    return ", ".join(arguments.values())


def item_list(arguments: Arguments, scope: Scope) -> str:
    return "\n" + "\n".join(f"* {value}" for value in arguments.values()) + "\n"


def block(arguments: Arguments, scope: Scope) -> str:
    """Something that lays out its content: the content."""
    named = arguments.get("text", "content", "contenu", "תוכן", "col1")
    return "\n" + (named or "\n\n".join(arguments.values())) + "\n"


def code(arguments: Arguments, scope: Scope) -> str:
    body = arguments.get(1, "text", "code")
    if "\n" in body:
        return "\n" + scope.store.put("pre", body.strip("\n"), arguments.get("lang", 2).lower()[:20]) + "\n"
    return f"<code>{body}</code>" if body else ""


def template_name(arguments: Arguments, scope: Scope) -> str:
    """A template spoken of, not used."""
    return scope.store.put("code", "{{" + "|".join(arguments.values()) + "}}") if arguments.values() else ""


def as_of(arguments: Arguments, scope: Scope) -> str:
    word = arguments.get("alt") or ("as of" if arguments.is_set("lc") else "As of")
    if arguments.get("alt"):
        return word
    return f"{word} {date(arguments, scope)}"


def circa(arguments: Arguments, scope: Scope) -> str:
    return "c. " + "–".join(arguments.values()[:2])


def floruit(arguments: Arguments, scope: Scope) -> str:
    return "fl. " + "–".join(arguments.values()[:2])


def reign(arguments: Arguments, scope: Scope) -> str:
    return "r. " + "–".join(arguments.values()[:2])


def ipa(arguments: Arguments, scope: Scope) -> str:
    sounds = [value for value in arguments.values() if value.lower() not in _LABELS]
    sounds = [value for value in sounds if not value.lower().endswith((".ogg", ".oga", ".wav", ".mp3"))]
    return f"/{''.join(sounds).replace('_', ' ')}/" if sounds else ""


def ipa_text(arguments: Arguments, scope: Scope) -> str:
    """{{IPA|aː}}, {{IPA|de|aː}}, {{IPA-de|aː|pron}}: in brackets, as the templates show it."""
    sounds, *more = arguments.values() or [""]
    if more and sounds.isascii() and sounds.isalpha() and len(sounds) <= 3 and len(more[0]) > 3:
        sounds = more[0]
    return f"[{sounds}]" if sounds and sounds[0] not in "[/⟨" else sounds


def respell(arguments: Arguments, scope: Scope) -> str:
    return "-".join(value for value in arguments.values() if value != "_")


def angles(arguments: Arguments, scope: Scope) -> str:
    return f"⟨{arguments.get(1)}⟩"


def nihongo(arguments: Arguments, scope: Scope) -> str:
    """A word, how it is written, how that is read."""
    word, *notes = arguments.values()[:3] or [""]
    return f"{word} ({', '.join(notes)})" if notes else word


def values(arguments: Arguments, scope: Scope) -> str:
    """{{zh|c=…|p=…}}: each form, without the names of the forms."""
    forms = [arguments.get(name) for name in ("t", "s", "c", "hangul", "hanja", "p", "rr", "mr", "j", "w")]
    return ", ".join(dict.fromkeys(form for form in (*arguments.values(), *forms) if form))


def ruby(arguments: Arguments, scope: Scope) -> str:
    base, reading = arguments.get(1), arguments.get(2)
    return f"{base}({reading})" if reading else base


def money(sign: str, arguments: Arguments) -> str:
    text = f"{sign}{'' if not sign[-1:].isalpha() else ' '}{arguments.get(1)}"
    return f"{text} {arguments.get(2)}".strip() if arguments.get(2).isalpha() else text


def sup(arguments: Arguments, scope: Scope) -> str:
    return f"<sup>{arguments.get(1)}</sup>"


def sub(arguments: Arguments, scope: Scope) -> str:
    return f"<sub>{arguments.get(1)}</sub>"


def marriage(arguments: Arguments, scope: Scope) -> str:
    spouse, *years = arguments.values()[:3] or [""]
    return f"{spouse} (m. {'–'.join(years)})" if years else spouse


def power(arguments: Arguments, scope: Scope) -> str:
    base, *exponent = arguments.values()[:2] or [""]
    return f"{base}<sup>{exponent[0]}</sup>" if exponent else f"10<sup>{base}</sup>"


def century(arguments: Arguments, scope: Scope) -> str:
    suffix = " a. C." if arguments.get(2).lower().startswith("a") else ""
    return f"siglo {arguments.get(1)}{suffix}"


def ru_century(arguments: Arguments, scope: Scope) -> str:
    return f"{arguments.get(1)} век"


def fr_century(arguments: Arguments, scope: Scope) -> str:
    number, ending = arguments.get(1), arguments.get(2) or "e"
    return f"{number}{ending} siècle"


def bd(arguments: Arguments, scope: Scope) -> str:
    """zh: year and day of birth, year and day of death."""
    given = [arguments.get(k) for k in range(1, 5)]
    born, died = "".join(given[:2]), "".join(given[2:])
    return f"{born}－{died}" if born or died else ""


def ship(prefix: str, arguments: Arguments) -> str:
    values = arguments.values()[:3]
    if prefix == "SHIP":
        prefix, *values = values or [""]
    name = " ".join([prefix, *values[:1]]).strip()
    hull = values[1] if len(values) > 1 else ""
    return f"{name} ({hull})" if hull and not hull.isdigit() else name


def exponent(arguments: Arguments, scope: Scope) -> str:
    """{{e|24}} after a number."""
    return f"×10<sup>{arguments.get(1)}</sup>"


def nuclide(arguments: Arguments, scope: Scope) -> str:
    """{{nuclide|lithium|7}}: `lithium-7`."""
    return "-".join(arguments.values()[:2])


def gauge(arguments: Arguments, scope: Scope) -> str:
    """{{track gauge|1435mm}}: `1435 mm`."""
    return re.sub(r"(\d)(?=[a-z])", r"\1 ", arguments.get(1))


def aside(arguments: Arguments, scope: Scope) -> str:
    """fr: {{incise|…}} between dashes, {{incise|…|stop}} before a full stop."""
    return f"– {arguments.get(1)}" + ("" if arguments.get(2) else " –")


def place(arguments: Arguments, scope: Scope) -> str:
    """A twin town and its country."""
    town, country = arguments.get(1), arguments.get(2)
    return f"{town} ({country})" if country else town


def place_last(arguments: Arguments, scope: Scope) -> str:
    """it: country, town, year."""
    country, town, year = (arguments.get(k) for k in (1, 2, 3))
    notes = ", ".join(note for note in (country, year) if note)
    return f"{town} ({notes})" if town else country


def share(arguments: Arguments, scope: Scope) -> str:
    """{{bartable|87.5|%|2}}: the number and its unit, without the bar."""
    return arguments.get(1) + arguments.get(2) if arguments.get(1) != arguments.get(2) else arguments.get(1)


def accidental(arguments: Arguments, scope: Scope) -> str:
    signs = {"flat": "♭", "b": "♭", "sharp": "♯", "#": "♯", "natural": "♮"}
    return signs.get(arguments.get(1).lower(), "")


def coordinates(arguments: Arguments, scope: Scope) -> str:
    """{{coord|52|31|N|13|23|E}} in running text: `52°31′N 13°23′E`; "" of those that stand (also) above the title."""
    if "t" in arguments.get("display", "d").replace("it", "t").replace("inline", ""):
        return ""
    groups: list[list[str]] = [[]]
    for value in arguments.values()[:8]:
        if _DEGREES.fullmatch(value):
            groups[-1].append(value)
        elif value in ("N", "S", "E", "W"):
            groups[-1] = [_angle(groups[-1]) + value]
            groups.append([])
    if len(groups) == 1 and len(groups[0]) == 2:
        return ", ".join(groups[0])
    return " ".join(group[0] for group in groups if len(group) == 1 and group[0][-1:].isalpha())


def _angle(numbers: list[str]) -> str:
    return "".join(number + sign for number, sign in zip(numbers, "°′″", strict=False))


def height(arguments: Arguments, scope: Scope) -> str:
    """de: {{Höhe|115|DE-NHN}}: metres above the level that the country counts from."""
    levels = {"DE-NHN": " ü. NHN", "DE-NN": " ü. NN", "AT": " ü. A.", "CH": " ü. M."}
    value = arguments.get(1)
    return f"{value} m{levels.get(arguments.get(2), '')}" if value else ""


def kilometres(arguments: Arguments, scope: Scope) -> str:
    """sk, cs: {{km|70|m}}."""
    return f"{arguments.get(1)} km"
