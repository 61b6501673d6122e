"""Records of the sample that are not plain pages: redirects, images, revisits, lies in headers, broken bytes.

Each fault says what a reader should make of it; the meaning of `expect` is in FORMAT.md.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass

from pipelines.sample import warc
from pipelines.sample.warc import Response

HOST = "https://www.saltmarsh-courier.com"
_PARAGRAPHS = (
    "The night ferry was late again, and nobody on the quay seemed to mind. Somebody had brought a flask, somebody "
    "else a concertina, and by ten the queue had turned into a party that happened to be facing the sea.",
    "Captain Ida Rusk, who retired last spring after thirty-one years on the crossing, used to say that a timetable "
    "is a letter written to the weather. The weather, she added, does not always write back.",
    "The harbour office has promised a new board with electric figures. The old one, with its chalk and its sponge on "
    "a string, will go to the museum, where visitors will at last be able to see what half past nine looked like.",
    "Until then the advice to travellers is what it has been since the steam boats: come early, bring a coat, and "
    "talk to the person beside you, who has been waiting longer and knows why.",
)


@dataclass(frozen=True)
class Fault:
    """Some records, as they stand in a WARC file."""

    name: str
    url: str
    data: bytes
    expect: str
    """`skipped:<reason>`, `failed:<code>` as in `pipelines.sources.records`, or `readable`."""


def faults(filename: str) -> list[Fault]:
    """All of them in the order in which they are written, but for the one that ends a file: `broken_tail`."""
    return [*_skipped(filename), *_readable(filename), *_broken(filename)]


def broken_tail(filename: str) -> Fault:
    """The last record of a file, cut off in the middle as by a broken download."""
    response = Response(f"{HOST}/news/2024/cut-off.html", _html("Cut off", 40))
    data = warc.member(warc.response_record(response, filename))
    return Fault("cut_member", response.url, data[: len(data) * 2 // 3], "failed:DamagedMember")


def _html(title: str, times: int = 1) -> bytes:
    """A plain page; `times` repeats its paragraphs (where only the size counts)."""
    text = "\n".join(f"<p>{paragraph}</p>" for paragraph in _PARAGRAPHS * times)
    head = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>"
    return f"{head}<body><h1>{title}</h1>\n{text}\n</body></html>\n".encode()


def _noise(name: str, size: int) -> bytes:
    """Bytes that look random and are the same each time."""
    return b"".join(hashlib.sha256(f"{name} {i}".encode()).digest() for i in range(size // 32 + 1))[:size]


def _capture(name: str, expect: str, response: Response, filename: str) -> Fault:
    return Fault(name, response.url, warc.capture(response, filename), expect)


def _skipped(filename: str) -> list[Fault]:
    """Sound records that hold no HTML page."""
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n" + _noise("pdf", 3000) + b"\n%%EOF\n"
    jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + _noise("jpeg", 5000) + b"\xff\xd9"
    rss = b'<?xml version="1.0"?><rss version="2.0"><channel><title>Saltmarsh Courier</title></channel></rss>'
    robots = b"User-agent: *\nDisallow: /cgi-bin/\n"
    gone = b"<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1></center></body></html>"
    moved = (("Location", f"{HOST}/news/ferry-timetable"),)
    other_media = {
        "pdf": Response(f"{HOST}/files/tide-tables-2024.pdf", pdf, "application/pdf"),
        "jpeg": Response(f"{HOST}/img/harbour.jpg", jpeg, "image/jpeg"),
        "pdf_called_html": Response(f"{HOST}/download.php?id=77", pdf, "text/html"),
        "json": Response(f"{HOST}/api/tides.json", b'{"high": ["06:41", "19:07"]}', "application/json"),
        "feed": Response(f"{HOST}/rss.xml", rss, "application/rss+xml"),
        "stylesheet": Response(f"{HOST}/static/css/main.css", b"body{margin:0}\n", "text/css"),
        "robots_txt": Response(f"{HOST}/robots.txt", robots, "text/plain"),
    }
    other_status = {
        "redirect": Response(f"{HOST}/ferry", b"", status="301 Moved Permanently", headers=moved),
        "not_found": Response(f"{HOST}/news/2019/none.html", gone, status="404 Not Found"),
        "server_error": Response(f"{HOST}/search?q=", gone, status="500 Internal Server Error"),
        "forbidden": Response(f"{HOST}/admin/", gone, status="403 Forbidden"),
    }
    cut = Response(f"{HOST}/quay/board.html", _html("The board on the quay")[:-180], truncated="length")
    return [
        *(_capture(name, "skipped:media_type", response, filename) for name, response in other_media.items()),
        *(_capture(name, "skipped:http_status", response, filename) for name, response in other_status.items()),
        _capture("empty", "skipped:empty_payload", Response(f"{HOST}/ping.html", b"", "text/html"), filename),
        _capture("truncated_payload", "skipped:truncated", cut, filename),
        _revisit(filename),
        _resource(filename),
    ]


def _revisit(filename: str) -> Fault:
    url = f"{HOST}/heritage/2024/03/tide-mill-turns-again.html?ref=home"
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    headers = warc.capture_headers("revisit", url, filename)
    headers[3] = ("Content-Type", "application/http; msgtype=response")
    headers += [
        ("WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"),
        ("WARC-Refers-To-Target-URI", url.split("?")[0]),
        ("WARC-Payload-Digest", warc.digest(b"as before")),
    ]
    return Fault("revisit", url, warc.member(warc.record(headers, block)), "skipped:record_type")


def _resource(filename: str) -> Fault:
    url = "dns:www.saltmarsh-courier.com"
    headers = warc.capture_headers("resource", url, filename)
    headers[3] = ("Content-Type", "text/dns")
    block = b"20241110120000\nwww.saltmarsh-courier.com. 3600 IN A 203.0.113.80\n"
    return Fault("resource", url, warc.member(warc.record(headers, block)), "skipped:record_type")


def _readable(filename: str) -> list[Fault]:
    """Odd, but a page can be had from each."""
    page = _html("Chunks")
    parts = [page[at : at + 300] for at in range(0, len(page), 300)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    squeezed = gzip.compress(_html("Squeezed"), mtime=0)
    utf16 = b"\xff\xfe" + _html("Two bytes a letter").decode().encode("utf-16-le")
    namespace = b'<html xmlns="http://www.w3.org/1999/xhtml">'
    xhtml = b'<?xml version="1.0" encoding="utf-8"?>\n' + _html("XHTML").replace(b"<html>", namespace)
    responses = {
        "content_length_too_small": Response(f"{HOST}/quay/small.html", _html("Small"), content_length=100),
        "content_length_too_large": Response(f"{HOST}/quay/large.html", _html("Large"), content_length=999_999),
        "no_content_type": Response(f"{HOST}/quay/untyped", _html("Untyped"), content_type=None),
        "octet_stream": Response(f"{HOST}/quay/octets", _html("Octets"), content_type="application/octet-stream"),
        "xhtml": Response(f"{HOST}/quay/x.xhtml", xhtml, content_type="application/xhtml+xml"),
        "chunked": Response(f"{HOST}/quay/chunked", chunks, headers=(("Transfer-Encoding", "chunked"),)),
        "gzip": Response(f"{HOST}/quay/gzip", squeezed, headers=(("Content-Encoding", "gzip"),)),
        "deflate": Response(
            f"{HOST}/quay/deflate", zlib.compress(_html("Deflated"), 6), headers=(("Content-Encoding", "deflate"),)
        ),
        "utf_16": Response(f"{HOST}/quay/utf16", utf16, content_type="text/html"),
        "deep": Response(f"{HOST}/quay/deep", b"<div>" * 6000 + _html("Deep") + b"</div>" * 6000),
    }
    return [_capture(name, "readable", response, filename) for name, response in responses.items()]


def _broken(filename: str) -> list[Fault]:
    """Records that no reader can take as they are."""
    noise = Response(f"{HOST}/quay/noise.html", b"\x00\xff\xfe" + _noise("page", 4000), content_type="text/html")
    not_gzip = Response(f"{HOST}/quay/not-gzip", _noise("gzip", 900), headers=(("Content-Encoding", "gzip"),))
    no_http = f"{HOST}/quay/no-http.html"
    headless = warc.record(warc.capture_headers("response", no_http, filename), b"\x16\x03\x01\x02\x00\x01\x00")
    long = Response(f"{HOST}/quay/long-record.html", _html("Longer than it is"))
    over = warc.record(warc.response_headers(long, filename), warc.http_block(long), content_length=500_000)
    colon, version = f"{HOST}/quay/no-colon.html", f"{HOST}/quay/misspelt.html"
    no_colon = warc.response_record(Response(colon, _html("No colon")), filename)
    misspelt = warc.response_record(Response(version, _html("Misspelt")), filename)
    no_colon = no_colon.replace(b"Content-Length: ", b"Content-Length= ", 1)
    misspelt = misspelt.replace(b"WARC/1.0", b"WRAC/1.0", 1)
    return [
        _capture("undecodable", "failed:UndecodableInput", noise, filename),
        _capture("not_gzip_inside", "failed:UndecodablePayload", not_gzip, filename),
        Fault("no_http_headers", no_http, warc.member(headless), "failed:MalformedHttp"),
        Fault("record_longer_than_member", long.url, warc.member(over), "failed:TruncatedRecord"),
        Fault("no_length", colon, warc.member(no_colon), "failed:MalformedRecord"),
        Fault("misspelt_version", version, warc.member(misspelt), "failed:MalformedRecord"),
        Fault("garbage_between_members", "", _noise("between", 700), "failed:DamagedMember"),
    ]
