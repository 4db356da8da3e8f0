"""A proxy that stands in for the venues' hosts: it ends TLS with a test's certificate and passes the bytes on.

Other people's clients are sent here by the variables that every HTTP client of Python knows (HTTPS_PROXY and the
like). So they run as they were published, with the host names they ship with, and none of them is patched. A plain
request to the proxy itself is for the stage: see `Control`. Reads nothing of what goes through.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Self

Control = Callable[[str], None]
"""Is told the path of each plain request: how a program says what it does next."""


class Tunnel:
    """`async with Tunnel(tls, routes, control) as tunnel:` serves `tunnel.url` until the block ends."""

    def __init__(self, tls: ssl.SSLContext, routes: Mapping[str, str], control: Control) -> None:
        self._tls = tls
        self._routes = routes
        """Host -> base URL of what answers for it."""
        self._control = control
        self._tasks: set[asyncio.Task[None]] = set()
        self.strays: list[str] = []
        """Hosts that were asked for and are no venue's."""
        self.failures: list[Exception] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.failures and error is None:
            raise ExceptionGroup("the stage failed", self.failures)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split("\r\n", 1)[0].split(" ")
            if method == "CONNECT":
                await self._connect(target.partition(":")[0], reader, writer)
            else:
                self._told(target)
                writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        writer.close()

    def _told(self, path: str) -> None:
        try:
            self._control(path)
        except Exception as failure:  # noqa: BLE001 - raised again when the block ends
            self.failures.append(failure)

    async def _connect(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if host not in self._routes:
            self.strays.append(host)
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        await writer.start_tls(self._tls)
        await _pass_on(self._routes[host], reader, writer)


@asynccontextmanager
async def secured(base: str, tls: ssl.SSLContext) -> AsyncIterator[str]:
    """The URL of streams at a base behind TLS: for clients that take a URL, but no proxy and no plain socket."""
    tasks = set[asyncio.Task[None]]()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(ConnectionError, asyncio.CancelledError, ssl.SSLError):
            await _pass_on(base, reader, writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"wss://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass_on(base: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Both ways between a connection and what answers at this base, until either side ends."""
    address, _, port = base.removeprefix("http://").partition(":")
    far_reader, far_writer = await asyncio.open_connection(address, int(port))
    try:
        there = asyncio.ensure_future(_pour(reader, far_writer))
        await _pour(far_reader, writer)
        there.cancel()
    finally:
        far_writer.close()


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Everything, until either side ends."""
    with suppress(ConnectionError, ssl.SSLError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()
