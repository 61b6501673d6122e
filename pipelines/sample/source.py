"""Sources of the bundled sample: site and page files → checked values. FORMAT.md says how the files look.

Everything is read through importlib.resources, so it works from a zip; order is that of host and file names.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

SEPARATOR = "\n%%%%\n"
"""Between the documents of one file."""


def _with_colon(value: object) -> object:
    """YAML reads `[Obituary: Ida Rusk, /path]` as a mapping in a list; the words with their colon were meant."""
    if isinstance(value, dict) and len(value) == 1:
        return ": ".join(str(part) for pair in value.items() for part in pair)
    return value


Label = Annotated[str, BeforeValidator(_with_colon)]
Link = tuple[Label, str]
"""Label and address."""
Line = Label | Link
Text = Annotated[str, BeforeValidator(str)]
"""A string; YAML's dates and numbers become strings as they are written in ISO form."""


class Source(BaseModel):
    """A checked, frozen value; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Box(Source):
    title: str
    lines: tuple[Line, ...]


class Site(Source):
    """One made-up site; FORMAT.md explains the fields."""

    host: str
    name: str
    theme: str
    language: str
    kind: str = "article"
    charset: str = "utf-8"
    scheme: Literal["https", "http"] = "https"
    tagline: str = ""
    nav: tuple[Link, ...] = ()
    sidebar: tuple[Box, ...] = ()
    footer: tuple[Link, ...] = ()
    copyright: str = ""
    highlighter: Literal["pygments", "pygments-table", "rouge", "rouge-table", "prism", "hljs", "plain"] = "plain"
    math: Literal["mathjax", "mathjax-dollar", "mathjax2", "katex", "mathml", "mediawiki", "plain"] = "plain"
    robots: str = ""
    cookie_banner: bool = True
    newsletter: bool = True
    share: bool = True
    labels: dict[str, str] = {}
    rtl: bool = False


class Comment(Source):
    author: str
    text: str
    date: Text = ""


class Quote(Source):
    author: str
    text: str


class Post(Source):
    author: str
    date: Text
    text: str
    title: str = ""
    rank: str = ""
    quote: Quote | None = None
    likes: int = 0


class QuestionPost(Source):
    author: str
    date: Text
    text: str
    votes: int = 0
    accepted: bool = False
    comments: tuple[Comment, ...] = ()


class Review(Source):
    author: str
    stars: int
    text: str


class Entry(Source):
    title: str
    path: str
    date: Text = ""
    teaser: str = ""


class Copy(Source):
    """A further page with the text of the one it stands in."""

    path: str
    host: str = ""
    title: str = ""
    date: Text = ""
    author: str = ""
    theme: str = ""
    edits: tuple[tuple[str, str], ...] = ()
    lead: str = ""
    tail: str = ""
    expect: str = "duplicate"


class Page(Source):
    """One page as written; `body` is Markdown or an HTML fragment."""

    path: str = Field(pattern="^/")
    title: str
    body: str
    markup: Literal["md", "html"]
    expect: str = "kept"
    date: Text = ""
    author: str = ""
    section: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    kind: str = ""
    theme: str = ""
    language: str = ""
    charset: str = ""
    declare_header: str = ""
    declare_meta: str = ""
    robots: str = ""
    comments: tuple[Comment, ...] = ()
    related: tuple[Link, ...] = ()
    posts: tuple[Post, ...] = ()
    question: QuestionPost | None = None
    answers: tuple[QuestionPost, ...] = ()
    ingredients: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    prep: str = ""
    cook: str = ""
    serves: Text = ""
    price: Text = ""
    currency: str = "£"
    sku: Text = ""
    specs: tuple[tuple[str, Text], ...] = ()
    reviews: tuple[Review, ...] = ()
    entries: tuple[Entry, ...] = ()
    copies: tuple[Copy, ...] = ()
    duplicate_of: str = ""
    """URL of the page this one is a copy of; set by `pages_of`, not written in a file."""


def root() -> Traversable:
    """The folder of the sample's sources."""
    return resources.files("pipelines") / "sample"


def load_sites() -> list[tuple[Site, list[tuple[str, Page]]]]:
    """All sites with their pages and copies as (host, page), in the order of their names."""
    return [load_site(name) for name in sorted(f.name for f in (root() / "web").iterdir() if f.is_dir())]


def load_site(host: str) -> tuple[Site, list[tuple[str, Page]]]:
    """One site with its pages and copies as (host, page); raises ValueError that names the file and the cause."""
    folder = root() / "web" / host
    try:
        site = Site(host=host, **yaml.safe_load((folder / "site.yaml").read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{host}/site.yaml: {error}") from error
    return site, list(_pages_of(site, folder))


def read_documents(text: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Front matter and body of each document of a source file; a document without body needs no second `---`.

    Raises ValueError where front matter is missing or is not a mapping.
    """
    for part in ("\n" + text.strip("\n") + "\n").split(SEPARATOR):
        empty, found, rest = part.strip("\n").partition("---\n")
        matter, _, body = (rest + "\n").partition("\n---\n")
        try:
            fields = yaml.safe_load(matter) if found and not empty else None
        except yaml.YAMLError as error:
            raise ValueError(f"front matter {matter.strip()[:60]!r}: {error}") from error
        if not isinstance(fields, dict):
            raise ValueError(f"no front matter before {part.strip()[:60]!r}")
        yield fields, body.strip("\n") + "\n"


def files_of(folder: Traversable, *suffixes: str) -> list[Traversable]:
    """Files of a folder whose names end so, sorted by name."""
    return sorted((f for f in folder.iterdir() if f.name.endswith(suffixes)), key=lambda f: f.name)


def _pages_of(site: Site, folder: Traversable) -> Iterator[tuple[str, Page]]:
    for file in files_of(folder, ".md", ".html"):
        path = "its front matter"
        try:
            for fields, body in read_documents(file.read_text(encoding="utf-8")):
                path = fields.get("path", path)
                page = Page.model_validate(fields | {"body": body, "markup": file.name.rsplit(".")[-1]})
                yield site.host, page
                for copy in page.copies:
                    yield copy.host or site.host, _copied(site, page, copy)
        except ValueError as error:
            raise ValueError(f"{folder.name}/{file.name}, {path}: {error}") from error


def _copied(site: Site, page: Page, copy: Copy) -> Page:
    """The page that a `copies` entry describes, in its own right."""
    body = page.body
    for old, new in copy.edits:
        if old not in body:
            raise ValueError(f"edit of a copy: {old!r} does not occur")
        body = body.replace(old, new)
    changes: dict[str, Any] = {
        name: value for name in ("path", "title", "date", "author", "theme", "expect") if (value := getattr(copy, name))
    }
    if copy.host and copy.host != site.host:
        changes |= {"related": (), "comments": ()}
    body = "\n".join(part for part in (copy.lead, body, copy.tail) if part)
    original = f"{site.scheme}://{site.host}{page.path}"
    return page.model_copy(update=changes | {"body": body, "copies": (), "duplicate_of": original})
