"""HTTP responses: codings undone, lies noticed, limits kept."""

from __future__ import annotations

import contextlib
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.http_message import HttpResponse, MalformedHttp, UndecodableBody, decode_body, parse_response
from pipelines.sources.sniffing import binary_type, is_html, looks_like_text

HTML = b"<html><body>" + b"<p>words and words</p>" * 50 + b"</body></html>"


def with_coding(body: bytes, **headers: str) -> HttpResponse:
    return HttpResponse(200, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def chunked(body: bytes, size: int = 100) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;ext=1\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\nTrailer: x\r\n\r\n"


def brotli(body: bytes) -> bytes:
    import io

    from fastwarc.stream_io import BrotliWriter

    buffer = io.BytesIO()
    writer = BrotliWriter(buffer)
    writer.write(body)
    writer.close()
    return buffer.getvalue()


class TestHeader:
    def test_a_response_is_status_headers_and_body(self) -> None:
        response = parse_response(
            b"HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset='utf-8'\r\nA:  b \r\n\r\nbody\r\n\r\n"
        )
        assert (response.status, response.headers["a"], response.body) == (200, "b", b"body\r\n\r\n")
        assert (response.media_type(), response.charset()) == ("text/html", "utf-8")

    @pytest.mark.parametrize(
        ("block", "status", "body"),
        [
            (b"HTTP/1.0 404\n\nx", 404, b"x"),
            (b"HTTP/2 200\r\n\r\n", 200, b""),
            (b"HTTP/1.1 204 No Content\r\nA: b", 204, b""),
            (b"HTTP/1.1 200 OK\r\n\r\n\r\nx", 200, b"\r\nx"),
            (b"HTTP/1.1 200", 200, b""),
        ],
    )
    def test_odd_headers_still_read(self, block: bytes, status: int, body: bytes) -> None:
        response = parse_response(block)
        assert (response.status, response.body) == (status, body)

    @pytest.mark.parametrize(
        "block", [b"", b"<html>", b"HTTP/1.1 OK\r\n\r\n", b"HTTPX/1.1 200 OK\r\n\r\n", b"HTTP/1.1 2000\r\n\r\n"]
    )
    def test_what_is_no_status_line_is_malformed(self, block: bytes) -> None:
        with pytest.raises(MalformedHttp, match="not an HTTP status line"):
            parse_response(block)

    @pytest.mark.parametrize(
        ("declared", "media_type", "charset"),
        [
            ("text/html", "text/html", None),
            ("text/html;charset=Shift_JIS", "text/html", "Shift_JIS"),
            ('text/html; charset="big5"; x=y', "text/html", "big5"),
            ("text/html, text/html", "text/html", None),
            ("html", None, None),
            ("text/html; charset=", "text/html", None),
        ],
    )
    def test_content_types_as_servers_write_them(
        self, declared: str, media_type: str | None, charset: str | None
    ) -> None:
        response = with_coding(b"", content_type=declared)
        assert (response.media_type(), response.charset()) == (media_type, charset)


class TestCodings:
    @pytest.mark.parametrize(
        ("coding", "encode"),
        [
            ("gzip", gzip.compress),
            ("x-gzip", gzip.compress),
            ("deflate", zlib.compress),
            ("deflate", lambda b: zlib.compress(b, wbits=-15)),
            ("br", brotli),
            ("identity", bytes),
        ],
    )
    def test_each_coding_is_undone_alone_and_chunked(self, coding: str, encode: object) -> None:
        assert callable(encode)
        plain = with_coding(encode(HTML), content_encoding=coding)
        assert (decode_body(plain, 10**6).data, decode_body(plain, 10**6).notes) == (HTML, {})
        both = with_coding(chunked(encode(HTML)), content_encoding=coding, transfer_encoding="chunked")
        assert decode_body(both, 10**6).data == HTML

    def test_codings_are_undone_last_first(self) -> None:
        twice = with_coding(gzip.compress(zlib.compress(HTML)), content_encoding="deflate, gzip")
        assert decode_body(twice, 10**6).data == HTML

    @pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
    def test_a_coding_that_is_declared_but_not_there_is_passed_over_with_a_note(self, coding: str) -> None:
        payload = decode_body(with_coding(HTML, content_encoding=coding), 10**6)
        assert payload.data == HTML
        assert payload.notes == {"content_encoding": f"{coding} declared, not there"}

    def test_chunks_that_are_not_there_are_passed_over_with_a_note(self) -> None:
        payload = decode_body(with_coding(HTML, transfer_encoding="chunked"), 10**6)
        assert (payload.data, payload.notes) == (HTML, {"transfer_encoding": "chunked declared, not there"})

    def test_a_last_chunk_that_is_missing_is_noted(self) -> None:
        payload = decode_body(
            with_coding(chunked(HTML).partition(b"0\r\nTrailer")[0], transfer_encoding="chunked"), 10**6
        )
        assert (payload.data, payload.notes) == (HTML, {"transfer_encoding": "chunked, last chunk missing"})

    def test_codings_that_break_off_are_errors(self) -> None:
        packed = gzip.compress(HTML)
        for response in (
            with_coding(packed[:-20], content_encoding="gzip"),
            with_coding(packed[:20] + b"????" + packed[24:], content_encoding="gzip"),
            with_coding(brotli(HTML)[:-3], content_encoding="br"),
            with_coding(chunked(HTML)[:150], transfer_encoding="chunked"),
            with_coding(chunked(HTML)[:112] + b"zz" + chunked(HTML)[114:], transfer_encoding="chunked"),
        ):
            with pytest.raises(UndecodableBody):
                decode_body(response, 10**6)

    def test_a_coding_nobody_knows_is_noted(self) -> None:
        payload = decode_body(with_coding(HTML, content_encoding="sdch"), 10**6)
        assert (payload.data, payload.notes) == (HTML, {"content_encoding": "sdch is not known"})

    @pytest.mark.parametrize("encode", [gzip.compress, zlib.compress, brotli])
    def test_a_bomb_is_cut_just_after_the_limit(self, encode: object) -> None:
        assert callable(encode)
        coding = {"compress": "gzip" if encode is gzip.compress else "deflate"}.get(encode.__name__, "br")
        payload = decode_body(with_coding(encode(b"a" * 10**7), content_encoding=coding), 1000)
        assert payload.data == b"a" * 1001

    @given(st.binary(max_size=500), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br"]), st.booleans())
    def test_no_body_raises_anything_else(self, body: bytes, coding: str, in_chunks: bool) -> None:
        response = with_coding(body, content_encoding=coding, transfer_encoding="chunked" if in_chunks else "")
        with contextlib.suppress(UndecodableBody):
            assert len(decode_body(response, 1000).data) <= 1001


class TestSniffing:
    @pytest.mark.parametrize(
        "data",
        [
            b"<!DOCTYPE html>",
            b"\xef\xbb\xbf  \n<HTML lang=en>",
            b'<?xml version="1.0"?>\n<!-- a -->\n<html xmlns="x">',
            "\ufeff<html>".encode("utf-16-le"),
        ],
    )
    def test_documents_are_html_by_their_root(self, data: bytes) -> None:
        assert is_html(data, whole_document=True)
        assert looks_like_text(data)

    def test_fragments_are_html_only_where_nothing_else_is_declared(self) -> None:
        assert is_html(b"<p>hello")
        assert not is_html(b"<p>hello", whole_document=True)
        assert not is_html(b"<pre>")
        assert not is_html(b"hello <html>")
        assert not is_html(b'<?xml version="1.0"?><rss>')

    def test_binary_formats_are_known_by_signature(self) -> None:
        assert binary_type(b"%PDF-1.4") == "application/pdf"
        assert binary_type(b"\x89PNG\r\n\x1a\n...") == "image/png"
        assert binary_type(HTML) is None
        assert not looks_like_text(gzip.compress(HTML))
