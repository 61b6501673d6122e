"""Licences of source trees as SPDX expressions, detected from the texts themselves.

`detect` reads licence files, `detect_header` source files, `from_metadata` package metadata; `licences_of_tree` puts
them together for every file of a tree. The texts compared with are SPDX's (`templates.npz`, see `build.py`).
"""

from extractors.code.licences.detect import detect, detect_header
from extractors.code.licences.match import LicenceMatch
from extractors.code.licences.metadata import from_metadata, is_metadata_file
from extractors.code.licences.names import is_licence_file, states_licence
from extractors.code.licences.spdx import is_permissive
from extractors.code.licences.tree import (
    Conflict,
    FileLicence,
    TreeLicences,
    licences_of_tree,
)

__all__ = [
    "Conflict",
    "FileLicence",
    "LicenceMatch",
    "TreeLicences",
    "detect",
    "detect_header",
    "from_metadata",
    "is_licence_file",
    "is_metadata_file",
    "is_permissive",
    "licences_of_tree",
    "states_licence",
]
