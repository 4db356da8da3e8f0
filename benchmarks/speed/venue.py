"""The measured venue: a process of its own that answers at once, so that the clients are what is measured.

Judges nothing and checks no signature (the sandboxes do): it finds the path in a request line and writes bytes that
were made before. `python -m benchmarks.speed.venue` prints its port and serves until its input ends.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from benchmarks.speed import answers

_HEAD = (
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/json;charset=UTF-8\r\n"
    "Content-Length: {length}\r\n"
    "Connection: keep-alive\r\n"
    "Date: Sat, 21 Nov 2026 16:00:00 GMT\r\n"
    "Server: nginx\r\n"
    "x-mbx-uuid: 9ab2c1de-6f5e-4b8d-9a1c-7f3d2e1c0b5a\r\n"
    "x-mbx-used-weight: 25\r\n"
    "x-mbx-used-weight-1m: 25\r\n"
    "{more}"
    "Strict-Transport-Security: max-age=31536000; includeSubdomains\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Cache-Control: no-cache, no-store, must-revalidate\r\n"
    "\r\n"
)
_ORDER_HEADERS = "x-mbx-order-count-10s: 4\r\nx-mbx-order-count-1d: 17\r\n"


def _said(body: bytes, more: str = "") -> bytes:
    return _HEAD.format(length=len(body), more=more).encode() + body


class _Venue(asyncio.Protocol):
    """One connection. Requests come one after the other, as HTTP clients send them; a body may follow its head."""

    pages: dict[bytes, bytes]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by class
        self._pending = b""

    def data_received(self, data: bytes) -> None:
        data = self._pending + data if self._pending else data
        head, end, rest = data.partition(b"\r\n\r\n")
        length = _length_of(head) if end else 0
        if not end or len(rest) < length:
            self._pending = data
            return
        self._pending = b""
        path = head.split(b" ", 2)[1].partition(b"?")[0]
        if path == b"/api/v3/time":
            self._transport.write(_said(b'{"serverTime":%d}' % (time.time_ns() // 1_000_000)))
        else:
            self._transport.write(self.pages.get(path, _UNKNOWN))


def _length_of(head: bytes) -> int:
    _, found, after = head.lower().partition(b"content-length:")
    return int(after.partition(b"\r\n")[0]) if found else 0


_UNKNOWN = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"


def pages() -> dict[bytes, bytes]:
    """Path -> the whole answer."""
    return {
        b"/api/v3/depth": _said(answers.book()),
        b"/api/v3/ticker/24hr": _said(answers.ticker()),
        b"/api/v3/order": _said(answers.order(), _ORDER_HEADERS),
        b"/api/v3/trades": _said(answers.trades()),
        b"/api/v3/exchangeInfo": _said(answers.listing()),
    }


async def serve() -> None:
    """Serve on a free port of loopback until the input ends."""
    _Venue.pages = pages()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Venue, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def spawned(module: str, *arguments: str) -> Iterator[int]:
    """The port of a server in a process of its own, which prints it and serves until its input ends."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


@contextmanager
def serving() -> Iterator[str]:
    """The base address of a venue in a process of its own."""
    with spawned("benchmarks.speed.venue") as port:
        yield f"http://127.0.0.1:{port}"


if __name__ == "__main__":
    if find_spec("uvloop"):
        import_module("uvloop").run(serve())
    else:
        asyncio.run(serve())
