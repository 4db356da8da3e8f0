"""What calls of one kind have in common, and which of them need a slot."""

from __future__ import annotations

from typing import Any

import pytest

from tests.toy import BTC, Wire, toy_client, virtual
from unified.adapter import Endpoint
from unified.client import Client
from unified.instrument import Product
from unified.operations import CancelOrder, FetchServerTime, FetchTicker, Operation, PlaceOrder, Priority
from unified.passages import Passage, Route, needs_slot, pool_of
from unified.ports import Pool


@pytest.mark.parametrize(
    ("priority", "pool"),
    [
        (Priority.CANCEL, Pool.ORDERS),
        (Priority.CLOSE, Pool.ORDERS),
        (Priority.ORDER, Pool.ORDERS),
        (Priority.PRIVATE_READ, Pool.READS),
        (Priority.PUBLIC_READ, Pool.READS),
    ],
)
def test_reads_hold_no_connection_of_orders(priority: Priority, pool: Pool) -> None:
    assert pool_of(priority) is pool


def test_cancels_and_the_question_for_the_time_wait_for_nobody() -> None:
    assert needs_slot(PlaceOrder, Priority.ORDER)
    assert not needs_slot(CancelOrder, Priority.CANCEL)
    assert not needs_slot(FetchServerTime, Priority.PUBLIC_READ)


def route_of(client: Client, kind: type[Operation[Any]], priority: Priority) -> Route:
    endpoint = client._adapter.endpoints[kind, Product.SPOT]
    assert isinstance(endpoint, Endpoint)
    return client._access.route(endpoint, kind, Product.SPOT, priority)


def test_a_route_is_found_once_for_each_kind_and_priority_until_the_client_leaves() -> None:
    async def story() -> None:
        async with toy_client(Wire()) as client:
            order = route_of(client, PlaceOrder, Priority.ORDER)
            assert order is route_of(client, PlaceOrder, Priority.ORDER)
            assert order is not route_of(client, PlaceOrder, Priority.CLOSE)
            assert (order.writes, order.timed, order.varies, order.pool) == (True, True, False, Pool.ORDERS)
            await client.aclose()
            assert order is not route_of(client, PlaceOrder, Priority.ORDER)

    virtual(story)


def test_a_passage_has_sent_nothing_when_it_begins() -> None:
    async def story() -> None:
        async with toy_client(Wire()) as client:
            route = route_of(client, FetchTicker, Priority.PUBLIC_READ)
            passage = await client._access.admit(route, FetchTicker(instrument=BTC), 1e9)
        assert isinstance(passage, Passage)
        assert (passage.sent, passage.settled, passage.request, passage.stamp) == (False, False, None, None)
        assert passage.window_ms == route.window_ms

    virtual(story)
