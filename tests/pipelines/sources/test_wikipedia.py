"""Wiki dumps: every page of every layout accounted for, and the same rows however tasks share a file."""

from __future__ import annotations

import bz2
import gzip
import json
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipelines.recipe import ExtractionConfig
from pipelines.source_config import SourceConfig
from pipelines.sources.formats import LAYOUTS
from pipelines.sources.records import ReaderConfig, Row
from pipelines.sources.wiki_pages import Site
from pipelines.sources.wikipedia import is_wikipedia_file, read_wikipedia, split_wikipedia, wiki_of
from pipelines.transport import ContainerRef

HEAD = """<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="nl">
  <siteinfo>
    <sitename>Wikipedia</sitename>
    <dbname>nlwiki</dbname>
    <base>https://nl.wikipedia.org/wiki/Hoofdpagina</base>
    <namespaces>
      <namespace key="0" case="first-letter" />
      <namespace key="6" case="first-letter">Bestandsnaam</namespace>
      <namespace key="10" case="first-letter">Sjabloon</namespace>
    </namespaces>
  </siteinfo>
"""
END = "</mediawiki>\n"


def page(
    number: int, text: str = "", *, title: str = "", ns: int | None = 0, model: str = "wikitext", redirect: str = ""
) -> str:
    """A page of a dump; without text a paragraph of its own."""
    body = escape(text or f"Words of page {number}, {number * 7919}.")
    date = f"2024-05-0{number % 9 + 1}T00:00:00Z"
    return (
        f"  <page>\n    <title>{escape(title or f'Page {number}')}</title>\n"
        + (f"    <ns>{ns}</ns>\n" if ns is not None else "")
        + f"    <id>{number}</id>\n"
        + (f'    <redirect title="{escape(redirect)}" />\n' if redirect else "")
        + f"    <revision>\n      <id>{1000 + number}</id>\n      <timestamp>{date}</timestamp>\n"
        f"      <model>{model}</model>\n      <format>text/x-wiki</format>\n"
        f'      <text bytes="9" xml:space="preserve">{body}</text>\n'
        "    </revision>\n  </page>\n"
    )


PAGES = [page(n) for n in range(1, 31)]
DUMP = (HEAD + "".join(PAGES) + END).encode()


def multistream(parts: list[bytes]) -> bytes:
    return b"".join(bz2.compress(part) for part in parts)


def multistream_dump(pages: list[str], per_stream: int = 4) -> bytes:
    groups = ["".join(pages[k : k + per_stream]).encode() for k in range(0, len(pages), per_stream)]
    return multistream([HEAD.encode(), *groups, END.encode()])


def config(max_input_bytes: int = 2**20, **wikipedia: object) -> ReaderConfig:
    source = {"id": "w", "format": "wikipedia", "category": "acquired", "wikipedia": wikipedia}
    return ReaderConfig(
        source=SourceConfig.model_validate(source), extraction=ExtractionConfig(max_input_bytes=max_input_bytes)
    )


def reference(folder: Path, data: bytes, name: str) -> ContainerRef:
    path = folder / name
    path.write_bytes(data)
    return ContainerRef(name, str(path), len(data))


def read(folder: Path, data: bytes, name: str = "nlwiki-1-pages-articles.xml.bz2", **options: object) -> list[Row]:
    made = config(**options)  # type: ignore[arg-type]
    return [row for part in split_wikipedia(reference(folder, data, name), made) for row in read_wikipedia(part, made)]


def content(rows: list[Row]) -> list[Row]:
    """Documents and failures."""
    return [row for row in rows if row.text is not None or row.error is not None]


def skips(rows: list[Row]) -> dict[tuple[str | None, str | None], int]:
    found: dict[tuple[str | None, str | None], int] = {}
    for row in rows:
        if row.text is None and row.error is None and row.skip_reason != "container_end":
            key = row.skip_reason, row.skip_value
            found[key] = found.get(key, 0) + row.num_records
    return found


class TestRows:
    def test_a_page_is_a_document_with_its_locator(self, tmp_path: Path) -> None:
        text = "'''Ä''' is a [[letter]].[[Category:Letters]]{{taxobox|x}}"
        row, end = read(tmp_path, bz2.compress((HEAD + page(7, text, title="Ä & b/c") + END).encode()))
        assert row.text == "# Ä & b/c\n\nÄ is a letter."
        assert (row.source, row.category, row.title) == ("wikipedia", "acquired", "Ä & b/c")
        assert row.url == "https://nl.wikipedia.org/wiki/%C3%84_%26_b/c"
        assert (row.date, row.license, row.media_type) == ("2024-05-08T00:00:00Z", "CC-BY-SA-4.0", "text/x-wiki")
        notes = json.loads(row.metadata or "")
        assert notes["page_offset"] == len(HEAD) + 2
        assert {k: notes[k] for k in ("page_id", "revision_id", "wiki", "language", "categories")} == {
            "page_id": 7,
            "revision_id": 1007,
            "wiki": "nlwiki",
            "language": "nl",
            "categories": ["Letters"],
        }
        assert (end.skip_reason, end.skip_value, end.num_records) == ("container_end", "1", 0)

    @pytest.mark.parametrize(
        ("name", "pack"),
        [
            ("nlwiki-pages-articles.xml", bytes),
            ("nlwiki-pages-articles.xml.gz", gzip.compress),
            ("nlwiki-pages-articles.xml.gz", lambda data: gzip.compress(data[:999]) + gzip.compress(data[999:])),
            ("nlwiki-pages-articles.xml.bz2", bz2.compress),
            ("nlwiki-pages-articles.xml.bz2", lambda data: multistream([data[:1234], data[1234:5000], data[5000:]])),
            ("nlwiki-pages-articles.xml.bz2", lambda data: bz2.compress(data.decode().encode("utf-16"))),
            ("nlwiki-pages-articles.xml", lambda data: data.decode().encode("utf-16-be")),
            ("nlwiki-pages-articles.xml.bz2", bytes),
        ],
    )
    def test_packing_and_charset_change_no_text(
        self, warc: SimpleNamespace, tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
    ) -> None:
        rows = read(tmp_path, pack(DUMP), name)
        assert [row.text for row in rows[:-1]] == [
            f"# Page {n}\n\nWords of page {n}, {n * 7919}." for n in range(1, 31)
        ]
        assert warc.balanced(rows)

    def test_pages_that_are_no_articles_are_counted(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        pages = [
            page(1, ns=10, title="Sjabloon:X"),
            page(2, ns=None, title="Sjabloon:Y"),
            page(3, redirect="Page 1"),
            page(4, "#REDIRECT [[Page 1]]"),
            page(5, model="json"),
            page(6, "  "),
            page(7, "'''X''' is\n* a\n{{disambiguation}}"),
            page(8, "{{infobox}}"),
            page(9),
        ]
        rows = read(tmp_path, multistream_dump(pages))
        assert skips(rows) == {
            ("namespace", "10"): 2,
            ("redirect", ""): 2,
            ("content_model", "json"): 1,
            ("empty_payload", "wikitext"): 1,
            ("disambiguation", ""): 1,
            ("no_text", "article"): 1,
        }
        assert warc.balanced(rows)
        kept = read(tmp_path, multistream_dump(pages), keep_disambiguation=True, namespaces=[0, 10])
        assert sum(row.text is not None for row in kept) == 4

    def test_the_name_of_the_file_corrects_a_siteinfo_of_another_wiki(self, tmp_path: Path) -> None:
        row, _ = read(tmp_path, bz2.compress((HEAD + page(1) + END).encode()), "jawiki-pages-articles.xml.bz2")
        assert row.url == "https://ja.wikipedia.org/wiki/Page_1"
        assert json.loads(row.metadata or "")["language"] == "ja"
        assert wiki_of("x/be_x_oldwiki-1.xml", Site()).language == "be-tarask"
        assert wiki_of("dump.xml", Site("tmp-wp", "ltg", "https://ltg.wikipedia.org/wiki/A")).language == "ltg"

    def test_a_page_id_that_comes_twice_makes_two_documents(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        pages = [page(1), page(1, "again"), page(3), page(2), page(3)]
        rows = read(tmp_path, bz2.compress((HEAD + "".join(pages) + END).encode()))
        assert len(content(rows)) == 5
        assert warc.balanced(rows)
        assert rows[0].doc_id == read(tmp_path, DUMP, "nlwiki-1-pages-articles.xml.bz2")[0].doc_id

    @pytest.mark.parametrize("split_bytes", [100, 10**6])
    def test_a_page_id_in_several_streams_makes_as_many_documents(self, tmp_path: Path, split_bytes: int) -> None:
        data = multistream([(HEAD + page(1)).encode(), page(1).encode(), (page(2) + page(1) + END).encode()])
        rows = read(tmp_path, data, split_bytes=split_bytes)
        assert len({row.doc_id for row in content(rows)}) == 4
        assert len({row.doc_id for row in rows}) == len(rows)
        assert len({row.doc_id for row in content(read(tmp_path, data + data, split_bytes=split_bytes))}) == 8

    def test_the_last_of_several_revisions_is_read(self, tmp_path: Path) -> None:
        one = page(1, "old").replace("  </page>", "") + page(1, "new").partition("</id>\n")[2]
        row, _ = read(tmp_path, bz2.compress((HEAD + one + END).encode()))
        assert row.text == "# Page 1\n\nnew"


class TestParts:
    @pytest.mark.parametrize("split_bytes", [1, 50, 317, 1000, 10**6])
    @pytest.mark.parametrize(
        "data",
        [
            multistream_dump(PAGES),
            multistream([DUMP[k : k + 700] for k in range(0, len(DUMP), 700)]),
            multistream([DUMP[:3000], b"", DUMP[3000:]]),
            bz2.compress(DUMP),
            multistream_dump(PAGES)[:-300],
            bz2.compress(DUMP.decode().encode("utf-16")),
            bz2.compress(DUMP[:3000]) + bytes(500) + b"?" + multistream([DUMP[3000:5000], DUMP[5000:]])[1:],
        ],
        ids=["pages in streams", "pages over streams", "an empty stream", "one stream", "cut off", "UTF-16", "padding"],
    )
    def test_any_split_gives_what_one_task_gives(self, tmp_path: Path, data: bytes, split_bytes: int) -> None:
        whole = read(tmp_path, data)
        parts = read(tmp_path, data, split_bytes=split_bytes)
        assert content(parts) == content(whole)
        assert skips(parts) == skips(whole)
        assert len({row.doc_id for row in parts}) == len(parts)
        seen = sum(int(row.skip_value or 0) for row in parts if row.skip_reason == "container_end")
        assert seen == sum(row.num_records for row in parts) == int(whole[-1].skip_value or 0)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @example(cuts=[len(DUMP) - 10], split_bytes=20, damaged=None)  # the dump's end tag over two streams
    @example(cuts=[0, 0], split_bytes=20, damaged=38)  # empty streams, then a damaged one in another part
    @example(cuts=[0, 1, 2, 2], split_bytes=20, damaged=91)  # a stream that has lost its magic, in another part
    @given(
        cuts=st.lists(st.integers(0, len(DUMP)), max_size=8),
        split_bytes=st.integers(20, 4000),
        damaged=st.none() | st.integers(0, 5000),
    )
    def test_streams_cut_anywhere_and_damaged_split_alike(
        self, warc: SimpleNamespace, tmp_path: Path, cuts: list[int], split_bytes: int, damaged: int | None
    ) -> None:
        edges = [0, *sorted(cuts), len(DUMP)]
        data = bytearray(multistream([DUMP[a:b] for a, b in pairwise(edges)]))
        if damaged is not None:
            data[damaged % len(data)] ^= 0x55
        whole = read(tmp_path, bytes(data))
        assert warc.balanced(whole)
        parts = read(tmp_path, bytes(data), split_bytes=split_bytes)
        assert content(parts) == content(whole)
        assert skips(parts) == skips(whole)

    def test_a_page_goes_on_behind_padding_in_another_part(self, tmp_path: Path) -> None:
        cut = DUMP.index(b"</page>") - 5
        data = bz2.compress(DUMP[:cut]) + b"\0" * 500 + bz2.compress(DUMP[cut:])
        whole = read(tmp_path, data)
        assert len(content(whole)) == 30
        assert content(read(tmp_path, data, split_bytes=200)) == content(whole)

    def test_two_parts_of_a_pages_over_two_tasks_are_what_the_layout_gives(self, tmp_path: Path) -> None:
        data = multistream_dump(PAGES)
        ref = reference(tmp_path, data, "nlwiki-pages-articles-multistream.xml.bz2")
        parts = LAYOUTS["wikipedia"].splits(ref, config(split_bytes=len(data) // 2 + 1))
        assert [(part.start, part.end) for part in parts] == [(0, len(data) // 2 + 1), (len(data) // 2 + 1, len(data))]
        counts = [len(content(list(read_wikipedia(part, config())))) for part in parts]
        assert sum(counts) == 30
        assert min(counts) > 5

    def test_only_bz2_files_of_known_size_split(self) -> None:
        small = config(split_bytes=10)
        whole = ContainerRef("a.xml.bz2", "/a", 100)
        assert len(split_wikipedia(whole, small)) == 10
        for ref in (replace(whole, name="a.xml.gz"), replace(whole, size_bytes=None), replace(whole, size_bytes=10)):
            assert split_wikipedia(ref, small) == [ref]


class TestDamage:
    def test_a_damaged_stream_costs_its_own_pages(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        streams = [bz2.compress("".join(PAGES[k : k + 5]).encode()) for k in range(0, 30, 5)]
        broken = bytearray(streams[2])
        broken[len(broken) // 2] ^= 0xFF
        data = (
            bz2.compress(HEAD.encode())
            + b"".join([*streams[:2], bytes(broken), *streams[3:]])
            + bz2.compress(END.encode())
        )
        rows = read(tmp_path, data)
        assert sum(row.text is not None for row in rows) == 25
        failure = next(row for row in rows if row.error)
        assert failure.error == "DamagedMember"
        assert failure.offset == data.index(bytes(broken))
        assert warc.balanced(rows)

    @pytest.mark.parametrize(
        ("name", "pack", "error"),
        [
            ("nlwiki.xml", bytes, "TruncatedRecord"),
            ("nlwiki.xml.gz", gzip.compress, "DamagedMember"),
            ("nlwiki.xml.bz2", bz2.compress, "DamagedMember"),
        ],
    )
    def test_a_dump_cut_off_fails_and_keeps_the_pages_before(
        self, warc: SimpleNamespace, tmp_path: Path, name: str, pack: Callable[[bytes], bytes], error: str
    ) -> None:
        draw = random.Random(1)
        pages = "".join(page(n, draw.randbytes(30_000).hex()) for n in range(1, 40))
        data = pack((HEAD + pages + END).encode())
        rows = read(tmp_path, data[: len(data) * 2 // 3], name)
        words = warc.outcomes(rows)
        assert words[-1] == error
        assert 5 < words.count("document") < 39
        assert warc.balanced(rows)

    def test_a_dump_cut_off_between_pages_says_so(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        assert warc.outcomes(read(tmp_path, bz2.compress((HEAD + page(1)).encode()))) == ["document", "TruncatedRecord"]
        part = multistream(["".join(PAGES[:3]).encode(), "".join(PAGES[3:6]).encode()])
        assert warc.outcomes(read(tmp_path, part)) == ["document"] * 6  # streams taken out of a dump are no cut dump

    def test_bad_pages_fail_alone(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        pages = [
            page(1),
            page(2).replace("</title>", "</tilte>"),
            page(3).replace("<id>3</id>", ""),
            page(4).replace("  </page>\n", ""),
            page(5, "&bomb;").replace("&amp;bomb;", "&bomb;"),
            page(6, "long " * 500_000),
            page(7).replace("Words", "W\x01rds"),
            page(8),
        ]
        rows = read(tmp_path, bz2.compress((HEAD + "".join(pages) + END).encode()), max_input_bytes=100_000)
        assert warc.outcomes(rows) == [
            "document",
            "MalformedRecord",
            "MalformedRecord",
            "TruncatedRecord",
            "MalformedRecord",
            "InputTooLarge",
            "MalformedRecord",
            "document",
        ]
        assert [row.title for row in rows[3:6]] == ["Page 4", "Page 5", "Page 6"]
        assert warc.balanced(rows)

    def test_files_that_are_no_dumps_are_rows(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        assert warc.outcomes(read(tmp_path, b"", "a.xml")) == ["EmptyContainer"]
        assert warc.outcomes(read(tmp_path, bz2.compress(b" \n"), "a.xml.bz2")) == ["EmptyContainer"]
        assert warc.outcomes(read(tmp_path, b"<rss><item/></rss>", "a.xml")) == ["NotAnArchive"]
        assert warc.outcomes(read(tmp_path, b"BZh9 not at all", "a.xml.bz2")) == ["DamagedMember"]
        assert warc.outcomes(read(tmp_path, (HEAD + END).encode(), "a.xml")) == []
        gone = list(read_wikipedia(ContainerRef("gone", str(tmp_path / "gone"), None), config()))
        assert warc.outcomes(gone) == ["UnreadableContainer"]
        assert warc.balanced(gone)

    def test_entities_of_a_doctype_are_never_resolved(self, warc: SimpleNamespace, tmp_path: Path) -> None:
        bomb = (
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
            + HEAD
            + page(1, "&a;").replace("&amp;a;", "&a;")
            + END
        )
        assert warc.outcomes(read(tmp_path, bomb.encode(), "a.xml")) == ["MalformedRecord"]

    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.sampled_from([HEAD, END, PAGES[0], PAGES[1], "<page>", "</page>", "<pa", "ge>", "<id>", "x", "\0", "é"]),
            max_size=12,
        ).map(lambda parts: "".join(parts).encode()),
        st.integers(0, 400),
    )
    def test_the_books_balance_for_any_bytes(
        self, warc: SimpleNamespace, tmp_path: Path, data: bytes, cut: int
    ) -> None:
        for name, packed in (("a.xml", data), ("a.xml.gz", gzip.compress(data)), ("a.xml.bz2", bz2.compress(data))):
            assert warc.balanced(read(tmp_path, packed, name))
            assert warc.balanced(read(tmp_path, packed[:cut], name))


def test_folders_give_dumps_of_pages_only() -> None:
    dumps = [
        "enwiki-20240501-pages-articles-multistream1.xml-p1p41242.bz2",
        "enwiki-latest-pages-articles.xml.bz2",
        "dewiki-pages-articles.xml",
        "x-pages-articles1.xml-p000000010p000030302-shortened.bz2",
        "x.xml.gz",
    ]
    assert all(map(is_wikipedia_file, dumps))
    others = [
        "enwiki-pages-articles-multistream-index.txt.bz2",
        "enwiki-stub-articles.xml.gz",
        "a.sql.gz",
        "a.xml.bz2.md5",
    ]
    assert not any(map(is_wikipedia_file, others))


def test_real_dumps_are_accounted_for_page_by_page(warc: SimpleNamespace, shared: Path) -> None:
    folder = shared / "corpus/wikipedia"
    num_pages = num_documents = 0
    for path in sorted(folder.rglob("*.bz2")):
        rows = list(read_wikipedia(ContainerRef(path.name, str(path), path.stat().st_size), config(2**24)))
        assert warc.balanced(rows)
        assert not [row.error for row in rows if row.error]
        num_pages += int(rows[-1].skip_value or 0)
        num_documents += sum(row.text is not None for row in rows)
    assert (num_pages, num_documents) == (391, 226)  # as the folder's README counts them
