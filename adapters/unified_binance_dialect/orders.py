"""Orders at the main doors of both products: parameters out, values in, one pair per endpoint.

Signs nothing and checks no rule of the instrument. Amends nothing: what may be amended differs by venue.

Source: Binance spot rest-api.md and enums.md (2026-07-21), USD-M trade pages (2026-05-28) and SDK 18.1.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from unified.adapter import Steps
from unified.errors import VenueError
from unified.instrument import Product
from unified.operations import (
    CancelAll,
    CancelOrder,
    FetchOpenOrders,
    FetchOrder,
    Operation,
    Page,
    PlaceOrder,
    TestOrder,
)
from unified.order import Order, OrderType, PositionSide, Side, TimeInForce, Trigger
from unified.wire import Json, milliseconds, obj, plain, rows
from unified_binance_dialect.auth import Parameters, cannot
from unified_binance_dialect.rows import instrument_of, order_of

# --- place


def place_parameters(order: PlaceOrder) -> Parameters:
    """One new order; the answer is asked for in full, so that what filled and the status come with it."""
    check_combination(order)
    native = _native_type(order)
    parameters = {
        "symbol": order.instrument.symbol,
        "side": order.side.upper(),
        "type": native,
        "newClientOrderId": order.client_order_id,
        "newOrderRespType": "FULL" if order.product is Product.SPOT else "RESULT",
    }
    parameters |= numbers(
        quantity=order.quantity, quoteOrderQty=order.quote_quantity, price=order.price, stopPrice=order.stop_price
    )
    if order.order_type.has_price and native != "LIMIT_MAKER":
        parameters |= time_in_force(order)
    return parameters | position_flags(order)


def check_combination(order: PlaceOrder) -> None:
    """Raise `not_supported` (not_sent) for what no door of the product can express."""
    refuse = (_spot_cannot(order) if order.product is Product.SPOT else _linear_cannot(order)) or _nobody_can(order)
    if refuse:
        raise cannot(order, refuse)


def _nobody_can(order: PlaceOrder) -> str:
    if order.post_only and (not order.order_type.has_price or order.time_in_force is not TimeInForce.GTC):
        return "post-only is for limit orders that are good till canceled"
    if order.quote_quantity is not None and order.order_type is not OrderType.MARKET:
        return "quote_quantity is for market orders; give quantity"
    if order.time_in_force is TimeInForce.GTD and (order.expires_at is None or not order.order_type.has_price):
        return "GTD is for limit orders and needs expires_at"
    return ""


def _spot_cannot(order: PlaceOrder) -> str:
    if order.reduce_only or order.position_side is not None or order.margin_mode is not None:
        return "spot orders have no reduce_only, position_side or margin_mode"
    if order.time_in_force is TimeInForce.GTD:
        return "spot orders cannot expire by themselves; place GTC and cancel it"
    if order.post_only and order.order_type is OrderType.STOP_LIMIT:
        return "a spot stop cannot be post-only"
    return ""


def _linear_cannot(order: PlaceOrder) -> str:
    if order.quote_quantity is not None:
        return "USD-M orders take quantity only"
    if order.margin_mode is not None:
        return "the margin mode belongs to the symbol; use set_margin_mode"
    opens = (order.side is Side.BUY) == (order.position_side is PositionSide.LONG)
    if order.reduce_only and order.position_side is not None and opens:
        return "this order would open the position, so it cannot be reduce-only"
    return ""


def _native_type(order: PlaceOrder) -> str:
    """Spot's words: a stop of a loss and a stop of a profit differ by the side on which they wait."""
    if order.order_type.is_stop:
        stop = "STOP_LOSS" if stops_loss(order) else "TAKE_PROFIT"
        return f"{stop}_LIMIT" if order.order_type is OrderType.STOP_LIMIT else stop
    if order.post_only and order.product is Product.SPOT:
        return "LIMIT_MAKER"
    return order.order_type.upper()


def stops_loss(order: PlaceOrder) -> bool:
    """Whether a stop waits where the market turns against its side."""
    return (order.side is Side.BUY) == (order.waits_for is Trigger.RISES)


def time_in_force(order: PlaceOrder) -> dict[str, str]:
    parameters = {"timeInForce": "GTX" if order.post_only else order.time_in_force.upper()}
    if order.expires_at is not None and order.time_in_force is TimeInForce.GTD:
        parameters["goodTillDate"] = str(milliseconds(order.expires_at))
    return parameters


def position_flags(order: PlaceOrder) -> dict[str, str]:
    """Hedge mode names the position and refuses `reduceOnly` (-1106): closing a side only reduces it anyway."""
    if order.position_side is not None:
        return {"positionSide": order.position_side.upper()}
    return {"reduceOnly": "true"} if order.reduce_only else {}


def numbers(**values: Decimal | None) -> dict[str, str]:
    """Those that are given, in plain digits."""
    return {name: plain(value) for name, value in values.items() if value is not None}


def parse_placed(operation: PlaceOrder, answer: Json) -> Order:
    """Neither product repeats `time` in this answer; the order is as old as its last change."""
    row = obj(answer)
    return order_of(operation.instrument, row, "transactTime" if row.get("transactTime") else "updateTime")


def test_parameters(operation: TestOrder) -> Parameters:
    if operation.product is Product.LINEAR and operation.order.order_type.is_stop:
        raise cannot(operation, "USD-M cannot test stops: their door has no test")
    return place_parameters(operation.order)


def parse_tested(_operation: TestOrder, answer: Json) -> None:
    obj(answer)


# --- one order: cancel, fetch


def ids(operation: CancelOrder | FetchOrder) -> Parameters:
    """Which order: the venue's id is the fastest and wins where both are known."""
    return {
        "symbol": operation.instrument.symbol,
        **either_id(operation, operation.venue_order_id, operation.client_order_id),
    }


def either_id(operation: Operation[Any], venue_order_id: str | None, client_order_id: str | None) -> dict[str, str]:
    """The venue's id where it is known, else ours."""
    if venue_order_id:
        return {"orderId": venue_order_id}
    if client_order_id:
        return {"origClientOrderId": client_order_id}
    raise cannot(operation, "an order is named by its venue_order_id or its client_order_id")


def parse_fetched(operation: FetchOrder, answer: Json) -> Order:
    return order_of(operation.instrument, obj(answer))


def parse_canceled(operation: CancelOrder, answer: Json) -> Order:
    """On spot `clientOrderId` is the id of the cancel itself; the order's is `origClientOrderId`."""
    row = obj(answer)
    own = row.get("origClientOrderId", row.get("clientOrderId"))
    return order_of(operation.instrument, {**row, "clientOrderId": own})


# --- many orders


def open_parameters(operation: FetchOpenOrders) -> Parameters:
    return {} if operation.instrument is None else {"symbol": operation.instrument.symbol}


def per_symbol(one: int, every: int) -> Callable[[FetchOpenOrders], int]:
    """The weight of a list: of one symbol, and of all."""
    return lambda operation: every if operation.instrument is None else one


def parse_open(operation: FetchOpenOrders, answer: Json) -> Page[Order]:
    found = (obj(row, "openOrders[]") for row in rows(answer))
    return Page(items=tuple(order_of(instrument_of(operation, row), row) for row in found))


class CancelSymbol(CancelAll):
    """Cancel the open orders of one instrument at the main door."""

    __slots__ = ()


def cancel_symbol_parameters(operation: CancelAll) -> Parameters:
    if operation.instrument is None:
        raise cannot(operation, "open orders are canceled symbol by symbol")
    return {"symbol": operation.instrument.symbol}


def parse_canceled_all(_operation: CancelAll, answer: Json) -> None:
    """Spot lists what it canceled; USD-M says that it was done."""
    if type(answer) is not list:
        obj(answer)


def cancel_all_spot_steps(operation: CancelAll) -> Steps[None]:
    """Spot cancels symbol by symbol: without one, those with open orders are asked for first."""
    if operation.instrument is not None:
        yield CancelSymbol(instrument=operation.instrument, product=operation.product, listing=operation.listing)
        return
    found: Page[Order] = yield FetchOpenOrders(product=operation.product, listing=operation.listing)
    instruments = dict.fromkeys(order.instrument for order in found.items)
    yield from all_of(
        CancelSymbol(instrument=one, product=operation.product, listing=operation.listing) for one in instruments
    )


def all_of(steps: Iterable[Operation[Any]]) -> Steps[None]:
    """Every step, also after one has failed; the first failure is raised at the end."""
    failed: VenueError | None = None
    for step in steps:
        try:
            yield step
        except VenueError as error:
            failed = failed or error
    if failed is not None:
        raise failed
