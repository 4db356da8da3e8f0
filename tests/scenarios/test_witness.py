"""An order whose answer was lost, and which queries do not show yet: the account's stream tells of it first."""

from __future__ import annotations

import asyncio
import re

import pytest
from attrs import evolve

from benchmarks.grounds import GROUNDS, Ground
from tests.streaming import Stage, stage
from tests.toy import virtual
from unified.order import Order
from unified.sandbox.faults import Fate, FaultPlan, Mishap

BLIND_S = 4.0
"""Less than every venue promises for the time until an accepted order comes into sight."""
_PLACES = re.compile(r"POST .*(/order|/order/create|/orders|/AddOrder)$")
SPOT = [ground for ground in GROUNDS if ground.product == "spot"]


class LosesAnAnswer(FaultPlan):
    """That to the first order."""

    def fate(self, route: str, *, is_time: bool) -> Fate:
        fate = super().fate(route, is_time=is_time)
        if self.happened[Mishap.LOST_ANSWER] or not _PLACES.search(route):
            return fate
        self.happened[Mishap.LOST_ANSWER] += 1
        return evolve(fate, mishap=Mishap.LOST_ANSWER)

    def visibility_us(self, order_id: int) -> int:
        return round(BLIND_S * 1e6)


async def _placed(on: Stage, ground: Ground, *, watched: bool) -> float:
    """Seconds from placing an order, whose answer is lost, until the client knows of it."""
    loop = asyncio.get_running_loop()
    listening = asyncio.create_task(_listen(on, ground)) if watched else None
    await asyncio.sleep(5)
    plan = on.network.reception.plan = LosesAnAnswer()
    on.dialect.engine.visibility_us = plan.visibility_us
    began = loop.time()
    order: Order = await on.client.place_order(ground.name, "buy", quantity="0.01", order_type="market", deadline=20)
    took = loop.time() - began
    assert order.venue_order_id
    if listening is not None:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert plan.happened[Mishap.LOST_ANSWER] == 1
    account = on.dialect.engine.accounts[on.dialect.accounts[0].name]
    assert len(account.orders) == 1
    return took


async def _listen(on: Stage, ground: Ground) -> None:
    async with on.client.watch_orders(ground.product) as orders:
        async for _ in orders:
            pass


@pytest.mark.parametrize("ground", SPOT, ids=lambda ground: ground.venue)
def test_the_stream_is_believed_before_any_query_shows_the_order(ground: Ground) -> None:
    async def story(watched: bool) -> float:
        async with stage(ground.venue) as on:
            return await _placed(on, ground, watched=watched)

    assert virtual(lambda: story(True)) < 1.0
    assert virtual(lambda: story(False)) >= BLIND_S, "control: nobody watches"
