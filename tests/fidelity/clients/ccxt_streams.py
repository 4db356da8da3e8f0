"""ccxt.pro at any of the five venues: the book that it keeps, trades, its own order."""

from __future__ import annotations

import asyncio
from typing import Any

import ccxt.pro as ccxt

from tests.fidelity.clients.ccxt_async import options
from tests.fidelity.clients.telling import Script

_PRICE = 50_000.0
_CHANGES = 5
"""Of the book, until it is told: what it shows then was joined by deltas."""


def peer(script: Script) -> CcxtStreams:
    return CcxtStreams(script)


class CcxtStreams:
    def __init__(self, script: Script, key: str | None = None) -> None:
        self.script = script
        # At Coinbase ccxt signs subscriptions with keys of one kind only.
        known = script.account("second" if script.venue == "coinbase" else "main")
        self.name = "BTC/USD" if script.venue in ("kraken", "coinbase") else "BTC/USDT"
        self.exchange = getattr(ccxt, script.venue)(
            {
                "apiKey": key or known["key"],
                "secret": known["secret"],
                "password": known["passphrase"],
                "aiohttp_trust_env": True,
                "cafile": script.given["ca_file"],
                "enableRateLimit": False,
                "has": {"fetchCurrencies": False},
                "options": options(script),
            }
        )
        _point(self.exchange.urls["api"], script.venue, script.streams())

    def close(self) -> Any:
        return self.exchange.close()

    async def book(self) -> dict[str, Any]:
        found = await self.exchange.watch_order_book(self.name)
        for _ in range(_CHANGES):
            found = await self.exchange.watch_order_book(self.name)
        return {side: [row[:2] for row in found[side][:5]] for side in ("bids", "asks")}

    async def ticker(self) -> dict[str, Any]:
        # At Binance ccxt would take the small ticker, which the sandbox does not have.
        found = await self.exchange.watch_ticker(
            self.name, {"name": "ticker"} if self.script.venue == "binance" else {}
        )
        return {"last": found["last"]}

    async def trades(self) -> dict[str, Any]:
        found = (await self.exchange.watch_trades(self.name))[-1]
        return {"price": found["price"], "quantity": found["amount"], "side": found["side"]}

    async def own_order(self) -> dict[str, Any]:
        watching = asyncio.create_task(self.exchange.watch_orders(self.name))
        await asyncio.sleep(2)  # until it is subscribed: ccxt does not say
        quantity = float(self.script.quantity)
        made = await self.exchange.create_order(self.name, "limit", "buy", quantity, _PRICE)
        found = [order for order in await watching if order["id"] == made["id"]]
        told = found[-1]
        return {"side": told["side"], "price": told["price"], "quantity": told["amount"], "status": told["status"]}

    async def refused(self) -> dict[str, Any]:
        """A key that is not known, where own orders are watched."""
        stranger = type(self)(self.script, key="0" * 24)
        try:
            return {"orders": await stranger.exchange.watch_orders(self.name)}
        finally:
            await stranger.close()


def _point(api: dict[str, Any], venue: str, doors: dict[str, str]) -> None:
    """To the sandbox's streams instead of the venue's; paths stay."""
    base = next(iter(doors.values()))
    match venue:
        case "okx":
            api["ws"] = f"{base}/ws/v5"
        case "kraken":
            api["ws"] |= dict.fromkeys(("publicV2", "privateV2"), f"{base}/v2")
        case "coinbase":
            api["ws"] = base
        case "bybit":
            api["ws"]["public"]["spot"] = f"{base}/v5/public/spot"
            api["ws"]["private"] |= {"spot": {"unified": f"{base}/v5/private"}, "contract": f"{base}/v5/private"}
        case "binance":
            api["ws"]["spot"] = f"{doors['spot']}/ws"
            api["ws"]["ws-api"]["spot"] = f"{doors['spot']}/ws-api/v3"
