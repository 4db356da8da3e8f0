from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unified.sandbox.rig import BTC, PERP, Rig, ask
from unified.order import Liquidity, OrderStatus, OrderType, TimeInForce
from unified.sandbox.listing import EngineRules
from unified.sandbox.orders import EndReason, SelfTrade
from unified.sandbox.refusal import Reason


def test_what_an_immediate_order_cannot_fill_ends() -> None:
    rig = Rig()
    best = rig.engine.book(BTC, 1).asks[0]
    order = rig.place("buy", "15", str(best.price), time_in_force=TimeInForce.IOC)
    assert (order.status, order.end) == (OrderStatus.CANCELED, EndReason.IOC_REST)
    assert order.filled_quantity == best.quantity
    assert rig.client.spot.held["USDT"] == 0


def test_a_market_order_larger_than_the_book_fills_what_there_is() -> None:
    rig = Rig()
    there = sum(level.quantity for level in rig.engine.book(BTC, 100).bids)
    rig.client.spot.add("BTC", Decimal(1000))
    order = rig.place("sell", "30")
    assert (order.filled_quantity, order.end) == (there, EndReason.IOC_REST)


def test_a_budget_below_one_lot_buys_nothing_and_does_not_pass_for_filled() -> None:
    rig = Rig()
    rig.engine.move_price(BTC, Decimal(200_000))
    order = rig.place("buy", None, quote_quantity=Decimal(15))
    assert (order.status, order.end, order.filled_quantity) == (
        OrderStatus.CANCELED,
        EndReason.IOC_REST,
        Decimal(0),
    )
    assert rig.client.spot.held["USDT"] == 0


def test_a_fill_or_kill_that_fits_fills_whole() -> None:
    order = Rig().place("buy", "1", "61000", time_in_force=TimeInForce.FOK)
    assert order.status is OrderStatus.FILLED


@pytest.mark.parametrize(
    ("choice", "maker_open", "taker_open", "filled"),
    [
        pytest.param(SelfTrade.CANCEL_TAKER, True, False, "0", id="the newer goes"),
        pytest.param(SelfTrade.CANCEL_MAKER, False, True, "0", id="the older goes"),
        pytest.param(SelfTrade.CANCEL_BOTH, False, False, "0", id="both go"),
        pytest.param(SelfTrade.ALLOW, False, False, "1", id="they trade"),
    ],
)
def test_meeting_an_order_of_ones_own(choice: SelfTrade, maker_open: bool, taker_open: bool, filled: str) -> None:
    rig = Rig()
    maker = rig.place("buy", "1", "60000")
    taker = rig.place("sell", "1", "60000", self_trade=choice)
    assert (maker.is_open, taker.is_open) == (maker_open, taker_open)
    assert {maker.filled_quantity, taker.filled_quantity} == {Decimal(filled)}
    if choice is not SelfTrade.ALLOW:
        assert EndReason.SELF_TRADE in (maker.end, taker.end)


def test_maker_and_taker_are_told_apart() -> None:
    rig = Rig()
    rig.place("buy", "1", "60000")
    taker = rig.engine.open_account("taker", spot={"BTC": Decimal(1)})
    rig.engine.place(taker, ask("sell", "1", "60000"))
    assert [fill.liquidity for fill in rig.client.fills] == [Liquidity.MAKER]
    assert [fill.liquidity for fill in taker.fills] == [Liquidity.TAKER]
    assert rig.client.fills[0].trade_id == taker.fills[0].trade_id


def test_a_market_buy_never_spends_more_than_there_is() -> None:
    rig = Rig(EngineRules(acceptance_us=(1_000_000, 1_000_000)))
    rig.client.spot.total["USDT"] = Decimal(60_100)
    order = rig.place("buy", "1")
    rig.engine.move_price(BTC, Decimal(70_000))
    rig.wait(2)
    assert order.end is EndReason.OUT_OF_FUNDS
    assert 0 < order.filled_quantity < 1
    assert rig.client.spot.free("USDT") >= 0


def test_a_stop_limit_enters_the_book_at_its_price() -> None:
    rig = Rig()
    stop = rig.place("buy", "0.1", "62000", order_type=OrderType.STOP_LIMIT, stop_price=Decimal(63_000))
    assert rig.client.spot.held["USDT"] == 6200
    rig.engine.move_price(BTC, Decimal(64_000))
    assert (stop.status, stop.triggered, stop.is_waiting_stop) == (OrderStatus.NEW, True, False)
    rig.engine.move_price(BTC, Decimal(61_000))
    assert stop.status is OrderStatus.FILLED


def test_a_stop_that_cannot_be_paid_at_its_trigger_is_refused_then() -> None:
    rig = Rig(EngineRules(stops_hold_funds=False))
    stop = rig.place("sell", "9", order_type=OrderType.STOP_MARKET, stop_price=Decimal(50_000))
    assert not any(rig.client.spot.held.values())
    rig.place("sell", "5")
    rig.engine.move_price(BTC, Decimal(49_000))
    assert (stop.status, stop.refusal) == (OrderStatus.REJECTED, Reason.INSUFFICIENT_FUNDS)


def test_a_stop_that_is_paid_at_its_trigger_trades() -> None:
    rig = Rig(EngineRules(stops_hold_funds=False))
    stop = rig.place("sell", "0.1", order_type=OrderType.STOP_MARKET, stop_price=Decimal(50_000))
    rig.engine.move_price(BTC, Decimal(49_000))
    assert stop.status is OrderStatus.FILLED
    assert rig.client.spot.held["BTC"] == 0


def test_a_stop_on_the_wrong_side_may_trigger_at_once() -> None:
    rig = Rig(EngineRules(stops_may_trigger_at_once=True))
    stop = rig.place("sell", "0.1", order_type=OrderType.STOP_MARKET, stop_price=Decimal(70_000))
    assert stop.status is OrderStatus.FILLED


def test_a_perpetuals_fee_is_paid_in_its_settle_currency() -> None:
    order = Rig().place("buy", "0.1", instrument=PERP)
    assert order.fees == {"USDT": (order.filled_quote * Decimal("0.0005")).quantize(Decimal("1e-8"))}
