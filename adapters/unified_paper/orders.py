"""Orders and fills: what to ask out, values in, one pair per endpoint. Signs nothing, checks no rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unified.adapter import unsupported
from unified.instrument import Instrument
from unified.operations import (
    AmendOrder,
    CancelAll,
    CancelOrder,
    FetchClosedOrders,
    FetchFills,
    FetchOpenOrders,
    FetchOrder,
    Operation,
    Page,
    PlaceOrder,
    TestOrder,
)
from unified.order import Commission, Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from unified.wire import (
    Json,
    at_ms,
    at_ms_or_none,
    children,
    decimal,
    decimal_or_none,
    flag,
    member,
    milliseconds,
    obj,
    plain,
    text,
    text_or_none,
)
from unified_paper.faults import CATALOGUE

Said = Mapping[str, str]


def place(order: PlaceOrder) -> Said:
    """Paper speaks our words, so that this shows the form and nothing else."""
    for term in ("reduce_only", "position_side", "margin_mode"):
        if getattr(order, term):
            raise unsupported("paper", order, f"{term} is for perpetuals, Paper trades spot")
    said = {
        "symbol": order.instrument.symbol,
        "side": order.side.value,
        "type": order.order_type.value,
        "client_order_id": order.client_order_id,
    }
    values = {
        "quantity": order.quantity,
        "quote_quantity": order.quote_quantity,
        "price": order.price,
        "stop_price": order.stop_price,
    }
    said |= {name: plain(value) for name, value in values.items() if value is not None}
    if order.order_type.is_stop:
        said["trigger"] = order.waits_for.value
    if order.order_type.has_price:
        said["time_in_force"] = order.time_in_force.value
    if order.expires_at is not None:
        said["expires_ms"] = str(milliseconds(order.expires_at))
    if order.post_only:
        said["post_only"] = "true"
    return said


def test(operation: TestOrder) -> Said:
    return place(operation.order)


def ids(operation: FetchOrder | CancelOrder) -> Said:
    """The venue's id wins where both are known."""
    if operation.venue_order_id is not None:
        return {"id": operation.venue_order_id}
    return {"client_order_id": operation.client_order_id or ""}


def amend(operation: AmendOrder) -> Said:
    values = {"price": operation.price, "quantity": operation.quantity}
    changes = {name: plain(value) for name, value in values.items() if value is not None}
    return {"id": operation.order.venue_order_id, **changes}


def of_instrument(operation: CancelAll) -> Said:
    return {} if operation.instrument is None else {"symbol": operation.instrument.symbol}


def page_query(operation: FetchOpenOrders | FetchClosedOrders | FetchFills) -> Said:
    said = {} if operation.instrument is None else {"symbol": operation.instrument.symbol}
    if operation.cursor is not None:
        said["cursor"] = operation.cursor
    if isinstance(operation, FetchFills) and operation.venue_order_id is not None:
        said["id"] = operation.venue_order_id
    if not isinstance(operation, FetchOpenOrders):
        times = {"start_ms": operation.start, "end_ms": operation.end}
        said |= {name: str(milliseconds(when)) for name, when in times.items() if when is not None}
    return said


def parse_nothing(_operation: Operation[None], answer: Json) -> None:
    """The answer says only that it was done."""
    obj(answer)


def parse_order(operation: PlaceOrder | FetchOrder | CancelOrder | AmendOrder, answer: Json) -> Order:
    return order_of(operation.instrument, obj(answer))


def parse_orders(operation: FetchOpenOrders | FetchClosedOrders, answer: Json) -> Page[Order]:
    body = obj(answer)
    rows = [obj(row, "orders[]") for row in children(body, "orders")]
    found = tuple(order_of(operation.listing.of(text(row, "symbol"), operation.product), row) for row in rows)
    return Page(items=found, cursor=text_or_none(body, "cursor"))


def parse_fills(operation: FetchFills, answer: Json) -> Page[Fill]:
    body = obj(answer)
    rows = [obj(row, "fills[]") for row in children(body, "fills")]
    found = tuple(fill_of(operation.listing.of(text(row, "symbol"), operation.product), row) for row in rows)
    return Page(items=found, cursor=text_or_none(body, "cursor"))


def order_of(instrument: Instrument, row: Mapping[str, Any]) -> Order:
    refusal = text_or_none(row, "refusal")
    return Order(
        instrument=instrument,
        venue_order_id=text(row, "id"),
        client_order_id=text_or_none(row, "client_order_id"),
        status=member(OrderStatus, text(row, "status"), "status"),
        side=member(Side, text(row, "side"), "side"),
        order_type=member(OrderType, text(row, "type"), "type"),
        quantity=decimal_or_none(row, "quantity"),
        quote_quantity=decimal_or_none(row, "quote_quantity"),
        price=decimal_or_none(row, "price"),
        stop_price=decimal_or_none(row, "stop_price"),
        time_in_force=member(TimeInForce, text(row, "time_in_force"), "time_in_force"),
        expires_at=at_ms_or_none(row, "expires_ms"),
        post_only=flag(row, "post_only"),
        filled_quantity=decimal(row, "filled_quantity"),
        average_price=decimal_or_none(row, "average_price"),
        created_at=at_ms(row, "created_ms"),
        updated_at=at_ms(row, "updated_ms"),
        refusal=None if refusal is None else CATALOGUE.fault(refusal),
    )


def fill_of(instrument: Instrument, row: Mapping[str, Any]) -> Fill:
    return Fill(
        instrument=instrument,
        trade_id=text(row, "trade_id"),
        venue_order_id=text(row, "order_id"),
        client_order_id=text_or_none(row, "client_order_id"),
        side=member(Side, text(row, "side"), "side"),
        price=decimal(row, "price"),
        quantity=decimal(row, "quantity"),
        commission=Commission(currency=text(row, "fee_currency"), amount=decimal(row, "fee")),
        liquidity=member(Liquidity, text(row, "liquidity"), "liquidity"),
        time=at_ms(row, "time_ms"),
    )
