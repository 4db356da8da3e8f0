"""HTTP over aiohttp: bytes out, bytes in, once. Retries nothing, follows nothing, understands no answer.

`carrier.py` writes the bytes; the two are the only modules that import aiohttp for HTTP. What aiohttp would do by
itself and must not:

- it sends GET, PUT and DELETE a second time when a kept-alive connection dies (switched off);
- it takes bytes that came in on an idle connection for the answer to the next request (such a
  connection is closed unused, and another one taken);
- it follows redirects, with the key in the headers (never asked to);
- it inflates bodies without end (inflation is ours, `body.py`);
- its errors print signed addresses and key headers (none of them gets out, not even as a context).
"""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp

from unified.body import CountedBody, UnreadableBodyError, whole
from unified.carrier import (
    HEAD_BYTES_MAX,
    HEAD_LINES_MAX,
    NO_TIMEOUT,
    Answer,
    Connector,
    Flight,
    Stage,
    forget_idle,
    head_of,
    own_headers,
)
from unified.errors import ConfigurationError, Fault, Kind, Outcome, Scope, VenueError
from unified.http import HttpRequest, HttpResponse
from unified.patience import Patience, Wait
from unified.ports import Pool
from unified.settings import TransportSettings, check_address


class _RefusedAnswerError(Exception):
    """An answer came and cannot be used. The text is ours."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status


class AiohttpTransport:
    """A `Transport` over real sockets, with connections apart for orders and for reads."""

    def __init__(self, settings: TransportSettings | None = None) -> None:
        self._settings = settings or TransportSettings()
        self._trust = trust_of(self._settings.ca_file)
        self._patience = Patience()
        self._sessions: dict[Pool, aiohttp.ClientSession] = {}
        self._hosts: dict[str, str] = {}
        self._closed = False

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        """The whole answer. `timeout` in seconds covers everything from the pool's queue to the last byte.

        Raises VenueError, `not_sent` before the first byte was handed to the socket and `unknown` after
        it: `connect_failed`, `request_timeout`, `connection_lost`, `malformed_response`; and
        `invalid_request` for an address or a header that must not leave this machine.
        """
        host = self._checked(request)
        if self._closed:
            raise _failure(Kind.CONNECT_FAILED, Outcome.NOT_SENT, "The transport is closed.")
        if timeout <= 0:
            raise _failure(Kind.CONNECT_FAILED, Outcome.NOT_SENT, "No time was left to send it.")
        flight = Flight(request, asyncio.get_running_loop().time())
        try:
            with Wait(self._patience, flight.sent_at + timeout):
                return await self._read(await head_of(flight, self._sessions.get(pool) or self._opened(pool)), flight)
        except Exception as error:  # noqa: BLE001  # whatever it is, it becomes a failure of ours
            failure = _translated(error, host, flight.stage, timeout)
        # Out here, where nobody knows aiohttp's error any more: neither a context nor a frame of the traceback.
        raise failure

    async def aclose(self) -> None:
        """Close every connection. Requests under way fail, `unknown` if they had left. May be called twice."""
        self._closed = True
        while self._sessions:
            _, session = self._sessions.popitem()
            forget_idle(session)
            await session.close()
        self._patience.close()
        await asyncio.sleep(0)  # sockets are closed by callbacks of the next round of the loop

    async def _read(self, answer: Answer, flight: Flight) -> HttpResponse:
        received_at = asyncio.get_running_loop().time()
        try:
            if answer.status < 200 or 300 <= answer.status < 400:
                raise _RefusedAnswerError(answer.status, "redirects and changes of protocol are not followed")
            encoding = answer.headers.get("content-encoding", "").lower()
            if answer.content.is_eof():
                body = whole(answer.content.read_nowait(), self._settings.body_limit, encoding)
            else:
                body = await self._collected(answer.content, encoding)
        except UnreadableBodyError as error:
            raise _RefusedAnswerError(answer.status, str(error)) from None
        finally:
            # Closes the connection unless the whole answer was read.
            answer.close()
        return HttpResponse(
            status=answer.status,
            headers=answer.headers,
            body=body,
            sent_at=flight.sent_at,
            received_at=received_at,
            fresh_connection=flight.fresh,
        )

    async def _collected(self, content: Any, encoding: str) -> bytes:
        """A body that comes in pieces."""
        body = CountedBody(self._settings.body_limit, encoding, to_read=True)
        while not content.at_eof():
            body.feed(await content.readany())
        return body.finish()

    def _checked(self, request: HttpRequest) -> str:
        """The host that the request goes to, when all of it may go."""
        host = self._hosts.get(request.base)
        if host is None:
            try:
                host = self._hosts[request.base] = check_address(request.base)
            except ConfigurationError as error:
                raise _failure(Kind.INVALID_REQUEST, Outcome.NOT_SENT, f"{error}.") from None
        path = request.path
        if path[:1] != "/" or "?" in path or not _sendable(path + request.query):
            raise _failure(
                Kind.INVALID_REQUEST,
                Outcome.NOT_SENT,
                "The path or query holds characters that must be percent-encoded.",
            )
        headers = request.headers
        lines = "".join([*headers, *headers.values()])
        if not (lines.isascii() and lines.isprintable()):
            raise _failure(
                Kind.INVALID_REQUEST, Outcome.NOT_SENT, "A header holds characters other than printable ASCII."
            )
        return host

    def _opened(self, pool: Pool) -> aiohttp.ClientSession:
        settings = self._settings
        connector = Connector(
            direct=not settings.proxy,
            ssl=self._trust,
            limit=0,
            limit_per_host=settings.connections,
            keepalive_timeout=settings.keepalive,
            ttl_dns_cache=settings.dns_ttl,
            local_addr=(settings.source_address, 0) if settings.source_address else None,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            headers=own_headers(),
            skip_auto_headers=("Content-Type",),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=NO_TIMEOUT,
            auto_decompress=False,
            proxy=settings.proxy or None,
            max_line_size=HEAD_BYTES_MAX,
            max_field_size=HEAD_BYTES_MAX,
            max_headers=HEAD_LINES_MAX,
        )
        # No public switch exists. A test with a dying server keeps watch over it with every aiohttp.
        session._retry_connection = False
        self._sessions[pool] = session
        return session


def _sendable(target: str) -> bool:
    """Whether path and query can go out as they are: nothing in them needs an escape, or would be cut off."""
    return target.isascii() and target.isprintable() and " " not in target and "#" not in target


@cache
def trust_of(ca_file: str) -> ssl.SSLContext:
    """Whom to believe. Made once for all transports: reading the system's authorities takes milliseconds."""
    try:
        trust = ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        problem = f"ca_file: {Path(ca_file)} cannot be read as PEM certificates ({type(error).__name__})"
        raise ConfigurationError(problem) from None
    trust.minimum_version = ssl.TLSVersion.TLSv1_2
    return trust


# --- aiohttp's errors to ours; the first class that fits, in these orders

_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError, aiohttp.InvalidURL)
_NOT_CONNECTED: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "its name could not be resolved"),
    (aiohttp.ClientConnectorCertificateError, "its certificate is not trusted"),
    (aiohttp.ClientSSLError, "no TLS connection could be agreed"),
    (aiohttp.ClientProxyConnectionError, "the proxy cannot be reached"),
    (aiohttp.ClientHttpProxyError, "the proxy refused"),
    (TimeoutError, "none was free or made in time"),
)
_NO_ANSWER: tuple[tuple[type[Exception], Kind, str], ...] = (
    (TimeoutError, Kind.REQUEST_TIMEOUT, "did not answer in time"),
    (aiohttp.ClientPayloadError, Kind.CONNECTION_LOST, "cut its answer off"),
    (aiohttp.ClientConnectionError, Kind.CONNECTION_LOST, "closed the connection without an answer"),
    (OSError, Kind.CONNECTION_LOST, "closed the connection without an answer"),
)


def _translated(error: Exception, host: str, stage: Stage, timeout: float) -> VenueError:
    """The error in our words. Of aiohttp's only the class is looked at: its text may hold a signed address."""
    within = f" ({timeout:g} s)" if isinstance(error, TimeoutError) else ""
    if isinstance(error, _RefusedAnswerError):
        hint = f"{host} gave an unusable answer, HTTP {error.status}: {error}."
        return _unknown(Kind.MALFORMED_RESPONSE, hint, error.status)
    if stage is Stage.CONNECTING or isinstance(error, _NEVER_SENT):
        why = next((words for known, words in _NOT_CONNECTED if isinstance(error, known)), "it cannot be reached")
        return _failure(Kind.CONNECT_FAILED, Outcome.NOT_SENT, f"No connection to {host}: {why}{within}.")
    for known, kind, what in _NO_ANSWER:
        if isinstance(error, known):
            return _unknown(kind, f"{host} {what}{within}.")
    return _unknown(Kind.MALFORMED_RESPONSE, f"{host} gave an answer that is not HTTP.")


def _unknown(kind: Kind, hint: str, status: int | None = None) -> VenueError:
    return _failure(
        kind,
        Outcome.UNKNOWN,
        f"{hint} The request may have taken effect: check the state before repeating a write.",
        status,
    )


def _failure(kind: Kind, outcome: Outcome, hint: str, status: int | None = None) -> VenueError:
    return VenueError.of(Fault(kind=kind, outcome=outcome, scope=Scope.CONNECTION, http_status=status, hint=hint))
