from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.coinbase.sandbox_rig import Rig, limit, market, order
from unified.order import OrderType, TimeInForce, Trigger

LATER = "2026-11-21T13:00:00Z"
SIZES = {"base_size": "0.01", "limit_price": "59000"}
STOP = {"base_size": "0.01", "limit_price": "62000", "stop_price": "61000", "stop_direction": "STOP_DIRECTION_STOP_UP"}


@pytest.mark.parametrize(
    ("configuration", "order_type", "force"),
    [
        pytest.param(market(quote_size="10"), OrderType.MARKET, TimeInForce.IOC, id="market by amount"),
        pytest.param(market(base_size="0.01"), OrderType.MARKET, TimeInForce.IOC, id="market by quantity"),
        pytest.param({"limit_limit_gtc": SIZES}, OrderType.LIMIT, TimeInForce.GTC, id="limit"),
        pytest.param(
            {"limit_limit_gtd": {**SIZES, "end_time": LATER}}, OrderType.LIMIT, TimeInForce.GTD, id="limit with an end"
        ),
        pytest.param({"limit_limit_fok": SIZES}, OrderType.LIMIT, TimeInForce.FOK, id="fill or kill"),
        pytest.param({"sor_limit_ioc": SIZES}, OrderType.LIMIT, TimeInForce.IOC, id="immediate or cancel"),
        pytest.param({"stop_limit_stop_limit_gtc": STOP}, OrderType.STOP_LIMIT, TimeInForce.GTC, id="stop"),
        pytest.param(
            {"stop_limit_stop_limit_gtd": {**STOP, "end_time": LATER}},
            OrderType.STOP_LIMIT,
            TimeInForce.GTD,
            id="stop with an end",
        ),
    ],
)
def test_one_key_tells_type_and_time_in_force(
    configuration: dict[str, Any], order_type: OrderType, force: TimeInForce
) -> None:
    rig = Rig()
    rig.created(configuration=configuration)
    asked = rig.last_order().asked
    assert (asked.order_type, asked.time_in_force) == (order_type, force)


def test_values_are_read_exactly() -> None:
    rig = Rig()
    rig.created(configuration={"stop_limit_stop_limit_gtd": {**STOP, "end_time": LATER}})
    asked = rig.last_order().asked
    assert (asked.quantity, asked.price, asked.stop_price) == (Decimal("0.01"), Decimal(62000), Decimal(61000))
    assert (asked.trigger, asked.expires_us) == (Trigger.RISES, 1_795_266_000_000_000)


NOTHING = "UNKNOWN_FAILURE_REASON"


@pytest.mark.parametrize(
    ("changes", "create", "preview"),
    [
        pytest.param({"product": "XYZ-USD"}, "INVALID_PRODUCT_ID", "PREVIEW_INVALID_PRODUCT_ID", id="no such product"),
        pytest.param({"side": "HOLD"}, "INVALID_SIDE", "PREVIEW_INVALID_SIDE", id="no such side"),
        pytest.param(
            {"configuration": {"market_market_fok": {"base_size": "1"}}},
            "UNSUPPORTED_ORDER_CONFIGURATION",
            "PREVIEW_INVALID_ORDER_CONFIG",
            id="market fill-or-kill on spot",
        ),
        pytest.param(
            {"configuration": {"twap_limit_gtd": {}}},
            "UNSUPPORTED_ORDER_CONFIGURATION",
            "PREVIEW_INVALID_ORDER_CONFIG",
            id="not simulated",
        ),
        pytest.param(
            {"configuration": {"limit_limit_gtc": {"quote_size": "100", "limit_price": "59000"}}},
            "UNSUPPORTED_ORDER_CONFIGURATION",
            "PREVIEW_INVALID_ORDER_CONFIG",
            id="limit by amount",
        ),
        pytest.param(
            {"configuration": market(base_size="1", quote_size="1")},
            "UNSUPPORTED_ORDER_CONFIGURATION",
            "PREVIEW_INVALID_ORDER_CONFIG",
            id="two sizes",
        ),
        pytest.param(
            {"configuration": limit(size="much")}, NOTHING, "PREVIEW_NON_NUMERIC_ORDER_SIZE", id="no number as size"
        ),
        pytest.param(
            {"configuration": limit(price="0")},
            "INVALID_LIMIT_PRICE",
            "PREVIEW_INVALID_LIMIT_PRICE",
            id="a price of zero",
        ),
        pytest.param(
            {"configuration": {"stop_limit_stop_limit_gtc": {**STOP, "stop_price": ""}}},
            NOTHING,
            "PREVIEW_INVALID_STOP_PRICE",
            id="a stop without its price",
        ),
        pytest.param(
            {"configuration": {"stop_limit_stop_limit_gtc": {**STOP, "stop_direction": "UP"}}},
            "UNSUPPORTED_ORDER_CONFIGURATION",
            "PREVIEW_INVALID_ORDER_CONFIG",
            id="a stop without direction",
        ),
        pytest.param(
            {"configuration": {"limit_limit_gtd": SIZES}},
            "GTD_ORDERS_MUST_HAVE_END_TIME",
            "PREVIEW_GTD_ORDERS_MUST_HAVE_END_TIME",
            id="no end",
        ),
        pytest.param(
            {"configuration": {"limit_limit_gtd": {**SIZES, "end_time": "2026-11-21T11:00:00Z"}}},
            "END_TIME_IS_IN_THE_PAST",
            "PREVIEW_END_TIME_IS_IN_THE_PAST",
            id="an end that has passed",
        ),
        pytest.param(
            {"configuration": {"limit_limit_fok": {**SIZES, "post_only": True}}},
            "POST_ONLY_NOT_ALLOWED_WITH_FOK",
            "PREVIEW_POST_ONLY_NOT_ALLOWED_WITH_FOK",
            id="post-only fill-or-kill",
        ),
    ],
)
def test_orders_that_are_none(changes: dict[str, Any], create: str, preview: str) -> None:
    rig = Rig()
    failure = rig.create(**changes).failure
    assert (failure["error"], failure["preview_failure_reason"]) == (create, preview)
    assert not rig.account.orders


@pytest.mark.parametrize(
    "configuration",
    [
        pytest.param(None, id="none"),
        pytest.param({}, id="an empty one"),
        pytest.param({**limit(), **market(base_size="1")}, id="two"),
        pytest.param({"limit_limit_gtc": "x"}, id="a text"),
    ],
)
def test_exactly_one_configuration(configuration: object) -> None:
    reply = Rig().post("orders", {**order(), "order_configuration": configuration})
    assert (reply.status, reply.content["error"]) == (400, "INVALID_ARGUMENT")


def test_a_wallet_in_the_quote_currency_is_needed() -> None:
    reply = Rig(name="poor").create(product="BTC-USDC")
    assert (reply.status, reply.content["message"]) == (400, "account is not available")
