"""Closed orders of USD-M: those of the main door, then the stops that never became one. Signs nothing.

Source: USD-M trade pages and "New Algo Order" (2026-05-28).
"""

from __future__ import annotations

from unified.adapter import Steps
from unified.operations import FetchClosedOrders, Page
from unified.order import Order
from unified.wire import Json
from unified_binance.stops import untriggered
from unified_binance_dialect.auth import Parameters
from unified_binance_dialect.history import FetchClosedResting, list_parameters, page_of, walk


class FetchClosedStops(FetchClosedOrders):
    """One page of the stops that never became an order."""

    __slots__ = ()


def closed_steps(operation: FetchClosedOrders) -> Steps[Page[Order]]:
    return (yield from walk(operation, (FetchClosedResting, FetchClosedStops)))


def closed_stops_parameters(operation: FetchClosedOrders) -> Parameters:
    return list_parameters(operation, "algoId")


def parse_closed_stops(operation: FetchClosedOrders, answer: Json) -> Page[Order]:
    closed = (order for order in untriggered(operation, answer) if order.status.is_final)
    return page_of(operation, closed, answer, "algoId", "createTime", lambda order: order.created_at)
