from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unified.sandbox.rig import BTC, PERP, Rig
from unified.instrument import Product
from unified.order import OrderType
from unified.sandbox.listing import EngineRules, FeeCurrency
from unified.sandbox.refusal import EngineRefusal


@pytest.mark.parametrize(
    ("side", "quantity", "price", "currency", "held"),
    [
        pytest.param("buy", "1", "50000", "USDT", "50000", id="a buy holds its cost"),
        pytest.param("sell", "1", "70000", "BTC", "1", id="a sell holds its quantity"),
    ],
)
def test_what_a_resting_order_holds(side: str, quantity: str, price: str, currency: str, held: str) -> None:
    rig = Rig()
    order = rig.place(side, quantity, price)
    assert rig.client.spot.held == {currency: Decimal(held)}
    assert order.held == Decimal(held)


def test_a_stop_market_buy_holds_a_little_more_than_its_stop_price() -> None:
    order = Rig().place("buy", "1", order_type=OrderType.STOP_MARKET, stop_price=Decimal(70_000))
    assert order.held == Decimal(70_700)


def test_the_last_coin_can_be_spent_by_a_market_order() -> None:
    rig = Rig()
    ask = rig.engine.book(BTC, 1).asks[0]
    rig.client.spot.total["USDT"] = ask.price * Decimal("0.01")
    assert rig.place("buy", "0.01").filled_quantity == Decimal("0.01")
    assert rig.client.spot.total["USDT"] == 0


def test_a_buy_by_quote_quantity_pays_its_fee_out_of_it() -> None:
    rig = Rig(EngineRules(fee_currency=FeeCurrency.QUOTE))
    rig.client.spot.total["USDT"] = Decimal(1000)
    order = rig.place("buy", None, quote_quantity=Decimal(1000))
    assert order.filled_quote + order.fees["USDT"] <= 1000
    assert order.filled_quote > 980


def test_one_wallet_serves_spot_and_margin() -> None:
    rig = Rig(EngineRules(unified_wallet=True))
    assert rig.engine.available(rig.client, Product.SPOT, "USDT") == 1_100_000
    rig.place("buy", "4", "50000", instrument=PERP)
    assert rig.engine.available(rig.client, Product.SPOT, "USDT") == 1_080_000
    rig.client.spot.total["USDT"] = Decimal(20_000)
    with pytest.raises(EngineRefusal):
        rig.place("buy", "0.1", "50000")


def test_orders_that_close_a_position_need_no_margin() -> None:
    rig = Rig()
    rig.place("buy", "1", instrument=PERP)
    before = rig.engine.margin_in_use(rig.client, "USDT")
    rig.place("sell", "1", "70000", instrument=PERP)
    assert rig.engine.margin_in_use(rig.client, "USDT") == before
    rig.place("sell", "2", "70000", instrument=PERP)
    assert rig.engine.margin_in_use(rig.client, "USDT") == before + 7000


def test_stops_bind_margin_only_where_the_venue_says_so() -> None:
    for holds, margin in ((True, 7000), (False, 0)):
        rig = Rig(EngineRules(stops_hold_funds=holds))
        stop = {"order_type": OrderType.STOP_LIMIT, "stop_price": Decimal(69_000), "instrument": PERP}
        rig.place("buy", "1", "70000", **stop)
        assert rig.engine.margin_in_use(rig.client, "USDT") == margin
