"""Servers on loopback that die, stall, cut, dribble, flood and lie, and the transport that meets them. No test."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from unified.errors import VenueError
from unified.http import HttpRequest, HttpResponse, Method
from unified.ports import Pool, Transport
from unified.settings import TransportSettings
from unified.transport import AiohttpTransport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CANARY = "c4n4ryS3cr3t"
SHORT = 0.08
"""Seconds, where a test must see a time-out; nothing else waits."""

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers the n-th request with the n-th script: bytes, or a coroutine that has the streams to itself."""

    def __init__(self, *answers: bytes | Script) -> None:
        self._answers = list(answers)
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[bytes] = []
        self._news = asyncio.Event()
        self.connections = 0
        self.peers: list[str] = []
        self.port = 0
        self.scheme = "http"

    @property
    def base(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=tls, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        self.scheme = "https" if tls else "http"

    async def stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def asked(self, count: int) -> None:
        """Wait until so many requests have arrived."""
        while len(self.requests) < count:
            self._news.clear()
            await self._news.wait()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.peers.append(writer.get_extra_info("peername")[0])
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                self.requests.append(await _whole_request(reader))
                self._news.set()
                answer = self._answers.pop(0)
                if isinstance(answer, bytes):
                    writer.write(answer)
                    await writer.drain()
                else:
                    await answer(reader, writer)
        writer.transport.abort()


async def _whole_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    sizes = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(sizes[0]) if sizes else 0)


async def dies(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def closes(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def half_closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write_eof()
    await reader.read()


async def stalls(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


def says(data: bytes, then: Script = closes) -> Script:
    """These bytes, and then the end."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        await then(reader, writer)

    return script


def forever(start: bytes, more: bytes) -> Script:
    """An answer without an end, as fast as it is taken."""

    async def script(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.transport.is_closing():
            writer.write(more)
            await writer.drain()

    return script


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@asynccontextmanager
async def serving(*answers: bytes | Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(*answers)
    await server.start(tls)
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def open_transport(**settings: Any) -> AsyncIterator[AiohttpTransport]:
    transport = AiohttpTransport(TransportSettings(**settings))
    try:
        yield transport
    finally:
        await transport.aclose()


def request(
    base: str,
    path: str = "/api/v3/order",
    query: str = "",
    method: Method = Method.GET,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> HttpRequest:
    return HttpRequest(method=method, base=base, path=path, query=query, body=body, headers=headers or {})


async def send(
    transport: Transport, what: HttpRequest | Server, timeout: float = 10.0, pool: Pool = Pool.READS
) -> HttpResponse:
    asked = request(what.base) if isinstance(what, Server) else what
    return await transport.send(asked, timeout=timeout, pool=pool)


async def failure(
    transport: Transport, what: HttpRequest | Server, timeout: float = 10.0, pool: Pool = Pool.READS
) -> VenueError:
    with pytest.raises(VenueError) as caught:
        await send(transport, what, timeout, pool)
    return caught.value


async def rounds() -> None:
    """Let both ends of a loopback socket do what they have to."""
    for _ in range(20):
        await asyncio.sleep(0.001)


HEAD_WITHOUT_END = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + bytes(0x10000) + b"\r\n"


class Authority:
    """A certificate authority made for a test, and the server identities it issues."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's authority")])
        self.file = folder / "ca.pem"
        certificate = self._issued(self._name, self._key.public_key(), x509.BasicConstraints(ca=True, path_length=0))
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, *names: str) -> ssl.SSLContext:
        """What a server shows that has these host names or addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        holder = x509.SubjectAlternativeName([_general(name) for name in names])
        certificate = self._issued(x509.Name([]), key.public_key(), holder)
        file = self._folder / f"{names[0]}.pem"
        file.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _issued(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=True)
            .sign(self._key, hashes.SHA256())
        )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
