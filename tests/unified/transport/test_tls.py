"""Whom the transport believes: certificates, redirects and proxies."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from tests.unified.transport.servers import (
    CANARY,
    OK,
    SHORT,
    Authority,
    Script,
    Server,
    answer,
    failure,
    open_transport,
    request,
    says,
    send,
    serving,
)
from unified.errors import ConfigurationError, Kind, Outcome
from unified.http import HttpRequest, Method
from unified.settings import TransportSettings
from unified.transport import AiohttpTransport


async def test_a_server_of_a_trusted_authority_is_spoken_to(authority: Authority) -> None:
    async with (
        serving(OK, OK, tls=authority.server("127.0.0.1")) as server,
        open_transport(ca_file=str(authority.file)) as transport,
    ):
        assert (await send(transport, server)).fresh_connection
        assert not (await send(transport, server)).fresh_connection


@pytest.mark.parametrize(
    ("name", "trusted"),
    [
        pytest.param("127.0.0.1", False, id="an authority that the system does not know"),
        pytest.param("other.example", True, id="a certificate of another host"),
    ],
)
async def test_other_servers_get_nothing(authority: Authority, name: str, trusted: bool) -> None:
    settings = {"ca_file": str(authority.file)} if trusted else {}
    async with serving(tls=authority.server(name)) as server, open_transport(**settings) as transport:
        error = await failure(transport, server)
        assert server.requests == []
    assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)
    assert "certificate" in error.hint


def test_a_ca_file_that_cannot_be_read_is_a_configuration_error(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("no certificate")
    for file in (empty, tmp_path / "absent.pem"):
        with pytest.raises(ConfigurationError, match="ca_file"):
            AiohttpTransport(TransportSettings(ca_file=str(file)))


OUTDATED = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")


@OUTDATED
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_a_server_that_offers_only_old_tls_gets_nothing(authority: Authority, version: ssl.TLSVersion) -> None:
    context = authority.server("127.0.0.1")
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    async with serving(OK, tls=context) as server, open_transport(ca_file=str(authority.file)) as transport:
        error = await failure(transport, request(server.base, method=Method.POST))
        assert server.requests == []
    assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)


async def test_control_the_oldest_tls_that_is_good_enough_is_spoken(authority: Authority) -> None:
    context = authority.server("127.0.0.1")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with serving(OK, tls=context) as server, open_transport(ca_file=str(authority.file)) as transport:
        assert (await send(transport, server)).status == 200


async def test_a_server_that_speaks_plain_http_where_tls_is_meant_gets_nothing() -> None:
    async with serving(OK) as server, open_transport() as transport:
        base = server.base.replace("http:", "https:")
        error = await failure(transport, request(base, query=f"signature={CANARY}", method=Method.POST), SHORT)
        assert server.requests == []
    assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)


@pytest.mark.parametrize("status", [302, 307, 308])
async def test_a_redirect_from_tls_to_plain_http_is_not_followed(authority: Authority, status: int) -> None:
    async with serving(OK) as plain:
        moved = answer(b"", f"Location: {plain.base}/api/v3/order", status=f"{status} Moved")
        tls = authority.server("127.0.0.1")
        async with serving(moved, tls=tls) as server, open_transport(ca_file=str(authority.file)) as transport:
            error = await failure(transport, request(server.base, method=Method.POST, body=b"quantity=1"))
            assert len(server.requests) == 1
        assert plain.connections == 0
    assert (error.kind, error.outcome) == (Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN)


# --- a proxy that answers in the place of the host

TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"
HTML = b"<html><body>Please log in</body></html>"
ANSWERED = [
    pytest.param(answer(HTML), id="a page instead of a tunnel"),
    pytest.param(answer(HTML, status="511 Network Authentication Required"), id="a page that wants a log-in"),
    pytest.param(answer(b"", "Location: http://127.0.0.1:9/", status="302 Found"), id="a redirect"),
    pytest.param(answer(HTML, status="503 Service Unavailable"), id="a proxy that is busy"),
    pytest.param(says(TUNNEL + answer(b"{}")), id="a tunnel that answers in plain HTTP"),
    pytest.param(says(TUNNEL), id="a tunnel that ends at once"),
    pytest.param(says(b"\x00\x01\x02"), id="what is no HTTP"),
]


@pytest.mark.parametrize("reply", ANSWERED)
async def test_a_proxy_that_answers_itself_sees_nothing_of_the_request(reply: bytes | Script) -> None:
    async with serving(reply) as proxy, open_transport(proxy=proxy.base) as transport:
        error = await failure(transport, _secret_order(), timeout=10 * SHORT)
        assert [line[:8] for line in proxy.requests] == [b"CONNECT "]
        assert CANARY.encode() not in b"".join(proxy.requests)
        assert proxy.connections == 1
    assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)


@pytest.mark.parametrize(
    ("name", "trusted"),
    [
        pytest.param("proxy.example", True, id="a certificate of its own"),
        pytest.param("127.0.0.1", False, id="a certificate that it made itself"),
    ],
)
async def test_a_proxy_that_reads_along_gets_nothing(authority: Authority, name: str, trusted: bool) -> None:
    settings = {"ca_file": str(authority.file)} if trusted else {}
    async with (
        _reading_along(authority.server(name)) as (proxy, read),
        open_transport(proxy=proxy.base, **settings) as t,
    ):
        error = await failure(t, _secret_order())
    assert read == []
    assert (error.kind, error.outcome) == (Kind.CONNECT_FAILED, Outcome.NOT_SENT)
    assert "certificate" in error.hint


async def test_control_a_proxy_with_the_hosts_certificate_reads_all(authority: Authority) -> None:
    settings = {"ca_file": str(authority.file)}
    async with (
        _reading_along(authority.server("127.0.0.1")) as (proxy, read),
        open_transport(proxy=proxy.base, **settings) as transport,
    ):
        assert (await send(transport, _secret_order())).status == 200
    assert CANARY.encode() in b"".join(read)


def _secret_order() -> HttpRequest:
    return request("https://127.0.0.1:9", query=f"signature={CANARY}", method=Method.POST, headers={"X-Key": CANARY})


@asynccontextmanager
async def _reading_along(tls: ssl.SSLContext) -> AsyncIterator[tuple[Server, list[bytes]]]:
    """A proxy that opens the tunnel to itself, and what it can read of what goes through."""
    read: list[bytes] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(TUNNEL)
        await writer.drain()
        with suppress(ssl.SSLError):
            await writer.start_tls(tls)
            read.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(OK)
            await writer.drain()
        writer.close()

    async with serving(script) as proxy:
        yield proxy, read
