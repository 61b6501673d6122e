"""The extractor: files to text under the guard."""

from __future__ import annotations

from collections.abc import Mapping

from extractors.errors import NoMainFile
from extractors.latex import source
from extractors.latex.options import LatexOptions, LatexResult

_DEFAULT = LatexOptions()


def extract(files: Mapping[str, bytes], options: LatexOptions = _DEFAULT) -> LatexResult:
    """Text and metadata of one submission; never raises on input."""
    members = source.Files(files, options.limits.input_bytes)
    main = source.find_main(members)
    if main is None:
        return LatexResult("", error=NoMainFile("no file with TeX commands"))
    return LatexResult(source.between(source.flatten(files, main)), main_file=main, files_used=(main,))
