"""Binance's own SDK for USD-M: its market streams and its account, on the routes that it chooses."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from binance_common.configuration import ConfigurationWebSocketStreams
from binance_sdk_derivatives_trading_usds_futures import DerivativesTradingUsdsFutures
from binance_sdk_derivatives_trading_usds_futures.websocket_streams.models import OrderTradeUpdate

from tests.fidelity.clients.binance_streams import MarketStreams
from tests.fidelity.clients.binance_usdm import UsdmSdk
from tests.fidelity.clients.inbox import Inbox
from tests.fidelity.clients.telling import Script


def peer(script: Script) -> UsdmStreams:
    logging.disable()
    return UsdmStreams(script)


class UsdmStreams(MarketStreams):
    depth = "diff_book_depth_streams"
    day = "individual_symbol_ticker_streams"
    trade = "aggregate_trade_streams"

    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self.rest = UsdmSdk(script)
        self.whole = self.rest.api.order_book

    def client(self) -> Any:
        settings = ConfigurationWebSocketStreams(stream_url=self.script.streams()["linear"])
        return DerivativesTradingUsdsFutures(config_ws_streams=settings).websocket_streams

    async def own_order(self) -> dict[str, Any]:
        key = self.rest.rows(await asyncio.to_thread(self.rest.api.start_user_data_stream))["listenKey"]
        inbox, streams = Inbox(), await self.connected()
        stream = await streams.user_data(key)
        stream.on("message", lambda said: inbox.put(said.actual_instance))
        await asyncio.to_thread(self.rest.buy, self.symbol, self.script.quantity)
        told = await inbox.take(lambda said: isinstance(said, OrderTradeUpdate) and said.o.i == self.rest.order)
        status = {"NEW": "open"}.get(told.o.X, told.o.X)
        return {"side": told.o.S.lower(), "price": told.o.p, "quantity": told.o.q, "status": status}

    async def refused(self) -> dict[str, Any]:
        """A key that is not known gets no listen key."""
        self.rest.key = "0" * 64
        stranger = DerivativesTradingUsdsFutures(config_rest_api=self.rest.settings()).rest_api
        return {"account": await asyncio.to_thread(stranger.start_user_data_stream)}
