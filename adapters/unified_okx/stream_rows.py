"""Reading the rows of OKX's streams: public rows as the fetches read them, and the story of own orders. Sends nothing.

Source: OKX API v5 docs, #order-book-trading-market-data (2026-07-09), #order-book-trading-trade-ws-order-channel
(2026-07-08), #public-data-websocket (2026-06-29).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from unified.errors import VenueError
from unified.feeds import Event, Own, Unclear
from unified.instrument import Instrument
from unified.market_data import Candle, FundingRate, MarkPrice, Ticker, Trade
from unified.order import Fill
from unified.watches import (
    WatchCandles,
    WatchExecutions,
    WatchFundingRate,
    WatchMarkPrice,
    WatchTicker,
    WatchTrades,
)
from unified.wire import Json, at_ms_or_none, decimal, obj, text_or_none
from unified_okx.candles import candle_of
from unified_okx.market_data import funding_of, ticker_of, trade_of
from unified_okx.order_rows import fill_of, order_of
from unified_okx.symbols import base, own_instrument

Row = Mapping[str, Any]


def read_ticker(watch: WatchTicker, row: Row) -> Ticker:
    return ticker_of(watch.instrument, row)


def read_trade(watch: WatchTrades, row: Row) -> Trade:
    return trade_of(watch.instrument, row)


def read_candle(watch: WatchCandles, row: Json) -> Candle:
    return candle_of(watch.instrument, watch.interval, row)


def read_mark_price(watch: WatchMarkPrice, row: Row) -> MarkPrice:
    return MarkPrice(instrument=watch.instrument, mark_price=decimal(row, "markPx"), time=at_ms_or_none(row, "ts"))


def read_funding(watch: WatchFundingRate, row: Row) -> FundingRate:
    return funding_of(watch.instrument, row)


class Orders:
    """The channel of own orders: without a counter; each row tells a state, and the fill that led to it if one did."""

    def __init__(self, watch: WatchExecutions) -> None:
        self._watch = watch

    def receive(self, rows: Iterable[Json]) -> list[Event]:
        """States and fills; `Unclear` where a row cannot be read, or a stop is behind it."""
        return [event for row in rows for event in self._report(obj(row, "data[]"))]

    def _report(self, row: Row) -> Iterable[Event]:
        instrument = own_instrument(self._watch.listing, row, self._watch.product)
        if instrument is None:
            return ()
        try:
            order, fill = order_of(instrument, row), _fill_in(instrument, row)
        except VenueError:
            return (Unclear(self._watch),)  # the order itself can be asked for
        events: list[Event] = [] if fill is None else [Own(self._watch, fill)]
        events.append(Own(self._watch, order))
        # What a triggered stop has become is an order of its own here; the stop's row has to be asked for.
        if text_or_none(row, "algoId"):
            events.append(Unclear(self._watch))
        return events


def _fill_in(instrument: Instrument, row: Row) -> Fill | None:
    """The execution that a row tells, if it is about one: then it has the id of a trade."""
    if not text_or_none(row, "tradeId") or not base(instrument, row, "fillSz"):
        return None
    return fill_of(instrument, row, "fillFee", "fillFeeCcy")
