"""Streams of a bz2 dump found and decoded from any place."""

from __future__ import annotations

import bz2
import io

import pytest

from pipelines.sources.wiki_streams import DECODED_BYTES, STORED_BYTES, Damage, Piece, find_stream, pieces, utf16_codec


@pytest.mark.parametrize("before", [0, 1, DECODED_BYTES - 5, DECODED_BYTES, DECODED_BYTES + 1, 2 * DECODED_BYTES - 3])
def test_a_stream_is_found_wherever_it_begins(before: int) -> None:
    stream = io.BytesIO(b"x" * before + bz2.compress(b"text"))
    assert find_stream(stream, 0, None) == before
    assert find_stream(stream, 0, before + 1) == before  # its magic ends beyond the part
    assert find_stream(stream, 0, before) is None  # it begins in the next part
    assert find_stream(stream, before + 1, None) is None


def test_a_stream_of_one_byte_repeated_is_decoded_in_bounded_pieces() -> None:
    found = list(pieces(io.BytesIO(bz2.compress(b"a" * 10 * DECODED_BYTES))))
    assert all(isinstance(piece, Piece) and len(piece.data) <= DECODED_BYTES for piece in found)
    assert sum(len(piece.data) for piece in found if isinstance(piece, Piece)) == 10 * DECODED_BYTES


def test_bytes_between_streams_are_damage_and_zeros_are_padding() -> None:
    one, two = bz2.compress(b"1"), bz2.compress(b"2")
    found = list(pieces(io.BytesIO(one + b"junk" + two + b"\0\0" + one)))
    assert [event.data if isinstance(event, Piece) else event.stream for event in found] == [b"1", len(one), b"2", b"1"]
    assert isinstance(found[1], Damage)
    spoilt = one + bytes([*two[:3], 0x6C, *two[4:]]) + one  # the level of a stream's magic
    assert [type(event) for event in pieces(io.BytesIO(spoilt))] == [Piece, Damage, Piece]


@pytest.mark.parametrize("num_zeros", [0, 1, 9, 10, 64, STORED_BYTES - 5, STORED_BYTES + 10, 3 * STORED_BYTES])
def test_damage_behind_padding_is_damage(num_zeros: int) -> None:
    one, padding = bz2.compress(b"1"), bytes(num_zeros)
    spoilt = b"???" + bz2.compress(b"2")[3:]
    found = list(pieces(io.BytesIO(one + padding + spoilt + padding + one)))
    assert [event.data if isinstance(event, Piece) else event.stream for event in found] == [b"1", len(one), b"1"]
    padded = list(pieces(io.BytesIO(one + padding + one + padding)))
    assert [event.data for event in padded if isinstance(event, Piece)] == [b"1", b"1"]
    assert len(padded) == 2


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_told_with_and_without_its_mark(codec: str) -> None:
    assert utf16_codec("<mediawiki".encode(codec)) == codec
    assert utf16_codec("\ufeff<mediawiki".encode(codec)) == codec
    assert utf16_codec(b"<mediawiki") is None
