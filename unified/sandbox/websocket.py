"""The server's half of RFC 6455 over plain streams, as little of it as clients of venues use.

Text frames, fragments of them, pings and closes; no extensions. Written out because the sandbox's server reads and
writes its sockets itself, to be able to reset, cut and half-close them (see `server.py`).
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUED, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_LARGEST = 1 << 24


def is_upgrade(headers: Mapping[str, str]) -> bool:
    """Whether a request with these headers (names in lower case) wants to become a WebSocket."""
    return "websocket" in headers.get("upgrade", "").lower() and "sec-websocket-key" in headers


def accepted(headers: Mapping[str, str]) -> bytes:
    """The head of the answer that makes it one."""
    digest = sha1(f"{headers['sec-websocket-key']}{_MAGIC}".encode(), usedforsecurity=False).digest()
    lines = (
        "HTTP/1.1 101 Switching Protocols",
        "upgrade: websocket",
        "connection: Upgrade",
        f"sec-websocket-accept: {b64encode(digest).decode()}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


class ServerSocket:
    """The venue's end of a WebSocket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def receive(self) -> str:
        """The next text, its fragments joined. Raises ConnectionError when the client closes."""
        whole = b""
        while True:
            final, kind, payload = await self._frame()
            if kind == _CLOSE:
                self._write(_CLOSE, payload[:2])
                raise ConnectionResetError("closed by the client")
            if kind == _PING:
                self._write(_PONG, payload)
            elif kind in (_CONTINUED, _TEXT, _BINARY):
                whole += payload
                if final:
                    return whole.decode("utf-8", "replace")

    async def send(self, frame: str) -> None:
        """Raises ConnectionError when the client has gone."""
        self._write(_TEXT, frame.encode())
        await self._writer.drain()

    async def close(self, code: int) -> None:
        """Say why, and close."""
        self._write(_CLOSE, code.to_bytes(2, "big"))
        await self._writer.drain()
        self._writer.close()

    def abort(self) -> None:
        """Reset the connection."""
        self._writer.transport.abort()

    async def _frame(self) -> tuple[bool, int, bytes]:
        try:
            first, second = await self._reader.readexactly(2)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8), "big")
            if size > _LARGEST or not second & 0x80:  # a client must mask
                raise ConnectionResetError("not a frame of a client")
            mask = await self._reader.readexactly(4)
            payload = await self._reader.readexactly(size)
        except asyncio.IncompleteReadError:
            raise ConnectionResetError("the client has gone") from None
        return bool(first & 0x80), first & 0x0F, _unmasked(payload, mask)

    def _write(self, kind: int, payload: bytes) -> None:
        if self._writer.transport.is_closing():
            raise ConnectionResetError("the client has gone")
        size = len(payload)
        if size < 126:
            head = bytes((0x80 | kind, size))
        elif size < 1 << 16:
            head = bytes((0x80 | kind, 126)) + size.to_bytes(2, "big")
        else:
            head = bytes((0x80 | kind, 127)) + size.to_bytes(8, "big")
        self._writer.write(head + payload)


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
