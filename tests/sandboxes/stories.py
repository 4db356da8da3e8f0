"""Stories that several venues play with names, prices and currencies of their own: an order's life, trades, clocks.

What no venue plays differently stands in the stories of `unified.testing.conformance`.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from tests.sandboxes.scene import Scene
from unified.order import Liquidity, OrderStatus, OrderType, Side


async def from_placing_to_its_end(scene: Scene, name: str, price: str, other_price: str) -> None:
    """Placed as post-only, amended to the other price, found by either id and in the lists, canceled, closed."""
    client, account = scene.client, scene.account
    order = await client.place_order(name, "buy", quantity="0.02", price=price, post_only=True, confirm=True)
    (known,) = account.orders
    assert (order.status, order.client_order_id, order.post_only) == (OrderStatus.NEW, known.client_order_id, True)
    assert (order.side, order.order_type) == (Side.BUY, OrderType.LIMIT)
    assert (order.price, order.quantity, order.filled_quantity) == (Decimal(price), Decimal("0.02"), Decimal(0))
    amended = await client.amend_order(order, price=other_price, quantity="0.03")
    assert (known.price, known.quantity) == (Decimal(other_price), Decimal("0.03"))
    assert amended.venue_order_id == order.venue_order_id
    (listed,) = await scene.all(client.open_orders(order.instrument.product))
    assert (listed.venue_order_id, listed.instrument.name) == (order.venue_order_id, name)
    for found in (
        await client.get_order(name, client_order_id=order.client_order_id),
        await client.get_order(name, venue_order_id=order.venue_order_id),
        listed,
    ):
        assert (found.price, found.quantity) == (Decimal(other_price), Decimal("0.03"))
    canceled = await client.cancel_order(listed, confirm=True)
    assert canceled.status is OrderStatus.CANCELED
    assert await scene.all(client.open_orders(order.instrument.product)) == []
    await asyncio.sleep(1)
    (closed,) = await scene.all(client.closed_orders(name))
    assert (closed.venue_order_id, closed.status) == (order.venue_order_id, OrderStatus.CANCELED)


async def traded_at_once(scene: Scene, name: str, paid_in: str, *, within: str = "0", **terms: Any) -> None:
    """Taken from the book: status, average, fills and commissions are the engine's; the last `within` of its own."""
    client, account = scene.client, scene.account
    order = await client.place_order(name, "buy", confirm=True, **terms)
    (known,) = account.orders
    assert (order.status, order.filled_quantity) == (known.status, known.filled_quantity)
    assert order.filled_quantity > 0
    assert order.average_price is not None
    assert abs(order.average_price - (known.average_price or 0)) < Decimal("1e-5")
    for fills in (await scene.all(client.fills(order=order)), await scene.all(client.fills(name))):
        assert sorted((fill.price, fill.quantity) for fill in fills) == sorted(
            (fill.price, fill.quantity) for fill in account.fills
        )
        assert len({fill.trade_id for fill in fills}) == len(fills) >= 1
        paid = [fill.commission for fill in fills if fill.commission is not None]
        assert len(paid) == len(fills)
        assert {fee.currency for fee in paid} == {paid_in}
        told, held = sum(fee.amount for fee in paid), Decimal(sum(known.fees.values()))
        assert abs(told - held) <= Decimal(within)
        assert {fill.liquidity for fill in fills} == {Liquidity.TAKER}


async def clock_set_before_an_order(scene: Scene, name: str, price: str, *, step: float = -3600) -> None:
    """The venue sets its clock: the next order is placed, once."""
    await scene.client.balances()
    scene.venue.clock.step(step)
    scene.network.ledger.clock_stepped()
    order = await scene.client.place_order(name, "buy", quantity="0.01", price=price, confirm=True)
    assert order.status is OrderStatus.NEW
    assert len(scene.account.orders) == 1
