from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.bitzoom.venue import BTC
from unified.errors import Kind, VenueError
from unified.order import Liquidity, OrderStatus, OrderType
from unified_bitzoom.rows import fill_of, list_of, order_of

BY_GATEWAY = {"order_id": 1, "client_order_id": "a-1", "symbol": "BTCUSDT", "side": "buy", "type": "stopLimit"} | {
    "time_in_force": "GTX",
    "price": "7",
    "orig_qty": "3",
    "executed_qty": "1",
    "avg_price": "7",
    "status": "partiallyFilled",
    "created_at": 1000,
}
BY_GUIDE = {"orderId": 1, "clientOrderId": "a-1", "symbol": "BTCUSDT", "side": "BUY", "type": "STOP"} | {
    "timeInForce": "GTX",
    "price": "7",
    "quantity": "3",
    "executedQty": "1",
    "avgPrice": "7",
    "status": "PARTIALLY_FILLED",
    "createTime": 1000,
}


def test_both_ways_of_writing_an_order_are_the_same_order() -> None:
    order = order_of(BTC, BY_GATEWAY)
    assert order == order_of(BTC, BY_GUIDE)
    assert (order.status, order.order_type, order.post_only) == (
        OrderStatus.PARTIALLY_FILLED,
        OrderType.STOP_LIMIT,
        True,
    )
    assert (order.quantity, order.filled_quantity, order.client_order_id) == (Decimal(3), Decimal(1), "a-1")
    assert order_of(BTC, {**BY_GUIDE, "clientOrderId": None, "customer_order_id": "b"}).client_order_id == "b"


def test_an_order_that_is_told_filled_without_a_quantity_has_traded_whole() -> None:
    bare = {name: value for name, value in BY_GUIDE.items() if name != "executedQty"}
    assert order_of(BTC, {**bare, "status": "FILLED"}).filled_quantity == Decimal(3)
    assert order_of(BTC, {**bare, "status": "NEW"}).filled_quantity == 0


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("new", OrderStatus.NEW),
        ("FILLED", OrderStatus.FILLED),
        ("Cancelled", OrderStatus.CANCELED),
        ("pendingCancel", OrderStatus.PENDING_CANCEL),
        ("rejected", OrderStatus.REJECTED),
        ("EXPIRED", OrderStatus.EXPIRED),
    ],
)
def test_a_status_is_read_in_any_case(word: str, status: OrderStatus) -> None:
    assert order_of(BTC, {**BY_GUIDE, "executedQty": "0", "status": word}).status is status


@pytest.mark.parametrize("changes", [{"status": "odd"}, {"side": 1}, {"orderId": None}, {"quantity": "many"}])
def test_what_cannot_be_read_is_malformed(changes: dict[str, object]) -> None:
    with pytest.raises(VenueError) as raised:
        order_of(BTC, {**BY_GUIDE, **changes})
    assert raised.value.kind is Kind.MALFORMED_RESPONSE


def test_an_ambiguous_type_has_no_word() -> None:
    assert order_of(BTC, {**BY_GATEWAY, "type": "stop"}).order_type is None


def test_a_list_is_found_bare_or_inside() -> None:
    assert list_of([{}]) == list_of({"total": 1, "rows": [{}]}) == [{}]
    wrong: tuple[object, ...] = (None, {}, {"rows": {}}, [1])
    for strange in wrong:
        with pytest.raises(VenueError):
            list_of(strange)


def test_a_fill_is_read_with_its_fee() -> None:
    row = {"tradeId": 5, "orderId": 1, "side": "sell", "price": "7", "qty": "1", "fee": "0.1", "time": 1000}
    fill = fill_of(BTC, {**row, "isMaker": True})
    assert fill.commission is not None
    assert (fill.commission.currency, fill.commission.amount) == ("USDT", Decimal("0.1"))
    assert fill.liquidity is Liquidity.MAKER
    assert fill_of(BTC, row).liquidity is None
    for missing in ("time", "price", "qty"):
        with pytest.raises(VenueError):
            fill_of(BTC, {**row, missing: None})
