from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unified.sandbox.rig import LISTINGS, Rig, ask
from unified.instrument import Product
from unified.order import OrderType, Trigger
from unified.sandbox.market import Market, limit_of, reached, trigger_of


@pytest.mark.parametrize(
    ("side", "trigger", "price", "triggers"),
    [
        pytest.param("buy", None, 101, True, id="a buy stop triggers above"),
        pytest.param("buy", None, 99, False, id="a buy stop waits below"),
        pytest.param("sell", None, 99, True, id="a sell stop triggers below"),
        pytest.param("sell", Trigger.RISES, 101, True, id="a sell that takes profit triggers above"),
        pytest.param("buy", Trigger.FALLS, 100, True, id="at the price itself"),
    ],
)
def test_stops(side: str, trigger: Trigger | None, price: int, triggers: bool) -> None:
    asked = ask(side, order_type=OrderType.STOP_MARKET, stop_price=Decimal(100), trigger=trigger)
    assert reached(asked, Decimal(price)) is triggers
    assert trigger_of(asked) is (trigger or (Trigger.RISES if side == "buy" else Trigger.FALLS))


def test_an_order_without_a_stop_price_never_triggers() -> None:
    assert not reached(ask("buy", "1", "100"), Decimal(100))


def test_before_the_first_trade_the_mark_is_the_last_price() -> None:
    assert Market(LISTINGS[Product.SPOT]).last == 60_000


def test_an_order_leaves_wherever_it_stands() -> None:
    rig = Rig()
    resting = rig.place("buy", "0.1", "50000")
    stop = rig.place("sell", "0.1", order_type=OrderType.STOP_MARKET, stop_price=Decimal(50_000))
    market = rig.engine.market(resting.instrument)
    assert (limit_of(resting), limit_of(stop)) == (Decimal(50_000), None)
    for order in (resting, stop):
        market.drop(order)
    assert (market.resting, market.stops) == ({}, [])


def test_an_order_without_a_price_cannot_rest() -> None:
    rig = Rig()
    order = rig.place("buy", "0.1")
    with pytest.raises(ValueError, match="no price"):
        rig.engine.market(order.instrument).add_resting(order, Decimal(1))
