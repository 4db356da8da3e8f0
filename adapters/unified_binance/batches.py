"""Several USD-M orders in one request: parameters out, values in. Spot has no batches. Signs nothing.

Source: USD-M "Place Multiple Orders" and "Cancel Multiple Orders" (2026-05-28).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from unified.operations import CancelBatch, PlaceBatch, Placed
from unified.wire import Json, malformed, obj, rows
from unified_binance.faults import FAULTS
from unified_binance_dialect.auth import Parameters, cannot
from unified_binance_dialect.faults import is_refusal
from unified_binance_dialect.orders import parse_canceled, parse_placed, place_parameters

_MOST_PLACED = 5
_MOST_CANCELED = 10


def place_batch_parameters(operation: PlaceBatch) -> Parameters:
    if len(operation.orders) > _MOST_PLACED:
        raise cannot(operation, f"a batch takes at most {_MOST_PLACED} orders")
    if any(order.order_type.is_stop for order in operation.orders):
        raise cannot(operation, "stops have a door of their own and cannot stand in a batch")
    return {"batchOrders": _compact([dict(place_parameters(order)) for order in operation.orders])}


def parse_placed_batch(operation: PlaceBatch, answer: Json) -> tuple[Placed, ...]:
    """One item per order, in the same order."""
    found = _items(answer, len(operation.orders))
    return tuple(
        FAULTS.refused(row, "linear").about(client_order_id=order.client_order_id)
        if is_refusal(row)
        else parse_placed(order, row)
        for order, row in zip(operation.orders, found, strict=True)
    )


def cancel_batch_parameters(operation: CancelBatch) -> Parameters:
    """One list of ids, so all of one symbol and all named alike."""
    cancels = operation.cancels
    symbols = {cancel.instrument.symbol for cancel in cancels}
    if len(cancels) > _MOST_CANCELED or len(symbols) != 1 or any(cancel.is_stop for cancel in cancels):
        why = f"a batch cancels at most {_MOST_CANCELED} orders of one symbol, and no stops"
        raise cannot(operation, why)
    by_venue = [cancel.venue_order_id for cancel in cancels if cancel.venue_order_id]
    by_client = [cancel.client_order_id for cancel in cancels if cancel.client_order_id]
    if len(by_venue) == len(cancels):
        return {"symbol": symbols.pop(), "orderIdList": _compact([_number(operation, id_) for id_ in by_venue])}
    if len(by_client) == len(cancels):
        return {"symbol": symbols.pop(), "origClientOrderIdList": _compact(by_client)}
    raise cannot(operation, "name all orders of the batch by venue_order_id or all by client_order_id")


def parse_canceled_batch(operation: CancelBatch, answer: Json) -> tuple[Placed, ...]:
    found = _items(answer, len(operation.cancels))
    return tuple(
        FAULTS.refused(row, "linear").about(client_order_id=cancel.client_order_id)
        if is_refusal(row)
        else parse_canceled(cancel, row)
        for cancel, row in zip(operation.cancels, found, strict=True)
    )


def _items(answer: Json, count: int) -> Sequence[dict[str, Any]]:
    found = [obj(row, "batch[]") for row in rows(answer)]
    if len(found) != count:
        raise malformed(f"batch: {len(found)} answers to {count} orders")
    return found


def _number(operation: CancelBatch, venue_order_id: str) -> int:
    if not venue_order_id.isdecimal():
        raise cannot(operation, f"{venue_order_id!r} is no order id of this venue")
    return int(venue_order_id)


def _compact(value: object) -> str:
    """JSON without blanks: the venue refuses them in these lists."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
