"""Creative Commons licences: the address a source states to the SPDX id that it is."""

from __future__ import annotations

import re

LICENSE_URL = re.compile(
    r"(?:https?:)?//(?:www\.)?creativecommons\.org/licenses/(?P<kind>by(?:-nc)?(?:-nd|-sa)?)/(?P<version>\d\.\d)"
    r"(?:/(?P<port>igo|[a-z]{2}))?(?:/(?:legalcode|deed)[^?#]*)?/?(?:[?#].*)?",
    re.IGNORECASE,
)
PUBLIC_DOMAIN = (
    (re.compile(r"creativecommons\.org/publicdomain/zero/1\.0", re.IGNORECASE), "CC0-1.0"),
    (re.compile(r"creativecommons\.org/publicdomain/mark/1\.0", re.IGNORECASE), "CC-PDM-1.0"),
    (re.compile(r"creativecommons\.org/licenses/publicdomain", re.IGNORECASE), "CC-PDDC"),
)
PORTS = {
    ("by", "2.5"): {"au"},
    ("by", "3.0"): {"at", "au", "de", "igo", "nl", "us"},
    ("by-nc", "3.0"): {"de"},
    ("by-nc-nd", "3.0"): {"de", "igo"},
    ("by-nc-sa", "2.0"): {"de", "fr"},
    ("by-nc-sa", "3.0"): {"de", "igo"},
    ("by-nd", "3.0"): {"de"},
    ("by-sa", "3.0"): {"at", "de", "igo"},
}
"""Versions adapted to a country that have an SPDX id of their own (SPDX licence list 3.27)."""


def spdx_id(address: str) -> str | None:
    """The SPDX id of a Creative Commons address; None for any other.

    A port without an id of its own gets that of the international version.
    """
    found = LICENSE_URL.fullmatch(address.strip())
    if found is None:
        return next((name for pattern, name in PUBLIC_DOMAIN if pattern.search(address)), None)
    kind, version, port = found["kind"].lower(), found["version"], (found["port"] or "").lower()
    suffix = f"-{port.upper()}" if port in PORTS.get((kind, version), ()) else ""
    return f"CC-{kind.upper()}-{version}{suffix}"
