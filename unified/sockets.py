"""WebSockets over aiohttp: frames in, frames out. Understands no frame, reconnects never.

The only module that imports aiohttp for WebSockets. Certificates are verified as for HTTP (`transport.py`); pings of
the venue are answered by aiohttp; whatever aiohttp raises comes out as a VenueError without its text, which may hold
a token.
"""

from __future__ import annotations

import asyncio
import ssl

import aiohttp

from unified.errors import Fault, Kind, Outcome, Scope, VenueError
from unified.settings import TransportSettings
from unified.transport import trust_of
from unified.weight import TIMES, WORST, weight_of

_FRAMES = (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY)
LARGEST_FRAME = 32 * 2**20
"""Bytes. Full books of Coinbase are several MB; a frame beyond this is no frame of a venue. With all that is read of
it, a frame takes `TIMES` as much at most."""
CLOSE_SECONDS = 1.0
"""How long a polite end may take."""


class AiohttpSocket:
    """A `Socket` over aiohttp."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def receive(self) -> str | bytes:
        """The next text or binary frame. Raises `connection_lost` when there are no more, or one beyond measure."""
        message = await self._socket.receive()
        if message.type in _FRAMES:
            data: str | bytes = message.data
            if _is_too_much(data):
                raise lost(None, f"a frame ({len(data)} characters) would become too many values to hold")
            return data
        raise lost(self._socket.close_code)

    async def send(self, frame: str) -> None:
        """Hand a text frame over. Raises `connection_lost`."""
        try:
            await self._socket.send_str(frame)
        except (aiohttp.ClientError, OSError, RuntimeError):
            raise lost(self._socket.close_code) from None

    async def ping(self) -> None:
        """Send a ping of the protocol. Raises `connection_lost`."""
        try:
            await self._socket.ping()
        except (aiohttp.ClientError, OSError, RuntimeError):
            raise lost(self._socket.close_code) from None

    async def aclose(self) -> None:
        """Say goodbye, and close after a second in any case. May be called twice."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close()
        except (TimeoutError, aiohttp.ClientError, OSError, RuntimeError):
            return  # it is gone either way


class AiohttpDialer:
    """A `Dialer` over real sockets."""

    def __init__(self, settings: TransportSettings | None = None) -> None:
        self._settings = settings or TransportSettings()
        self._trust: ssl.SSLContext = trust_of(self._settings.ca_file)
        self._session: aiohttp.ClientSession | None = None

    async def connect(self, address: str, *, timeout: float) -> AiohttpSocket:
        """A connection to a ws or wss address. Raises `connect_failed` (not_sent)."""
        try:
            async with asyncio.timeout(timeout):
                socket = await self._opened().ws_connect(
                    address,
                    max_msg_size=LARGEST_FRAME,
                    proxy=self._settings.proxy or None,
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
                    autoping=True,
                    ssl=self._trust,
                )
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            status = getattr(error, "status", None)
            raise not_connected(type(error).__name__, status if isinstance(status, int) else None) from None
        return AiohttpSocket(socket)

    async def aclose(self) -> None:
        """Close every connection. May be called twice."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()
            await asyncio.sleep(0)  # sockets are closed by callbacks of the next round of the loop

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0,
                    ttl_dns_cache=self._settings.dns_ttl,
                    local_addr=(self._settings.source_address, 0) if self._settings.source_address else None,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            )
        return self._session


def _is_too_much(frame: str | bytes) -> bool:
    most = TIMES * LARGEST_FRAME
    return len(frame) * WORST > most and weight_of(frame) > most


def lost(code: int | None, what: str = "the stream's connection ended") -> VenueError:
    """The connection is gone; what was sent on it and not answered has an unknown outcome."""
    told = None if code is None else str(code)
    return VenueError.of(Fault(kind=Kind.CONNECTION_LOST, scope=Scope.CONNECTION, code=told, message=what))


def not_connected(why: str, status: int | None = None) -> VenueError:
    """No connection came about."""
    banned = status == 429
    fault = Fault(
        kind=Kind.RATE_LIMITED if banned else Kind.CONNECT_FAILED,
        outcome=Outcome.NOT_SENT,
        scope=Scope.IP if banned else Scope.CONNECTION,
        http_status=status,
        message=f"no stream connection: {why}",
    )
    return VenueError.of(fault)
