"""One article's XML, and what is said of it elsewhere, to one row: a document, a skip or a failure."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from pipelines.sources.pmc_license import family, is_allowed, license_id, stricter
from pipelines.sources.pmc_listing import Stated
from pipelines.sources.records import (
    SKIP_FORMULA_IMAGES,
    SKIP_LICENSE,
    SKIP_MANUSCRIPT,
    SKIP_NO_BODY,
    SKIP_RETRACTED,
    ReaderConfig,
    Row,
)

if TYPE_CHECKING:
    from extractors.result import Extraction

MEDIA_TYPE = "application/jats+xml"
ARTICLE_PAGE = "https://pmc.ncbi.nlm.nih.gov/articles/"


class Skip(Exception):
    """The article is not wanted; reason and value."""


class Failure(Exception):
    """The article cannot be read; code and detail."""


def judge_stated(stated: Stated, config: ReaderConfig) -> None:
    """Raise Skip for what need not be fetched: PMC's own word is enough to leave it out."""
    options = config.source.pmc
    if stated.is_retracted and not options.keep_retracted:
        raise Skip(SKIP_RETRACTED, "article")
    if stated.is_manuscript and options.manuscripts == "drop":
        raise Skip(SKIP_MANUSCRIPT, "")
    known = stated.license or ("unknown" if "license_code" in stated.notes else None)
    if known is not None and not is_allowed(known, options.licenses):
        raise Skip(SKIP_LICENSE, known)


def locator(stated: Stated, name: str) -> str:
    """PMCID and version, by which an article keeps its id wherever it is packed; else its name."""
    if stated.pmcid is None:
        return name
    return f"{stated.pmcid}.{stated.version}" if stated.version else stated.pmcid


def fill(xml: bytes, stated: Stated, row: Row, notes: dict[str, str], config: ReaderConfig) -> None:
    """Make a document of an article; raises Skip or Failure."""
    row.media_type = MEDIA_TYPE
    if stated.md5 and hashlib.md5(xml, usedforsecurity=False).hexdigest() != stated.md5:
        notes["md5_check"] = "mismatch"
    found = _extracted(xml, config)
    notes.update({name: value for name, value in found.metadata.items() if not name.startswith("id_")})
    ids = {name.removeprefix("id_"): value for name, value in found.metadata.items() if name.startswith("id_")}
    notes.update({name: ids[name] for name in ("pmid", "doi", "pmcid", "version") if name in ids})
    notes.update(stated.notes)
    optional = {"pmcid": stated.pmcid, "version": stated.version, "authors": found.author, "language": found.language}
    notes.update({name: value for name, value in optional.items() if value})
    row.title, row.date = found.title, found.date
    row.url = _url(notes)
    _set_license(found, stated, row, notes)
    if stated.is_retracted:
        notes.setdefault("retracted", "listed")
    if stated.is_manuscript:
        notes["manuscript"] = "true"
    if stated.is_ocr:
        notes["scanned_pages"] = "true"
    if found.error is not None:
        raise Failure(found.error.code, str(found.error))
    _judge(row, notes, config)
    row.text = found.text


def _extracted(xml: bytes, config: ReaderConfig) -> Extraction:
    from extractors.guard import Limits
    from extractors.jats import Options, extract

    chosen = config.source.pmc
    limits = Limits(time_s=config.extraction.time_limit_s, input_bytes=config.extraction.max_input_bytes)
    options = Options(
        acknowledgements=chosen.acknowledgements,
        appendices=chosen.appendices,
        sub_articles=chosen.sub_articles,
        translations=chosen.translations,
        limits=limits,
    )
    return extract(xml, options=options)


def _url(notes: dict[str, str]) -> str | None:
    if "pmcid" in notes:
        return f"{ARTICLE_PAGE}{notes['pmcid']}/"
    return f"https://doi.org/{notes['doi']}" if "doi" in notes else None


def _set_license(found: Extraction, stated: Stated, row: Row, notes: dict[str, str]) -> None:
    """The stricter of what PMC lists and what the article says; an address that is no known licence as it stands."""
    own = license_id(found.license_url) or license_id(notes.get("license_text"))
    row.license = stricter(own, stated.license)
    if own and stated.license and family(own) != family(stated.license):
        notes["license_conflict"] = f"{own} in the article, {stated.license} in PMC's list"
    if row.license is None and found.license_url and re.match(r"https?://\S+$", found.license_url):
        row.license = found.license_url


def _judge(row: Row, notes: dict[str, str], config: ReaderConfig) -> None:
    """Raise Skip for an article that the options do not let in."""
    options = config.source.pmc
    if not options.keep_retracted:
        if "retracted" in notes:
            raise Skip(SKIP_RETRACTED, "article")
        if "retraction_notice" in notes:
            raise Skip(SKIP_RETRACTED, "notice")
    if "manuscript" in notes and options.manuscripts == "drop":
        raise Skip(SKIP_MANUSCRIPT, "")
    if not is_allowed(row.license, options.licenses):
        raise Skip(SKIP_LICENSE, row.license or "unknown")
    content = notes.get("content", "title")
    if content != "body" and (options.bodyless == "drop" or content == "title"):
        raise Skip(SKIP_NO_BODY, "scanned pages" if "scanned_pages" in notes else f"{content} only")
    num_images = int(notes.get("num_formula_images", "0"))
    if options.max_formula_images is not None and num_images > options.max_formula_images:
        raise Skip(SKIP_FORMULA_IMAGES, str(num_images))


def metadata_json(notes: dict[str, str]) -> str | None:
    return json.dumps(notes, ensure_ascii=False, sort_keys=True) if notes else None
