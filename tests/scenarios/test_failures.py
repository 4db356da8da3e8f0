"""The whole client over aiohttp, with the network's failures played by aioresponses: what leaves, and what is told.

No socket is opened. The venue is Binance, whose answers are written here in its own envelopes.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import aiohttp
import pytest
from aioresponses import CallbackResult, aioresponses

from unified.client import Client
from unified.errors import Kind, Outcome, ThrottleError, TransportError, VenueError
from unified.secret import Credentials, Secret
from unified.settings import OrderSettings

BASE = "https://api.binance.com"
CREDENTIALS = Credentials(key="dummy-key", secret=Secret("dummy-secret"))
LISTING = {
    "symbols": [
        {
            "symbol": "BTCUSDT",
            "status": "TRADING",
            "baseAsset": "BTC",
            "quoteAsset": "USDT",
            "quoteAssetPrecision": 8,
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000.00", "tickSize": "0.01"},
                {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000.0", "stepSize": "0.00001"},
                {"filterType": "NOTIONAL", "minNotional": "5.0"},
            ],
        }
    ]
}
ORDER = {
    "symbol": "BTCUSDT",
    "orderId": 28,
    "clientOrderId": "mine1",
    "price": "50000.00",
    "origQty": "0.01",
    "executedQty": "0",
    "cummulativeQuoteQty": "0",
    "status": "NEW",
    "timeInForce": "GTC",
    "type": "LIMIT",
    "side": "BUY",
    "time": 1763680000123,
    "updateTime": 1763680000123,
}
TERMS: Any = {"quantity": "0.01", "price": "50000", "client_order_id": "mine1"}
DEPTH = {"lastUpdateId": 1, "bids": [["59999.9", "1.0"]], "asks": [["60000.1", "2.0"]]}


class Played(aiohttp.ClientResponse):
    """What aioresponses 0.7.9 makes lacks an argument that aiohttp 3.14 wants; this is that argument."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, stream_writer=Mock(), **options)


class Stage:
    """Binance's hosts, played; `sent` names every request in order."""

    def __init__(self, played: aioresponses) -> None:
        self._played = played
        self.sent: list[str] = []
        self._always("GET", "time", lambda: {"serverTime": int(time.time() * 1000)})
        self._always("GET", "exchangeInfo", lambda: LISTING)

    def answer(self, method: str, call: str, *replies: Any) -> list[Any]:
        """What comes back, in order; the last one repeats. An exception is raised, a tuple is (status, body).

        The list that is answered may be changed for what comes later.
        """
        left = list(replies)

        def play(_url: Any, **_request: Any) -> CallbackResult:
            self.sent.append(f"{method} {call}")
            reply = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(reply, BaseException):
                raise reply
            status, body, headers = reply if isinstance(reply, tuple) else (200, reply, {})
            text = {"body": body} if isinstance(body, str) else {"payload": body}
            return CallbackResult(status=status, headers=headers, response_class=Played, **text)

        self._played.add(_address(call), method, callback=play, repeat=True)
        return left

    def _always(self, method: str, call: str, body: Any) -> None:
        self._played.add(
            _address(call),
            method,
            callback=lambda _url, **_request: CallbackResult(payload=body(), response_class=Played),
            repeat=True,
        )


def _address(call: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(BASE)}/api/v3/{call}(\?.*)?$")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with aioresponses() as played:
        yield Stage(played)


def trader() -> Client:
    """A client whose doubts end quickly, so that no test waits for a venue's real figures."""
    return Client("binance", credentials=CREDENTIALS, orders=OrderSettings(window_ms=200, visibility=0.0))


class TestReads:
    async def test_a_book_survives_a_time_out_a_page_and_a_cut_answer(self, stage: Stage) -> None:
        stage.answer(
            "GET", "depth", aiohttp.ServerDisconnectedError("gone"), (502, "<html>bad gateway</html>", {}), DEPTH
        )
        async with trader() as client:
            book = await client.book("BTC/USDT", depth=5)
        assert book.best_bid is not None
        assert str(book.best_bid.price) == "59999.9"
        assert stage.sent == ["GET depth"] * 3

    async def test_what_stays_broken_is_told_with_every_attempt(self, stage: Stage) -> None:
        stage.answer("GET", "depth", (200, '{"lastUpdateId": 1, "bids": [[', {}))
        async with trader() as client:
            with pytest.raises(TransportError) as caught:
                await client.book("BTC/USDT", depth=5)
        assert caught.value.kind is Kind.MALFORMED_RESPONSE
        assert len(caught.value.attempts) == 3

    async def test_a_ban_stops_everything_at_once(self, stage: Stage) -> None:
        stage.answer(
            "GET", "depth", (418, {"code": -1003, "msg": "Way too much request weight."}, {"Retry-After": "60"})
        )
        async with trader() as client:
            for _ in range(3):
                with pytest.raises(ThrottleError) as caught:
                    await client.book("BTC/USDT", depth=5)
                assert caught.value.kind is Kind.BANNED
                assert caught.value.retry_after == pytest.approx(60, abs=1)
        assert stage.sent == ["GET depth"]


class TestOrders:
    async def test_an_order_whose_answer_was_lost_is_found_and_not_sent_again(self, stage: Stage) -> None:
        stage.answer("POST", "order", aiohttp.ServerDisconnectedError("gone"))
        stage.answer("GET", "order", ORDER)
        async with trader() as client:
            order = await client.place_order("BTC/USDT", "buy", **TERMS)
        assert order.venue_order_id == "28"
        assert stage.sent == ["POST order", "GET order"]

    async def test_an_order_that_surely_does_not_exist_is_sent_again_under_its_id(self, stage: Stage) -> None:
        stage.answer("POST", "order", (503, {"code": -1007, "msg": "Timeout waiting for response."}, {}), ORDER)
        stage.answer("GET", "order", (400, {"code": -2013, "msg": "Order does not exist."}, {}))
        async with trader() as client:
            order = await client.place_order("BTC/USDT", "buy", **TERMS)
        assert order.client_order_id == "mine1"
        assert stage.sent.count("POST order") == 2
        assert stage.sent[1] == stage.sent[-2] == "GET order"

    async def test_a_refusal_is_final(self, stage: Stage) -> None:
        message = "Account has insufficient balance for requested action."
        stage.answer("POST", "order", (400, {"code": -2010, "msg": message}, {}))
        async with trader() as client:
            with pytest.raises(VenueError) as caught:
                await client.place_order("BTC/USDT", "buy", **TERMS)
        assert (caught.value.kind, caught.value.outcome) == (Kind.INSUFFICIENT_FUNDS, Outcome.REJECTED)
        assert stage.sent == ["POST order"]

    async def test_a_deadline_before_the_proof_says_unknown(self, stage: Stage) -> None:
        stage.answer("POST", "order", TimeoutError())
        looks = stage.answer("GET", "order", TimeoutError())
        async with trader() as client:
            await client.server_time()  # what has to be known before an order can leave takes none of its time
            order = await client.order("BTC/USDT", "buy", **TERMS)
            with pytest.raises(VenueError) as caught:
                await client.place(order, deadline=0.25)
            assert caught.value.outcome is Outcome.UNKNOWN
            looks[:] = [ORDER]
            assert await client.settle(timeout=10) == ()
        assert stage.sent.count("POST order") == 1
