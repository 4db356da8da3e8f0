"""Orders, fills and the purse of Souk: what to ask and how to read it, a pair per call. Checks no rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unified.account import Balance
from unified.adapter import unsupported
from unified.instrument import Instrument
from unified.operations import (
    CancelOrder,
    FetchBalances,
    FetchFills,
    FetchOpenOrders,
    FetchOrder,
    ListingOperation,
    Page,
    PlaceOrder,
)
from unified.order import Commission, Fill, Order, OrderStatus, OrderType, Side, TimeInForce
from unified.wire import Json, at_ms, children, choice, decimal, decimal_or_none, flag, obj, plain, text, text_or_none

WAYS = {Side.BUY: "bid", Side.SELL: "offer"}
LIVES = {TimeInForce.GTC: "till_sold", TimeInForce.IOC: "at_once", TimeInForce.FOK: "all_or_none"}
STATES = {
    "resting": OrderStatus.NEW,
    "partly": OrderStatus.PARTIALLY_FILLED,
    "sold": OrderStatus.FILLED,
    "taken_back": OrderStatus.CANCELED,
    "ended": OrderStatus.EXPIRED,
}
_SIDES = {word: side for side, word in WAYS.items()}
_TIMES = {word: time for time, word in LIVES.items()}
_NOT_HERE = ("stop_price", "trigger", "expires_at", "reduce_only", "position_side", "margin_mode", "quote_quantity")


def place(order: PlaceOrder) -> Mapping[str, Any]:
    """Everything that can be asked for is said, or refused: nothing is dropped."""
    for term in _NOT_HERE:
        if getattr(order, term):
            raise unsupported("souk", order, f"Souk knows no {term}")
    if order.quantity is None or order.time_in_force not in LIVES or order.order_type.is_stop:
        raise unsupported("souk", order, "Souk takes limit and market orders with a quantity: GTC, IOC or FOK")
    said: dict[str, Any] = {
        "pair": order.instrument.symbol,
        "way": WAYS[order.side],
        "volume": plain(order.quantity),
        "tag": order.client_order_id,
    }
    if order.price is not None:
        said |= {"rate": plain(order.price), "life": LIVES[order.time_in_force], "maker": order.post_only}
    return said


def which(operation: FetchOrder | CancelOrder) -> Mapping[str, Any]:
    """The venue's id wins where both are known."""
    if operation.venue_order_id is not None:
        return {"order": operation.venue_order_id}
    return {"tag": operation.client_order_id or ""}


def rows(operation: ListingOperation[Any]) -> Mapping[str, Any]:
    said = {} if operation.instrument is None else {"pair": operation.instrument.symbol}
    cursor, order = getattr(operation, "cursor", None), getattr(operation, "venue_order_id", None)
    return {**said, **({"after": cursor} if cursor else {}), **({"order": order} if order else {})}


def read_order(operation: PlaceOrder | FetchOrder | CancelOrder, answer: Json) -> Order:
    return _order(operation.instrument, obj(answer))


def read_orders(operation: FetchOpenOrders, answer: Json) -> Page[Order]:
    body = obj(answer)
    found = [obj(row, "orders[]") for row in children(body, "orders")]
    return Page(
        items=tuple(_order(operation.listing.of(text(row, "pair"), operation.product), row) for row in found),
        cursor=text_or_none(body, "after"),
    )


def _order(instrument: Instrument, row: Mapping[str, Any]) -> Order:
    rate = decimal_or_none(row, "rate")
    return Order(
        instrument=instrument,
        venue_order_id=text(row, "order"),
        client_order_id=text_or_none(row, "tag"),
        status=choice(STATES, text(row, "state"), "state"),
        side=choice(_SIDES, text(row, "way"), "way"),
        order_type=OrderType.MARKET if rate is None else OrderType.LIMIT,
        quantity=decimal(row, "volume"),
        price=rate,
        time_in_force=None if rate is None else choice(_TIMES, text(row, "life"), "life"),
        post_only=flag(row, "maker"),
        filled_quantity=decimal(row, "traded"),
        average_price=decimal_or_none(row, "mean"),
        created_at=at_ms(row, "placed_ms"),
    )


def read_fills(operation: FetchFills, answer: Json) -> Page[Fill]:
    body = obj(answer)
    found = [obj(row, "trades[]") for row in children(body, "trades")]
    fills = (_fill(operation.listing.of(text(row, "pair"), operation.product), row) for row in found)
    return Page(
        items=tuple(fill for fill in fills if _is_of_that_time(operation, fill)),
        cursor=text_or_none(body, "after"),
    )


def _is_of_that_time(operation: FetchFills, fill: Fill) -> bool:
    """Souk lists every trade, whatever time was asked for."""
    since, until = operation.start, operation.end
    return (since is None or fill.time >= since) and (until is None or fill.time < until)


def _fill(instrument: Instrument, row: Mapping[str, Any]) -> Fill:
    return Fill(
        instrument=instrument,
        trade_id=text(row, "trade"),
        venue_order_id=text(row, "order"),
        side=choice(_SIDES, text(row, "way"), "way"),
        price=decimal(row, "rate"),
        quantity=decimal(row, "volume"),
        commission=Commission(currency=text(row, "toll_coin"), amount=decimal(row, "toll")),
        time=at_ms(row, "at_ms"),
    )


def read_balances(_operation: FetchBalances, answer: Json) -> tuple[Balance, ...]:
    found = (obj(row, "purse[]") for row in children(obj(answer), "purse"))
    return tuple(
        Balance(currency=text(row, "coin"), free=decimal(row, "free"), locked=decimal(row, "pledged")) for row in found
    )
