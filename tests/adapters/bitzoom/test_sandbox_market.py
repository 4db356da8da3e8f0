from __future__ import annotations

import pytest

from tests.adapters.bitzoom.sandbox_rig import Rig
from unified.instrument import Product
from unified.sandbox.listing import MarketMode


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.wait(120)
    return rig


def test_the_time_is_told(rig: Rig) -> None:
    told = rig.get("/api/gateway/time").data["serverTime"]
    assert told == rig.dialect.now_ms


def test_precisions_are_those_of_the_listing(rig: Rig) -> None:
    row = rig.get("/api/v1/exchangeinfo").data["symbols"][0]
    assert (row["symbol"], row["pricePrecision"], row["quantityPrecision"], row["status"]) == (
        "BTCUSDT",
        2,
        3,
        "TRADING",
    )
    rig.dialect.engine.set_mode(rig.dialect.engine.instrument(Product.LINEAR, "BTCUSDT"), MarketMode.CLOSED)
    assert rig.get("/api/v1/exchangeinfo").data["symbols"][0]["status"] == "BREAK"


def test_a_day_is_told_for_one_symbol_or_for_all(rig: Rig) -> None:
    assert rig.get("/api/v1/ticker/hr24", symbol="BTCUSDT").data["symbol"] == "BTCUSDT"
    assert [row["symbol"] for row in rig.get("/api/v1/ticker/hr24").data] == ["BTCUSDT", "ETHUSDT"]
    assert rig.get("/api/v1/ticker/hr24", symbol="DOGE").code == -1120


def test_a_book_has_both_forms_of_levels_and_documented_depths_only(rig: Rig) -> None:
    book = rig.get("/api/v1/depth", symbol="BTCUSDT", limit=5).data
    assert (len(book["bids"][0]), set(book["asks"][0])) == (2, {"price", "amount"})
    assert rig.get("/api/v1/depth", symbol="BTCUSDT", limit=7).code == -1130


def test_candles_come_newest_first_because_no_order_is_promised(rig: Rig) -> None:
    rows = rig.get("/api/v1/klines", symbol="BTCUSDT", interval="1m", limit=3).data
    assert [row[0] for row in rows] == sorted((row[0] for row in rows), reverse=True)
    assert rig.get("/api/v1/klines", symbol="BTCUSDT", interval="1s").code == -1119


def test_trades_and_funding_are_told(rig: Rig) -> None:
    rig.place(type="MARKET", price=None)
    assert rig.get("/api/v1/trades", symbol="BTCUSDT").data[-1]["qty"] != "0"
    assert "lastFundingRate" in rig.get("/api/v1/premiumindex", symbol="BTCUSDT").data
