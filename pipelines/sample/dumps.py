"""The sample's dumps of other sources than the web, each in its own layout, written by its own module."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipelines.sample.arxiv_tar import build_arxiv
from pipelines.sample.books_files import build_books
from pipelines.sample.github_tar import build_github
from pipelines.sample.pmc_tar import build_pmc
from pipelines.sample.qa_dump import build_stackexchange
from pipelines.sample.wiki_dump import build_wikipedia

BUILDERS: dict[str, Callable[[Path], None]] = {
    "arxiv": build_arxiv,
    "pmc": build_pmc,
    "github": build_github,
    "wikipedia": build_wikipedia,
    "stackexchange": build_stackexchange,
    "books": build_books,
}
"""By the id that the source has in the released recipes."""
_INPUTS = {"pmc": "oa_bulk"}
"""Folder of a source's dump that a run reads, where it is not the whole: the mirror repeats an article."""


def build_dumps(folder: Path) -> dict[str, Path]:
    """Write every dump under `folder`; the input of each source by its id. The same bytes each time."""
    for name, build in BUILDERS.items():
        build(folder / name)
    return {name: folder / name / _INPUTS.get(name, "") for name in BUILDERS}
