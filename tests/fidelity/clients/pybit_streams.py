"""pybit's WebSocket at Bybit: callbacks from a thread of its own; a refused login is told in a log alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Any

from pybit.unified_trading import WebSocket

from tests.fidelity.clients.bybit_pybit import Pybit
from tests.fidelity.clients.inbox import Inbox, Log, Logged
from tests.fidelity.clients.joined import CHANGES, JoinedBook
from tests.fidelity.clients.telling import Script


def peer(script: Script) -> PybitStreams:
    return PybitStreams(script)


class PybitStreams:
    def __init__(self, script: Script) -> None:
        self.script = script
        self._open: list[WebSocket] = []

    def close(self) -> None:
        for socket in self._open:
            socket.exit()

    async def _public(self, listen: Callable[[WebSocket, Inbox], None]) -> Inbox:
        inbox = Inbox()
        socket = await self._opened(self.script.product)
        await asyncio.to_thread(listen, socket, inbox)
        return inbox

    async def _opened(self, channel: str, **known: Any) -> WebSocket:
        socket = await asyncio.to_thread(WebSocket, channel, testnet=False, restart_on_error=False, **known)
        self._open.append(socket)
        return socket

    async def book(self) -> dict[str, Any]:
        # What it hands on is the book that it goes on to change: it is copied while its thread waits.
        inbox = await self._public(
            lambda socket, to: socket.orderbook_stream(50, self.script.symbol, lambda said: to.put(deepcopy(said)))
        )
        for _ in range(CHANGES):
            await inbox.take()
        found, book = (await inbox.take())["data"], JoinedBook()
        # It has joined them already, but appends new levels wherever they belong.
        for side, name in (("bids", "b"), ("asks", "a")):
            for price, size in found[name]:
                book.put(side, price, size)
        return book.top()

    async def ticker(self) -> dict[str, Any]:
        inbox = await self._public(lambda socket, to: socket.ticker_stream(self.script.symbol, to.put))
        return {"last": (await inbox.take())["data"]["lastPrice"]}

    async def trades(self) -> dict[str, Any]:
        inbox = await self._public(lambda socket, to: socket.trade_stream(self.script.symbol, to.put))
        found = (await inbox.take())["data"][-1]
        return {"price": found["p"], "quantity": found["v"], "side": found["S"].lower()}

    async def own_order(self) -> dict[str, Any]:
        known, orders, log = self.script.account(), Inbox(), Inbox()
        Log(log, "pybit._websocket_stream", logging.DEBUG)
        socket = await self._private(known["key"])
        await asyncio.to_thread(socket.order_stream, orders.put)
        await log.take(lambda line: line.startswith("Subscription to") and line.endswith("successful."))
        rest = Pybit(self.script)
        await asyncio.to_thread(rest.buy, self.script.symbol, self.script.quantity)
        told = await orders.take(lambda said: said["data"][0]["orderId"] == rest.order)
        rest.close()
        row = told["data"][0]
        status = {"New": "open"}.get(row["orderStatus"], row["orderStatus"])
        return {"side": row["side"].lower(), "price": row["price"], "quantity": row["qty"], "status": status}

    async def refused(self) -> dict[str, Any]:
        """A key that is not known: what it raises then ends in the log of the library below it."""
        log = Inbox()
        Log(log, "websocket", logging.ERROR)
        await self._private("0" * 18)
        raise Logged(await log.take())

    def _private(self, key: str) -> Awaitable[WebSocket]:
        """Its own second until the login expires is too short for a machine that is busy."""
        return self._opened("private", api_key=key, api_secret=self.script.account()["secret"], private_auth_expire=60)
