"""Binance's own SDK for USD-M: its market streams, on the routes that it chooses. No account: see the plays."""

from __future__ import annotations

import logging
from typing import Any

from binance_common.configuration import ConfigurationWebSocketStreams
from binance_sdk_derivatives_trading_usds_futures import DerivativesTradingUsdsFutures

from tests.fidelity.clients.binance_streams import MarketStreams
from tests.fidelity.clients.binance_usdm import UsdmSdk
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
