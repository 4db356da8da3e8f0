"""coinbase-advanced-py's WSClient and WSUserClient at Coinbase: frames from a thread, read by its own types."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from coinbase.websocket import WebsocketResponse, WSClient, WSUserClient

from tests.fidelity.clients.coinbase_advanced import Coinbase
from tests.fidelity.clients.inbox import Inbox
from tests.fidelity.clients.joined import CHANGES, JoinedBook
from tests.fidelity.clients.playing import Refused
from tests.fidelity.clients.telling import Script

_SIDES = {"bid": "bids", "offer": "asks"}


def peer(script: Script) -> CoinbaseStreams:
    return CoinbaseStreams(script)


class CoinbaseStreams:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.base = script.streams()["rest"]
        self._open: list[WSClient | WSUserClient] = []

    async def close(self) -> None:
        for client in self._open:
            await asyncio.to_thread(client.close)

    async def _opened(self, kind: type[WSClient | WSUserClient], **known: str) -> tuple[Any, Inbox]:
        inbox = Inbox()
        client = kind(base_url=self.base, retry=False, on_message=lambda frame: inbox.put(_read(frame)), **known)
        await asyncio.to_thread(client.open)
        self._open.append(client)
        return client, inbox

    async def book(self) -> dict[str, Any]:
        client, inbox = await self._opened(WSClient)
        await asyncio.to_thread(client.level2, [self.script.symbol])
        book = JoinedBook()
        for _ in range(1 + CHANGES):
            for row in (await inbox.take(_of("l2_data"))).events[0].updates:
                book.put(_SIDES[row.side], row.price_level, row.new_quantity)
        return book.top()

    async def ticker(self) -> dict[str, Any]:
        client, inbox = await self._opened(WSClient)
        await asyncio.to_thread(client.ticker, [self.script.symbol])
        return {"last": (await inbox.take(_of("ticker"))).events[0].tickers[0].price}

    async def trades(self) -> dict[str, Any]:
        client, inbox = await self._opened(WSClient)
        await asyncio.to_thread(client.market_trades, [self.script.symbol])
        found = (await inbox.take(_of("market_trades"))).events[0].trades[0]
        # The documentation says that it is the maker's; the client leaves it as it comes.
        return {"price": found.price, "quantity": found.size, "side": {"BUY": "sell", "SELL": "buy"}[found.side]}

    async def own_order(self) -> dict[str, Any]:
        known = self.script.account()
        client, inbox = await self._opened(WSUserClient, api_key=known["key"], api_secret=known["secret"])
        await asyncio.to_thread(client.user, [self.script.symbol])
        await inbox.take(_of("user"))
        rest = Coinbase(self.script)
        await asyncio.to_thread(rest.buy, self.script.symbol, self.script.quantity)
        told = await inbox.take(lambda said: _of("user")(said) and rest.order in _orders(said))
        rest.close()
        row = _orders(told)[rest.order]
        status = {"OPEN": "open"}.get(row.status, row.status)
        side, price, quantity = row.order_side.lower(), row.limit_price, row.leaves_quantity
        return {"side": side, "price": price, "quantity": quantity, "status": status}

    async def refused(self) -> dict[str, Any]:
        """A key that is not known: the client shows the frame."""
        secret = self.script.account()["secret"]
        client, inbox = await self._opened(WSUserClient, api_key="organizations/dummy/apiKeys/dummy", api_secret=secret)
        await asyncio.to_thread(client.user, [self.script.symbol])
        return {"channel": (await inbox.take(_of("user"))).channel}


def _read(frame: str) -> WebsocketResponse | Refused:
    said = json.loads(frame)
    return Refused("error", said["message"]) if said.get("type") == "error" else WebsocketResponse(said)


def _of(channel: str) -> Callable[[WebsocketResponse], bool]:
    return lambda said: bool(said.channel == channel)


def _orders(said: WebsocketResponse) -> dict[str, Any]:
    return {row.order_id: row for row in said.events[0].orders or ()}
