"""Streams of the account against the engine of the sandbox: own orders, fills, balances, positions, refused logins."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from unified.errors import Family, Outcome, VenueError
from unified.operations import CancelOrder, FetchFills, FetchInstruments, PlaceOrder
from unified.order import Fill, Order
from unified.sandbox.stream_faults import StreamMishap
from unified.testing.conformance.order_stories import placed
from unified.testing.conformance.public_stories import rounds_to
from unified.testing.conformance.refusal_stories import with_another_secret
from unified.testing.conformance.rules import REFUSALS, STREAMED, TORN
from unified.testing.conformance.stage import Stage, Story, first, require
from unified.testing.conformance.stream_stories import HEALING, SECONDS, taken
from unified.watches import WatchBalances, WatchExecutions, WatchPositions


async def own(stage: Stage) -> None:
    """A canceled and a filled order: the last word about each is the venue's, and each execution comes once."""
    await _traded(stage, SECONDS)


async def torn_own(stage: Stage) -> None:
    """The same while the connection dies, and while frames come twice."""
    await _traded(stage, HEALING, StreamMishap.DISCONNECTED, StreamMishap.DOUBLED, StreamMishap.DOUBLED)


async def _traded(stage: Stage, seconds: float, *mishaps: StreamMishap) -> None:
    client = stage.client
    orders = asyncio.create_task(taken(client.watch_orders(stage.product), seconds + 20))
    fills = asyncio.create_task(taken(client.watch_fills(stage.product), seconds + 20))
    await asyncio.sleep(10)
    resting = await placed(stage)
    await asyncio.sleep(2)
    stage.network.streams.strike(*mishaps)
    await client.cancel_order(resting)
    await client.place_order(await stage.instrument(), "buy", quantity=await stage.quantity(40))
    _judge_orders(stage, await orders)
    await _judge_fills(stage, await fills)


def _judge_orders(stage: Stage, told: Sequence[Order]) -> None:
    last = {order.venue_order_id: order for order in told}
    known = {order.venue_order_id for order in told}
    require(len(known) == len(stage.account.orders), f"{len(stage.account.orders)} orders were made, {len(known)} told")
    for held in stage.account.orders:
        order = next((one for one in last.values() if one.client_order_id == held.asked.client_order_id), None)
        about = f"the order {held.asked.client_order_id}"
        require(order is not None, f"nothing came of {about}")
        if order is not None:
            require(order.status == held.status, f"{about} is told as {order.status}, it is {held.status}")
            filled = order.filled_quantity
            require(filled == held.filled_quantity, f"{about} is told filled {filled}, it is {held.filled_quantity}")


async def _judge_fills(stage: Stage, told: Sequence[Fill]) -> None:
    held = sorted((fill.price, fill.quantity) for fill in stage.account.fills)
    ours = sorted((fill.price, fill.quantity) for fill in told)
    require(ours == held, f"fills are told as {ours}, the venue has {held}")
    ids = {fill.trade_id for fill in told}
    require(len(ids) == len(told), "two fills have the same trade id")
    if stage.has(FetchFills):
        fetched = {fill.trade_id for fill in await first(stage.client.fills(await stage.instrument()))}
        require(ids == fetched, f"streamed trade ids {sorted(ids)} are not those of the list, {sorted(fetched)}")


async def balances(stage: Stage) -> None:
    """First all, then each that changes: together what the account holds."""
    client, item, quantity = stage.client, await stage.instrument(), await stage.quantity()
    watching = asyncio.create_task(taken(client.watch_balances(stage.product), SECONDS))
    await asyncio.sleep(10)
    for side in ("buy", "sell"):  # a position that stays would be worth something too
        await client.place_order(item, side, quantity=quantity)
        await asyncio.sleep(2)
    last = {balance.currency: balance.total for balance in await watching}
    ours = sorted(total for total in last.values() if total > 0)
    held = sorted(amount for amount in stage.account.wallet(stage.product).total.values() if amount > 0)
    alike = len(ours) == len(held) and all(rounds_to(one, other) for one, other in zip(held, ours, strict=True))
    require(alike, f"totals are told as {_shown(ours)}, the account holds {_shown(held)}")


def _shown(amounts: list[Decimal]) -> str:
    return ", ".join(f"{amount:f}" for amount in amounts) or "nothing"


async def positions(stage: Stage) -> None:
    """A short that is opened and closed: told with its sign, then with nothing."""
    client, item, quantity = stage.client, await stage.instrument(), await stage.quantity()
    watching = asyncio.create_task(taken(client.watch_positions(stage.product), 2 * SECONDS))
    await asyncio.sleep(10)
    await client.place_order(item, "sell", quantity=quantity)
    await asyncio.sleep(10)
    await client.place_order(item, "buy", quantity=quantity, reduce_only=True)
    told = [position.quantity for position in await watching]
    require(-quantity in told, f"a short of {quantity} is told as {told}")
    require(bool(told) and told[-1] == 0, f"a closed position is told as {told[-1:]}")


async def refused_login(stage: Stage) -> None:
    """With a wrong secret the consumer hears why."""
    client = with_another_secret(stage, stage.venue.accounts[0].credentials)
    try:
        found: list[Any] = await taken(client.watch_orders(stage.product), SECONDS)
    except VenueError as error:
        require(error.kind.family is Family.AUTH, f"a refused login is recognised as {error.kind}: {error.message}")
        require(error.outcome in (Outcome.REJECTED, Outcome.NOT_SENT), f"a refused login is told as {error.outcome}")
    else:
        require(bool(found), f"a wrong secret was not refused in {SECONDS:g} s")
        require(not found, "own orders came with a wrong secret")


_ORDERS = (FetchInstruments, PlaceOrder, CancelOrder)
STORIES = (
    Story(rule=STREAMED, name="own orders and fills", needs=_ORDERS, watches=(WatchExecutions,), play=own),
    Story(rule=STREAMED, name="watched balances", needs=_ORDERS, watches=(WatchBalances,), play=balances),
    Story(rule=STREAMED, name="watched positions", needs=_ORDERS, watches=(WatchPositions,), play=positions),
    Story(rule=REFUSALS, name="a refused login", needs=(), watches=(WatchExecutions,), play=refused_login),
    Story(rule=TORN, name="torn own orders", needs=_ORDERS, watches=(WatchExecutions,), play=torn_own),
)
