"""What simulated market streams say, and that it leads from the snapshot of REST to the engine's own book."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from tests.adapters.binance.sandbox_rig import Rig
from tests.adapters.binance_dialect.test_sandbox_stream import Listener
from unified.instrument import Product


@pytest.mark.parametrize(
    ("door", "path", "rest"), [("spot", "/stream", "/api/v3"), ("linear", "/public/stream", "/fapi/v1")]
)
def test_a_snapshot_and_what_follows_it_make_the_book(door: str, path: str, rest: str) -> None:
    rig = Rig()
    listener = Listener(rig, door, path)
    listener.subscribe("btcusdt@depth@100ms")
    events = listener.wait(5)
    snapshot = rig.get(door, f"{rest}/depth", {"symbol": "BTCUSDT", "limit": 1000}).content
    events += listener.wait(20)
    last, sides = snapshot["lastUpdateId"], {name: as_levels(snapshot[name]) for name in ("bids", "asks")}
    previous = None
    for event in (frame["data"] for frame in events):
        assert previous is None or (event["U"] == previous + 1 and event.get("pu", previous) == previous)
        previous = event["u"]
        if event["u"] <= last:
            continue
        for name, changes in (("bids", event["b"]), ("asks", event["a"])):
            sides[name] |= as_levels(changes)
    book = rig.dialect.engine.book(rig.dialect.engine.instrument(Product(door), "BTCUSDT"), 1000)
    assert previous is not None
    assert previous > last
    assert {price: size for price, size in sides["bids"].items() if size} == dict(book.bids)
    assert {price: size for price, size in sides["asks"].items() if size} == dict(book.asks)


def as_levels(rows: Any) -> dict[Decimal, Decimal]:
    return {Decimal(price): Decimal(size) for price, size in rows}


def rows_of(name: str, door: str = "spot", path: str = "/stream", seconds: float = 20) -> list[Any]:
    listener = Listener(Rig(), door, path)
    listener.subscribe(f"btcusdt@{name}")
    return [frame["data"] for frame in listener.wait(seconds)]


def test_best_prices_are_told_when_they_change_and_spot_tells_no_time() -> None:
    spot, linear = rows_of("bookTicker"), rows_of("bookTicker", "linear", "/public/stream")
    told = [(row["b"], row["B"], row["a"], row["A"]) for row in spot]
    assert all(one != other for one, other in pairwise(told))
    assert "E" not in spot[0]
    assert {"e", "E", "T"} <= linear[0].keys()


def test_trades_have_the_ids_of_rest_and_usd_m_tells_aggregates() -> None:
    assert {row["e"] for row in rows_of("trade")} == {"trade"}
    aggregates = rows_of("aggTrade", "linear", "/market/stream")
    assert [row["a"] for row in aggregates] == sorted({row["a"] for row in aggregates})
    assert rows_of("trade", "linear", "/market/stream") == [], "USD-M has no such stream"
    assert rows_of("aggTrade", "linear", "/public/stream") == [], "and each path its own"


def test_days_and_candles_come_by_their_period() -> None:
    assert 18 <= len(rows_of("ticker")) <= 21
    assert 9 <= len(rows_of("ticker", "linear", "/market/stream")) <= 11
    candle = rows_of("kline_1m")[-1]["k"]
    assert (candle["t"] % 60_000, candle["T"] - candle["t"], candle["x"]) == (0, 59_999, False)
    assert rows_of("kline_1s", "linear", "/market/stream") == []
