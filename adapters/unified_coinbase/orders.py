"""Writing orders: bodies out, acknowledgements in. Signs nothing, checks no rule of the instrument.

Coinbase only acknowledges: an accepted order is PENDING_NEW and an accepted cancel PENDING_CANCEL until asked. A
client order id that comes a second time makes no second order: the answer names the first one and repeats the
terms of the second, so nothing of an order is believed but its id.
Source: docs.cdp.coinbase.com, create-order, edit-order, cancel-order, preview-orders (2026-08-22, 2026-09-08).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from unified.accepted import accepted, amended
from unified.adapter import refuse_if, unsupported
from unified.errors import Kind, VenueError
from unified.http import HttpResponse
from unified.instrument import ZERO
from unified.operations import AmendOrder, CancelBatch, CancelOrder, Operation, Placed, PlaceOrder, TestOrder
from unified.order import Order, OrderStatus, OrderType, Side, TimeInForce, Trigger
from unified.wire import children, malformed, obj, plain, text, text_or_none
from unified_coinbase.faults import answer_of, item_fault
from unified_coinbase.market_data import VENUE
from unified_coinbase.order_rows import NATURE

Body = Mapping[str, Any]

MOST_CANCELS = 100
"""Ids in one request; seen in refusals, not documented."""


class CancelById(CancelOrder):
    """A cancel in one request: only the venue's own id can be named."""

    __slots__ = ()


def rfc3339(when: datetime) -> str:
    """A moment as the venue writes it."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


# --- place


def place_body(order: PlaceOrder) -> Body:
    """One new order. Raises `not_supported` for what the venue cannot express."""
    return {"client_order_id": order.client_order_id, **_terms(order)}


def preview_body(operation: TestOrder) -> Body:
    return _terms(operation.order)


def _terms(order: PlaceOrder) -> Body:
    _refuse_impossible(order)
    key = _configuration_key(order)
    return {
        "product_id": order.instrument.symbol,
        "side": order.side.name,
        "order_configuration": {key: _configuration(order)},
    }


_KEYS = {(nature.order_type, nature.time_in_force): key for key, nature in NATURE.items()}


def _configuration_key(order: PlaceOrder) -> str:
    """There is no `limit_limit_ioc`: an IOC order is routed smartly. Market orders are IOC whatever they say."""
    at_market = order.order_type is OrderType.MARKET
    key = _KEYS.get((order.order_type, TimeInForce.IOC if at_market else order.time_in_force))
    if key is None:
        raise unsupported(VENUE, order, f"a {order.order_type} order has no {order.time_in_force}")
    return key


def _configuration(order: PlaceOrder) -> Body:
    """What stands under the key; what the type does not have is left out."""
    terms: dict[str, Any] = {}
    if order.quote_quantity is not None:
        terms["quote_size"] = plain(order.quote_quantity)
    else:
        terms["base_size"] = plain(order.quantity or ZERO)
    if order.price is not None and order.order_type.has_price:
        terms["limit_price"] = plain(order.price)
    if order.stop_price is not None:
        up = order.waits_for is Trigger.RISES
        terms["stop_price"] = plain(order.stop_price)
        terms["stop_direction"] = "STOP_DIRECTION_STOP_UP" if up else "STOP_DIRECTION_STOP_DOWN"
    if order.expires_at is not None:
        terms["end_time"] = rfc3339(order.expires_at)
    if order.order_type is OrderType.LIMIT and order.time_in_force in (TimeInForce.GTC, TimeInForce.GTD):
        terms["post_only"] = order.post_only
    return terms


def _refuse_impossible(order: PlaceOrder) -> None:
    """Combinations that the venue has no words for on spot."""
    at_market, stop = order.order_type is OrderType.MARKET, order.order_type.is_stop
    rests = order.time_in_force in (TimeInForce.GTC, TimeInForce.GTD)
    refuse_if(
        VENUE,
        order,
        (order.order_type is OrderType.STOP_MARKET, "stops have a limit price here; there is no stop at the market"),
        (order.quantity is None and order.quote_quantity is None, "an order needs a quantity"),
        (order.quote_quantity is not None and not at_market, "quote_quantity is for market orders"),
        (order.quote_quantity is not None and order.side is Side.SELL, "a sale is sized in base units"),
        (at_market and order.time_in_force in (TimeInForce.FOK, TimeInForce.GTD), "a market order is IOC on spot"),
        (order.order_type.has_price and order.price is None, "this order type needs a price"),
        (stop and order.stop_price is None, "a stop needs a stop_price"),
        (not stop and order.stop_price is not None, "only a stop has a stop_price"),
        ((order.time_in_force is TimeInForce.GTD) != (order.expires_at is not None), "GTD needs expires_at"),
        (order.post_only and (order.order_type is not OrderType.LIMIT or not rests), "post-only is for resting limits"),
        (order.reduce_only, "spot has no reduce-only"),
        (order.position_side is not None, "spot has no position side"),
        (order.margin_mode is not None, "spot has no margin mode"),
    )


def parse_placed(order: PlaceOrder, body: Body) -> Order:
    """The acknowledgement holds an id: the terms are those that were asked for."""
    row = obj(body.get("success_response") or {}, "success_response")
    # Older answers have the id beside `success` only.
    venue_order_id = text_or_none(row, "order_id") or text_or_none(body, "order_id")
    if body.get("success") is not True or venue_order_id is None:
        raise malformed("success: an answer to a new order without success or id")
    if (text_or_none(row, "client_order_id") or order.client_order_id) != order.client_order_id:
        raise malformed("client_order_id: the answer is about another order")
    known = accepted(order, venue_order_id)
    return evolve(known, time_in_force=TimeInForce.IOC) if order.order_type is OrderType.MARKET else known


def parse_tested(_operation: TestOrder, _body: Body) -> None:
    """What the venue would refuse is raised before; totals and fees are left aside."""


# --- amend


def amend_body(operation: AmendOrder) -> Body:
    """Price and size are both said always: the venue reads a missing size as zero."""
    order = operation.order
    resting = order.order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)
    good_till_cancel = order.time_in_force in (TimeInForce.GTC, None)
    price = order.price if operation.price is None else operation.price
    quantity = order.quantity if operation.quantity is None else operation.quantity
    refuse_if(
        VENUE,
        operation,
        (not order.venue_order_id, "an order is amended by the venue's own id"),
        (not (resting and good_till_cancel), "only GTC limit and stop-limit orders can be amended"),
    )
    if price is None or quantity is None:
        raise unsupported(VENUE, operation, "an amend repeats price and quantity, and the order shows neither of one")
    stop = {} if order.stop_price is None else {"stop_price": plain(order.stop_price)}
    return {"order_id": order.venue_order_id, "price": plain(price), "size": plain(quantity), **stop}


def parse_amended(operation: AmendOrder, body: Body) -> Order:
    """Accepted only: the terms are the new ones, and PENDING_NEW says that the engine has not spoken."""
    if body.get("success") is not True:
        raise malformed("success: an answer to an edit without success")
    return amended(operation)


# --- cancel


def cancel_body(operation: CancelById) -> Body:
    return {"order_ids": [_venue_id(operation, operation)]}


def parse_canceled(operation: CancelById, response: HttpResponse) -> Order:
    verdict = _verdict(operation, _results(response), operation, response)
    if isinstance(verdict, VenueError):
        raise verdict
    return verdict


def cancel_batch_body(operation: CancelBatch) -> Body:
    if len(operation.cancels) > MOST_CANCELS:
        raise unsupported(VENUE, operation, f"a batch holds at most {MOST_CANCELS} cancels")
    return {"order_ids": [_venue_id(operation, cancel) for cancel in operation.cancels]}


def parse_canceled_batch(operation: CancelBatch, response: HttpResponse) -> tuple[Placed, ...]:
    results = _results(response)
    return tuple(_verdict(cancel, results, operation, response) for cancel in operation.cancels)


def _venue_id(operation: Operation[Any], cancel: CancelOrder) -> str:
    if not cancel.venue_order_id:
        raise unsupported(VENUE, operation, "orders are cancelled by the venue's own id")
    return cancel.venue_order_id


def _results(response: HttpResponse) -> Mapping[str, Body]:
    """The verdicts by order id."""
    found = (obj(row, "results[]") for row in children(answer_of(response), "results"))
    return {text(row, "order_id"): row for row in found}


def _verdict(
    cancel: CancelOrder, results: Mapping[str, Body], operation: Operation[Any], response: HttpResponse
) -> Placed:
    """Success means that the cancel was accepted. So does a refusal because an earlier cancel is under way."""
    row = results.get(cancel.venue_order_id or "")
    fault = malformed("results: no verdict on the order").fault if row is None else item_fault(row, response)
    if fault is not None and fault.kind is not Kind.NO_CHANGE:
        return VenueError.of(
            fault, venue=VENUE, operation=operation.name, client_order_id=cancel.client_order_id or None
        )
    return Order(
        instrument=cancel.instrument,
        venue_order_id=cancel.venue_order_id or "",
        client_order_id=cancel.client_order_id,
        status=OrderStatus.PENDING_CANCEL,
    )
