"""What takes too long is ended, at its time and by nothing else."""

from __future__ import annotations

import asyncio

import pytest

from tests.toy import virtual
from unified.patience import Patience, Wait


def now() -> float:
    return asyncio.get_running_loop().time()


async def waited(patience: Patience, allowed: float, needed: float) -> float:
    """Seconds until it was over. Raises TimeoutError."""
    began = now()
    with Wait(patience, began + allowed):
        await asyncio.sleep(needed)
    return now() - began


def test_a_wait_ends_at_its_time() -> None:
    async def story() -> None:
        began = now()
        with pytest.raises(TimeoutError):
            await waited(Patience(), 2.0, 10.0)
        assert now() - began == pytest.approx(2.0, abs=0.001)

    virtual(story)


def test_what_is_done_in_time_is_left_alone() -> None:
    async def story() -> None:
        patience = Patience()
        assert await waited(patience, 2.0, 1.0) == pytest.approx(1.0, abs=0.001)
        await asyncio.sleep(5)  # the timer rings for nobody
        assert await waited(patience, 2.0, 1.5) == pytest.approx(1.5, abs=0.001)

    virtual(story)


def test_each_of_many_ends_at_its_own_time_whoever_came_first() -> None:
    async def story() -> None:
        patience = Patience()
        allowed = (5.0, 1.0, 3.0, 3.0, 8.0)
        began = now()
        ends = []

        async def one(seconds: float) -> None:
            with pytest.raises(TimeoutError):
                await waited(patience, seconds, 100.0)
            ends.append(round(now() - began, 3))

        await asyncio.gather(*map(one, allowed))
        assert ends == sorted(allowed)

    virtual(story)


def test_a_time_that_is_over_ends_the_first_wait() -> None:
    async def story() -> None:
        with pytest.raises(TimeoutError):
            await waited(Patience(), -1.0, 1.0)

    virtual(story)


@pytest.mark.parametrize("at", [1.0, 2.0], ids=["before its time", "in the same moment"])
def test_who_is_cancelled_by_others_is_cancelled(at: float) -> None:
    async def story() -> None:
        task = asyncio.create_task(waited(Patience(), 2.0, 10.0))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(at, task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    virtual(story)


def test_an_error_in_time_goes_its_way() -> None:
    async def story() -> None:
        with pytest.raises(KeyError), Wait(Patience(), now() + 1):
            raise KeyError

    virtual(story)


def test_after_the_end_nothing_rings() -> None:
    async def story() -> None:
        patience = Patience()
        await waited(patience, 2.0, 1.0)
        patience.close()
        patience.close()
        with pytest.raises(TimeoutError):
            await waited(patience, 1.0, 2.0)

    virtual(story)


def test_only_a_task_can_be_made_to_stop() -> None:
    async def story() -> None:
        wait = Wait(Patience(), now() + 1)
        caught = asyncio.get_running_loop().create_future()

        def outside() -> None:
            try:
                with wait:
                    pass
            except RuntimeError as error:
                caught.set_result(error)

        asyncio.get_running_loop().call_soon(outside)
        assert "task" in str(await caught)

    virtual(story)
