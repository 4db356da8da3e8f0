"""A sandbox on loopback sockets: one small HTTP/1.1 server per door, and every way to break an answer.

Takes what clients of venues send (keep-alive, bodies with a length or in chunks) and no more: no TLS, no
compression; an upgrade to a WebSocket becomes a stream. It reads and writes the sockets itself because a web
framework would not let it reset, cut or half-close a connection.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Self

from attrs import frozen

from unified.sandbox.conversation import Conversation
from unified.sandbox.dialect import Dialect, Incoming, Outgoing
from unified.sandbox.faults import FaultPlan
from unified.sandbox.reception import Breakage, Reception
from unified.sandbox.stream_faults import StreamPlan
from unified.sandbox.streams import Opening
from unified.sandbox.websocket import ServerSocket, accepted, is_upgrade

_HOST = "127.0.0.1"
_LARGEST_HEAD = 64 * 1024
_LARGEST_BODY = 8 * 1024 * 1024
_LINGER_NOT = struct.pack("ii", 1, 0)
"""Makes a close into a reset."""


class BadRequest(Exception):
    """Not HTTP as this server speaks it; the connection is closed."""


@frozen(kw_only=True)
class _Head:
    method: str
    target: str
    version: str
    headers: Mapping[str, str]

    @property
    def keeps_alive(self) -> bool:
        wish = self.headers.get("connection", "").lower()
        return wish != "close" and (self.version != "HTTP/1.0" or wish == "keep-alive")


class SandboxServer:
    """`async with SandboxServer(dialect, plan) as server:` serves until the block ends.

    An exception inside the dialect is answered with a bare 500 and raised again, with all others, when
    the block ends: a sandbox that fails must not pass for a venue that does.
    """

    def __init__(self, dialect: Dialect, plan: FaultPlan | None = None, streams: StreamPlan | None = None) -> None:
        self.dialect = dialect
        self.streams = streams or StreamPlan()
        self.reception = Reception(dialect, plan)
        self.ledger = self.reception.ledger
        self.urls: dict[str, str] = {}
        """Door -> base URL, filled when the server has started."""
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._failures: list[Exception] = []

    async def __aenter__(self) -> Self:
        for door in self.dialect.doors:
            server = await asyncio.start_server(self._accept(door), _HOST, 0, limit=_LARGEST_HEAD)
            self._servers.append(server)
            self.urls[door] = f"http://{_HOST}:{server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.close()
        connections = tuple(self._connections)
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()
        if self._failures and error is None:
            raise ExceptionGroup("the sandbox failed", self._failures)

    def _accept(self, door: str) -> _Accept:
        return _Accept(self, door)

    async def serve(self, door: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until either side ends it."""
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            while await self._exchange(door, reader, writer):
                pass
        except (BadRequest, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        except asyncio.CancelledError:
            # The server closes. Python 3.11 would report a connection that ends as canceled with a traceback.
            pass
        finally:
            writer.close()

    async def _exchange(self, door: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether the connection goes on."""
        head = await _read_head(reader)
        if is_upgrade(head.headers):
            await self._converse(door, head, reader, writer)
            return False
        if head.headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        incoming = _incoming(door, head, await _read_body(reader, head), writer)
        try:
            delivery = await self.reception.receive(incoming)
        except Exception as failure:  # noqa: BLE001 - whatever a dialect raises is kept and raised at the end
            self._failures.append(failure)
            writer.write(_wire(Outgoing(status=500, body=b"the sandbox failed"), keeps_alive=False))
            return False
        raw = _wire(delivery.answer, keeps_alive=head.keeps_alive)
        match delivery.breakage:
            case Breakage.RESET:
                _reset(writer)
                return False
            case Breakage.RESET_IN_ANSWER:
                await self._write_part(raw[: int(len(raw) * delivery.cut)], writer)
                return False
            case Breakage.HALF_CLOSED:
                writer.write_eof()
                await reader.read()
                return False
        writer.write(raw)
        await writer.drain()
        return head.keeps_alive

    async def _converse(
        self, door: str, head: _Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Lead a stream until either side ends it."""
        path, _, query = head.target.partition("?")
        peer = writer.get_extra_info("peername")[0]
        opening = Opening(door=door, path=path, query=query, headers=head.headers, peer=peer)
        try:
            self.dialect.engine.advance(self.dialect.clock.true_us())
            talk = self.dialect.talk(opening)
            if isinstance(talk, Outgoing):
                writer.write(_wire(talk, keeps_alive=False))
                return
            writer.write(accepted(head.headers))
            await Conversation(self.reception, talk, ServerSocket(reader, writer), self.streams).run()
        except Exception as failure:  # noqa: BLE001 - whatever a dialect raises is kept and raised at the end
            self._failures.append(failure)

    async def _write_part(self, part: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(part)
        await writer.drain()
        # A reset overtakes bytes that the peer has not read: give it a turn to read them.
        await asyncio.sleep(0.01)
        _reset(writer)


class _Accept:
    """The callback of one door's server."""

    def __init__(self, server: SandboxServer, door: str) -> None:
        self._server = server
        self._door = door

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._server.serve(self._door, reader, writer)


# --- HTTP/1.1, as little of it as is needed


async def _read_head(reader: asyncio.StreamReader) -> _Head:
    raw = await reader.readuntil(b"\r\n\r\n")
    first, *lines = raw[:-4].decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequest(first)
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest(line)
        headers[name.strip().lower()] = value.strip()
    return _Head(method=parts[0], target=parts[1], version=parts[2], headers=headers)


async def _read_body(reader: asyncio.StreamReader, head: _Head) -> bytes:
    if "chunked" in head.headers.get("transfer-encoding", "").lower():
        return await _read_chunks(reader)
    length = head.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _LARGEST_BODY:
        raise BadRequest(f"content-length {length}")
    return await reader.readexactly(int(length))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while True:
        line = (await reader.readuntil(b"\r\n")).partition(b";")[0].strip()
        try:
            size = int(line, 16)
        except ValueError:
            raise BadRequest("chunk size") from None
        if size < 0 or len(body) + size > _LARGEST_BODY:
            raise BadRequest("body too large")
        body += (await reader.readexactly(size + 2))[:size]
        if size == 0:
            return bytes(body)


def _incoming(door: str, head: _Head, body: bytes, writer: asyncio.StreamWriter) -> Incoming:
    path, _, query = head.target.partition("?")
    return Incoming(
        door=door,
        method=head.method,
        path=path,
        query=query,
        headers=head.headers,
        body=body,
        peer=writer.get_extra_info("peername")[0],
    )


def _wire(answer: Outgoing, *, keeps_alive: bool) -> bytes:
    phrase = HTTPStatus(answer.status).phrase if answer.status in set(HTTPStatus) else "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines += [f"content-length: {len(answer.body)}", f"connection: {'keep-alive' if keeps_alive else 'close'}"]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + answer.body


def _reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    writer.transport.abort()
