"""One value that says whether a venue can be traded on now."""

from __future__ import annotations

import asyncio

import pytest

from tests.toy import BTC, Wire, lost, refusal, toy_client, virtual
from unified.breaker import LEAST_CALLS
from unified.errors import Kind, Outcome, Scope, VenueError
from unified.operations import FetchTicker
from unified.retry import RetryBudget, RetrySettings

TICKER = FetchTicker(instrument=BTC)
NO_RETRY = RetrySettings(enabled=False)


def test_all_is_well_at_the_start() -> None:
    async def story() -> None:
        async with toy_client(Wire().on("ticker", {"last": "1"})) as client:
            await client.run(TICKER)
            health = client.health()
            assert health.orders
            assert health.cancels
            assert (health.closed_for, health.in_doubt, health.oldest_doubt) == (0, 0, 0)
            assert health.retry_tokens == RetryBudget.SIZE

    virtual(story)


def test_a_ban_keeps_orders_and_cancels_from_leaving() -> None:
    async def story() -> None:
        wire = Wire().on("ticker", refusal(Kind.BANNED, scope=Scope.IP, retry_after=60))
        async with toy_client(wire) as client:
            with pytest.raises(VenueError):
                await client.run(TICKER)
            health = client.health()
            assert not health.orders
            assert not health.cancels
            assert health.closed_for == pytest.approx(60, abs=0.1)
            await asyncio.sleep(61)
            assert client.health().orders

    virtual(story)


def test_an_open_breaker_keeps_orders_from_leaving_and_lets_cancels_go() -> None:
    async def story() -> None:
        wire = Wire().on("place_order", refusal(Kind.VENUE_FAULT, Outcome.REJECTED))
        async with toy_client(wire, retry=NO_RETRY) as client:
            for _ in range(LEAST_CALLS):
                with pytest.raises(VenueError):
                    await client.place_order(BTC, "buy", quantity="0.01", price="50000")
            health = client.health()
            assert not health.orders
            assert health.cancels

    virtual(story)


def test_doubts_and_their_age_are_told() -> None:
    async def story() -> None:
        wire = Wire().on("place_order", lost()).on("get_order", lost())
        async with toy_client(wire, retry=NO_RETRY) as client:
            with pytest.raises(VenueError):
                await client.place_order(BTC, "buy", quantity="0.01", price="50000", deadline=0.1)
            await asyncio.sleep(0.1)
            health = client.health()
            assert health.in_doubt == 1
            assert health.oldest_doubt > 0.09

    virtual(story)
