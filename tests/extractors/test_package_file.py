from __future__ import annotations

import io
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import DamagedInput, DecompressionBomb, EncryptedInput, ExtractionError, NestingTooDeep
from extractors.package_file import MAX_MEMBERS, OLE, XML_DEPTH, Package, parse_xml, resolve, whole_number
from pipelines.sample.books_files import zip_bytes


def test_a_member_is_found_percent_encoded_and_in_other_case() -> None:
    package = Package(zip_bytes({"a": "", "OPS/Chapter é.xhtml": "text"}), 1000)
    assert package.read("OPS/Chapter%20é.xhtml") == b"text"
    assert package.read("ops/chapter é.XHTML") == b"text"


def test_a_member_of_exactly_the_limit_is_read_and_one_byte_more_is_a_bomb() -> None:
    data = zip_bytes({"a": "", "b": b"0" * 100})
    assert len(Package(data, 1000).read("b", 100)) == 100
    with pytest.raises(DecompressionBomb):
        Package(data, 1000).read("b", 99)


def test_the_members_together_may_not_unpack_to_more_than_the_package_may() -> None:
    package = Package(zip_bytes({"a": b"0" * 60, "b": b"0" * 60}), 100)
    package.read("a")
    with pytest.raises(DecompressionBomb):
        package.read("b")


def test_a_directory_of_too_many_members_is_refused_before_it_is_read() -> None:
    with pytest.raises(DecompressionBomb):
        Package(b"PK\x01\x02" * (MAX_MEMBERS + 1), 1000)


def test_an_encrypted_compound_file_is_told_from_an_old_document() -> None:
    with pytest.raises(EncryptedInput):
        Package(OLE + "EncryptedPackage".encode("utf-16-le"), 1000)
    with pytest.raises(DamagedInput):
        Package(OLE + b"WordDocument", 1000)


def test_a_member_with_a_password_is_encrypted_input() -> None:
    data = bytearray(zip_bytes({"a": "x"}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + at] |= 1
    with pytest.raises(EncryptedInput):
        Package(bytes(data), 1000).read("a")


@given(st.binary(max_size=300), st.integers(0, 200))
def test_bytes_that_are_no_zip_raise_typed_errors_only(noise: bytes, at: int) -> None:
    whole = zip_bytes({"mimetype": "application/epub+zip", "b": "some text that is compressed " * 5})
    damaged = whole[:at] + noise + whole[at + len(noise) :]
    try:
        package = Package(damaged, 10_000)
        for name in package.names:
            package.read(name)
    except ExtractionError:
        pass


@pytest.mark.parametrize(
    ("base", "href", "member"),
    [
        ("OPS/package.opf", "text/a.xhtml#id", "OPS/text/a.xhtml"),
        ("OPS/package.opf", "../a.xhtml", "a.xhtml"),
        ("OPS/package.opf", "../../etc/passwd", None),
        ("OPS/package.opf", "file:///etc/passwd", None),
        ("OPS/package.opf", "http://example.org/a", None),
        ("package.opf", "/OPS/a.xhtml", "OPS/a.xhtml"),
        ("package.opf", "#only", None),
    ],
)
def test_references_stay_in_the_package(base: str, href: str, member: str | None) -> None:
    assert resolve(base, href) == member


def test_entities_are_neither_resolved_nor_fetched() -> None:
    root, _ = parse_xml(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>one &x; two</a>')
    assert "".join(root.itertext()).split() == ["one", "&x;", "two"]


def test_an_entity_bomb_costs_nothing() -> None:
    levels = "".join(f'<!ENTITY e{k + 1} "{f"&e{k};" * 10}">' for k in range(12))
    bomb = f'<!DOCTYPE a [<!ENTITY e0 "boom">{levels}]><a>&e12;</a>'
    assert len("".join(parse_xml(bomb.encode())[0].itertext())) < 100


def test_damaged_xml_is_mended_and_said_to_be_and_none_at_all_is_an_error() -> None:
    root, is_mended = parse_xml(b"<a><b>text</a>")
    assert ("".join(root.itertext()), is_mended) == ("text", True)
    assert parse_xml(b"<a><b>text</b></a>")[1] is False
    package = Package(zip_bytes({"a": "<a>", "b": "<a/>"}), 1000)
    assert [package.tree(name) is None for name in ("a", "b")] == [False, False]
    assert package.num_damaged == 1
    with pytest.raises(DamagedInput):
        parse_xml(b"no markup")


def test_elements_nested_too_deep_are_an_error_and_not_a_shorter_document() -> None:
    def nested(depth: int) -> bytes:
        return b"<a>" * depth + b"text" + b"</a>" * depth

    assert parse_xml(nested(XML_DEPTH))[1] is False
    with pytest.raises(NestingTooDeep):
        parse_xml(nested(XML_DEPTH + 1))


def test_a_member_is_found_whatever_way_its_name_is_stored() -> None:
    composed, apart = "é.xhtml", unicodedata.normalize("NFD", "é.xhtml")
    assert Package(zip_bytes({"OPS\\a.xhtml": "text"}), 1000).find("OPS/a.xhtml") == "OPS\\a.xhtml"
    assert Package(zip_bytes({apart: "text"}), 1000).find(composed) == apart
    unflagged = zip_bytes({"z.xhtml": "text"}).replace(b"z.xhtml", "é.xht".encode() + b"m")
    assert Package(unflagged, 1000).read("é.xhtm") == b"text"


def test_a_whole_number_is_read_and_anything_else_is_none() -> None:
    root, _ = parse_xml('<a b="12" c="²" d="-1" e="" f=" 7 " g="99999999999"/>'.encode())
    assert [whole_number(root, name, 100) for name in "bcdefgh"] == [12, None, None, None, 7, 100, None]


def test_of_two_members_of_one_name_the_last_is_read_as_in_any_unpacker() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", "first")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", "second")
    assert Package(buffer.getvalue(), 1000).read("a") == b"second"
