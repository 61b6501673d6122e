"""A page of the sample → the bytes a server would send: kind template inside theme template, in its charset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import yaml
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from pipelines.sample import markdown
from pipelines.sample.highlight import highlight
from pipelines.sample.source import Page, Site, root
from pipelines.sample.texmath import hash_of
from pipelines.sample.texmath import render as render_math

_MONTHS = "January February March April May June July August September October November December"
_DATE_FORMATS = {"de": "{d}.{m:02}.{y}", "pl": "{d}.{m:02}.{y}", "ru": "{d:02}.{m:02}.{y}", "ja": "{y}年{m}月{d}日",
                 "zh": "{y}年{m}月{d}日", "ko": "{y}년 {m}월 {d}일", "fr": "{d:02}/{m:02}/{y}",
                 "es": "{d:02}/{m:02}/{y}", "it": "{d:02}/{m:02}/{y}", "pt": "{d:02}/{m:02}/{y}"}  # fmt: skip
_WHATWG = {"utf-8": "utf-8", "windows-1252": "windows-1252", "gb18030": "gb18030", "shift_jis": "Shift_JIS",
           "utf-16": "utf-16", "latin-1": "iso-8859-1"}  # fmt: skip


@dataclass(frozen=True)
class Rendered:
    """The response of one page."""

    url: str
    page: Page
    language: str
    charset: str
    """Python codec of `body`."""
    content_type: str
    body: bytes


def url_of(site: Site, host: str, page: Page) -> str:
    return f"{site.scheme}://{host}{page.path}"


def render_page(site: Site, host: str, page: Page, siblings: list[Page]) -> Rendered:
    """The response for `page` on `host`, with `siblings` for its menus of other pages.

    Raises ValueError where the charset lacks one of the page's characters.
    """
    charset = page.charset or site.charset
    name = _WHATWG.get(charset.lower(), charset)
    header = page.declare_header or name
    content_type = "text/html" if header == "none" else f"text/html; charset={header}"
    html = render_html(site, host, page, siblings, page.declare_meta or name)
    try:
        body = html.encode(charset)
    except UnicodeEncodeError as error:
        raise ValueError(f"{host}{page.path}: {charset} has no {error.object[error.start : error.end]!r}") from error
    return Rendered(url_of(site, host, page), page, page.language or site.language, charset, content_type, body)


def render_html(site: Site, host: str, page: Page, siblings: list[Page], meta_charset: str) -> str:
    """The page as text; `meta_charset` "none" leaves the declaration out."""
    environment = _environment()
    language = page.language or site.language

    def span(text: str) -> Markup:
        return Markup(markdown.inline(text, math))

    def prose(text: str) -> Markup:
        return Markup(markdown.to_html(text.strip("\n") + "\n", code, math))

    def math(tex: str, display: bool) -> str:
        return render_math(tex, display, site.math)

    def code(source: str, of: str) -> str:
        return highlight(source, of, site.highlighter)

    number = hash_of(page.path)
    others = [sibling for sibling in siblings if sibling.path != page.path and not sibling.duplicate_of]
    turn = number % len(others) if others else 0
    context: dict[str, Any] = {
        "site": site,
        "page": page,
        "host": host,
        "url": url_of(site, host, page),
        "language": language,
        "l": _labels(language) | site.labels,
        "charset": "" if meta_charset == "none" else meta_charset,
        "others": (others[turn:] + others[:turn])[:5],
        "number": number,
        "prose": prose,
        "span": span,
        "date_text": lambda iso: date_text(iso, language),
        "minutes": max(1, len(page.body.split()) // 200),
        "body": Markup(page.body) if page.markup == "html" else prose(page.body),
    }
    kind = page.kind or site.kind
    content = environment.get_template(f"kind/{kind}.html").render(context)
    theme = environment.get_template(f"{page.theme or site.theme}.html")
    return theme.render(context | {"content": Markup(content), "kind": kind}) + "\n"


def date_text(iso: str, language: str) -> str:
    """An ISO date (or a date and time) as a site of that language shows it."""
    if len(iso) < 10:
        return iso
    day, rest = date.fromisoformat(iso[:10]), iso[10:].replace("T", " ")[:6]
    pattern = _DATE_FORMATS.get(
        language.split("-")[0], "{d} {month} {y}" if language.startswith("en") else "{y}-{m:02}-{d:02}"
    )
    return pattern.format(d=day.day, m=day.month, y=day.year, month=_MONTHS.split()[day.month - 1]) + rest


@cache
def _environment() -> Environment:
    def load(name: str) -> str:
        return (root() / "templates" / name).read_text(encoding="utf-8")

    return Environment(
        loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _labels(language: str) -> dict[str, str]:
    """Words of the page furniture, English where a language lacks one."""
    labels: dict[str, str] = yaml.safe_load((root() / "labels" / "en.yaml").read_text(encoding="utf-8"))
    file = root() / "labels" / f"{language.split('-')[0]}.yaml"
    return labels | (yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {})
