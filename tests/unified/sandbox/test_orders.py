from __future__ import annotations

from decimal import Decimal

from tests.unified.sandbox.rig import BTC, Rig
from unified.order import OrderType


def test_an_order_tells_what_was_asked_and_what_became_of_it() -> None:
    rig = Rig()
    order = rig.place("buy", "0.02", "70000", client_order_id="mine", words={"type": "LIMIT"})
    assert (order.instrument, order.order_type, order.words) == (BTC, OrderType.LIMIT, {"type": "LIMIT"})
    assert order.average_price == order.filled_quote / Decimal("0.02")
    assert order.remaining == 0
    assert not order.is_open


def test_an_unfilled_order_has_no_average_price() -> None:
    order = Rig().place("buy", "0.02", "50000")
    assert order.average_price is None
    assert order.remaining == Decimal("0.02")


def test_an_order_by_quote_quantity_has_nothing_left_to_say_in_base_units() -> None:
    assert Rig().place("buy", None, quote_quantity=Decimal(100)).remaining == 0


def test_the_last_fill_carries_its_price_fee_and_notional() -> None:
    rig = Rig()
    order = rig.place("sell", "0.01")
    fill = order.last_fill
    assert fill is not None
    assert fill.quote_quantity == fill.price * fill.quantity == order.filled_quote
    assert (fill.fee_currency, fill.fee) == ("USDT", order.fees["USDT"])
