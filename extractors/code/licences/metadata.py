"""Licences that package metadata states: package.json, pyproject.toml, Cargo.toml, pom.xml, DESCRIPTION and others.

Cost: a parse of small files only. Blind spot: values that a program computes (setup.py, gemspec) are read as written.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from extractors.code.licences.match import LicenceMatch
from extractors.code.licences.spdx import combine, expression_of

MAX_METADATA_CHARS = 1_000_000
"""Characters of a metadata file that is read (inclusive); longer ones state nothing."""

_JSON = frozenset(
    (
        "package.json",
        "composer.json",
        "META.json",
        "bower.json",
        "MYMETA.json",
        "haxelib.json",
        "elm.json",
        "component.json",
        "metadata.json",
        "vcpkg.json",
    )
)
_TOML = frozenset(("Cargo.toml", "pyproject.toml", "Project.toml", "gleam.toml", "typst.toml", "fpm.toml"))
_ASSIGNED = {
    "gemspec": re.compile(r"\.licen[sc]es?\s*=\s*(\[[^\]\n]{0,300}\]|%w[\[(][^\])\n]{0,99}|[\"'][^\"'\n]{1,200}[\"'])"),
    "podspec": re.compile(r"\.license\s*=\s*(?:\{[^}\n]{0,80}?:type\s*=>\s*)?([\"'][^\"'\n]{1,200}[\"'])"),
    "rockspec": re.compile(r"\blicense\s*=\s*([\"'][^\"'\n]{1,200}[\"'])"),
    "nimble": re.compile(r"^license\s*=\s*([\"'][^\"'\n]{1,200}[\"'])", re.MULTILINE),
    "nuspec": re.compile(r"<license\s+type=\"expression\">\s*([^<\n]{1,200})"),
    "cabal": re.compile(r"^license\s*:\s*([^\n]{1,200})", re.MULTILINE | re.IGNORECASE),
    "opam": re.compile(r"^license\s*:\s*(\[[^\]]{0,300}\]|\"[^\"\n]{1,200}\")", re.MULTILINE),
    "spec": re.compile(r"^License\s*:\s*([^\n]{1,200})", re.MULTILINE),
}  # fmt: skip
_NAMED = {
    "setup.py": re.compile(r"\blicense\s*=\s*([\"'][^\"'\n]{1,200}[\"'])"),
    "Makefile.PL": re.compile(r"\blicense\b[\"']?\s*(?:=>|\(|,|\s)\s*([\"']?[\w.-]{1,60}[\"']?)", re.IGNORECASE),
    "Build.PL": re.compile(r"\blicense[\"']?\s*=>\s*([\"'][^\"'\n]{1,60}[\"'])"),
    "dist.ini": re.compile(r"^license\s*=\s*([^\n]{1,100})", re.MULTILINE),
    "META.yml": re.compile(r"^license:\s*([^\n]{1,100})", re.MULTILINE),
    "DESCRIPTION": re.compile(r"^License:[ \t]*([^\n]{1,200}(?:\n[ \t]+[^\n]{1,200})*)", re.MULTILINE),
    "mix.exs": re.compile(r"\blicenses:\s*(\[[^\]\n]{0,300}\])"),
    "rebar.config": re.compile(r"\blicenses,\s*(\[[^\]\n]{0,300}\])"),
    "meson.build": re.compile(r"\blicense\s*:\s*(\[[^\]]{0,300}\]|'[^'\n]{1,200}')"),
    "build.sbt": re.compile(r"\blicenses\s*\+?\+?:?=\s*\S{0,10}\(?\s*(\"[^\"\n]{1,100}\")"),
    "project.clj": re.compile(r":license\s*\{[^}]{0,200}?:name\s*(\"[^\"\n]{1,200}\")"),
    "setup.cfg": re.compile(r"^license\s*=\s*([^\n]{1,200})", re.MULTILINE),
    "PKG-INFO": re.compile(r"^License(?:-Expression)?:[ \t]*([^\n]{1,200})", re.MULTILINE),
    "METADATA": re.compile(r"^License(?:-Expression)?:[ \t]*([^\n]{1,200})", re.MULTILINE),
    "package.yaml": re.compile(r"^license:\s*([^\n]{1,200})", re.MULTILINE),
    "dune-project": re.compile(r"\(license\s+(\"[^\"\n]{1,200}\"|[^)\s]{1,100})\)"),
    "_oasis": re.compile(r"^License:\s*([^\n]{1,200})", re.MULTILINE),
    "CITATION.cff": re.compile(r"^license:\s*([^\n]{1,200})", re.MULTILINE),
}  # fmt: skip
_CLASSIFIER = re.compile(r"License :: (?:OSI Approved :: )?([^\"'\n]{2,120})")
_CLASSIFIED = frozenset(("setup.py", "setup.cfg", "PKG-INFO", "METADATA"))
_QUOTED = re.compile(r"[\"']([^\"'\n]{1,200})[\"']")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_POM_LICENCES = re.compile(r"<licenses>(.{0,4000}?)</licenses>", re.DOTALL)
_POM_NAME = re.compile(r"<name>\s*([^<]{1,200}?)\s*</name>")
_POM_URL = re.compile(r"<url>\s*([^<]{1,200}?)\s*</url>")


def is_metadata_file(path: str) -> bool:
    """Whether `from_metadata` reads files of this name."""
    name = path.rpartition("/")[2]
    return name in _JSON or name in _TOML or name in _NAMED or name == "pom.xml" or name.rpartition(".")[2] in _ASSIGNED


def from_metadata(name: str, text: str) -> LicenceMatch | None:
    """The SPDX expression that the metadata file `name` (a path will do) states; None without one that is known."""
    name = name.rpartition("/")[2]
    if len(text) > MAX_METADATA_CHARS:
        return None
    values = _values(name, text)
    found = [expression for expression in map(expression_of, values) if expression is not None]
    if not found or len(found) < len(values):
        return None if not found else LicenceMatch(combine(found, "OR"), 0.5, 0.0, is_reference=True)
    operator = "AND" if name in ("mix.exs", "meson.build") or name.endswith(".opam") else "OR"
    return LicenceMatch(combine(found, "AND" if operator == "AND" else "OR"), 0.9, 0.0, is_reference=True)


def _values(name: str, text: str) -> list[str]:
    if name in _JSON:
        return _of_json(text)
    if name in _TOML:
        return _of_toml(name, text)
    if name == "pom.xml":
        return _of_pom(text)
    pattern = _NAMED.get(name) or _ASSIGNED.get(name.rpartition(".")[2])
    match = pattern.search(text) if pattern else None
    stated = _unquoted(match[1]) if match else []
    if name == "DESCRIPTION":
        stated = [value for value in map(_of_r, stated) if value]
    known = [value for value in stated if value and expression_of(value) is not None]
    if name in _CLASSIFIED and not known:
        return _classifiers(text) or stated
    return stated


def _of_r(value: str) -> str:
    """R's field without its pointers to files: `MIT + file LICENSE`."""
    return re.sub(r"\s*\+\s*file\s+\w+", "", value).replace("file LICENSE", "").strip(" |")


def _unquoted(value: str) -> list[str]:
    value = value.strip()
    if value.startswith("%w"):
        return value[3:].strip("])").split()
    quoted = _QUOTED.findall(value)
    if quoted:
        return [str(part) for part in quoted]
    return [value.strip(" \"'[]")] if value.strip(" \"'[]") else []


def _classifiers(text: str) -> list[str]:
    found = [
        value.strip()
        for value in _CLASSIFIER.findall(text)
        if value.strip() not in ("OSI Approved", "Other/Proprietary License")
    ]
    return list(dict.fromkeys(found))


def _of_json(text: str) -> list[str]:
    try:
        stated: Any = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(stated, dict):
        return []
    value = stated.get("license") or stated.get("licenses") or stated.get("licence")
    values = value if isinstance(value, list) else [value]
    return [name for name in map(_name_in, values) if name]


def _name_in(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("type") or value.get("name") or value.get("url")
    return value.strip() if isinstance(value, str) else ""


def _of_toml(name: str, text: str) -> list[str]:
    try:
        stated: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return []
    tables = [stated.get("package"), stated.get("project"), stated.get("tool", {}).get("poetry"), stated]
    if name == "Cargo.toml":
        tables.append(stated.get("workspace", {}).get("package"))
    for table in tables:
        value = table.get("license") or table.get("licence") if isinstance(table, dict) else None
        if isinstance(value, dict):
            value = value.get("text")
        if isinstance(value, list):
            return [part for part in value if isinstance(part, str)]
        if isinstance(value, str) and len(value) < 200:
            return [value]
    project = stated.get("project")
    classifiers = project.get("classifiers") if isinstance(project, dict) else None
    return _classifiers("\n".join(map(str, classifiers))) if isinstance(classifiers, list) else []


def _of_pom(text: str) -> list[str]:
    block = _POM_LICENCES.search(_COMMENT.sub("", text))
    if block is None:
        return []
    found = []
    for licence in block[1].split("</license>"):
        names = [match[1] for match in (_POM_NAME.search(licence), _POM_URL.search(licence)) if match]
        if names:
            found.append(next((name for name in names if expression_of(name)), names[0]))
    return found
