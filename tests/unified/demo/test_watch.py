"""What one client did, counted from its hooks."""

from __future__ import annotations

from tests.toy import Wire, lost, placed, refusal, toy_client, virtual
from unified.demo.watch import Watch
from unified.errors import Kind, Outcome


def test_every_request_is_counted_and_repeated_ones_by_operation() -> None:
    async def story() -> tuple[Watch, Wire]:
        wire = Wire().on("ticker", refusal(Kind.OVERLOADED), {"last": "5"})
        watch = Watch()
        async with toy_client(wire) as client:
            watch.follow(client)
            await client.ticker("BTC/USDT")
        return watch, wire

    watch, wire = virtual(story)
    assert len(watch.attempts) == len(wire.sent)
    assert {attempt.path for attempt in watch.attempts} == {f"/{name}" for name, _ in wire.sent}
    assert watch.retries == {"ticker": 1}
    assert watch.waited > 0


def test_a_doubt_that_ended_is_counted_by_what_became_known() -> None:
    async def story() -> Watch:
        wire = Wire().on("place_order", lost()).on("get_order", placed())
        watch = Watch()
        async with toy_client(wire) as client:
            watch.follow(client)
            await client.place_order("BTC/USDT", "buy", quantity="0.01", price="50000")
        return watch

    watch = virtual(story)
    assert watch.settled == {Outcome.DONE: 1}
    assert watch.resyncs.total() == 1
