from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from unified.instrument import Product
from unified.order import OrderStatus, OrderType, Side
from unified.sandbox.orders import EndReason, NewOrder, VenueOrder
from unified.sandbox.refusal import Reason
from unified_bybit.sandbox_market import LISTINGS
from unified_bybit.sandbox_rows import order_id, price, quantity, status, trade_id

SPOT, LINEAR = (
    next(item.instrument for item in LISTINGS if item.instrument.product is product and item.instrument.base == "BTC")
    for product in (Product.SPOT, Product.LINEAR)
)


def order(product: Product, **more: Any) -> VenueOrder:
    asked = NewOrder(
        instrument=SPOT if product is Product.SPOT else LINEAR,
        side=Side.BUY,
        order_type=OrderType(more.pop("order_type", "limit")),
        quantity=Decimal(1),
        price=Decimal(60_000),
    )
    values: dict[str, Any] = {
        "order_id": 7,
        "account": "one",
        "asked": asked,
        "client_order_id": None,
        "price": asked.price,
        "quantity": asked.quantity,
        "created_us": 0,
        "updated_us": 0,
        "visible_from_us": 0,
        "status": OrderStatus.NEW,
        **more,
    }
    return VenueOrder(**values)


@pytest.mark.parametrize(
    ("product", "more", "shown"),
    [
        pytest.param("spot", {}, ("New", "UNKNOWN", "EC_NoError"), id="it rests"),
        pytest.param(
            "linear",
            {"filled_quantity": Decimal("0.5"), "status": OrderStatus.PENDING_CANCEL},
            ("PartiallyFilled", "UNKNOWN", "EC_NoError"),
            id="a cancel under way does not show",
        ),
        pytest.param(
            "linear", {"order_type": "stop_limit"}, ("Untriggered", "UNKNOWN", "EC_NoError"), id="a stop waits"
        ),
        pytest.param(
            "linear",
            {"order_type": "stop_limit", "triggered": True},
            ("New", "UNKNOWN", "EC_NoError"),
            id="it rests now",
        ),
        pytest.param(
            "linear", {"end": EndReason.REDUCE_ONLY}, ("Cancelled", "CancelByReduceOnly", "EC_NoError"), id="pointless"
        ),
        pytest.param(
            "spot",
            {"end": EndReason.OUT_OF_FUNDS, "filled_quantity": Decimal("0.5")},
            ("PartiallyFilledCanceled", "UNKNOWN", "EC_ReachMarketPriceLimit"),
            id="a spot market order outran its funds",
        ),
        pytest.param(
            "linear",
            {"end": EndReason.CANCELED, "filled_quantity": Decimal("0.5")},
            ("Cancelled", "CancelByUser", "EC_PerCancelRequest"),
            id="contracts have no word for a cancel after fills",
        ),
        pytest.param(
            "spot",
            {"end": EndReason.REFUSED, "refusal": Reason.NO_LIQUIDITY},
            ("Cancelled", "UNKNOWN", "EC_NoImmediateQtyToFill"),
            id="an empty side",
        ),
        pytest.param(
            "linear",
            {"end": EndReason.REFUSED, "refusal": Reason.INSUFFICIENT_FUNDS},
            ("Rejected", "UNKNOWN", "EC_NoError"),
            id="a stop without margin",
        ),
    ],
)
def test_what_an_order_shows(product: str, more: dict[str, object], shown: tuple[str, str, str]) -> None:
    made = order(Product(product), **more)
    made.status = OrderStatus.CANCELED if made.end else made.status
    assert status(made) == shown


def test_numbers_have_the_digits_of_their_category() -> None:
    value = Decimal("60000.1")
    assert (price(SPOT, value), price(LINEAR, value), price(LINEAR, None)) == ("60000.1", "60000.10", "0.00")
    assert (quantity(SPOT, Decimal(1)), quantity(LINEAR, Decimal(1))) == ("1.000000", "1.000")


def test_ids_differ_by_category_and_stay() -> None:
    spot, linear = order(Product.SPOT), order(Product.LINEAR)
    assert order_id(spot) == "2077000000000000007"
    assert order_id(linear) == order_id(linear) != order_id(spot)
    assert trade_id(Product.SPOT, 3) == "2100000000000000003"
    assert trade_id(Product.LINEAR, 3) != order_id(linear)
