"""python-kraken-sdk's WebSocket clients at Kraken spot: its own book with checksums, and frames as they came.

They have neither a proxy nor a URL among their options: the hosts are constants of the class, set here in subclasses,
which is how these clients are used anyhow.
"""

from __future__ import annotations

import asyncio
from typing import Any

from kraken.spot import SpotOrderBookClient, SpotWSClient

from tests.fidelity.clients.inbox import Inbox, Logged
from tests.fidelity.clients.joined import CHANGES
from tests.fidelity.clients.kraken_sdk import KrakenSdk
from tests.fidelity.clients.telling import Script

SYMBOL = "BTC/USD"


def peer(script: Script) -> KrakenStreams:
    return KrakenStreams(script)


class KrakenStreams:
    def __init__(self, script: Script) -> None:
        self.script = script
        host = script.streams("secure")["rest"].removeprefix("wss://")
        self.hosts = {"PROD_ENV_URL": host, "AUTH_PROD_ENV_URL": host}
        self._open: list[SpotWSClient] = []

    async def close(self) -> None:
        await asyncio.gather(*(client.stop() for client in self._open))
        for client in self._open:
            await client.async_close()

    async def _opened(self, kind: type[SpotWSClient], **more: Any) -> tuple[SpotWSClient, Inbox]:
        inbox = Inbox()

        async def told(message: Any = None, pair: str = "") -> None:
            inbox.put(client.get(pair) if pair else message)

        client = type("Here", (kind,), self.hosts)(callback=told, **more)
        client.proxy = self.script.control
        self._open.append(client)
        return client, inbox

    async def book(self) -> dict[str, Any]:
        client, inbox = await self._opened(SpotOrderBookClient)
        await client.start()
        await client.add_book([SYMBOL])
        for _ in range(CHANGES):
            await inbox.take()
        found = await inbox.take()
        if not found["valid"]:
            raise ValueError("its checksum is another")
        sides = {"bids": found["bid"], "asks": found["ask"]}
        return {side: [[price, row[0]] for price, row in held.items()][:5] for side, held in sides.items()}

    async def _public(self, channel: str) -> list[dict[str, Any]]:
        client, inbox = await self._opened(SpotWSClient)
        await client.start()
        await client.subscribe({"channel": channel, "symbol": [SYMBOL]})
        rows: list[dict[str, Any]] = (await inbox.take(lambda said: said.get("channel") == channel))["data"]
        return rows

    async def ticker(self) -> dict[str, Any]:
        return {"last": (await self._public("ticker"))[0]["last"]}

    async def trades(self) -> dict[str, Any]:
        found = (await self._public("trade"))[-1]
        return {"price": found["price"], "quantity": found["qty"], "side": found["side"]}

    async def own_order(self) -> dict[str, Any]:
        known = self.script.account()
        client, inbox = await self._opened(SpotWSClient, key=known["key"], secret=known["secret"], no_public=True)
        await client.start()
        await client.subscribe({"channel": "executions"})
        await inbox.take(lambda said: said.get("channel") == "executions")
        rest = KrakenSdk(self.script)
        await asyncio.to_thread(rest.buy, self.script.symbol, self.script.quantity)
        told: dict[str, Any] = {}
        while told.get("order_status") != "new":
            said = await inbox.take(lambda said: said.get("channel") == "executions")
            told |= next((row for row in said["data"] if row["order_id"] == rest.order), {})
        return {"side": told["side"], "price": told["limit_price"], "quantity": told["order_qty"], "status": "open"}

    async def refused(self) -> dict[str, Any]:
        """A key that is not known: the token for streams is refused, and its connection tells that."""
        secret = self.script.account()["secret"]
        client, inbox = await self._opened(SpotWSClient, key="0" * 56, secret=secret, no_public=True)
        starting = asyncio.create_task(client.start())
        try:
            raise Logged((await inbox.take(lambda said: "error" in said))["error"])
        finally:
            starting.cancel()  # it would wait for a socket for ever
