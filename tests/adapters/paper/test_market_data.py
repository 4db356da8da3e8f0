"""Public answers of the reference adapter become values, digit for digit."""

from __future__ import annotations

from decimal import Decimal

from tests.toy import BTC
from unified.instrument import Instruments
from unified.operations import FetchCandles, FetchInstruments, FetchTickers, FetchTrades
from unified.order import Side
from unified_paper import market_data

ROW = {
    "symbol": "BTCUSDT",
    "bid": "59999.90",
    "bid_quantity": "1.50",
    "last": "60000",
    "open": "1",
    "high": "3",
    "low": "1",
    "volume": "9.000",
    "time_ms": 1_800_000_000_000,
}


def test_numbers_keep_their_digits_and_what_is_missing_is_none() -> None:
    (ticker,) = market_data.parse_tickers(FetchTickers(listing=Instruments([BTC])), {"tickers": [ROW]})
    assert str(ticker.bid) == "59999.90"
    assert str(ticker.volume_24h) == "9.000"
    assert ticker.ask is None


def test_tickers_that_the_listing_does_not_hold_are_left_out() -> None:
    assert market_data.parse_tickers(FetchTickers(listing=Instruments()), {"tickers": [ROW]}) == ()


def test_rules_of_an_instrument_are_read() -> None:
    row = {
        "symbol": "BTCUSDT",
        "base": "BTC",
        "quote": "USDT",
        "tick_size": "0.01",
        "lot_size": "0.001",
        "min_quantity": "0.001",
        "min_notional": "5",
        "trading": True,
    }
    assert market_data.parse_instruments(FetchInstruments(), {"instruments": [row]}) == (BTC,)


def test_an_earlier_page_of_trades_ends_before_the_oldest_of_this_one() -> None:
    row = {"id": 7, "price": "1.0", "quantity": "2", "side": "sell", "time_ms": 5}
    page = market_data.parse_trades(FetchTrades(instrument=BTC), {"trades": [row]})
    assert (page.items[0].side, page.items[0].price, page.cursor) == (Side.SELL, Decimal("1.0"), "7")
    assert market_data.trades_query(FetchTrades(instrument=BTC, cursor="7"))["before"] == "7"
    assert market_data.parse_trades(FetchTrades(instrument=BTC), {"trades": []}).cursor is None


def test_without_a_start_there_is_one_page_of_candles() -> None:
    row = {"opened_ms": 60_000, "open": "1", "high": "2", "low": "1", "close": "2", "volume": "3", "closed": True}
    assert market_data.parse_candles(FetchCandles(instrument=BTC), {"candles": [row]}).cursor is None
    later = market_data.parse_candles(FetchCandles(instrument=BTC, cursor="0"), {"candles": [row]})
    assert later.cursor == "60001"
