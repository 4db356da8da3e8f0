"""Rows of the simulated Paper: texts without an exponent, and nothing where there is nothing."""

from __future__ import annotations

from tests.adapters.paper.sandbox_rig import Rig
from unified.instrument import Product
from unified.market_data import Interval
from unified_paper import sandbox_rows, sandbox_trade


def test_an_order_that_fills_is_told_with_its_fills() -> None:
    rig = Rig()
    placed = sandbox_trade.place(rig.call(**rig.market_order(quantity="0.02000")))
    assert (placed["status"], placed["filled_quantity"], placed["refusal"]) == ("filled", "0.02", "")
    account = rig.call().account
    fills = [sandbox_rows.fill_row(fill) for fill in account.fills]
    assert {row["order_id"] for row in fills} == {placed["id"]}
    assert {row["liquidity"] for row in fills} == {"taker"}
    assert sandbox_rows.balance_row(account.wallet(Product.SPOT), "ETH") == {
        "currency": "ETH",
        "free": "20",
        "locked": "0",
    }


def test_a_candle_is_closed_once_the_next_one_opens() -> None:
    rig = Rig()
    engine = rig.dialect.engine
    candle = engine.candles(engine.instrument(Product.SPOT, "BTCUSDT"), Interval.M1)[-1]
    assert [sandbox_rows.candle_row(candle, candle.closes_us + late)["closed"] for late in (-1, 0)] == [False, True]


def test_the_best_prices_of_a_day_are_those_of_the_book() -> None:
    rig = Rig()
    engine = rig.dialect.engine
    bitcoin = engine.instrument(Product.SPOT, "BTCUSDT")
    best = engine.book(bitcoin, 1).bids[0]
    row = sandbox_rows.ticker_row(engine, bitcoin)
    assert sandbox_rows.level_rows([best]) == [[row["bid"], row["bid_quantity"]]]
