from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.bybit.venue import PERPETUAL, SPOT, order_row
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Instrument
from unified.order import Order, OrderStatus, OrderType, Side, TimeInForce
from unified_bybit.order_rows import counts_quote, order_of

D = Decimal
NEW, CANCELED, REJECTED = OrderStatus.NEW, OrderStatus.CANCELED, OrderStatus.REJECTED
EXPIRED, FILLED = OrderStatus.EXPIRED, OrderStatus.FILLED


def seen(instrument: Instrument = SPOT, **changes: object) -> Order:
    return order_of(instrument, order_row(**changes))


def test_a_resting_order() -> None:
    assert seen() == Order(
        instrument=SPOT,
        venue_order_id="fd4300ae-7847-404e-b947-b46980a4d140",
        client_order_id="b15",
        status=NEW,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        quantity=D("0.10"),
        price=D("1600.00"),
        time_in_force=TimeInForce.GTC,
        created_at=datetime(2023, 5, 22, 6, 55, 40, 559000, UTC),
        updated_at=datetime(2023, 5, 22, 6, 55, 40, 561000, UTC),
    )


@pytest.mark.parametrize(
    ("changes", "order_type", "price", "stop_price", "time_in_force", "post_only"),
    [
        pytest.param(
            {"timeInForce": "PostOnly"}, OrderType.LIMIT, "1600.00", None, TimeInForce.GTC, True, id="post-only"
        ),
        pytest.param({"timeInForce": "RPI"}, OrderType.LIMIT, "1600.00", None, TimeInForce.GTC, True, id="retail"),
        pytest.param({"timeInForce": "FOK"}, OrderType.LIMIT, "1600.00", None, TimeInForce.FOK, False, id="FOK"),
        pytest.param(
            {"orderType": "Market", "timeInForce": "IOC", "price": "1700"},
            OrderType.MARKET,
            None,
            None,
            TimeInForce.IOC,
            False,
            id="the bound of a market order is no price",
        ),
        pytest.param(
            {"triggerPrice": "1500", "stopOrderType": "Stop", "orderStatus": "Untriggered"},
            OrderType.STOP_LIMIT,
            "1600.00",
            "1500",
            TimeInForce.GTC,
            False,
            id="a stop with a limit",
        ),
        pytest.param(
            {"triggerPrice": "1500", "stopOrderType": "tpslOrder", "orderType": "Market", "timeInForce": "IOC"},
            OrderType.STOP_MARKET,
            None,
            "1500",
            TimeInForce.IOC,
            False,
            id="a stop at the market",
        ),
        pytest.param(
            {"triggerPrice": "1500", "stopOrderType": "TrailingStop", "orderType": "Market", "timeInForce": ""},
            None,
            None,
            "1500",
            None,
            False,
            id="a kind that has no word here",
        ),
    ],
)
def test_terms(
    changes: dict[str, Any],
    order_type: OrderType | None,
    price: str | None,
    stop_price: str | None,
    time_in_force: TimeInForce | None,
    post_only: bool,
) -> None:
    order = seen(PERPETUAL, **changes)
    assert (order.order_type, order.time_in_force, order.post_only) == (order_type, time_in_force, post_only)
    assert order.price == (None if price is None else D(price))
    assert order.stop_price == (None if stop_price is None else D(stop_price))


@pytest.mark.parametrize(
    ("instrument", "changes", "by_quote"),
    [
        pytest.param(SPOT, {"orderType": "Market", "marketUnit": "quoteCoin"}, True, id="a buy by amount"),
        pytest.param(
            SPOT, {"orderType": "Market", "marketUnit": "quoteCoin", "side": "Sell"}, True, id="a sell by amount"
        ),
        pytest.param(SPOT, {"orderType": "Market", "marketUnit": "baseCoin"}, False, id="a buy by quantity"),
        pytest.param(SPOT, {"orderType": "Market"}, True, id="a buy that does not say"),
        pytest.param(SPOT, {"orderType": "Market", "marketUnit": "", "side": "Sell"}, False, id="a sell that does not"),
        pytest.param(SPOT, {}, False, id="a limit order"),
        pytest.param(PERPETUAL, {"orderType": "Market"}, False, id="a perpetual"),
    ],
)
def test_what_the_quantity_counts(instrument: Instrument, changes: dict[str, Any], by_quote: bool) -> None:
    assert counts_quote(instrument, order_row(**changes)) is by_quote
    order = seen(instrument, qty="50", **changes)
    assert (order.quantity, order.quote_quantity) == ((None, D(50)) if by_quote else (D(50), None))


@pytest.mark.parametrize(
    ("changes", "average"),
    [
        pytest.param({"cumExecQty": "0.1", "avgPrice": "1599.5", "cumExecValue": "159.95"}, "1599.5", id="told"),
        pytest.param({"cumExecQty": "0.1", "avgPrice": "", "cumExecValue": "159.95"}, "1599.5", id="worked out"),
        pytest.param({"cumExecQty": "0.1", "avgPrice": "0", "cumExecValue": "0"}, None, id="not told"),
        pytest.param({"cumExecQty": "0", "avgPrice": "1599.5"}, None, id="nothing is filled"),
    ],
)
def test_the_average_price(changes: dict[str, Any], average: str | None) -> None:
    assert seen(orderStatus="PartiallyFilled", **changes).average_price == (None if average is None else D(average))


@pytest.mark.parametrize(
    ("native", "status"),
    [
        ("New", NEW),
        ("Untriggered", NEW),
        ("Triggered", NEW),
        ("PartiallyFilled", OrderStatus.PARTIALLY_FILLED),
        ("Filled", FILLED),
        ("Cancelled", CANCELED),
        ("PartiallyFilledCanceled", CANCELED),
        ("Deactivated", CANCELED),
        ("Rejected", REJECTED),
    ],
)
def test_statuses(native: str, status: OrderStatus) -> None:
    assert seen(orderStatus=native).status is status


def test_an_unknown_status_is_malformed() -> None:
    with pytest.raises(VenueError) as caught:
        seen(orderStatus="Dreaming")
    assert caught.value.kind is Kind.MALFORMED_RESPONSE


# --- why the engine ended it


@pytest.mark.parametrize(
    ("changes", "status", "kind"),
    [
        pytest.param(
            {"rejectReason": "EC_PostOnlyWillTakeLiquidity"}, REJECTED, Kind.WOULD_TAKE, id="post-only would have taken"
        ),
        pytest.param(
            {"rejectReason": "EC_NoImmediateQtyToFill", "cancelType": "CancelByUser"},
            EXPIRED,
            Kind.UNFILLABLE,
            id="nothing to fill it, and the reason beats the cancel type",
        ),
        pytest.param({"rejectReason": "EC_CancelForNoFullFill"}, EXPIRED, Kind.UNFILLABLE, id="fill or kill"),
        pytest.param(
            {"rejectReason": "EC_NoEnoughQtyToFill", "cumExecQty": "0.04"},
            EXPIRED,
            Kind.UNFILLABLE,
            id="the rest of an order at the market",
        ),
        pytest.param(
            {"rejectReason": "EC_PostOnlyWillTakeLiquidity", "cumExecQty": "0.04"},
            CANCELED,
            Kind.WOULD_TAKE,
            id="an order with fills is never rejected",
        ),
        pytest.param({"rejectReason": "EC_BySelfMatch"}, CANCELED, Kind.SELF_TRADE, id="against oneself"),
        pytest.param(
            {"cancelType": "CancelBySmp"}, CANCELED, Kind.SELF_TRADE, id="against oneself, by the cancel type"
        ),
        pytest.param({"cancelType": "CancelByReduceOnly"}, CANCELED, Kind.REDUCE_ONLY_REJECTED, id="nothing to reduce"),
        pytest.param({"cancelType": "CancelByPrepareLiq"}, CANCELED, Kind.LIQUIDATING, id="before a liquidation"),
        pytest.param({"rejectReason": "EC_Others"}, CANCELED, Kind.UNKNOWN, id="no reason is named"),
        pytest.param({"rejectReason": "EC_BrandNew"}, CANCELED, Kind.UNKNOWN, id="a reason that is not known"),
        pytest.param(
            {"orderStatus": "Rejected", "rejectReason": "EC_InvalidSymbolStatus"},
            REJECTED,
            Kind.MARKET_CLOSED,
            id="a stop that failed when it triggered",
        ),
        pytest.param(
            {"orderStatus": "Rejected", "rejectReason": "EC_ReachMaxTradeNum", "cumExecQty": "0.04"},
            CANCELED,
            Kind.UNFILLABLE,
            id="rejected with fills",
        ),
        pytest.param(
            {"orderStatus": "PartiallyFilledCanceled", "rejectReason": "EC_CancelByOrderValueZero", "cumExecQty": "1"},
            CANCELED,
            Kind.UNFILLABLE,
            id="the dust of a spot order at the market",
        ),
    ],
)
def test_an_order_that_the_venue_ended_says_why(changes: dict[str, Any], status: OrderStatus, kind: Kind) -> None:
    order = seen(PERPETUAL, **{"orderStatus": "Cancelled"} | changes)
    assert order.status is status
    assert order.refusal is not None
    assert (order.refusal.kind, order.refusal.outcome) == (kind, Outcome.REJECTED)
    assert order.refusal.code == (changes.get("rejectReason") or changes["cancelType"])


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param(
            {"orderStatus": "Cancelled", "cancelType": "CancelByUser", "rejectReason": "EC_PerCancelRequest"},
            CANCELED,
            id="the user's own cancel",
        ),
        pytest.param({"orderStatus": "Cancelled", "cancelType": "CancelByUser"}, CANCELED, id="by the cancel type"),
        pytest.param({"orderStatus": "Deactivated", "cancelType": "CancelByUser"}, CANCELED, id="a stop that waited"),
        pytest.param({"orderStatus": "Cancelled", "rejectReason": "", "cancelType": ""}, CANCELED, id="empty words"),
        pytest.param(
            {
                "orderStatus": "Filled",
                "cancelType": "CancelByUser",
                "rejectReason": "EC_OrigClOrdIDDoesNotExist",
                "cumExecQty": "0.10",
            },
            FILLED,
            id="a cancel that lost the race",
        ),
        pytest.param({"orderStatus": "New", "rejectReason": "EC_Others"}, NEW, id="an open order"),
    ],
)
def test_an_order_that_ended_as_wanted_says_nothing(changes: dict[str, Any], status: OrderStatus) -> None:
    order = seen(PERPETUAL, **changes)
    assert (order.status, order.refusal) == (status, None)
