"""Files of a source tree that by their names state licences: licence texts, tables, package metadata, READMEs."""

from __future__ import annotations

import re

from extractors.code.licences.metadata import is_metadata_file
from extractors.code.licences.reuse import SIDECAR_SUFFIX, is_table

_LICENCE_NAME = re.compile(
    r"(?:(?:un)?licen[sc]es?|copying|copyright|legal|mit-licen[sc]e|bsd-licen[sc]e|apache-licen[sc]e|gpl|lgpl|agpl"
    r"|artistic|mpl|epl)"
    r"(?:[._-].{0,60})?|.{1,40}[._-](?:licen[sc]e|copying|copyright)(?:\.(?:txt|md|rst|html?))?"
    r"|(?:[al]?gpl|mit|apache|bsd|isc|mpl|artistic)[-_ ]?v?[\d.]{0,4}\.(?:txt|md|rst)",
    re.IGNORECASE,
)
_NOT_LICENCE = re.compile(
    r"\.(?:c|h|cc|cpp|hpp|py|js|ts|jsx|tsx|rb|pl|pm|go|rs|java|kt|php|sh|json|ya?ml|xml|cs|lua|el|hs|ml|r|svg|png"
    r"|css|scss|po|pot|in|am|cmake|tt|erb|t|swift|vue|toml|csv|dtd|patch|diff)$",
    re.IGNORECASE,
)
_README_NAME = re.compile(
    r"readme(?:\.(?:md|txt|rst|markdown|org|adoc|pod|rdoc|mkd|textile))?|readme\.first", re.IGNORECASE
)


def is_licence_file(path: str) -> bool:
    """Whether a file by its name holds the licence of its folder."""
    name = path.rpartition("/")[2]
    if is_in_store(path) and name.endswith((".txt", ".md")):
        return True
    return _LICENCE_NAME.fullmatch(name) is not None and _NOT_LICENCE.search(name) is None


def is_readme(path: str) -> bool:
    return _README_NAME.fullmatch(path.rpartition("/")[2]) is not None


def states_licence(path: str) -> bool:
    """Whether a file may say something of the whole folder: licence files, package metadata, READMEs."""
    name = path.rpartition("/")[2]
    if is_table(path) or name.endswith(SIDECAR_SUFFIX):
        return True
    return is_licence_file(path) or is_metadata_file(path) or is_readme(path)


def is_in_store(path: str) -> bool:
    """Whether a file lies in REUSE's folder of the texts that are used somewhere in a tree."""
    return path.rpartition("/")[0].rpartition("/")[2] in ("LICENSES", "LICENCES")
