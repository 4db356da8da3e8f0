from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.okx.venue import SPOT, SWAP, order_row, recorded, stop_row
from unified.errors import Kind, Outcome, VenueError
from unified.order import Order, OrderStatus, OrderType, TimeInForce
from unified.wire import json_of
from unified_okx.order_rows import Stop, order_of, stop_of, triggered


def order(**changes: object) -> Order:
    return order_of(SPOT, order_row(**changes))


def stop(**changes: object) -> Stop:
    return stop_of(SPOT, stop_row(**changes))


# --- plain orders


def test_a_resting_order() -> None:
    seen = order()
    assert (seen.venue_order_id, seen.client_order_id) == ("680800019749904384", "b15")
    assert (seen.status, seen.order_type, seen.time_in_force) == (
        OrderStatus.NEW,
        OrderType.LIMIT,
        TimeInForce.GTC,
    )
    assert (seen.quantity, seen.price, seen.filled_quantity, seen.average_price) == (
        Decimal(2),
        Decimal("2.15"),
        Decimal(0),
        None,
    )
    assert seen.refusal is None


@pytest.mark.parametrize(
    ("native", "order_type", "time_in_force", "post_only"),
    [
        pytest.param("limit", OrderType.LIMIT, TimeInForce.GTC, False, id="limit"),
        pytest.param("post_only", OrderType.LIMIT, TimeInForce.GTC, True, id="post-only is a type of the venue"),
        pytest.param("ioc", OrderType.LIMIT, TimeInForce.IOC, False, id="immediate or cancel"),
        pytest.param("fok", OrderType.LIMIT, TimeInForce.FOK, False, id="fill or kill"),
        pytest.param("market", OrderType.MARKET, TimeInForce.IOC, False, id="market"),
        pytest.param("optimal_limit_ioc", OrderType.MARKET, TimeInForce.IOC, False, id="market of swaps"),
        pytest.param("rpi", None, None, False, id="a type that has no word here"),
    ],
)
def test_types(native: str, order_type: OrderType | None, time_in_force: TimeInForce | None, post_only: bool) -> None:
    seen = order(ordType=native, side="sell")
    assert (seen.order_type, seen.time_in_force, seen.post_only) == (order_type, time_in_force, post_only)


@pytest.mark.parametrize(
    ("changes", "quantity", "quote_quantity"),
    [
        pytest.param({"ordType": "limit"}, 2, None, id="a limit order counts base units"),
        pytest.param({"ordType": "market", "tgtCcy": "quote_ccy"}, None, 2, id="a market order that says quote"),
        pytest.param({"ordType": "market", "tgtCcy": "base_ccy"}, 2, None, id="a market order that says base"),
        pytest.param({"ordType": "market"}, None, 2, id="a market buy that says nothing"),
        pytest.param({"ordType": "market", "side": "sell"}, 2, None, id="a market sell that says nothing"),
    ],
)
def test_units_of_a_spot_size(changes: dict[str, object], quantity: int | None, quote_quantity: int | None) -> None:
    seen = order(**changes)
    assert [seen.quantity, seen.quote_quantity] == [quantity, quote_quantity]


def test_a_swap_counts_contracts() -> None:
    seen = order_of(SWAP, order_row(ordType="market", sz="3", accFillSz="1", avgPx="103698.9", reduceOnly="true"))
    assert (seen.quantity, seen.filled_quantity) == (Decimal("0.03"), Decimal("0.01"))
    assert (seen.average_price, seen.reduce_only) == (Decimal("103698.9"), True)


@pytest.mark.parametrize(
    ("source", "status", "kind"),
    [
        pytest.param("", OrderStatus.CANCELED, None, id="no reason"),
        pytest.param("1", OrderStatus.CANCELED, None, id="by the user"),
        pytest.param("20", OrderStatus.CANCELED, None, id="by the user's dead-man switch"),
        pytest.param("31", OrderStatus.REJECTED, Kind.WOULD_TAKE, id="post-only that would take"),
        pytest.param("13", OrderStatus.EXPIRED, Kind.UNFILLABLE, id="fill or kill that could not"),
        pytest.param("14", OrderStatus.EXPIRED, Kind.UNFILLABLE, id="the rest of an immediate order"),
        pytest.param("15", OrderStatus.REJECTED, Kind.INVALID_PRICE, id="a price outside the band"),
        pytest.param("32", OrderStatus.CANCELED, Kind.SELF_TRADE, id="self-trade prevention"),
        pytest.param("3", OrderStatus.CANCELED, Kind.LIQUIDATING, id="risk of liquidation"),
        pytest.param("22", OrderStatus.CANCELED, Kind.REDUCE_ONLY_REJECTED, id="nothing left to reduce"),
        pytest.param("999", OrderStatus.CANCELED, Kind.UNKNOWN, id="a reason that is not known yet"),
    ],
)
def test_why_the_engine_ended_an_order(source: str, status: OrderStatus, kind: Kind | None) -> None:
    seen = order(state="canceled", cancelSource=source, cancelSourceReason="because")
    assert seen.status is status
    if kind is None:
        assert seen.refusal is None
    else:
        assert seen.refusal is not None
        assert (seen.refusal.kind, seen.refusal.outcome) == (kind, Outcome.REJECTED)
        assert (seen.refusal.code, seen.refusal.message) == (f"cancelSource {source}", "because")


def test_an_order_that_filled_in_part_was_not_rejected() -> None:
    seen = order(state="canceled", cancelSource="14", accFillSz="1", avgPx="2")
    assert (seen.status, seen.filled_quantity, seen.average_price) == (OrderStatus.CANCELED, Decimal(1), Decimal(2))
    assert seen.refusal is not None


def test_the_child_of_a_stop_shows_the_stops_id() -> None:
    assert order(clOrdId="", algoClOrdId="s1").client_order_id == "s1"


def test_a_state_that_does_not_exist_is_not_guessed() -> None:
    with pytest.raises(VenueError) as caught:
        order(state="half_open")
    assert caught.value.kind is Kind.MALFORMED_RESPONSE


@pytest.mark.parametrize(
    ("name", "status", "filled"),
    [
        pytest.param("GetOrderDetails.json", OrderStatus.FILLED, "0.00192834", id="one order"),
        pytest.param("GetOrderHistory.json", OrderStatus.FILLED, "0.00192834", id="a closed order"),
        pytest.param("GetOrders.json", OrderStatus.NEW, "0", id="an open order"),
    ],
)
def test_recorded_orders_are_read(name: str, status: OrderStatus, filled: str) -> None:
    (row,) = json_of(recorded("Trading", name))["data"]
    seen = order_of(SPOT, row)
    assert (seen.status, str(seen.filled_quantity), seen.venue_order_id) == (status, filled, row["ordId"])


# --- stops


def test_a_waiting_stop() -> None:
    seen = stop()
    assert seen.child_id is None
    assert (seen.order.venue_order_id, seen.order.client_order_id) == ("681096944655273984", "s1")
    assert (seen.order.status, seen.order.order_type) == (OrderStatus.NEW, OrderType.STOP_MARKET)
    assert (seen.order.quantity, seen.order.price, seen.order.stop_price) == (Decimal(10), None, Decimal(100))


@pytest.mark.parametrize(
    ("changes", "order_type", "stop_price", "price"),
    [
        pytest.param({"slOrdPx": "99"}, OrderType.STOP_LIMIT, 100, 99, id="a stop with a limit"),
        pytest.param(
            {"slTriggerPx": "", "slOrdPx": "", "tpTriggerPx": "120", "tpOrdPx": "119"},
            OrderType.STOP_LIMIT,
            120,
            119,
            id="a stop of a profit",
        ),
        pytest.param(
            {"ordType": "trigger", "slTriggerPx": "", "slOrdPx": "", "triggerPx": "90", "ordPx": "-1"},
            OrderType.STOP_MARKET,
            90,
            None,
            id="a trigger order of the web site",
        ),
        pytest.param(
            {"ordType": "oco", "tpTriggerPx": "120", "tpOrdPx": "-1"},
            None,
            100,
            None,
            id="two triggers have no word here",
        ),
    ],
)
def test_shapes_of_stops(
    changes: dict[str, object], order_type: OrderType | None, stop_price: int, price: int | None
) -> None:
    seen = stop(**changes).order
    assert seen.order_type is order_type
    assert [seen.stop_price, seen.price] == [stop_price, price]


def test_a_market_stop_that_buys_may_count_quote_units() -> None:
    assert stop(side="buy", tgtCcy="quote_ccy").order.quote_quantity == 10
    assert stop(side="buy", tgtCcy="base_ccy").order.quantity == 10
    assert stop(side="buy", tgtCcy="", slOrdPx="99").order.quantity == 10


@pytest.mark.parametrize(
    ("state", "status"),
    [
        pytest.param("pause", OrderStatus.NEW, id="paused"),
        pytest.param("effective", OrderStatus.PENDING_NEW, id="triggered: the plain order is to tell"),
        pytest.param("canceled", OrderStatus.CANCELED, id="canceled"),
        pytest.param("order_failed", OrderStatus.REJECTED, id="its order was refused"),
    ],
)
def test_states_of_stops(state: str, status: OrderStatus) -> None:
    assert stop(state=state).order.status is status


def test_a_failed_stop_tells_why() -> None:
    failed = stop(state="order_failed", failCode="51008").order.refusal
    assert failed is not None
    assert failed.kind is Kind.INSUFFICIENT_FUNDS


@pytest.mark.parametrize(
    "changes", [pytest.param({"ordIdList": ["7"]}, id="in a list"), pytest.param({"ordId": "7"}, id="alone")]
)
def test_a_triggered_stop_keeps_its_terms_and_takes_its_orders_life(changes: dict[str, object]) -> None:
    seen = stop(state="effective", **changes)
    assert seen.child_id == "7"
    child = order(ordId="7", state="filled", accFillSz="10", avgPx="99.5", ordType="market", side="sell")
    whole = triggered(seen, child)
    assert (whole.venue_order_id, whole.client_order_id) == ("681096944655273984", "s1")
    assert (whole.status, whole.filled_quantity, whole.average_price) == (
        OrderStatus.FILLED,
        Decimal(10),
        Decimal("99.5"),
    )
    assert (whole.order_type, whole.stop_price) == (OrderType.STOP_MARKET, Decimal(100))


@pytest.mark.parametrize(
    ("name", "order_type"),
    [
        pytest.param("GetAlgoOrderList.json", OrderType.STOP_MARKET, id="a trigger order"),
        pytest.param("GetAlgoOrderHistory.json", OrderType.STOP_MARKET, id="the same in the history"),
        pytest.param("GetAlgoOrder.json", None, id="a trailing stop has no word here"),
    ],
)
def test_recorded_stops_are_read(name: str, order_type: OrderType | None) -> None:
    (row,) = json_of(recorded("Trading", name))["data"]
    seen = stop_of(SPOT, row).order
    assert (seen.status, seen.order_type, seen.venue_order_id) == (OrderStatus.NEW, order_type, row["algoId"])
