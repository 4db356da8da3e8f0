"""The bytes of a request, and who sends them. What becomes of them on a real socket stands in test_transport.py."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aioresponses import aioresponses

from unified.carrier import Connector, Flight, Stage, head_of, wire
from unified.http import HttpRequest, Method

BASE = "https://api.venue.example"


def request(method: Method = Method.GET, body: bytes = b"", headers: dict[str, str] | None = None) -> HttpRequest:
    return HttpRequest(method=method, base=BASE, path="/api/order", query="a=%2B", headers=headers or {}, body=body)


def lines(sent: bytes) -> list[str]:
    return sent.partition(b"\r\n\r\n")[0].decode().split("\r\n")


def test_a_request_is_its_target_its_headers_and_ours() -> None:
    told = lines(wire(request(headers={"X-Key": "k"}), "api.venue.example"))
    assert told[:3] == ["GET /api/order?a=%2B HTTP/1.1", "Host: api.venue.example", "X-Key: k"]
    assert [line.partition(":")[0] for line in told[3:]] == ["User-Agent", "Accept", "Accept-Encoding"]


@pytest.mark.parametrize("name", ["Accept", "accept", "ACCEPT"])
def test_an_adapters_header_stands_in_place_of_ours_however_it_is_written(name: str) -> None:
    told = lines(wire(request(headers={name: "text/plain"}), "h"))
    assert [line for line in told if line.lower().startswith("accept:")] == [f"{name}: text/plain"]


@pytest.mark.parametrize(
    ("method", "body", "length"),
    [
        pytest.param(Method.GET, b"", None, id="a read without a body says nothing of one"),
        pytest.param(Method.GET, b"ab", "2", id="a body is measured with any method"),
        pytest.param(Method.POST, b"", "0", id="a write without a body says that it has none"),
        pytest.param(Method.DELETE, b"", "0", id="as does a cancel"),
    ],
)
def test_the_length_tells_where_a_request_ends(method: Method, body: bytes, length: str | None) -> None:
    sent = wire(request(method, body), "h")
    assert [line.partition(": ")[2] for line in lines(sent) if line.startswith("Content-Length")] == (
        [] if length is None else [length]
    )
    assert sent.endswith(b"\r\n\r\n" + body)


def test_what_is_no_ascii_is_never_written() -> None:
    with pytest.raises(UnicodeEncodeError):
        wire(request(headers={"X-Key": "\u20ac"}), "h")


async def test_a_test_double_of_aiohttp_is_asked_in_place_of_a_socket() -> None:
    connector = Connector(direct=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        with aioresponses() as played:
            played.get(f"{BASE}/api/order?a=%2B", exception=aiohttp.ServerDisconnectedError("played"))
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await head_of(Flight(request(), 0.0), session)


async def test_without_one_the_socket_is_asked() -> None:
    async with aiohttp.ClientSession(connector=Connector(direct=True)) as session:
        flight = Flight(HttpRequest(method=Method.GET, base="http://127.0.0.1:1", path="/"), 0.0)
        with pytest.raises(aiohttp.ClientConnectorError):
            await head_of(flight, session)
        assert flight.stage is Stage.CONNECTING


async def test_a_place_is_made_once() -> None:
    connector = Connector(direct=True)
    assert connector.place(BASE) is connector.place(BASE)
    assert connector.place("http://127.0.0.1:81").headers["Host"] == "127.0.0.1:81"
    await connector.close()
    await asyncio.sleep(0)
