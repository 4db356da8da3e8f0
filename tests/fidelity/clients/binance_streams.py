"""Binance's own SDK for spot: market streams, own orders over its WebSocket API; events come as the SDK's models."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from binance_common.configuration import ConfigurationWebSocketAPI, ConfigurationWebSocketStreams
from binance_sdk_spot.spot import Spot
from binance_sdk_spot.websocket_api.models import ExecutionReport

from tests.fidelity.clients.binance_spot import SpotSdk
from tests.fidelity.clients.inbox import Inbox
from tests.fidelity.clients.joined import CHANGES, JoinedBook
from tests.fidelity.clients.telling import Script


def peer(script: Script) -> SpotStreams:
    logging.disable()
    return SpotStreams(script)


class MarketStreams:
    """What both of Binance's SDKs do alike: a connection for the markets, and a book by the venue's recipe."""

    rest: Any
    """The REST client of the same SDK."""
    whole: Any
    """Its call for a book."""
    depth, day, trade = "diff_book_depth", "ticker", "trade"
    """What the streams are called."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.symbol = script.symbol
        self._streams: Any = None
        self._open: list[Any] = []

    async def close(self) -> None:
        for client in self._open:
            await client.close_connection(close_session=True)

    def client(self) -> Any:
        """That of the market streams."""
        raise NotImplementedError

    async def connected(self) -> Any:
        """One client carries all."""
        if self._streams is None:
            self._streams = self.client()
            await self._streams.create_connection()
            self._open.append(self._streams)
        return self._streams

    async def _market(self, name: str, **terms: Any) -> Inbox:
        inbox = Inbox()
        stream = await getattr(await self.connected(), name)(symbol=self.symbol.lower(), **terms)
        stream.on("message", inbox.put)
        return inbox

    async def book(self) -> dict[str, Any]:
        """A snapshot over REST, and the changes after it."""
        inbox = await self._market(self.depth, update_speed="100ms")
        await inbox.take()
        whole = self.rest.rows(await asyncio.to_thread(self.whole, symbol=self.symbol, limit=1000))
        book = JoinedBook()
        for side in ("bids", "asks"):
            for price, size in whole[side]:
                book.put(side, price, size)
        for _ in range(CHANGES):
            change = await inbox.take(lambda said: said.u > whole["lastUpdateId"])
            for side, levels in (("bids", change.b), ("asks", change.a)):
                for price, size in levels:
                    book.put(side, price, size)
        return book.top()

    async def ticker(self) -> dict[str, Any]:
        return {"last": (await (await self._market(self.day)).take()).c}

    async def trades(self) -> dict[str, Any]:
        found = await (await self._market(self.trade)).take()
        return {"price": found.p, "quantity": found.q, "side": "sell" if found.m else "buy"}


class SpotStreams(MarketStreams):
    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self.rest = SpotSdk(script)
        self.whole = self.rest.api.depth

    def client(self) -> Any:
        settings = ConfigurationWebSocketStreams(stream_url=self.script.streams()["spot"])
        return Spot(config_ws_streams=settings).websocket_streams

    async def own_order(self) -> dict[str, Any]:
        inbox = await self._account(self.script.account()["key"])
        await asyncio.to_thread(self.rest.buy, self.symbol, self.script.quantity)
        told = await inbox.take(lambda said: isinstance(said, ExecutionReport) and said.i == self.rest.order)
        status = {"NEW": "open"}.get(told.X, told.X)
        return {"side": told.S.lower(), "price": told.p, "quantity": told.q, "status": status}

    async def refused(self) -> dict[str, Any]:
        """A key that is not known."""
        return {"account": await self._account("0" * 64)}

    async def _account(self, key: str) -> Inbox:
        settings = ConfigurationWebSocketAPI(
            api_key=key,
            api_secret=self.script.account()["secret"],
            stream_url=f"{self.script.streams()['spot']}/ws-api/v3",
            timeout=20_000,
        )
        client, inbox = Spot(config_ws_api=settings).websocket_api, Inbox()
        await client.create_connection()
        self._open.append(client)
        account = await client.user_data_stream_subscribe_signature()
        account.stream.on("message", lambda said: inbox.put(said.actual_instance))
        return inbox
