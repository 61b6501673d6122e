"""Packs the made-up papers of the sample as arXiv's bulk data: source tars, manifest, metadata dump.

`arxiv/YYMM/ID/` becomes the tar.gz of a submission, `arxiv/YYMM/ID.tex` a single gzip file. Entries that are broken or
no text are made here. The same bytes each time.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
from importlib.resources.abc import Traversable
from pathlib import Path

from pipelines.sample.source import root

STAMP = 1_732_000_000
"""Modification time of every member: 19 November 2024."""
PDF = b"""%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>> endobj
trailer <</Root 1 0 R>>
%%EOF
"""
WRAPPER = rb"""\documentclass{article}
\usepackage{pdfpages}
\begin{document}
\includepdf[pages=-]{scanned.pdf}
\end{document}
"""
LATIN_1 = re.compile(rb"\\usepackage\[latin1\]\{inputenc\}")
MANIFEST_ENTRY = """ <file>
  <content_md5sum>{content_md5sum}</content_md5sum>
  <filename>src/{filename}</filename>
  <first_item>{first_item}</first_item>
  <last_item>{last_item}</last_item>
  <md5sum>{md5sum}</md5sum>
  <num_items>{num_items}</num_items>
  <seq_num>1</seq_num>
  <size>{size}</size>
  <timestamp>2024-12-05 00:00:00</timestamp>
  <yymm>{yymm}</yymm>
 </file>
"""
Members = list[tuple[str, bytes]]


def build_arxiv(folder: Path) -> None:
    """Write `arXiv_src_*.tar`, `arXiv_src_manifest.xml` and `arxiv-metadata-oai-snapshot.json` under `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = root() / "arxiv"
    entries = {month.name: _papers(month) for month in _children(sources) if month.is_dir()}
    whole = dict(entries["2411"])["2411.90001.gz"]
    entries["2411"] += _odd_entries(whole)
    manifest = "".join(_write_tar(folder, month, papers) for month, papers in sorted(entries.items()))
    (folder / "arXiv_src_manifest.xml").write_text(
        f'<?xml version="1.0" standalone="yes"?>\n<arXivSRC>\n{manifest}'
        " <timestamp>Thu Dec  5 00:00:00 2024</timestamp>\n</arXivSRC>\n",
        encoding="utf-8",
    )
    metadata = (sources / "metadata.jsonl").read_bytes()
    (folder / "arxiv-metadata-oai-snapshot.json").write_bytes(metadata)


def _papers(month: Traversable) -> Members:
    found: Members = []
    for source in _children(month):
        if source.is_dir():
            found.append((f"{source.name}.gz", _gzip(_tar(_in_its_charset(_files(source, ""))))))
        else:
            found.append((f"{source.name.removesuffix('.tex')}.gz", _gzip(source.read_bytes())))
    return found


def _odd_entries(whole: bytes) -> Members:
    """What an archive of submissions also holds; `whole` is the tar.gz of a paper that the damaged one is cut from."""
    left_behind = [("._paper.tex", b"\0\5\x16\7\0\2\0\0Mac OS X"), ("__MACOSX/._paper.tex", b"\0\5\x16\7")]
    return [
        ("2411.90006.pdf", PDF),
        ("2411.90007.gz", whole[: len(whole) * 2 // 3]),
        ("2411.90008.gz", _gzip(_tar([("../../sluice.tex", WRAPPER), ("../../._sluice.tex", b"\0\5\x16\7")]))),
        ("2411.90009.gz", _gzip(_tar([("paper.tex", WRAPPER), ("scanned.pdf", PDF), *left_behind]))),
        ("2411.90011.gz", _gzip(b"%!PS-Adobe-2.0\n%%Title: (a drawing of the weir)\nshowpage\n%%EOF\n")),
    ]


def _files(folder: Traversable, prefix: str) -> Members:
    """Files below a folder by their paths, in the order of the names."""
    found: Members = []
    for child in _children(folder):
        path = f"{prefix}{child.name}"
        found += _files(child, f"{path}/") if child.is_dir() else [(path, child.read_bytes())]
    return found


def _children(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda child: child.name)


def _in_its_charset(members: Members) -> Members:
    """The sources are UTF-8; a paper whose preamble says Latin-1 is packed so."""
    if not any(LATIN_1.search(data) for _, data in members):
        return members
    return [(name, data.decode("utf-8").encode("latin-1")) for name, data in members]


def _write_tar(folder: Path, month: str, papers: Members) -> str:
    """Write one source tar; its entry in the manifest."""
    papers = sorted(papers)
    data = _tar([(f"{month}/{name}", content) for name, content in papers])
    path = folder / f"arXiv_src_{month}_001.tar"
    path.write_bytes(data)
    items = [name.removesuffix(".gz").removesuffix(".pdf") for name, _ in papers]
    return MANIFEST_ENTRY.format(
        content_md5sum=_md5(b"".join(content for _, content in papers)),
        filename=path.name,
        first_item=items[0],
        last_item=items[-1],
        md5sum=_md5(data),
        num_items=len(papers),
        size=len(data),
        yymm=month,
    )


def _tar(members: Members) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), STAMP
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
