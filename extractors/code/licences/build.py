"""Command that builds `templates.npz` from the licence texts of an npm package of SPDX's list.

    npm pack spdx-license-list@6.12.0
    python -m extractors.code.licences.build spdx-license-list-6.12.0.tgz

The texts are SPDX's (CC0-1.0); stored are the words only, as numbers of a vocabulary.
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path

import numpy as np

from extractors.code.licences.words import words_of

_DEPRECATED = frozenset(
    (
        "BSD-2-Clause-FreeBSD", "BSD-2-Clause-NetBSD", "bzip2-1.0.5", "eCos-2.0", "Nunit", "wxWindows", "StandardML-NJ",
        "Net-SNMP", "GPL-1.0", "GPL-1.0+", "GPL-2.0", "GPL-2.0+", "GPL-3.0", "GPL-3.0+", "LGPL-2.0", "LGPL-2.0+",
        "LGPL-2.1", "LGPL-2.1+", "LGPL-3.0", "LGPL-3.0+", "AGPL-1.0", "AGPL-3.0", "GFDL-1.1", "GFDL-1.2", "GFDL-1.3",
        "GPL-2.0-with-autoconf-exception", "GPL-2.0-with-bison-exception", "GPL-2.0-with-classpath-exception",
        "GPL-2.0-with-font-exception", "GPL-2.0-with-GCC-exception", "GPL-3.0-with-autoconf-exception",
        "GPL-3.0-with-GCC-exception", "LGPLLR",
    )
)  # fmt: skip
MIN_WORDS = 25
"""Words of a text from which on it can be matched (inclusive); shorter ones are recognised as notices."""


def templates(package: Path) -> list[tuple[str, list[str]]]:
    """SPDX id and words of each text, one id of those with the same words: `-only`, then the shortest."""
    with tarfile.open(package) as archive:
        member = archive.extractfile("package/spdx-full.json")
        if member is None:
            raise ValueError(f"{package} has no package/spdx-full.json")
        licences = json.load(member)
    general = words_of(licences["GPL-3.0-only"]["licenseText"])[:12]
    by_words: dict[tuple[str, ...], str] = {}
    for spdx_id in sorted(licences, key=lambda name: (not name.endswith("-only"), len(name), name)):
        found = tuple(words_of(licences[spdx_id]["licenseText"]))
        if spdx_id.startswith("LGPL-3.0-"):
            found = _before(found, general)
        if len(found) >= MIN_WORDS and spdx_id not in _DEPRECATED:
            for variant in _variants(spdx_id, found):
                by_words.setdefault(variant, spdx_id)
    return sorted((spdx_id, list(found)) for found, spdx_id in by_words.items())


def _variants(spdx_id: str, words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The text, and the same in other wide-spread wordings: who disclaims warranties, without the final appendix."""
    text = " ".join(words)
    found = [text]
    for named, others in _NAMED.get(spdx_id, {}).items():
        found += [varied.replace(named, other) for varied in list(found) for other in others if named in varied]
    end = text.find(_END)
    if end != -1:
        found.append(text[: end + len(_END)])
    return [tuple(variant.split()) for variant in found]


_END = "end of terms and conditions"
_HOLDERS: dict[str, tuple[str, ...]] = {
    "provided by the copyright holders and contributors": (
        "provided by the author", "provided by the authors", "provided by the author and contributors",
        "provided by the regents and contributors", "provided by the authors and contributors",
    ),
}  # fmt: skip
_DISCLAIMER: dict[str, tuple[str, ...]] = {
    "copyright holder or contributors be liable": (
        "author be liable",
        "authors be liable",
        "regents or contributors be liable",
    ),
    "copyright holders or contributors be liable": (
        "author be liable",
        "authors be liable",
        "regents or contributors be liable",
    ),
}
_Wordings = dict[str, tuple[str, ...]]
_NAMED: dict[str, _Wordings] = {
    "BSD-2-Clause": _HOLDERS | _DISCLAIMER,
    "BSD-3-Clause": {
        **_HOLDERS,
        **_DISCLAIMER,
        "neither the name of the copyright holder nor the names of its contributors may": (
            "the name of the author may not",
            "neither the name of the author nor the names of its contributors may",
            "the names of its contributors may not",
        ),
    },
    "ISC": {
        "isc disclaims": ("the author disclaims", "the authors disclaim", "the copyright holders disclaim"),
        "isc be liable": ("the author be liable", "the authors be liable"),
        "loss of use data": ("loss of mind use data",),
        "copy modify and or": ("copy modify and",),
    },
    "0BSD": {"copy modify and or": ("copy modify and",)},
}


def _before(words: tuple[str, ...], sequence: list[str]) -> tuple[str, ...]:
    """SPDX's text of LGPL 3 has GPL 3 behind it, which most COPYING.LESSER files do not."""
    starts = range(len(words) - len(sequence))
    return words[: next(start for start in starts if list(words[start : start + len(sequence)]) == sequence)]


def write(found: list[tuple[str, list[str]]], target: Path) -> None:
    """Vocabulary, word numbers of all texts after each other, their lengths and ids."""
    vocabulary = sorted({word for _, text in found for word in text})
    number = {word: position for position, word in enumerate(vocabulary)}
    stream = np.array([number[word] for _, text in found for word in text], dtype=np.uint16)
    np.savez_compressed(
        target,
        vocabulary=np.frombuffer("\n".join(vocabulary).encode(), dtype=np.uint8),
        ids=np.frombuffer("\n".join(spdx_id for spdx_id, _ in found).encode(), dtype=np.uint8),
        lengths=np.array([len(text) for _, text in found], dtype=np.int32),
        # high and low bytes apart: deflate finds more in each
        stream=np.concatenate([(stream >> 8).astype(np.uint8), (stream & 255).astype(np.uint8)]),
    )


if __name__ == "__main__":
    write(templates(Path(sys.argv[1])), Path(__file__).with_name("templates.npz"))
