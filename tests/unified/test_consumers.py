from __future__ import annotations

import asyncio

import pytest

from tests.toy import virtual
from unified.consumers import Newest, Queue
from unified.errors import Fault, Kind, VenueError


def test_a_slow_consumer_of_states_gets_the_newest_of_each_and_nothing_else() -> None:
    async def story() -> None:
        state = {"a": 0, "b": 0}
        newest = Newest[str](state.__getitem__)
        for number in range(1, 1_000_001, 1000):
            state["a"] = number
            newest.offer("a")
        state["b"] = 7
        newest.offer("b")
        assert [await newest.take(), await newest.take()] == [999_001, 7]

    virtual(story)


def test_a_state_that_is_gone_is_not_told() -> None:
    async def story() -> None:
        state: dict[str, int | None] = {"a": None}
        newest = Newest[str](state.__getitem__)
        newest.offer("a")
        waiting = asyncio.create_task(newest.take())
        await asyncio.sleep(1)
        assert not waiting.done()
        state["a"] = 3
        newest.offer("a")
        assert await waiting == 3

    virtual(story)


def test_a_queue_keeps_order_up_to_its_bound_and_then_says_what_it_left_out() -> None:
    async def story() -> None:
        hits: list[int] = []
        queue = Queue("watch_trades", 3, hits.append)
        for number in range(5):
            queue.offer(number)
        assert hits == [3], "said once, when it happened"
        with pytest.raises(VenueError) as gap:
            await queue.take()
        assert gap.value.kind is Kind.SEQUENCE_GAP
        assert "2 values" in gap.value.message
        assert [await queue.take() for _ in range(3)] == [2, 3, 4]

    virtual(story)


def test_a_failure_comes_after_what_waits_and_the_end_stops() -> None:
    async def story() -> None:
        queue = Queue("watch_trades")
        queue.offer(1)
        queue.fail(VenueError.of(Fault(kind=Kind.SUBSCRIPTION_REJECTED)))
        assert await queue.take() == 1
        with pytest.raises(VenueError):
            await queue.take()
        other = Queue("watch_trades")
        waiting = asyncio.create_task(_ends(other))
        await asyncio.sleep(0)
        other.close()
        assert await waiting

    virtual(story)


async def _ends(queue: Queue) -> bool:
    try:
        await queue.take()
    except StopAsyncIteration:
        return True
    return False


def test_one_stream_has_one_consumer() -> None:
    async def story() -> None:
        queue = Queue("watch_trades")
        first = asyncio.create_task(queue.take())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="one consumer"):
            await queue.take()
        queue.offer(1)
        assert await first == 1

    virtual(story)
