"""A real HTTP server on loopback that serves byte ranges and misbehaves as asked, and what tests share with it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pipelines.transport import RetryPolicy, TransportOptions

FAST = RetryPolicy(max_attempts=4, base_s=0.001, cap_s=0.01, read_timeout_s=2, connect_timeout_s=2, progress_bytes=1)
OPTIONS = TransportOptions(retry=FAST, block_bytes=64 * 1024)
DATA = random.Random(1).randbytes(300_000)

Fault = Callable[[BaseHTTPRequestHandler, int, bytes], bool]
"""(handler, first byte asked for, the whole object); True when it has answered."""


class WebServer:
    """Serves `files` with ranges and ETags; `faults` are used up one a request."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str | None]] = []
        self.knows_ranges = True
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                web.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def uri(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/{path}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        self.requests.append((handler.path, asked))
        data = self.files.get(handler.path.lstrip("/"))
        start = int(asked.split("=")[1].split("-")[0]) if asked else 0
        if self.faults and self.faults.pop(0)(handler, start, data or b""):
            return
        if data is None:
            status(404)(handler, start, b"")
            return
        etag = f'"{len(data)}-{data[:8].hex()}"'
        if handler.headers.get("If-Match") not in (None, etag):
            status(412)(handler, start, b"")
            return
        self.send(handler, data, asked, etag)

    def send(self, handler: BaseHTTPRequestHandler, data: bytes, asked: str | None, etag: str) -> None:
        part, code = data, 200
        headers = {"ETag": etag}
        if asked and self.knows_ranges:
            start, end = asked.split("=")[1].split("-")
            if int(start) >= len(data):
                status(416)(handler, 0, b"")
                return
            part, code = data[int(start) : int(end) + 1], 206
            headers["Content-Range"] = f"bytes {start}-{int(start) + len(part) - 1}/{len(data)}"
        handler.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(part))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(part)


def status(code: int, **headers: str) -> Fault:
    def answer(handler: BaseHTTPRequestHandler, _start: int, _data: bytes) -> bool:
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        return True

    return answer


def cut_after(num_bytes: int) -> Fault:
    """Promise the whole range, send some of it and hang up."""

    def answer(handler: BaseHTTPRequestHandler, start: int, data: bytes) -> bool:
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        handler.send_header("Content-Length", str(len(data) - start))
        handler.end_headers()
        handler.wfile.write(data[start : start + num_bytes])
        handler.close_connection = True
        return True

    return answer


def no_fault(*_: object) -> bool:
    return False
