"""Rows as any of Bitzoom's papers write them, read into ours. One value goes by several names; builds nothing.

Source: bitzoom-futures/futures.doc, guides and examples/bitzoom.gateway.json at 42521de (2026-02-13), whose internal
order model the gateway may show.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from unified.instrument import ZERO, Instrument
from unified.operations import ListingOperation
from unified.order import Commission, Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from unified.wire import (
    Json,
    at_ms_or_none,
    choice,
    decimal_or_none,
    flag,
    malformed,
    obj,
    positive_or_none,
    rows,
    text,
    text_or_none,
)

Row = Mapping[str, Any]

_STATUSES = {
    "new": OrderStatus.NEW,
    "partiallyfilled": OrderStatus.PARTIALLY_FILLED,
    "filled": OrderStatus.FILLED,
    "canceled": OrderStatus.CANCELED,
    "cancelled": OrderStatus.CANCELED,
    "pendingcancel": OrderStatus.PENDING_CANCEL,
    "rejected": OrderStatus.REJECTED,
    "expired": OrderStatus.EXPIRED,
}
_TYPES = {
    "LIMIT": OrderType.LIMIT,
    "limit": OrderType.LIMIT,
    "MARKET": OrderType.MARKET,
    "market": OrderType.MARKET,
    "STOP": OrderType.STOP_LIMIT,
    "TAKE_PROFIT": OrderType.STOP_LIMIT,
    "stopLimit": OrderType.STOP_LIMIT,
    "STOP_MARKET": OrderType.STOP_MARKET,
    "TAKE_PROFIT_MARKET": OrderType.STOP_MARKET,
}
"""The history's `stop` is not said to be a limit or a market order: it has no word here."""
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}
_TIMES_IN_FORCE = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK, "GTX": TimeInForce.GTC}

IDS = ("orderId", "order_id", "id")
CLIENT_IDS = ("clientOrderId", "client_order_id", "customer_order_id")
QUANTITIES = ("quantity", "origQty", "orig_qty")
FILLED = ("executedQty", "executed_qty", "filledQuantity")
AVERAGES = ("avgPrice", "avg_price")
CREATED = ("createTime", "created_at", "time")
TOTALS = ("balance", "walletBalance", "total")
_LISTS = ("rows", "list", "items", "orders", "symbols")


def named(row: Row, names: tuple[str, ...]) -> str:
    """The name under which the row holds the value; the first one where it holds none."""
    return next((name for name in names if row.get(name) not in (None, "")), names[0])


def list_of(answer: Json) -> list[dict[str, Any]]:
    """The rows of a list, bare or inside an object."""
    if type(answer) is dict:
        name = next((name for name in _LISTS if type(answer.get(name)) is list), None)
        if name is None:
            raise malformed(f"data: no list in it; looked for {', '.join(_LISTS)}")
        answer = answer[name]
    return [obj(row, "data[]") for row in rows(answer, "data")]


def side_of(row: Row) -> Side:
    return choice(_SIDES, text(row, "side").lower(), "side")


def moment_of(row: Row, names: tuple[str, ...]) -> datetime | None:
    return at_ms_or_none(row, named(row, names))


def instrument_of(operation: ListingOperation[Any], row: Row) -> Instrument:
    symbol, asked = text(row, "symbol"), operation.instrument
    return asked if asked is not None and asked.symbol == symbol else operation.listing.of(symbol, operation.product)


def order_of(instrument: Instrument, row: Row) -> Order:
    """An order in any of the shapes in which the papers write one."""
    in_force = text_or_none(row, named(row, ("timeInForce", "time_in_force"))) or ""
    filled, quantity = _filled(row), positive_or_none(row, named(row, QUANTITIES))
    return Order(
        instrument=instrument,
        venue_order_id=text(row, named(row, IDS)),
        client_order_id=text_or_none(row, named(row, CLIENT_IDS)),
        status=_status(row, filled),
        side=side_of(row),
        order_type=_TYPES.get(text_or_none(row, "type") or ""),
        quantity=quantity,
        price=positive_or_none(row, "price"),
        stop_price=positive_or_none(row, named(row, ("stopPrice", "stop_price"))),
        time_in_force=_TIMES_IN_FORCE.get(in_force.upper()),
        post_only=in_force.upper() == "GTX",
        reduce_only=flag(row, "reduceOnly", default=False),
        filled_quantity=filled,
        average_price=positive_or_none(row, named(row, AVERAGES)) if filled else None,
        created_at=moment_of(row, CREATED),
        updated_at=moment_of(row, ("updateTime", "updated_at")),
    )


def _filled(row: Row) -> Decimal:
    """The documented answer to a placement tells no filled quantity: an order that is filled has filled whole."""
    told = decimal_or_none(row, named(row, FILLED))
    if told is None and _word(row) is OrderStatus.FILLED:
        told = positive_or_none(row, named(row, QUANTITIES))
    return told or ZERO


def _word(row: Row) -> OrderStatus:
    return choice(_STATUSES, text(row, "status").lower().replace("_", ""), "status")


def _status(row: Row, filled: Decimal) -> OrderStatus:
    status = _word(row)
    return OrderStatus.PARTIALLY_FILLED if status is OrderStatus.NEW and filled > ZERO else status


def fill_of(instrument: Instrument, row: Row) -> Fill:
    time = moment_of(row, ("time", "createTime", "created_at"))
    fee = decimal_or_none(row, named(row, ("commission", "fee")))
    if time is None:
        raise malformed("time: missing in a fill")
    maker = row.get(named(row, ("maker", "isMaker")))
    quantity = positive_or_none(row, named(row, ("qty", "quantity")))
    price = positive_or_none(row, "price")
    if quantity is None or price is None:
        raise malformed("price or quantity: missing in a fill")
    return Fill(
        instrument=instrument,
        trade_id=text(row, named(row, ("tradeId", "trade_id", "id"))),
        venue_order_id=text(row, named(row, ("orderId", "order_id"))),
        client_order_id=text_or_none(row, named(row, CLIENT_IDS)),
        side=side_of(row),
        price=price,
        quantity=quantity,
        commission=None
        if fee is None
        else Commission(currency=text_or_none(row, "commissionAsset") or instrument.quote, amount=fee),
        liquidity={True: Liquidity.MAKER, False: Liquidity.TAKER}.get(maker) if type(maker) is bool else None,
        time=time,
    )
