"""Every failure of aiohttp in the library's words, and no secret in any of them."""

from __future__ import annotations

import pickle
import ssl
import traceback
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from aioresponses import aioresponses

from tests.unified.transport.servers import (
    CANARY,
    HEAD_WITHOUT_END,
    SHORT,
    Script,
    answer,
    dies,
    failure,
    open_transport,
    request,
    says,
    send,
    serving,
    stalls,
)
from unified.errors import Kind, Outcome
from unified.http import Method

# --- secrets


FAILING: list[Any] = [
    pytest.param(dies, id="a connection that dies"),
    pytest.param(stalls, id="a time-out"),
    pytest.param(says(b"not HTTP\r\n\r\n"), id="an answer that is not HTTP"),
    pytest.param(says(HEAD_WITHOUT_END + b"9\r\na"), id="a body that is cut"),
    pytest.param(says(b"HTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n"), id="a redirect"),
    pytest.param(answer(b"{}", "Content-Encoding: gzip"), id="broken gzip"),
    pytest.param(None, id="no server"),
]


@pytest.mark.parametrize("script", FAILING)
async def test_no_secret_is_in_anything_that_an_error_shows(script: Script | bytes | None) -> None:
    async with serving(*([script] if script else [])) as server, open_transport() as transport:
        secret = request(
            "http://127.0.0.1:1" if script is None else server.base,
            query=f"signature={CANARY}",
            method=Method.POST,
            body=f"passphrase={CANARY}".encode(),
            headers={"X-MBX-APIKEY": CANARY},
        )
        error = await failure(transport, secret, timeout=SHORT)
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = [str(error), repr(error), repr(error.args), repr(vars(error)), repr(pickle.dumps(error))]
    shown += traceback.TracebackException.from_exception(error, capture_locals=True).format()
    assert CANARY not in "".join(_without_test_frames(shown))


def _without_test_frames(lines: list[str]) -> list[str]:
    """The frames of this file hold the canary by design."""
    return [line for line in lines if "test_failures.py" not in line]


# --- aiohttp's failures, played by aioresponses


class Played(aiohttp.ClientResponse):
    """What aioresponses 0.7.9 makes lacks an argument that aiohttp 3.14 wants; this is that argument."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, stream_writer=Mock(), **options)


VENUE = "https://api.venue.example"
KEY: Any = Mock(host="api.venue.example", port=443, is_ssl=True, ssl=True)
PLAYED = [
    pytest.param(TimeoutError(), Kind.REQUEST_TIMEOUT, Outcome.UNKNOWN, id="a time-out"),
    pytest.param(
        aiohttp.ServerDisconnectedError(CANARY), Kind.CONNECTION_LOST, Outcome.UNKNOWN, id="the server went away"
    ),
    pytest.param(aiohttp.ClientOSError(104, CANARY), Kind.CONNECTION_LOST, Outcome.UNKNOWN, id="a reset"),
    pytest.param(aiohttp.ClientPayloadError(CANARY), Kind.CONNECTION_LOST, Outcome.UNKNOWN, id="a body that is cut"),
    pytest.param(
        aiohttp.ClientResponseError(Mock(), (), message=CANARY),
        Kind.MALFORMED_RESPONSE,
        Outcome.UNKNOWN,
        id="an unreadable head",
    ),
    pytest.param(ValueError(CANARY), Kind.MALFORMED_RESPONSE, Outcome.UNKNOWN, id="something that nobody foresaw"),
    pytest.param(
        aiohttp.ClientConnectorError(KEY, OSError(111, CANARY)),
        Kind.CONNECT_FAILED,
        Outcome.NOT_SENT,
        id="a refused connection",
    ),
    pytest.param(
        aiohttp.ClientConnectorDNSError(KEY, OSError(-2, CANARY)),
        Kind.CONNECT_FAILED,
        Outcome.NOT_SENT,
        id="an unknown name",
    ),
    pytest.param(
        aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError(CANARY)),
        Kind.CONNECT_FAILED,
        Outcome.NOT_SENT,
        id="a certificate that is not trusted",
    ),
    pytest.param(
        aiohttp.ClientProxyConnectionError(KEY, OSError(111, CANARY)),
        Kind.CONNECT_FAILED,
        Outcome.NOT_SENT,
        id="a proxy that is away",
    ),
]


@pytest.mark.parametrize(("cause", "kind", "outcome"), PLAYED)
async def test_every_failure_of_aiohttp_becomes_ours(cause: Exception, kind: Kind, outcome: Outcome) -> None:
    with aioresponses() as played:
        played.post(f"{VENUE}/api/v3/order", exception=cause)
        async with open_transport() as transport:
            error = await failure(transport, request(VENUE, method=Method.POST))
    assert (error.kind, error.outcome) == (kind, outcome)
    assert error.__context__ is None
    assert CANARY not in str(error)


@pytest.mark.parametrize("status", [200, 400, 404, 418, 429, 500, 503])
async def test_a_status_is_for_the_adapter_to_judge(status: int) -> None:
    with aioresponses() as played:
        played.get(
            f"{VENUE}/api/v3/order",
            status=status,
            body=b'{"code":1}',
            headers={"Retry-After": "7"},
            response_class=Played,
        )
        async with open_transport() as transport:
            response = await send(transport, request(VENUE))
    assert (response.status, response.body, response.header("retry-after")) == (status, b'{"code":1}', "7")
