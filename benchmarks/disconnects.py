"""Fills through forced disconnects: what the simulated venue executed against what the client was told.

Connections are reset at the worst moments: instead of the frame that would tell of an order, of its fill, or that the
new connection stands. Half of the orders rest near the best price, so that others fill them whenever they like, also
while nobody listens. What else may happen to frames unseen (`Ground.losses`) happens too. Between two disconnects there
is time for some fills to come as frames, so that frames and questions are both at work.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from unittest.mock import patch

from attrs import frozen

from benchmarks.figure import Figure, Sizes
from benchmarks.grounds import GROUNDS, KRAKEN, Ground
from benchmarks.scene import Scene
from unified.client import Client
from unified.errors import VenueError
from unified.executions import Executions
from unified.hooks import StreamChange
from unified.order import Fill
from unified.sandbox.stream_faults import StreamMishap, StreamPlan
from unified.testing.loop import run

_QUIET_S = 90.0
"""At the end, for what the client has still to ask for."""
_OF_CONNECTIONS = frozenset({StreamChange.CONNECTED, StreamChange.RENEWED, StreamChange.LOST})
"""What tells whether there is one to strike; that it heals is another matter, and a strike may well come before."""
_QUANTITY = "0.01"
_STRIKES = 0.3
"""Of the orders, with how many the connection goes, if it stands."""


@frozen
class Told:
    """What one client heard of its fills."""

    disconnects: int
    fills: int
    lost: int
    doubled: int
    invented: int

    def __add__(self, other: Told) -> Told:
        return Told(
            self.disconnects + other.disconnects,
            self.fills + other.fills,
            self.lost + other.lost,
            self.doubled + other.doubled,
            self.invented + other.invented,
        )


async def through(ground: Ground, disconnects: int, seed: int = 1) -> Told:
    """Trade through so many forced disconnects."""
    losses = {**ground.losses, StreamMishap.DISCONNECTED: 0.0}  # those that are forced are enough
    plan = StreamPlan(seed=seed, chances=losses)
    scene = Scene(ground.venue, seed=seed, streams=plan, busy=(ground.product, ground.symbol))
    client, _ = scene.client()
    chance, told, changes = Random(f"{seed}/{ground}"), list[Fill](), list[StreamChange]()
    client.hooks.on_stream.add(lambda event: changes.append(event.change) if event.change in _OF_CONNECTIONS else None)

    async def listen() -> None:
        async with client.watch_fills(ground.product) as fills:
            while True:
                told.append(await anext(fills))

    async with client:
        listening = asyncio.create_task(listen())
        await asyncio.sleep(3)
        while plan.happened[StreamMishap.DISCONNECTED] < disconnects:
            if changes[-1] is not StreamChange.LOST and chance.random() < _STRIKES:
                plan.strike(*[StreamMishap.DISCONNECTED] * chance.choice((1, 1, 1, 2)))
            await _trade(client, ground, chance)
            await asyncio.sleep(chance.uniform(0, 10))
        forced = plan.happened[StreamMishap.DISCONNECTED]
        async for order in client.open_orders(ground.product):
            await client.cancel_order(order)
        plan.calm()
        await asyncio.sleep(_QUIET_S)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert scene.dialer.failures == []
    return _compared(ground, scene, forced, told)


async def _trade(client: Client, ground: Ground, chance: Random) -> None:
    """An order that takes, or one that waits to be taken."""
    side = chance.choice(("buy", "sell"))
    book = await client.book(ground.name, depth=5)
    best = book.best_bid if side == "buy" else book.best_ask
    assert best is not None
    with suppress(VenueError):  # the market has moved, or as much rests as the venue allows
        if chance.random() < 0.5:
            await client.place_order(ground.name, side, quantity=_QUANTITY, order_type="market")
        else:
            await client.place_order(ground.name, side, quantity=_QUANTITY, price=best.price, post_only=True)


def _compared(ground: Ground, scene: Scene, forced: int, told: list[Fill]) -> Told:
    account = scene.dialect.engine.accounts[scene.dialect.accounts[0].name]
    done = {ground.fill_id(fill) for fill in account.fills if fill.order.instrument.product is ground.product}
    heard = Counter(fill.trade_id for fill in told)
    return Told(
        forced,
        len(done),
        lost=len(done - heard.keys()),
        doubled=sum(heard.values()) - len(heard),
        invented=len(heard.keys() - done),
    )


def figures(sizes: Sizes) -> Iterator[Figure]:
    """All venues together, and what the same count finds of clients that forget a half of the work."""
    each = -(-sizes.disconnects // len(GROUNDS))
    total = Told(0, 0, 0, 0, 0)
    for ground in GROUNDS:
        total += run(through(ground, each))
    yield Figure(
        what="fills lost, doubled, invented over forced disconnects, all venues",
        required="0, 0, 0",
        measured=f"{total.lost}, {total.doubled}, {total.invented} of {total.fills:,} fills "
        f"over {total.disconnects:,} disconnects",
        holds=total.lost == total.doubled == total.invented == 0 and total.disconnects >= sizes.disconnects,
    )
    with patch.object(Executions, "catch_up", lambda _self: None):
        deaf = run(through(KRAKEN, 30))
    yield Figure(
        what="control: fills lost by a client that does not catch up",
        required="more than 0, not all",
        measured=f"{deaf.lost} of {deaf.fills}",
        holds=0 < deaf.lost < deaf.fills,
    )
    with patch("unified.merging.Story.take_fill", lambda _self, _fill: True):
        naive = run(through(KRAKEN, 30))
    yield Figure(
        what="control: fills doubled by a client that remembers none",
        required="more than 0",
        measured=f"{naive.doubled} beside {naive.fills} fills",
        holds=naive.doubled > 0,
    )
