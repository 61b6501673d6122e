"""What breaks off the reading of a tar is one row, and the books of arXiv's and PMC's readers balance all the same."""

from __future__ import annotations

import gzip
import io
import random
import tarfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pipelines.recipe import ExtractionConfig
from pipelines.schemas import CONTAINER_END
from pipelines.source_config import SourceConfig
from pipelines.sources.accounts import Accounts
from pipelines.sources.arxiv import read_arxiv
from pipelines.sources.pmc import read_pmc
from pipelines.sources.records import ReaderConfig, Row
from pipelines.sources.tar_rows import ContainerRows
from pipelines.transport import ContainerRef, RetryPolicy, TransportOptions

ARTICLE = "<article><body><p>The sluice was open.</p><p>{}</p></body></article>"
READERS = {"pmc": (read_pmc, "PMC{}.xml"), "arxiv": (read_arxiv, "2401/2401.0000{}.gz")}


def tar(name: str, *payloads: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for number, data in enumerate(payloads, 1):
            info = tarfile.TarInfo(name.format(number))
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def noise(num_bytes: int) -> bytes:
    return random.Random(7).randbytes(num_bytes)


def outcomes(format: str, uri: str, name: str) -> list[str]:
    """One word a row; the books balance."""
    config = ReaderConfig(
        source=SourceConfig.model_validate({"id": "x", "format": format, "category": "acquired"}),
        extraction=ExtractionConfig(max_input_bytes=2**21),
        transport=TransportOptions(retry=RetryPolicy(max_attempts=1, base_s=0)),
    )
    rows: list[Row] = list(READERS[format][0](ContainerRef(name, uri, None), config))
    assert rows[-1].skip_reason == CONTAINER_END
    assert sum(row.num_records for row in rows) == int(rows[-1].skip_value or "")
    return [row.error or row.skip_reason or "document" for row in rows[:-1]]


Serve = Callable[[bytes, int], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves bytes and hangs up after some of them, each time."""
    servers: list[ThreadingHTTPServer] = []

    def start(data: bytes, cut: int) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_there = ".tar" in self.path and not self.path.endswith(".csv")
                self.send_response(200 if is_there else 404)
                if not is_there:
                    self.end_headers()
                    return
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[:cut])

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("format", ["pmc", "arxiv"])
def test_a_connection_that_breaks_inside_a_member_is_one_row(format: str, serve: Serve) -> None:
    payload = ARTICLE.format("").encode() if format == "pmc" else gzip.compress(b"\\documentclass{article}" * 9)
    data = tar(READERS[format][1], payload, noise(2**20))
    uri = serve(data, len(data) - 2**19)
    found = outcomes(format, f"{uri}/arXiv_src_2401_001.tar", "arXiv_src_2401_001.tar")
    assert found.count("TransportError") == 1
    assert len(found) == 2


@pytest.mark.parametrize("format", ["pmc", "arxiv"])
def test_a_size_that_no_member_has_is_a_damaged_header(format: str, tmp_path: Path) -> None:
    name = READERS[format][1]
    info = tarfile.TarInfo(name.format(0))
    info.size = 2**80
    path = tmp_path / "a.tar"
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + tar(name, b"<article><body><p>x</p></body></article>"))
    assert sorted(outcomes(format, str(path), "a.tar"))[0] == "MalformedRecord"
    assert len(outcomes(format, str(path), "a.tar")) == 2


def test_a_damaged_and_a_cut_gzip_stream_are_told_apart(tmp_path: Path) -> None:
    """The member in which it ends has the row, and the container none beside it."""
    articles = [ARTICLE.format(noise(200_000).hex()).encode() for _ in range(4)]
    packed = gzip.compress(tar("PMC{}.xml", *articles), 0)
    damaged = bytearray(packed)
    damaged[len(packed) // 2 : len(packed) // 2 + 70_000] = bytes(70_000)  # the head of a block is in it
    for data, error in ((packed[: len(packed) * 2 // 3], "TruncatedRecord"), (damaged, "DamagedMember")):
        path = tmp_path / "a.tar.gz"
        path.write_bytes(data)
        found = outcomes("pmc", str(path), path.name)
        assert found[-1] == error
        assert set(found[:-1]) == {"document"}
        assert found.count(error) == 1


def test_a_damaged_first_header_costs_its_article_alone(tmp_path: Path) -> None:
    data = bytearray(tar("PMC{}.xml", *[ARTICLE.format(k).encode() for k in range(3)]))
    data[100] ^= 0xFF
    (tmp_path / "a.tar").write_bytes(data)
    assert outcomes("pmc", str(tmp_path / "a.tar"), "a.tar") == ["MalformedRecord", "document", "document"]


def test_an_archive_behind_an_address_with_a_query_is_one(serve: Serve) -> None:
    data = tar("PMC{}.xml", ARTICLE.format("").encode())
    assert outcomes("pmc", f"{serve(data, len(data))}/a.tar?version=3", "a.tar") == ["document"]


def test_a_member_without_an_outcome_is_seen_so_that_the_books_do_not_balance() -> None:
    books = ContainerRows(Accounts("pmc", "acquired", "a.tar"))
    rows = list(books.members(io.BytesIO(tar("x{}.xml", b"a", b"b")), lambda _: ()))
    assert (rows, books.num_seen) == ([], 2)
