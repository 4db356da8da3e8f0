from __future__ import annotations

from decimal import Decimal

from tests.adapters.binance_dialect.test_stream import LINEAR, SPOT
from unified.order import Side
from unified.watches import WatchFundingRate, WatchTicker, WatchTrades
from unified.wire import sent_ms
from unified_binance_dialect.stream_rows import NOTHING, read_funding, read_ticker, read_trade, trade_id

BEST = {"u": 1, "s": "BTCUSDT", "b": "10.5", "B": "1", "a": "11", "A": "2"}
DAY = {"e": "24hrTicker", "E": 5000, "b": "9", "B": "1", "a": "12", "A": "2", "c": "10", "v": "100", "q": "1000"}


def test_the_newer_best_prices_stand_in_for_those_of_the_day() -> None:
    watch = WatchTicker(instrument=SPOT)
    whole = read_ticker(watch, (BEST, DAY))
    assert (whole.bid, whole.ask, whole.last, whole.volume_24h) == (
        Decimal("10.5"),
        Decimal(11),
        Decimal(10),
        Decimal(100),
    )
    assert read_ticker(watch, (NOTHING, DAY)).bid == 9
    alone = read_ticker(watch, (BEST, NOTHING))
    assert (alone.bid, alone.last, alone.time) == (Decimal("10.5"), None, None)
    empty = read_ticker(watch, ({**BEST, "b": "0.00"}, NOTHING))
    assert (empty.bid, empty.bid_quantity) == (None, None), "an empty side is written as zero"


def test_an_aggregate_has_a_number_of_its_own() -> None:
    row = {"e": "aggTrade", "a": 7, "t": 8, "p": "1", "q": "2", "T": 3000, "m": True}
    assert trade_id(row) == "7"
    assert trade_id({**row, "e": "trade"}) == "8"
    trade = read_trade(WatchTrades(instrument=LINEAR), row)
    assert trade.side is Side.SELL, "the buyer was the maker"


def test_funding_leaves_out_what_the_stream_does_not_tell() -> None:
    row = {"E": 1000, "p": "5", "i": "0", "r": "-0.0001", "T": 28_800_000}
    funding = read_funding(WatchFundingRate(instrument=LINEAR), row)
    assert (funding.rate, funding.interval, funding.index_price) == (Decimal("-0.0001"), None, None)
    assert funding.next_time == sent_ms(28_800_000)
