"""Orders from placing to their end, through the production client: what the venue books is what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from unified.errors import Kind, Outcome, VenueError
from unified.operations import (
    AmendOrder,
    CancelAll,
    CancelBatch,
    CancelOrder,
    FetchClosedOrders,
    FetchFills,
    FetchInstruments,
    FetchOpenOrders,
    FetchOrder,
    FetchServerTime,
    PlaceBatch,
    PlaceOrder,
    TestOrder,
)
from unified.order import Order, OrderStatus
from unified.sandbox.orders import VenueOrder
from unified.testing.conformance.rules import ORDERS
from unified.testing.conformance.stage import Broken, Stage, Story, first, require
from unified.wire import moment


async def placed(stage: Stage, side: str = "buy", times: str = "0.99", **terms: Any) -> Order:
    """A resting order, confirmed."""
    price, quantity = await stage.price(times), await stage.quantity()
    return await stage.client.place_order(
        await stage.instrument(), side, quantity=quantity, price=price, confirm=True, **terms
    )


async def life(stage: Stage) -> None:
    """Placed, found by either id, listed, canceled, and among the closed ones."""
    client, order = stage.client, await placed(stage)
    (known,) = stage.account.orders
    _same(order, known)
    require(order.status is OrderStatus.NEW, f"a resting order is read as {order.status}")
    if stage.has(FetchOrder):
        for ids in ({"client_order_id": order.client_order_id}, {"venue_order_id": order.venue_order_id}):
            found = await client.get_order(order.instrument, **ids)
            require(found.venue_order_id == order.venue_order_id, f"another order was found by {', '.join(ids)}")
            _same(found, known)
    if stage.has(FetchOpenOrders):
        listed = [item.venue_order_id for item in await first(client.open_orders(stage.product))]
        require(listed == [order.venue_order_id], f"one order is open, {len(listed)} are listed")
    ended = await client.cancel_order(order, confirm=stage.has(FetchOrder))
    await asyncio.sleep(1)
    require(stage.open_orders == 0, "the canceled order is still open at the venue")
    require(ended.status in (OrderStatus.CANCELED, OrderStatus.PENDING_CANCEL), f"it is read as {ended.status}")


def _same(order: Order, known: VenueOrder) -> None:
    """The order as read and as the venue has booked it."""
    for name, ours, theirs in (
        ("side", order.side, known.side),
        ("order_type", order.order_type, known.order_type),
        ("price", order.price, known.price),
        ("quantity", order.quantity, known.quantity),
        ("client_order_id", order.client_order_id, known.asked.client_order_id),
        ("filled_quantity", order.filled_quantity, known.filled_quantity),
    ):
        require(ours in (None, theirs), f"{name} is read as {ours}, the venue has booked {theirs}")


async def amended(stage: Stage) -> None:
    """Price and quantity, or the one of them that the venue can change."""
    order, client = await placed(stage), stage.client
    price, less, more = await stage.price("0.985"), await stage.quantity(3), await stage.quantity(6)
    for changes in ({"price": price, "quantity": more}, {"price": price}, {"quantity": less}):
        try:
            read = await client.amend_order(order, price=changes.get("price"), quantity=changes.get("quantity"))
        except VenueError as error:
            if (error.kind, error.outcome) != (Kind.NOT_SUPPORTED, Outcome.NOT_SENT):
                raise
            continue
        known = next(item for item in stage.account.orders if item.is_open)
        for name, wanted in changes.items():
            booked = getattr(known, name)
            require(booked == wanted, f"{name} was amended to {wanted}, booked is {booked}")
            require(getattr(read, name) in (None, wanted), f"the amended {name} is read as {getattr(read, name)}")
        return
    raise Broken("neither price nor quantity can be amended: leave amend_order out of the table")


async def closed(stage: Stage) -> None:
    order = await placed(stage)
    await stage.client.cancel_order(order, confirm=stage.has(FetchOrder))
    await asyncio.sleep(2)
    rows = await first(stage.client.closed_orders(order.instrument))
    found = {row.venue_order_id: row.status for row in rows}
    status = found.get(order.venue_order_id)
    require(status is OrderStatus.CANCELED, f"the canceled order is among the closed ones as {status}")


async def market(stage: Stage) -> None:
    """Taken from the book at once; average, status and fills are the engine's."""
    quantity = await stage.quantity()
    item, confirm = await stage.instrument(), stage.has(FetchOrder)
    order = await stage.client.place_order(item, "buy", quantity=quantity, confirm=confirm)
    (known,) = stage.account.orders
    require(known.quantity == quantity, f"{quantity} was asked for, the venue has booked {known.quantity}")
    if stage.has(FetchOrder):
        require(order.status is OrderStatus.FILLED, f"a filled order is read as {order.status}")
        require(order.filled_quantity == quantity, f"{quantity} was filled, {order.filled_quantity} was read")


async def fills(stage: Stage) -> None:
    order = await stage.client.place_order(
        await stage.instrument(), "buy", quantity=await stage.quantity(40), confirm=stage.has(FetchOrder)
    )
    await asyncio.sleep(2)
    read = await first(stage.client.fills(order=order))
    everything = await first(stage.client.fills(order.instrument))
    require(len(everything) == len(read), f"{len(read)} fills of the order, {len(everything)} of its market were read")
    held = sorted((fill.price, fill.quantity) for fill in stage.account.fills)
    ours = sorted((fill.price, fill.quantity) for fill in read)
    require(ours == held, f"fills are read as {ours}, the venue has {held}")
    require(all(fill.commission is not None for fill in read), "a fill was read without its commission")
    require(len({fill.trade_id for fill in read}) == len(read), "two fills have the same trade id")


async def fills_by_time(stage: Stage) -> None:
    """Those from a moment until now, and those between two moments: each once, and no other."""
    item, quantity = await stage.instrument(), await stage.quantity()
    for _ in range(4):
        await stage.client.place_order(item, "buy", quantity=quantity)
        await asyncio.sleep(60)
    stage.venue.engine.advance(stage.venue.clock.true_us())
    times = [moment(fill.time_us, "time") for fill in stage.account.fills]
    first_half, second_half = times[0] - timedelta(seconds=20), times[len(times) // 2] - timedelta(seconds=20)
    for start, end in ((first_half, None), (second_half, None), (first_half, second_half)):
        read = sorted([fill.time for fill in await first(stage.client.fills(item, start=start, end=end))])
        held = [when for when in times if start <= when and (end is None or when < end)]
        require(len(read) == len(held), f"{len(read)} of {len(held)} fills from {start} to {end or 'now'} were read")
        require(read[:1] >= [start], f"a fill of {read[:1]} was read, from {start} on they were asked for")


async def every_form(stage: Stage) -> None:
    """All forms of orders: each is booked as it was asked for, or refused before anything leaves."""
    for about, terms in (await _forms(stage)).items():
        before = len(stage.account.orders)
        try:
            await stage.client.place_order(await stage.instrument(), **terms)
        except VenueError as error:
            fair = error.kind is Kind.NOT_SUPPORTED and error.outcome is Outcome.NOT_SENT
            require(fair, f"{about} was refused with {error.kind}, {error.outcome}: {error.message}")
            require(len(stage.account.orders) == before, f"{about} was refused, and booked all the same")
            continue
        known = stage.account.orders[-1]
        require(len(stage.account.orders) == before + 1, f"{about} made {len(stage.account.orders) - before} orders")
        _booked(about, terms, known)


async def _forms(stage: Stage) -> Mapping[str, dict[str, Any]]:
    quantity, low, high = await stage.quantity(), await stage.price("0.99"), await stage.price("1.01")
    below = await stage.price("0.98")
    rests: dict[str, Any] = {"side": "buy", "quantity": quantity, "price": low}
    forms: dict[str, dict[str, Any]] = {
        "a sell": {"side": "sell", "quantity": quantity, "price": high},
        "post_only": {**rests, "post_only": True},
        "time_in_force ioc": {**rests, "time_in_force": "ioc"},
        "a stop at the market": {"side": "buy", "quantity": quantity, "stop_price": high},
        "a stop with a limit": {
            "side": "sell",
            "quantity": quantity,
            "stop_price": low,
            "price": below,
        },
    }
    if stage.has(FetchServerTime):
        until = await stage.client.server_time(stage.product) + timedelta(hours=1)
        forms["time_in_force gtd"] = {**rests, "time_in_force": "gtd", "expires_at": until}
    return forms


def _booked(about: str, terms: Mapping[str, Any], known: VenueOrder) -> None:
    for name, ours in (("side", known.side), ("quantity", known.quantity), ("price", known.price)):
        if name in terms:
            require(ours == terms[name], f"{about}: {name} {terms[name]} was asked for, {ours} is booked")
    if "stop_price" in terms:
        booked = known.asked.stop_price
        require(booked == terms["stop_price"], f"{about}: stop price {booked} is booked")
    if "time_in_force" in terms:
        require(known.time_in_force == terms["time_in_force"], f"{about}: booked as {known.time_in_force}")
    if terms.get("post_only"):
        require(known.asked.post_only, f"{about}: is not booked as post-only")


async def stops(stage: Stage) -> None:
    """A stop waits, is found, and is canceled before it triggers."""
    client, quantity = stage.client, await stage.quantity()
    stop_price = await stage.price("1.01")
    try:
        order = await client.place_order(
            await stage.instrument(), "buy", quantity=quantity, stop_price=stop_price, confirm=True
        )
    except VenueError as error:
        fair = error.kind is Kind.NOT_SUPPORTED and error.outcome is Outcome.NOT_SENT
        require(fair, f"a stop was refused with {error.kind}: {error.message}")
        return
    for ids in ({"client_order_id": order.client_order_id}, {"venue_order_id": order.venue_order_id}):
        found = await client.get_order(order.instrument, **ids)
        require(found.status.is_open, f"a waiting stop is read as {found.status} by {', '.join(ids)}")
        require(found.stop_price == stop_price, f"its stop price {stop_price} is read as {found.stop_price}")
    await client.cancel_order(order, confirm=True)
    await asyncio.sleep(1)
    require(stage.open_orders == 0, "the canceled stop still waits at the venue")


async def quote_quantity(stage: Stage) -> None:
    item = await stage.instrument()
    spent = (await stage.quantity(20) * await stage.price()).quantize(min(item.tick_size, Decimal(1)))
    try:
        await stage.client.place_order(item, "buy", quote_quantity=spent)
    except VenueError as error:
        fair = error.kind is Kind.NOT_SUPPORTED and error.outcome is Outcome.NOT_SENT
        require(fair, f"a market order by amount was refused with {error.kind}: {error.message}")
        return
    await asyncio.sleep(2)
    stage.venue.engine.advance(stage.venue.clock.true_us())
    (known,) = stage.account.orders
    worth = sum((fill.price * fill.quantity for fill in stage.account.fills), start=spent * 0)
    require(0 < worth <= spent, f"{spent} was to be spent, {worth} was, in {known.order_type}")


async def cancel_all(stage: Stage) -> None:
    for times in ("0.99", "0.985", "0.98"):
        await placed(stage, times=times)
    require(stage.open_orders == 3, f"three orders were placed, {stage.open_orders} are open")
    await stage.client.cancel_all(stage.product)
    await asyncio.sleep(2)
    require(stage.open_orders == 0, f"{stage.open_orders} orders are left after cancel_all")


async def batches(stage: Stage) -> None:
    """Each order of a batch is told by itself, also where one of them is refused."""
    client, item = stage.client, await stage.instrument()
    terms: dict[str, Any] = {"quantity": await stage.quantity(), "price": await stage.price("0.99")}
    good = [await client.order(item, "buy", **terms) for _ in range(2)]
    huge = await client.order(item, "buy", **{**terms, "quantity": await stage.unaffordable()})
    one, two, three = await client.place_batch([good[0], huge, good[1]])
    require(isinstance(two, VenueError), "an order that nobody could pay was told as placed")
    require(not isinstance(one, VenueError) and not isinstance(three, VenueError), "a good order was told as refused")
    await asyncio.sleep(1)
    require(stage.open_orders == 2, f"two orders were placed, {stage.open_orders} are open")
    if stage.has(CancelBatch):
        ended = await client.cancel_batch([item for item in (one, three) if isinstance(item, Order)])
        require(not any(isinstance(item, VenueError) for item in ended), "canceling the batch was refused")
        await asyncio.sleep(2)
        require(stage.open_orders == 0, f"{stage.open_orders} orders are left after cancel_batch")


async def cancel_batch(stage: Stage) -> None:
    orders = [await placed(stage), await placed(stage, times="0.985")]
    ended = await stage.client.cancel_batch(orders)
    require(not any(isinstance(item, VenueError) for item in ended), "canceling the batch was refused")
    await asyncio.sleep(2)
    require(stage.open_orders == 0, f"{stage.open_orders} orders are left after cancel_batch")


async def tried(stage: Stage) -> None:
    """An order is checked without being placed, for the first account of the sandbox that may do so."""
    terms: dict[str, Any] = {"quantity": await stage.quantity(), "price": await stage.price("0.99")}
    refused = None
    for account in [stage.venue.accounts[0], *(item for item in stage.venue.accounts if item.options)]:
        client = stage.client_of(account)
        try:
            await client.test_order(await stage.instrument(), "buy", **terms)
        except VenueError as error:
            if error.kind is not Kind.NOT_SUPPORTED:
                raise
            refused = error
        else:
            require(not stage.account.orders, "the order was placed, not only checked")
            return
    require(refused is None, f"no account of the sandbox may check an order: {refused}")


_ALL = (FetchInstruments, PlaceOrder, CancelOrder)
STORIES = (
    Story(rule=ORDERS, name="from placing to canceling", needs=_ALL, play=life),
    Story(rule=ORDERS, name="amending", needs=(*_ALL, AmendOrder), play=amended),
    Story(rule=ORDERS, name="closed orders", needs=(*_ALL, FetchClosedOrders), play=closed),
    Story(rule=ORDERS, name="a market order", needs=_ALL, play=market),
    Story(rule=ORDERS, name="fills", needs=(*_ALL, FetchFills), play=fills),
    Story(rule=ORDERS, name="fills of a time", needs=(*_ALL, FetchFills), play=fills_by_time),
    Story(rule=ORDERS, name="every form of order", needs=_ALL, play=every_form),
    Story(rule=ORDERS, name="stops", needs=(*_ALL, FetchOrder), play=stops),
    Story(rule=ORDERS, name="a market order by amount", needs=_ALL, play=quote_quantity),
    Story(rule=ORDERS, name="cancel_all", needs=(*_ALL, CancelAll), play=cancel_all),
    Story(rule=ORDERS, name="batches", needs=(*_ALL, PlaceBatch), play=batches),
    Story(rule=ORDERS, name="cancel_batch", needs=(*_ALL, CancelBatch), play=cancel_batch),
    Story(rule=ORDERS, name="test_order", needs=(FetchInstruments, TestOrder), play=tried),
)
