from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.coinbase.venue import BTC, CLIENT_ID, ORDER_ID, order_row
from unified.errors import Kind, Outcome, VenueError
from unified.order import Order, OrderStatus, OrderType, Side, TimeInForce
from unified_coinbase.order_rows import moment_or_none, order_of


def read(**changes: object) -> Order:
    return order_of(BTC, order_row(**changes))


def test_a_resting_order() -> None:
    assert read() == Order(
        instrument=BTC,
        venue_order_id=ORDER_ID,
        client_order_id=CLIENT_ID,
        status=OrderStatus.NEW,
        side=Side.SELL,
        order_type=OrderType.LIMIT,
        quantity=Decimal("0.2"),
        price=Decimal("90000.5"),
        time_in_force=TimeInForce.GTC,
        post_only=True,
        created_at=datetime(2026, 11, 20, 8, 0, 0, 947030, tzinfo=UTC),
        updated_at=datetime(2026, 11, 20, 8, 0, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"status": "PENDING"}, OrderStatus.PENDING_NEW, id="not in the book yet"),
        pytest.param({"status": "QUEUED"}, OrderStatus.PENDING_NEW, id="queued"),
        pytest.param({"status": "UNKNOWN_ORDER_STATUS"}, OrderStatus.PENDING_NEW, id="not known: to be asked again"),
        pytest.param({"status": "OPEN"}, OrderStatus.NEW, id="open"),
        pytest.param({"status": "EDIT_QUEUED"}, OrderStatus.NEW, id="being edited"),
        pytest.param({"status": "OPEN", "filled_size": "0.1"}, OrderStatus.PARTIALLY_FILLED, id="open and begun"),
        pytest.param({"status": "PENDING", "filled_size": "0.1"}, OrderStatus.PARTIALLY_FILLED, id="early and begun"),
        pytest.param({"status": "CANCEL_QUEUED"}, OrderStatus.PENDING_CANCEL, id="a cancel on its way"),
        pytest.param(
            {"status": "CANCEL_QUEUED", "filled_size": "0.1"}, OrderStatus.PENDING_CANCEL, id="the same, begun"
        ),
        pytest.param({"status": "OPEN", "pending_cancel": True}, OrderStatus.PENDING_CANCEL, id="a cancel accepted"),
        pytest.param({"status": "FILLED", "filled_size": "0.2"}, OrderStatus.FILLED, id="filled"),
        pytest.param({"status": "FILLED", "pending_cancel": True}, OrderStatus.FILLED, id="filled before the cancel"),
        pytest.param({"status": "CANCELLED"}, OrderStatus.CANCELED, id="canceled"),
        pytest.param({"status": "EXPIRED"}, OrderStatus.EXPIRED, id="expired"),
        pytest.param({"status": "FAILED"}, OrderStatus.REJECTED, id="refused by the engine"),
        pytest.param({"status": "FAILED", "filled_size": "0.1"}, OrderStatus.CANCELED, id="ended after a part"),
    ],
)
def test_the_status(changes: dict[str, object], status: OrderStatus) -> None:
    assert read(**changes).status is status


@pytest.mark.parametrize(
    ("configuration", "order_type", "time_in_force", "terms"),
    [
        pytest.param(
            {"market_market_ioc": {"quote_size": "10.00"}},
            OrderType.MARKET,
            TimeInForce.IOC,
            {"quote_quantity": Decimal("10.00")},
            id="a market order by amount",
        ),
        pytest.param(
            {"market_market_ioc": {"base_size": "0.5", "quote_size": ""}},
            OrderType.MARKET,
            TimeInForce.IOC,
            {"quantity": Decimal("0.5")},
            id="a market order by quantity",
        ),
        pytest.param(
            {"limit_limit_gtd": {"base_size": "1", "limit_price": "2", "end_time": "2027-01-01T00:00:00Z"}},
            OrderType.LIMIT,
            TimeInForce.GTD,
            {"quantity": Decimal(1), "price": Decimal(2)},
            id="good till a date",
        ),
        pytest.param(
            {"limit_limit_fok": {"base_size": "1", "limit_price": "2"}},
            OrderType.LIMIT,
            TimeInForce.FOK,
            {"quantity": Decimal(1), "price": Decimal(2)},
            id="fill or kill",
        ),
        pytest.param(
            {"sor_limit_ioc": {"base_size": "1", "limit_price": "2"}},
            OrderType.LIMIT,
            TimeInForce.IOC,
            {"quantity": Decimal(1), "price": Decimal(2)},
            id="immediate or cancel",
        ),
        pytest.param(
            {"stop_limit_stop_limit_gtc": {"base_size": "1", "limit_price": "2", "stop_price": "3"}},
            OrderType.STOP_LIMIT,
            TimeInForce.GTC,
            {"quantity": Decimal(1), "price": Decimal(2), "stop_price": Decimal(3)},
            id="a stop",
        ),
        pytest.param(
            {"trigger_bracket_gtc": {"base_size": "1", "limit_price": "4", "stop_trigger_price": "3"}},
            None,
            None,
            {"quantity": Decimal(1), "price": Decimal(4), "stop_price": Decimal(3)},
            id="a bracket has no word here",
        ),
        pytest.param({}, None, None, {}, id="an empty configuration"),
        pytest.param(None, None, None, {}, id="no configuration"),
        pytest.param(
            {"limit_limit_gtc": None, "sor_limit_ioc": {"base_size": "1"}},
            OrderType.LIMIT,
            TimeInForce.IOC,
            {"quantity": Decimal(1)},
            id="keys without terms are passed over",
        ),
    ],
)
def test_the_terms(
    configuration: object,
    order_type: OrderType | None,
    time_in_force: TimeInForce | None,
    terms: dict[str, Any],
) -> None:
    order = read(order_configuration=configuration)
    shown = {
        name: getattr(order, name)
        for name in ("quantity", "quote_quantity", "price", "stop_price")
        if getattr(order, name) is not None
    }
    assert (order.order_type, order.time_in_force, shown) == (order_type, time_in_force, terms)


def test_a_size_in_quote_units_decides_where_both_are_shown() -> None:
    both = {"market_market_ioc": {"quote_size": "10", "base_size": "0.1"}}
    assert read(order_configuration=both, size_in_quote=True).quote_quantity == Decimal(10)
    assert read(order_configuration=both, size_in_quote=False).quantity == Decimal("0.1")


def test_fills_make_an_average() -> None:
    order = read(filled_size="0.05", average_filled_price="90001")
    assert (order.filled_quantity, order.average_price) == (Decimal("0.05"), Decimal(90001))
    assert read(average_filled_price="50").average_price is None


def test_the_last_accepted_edit_gives_price_and_size() -> None:
    edits = [
        {"price": "3", "size": "30", "replace_accept_timestamp": "2026-11-20T08:02:00Z"},
        {"price": "2", "size": "20", "replace_accept_timestamp": "2026-11-20T08:01:00Z"},
        {"price": "4", "size": "40", "replace_accept_timestamp": ""},
    ]
    order = read(edit_history=edits)
    assert (order.price, order.quantity) == (Decimal(3), Decimal(30))
    assert read(edit_history=None).price == Decimal("90000.5")


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        pytest.param("REJECT_REASON_INSUFFICIENT_FUNDS", Kind.INSUFFICIENT_FUNDS, id="no money"),
        pytest.param("TOO_MANY_OPEN_ORDERS", Kind.TOO_MANY_OPEN_ORDERS, id="too many open orders"),
        pytest.param("REJECT_REASON_UNSPECIFIED", Kind.UNKNOWN, id="no reason"),
        pytest.param("", Kind.UNKNOWN, id="an empty reason"),
    ],
)
def test_a_refusal_of_the_engine(reason: str, kind: Kind) -> None:
    refusal = read(status="FAILED", reject_reason=reason, reject_message="words").refusal
    assert refusal is not None
    assert (refusal.kind, refusal.outcome, refusal.message) == (kind, Outcome.REJECTED, "words")


def test_the_default_reason_of_a_living_order_is_none() -> None:
    assert read().refusal is None


def test_a_side_that_is_not_told_is_none() -> None:
    assert read(side="").side is None


@pytest.mark.parametrize("value", [None, "", "0001-01-01T00:00:00Z"])
def test_moments_that_are_none(value: str | None) -> None:
    assert moment_or_none({"when": value}, "when") is None


def test_the_time_of_the_last_fill_stands_in_for_that_of_the_last_update() -> None:
    order = read(last_update_time="", last_fill_time="2026-11-20T09:00:00.123456789Z")
    assert order.updated_at == datetime(2026, 11, 20, 9, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"status": "NEW_WORD"}, id="an unknown status"),
        pytest.param({"status": ["OPEN"]}, id="a status that is a list"),
        pytest.param({"order_configuration": [1]}, id="a configuration that is a list"),
        pytest.param({"order_configuration": {"limit_limit_gtc": 5}}, id="terms that are a number"),
        pytest.param({"filled_size": "much"}, id="a size that is no number"),
        pytest.param({"edit_history": {"price": "1"}}, id="edits that are an object"),
        pytest.param({"created_time": "yesterday"}, id="a time that is none"),
        pytest.param({"pending_cancel": "perhaps"}, id="a flag that is none"),
    ],
)
def test_a_row_of_another_shape_is_malformed(changes: dict[str, object]) -> None:
    with pytest.raises(VenueError) as caught:
        read(**changes)
    assert caught.value.kind is Kind.MALFORMED_RESPONSE


def test_an_order_with_an_end_says_when() -> None:
    terms = {"base_size": "1", "limit_price": "2", "end_time": "2027-01-01T00:00:00Z"}
    ends = order_of(BTC, order_row(order_configuration={"limit_limit_gtd": terms}))
    assert ends.expires_at == datetime(2027, 1, 1, tzinfo=UTC)
    assert order_of(BTC, order_row()).expires_at is None
