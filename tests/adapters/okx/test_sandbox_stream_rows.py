from __future__ import annotations

from decimal import Decimal

from tests.adapters.okx.sandbox_rig import Rig
from unified.sandbox.streams import AccountFeed
from unified_okx.sandbox_stream_rows import PositionFeed, order_push, position_push


def test_a_push_shows_the_order_as_it_was_then() -> None:
    rig = Rig()
    feed = AccountFeed(rig.account)
    rig.placed(ordType="market", side="sell", sz="0.02", tgtCcy="base_ccy")
    pushes = [order_push(rig.sandbox.engine, rig.account, change) for change in feed.new()]
    told = [push for push in pushes if push is not None]
    assert (told[0]["state"], told[0]["accFillSz"], told[0]["tradeId"]) == ("live", "0", "")
    assert (told[-1]["state"], told[-1]["accFillSz"]) == ("filled", "0.02")
    assert Decimal(told[-1]["fillFee"]) < 0
    assert pushes[-1] is None, "the last execution has told the end"


def test_a_stop_that_waits_is_not_told_here() -> None:
    rig = Rig()
    feed = AccountFeed(rig.account)
    stop = {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "ordType": "conditional", "sz": "0.01"}
    assert rig.post("trade/order-algo", {**stop, "slTriggerPx": "50000", "slOrdPx": "-1"}).told == "0"
    rig.settle()
    assert [order_push(rig.sandbox.engine, rig.account, change) for change in feed.new()] == [None]


def test_a_canceled_order_tells_its_end_and_why() -> None:
    rig = Rig()
    number = rig.placed()
    feed = AccountFeed(rig.account)
    rig.post("trade/cancel-order", {"instId": "BTC-USDT", "ordId": number})
    rig.settle()
    (push,) = [order_push(rig.sandbox.engine, rig.account, change) for change in feed.new()]
    assert push is not None
    assert (push["state"], push["cancelSource"], push["tradeId"]) == ("canceled", "1", "")


def test_positions_that_changed_and_one_that_was_closed() -> None:
    rig = Rig()
    feed = PositionFeed(rig.account)
    assert feed.new() == []
    rig.placed("BTC-USDT-SWAP", ordType="market", sz="2")
    (opened,) = feed.new()
    assert position_push(rig.sandbox.engine, rig.account, opened)["pos"] == "2"
    assert feed.all() == [opened]
    rig.placed("BTC-USDT-SWAP", ordType="market", sz="2", side="sell")
    (closed,) = feed.new()
    shown = position_push(rig.sandbox.engine, rig.account, closed)
    assert (shown["pos"], shown["avgPx"], shown["posSide"]) == ("0", "", "net")
    assert feed.all() == []
