"""Topics tell their state first and then what has changed, once."""

from __future__ import annotations

import pytest

from tests.adapters.paper.sandbox_rig import Rig
from unified.instrument import Instrument, Product
from unified_paper import sandbox_topics, sandbox_trade


def bitcoin(rig: Rig) -> Instrument:
    return rig.dialect.engine.instrument(Product.SPOT, "BTCUSDT")


def test_a_book_that_is_followed_is_the_engines() -> None:
    rig = Rig()
    engine, due = rig.dialect.engine, sandbox_topics.book(rig.dialect.engine, bitcoin(rig), "5")
    (whole,) = due()
    assert whole["kind"] == "whole"
    sides = {side: dict(whole[side]) for side in ("bids", "asks")}
    assert due() == [], "nothing has changed"
    for _ in range(100):
        rig.wait(0.5)
        for change in due():
            assert change["kind"] == "change"
            for side, levels in sides.items():
                levels.update(change[side])
    now = engine.book(bitcoin(rig), 5)
    left = {price: quantity for price, quantity in sides["bids"].items() if quantity != "0"}
    assert sorted(map(float, left)) == sorted(float(level.price) for level in now.bids)


@pytest.mark.parametrize("depth", ["0", "1001", "-1", "many"])
def test_a_depth_that_there_is_not_is_refused(depth: str) -> None:
    rig = Rig()
    with pytest.raises(ValueError, match=r"levels|invalid literal"):
        sandbox_topics.book(rig.dialect.engine, bitcoin(rig), depth)


def test_a_ticker_is_told_when_more_than_its_time_has_changed() -> None:
    rig = Rig()
    due = sandbox_topics.ticker(rig.dialect.engine, bitcoin(rig))
    assert len(due()) == 1
    rig.wait(0.01)
    assert due() == []
    rig.wait(5)
    assert len(due()) == 1


def test_each_trade_is_told_once() -> None:
    rig = Rig()
    due = sandbox_topics.trades(rig.dialect.engine, bitcoin(rig))
    assert due() == []
    rig.wait(30)
    (rows,) = due()
    assert len({row["id"] for row in rows}) == len(rows) > 1
    assert due() == []


def test_a_candle_is_told_again_when_it_is_closed() -> None:
    rig = Rig()
    rig.wait(5)
    due = sandbox_topics.candles(rig.dialect.engine, bitcoin(rig), "1m")
    (first,) = due()
    assert (first["closed"], due()) == (False, [])
    told = []
    for _ in range(70):
        rig.wait(1)
        told += due()
    assert [row for row in told if row["closed"]] == [row for row in told if row["opened_ms"] == first["opened_ms"]][
        -1:
    ]
    assert told[-1]["opened_ms"] == first["opened_ms"] + 60_000


def test_the_account_tells_what_happened_to_it() -> None:
    rig = Rig()
    account = rig.call().account
    orders, balances = sandbox_topics.orders(account), sandbox_topics.balances(account)
    assert orders() == balances() == []
    row = sandbox_trade.place(rig.call(**rig.market_order()))
    (told,) = orders()
    assert [order["id"] for order in told["orders"]] == [row["id"]]
    assert {fill["order_id"] for fill in told["fills"]} == {row["id"]}
    (changed,) = balances()
    assert {one["currency"] for one in changed} == {"BTC", "USDT"}
    assert orders() == balances() == []
