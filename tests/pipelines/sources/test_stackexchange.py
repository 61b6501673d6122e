"""Posts of Stack Exchange's dumps: every row a post, a counted skip or a typed failure, whatever holds the table."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from py7zr import SevenZipFile

from pipelines.recipe import ExtractionConfig
from pipelines.sample.qa_dump import build_stackexchange
from pipelines.schemas import CONTAINER_END
from pipelines.source_config import SourceConfig
from pipelines.sources.records import ReaderConfig, Row
from pipelines.sources.stackexchange import (
    is_stackexchange_file,
    read_stackexchange,
    site_of,
    split_stackexchange,
)
from pipelines.transport import ContainerRef, list_containers

NAME = "qa/mills.stackexchange.com/Posts.xml"
QUESTION = (
    b'<row Id="1" PostTypeId="1" AcceptedAnswerId="2" Score="4" CreationDate="2012-01-02T03:04:05.678" Title="Why?" '
    b'Tags="&lt;a&gt;&lt;b&gt;" OwnerUserId="7" Body="&lt;p&gt;Grain.&lt;/p&gt;" />'
)
ANSWER = (
    b'<row Id="2" PostTypeId="2" ParentId="1" Score="-2" CreationDate="2019-01-02T03:04:05.678" '
    b'OwnerDisplayName="user7" ContentLicense="CC BY-SA 4.0" Body="&lt;p&gt;Stone.&lt;/p&gt;" />'
)


def table(*rows: bytes) -> bytes:
    return (
        b'<?xml version="1.0" encoding="utf-8"?>\n<posts>\n' + b"".join(b"  %s\n" % row for row in rows) + b"</posts>"
    )


def config(max_input_bytes: int = 2**20, **options: Any) -> ReaderConfig:
    source = {"id": "qa", "format": "stackexchange", "category": "acquired", "stackexchange": options}
    return ReaderConfig(
        source=SourceConfig.model_validate(source), extraction=ExtractionConfig(max_input_bytes=max_input_bytes)
    )


def read(folder: Path, data: bytes, name: str = NAME, reader: ReaderConfig | None = None) -> list[Row]:
    path = folder / name.rpartition("/")[2]
    path.write_bytes(data)
    rows = list(read_stackexchange(ContainerRef(name, str(path), len(data)), reader or config()))
    assert balanced(rows)
    return rows


def balanced(rows: list[Row]) -> bool:
    """One closing row, which says what the others sum up to, and no id twice."""
    closing = [row for row in rows if row.skip_reason == CONTAINER_END]
    total = sum(row.num_records for row in rows)
    return len({row.doc_id for row in rows}) == len(rows) and [row.skip_value for row in closing] == [str(total)]


def outcomes(rows: list[Row]) -> list[tuple[str | None, str | None, int]]:
    """Code or reason, value and number of what is no post."""
    return [
        (row.error or row.skip_reason, row.skip_value, row.num_records)
        for row in rows
        if row.text is None and row.skip_reason != CONTAINER_END
    ]


def archive(path: Path, **members: bytes) -> bytes:
    with SevenZipFile(path, "w") as written:
        for name, data in members.items():
            written.writestr(data, name)
    return path.read_bytes()


class TestPosts:
    def test_a_post_has_its_text_place_address_and_licence(self, tmp_path: Path) -> None:
        data = table(QUESTION, ANSWER)
        question, answer, _ = read(tmp_path, data)
        assert (question.title, question.text, question.date) == ("Why?", "Grain.", "2012-01-02T03:04:05.678")
        assert question.url == "https://mills.stackexchange.com/questions/1"
        assert answer.url == "https://mills.stackexchange.com/a/2"
        assert (question.license, answer.license) == ("CC-BY-SA-3.0", "CC-BY-SA-4.0")
        assert question.offset is not None
        assert question.length is not None
        assert data[question.offset : question.offset + question.length] == QUESTION
        assert json.loads(question.metadata or "") == {
            "accepted_answer_id": 2,
            "owner_id": 7,
            "post_id": 1,
            "post_type": "question",
            "question_id": 1,
            "score": 4,
            "site": "mills.stackexchange.com",
            "tags": ["a", "b"],
        }
        notes = json.loads(answer.metadata or "")
        assert (notes["question_id"], notes["score"], notes["owner_name"]) == (1, -2, "user7")

    @pytest.mark.parametrize(
        ("row", "outcome"),
        [
            (b'<row Id="3" PostTypeId="5" Body="wiki" />', ("post_type", "tag_wiki", 1)),
            (b'<row Id="3" PostTypeId="17" Body="x" />', ("post_type", "17", 1)),
            (b'<row Id="3" PostTypeId="2" ParentId="1" Body="" />', ("empty_post", "answer", 1)),
            (b'<row Id="3" PostTypeId="2" ParentId="1" />', ("empty_post", "answer", 1)),
            (b'<row Id="3" PostTypeId="2" ParentId="1" DeletionDate="2020" Body="x" />', ("deleted_post", "answer", 1)),
            (b'<row Id="3" PostTypeId="2" Body="x" />', ("MalformedRecord", None, 1)),
            (b'<row Id="x" PostTypeId="1" Body="x" />', ("MalformedRecord", None, 1)),
            (b'<row Id="3" Body="x" />', ("MalformedRecord", None, 1)),
            (b'<row Id="3" PostTypeId="1" Score=2 Body="x" />', ("MalformedRecord", None, 1)),
        ],
    )
    def test_what_is_no_post_is_counted_or_failed(
        self, tmp_path: Path, row: bytes, outcome: tuple[str, str | None, int]
    ) -> None:
        rows = read(tmp_path, table(QUESTION, row, ANSWER))
        assert outcomes(rows) == [outcome]
        assert [found.text for found in rows if found.text] == ["Grain.", "Stone."]

    def test_a_question_that_is_its_title_is_a_post(self, tmp_path: Path) -> None:
        rows = read(tmp_path, table(b'<row Id="3" PostTypeId="1" Title="Why?" Body="" />'))
        assert [(row.title, row.text) for row in rows[:-1]] == [("Why?", "")]

    def test_a_body_over_the_limit_fails_alone(self, tmp_path: Path) -> None:
        long = b'<row Id="3" PostTypeId="1" Body="%s" />' % (b"x " * 600)
        rows = read(tmp_path, table(QUESTION, long, ANSWER), reader=config(max_input_bytes=1000))
        assert outcomes(rows) == [("InputTooLarge", None, 1)]

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.binary(max_size=300), st.integers(0, 400))
    def test_any_bytes_end_in_balanced_accounts(self, tmp_path: Path, noise: bytes, at: int) -> None:
        data = table(QUESTION, ANSWER)
        read(tmp_path, data[:at] + noise + data[at:])


class TestContainers:
    def test_a_byte_order_mark_and_an_external_dtd_change_nothing(self, tmp_path: Path) -> None:
        data = b"\xef\xbb\xbf" + table(QUESTION).replace(b"<posts>", b"<!DOCTYPE posts SYSTEM 'posts.dtd'>\n<posts>")
        assert read(tmp_path, data)[0].text == "Grain."

    def test_entities_of_a_dtd_are_neither_fetched_nor_expanded(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("hidden grain")
        bomb = f'<!DOCTYPE posts [<!ENTITY a "{"x" * 99}"><!ENTITY f SYSTEM "{secret.as_uri()}">]>'.encode()
        row = QUESTION.replace(b"Grain.", b"&amp;a;&a;&f;")
        assert read(tmp_path, table(row).replace(b"<posts>", bomb + b"<posts>"))[0].text == "&a;&a;&f;"

    def test_gzip_has_the_posts_of_the_plain_file_without_stored_offsets(self, tmp_path: Path) -> None:
        plain = read(tmp_path, table(QUESTION, ANSWER))
        packed = read(tmp_path, gzip.compress(table(QUESTION, ANSWER)), name=NAME + ".gz")
        assert [row.text for row in packed] == [row.text for row in plain]
        assert [row.offset for row in packed] == [None] * 3
        assert json.loads(packed[0].metadata or "")["decoded_offset"] == plain[0].offset

    def test_a_cut_off_gzip_keeps_what_came_before(self, tmp_path: Path) -> None:
        posts = [QUESTION.replace(b"Grain", Random(number).randbytes(300).hex().encode()) for number in range(20)]
        rows = read(tmp_path, gzip.compress(table(*posts))[:-2000], name=NAME + ".gz")
        assert 5 < sum(row.text is not None for row in rows) < 20
        assert outcomes(rows) == [("DamagedMember", None, 1)]

    def test_an_archive_gives_its_posts_and_counts_its_other_members(self, tmp_path: Path) -> None:
        members = {"Badges.xml": b"<badges/>", "Posts.xml": table(QUESTION, ANSWER), "Tags.xml": b"<tags/>"}
        data = archive(tmp_path / "x.7z", **members)
        rows = read(tmp_path, data, name="qa/mills.stackexchange.com.7z")
        assert [row.text for row in rows if row.text] == ["Grain.", "Stone."]
        assert outcomes(rows) == [("not_posts", "Badges.xml", 1), ("not_posts", "Tags.xml", 1)]
        assert json.loads(rows[0].metadata or "")["member"] == "Posts.xml"
        assert rows[0].url == "https://mills.stackexchange.com/questions/1"

    def test_an_archive_of_two_sites_keeps_their_ids_apart(self, tmp_path: Path) -> None:
        members = {f"{site}.stackexchange.com/Posts.xml": table(QUESTION) for site in ("a", "b")}
        rows = read(tmp_path, archive(tmp_path / "x.7z", **members), name="all.7z")
        assert [row.url for row in rows[:2]] == [f"https://{site}.stackexchange.com/questions/1" for site in "ab"]

    def test_a_damaged_archive_is_one_failure(self, tmp_path: Path) -> None:
        whole = archive(tmp_path / "x.7z", **{"Posts.xml": table(*[QUESTION] * 50)})
        damaged = whole[:60] + bytes(byte ^ 0xFF for byte in whole[60:90]) + whole[90:]
        for data in (damaged, whole[: len(whole) // 2], whole[:8]):
            rows = read(tmp_path, data, name="mills.stackexchange.com.7z")
            assert outcomes(rows) == [("DamagedMember", None, 1)]

    def test_an_archive_with_a_password_says_so(self, tmp_path: Path) -> None:
        path = tmp_path / "secret.7z"
        with SevenZipFile(path, "w", password="grain") as written:
            written.writestr(table(QUESTION), "Posts.xml")
        assert outcomes(read(tmp_path, path.read_bytes(), name="a.7z")) == [("EncryptedInput", None, 1)]

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "EmptyContainer"),
            (b"\0\0 \n", "EmptyContainer"),
            (b"<html><row/></html>", "NotAnArchive"),
            (b"no xml", "NotAnArchive"),
            (b"<posts>", "TruncatedRecord"),
            (b"<posts><row Id=", "TruncatedRecord"),
        ],
    )
    def test_a_file_without_posts_is_one_failure(self, tmp_path: Path, data: bytes, code: str) -> None:
        assert outcomes(read(tmp_path, data)) == [(code, None, 1)]

    def test_a_file_that_is_not_there_is_one_failure(self, tmp_path: Path) -> None:
        rows = list(read_stackexchange(ContainerRef(NAME, str(tmp_path / "none.xml"), None), config()))
        assert outcomes(rows) == [("UnreadableContainer", None, 1)]

    def test_another_table_is_counted_and_not_read(self, tmp_path: Path) -> None:
        rows = read(tmp_path, b"whatever", name="mills.stackexchange.com/Comments.xml.gz")
        assert outcomes(rows) == [("not_posts", "Comments.xml.gz", 1)]


class TestParts:
    @pytest.mark.parametrize("split_bytes", [100, 333, 1000])
    def test_parts_together_give_the_posts_of_the_whole(self, tmp_path: Path, split_bytes: int) -> None:
        rows = [QUESTION.replace(b'Id="1"', b'Id="%d"' % number, 1) for number in range(1, 12)]
        data = b"\xef\xbb\xbf" + table(*rows, ANSWER, b'<row Id="90" PostTypeId="5" />', b'<row Id="91" />')
        whole = read(tmp_path, data)
        ref = ContainerRef(NAME, str(tmp_path / "Posts.xml"), len(data))
        parts = split_stackexchange(ref, config(split_bytes=split_bytes))
        assert len(parts) == len(data) // split_bytes
        found = [list(read_stackexchange(part, config())) for part in parts]
        assert all(balanced(rows) for rows in found)
        assert len({row.doc_id for rows in found for row in rows}) == sum(map(len, found))
        posts = [row for rows in found for row in rows if row.text or row.error]
        assert posts == [row for row in whole if row.text or row.error]

    def test_small_packed_and_other_encodings_stay_whole(self, tmp_path: Path) -> None:
        data = table(QUESTION).replace(b"utf-8", b"cp1251")
        for name, content, size in (
            ("Posts.xml", table(QUESTION), 2000),
            ("Posts.xml", data, 10),
            ("Posts.xml.gz", data, 10),
        ):
            path = tmp_path / name
            path.write_bytes(content)
            ref = ContainerRef(name, str(path), len(content))
            assert split_stackexchange(ref, config(split_bytes=size)) == [ref]


USERS = (
    b'<?xml version="1.0"?>\n<users>\n<row Id="7" AccountId="9" DisplayName="Mia &amp; Co" AboutMe="Id=1" />\n'
    b"<row Id='8' DisplayName='Ben' />\n<row Id=\"9\" DisplayName=\"\" />\n</users>"
)


def names(rows: list[Row]) -> list[str | None]:
    return [json.loads(row.metadata or "{}").get("owner_name") for row in rows if row.text]


class TestUsers:
    def test_an_author_has_the_name_that_the_table_beside_says(self, tmp_path: Path) -> None:
        (tmp_path / "Users.xml").write_bytes(USERS)
        by_ben = ANSWER.replace(b'OwnerDisplayName="user7"', b'OwnerUserId="8"').replace(b'Id="2"', b'Id="3"', 1)
        nobody = by_ben.replace(b'OwnerUserId="8"', b'OwnerUserId="9"').replace(b'Id="3"', b'Id="4"', 1)
        data = table(QUESTION, ANSWER, by_ben, nobody)
        assert names(read(tmp_path, data)) == ["Mia & Co", "user7", "Ben", None]
        assert names(read(tmp_path, gzip.compress(data), NAME + ".gz")) == ["Mia & Co", "user7", "Ben", None]

    def test_a_packed_table_beside_does_too(self, tmp_path: Path) -> None:
        (tmp_path / "Users.xml.gz").write_bytes(gzip.compress(USERS))
        assert names(read(tmp_path, table(QUESTION))) == ["Mia & Co"]

    def test_each_part_has_its_names(self, tmp_path: Path) -> None:
        (tmp_path / "Users.xml").write_bytes(USERS)
        path = tmp_path / "Posts.xml"
        path.write_bytes(table(*[QUESTION.replace(b'Id="1"', b'Id="%d"' % k, 1) for k in range(1, 9)]))
        options = config(split_bytes=300)
        parts = split_stackexchange(ContainerRef(NAME, str(path), path.stat().st_size), options)
        assert len(parts) > 2
        assert names([row for part in parts for row in read_stackexchange(part, options)]) == ["Mia & Co"] * 8

    def test_a_table_in_the_archive_is_of_its_own_folder(self, tmp_path: Path) -> None:
        members = {"a/Posts.xml": table(QUESTION), "b/Posts.xml": table(QUESTION), "b/Users.xml": USERS}
        rows = read(tmp_path, archive(tmp_path / "x.7z", **members), "x.7z")
        assert names(rows) == [None, "Mia & Co"]
        assert outcomes(rows) == [("not_posts", "Users.xml", 1)]

    @pytest.mark.parametrize(
        ("users", "code", "name"),
        [
            (USERS[:-8], "TruncatedRecord", "Mia & Co"),
            (USERS.replace(b"Id='8'", b"Id='x'"), "MalformedRecord", "Mia & Co"),
            (b"<posts></posts>", "NotAnArchive", None),
            (gzip.compress(USERS)[:-9], "DamagedMember", "Mia & Co"),
        ],
    )
    def test_a_bad_table_is_one_failure_beside_all_posts(
        self, tmp_path: Path, users: bytes, code: str, name: str | None
    ) -> None:
        (tmp_path / "Users.xml").write_bytes(users)
        rows = read(tmp_path, table(QUESTION, ANSWER))
        assert outcomes(rows) == [(code, None, 1)]
        assert names(rows) == [name, "user7"]


@pytest.mark.parametrize(
    ("name", "is_read"),
    [
        ("Posts.xml", True),
        ("a/posts.XML.gz", True),
        ("coffee.stackexchange.com.7z", True),
        ("stackoverflow.com-Posts.7z", True),
        ("stackoverflow.com-Users.7z", True),
        ("Votes.xml", True),
        ("Posts.xml.bak", False),
        ("readme.txt", False),
        ("feed.xml", False),
    ],
)
def test_files_of_a_dump_are_told_by_their_names(name: str, is_read: bool) -> None:
    assert is_stackexchange_file(name) == is_read


@pytest.mark.parametrize(
    ("path", "site"),
    [
        ("qa/coffee.stackexchange.com/Posts.xml.gz", "coffee.stackexchange.com"),
        ("qa/history.meta.stackexchange.com.7z", "history.meta.stackexchange.com"),
        ("stackoverflow.com-Posts.7z", "stackoverflow.com"),
        ("mathoverflow.net.7z", "mathoverflow.net"),
        ("dump/Posts.xml", None),
        ("v1.0/Posts.xml", None),
    ],
)
def test_the_site_is_in_the_name_of_folder_or_archive(path: str, site: str | None) -> None:
    assert site_of(path) == site


def test_the_sample_has_the_same_bytes_each_time_and_its_outcomes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        build_stackexchange(tmp_path / folder)
    refs = list_containers([str(tmp_path / "one")], accepts=is_stackexchange_file)
    assert [ref.name for ref in refs] == ["millwork.stackexchange.com/Posts.xml", "tidetables.stackexchange.com.7z"]
    for ref in refs:
        assert Path(ref.uri).read_bytes() == (tmp_path / "two" / ref.name).read_bytes()
    plain, packed = (list(read_stackexchange(ref, config())) for ref in refs)
    assert balanced(plain)
    assert balanced(packed)
    assert outcomes(plain) == [("MalformedRecord", None, 1), ("empty_post", "answer", 1), ("post_type", "tag_wiki", 1)]
    assert outcomes(packed) == [("not_posts", "Tags.xml", 1)]


@pytest.mark.corpus
def test_every_row_of_the_real_dumps_is_accounted_for(shared: Path) -> None:
    refs = list_containers([str(shared / "corpus/qa")], accepts=is_stackexchange_file)
    found = {ref.name: list(read_stackexchange(ref, config())) for ref in refs}
    assert all(balanced(rows) for rows in found.values())
    assert [row for rows in found.values() for row in rows if row.error] == []
    assert sum(row.num_records for rows in found.values() for row in rows) == 592 + 247 + 1 + 1657 + 1986 + 4
