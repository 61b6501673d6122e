"""The sample's Q&A sites in the layout of Stack Exchange's dumps: a folder with a plain `Posts.xml`, and a .7z.

Posts are written in `stackexchange/SITE.txt`: a line `=== question ID`, `=== answer ID of QUESTION`, `=== type N ID` or
`=== raw`, `key: value` lines, `--`, and the body as HTML. The same bytes each time.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from pipelines.sample.source import root

PLAIN_SITE: Final = "millwork.stackexchange.com"
"""Has the oddities: a byte order mark, an external DTD, a broken row, an orphan, a post without a word."""
ARCHIVED_SITE: Final = "tidetables.stackexchange.com"
_PROLOG: Final = '\ufeff<?xml version="1.0" encoding="utf-8"?>\n'
_DOCTYPE: Final = "<!DOCTYPE posts SYSTEM 'posts.dtd'>\n"
_COLUMNS: Final = {
    "accepted": "AcceptedAnswerId",
    "date": "CreationDate",
    "score": "Score",
    "views": "ViewCount",
    "user": "OwnerUserId",
    "name": "OwnerDisplayName",
    "title": "Title",
    "closed": "ClosedDate",
    "licence": "ContentLicense",
}
_IN_ATTRIBUTE: Final = {'"': "&quot;", "\n": "&#xA;", "\r": "&#xD;", "\t": "&#x9;"}
_TAGS: Final = "Tags.xml"
_STAMP: Final = 1_600_000_000


@dataclass(slots=True)
class _Entry:
    kind: str
    fields: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)


def build_stackexchange(folder: Path) -> None:
    """Write the two sites into `folder`: `SITE/Posts.xml` of the plain one, `SITE.7z` of the other."""
    plain = folder / PLAIN_SITE
    plain.mkdir(parents=True, exist_ok=True)
    (plain / "Posts.xml").write_bytes((_PROLOG + _DOCTYPE + _table(PLAIN_SITE)).encode())
    tags = f'{_PROLOG}<tags>\n  <row Id="1" TagName="python" Count="1" />\n</tags>\n'
    members = {_TAGS: tags.encode(), "Posts.xml": (_PROLOG + _table(ARCHIVED_SITE)).encode()}
    _write_7z(folder / f"{ARCHIVED_SITE}.7z", members)


def _write_7z(path: Path, members: dict[str, bytes]) -> None:
    from py7zr import SevenZipFile

    with tempfile.TemporaryDirectory() as work, SevenZipFile(path, "w") as archive:
        for name, data in members.items():
            member = Path(work) / name
            member.write_bytes(data)
            member.chmod(0o644)
            os.utime(member, (_STAMP, _STAMP))
            archive.write(member, name)


def _table(site: str) -> str:
    text = (root() / "stackexchange" / f"{site}.txt").read_text("utf-8")
    rows = "".join(_row(entry) for entry in _entries(text))
    return f"<posts>\n{rows}</posts>\n"


def _entries(text: str) -> list[_Entry]:
    entries: list[_Entry] = []
    in_body = False
    for line in text.splitlines():
        if line.startswith("=== "):
            entries.append(_Entry(line[4:]))
            in_body = line == "=== raw"
        elif line == "--" and not in_body:
            in_body = True
        elif in_body:
            entries[-1].lines.append(line)
        else:
            name, _, value = line.partition(": ")
            entries[-1].fields[name] = value
    return entries


def _row(entry: _Entry) -> str:
    if entry.kind == "raw":
        return "".join(f"{line}\n" for line in entry.lines)
    attributes = _identity(entry.kind)
    attributes.update({column: entry.fields[name] for name, column in _COLUMNS.items() if name in entry.fields})
    if tags := entry.fields.get("tags"):
        attributes["Tags"] = "".join(f"<{tag}>" for tag in tags.split(", "))
    attributes["Body"] = "".join(f"{line}\n" for line in entry.lines)
    written = " ".join(f'{name}="{escape(value, _IN_ATTRIBUTE)}"' for name, value in attributes.items())
    return f"  <row {written} />\n"


def _identity(kind: str) -> dict[str, str]:
    match kind.split():
        case ["question", own]:
            return {"Id": own, "PostTypeId": "1"}
        case ["answer", own, "of", parent]:
            return {"Id": own, "PostTypeId": "2", "ParentId": parent}
        case ["type", number, own]:
            return {"Id": own, "PostTypeId": number}
    raise ValueError(f"no such post: {kind!r}")
