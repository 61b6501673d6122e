"""`gristmill extract`: what the extractor makes of one page, and why a paragraph is gone."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import click

from extractors.html import BlockReport, Options, explain
from extractors.html import extract as extract_html
from pipelines.errors import InputNotFound
from pipelines.sources.lookup import find_page


@click.command()
@click.argument("page", metavar="PAGE|-|WARC")
@click.option("--at", "offset", type=click.IntRange(min=0), help="PAGE is a web archive: offset of the record in it.")
@click.option("--find", "wanted_url", help="PAGE is a web archive: address of the page in it.")
@click.option("--url", help="Address the page was read from.")
@click.option("--charset", help="Charset of the HTTP header.")
@click.option("--links", is_flag=True, help="Keep the addresses of links.")
@click.option(
    "--comments",
    type=click.Choice(["keep", "drop"]),
    default="keep",
    show_default=True,
    help="Readers' comments under an article; posts of a thread always stay.",
)
@click.option(
    "--explain",
    "explained",
    is_flag=True,
    help="Show each block, its features, score and fate, and what was left out unheard.",
)
@click.option("--nl", is_flag=True, help="One JSON object a line.")
def extract(
    page: str,
    offset: int | None,
    wanted_url: str | None,
    url: str | None,
    charset: str | None,
    links: bool,
    comments: Literal["keep", "drop"],
    explained: bool,
    nl: bool,
) -> None:
    """Extract the text of PAGE: an HTML file, `-` for standard input, or a record of a web archive."""
    options = Options(links=links, comments=comments)
    html, url, charset = _read(page, offset, wanted_url, url, charset)
    if explained:
        for block in explain(html, url=url, charset=charset, options=options):
            click.echo(json.dumps(asdict(block), ensure_ascii=False) if nl else _line(block))
        return
    found = extract_html(html, url=url, charset=charset, options=options)
    if nl:
        click.echo(json.dumps(asdict(found) | {"error": found.error and found.error.code}, ensure_ascii=False))
    else:
        for name in ("title", "author", "date", "language", "canonical_url", "license_url", "kind", "charset"):
            if value := getattr(found, name):
                click.echo(f"{name}: {value}", err=True)
        click.echo(found.text)
    if found.error is not None:
        click.echo(f"{found.error.code}: {found.error}", err=True)
        sys.exit(1)


def _read(
    page: str, offset: int | None, wanted_url: str | None, url: str | None, charset: str | None
) -> tuple[bytes, str | None, str | None]:
    if offset is not None or wanted_url is not None:
        found = find_page(page, offset=offset, url=wanted_url)
        return found.body, url or found.url, charset or found.charset
    if page == "-":
        return sys.stdin.buffer.read(), url, charset
    if not Path(page).is_file():
        raise InputNotFound(f"{page}: no such file; for a page inside a web archive give --at OFFSET or --find URL")
    return Path(page).read_bytes(), url, charset


def _line(block: BlockReport) -> str:
    strongest = sorted(block.features.items(), key=lambda feature: -abs(feature[1]))[:6]
    measured = " ".join(f"{name}={value:.3g}" for name, value in strongest)
    text = " ".join(block.text.split())
    mark = "+" if block.kept else "-"
    return f"{mark} {block.score:4.2f} {block.kind:<8} {text[:90]:<90}  {block.reason}  [{measured}]  {block.path}"
